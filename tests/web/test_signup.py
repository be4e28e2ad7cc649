"""The pages of signing up, over a real server and a real SMTP server: what a person sees, and what a robot cannot do."""

import re
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from html import unescape
from http.client import HTTPConnection, HTTPResponse
from random import Random
from urllib.parse import urlencode

import pytest
from fastapi.testclient import TestClient
from markupsafe import escape
from sqlmodel import select

from digest.errors import NotFound
from digest.model.signup import How, SignUp
from digest.model.states import ListAccess, SubscriptionState
from digest.model.tokens import Purpose, sign
from digest.services import context, data_requests, lists, newsletters, offers, sending, signup, signup_mails
from digest.services import subscribers as people
from digest.web import public
from tests.support.dumps import dump
from tests.support.http import ask as raw_ask
from tests.support.http import post as raw_post
from tests.support.http import serving, statuses
from tests.support.pages import forge, hidden
from tests.support.place import Place
from tests.support.servers import PIPELINING, Mailbox, smtp_server
from tests.support.signups import ANN, Post, ask, by, code_in, link_in, opened, plain, read, with_topics, wrong

pytestmark = pytest.mark.any_database  # what the pages say; the tests of services try what they store


@pytest.fixture
def open_place(place: Place) -> Place:
    return opened(place)


@pytest.fixture
def client(open_place: Place) -> Iterator[TestClient]:
    with TestClient(public.app(open_place.ctx), follow_redirects=False) as made:
        yield made


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with smtp_server(Mailbox(extensions=PIPELINING)) as running:
        yield running


@pytest.fixture
def relayed(open_place: Place, mailbox: Mailbox) -> Place:
    """The place with a relay."""
    settings = open_place.ctx.settings.model_copy(update={"smtp_url": f"smtp://127.0.0.1:{mailbox.port}"})
    return replace(open_place, ctx=context.build(settings, clock=open_place.clock))


def send_form(place: Place, client: TestClient, **fields: str) -> str:
    """Fill in the form as a person does; return where it leads."""
    page = client.get("/subscribe/readers").text
    place.clock.turn(seconds=20)
    answer = client.post("/subscribe/readers", data={**hidden(page), "address": ANN, **fields})
    assert answer.status_code == 303
    return answer.headers["location"]


# --- topics ----------------------------------------------------------------------------------


def test_topics_are_chosen_in_the_form_confirmed_by_the_link_and_hold(open_place: Place, client: TestClient) -> None:
    with_topics(open_place, 'Harbour & "quay"', "Sport")
    form = client.get("/subscribe/readers").text
    send_form(open_place, client, **{'topic/readers/Harbour & "quay"': "wanted", "topic/readers/Sport": "muted"})
    [mail] = Post(open_place).send()
    path = f"/confirm/{link_in(mail)}"
    page = client.get(path).text
    client.post(path, data=hidden(page))

    [tie] = people.show(open_place.ctx, ANN).subscriptions
    assert "<summary>Choose topics (not needed)</summary>" in form
    assert 'name="topic/readers/Harbour &amp; &#34;quay&#34;" value="" checked' in form
    assert "Topics: Harbour &amp; &#34;quay&#34;: Wanted · Sport: None" in page
    assert (tie.wanted, tie.muted) == (('Harbour & "quay"',), ("Sport",))


def test_the_waiting_page_tells_nobody_which_topics_were_chosen(open_place: Place, client: TestClient) -> None:
    with_topics(open_place, "Sport")
    waiting = send_form(open_place, client, **{"topic/readers/Sport": "muted"})

    assert "Sport" not in client.get(waiting).text


def test_chosen_topics_stay_chosen_when_something_else_is_wrong(open_place: Place, client: TestClient) -> None:
    with_topics(open_place, "Sport")
    fields = {**hidden(client.get("/subscribe/readers").text), "address": "ann@", "topic/readers/Sport": "muted"}
    open_place.clock.turn(seconds=20)
    answer = client.post("/subscribe/readers", data=fields)

    assert answer.status_code == 422
    assert "<details open>" in answer.text
    assert 'name="topic/readers/Sport" value="muted" checked' in answer.text


