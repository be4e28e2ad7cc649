"""The API: which token may do what, and what each kind of request is answered."""

import re
from collections.abc import Iterator

import pytest

from digest.model.account import PERMISSIONS, Permission, Role
from digest.model.api import PERMISSION_OF, Scope
from digest.services import accounts, api_tokens, events
from digest.web import public
from digest.web.api import rates
from digest.web.api.app import ROUTES
from digest.web.api.call import Route
from tests.support.api import Program, account, owner, programs, secret_of
from tests.support.dumps import Rows, dump
from tests.support.place import Place

pytestmark = pytest.mark.any_database

CLOSED = [route for route in ROUTES if route.needs is not None]
METHODS = {"GET", "POST", "PUT", "PATCH", "DELETE"}


def name(route: Route) -> str:
    return f"{route.method} {route.path}"


def path(route: Route) -> str:
    """A path of the route that leads to no row."""
    return re.sub(r"\{\w+\}", "987654", route.path)


def rows(place: Place) -> Rows:
    """Everything that is stored, but for when tokens were used."""
    return {name: found for name, found in dump(place.ctx).items() if name != "api_token"}


@pytest.fixture(autouse=True)
def many_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock of a test stands still, and its requests are many."""
    monkeypatch.setattr("digest.web.api.gate.OF_NETWORK", 10_000)


@pytest.fixture
def program(place: Place) -> Iterator[Program]:
    with owner(place) as made:
        yield made


# --- tokens, scopes and roles ----------------------------------------------------------------


def test_every_route_needs_a_scope_but_for_signing_up() -> None:
    assert {name(route) for route in ROUTES if route.needs is None} == {"GET /signups/{mlist}", "POST /signups/{mlist}"}
    assert len({name(route) for route in ROUTES}) == len(ROUTES)


def test_what_changes_something_needs_more_than_to_look() -> None:
    looking = {
        name(route) for route in CLOSED if route.changes and PERMISSION_OF[route.needs or Scope.CONTENT_LOOK] is Permission.LOOK
    }

    assert looking == set()


@pytest.mark.parametrize("sent", ["", "Bearer", "Bearer digest_forged", "Basic bWFyYTp4", "digest_"])
def test_without_a_good_token_no_route_answers(place: Place, sent: str) -> None:
    before = rows(place)
    with programs(public.app(place.ctx), "") as [nobody]:
        for route in CLOSED:
            answer = nobody.ask(route.method, path(route), headers={"Authorization": sent})
            assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated"), name(route)
            assert answer.headers["www-authenticate"].startswith("Bearer")

    assert rows(place) == before


@pytest.mark.parametrize(
    ("role", "sends"), [(Role.OWNER, False), (Role.EDITOR, True), (Role.EDITOR, False), (Role.VIEWER, False)]
)
def test_a_token_does_what_its_scopes_and_the_role_of_its_account_both_allow(place: Place, role: Role, sends: bool) -> None:
    address = account(place, role=Role.OWNER)
    account(place, "zoe@ledger.example.org")
    secrets = {scope: secret_of(place, address, [scope]) for scope in Scope}
    accounts.change(place.ctx, address, role=role, sends=sends if role is Role.EDITOR else None)
    may = PERMISSIONS[role] | ({Permission.SEND} if sends else set())

    with programs(public.app(place.ctx), *secrets.values()) as made:
        for scope, program in zip(secrets, made, strict=True):
            for route in CLOSED:
                answer = program.ask(route.method, path(route))
                allowed = route.needs is scope and PERMISSION_OF[scope] in may
                assert (answer.status_code not in (401, 403)) is allowed, (name(route), scope)
                if not allowed:
                    assert answer.json()["code"] == ("scope" if route.needs is not scope else "not_permitted")


def test_a_refused_request_changes_nothing(place: Place) -> None:
    secret = secret_of(place, account(place), [Scope.CONTENT_LOOK])
    before = rows(place)
    with programs(public.app(place.ctx), secret) as [program]:
        for route in CLOSED:
            if route.needs is not Scope.CONTENT_LOOK:
                assert program.ask(route.method, path(route), json=dict(route.example)).status_code == 403

    assert rows(place) == before


def test_a_token_works_until_it_expires_or_is_revoked_or_its_account_is_reset_or_removed(place: Place) -> None:
    address = account(place)
    other = account(place, "zoe@ledger.example.org")
    short, revoked, reset, removed = (
        secret_of(place, address, days=1),
        secret_of(place, address),
        secret_of(place, address),
        secret_of(place, other),
    )
    with programs(public.app(place.ctx), short, revoked, reset, removed) as made:
        assert [program.get("/lists").status_code for program in made] == [200] * 4

        place.clock.turn(days=1)
        assert made[0].get("/lists").status_code == 401

        api_tokens.revoke(place.ctx, 2)
        assert made[1].get("/lists").status_code == 401

        accounts.reset(place.ctx, address)
        assert made[2].get("/lists").status_code == 401

        accounts.remove(place.ctx, other)
        assert made[3].get("/lists").status_code == 401


def test_what_a_program_does_is_recorded_with_its_account_and_its_name(place: Place, program: Program) -> None:
    program.ask("POST", "/lists", json={"name": "weekend"})

    [event] = [event for event in events.listed(place.ctx) if event.kind == "list.added" and event.facts["name"] == "weekend"]
    assert (event.actor, event.person, event.account_id) == ("api", "Mara (a shop)", 1)


# --- methods, bodies and answers -------------------------------------------------------------


def test_a_path_takes_its_own_methods_alone(program: Program) -> None:
    own: dict[str, set[str]] = {}
    for route in ROUTES:
        own.setdefault(path(route), set()).add(route.method)

    # `/sources/test` is also a path of the routes of one source, which then find that `test` is no number.
    for where in own.keys() - {"/sources/test"}:
        for method in METHODS - own[where]:
            answer = program.ask(method, where)
            assert (answer.status_code, answer.json()["code"]) == (405, "wrong_method"), (method, where)


def test_a_path_that_is_not_there_is_answered_with_a_problem_document(program: Program) -> None:
    answer = program.get("/nowhere")

    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
    assert answer.json()["code"] == "no_route"


@pytest.mark.parametrize(
    ("body", "kind", "status", "code"),
    [
        (b'{"name": "x"', "application/json", 400, "bad_json"),
        (b"[]", "application/json", 422, "bad_request"),
        (b'{"name": 5}', "application/json", 422, "bad_request"),
        (b'{"name": "x", "colour": "red"}', "application/json", 422, "bad_request"),
        (b'{"name": "x\\u0000"}', "application/json", 422, "bad_request"),
        (b'{"name": "x\\ud800"}', "application/json", 422, "bad_request"),
        (b"", "application/json", 422, "bad_request"),
        (b"name=x", "application/x-www-form-urlencoded", 415, "media_type"),
        (b'{"name": "x"}', "text/plain", 415, "media_type"),
        (b'{"name": "' + b"x" * 300_000 + b'"}', "application/json", 413, "too_large"),
        (b'{"name": "Not A Name"}', "application/json", 422, "bad_name"),
        (b'{"name": "readers"}', "application/json", 409, "list_exists"),
    ],
)
def test_a_body_that_cannot_be_used_is_refused_with_the_reason(
    program: Program, body: bytes, kind: str, status: int, code: str
) -> None:
    answer = program.ask("POST", "/lists", content=body, headers={"Content-Type": kind})

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"]


def test_a_body_without_a_stated_length_is_bounded_too(program: Program) -> None:
    def endless() -> Iterator[bytes]:
        yield from (b"x" * 10_000 for _ in range(100))

    answer = program.client.post(
        "/api/v1/lists", content=endless(), headers={**program.headers, "Content-Type": "application/json"}
    )

    assert answer.status_code == 413


def test_what_was_made_is_answered_with_its_address(program: Program) -> None:
    made = program.ask("POST", "/lists", json={"name": "weekend", "title": "Weekend"})

    assert made.status_code == 201
    assert program.get(made.headers["location"]).json() == made.json()
    assert program.ask("DELETE", made.headers["location"]).status_code == 204
    assert program.get(made.headers["location"]).status_code == 404


# --- what has changed meanwhile --------------------------------------------------------------


def test_a_change_of_what_was_changed_meanwhile_is_refused_where_the_program_says_what_it_saw(program: Program) -> None:
    seen = program.get("/lists/readers").headers["etag"]
    program.ask("PATCH", "/lists/readers", json={"title": "Of somebody else"})

    late = program.ask("PATCH", "/lists/readers", json={"title": "Mine"}, headers={"If-Match": seen})

    assert (late.status_code, late.json()["code"]) == (412, "changed_meanwhile")
    assert program.get("/lists/readers").json()["title"] == "Of somebody else"
    now = program.get("/lists/readers").headers["etag"]
    assert program.ask("PATCH", "/lists/readers", json={"title": "Mine"}, headers={"If-Match": now}).status_code == 200


def test_what_a_program_has_already_is_not_sent_again(program: Program) -> None:
    seen = program.get("/lists/readers").headers["etag"]

    again = program.ask("GET", "/lists/readers", headers={"If-None-Match": seen})

    assert (again.status_code, again.content) == (304, b"")


# --- how often -------------------------------------------------------------------------------


def test_a_token_may_ask_so_often_a_minute_and_is_told_what_is_left(place: Place, program: Program) -> None:
    answers = [program.get("/lists/readers") for _ in range(rates.OF_TOKEN + 1)]

    assert answers[0].headers["ratelimit"] == f'"default";r={rates.OF_TOKEN - 1};t=60'
    assert {answer.status_code for answer in answers[:-1]} == {200}
    assert (answers[-1].status_code, answers[-1].headers["retry-after"]) == (429, "60")
    place.clock.turn(seconds=61)
    assert program.get("/lists/readers").status_code == 200


def test_a_network_may_show_so_many_wrong_tokens_a_minute(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("digest.web.api.gate.OF_NETWORK", 3)
    with programs(public.app(place.ctx), "digest_forged") as [forger]:
        assert [forger.get("/lists").status_code for _ in range(5)] == [401, 401, 401, 429, 429]
