"""The admin pages: who may open what, where forms come from, and what the cookie is worth."""

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlmodel import SQLModel
from starlette.routing import Route as Served

from digest.model.account import PERMISSIONS, Permission, Role
from digest.services import accounts, login
from digest.web import public
from digest.web.admin.routes import ROUTES
from digest.web.admin.visit import Route
from tests.support.newsroom import ORIGIN, PASSWORD, Browser, Person, browsers, code, enter, hidden, person
from tests.support.place import Place

pytestmark = pytest.mark.any_database

#: What anybody may ask for: the way in, and the files of the pages.
OPEN = {
    "GET /admin/static/{name}",
    "GET /admin/login",
    "POST /admin/login",
    "GET /admin/login/code",
    "POST /admin/login/code",
    "POST /admin/login/passkey/options",
    "POST /admin/login/passkey",
    "POST /admin/login/provider",
    "GET /admin/login/provider/back",
    "GET /admin/welcome/{token}",
    "POST /admin/welcome/{token}",
    "GET /admin/approve/{token}",
    "POST /admin/approve/{token}",
    "GET /admin/approve/{token}/issue",
    "POST /admin/welcome/{token}/passkey/options",
    "POST /admin/welcome/{token}/passkey",
}
CLOSED = [route for route in ROUTES if route.needs is not None]
WRITES = {"Sec-Fetch-Site": "same-origin", "Origin": ORIGIN}


def name(route: Route) -> str:
    return f"{route.method} {route.path}"


def path(route: Route) -> str:
    """A path of the route that leads to no row."""
    return re.sub(r"\{\w+\}", "987654", route.path)


@pytest.fixture(autouse=True)
def short_stream(monkeypatch: pytest.MonkeyPatch) -> None:
    """One event, after which the stream of what is being sent ends at once."""
    monkeypatch.setattr("digest.web.admin.today.STREAM_S", 0.02)
    monkeypatch.setattr("digest.web.admin.today.TICK_S", 0.02)


@pytest.fixture
def three(place: Place) -> Iterator[list[Browser]]:
    with browsers(place) as made:
        yield made


@pytest.fixture
def browser(three: list[Browser]) -> Browser:
    return three[0]


@pytest.fixture
def mara(place: Place) -> Person:
    return person(place)


def ask(browser: Browser, route: Route, headers: dict[str, str] | None = None, **fields: str) -> tuple[int, str]:
    """Ask for a route; return status and where it leads."""
    if route.method == "GET":
        answer = browser.open(path(route))
    else:
        answer = browser.client.post(path(route), data=fields, headers=headers or WRITES)
    return answer.status_code, answer.headers.get("location", "")


def form_token(browser: Browser) -> str:
    return hidden(browser.open("/admin/me").text)["form"]


def rows(place: Place) -> dict[str, list[tuple[object, ...]]]:
    """Everything that is stored."""
    with place.ctx.db.read() as tx:
        return {
            name: [tuple(row) for row in tx.connection().execute(table.select().order_by(*table.primary_key))]
            for name, table in SQLModel.metadata.tables.items()
        }


# --- routes, roles and methods ---------------------------------------------------------------


def admin_routes(app: FastAPI) -> set[str]:
    """Every method of every path of the application that begins with `/admin`."""
    found = [route for route in app.routes if getattr(route, "path", "").startswith("/admin")]
    assert all(isinstance(route, Served) for route in found)
    return {
        f"{method} {route.path}" for route in found if isinstance(route, Served) for method in (route.methods or set()) - {"HEAD"}
    }


def test_every_route_of_the_application_is_in_the_table(place: Place) -> None:
    assert admin_routes(public.app(place.ctx)) == {name(route) for route in ROUTES}
    assert len({name(route) for route in ROUTES}) == len(ROUTES)


def test_every_route_needs_a_permission_but_for_the_way_in() -> None:
    assert {name(route) for route in ROUTES if route.needs is None} == OPEN


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("sends", [False, True])
def test_a_role_opens_what_its_permissions_allow_and_nothing_else(
    place: Place, mara: Person, browser: Browser, role: Role, sends: bool
) -> None:
    who = person(place, "ann@example.org", role=role, sends=sends and role is Role.EDITOR)
    may = PERMISSIONS[role] | ({Permission.SEND} if sends and role is Role.EDITOR else set())
    browser.client.cookies.set("__Host-digest", enter(place, who), domain="ledger.example.org")
    form = form_token(browser)

    for route in sorted(CLOSED, key=lambda route: route.path == "/admin/logout"):
        status, leads = ask(browser, route, form=form)
        refused = status == 403 or (leads.startswith("/admin/login") and route.path != "/admin/logout")
        assert refused == (route.needs not in may), (name(route), status, leads)