def test_topics_are_not_offered_where_a_newsletter_has_none(open_place: Place, client: TestClient) -> None:
    assert "<details" not in client.get("/subscribe/readers").text
    assert "<details" not in offers.snippet(open_place.ctx, "readers")


def test_the_form_for_other_sites_has_a_menu_for_each_topic(open_place: Place, client: TestClient) -> None:
    with_topics(open_place, "Harbour & <quay>", "Sport")
    form = offers.snippet(open_place.ctx, "readers", language="fr")
    [version] = re.findall(r'name="shown" value="(\w+)"', form)
    names = re.findall(r'<select name="([^"]+)">', form)
    client.post("/subscribe/readers", data={"shown": version, "address": ANN, **dict.fromkeys(map(unescape, names), "muted")})

    with open_place.ctx.db.read() as tx:
        row = tx.exec(select(SignUp)).one()
    assert 'Harbour &amp; &lt;quay&gt; <select name="topic/readers/Harbour &amp; &lt;quay&gt;"' in form
    assert row.topics.muted == ("Harbour & <quay>", "Sport")


# --- a walk ----------------------------------------------------------------------------------


class Browser:
    """A browser without script: plain HTTP to a running server."""

    def __init__(self, port: int) -> None:
        self._port = port

    def open(self, path: str, form: dict[str, str] | None = None) -> tuple[int, str, str]:
        connection = HTTPConnection("127.0.0.1", self._port, timeout=30)
        head = {"Accept-Language": "en", **({"Content-Type": "application/x-www-form-urlencoded"} if form is not None else {})}
        connection.request("POST" if form is not None else "GET", path, urlencode(form) if form is not None else None, head)
        answer: HTTPResponse = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        return answer.status, text, answer.headers.get("location", "")


def test_a_visitor_signs_up_types_the_code_and_has_the_newest_issue_in_one_sitting(relayed: Place, mailbox: Mailbox) -> None:
    relayed.readers("zoe@example.org")
    relayed.drop("The harbour opens again")
    relayed.collect()
    relayed.send()
    with serving(public.app(relayed.ctx)) as port:
        browser = Browser(port)
        _, form, _ = browser.open("/subscribe")
        relayed.clock.turn(seconds=20)
        status, _, waiting = browser.open("/subscribe/readers", {**hidden(form), "address": ANN, "name": "Ann"})
        before = browser.open(waiting)[1]
        signup_mails.send_due(relayed.ctx)
        mail = read(mailbox.contents[-1])
        after = browser.open(waiting)[1]
        refused = browser.open(waiting, {"code": wrong(code_in(mail))})
        welcome = browser.open(waiting, {"code": code_in(mail)})
    signup_mails.send_due(relayed.ctx)
    deliver(relayed)

    got = [read(content) for content in mailbox.contents if ANN in str(read(content)["To"])]
    assert status == 303
    assert "We are sending a six-digit code" in before
    assert "We sent a six-digit code" in after
    assert (refused[0], "you have 4 more tries" in refused[1]) == (422, True)
    assert (welcome[0], "You are subscribed to The Morning Ledger." in welcome[1]) == (200, True)
    assert "The newest issue is on its way already" in welcome[1]
    assert [mail["Subject"] for mail in got[:2]] == [
        "Please confirm your subscription to The Morning Ledger",
        "Welcome to The Morning Ledger",
    ]
    assert "The harbour opens again" in plain(got[2])
    assert len(got) == 3


def deliver(place: Place) -> None:
    from digest.services import issues

    for issue in issues.unfinished(place.ctx, place.daily):
        sending.finish(place.ctx, place.daily, issue, resumed=True)


def test_the_link_leads_to_a_button_that_confirms(open_place: Place, client: TestClient) -> None:
    send_form(open_place, client)
    [mail] = Post(open_place).send()
    path = f"/confirm/{link_in(mail)}"

    page = client.get(path).text
    done = client.post(path, data=hidden(page))

    assert "With this button you agree that The Morning Ledger is mailed to you" in page
    assert "You are subscribed to The Morning Ledger." in done.text
    assert people.show(open_place.ctx, ANN).consents[1].how is How.LINK
    assert "confirmed already" in client.get(path).text


# --- robots ----------------------------------------------------------------------------------


def test_a_scanner_that_opens_every_link_of_every_mail_changes_nothing(open_place: Place, client: TestClient) -> None:
    """Mails of every kind, and the pages that wait for a code. Of the whole database nothing is left out of the comparison."""
    post = Post(open_place)
    tokens = [ask(open_place, f"reader{n}@example.org") for n in range(3)]
    mails = post.send()
    signup.confirm_by_code(open_place.ctx, tokens[0], code_in(mails[0]), by(How.CODE))
    open_place.drop("The harbour opens again")
    open_place.collect()
    open_place.send()
    own = data_requests.link(open_place.ctx, people.show(open_place.ctx, "reader0@example.org").subscriptions[0].id)
    data_requests.ask(open_place.ctx, own)
    data_requests.send_due(open_place.ctx)
    mails += [*post.new(), *post.send()]
    paths = {path for mail in mails for path in re.findall(r"https://ledger\.example\.org(/[\w/-]+)", plain(mail))}
    before = dump(open_place.ctx)
    for _ in range(2):
        for path in sorted(paths) + [f"/waiting/{token}" for token in tokens] + [f"/data/{own}"]:
            assert client.get(path).status_code == client.head(path).status_code == 200
            for method in ("OPTIONS", "PUT", "PATCH", "DELETE"):
                assert client.request(method, path).status_code == 405
        open_place.clock.turn(minutes=10)  # as a scanner that comes back

    assert {path.split("/")[1] for path in paths} >= {"confirm", "u", "view", "p"}
    assert dump(open_place.ctx) == before


@pytest.mark.parametrize("body", [b"", b"x=1", b"confirm=no", b"List-Unsubscribe=One-Click", b"\xff\xfe%zz&&==", b"again=yes"])
def test_a_post_to_the_link_without_the_forms_own_field_confirms_nobody(
    open_place: Place, client: TestClient, body: bytes
) -> None:
    ask(open_place)
    [mail] = Post(open_place).send()

    answer = client.post(f"/confirm/{link_in(mail)}", content=body, headers={"Content-Type": "application/x-www-form-urlencoded"})

    assert answer.status_code == 400
    assert lists.show(open_place.ctx, "readers").active == 0


def test_no_forged_truncated_or_swapped_token_of_ten_thousand_is_taken(open_place: Place) -> None:
    post = Post(open_place)
    waits = [ask(open_place, f"reader{n}@example.org") for n in range(4)]
    links = [link_in(mail) for mail in post.send()]
    before = dump(open_place.ctx)
    dice = Random(11)
    key = open_place.ctx.settings.secret_keys[0]
    others = [sign(n, purpose, key) for n in range(1, 5) for purpose in Purpose if purpose not in (Purpose.WAIT, Purpose.CONFIRM)]
    taken = 0
    for _ in range(10_000):
        forged = forge(dice, waits, links, others)
        if forged not in links:
            taken += accepts(lambda t: signup.confirm_by_link(open_place.ctx, t, by(How.LINK)), forged)
        if forged not in waits:
            taken += accepts(lambda t: signup.confirm_by_code(open_place.ctx, t, "123456", by(How.CODE)), forged)

    assert taken == 0
    assert dump(open_place.ctx) == before


def accepts(act: "object", token: str) -> bool:
    try:
        act(token)  # type: ignore[operator]
    except NotFound:
        return False
    return True


def test_a_robot_in_the_trap_is_answered_like_anybody(open_place: Place, client: TestClient) -> None:
    where = send_form(open_place, client, website="https://spam.example")

    page = client.get(where)

    assert where.startswith("/waiting/")
    assert (page.status_code, "Check your mail" in page.text) == (200, True)
    assert Post(open_place).send() == []