@pytest.mark.parametrize("route", CLOSED, ids=name)
def test_nobody_opens_what_needs_a_permission(place: Place, mara: Person, browser: Browser, route: Route) -> None:
    before = rows(place)

    status, leads = ask(browser, route, form=hidden(browser.open("/admin/login").text)["form"])

    assert (status == 403) if route.is_json else (status == 303 and leads.startswith("/admin/login"))
    assert rows(place) == before


def test_a_path_takes_no_other_method_than_its_own(place: Place, mara: Person, browser: Browser) -> None:
    have = {name(route) for route in ROUTES}
    for route in ROUTES:
        for method in {"GET", "POST", "PUT", "PATCH", "DELETE"} - {
            one.partition(" ")[0] for one in have if one.endswith(f" {route.path}")
        }:
            assert browser.client.request(method, path(route), headers=WRITES).status_code in (404, 405), (method, route.path)


def test_who_may_not_reads_why(place: Place, mara: Person, browser: Browser) -> None:
    browser.log_in(place, person(place, "ann@example.org", role=Role.VIEWER))

    answer = browser.open("/admin/accounts")

    assert (answer.status_code, "Ask an owner for another role" in answer.text) == (403, True)
    assert 'href="/admin/accounts"' not in browser.open("/admin/me").text


# --- forms of other sites --------------------------------------------------------------------