# --- wrong input -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"address": "ann"}, "That is not an e-mail address."),
        ({"address": "a" * 300 + "@example.org"}, "That is not an e-mail address."),
        ({"address": "a@mailinator.com"}, "disposable"),
        ({"name": "see www.example.org"}, "Please give a name alone"),
        ({"name": 'Ann"><script>'}, "Please give a name alone"),
        ({"shown": "other"}, "its text has changed"),
        ({"stamp": "forged"}, "its text has changed"),
    ],
)
def test_what_cannot_be_used_is_said_beside_its_field_and_what_was_typed_stays(
    open_place: Place, client: TestClient, fields: dict[str, str], said: str
) -> None:
    page = client.get("/subscribe/readers").text
    open_place.clock.turn(seconds=20)
    answer = client.post("/subscribe/readers", data={**hidden(page), "address": ANN, "name": "Ann", **fields})

    assert answer.status_code == 422
    assert said in answer.text
    assert "<script" not in answer.text
    assert f'value="{escape(fields.get("name", "Ann"))}"' in answer.text
    assert lists.show(open_place.ctx, "readers").pending == 0


def test_closed_and_unknown_lists_and_dead_links_get_the_same_page(open_place: Place, client: TestClient) -> None:
    lists.add(open_place.ctx, "staff")
    paths = [
        "/subscribe/staff",
        "/subscribe/nowhere",
        "/subscribe/..%2f",
        "/confirm/forged",
        "/waiting/forged",
        "/confirm/" + "A" * 5000,
    ]
    answers = [answer for path in paths for answer in (client.get(path), client.post(path, data={"address": ANN}))]

    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.text for answer in answers}) == 1


def test_bodies_that_are_too_large_or_no_form_change_nothing(open_place: Place, client: TestClient) -> None:
    large = client.post("/subscribe/readers", data={"address": "a" * 70_000})
    broken = client.post("/subscribe/readers", content=b"--", headers={"Content-Type": "multipart/form-data"})
    json = client.post("/subscribe/readers", json={"address": ANN})

    assert [large.status_code, broken.status_code, json.status_code] == [413, 400, 422]
    assert lists.show(open_place.ctx, "readers").pending == 0


def test_too_many_requests_are_told_when_to_come_back(open_place: Place) -> None:
    settings = open_place.ctx.settings.model_copy(update={"signup_limits": "network=1/hour"})
    with TestClient(
        public.app(replace(open_place.ctx, settings=settings)), follow_redirects=False, client=("192.0.2.7", 1)
    ) as client:
        send_form(open_place, client)
        page = client.get("/subscribe/readers").text
        open_place.clock.turn(seconds=70)  # as who has no script waits
        answer = client.post("/subscribe/readers", data={**hidden(page), "address": "bob@example.org"})

    assert answer.status_code == 429
    assert 3_000 < int(answer.headers["retry-after"]) <= 3_600


@pytest.mark.parametrize(
    ("proxies", "forwarded", "kept"),
    [
        ("", "203.0.113.9", "192.0.2.7"),
        ("192.0.2.0/24", "203.0.113.9", "203.0.113.9"),
        ("192.0.2.0/24", "198.51.100.1, 203.0.113.9, 192.0.2.8", "203.0.113.9"),
        ("192.0.2.0/24", "<script>", ""),
        ("10.0.0.0/8", "203.0.113.9", "192.0.2.7"),
    ],
)
def test_only_trusted_proxies_say_where_a_visitor_comes_from(open_place: Place, proxies: str, forwarded: str, kept: str) -> None:
    settings = open_place.ctx.settings.model_copy(update={"trusted_proxies": proxies, "ip_policy": "full"})
    ctx = replace(open_place.ctx, settings=settings)
    with TestClient(
        public.app(ctx), follow_redirects=False, client=("192.0.2.7", 1), headers={"X-Forwarded-For": forwarded}
    ) as client:
        send_form(open_place, client)
    [mail] = Post(open_place).send()
    signup.confirm_by_link(ctx, link_in(mail), by(How.LINK))

    assert people.show(ctx, ANN).consents[0].ip == kept


def test_a_forwarded_field_of_the_visitors_own_is_not_believed(open_place: Place) -> None:
    """A proxy may append a field of its own instead of extending the one that came."""
    settings = open_place.ctx.settings.model_copy(update={"trusted_proxies": "192.0.2.7", "ip_policy": "full"})
    ctx = replace(open_place.ctx, settings=settings)
    with TestClient(public.app(ctx), follow_redirects=False, client=("192.0.2.7", 1)) as client:
        fields = hidden(client.get("/subscribe/readers").text)
        open_place.clock.turn(seconds=20)
        forwarded = [("X-Forwarded-For", "10.9.9.9"), ("X-Forwarded-For", "203.0.113.9")]
        client.post("/subscribe/readers", data={**fields, "address": ANN}, headers=forwarded)
    [mail] = Post(open_place).send()
    signup.confirm_by_link(ctx, link_in(mail), by(How.LINK))

    assert people.show(ctx, ANN).consents[0].ip == "203.0.113.9"


@pytest.mark.file_only
def test_a_locked_database_is_said_and_nothing_is_half_written(open_place: Place) -> None:
    with serving(public.app(open_place.ctx)) as port:
        page = Browser(port).open("/subscribe/readers")[1]
        open_place.clock.turn(seconds=20)
        lock = sqlite3.connect(str(open_place.ctx.db.file), isolation_level=None)
        lock.execute("BEGIN IMMEDIATE")
        refused = Browser(port).open("/subscribe/readers", {**hidden(page), "address": ANN})
        lock.execute("ROLLBACK")
        lock.close()
        taken = Browser(port).open("/subscribe/readers", {**hidden(page), "address": ANN})

    assert (refused[0], taken[0]) == (503, 303)
    assert lists.show(open_place.ctx, "readers").pending == 1


# --- mail that cannot go ---------------------------------------------------------------------


def test_while_the_relay_is_down_the_page_says_so_and_the_mail_goes_when_it_can(relayed: Place, mailbox: Mailbox) -> None:
    token = ask(relayed)
    mailbox.answers["MAIL"] = "451 not now"
    signup_mails.send_due(relayed.ctx)
    with TestClient(public.app(relayed.ctx)) as client:
        down = client.get(f"/waiting/{token}").text
        mailbox.answers.clear()
        relayed.clock.turn(minutes=20)
        signup_mails.send_due(relayed.ctx)
        up = client.get(f"/waiting/{token}").text

    [content] = mailbox.contents
    assert "Our mail server does not answer at the moment." in down
    assert "We sent a six-digit code" in up
    assert signup.confirm_by_code(relayed.ctx, token, code_in(read(content)), by(How.CODE)).verdict is signup.Verdict.RIGHT


def test_once_no_relay_answers_the_other_mails_wait_too(open_place: Place) -> None:
    settings = open_place.ctx.settings.model_copy(update={"smtp_url": "smtp://127.0.0.1:1"})
    place = replace(open_place, ctx=context.build(settings, clock=open_place.clock))
    tokens = [ask(place, f"reader{n}@example.org") for n in range(3)]

    assert signup_mails.send_due(place.ctx) == 0
    assert [signup.waiting(place.ctx, token).is_late for token in tokens] == [True, True, True]


def test_an_address_that_its_server_refuses_is_asked_about(relayed: Place, mailbox: Mailbox) -> None:
    token = ask(relayed)
    mailbox.answers["RCPT"] = "550 5.1.1 no such mailbox"
    signup_mails.send_due(relayed.ctx)

    with TestClient(public.app(relayed.ctx)) as client:
        page = client.get(f"/waiting/{token}").text

    assert "refused our mail. Is the address right?" in page
    assert signup_mails.send_due(relayed.ctx) == 0


# --- what is offered -------------------------------------------------------------------------