ORIGINS = {
    "another site": {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"},
    "another host of our domain": {"Sec-Fetch-Site": "same-site", "Origin": "https://www.ledger.example.org"},
    "our host without TLS": {"Sec-Fetch-Site": "cross-site", "Origin": "http://ledger.example.org"},
    "our host at another port": {"Origin": "https://ledger.example.org:8443"},
    "a sandboxed frame": {"Sec-Fetch-Site": "cross-site", "Origin": "null"},
    "a browser that says nothing": {"Sec-Fetch-Site": "", "Origin": ""},
    "a bookmark": {"Sec-Fetch-Site": "none"},
}


@pytest.mark.parametrize("headers", ORIGINS.values(), ids=ORIGINS)
def test_a_form_of_another_origin_changes_nothing(place: Place, mara: Person, browser: Browser, headers: dict[str, str]) -> None:
    browser.log_in(place, mara)
    form = form_token(browser)
    before = rows(place)

    for route in ROUTES:
        if route.method == "POST":
            assert ask(browser, route, {k: v for k, v in headers.items() if v} or {"X": "x"}, form=form)[0] == 403, name(route)

    assert rows(place) == before


@pytest.mark.parametrize("kind", ["none", "wrong", "of another browser"])
def test_a_form_without_its_token_changes_nothing(place: Place, mara: Person, three: list[Browser], kind: str) -> None:
    mine, other, _ = three
    mine.log_in(place, mara)
    token = {"none": "", "wrong": "0" * 64, "of another browser": hidden(other.open("/admin/login").text)["form"]}[kind]
    before = rows(place)

    for route in ROUTES:
        if route.method == "POST":
            assert ask(mine, route, form=token)[0] == 403, name(route)

    assert rows(place) == before


@pytest.mark.parametrize("headers", [{"Sec-Fetch-Site": "same-origin"}, {"Origin": ORIGIN}, WRITES])
def test_a_form_of_our_own_page_is_taken_whatever_of_the_two_a_browser_says(
    place: Place, mara: Person, browser: Browser, headers: dict[str, str]
) -> None:
    browser.log_in(place, mara)

    answer = browser.client.post("/admin/me/logins/end", data={"form": form_token(browser)}, headers=headers)

    assert (answer.status_code, answer.headers["location"]) == (303, "/admin/me")


def test_a_body_that_is_no_form_is_refused(place: Place, mara: Person, browser: Browser) -> None:
    browser.open("/admin/login")
    broken = browser.client.post(
        "/admin/login", content=b"x", headers=WRITES | {"Content-Type": "multipart/form-data; boundary="}
    )
    large = browser.client.post("/admin/login", data={"address": "x" * 70_000}, headers=WRITES)

    assert (broken.status_code, large.status_code) == (403, 413)


# --- log-ins ---------------------------------------------------------------------------------


def test_a_person_logs_in_with_password_and_code(place: Place, mara: Person, browser: Browser) -> None:
    first = browser.open("/admin/accounts")
    asked = browser.send("/admin/login", first.headers["location"], address=mara.address, password=PASSWORD)
    place.clock.turn(minutes=1)
    inside = browser.send("/admin/login/code", asked.headers["location"], code=code(place, mara.secret))

    assert first.headers["location"] == "/admin/login?next=/admin/accounts"
    assert inside.headers["location"] == "/admin/accounts"
    assert "mara@ledger.example.org" in browser.open("/admin/accounts").text


def test_a_wrong_password_says_so_and_keeps_the_address(place: Place, mara: Person, browser: Browser) -> None:
    answer = browser.log_in(place, mara, password="not this one")

    assert answer.status_code == 403
    assert "The address or the password is wrong." in answer.text
    assert 'value="mara@ledger.example.org"' in answer.text


def test_too_many_tries_say_how_long_to_wait(place: Place, mara: Person, browser: Browser) -> None:
    answers = [browser.log_in(place, mara, password=f"wrong {n}") for n in range(11)]

    assert (answers[-1].status_code, "Wait 15 minutes." in answers[-1].text) == (429, True)


def test_a_token_that_was_planted_is_worth_nothing_after_the_log_in(place: Place, mara: Person, three: list[Browser]) -> None:
    victim, thief, _ = three
    thief.open("/admin/login")
    planted = thief.token
    victim.client.cookies.set("__Host-digest", planted, domain="ledger.example.org")
    half = victim.send("/admin/login", address=mara.address, password=PASSWORD)
    after_password = victim.token
    place.clock.turn(minutes=1)
    victim.send("/admin/login/code", half.headers["location"], code=code(place, mara.secret))

    assert len({planted, after_password, victim.token}) == 3
    assert victim.open("/admin/me").status_code == 200
    for token in (planted, after_password):
        thief.client.cookies.set("__Host-digest", token, domain="ledger.example.org")
        assert thief.open("/admin/me").status_code == 303


def test_a_new_password_ends_the_log_in_of_a_thief(place: Place, mara: Person, three: list[Browser]) -> None:
    mine, stolen, _ = three
    for one in (mine, stolen):
        one.log_in(place, mara)

    answer = mine.send("/admin/me/password", password="a new sentence of mine")

    assert answer.headers["location"] == "/admin/me"
    assert mine.open("/admin/me").status_code == 200
    assert stolen.open("/admin/me").status_code == 303


def test_one_sees_where_one_is_logged_in_and_ends_it(place: Place, mara: Person, three: list[Browser]) -> None:
    mine, other, _ = three
    for one in (other, mine):
        one.log_in(place, mara)
    page = mine.open("/admin/me").text
    (end,) = re.findall(r"/admin/me/logins/\d+/end", page)

    mine.send(end, "/admin/me")

    assert page.count("this one") == 1
    assert (mine.open("/admin/me").status_code, other.open("/admin/me").status_code) == (200, 303)


def test_nobody_ends_the_log_in_of_another_account(place: Place, mara: Person, three: list[Browser]) -> None:
    mine, theirs, _ = three
    theirs.log_in(place, mara)
    mine.log_in(place, person(place, "ann@example.org", role=Role.VIEWER))
    form = form_token(mine)

    for number in range(1, 6):
        mine.client.post(f"/admin/me/logins/{number}/end", data={"form": form}, headers=WRITES)

    assert theirs.open("/admin/me").status_code == 200


def test_logging_out_ends_the_log_in_and_not_the_cookie_alone(place: Place, mara: Person, browser: Browser) -> None:
    browser.log_in(place, mara)
    token = browser.token

    browser.send("/admin/logout", "/admin/me")

    assert browser.token == ""
    browser.client.cookies.set("__Host-digest", token, domain="ledger.example.org")
    assert browser.open("/admin/me").status_code == 303


def test_to_change_how_one_logs_in_needs_a_fresh_log_in(place: Place, mara: Person, browser: Browser) -> None:
    browser.log_in(place, mara)
    place.clock.turn(minutes=15)

    assert browser.open("/admin/me").status_code == 200
    assert browser.open("/admin/me/password").headers["location"] == "/admin/login?next=/admin/me/password"
    assert browser.open("/admin/accounts/new").headers["location"] == "/admin/login?next=/admin/accounts/new"


@pytest.mark.parametrize(
    "asked", ["https://evil.example/", "//evil.example", "/\\evil.example", "/admin/\r\nX: y", "javascript:alert(1)"]
)
def test_a_log_in_leads_to_our_own_pages_alone(place: Place, mara: Person, browser: Browser, asked: str) -> None:
    half = browser.send("/admin/login", address=mara.address, password=PASSWORD, next=asked)
    place.clock.turn(minutes=1)

    answer = browser.send("/admin/login/code", half.headers["location"], code=code(place, mara.secret), next=asked)

    assert answer.headers["location"] == "/admin/"


# --- the cookie and the place ----------------------------------------------------------------


def test_the_cookie_is_of_this_host_and_hidden_from_scripts(place: Place, mara: Person, browser: Browser) -> None:
    said = [browser.open("/admin/login").headers["set-cookie"]]
    half = browser.send("/admin/login", address=mara.address, password=PASSWORD)
    place.clock.turn(minutes=1)
    whole = browser.send("/admin/login/code", code=code(place, mara.secret))
    said += [half.headers["set-cookie"], whole.headers["set-cookie"]]

    for cookie in said:
        assert cookie.startswith("__Host-digest=")
        assert {"HttpOnly", "Secure", "Path=/", "SameSite=lax"} <= {part.strip() for part in cookie.split(";")}
        assert "Domain" not in cookie


def on_this_machine(place: Place) -> Place:
    """The place without an address of its own."""
    settings = place.ctx.settings.model_copy(update={"base_url": ""})
    return replace(place, ctx=replace(place.ctx, settings=settings))


@pytest.mark.parametrize("host", ["localhost:8000", "127.0.0.1:8000", "[::1]:8000"])
def test_a_place_without_tls_is_open_on_its_own_machine(place: Place, mara: Person, host: str) -> None:
    with TestClient(public.app(on_this_machine(place).ctx), base_url=f"http://{host}", follow_redirects=False) as client:
        page = client.get("/admin/login")
        sent = client.post(
            "/admin/login",
            data={**hidden(page.text), "address": mara.address, "password": PASSWORD},
            headers={"Origin": f"http://{host}"},
        )

    assert "digest=" in page.headers["set-cookie"]
    assert "Secure" not in page.headers["set-cookie"]
    assert (sent.status_code, sent.headers["location"]) == (303, "/admin/login/code?next=/admin/")


@pytest.mark.parametrize("host", ["ledger.example.org", "192.0.2.1:8000", "localhost.evil.example", "evil.example:8000"])
def test_a_place_without_tls_is_open_nowhere_else(place: Place, mara: Person, host: str) -> None:
    with TestClient(public.app(on_this_machine(place).ctx), base_url=f"http://{host}", follow_redirects=False) as client:
        answers = [client.get("/admin/login"), client.post("/admin/login", headers={"Origin": f"http://{host}"})]

    assert [answer.status_code for answer in answers] == [403, 403]
    assert "These pages need https" in answers[0].text
    assert "set-cookie" not in answers[0].headers or "Secure" not in answers[0].headers["set-cookie"]


def test_a_host_that_a_request_names_stands_in_no_link(place: Place, mara: Person, browser: Browser) -> None:
    answer = browser.client.get("/admin/login", headers={"Host": "evil.example", "X-Forwarded-Host": "evil.example"})
    away = browser.client.get("/admin/", headers={"Host": "evil.example"})

    assert "evil" not in answer.text
    assert away.headers["location"] == "/admin/login"


@pytest.mark.parametrize("route", [route for route in ROUTES if route.method == "GET"], ids=name)
def test_a_page_runs_nothing_inline_and_is_kept_by_no_cache(place: Place, mara: Person, browser: Browser, route: Route) -> None:
    browser.log_in(place, mara)
    answer = browser.open(path(route).replace("987654", {"/admin/static/{name}": "admin.css"}.get(route.path, "1")))

    if route.path == "/admin/static/{name}":
        assert answer.headers["content-type"].startswith("text/css")
        return
    policy = answer.headers["content-security-policy"]
    assert ("'unsafe" in policy, "default-src 'none'" in policy) == (False, True)
    assert answer.headers["cache-control"] == "no-store"
    assert not re.search(r"<script(?![^>]* src=)|<style|\sstyle=|\son\w+=", answer.text)


def test_a_file_that_is_not_of_the_pages_is_not_served(browser: Browser) -> None:
    for wanted in ("..%2Fgate.py", "%2Fetc%2Fpasswd", "gate.py", "admin.css%00"):
        assert browser.open(f"/admin/static/{wanted}").status_code in (403, 404), wanted


# --- before anybody has an account -----------------------------------------------------------


@pytest.mark.parametrize("where", ["/admin", "/admin/", "/admin/me", "/admin/login", "/admin/accounts"])
def test_without_accounts_the_pages_say_where_the_link_is(browser: Browser, where: str) -> None:
    answer = browser.open(where)

    assert (answer.status_code, "Start digest serve" in answer.text) == (403, True)


def test_the_first_owner_is_made_by_the_link_that_serve_prints(place: Place, browser: Browser) -> None:
    link = accounts.first_link(place.ctx, ORIGIN)
    assert link is not None
    where = link.removeprefix(ORIGIN)
    form = hidden(browser.open(f"{where}?with=password").text)
    typed = {"name": "Mara", "address": "mara@ledger.example.org", "password": PASSWORD}
    wrong = browser.client.post(f"{where}?with=password", data={**form, **typed, "code": "000000"}, headers=WRITES)
    again = hidden(wrong.text)
    right = browser.client.post(
        f"{where}?with=password", data={**again, **typed, "code": code(place, form["secret"])}, headers=WRITES
    )

    assert (wrong.status_code, 'value="Mara"' in wrong.text, again["secret"]) == (422, True, form["secret"])
    assert len(re.findall(r"<li><code>(?:[A-Z2-7]{4}-?){4}</code>", right.text)) == 10
    assert browser.open("/admin/accounts").status_code == 200
    assert browser.open(where).status_code == 404


def test_an_owner_lets_an_editor_in(place: Place, mara: Person, three: list[Browser]) -> None:
    mine, theirs, _ = three
    mine.log_in(place, mara)
    page = mine.send("/admin/accounts/new", name="Ann", address="ann@example.org", role="editor", sends="yes")
    found = re.search(r'value="https://ledger.example.org(/admin/welcome/[\w-]+)"', page.text)
    assert found is not None
    form = hidden(theirs.open(f"{found[1]}?with=password").text)
    typed = {**form, "password": PASSWORD, "code": code(place, form["secret"])}
    theirs.client.post(f"{found[1]}?with=password", data=typed, headers=WRITES)

    assert "Ann" in theirs.open("/admin/me").text
    assert theirs.open("/admin/accounts").status_code == 403
    assert login.admit(place.ctx, theirs.token, needs=Permission.SEND, ip="").address == "ann@example.org"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"address": "no address", "role": "editor"}, "That is not an e-mail address"),
        ({"address": "mara@ledger.example.org", "role": "editor"}, "has an account already"),
        ({"address": "ann@example.org", "role": "viewer", "sends": "yes"}, "A viewer cannot send"),
        ({"address": "ann@example.org", "role": "king"}, "there is no such role"),
    ],
)
def test_a_mistake_in_the_form_is_named_and_what_was_typed_is_kept(
    place: Place, mara: Person, browser: Browser, typed: dict[str, str], said: str
) -> None:
    browser.log_in(place, mara)

    answer = browser.send("/admin/accounts/new", name="Ann Lee", **typed)

    assert (answer.status_code, said in answer.text, 'value="Ann Lee"' in answer.text) == (422, True, True)
    assert len(accounts.every(place.ctx)) == 1