def test_with_several_lists_the_visitor_chooses(open_place: Place, client: TestClient) -> None:
    lists.add(open_place.ctx, "weekenders", access=ListAccess.SINGLE)
    newsletters.add(open_place.ctx, "weekly", newsletters.Changes(mlist="weekenders", title="The Week"))
    lists.add(open_place.ctx, "unused", access=ListAccess.PUBLIC)

    page = client.get("/subscribe").text

    assert re.findall(r'href="/subscribe/(\w+)"', page) == ["readers", "weekenders"]
    assert "six-digit code" not in client.get("/subscribe/weekenders").text


def test_where_no_list_is_open_there_is_nothing(place: Place) -> None:
    with TestClient(public.app(place.ctx)) as client:
        assert client.get("/subscribe").status_code == 404


@pytest.mark.parametrize("language", ["en", "ar"])
def test_the_form_for_other_sites_signs_up_without_a_script(open_place: Place, client: TestClient, language: str) -> None:
    form = offers.snippet(open_place.ctx, "readers", language=language)
    fields = hidden(form)
    answer = client.post(
        "/subscribe/readers", data={**fields, "address": ANN, "website": ""}, headers={"Origin": "https://other.example"}
    )
    [mail] = Post(open_place).send()
    signup.confirm_by_link(open_place.ctx, link_in(mail), by(How.LINK))

    assert "<script" not in form
    assert 'action="https://ledger.example.org/subscribe/readers"' in form
    assert answer.status_code == 303
    consent = people.show(open_place.ctx, ANN).consents[0]
    assert (consent.how, consent.language) == (How.EMBEDDED, language)


def test_pages_speak_the_language_of_the_browser(open_place: Place, client: TestClient) -> None:
    page = client.get("/subscribe/readers", headers={"Accept-Language": "ar-EG,ar;q=0.9"})

    assert '<html lang="ar" dir="rtl">' in page.text
    assert "اشترك" in page.text


def test_pages_need_no_script_cookie_or_stranger(open_place: Place, client: TestClient) -> None:
    where = send_form(open_place, client)
    [mail] = Post(open_place).send()
    answers = [client.get(path) for path in ("/subscribe/readers", where, f"/confirm/{link_in(mail)}")]

    for answer in answers:
        assert "<script" not in answer.text
        assert " style=" not in answer.text
        assert "set-cookie" not in answer.headers
        assert answer.headers["cache-control"] == "no-store"
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert set(re.findall(r'(?:src|href|action)="([^"]*)"', answer.text)) <= {"/pages.css", "/subscribe/readers"}


def test_the_host_of_a_request_is_in_no_link(open_place: Place, client: TestClient) -> None:
    page = client.get("/subscribe/readers", headers={"Host": "evil.example", "X-Forwarded-Host": "evil.example"})
    open_place.clock.turn(seconds=20)
    answer = client.post("/subscribe/readers", data={**hidden(page.text), "address": ANN}, headers={"Host": "evil.example"})
    [mail] = Post(open_place).send()

    assert "evil.example" not in page.text + answer.headers["location"] + mail.as_string()


def test_head_of_the_form_and_half_a_body_are_answered(open_place: Place) -> None:
    with serving(public.app(open_place.ctx)) as port:
        head = raw_ask(port, b"HEAD /subscribe/readers HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        cut = raw_ask(port, raw_post("/subscribe/readers", b"address=ann%40exam"))

    assert statuses(head) == [200]
    assert statuses(cut) == [422]
    assert people.listed(open_place.ctx) == []


def test_who_confirmed_leaves_by_the_link_of_the_welcome(open_place: Place, client: TestClient) -> None:
    post = Post(open_place)
    token = ask(open_place)
    [mail] = post.send()
    signup.confirm_by_code(open_place.ctx, token, code_in(mail), by(How.CODE))
    [welcome] = post.send()
    [path] = re.findall(r"https://ledger\.example\.org(/u/[\w-]+)", plain(welcome))

    client.post(path, data={"List-Unsubscribe": "One-Click"})

    assert people.show(open_place.ctx, ANN).subscriptions[0].state is SubscriptionState.UNSUBSCRIBED