def test_what_somebody_is_called_is_shown_and_not_run(place: Place, mara: Person, browser: Browser) -> None:
    nasty = "\"'><script>alert(1)</script><img src=x onerror=alert(2)>"
    made = accounts.add(place.ctx, "ann@example.org", name=nasty, role=Role.EDITOR).account
    browser.log_in(place, mara)

    for where in ("/admin/accounts", f"/admin/accounts/{made.id}", f"/admin/accounts/{made.id}/remove"):
        text = browser.open(where).text
        assert "<script>alert" not in text
        assert "<img" not in text
        assert "&lt;script&gt;" in text


@pytest.mark.parametrize(
    ("asked", "title"), [("de-AT", "Bei ledger.example.org anmelden"), ("ja", "Log in to"), ("fr", "Se connecter à")]
)
def test_the_pages_speak_the_language_of_the_browser(mara: Person, browser: Browser, asked: str, title: str) -> None:
    assert title in browser.client.get("/admin/login", headers={"Accept-Language": asked}).text


def test_a_short_command_loads_nothing_of_the_admin_pages() -> None:
    import subprocess
    import sys

    listing = "import sys, digest.cli.lists, digest.services.lists, digest.cli.output; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", listing], capture_output=True, text=True, check=True).stdout.split()

    assert not {"argon2", "pyotp", "webauthn", "segno", "cryptography", "digest.services.login", "digest.web.admin"} & set(loaded)
