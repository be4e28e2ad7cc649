"""The API: what a program does with each noun, and what it may not reach."""

import json
from collections.abc import Iterator

import pytest

from digest.model.states import DeliveryState, IssueState, ListAccess
from digest.services import issues, lists, subscribers
from digest.services import sources as source_services
from digest.web import public
from tests.support.api import Program, owner, programs
from tests.support.pages import send_first, solved
from tests.support.place import Place
from tests.support.signups import ANN, Post, opened

pytestmark = pytest.mark.any_database


@pytest.fixture
def program(place: Place) -> Iterator[Program]:
    with owner(place) as made:
        yield made


@pytest.fixture
def visitor(place: Place) -> Iterator[Program]:
    """A program without a token."""
    with programs(public.app(place.ctx), "") as [made]:
        yield made


def done(answer: object, status: int = 200) -> dict[str, object]:
    assert answer.status_code == status, answer.text  # type: ignore[attr-defined]
    return answer.json() if status != 204 else {}  # type: ignore[attr-defined, no-any-return]


# --- people ----------------------------------------------------------------------------------


def test_a_person_is_added_changed_found_taken_off_and_forgotten(place: Place, program: Program) -> None:
    made = done(program.ask("POST", "/subscribers", json={"address": ANN, "list": "readers", "language": "de"}), 201)
    where = f"/subscribers/{made['id']}"

    assert done(program.get(f"/addresses/{ANN}")) == made
    changed = done(program.ask("PATCH", where, json={"name": "Ann", "pause_until": "2026-03-20"}))
    assert (changed["name"], changed["language"], changed["paused_until"]) == ("Ann", "de", "2026-03-19T23:00:00Z")
    assert done(program.ask("PATCH", where, json={"ends_pause": True}))["paused_until"] is None
    left = done(program.ask("POST", f"{where}/leave", json={"list": "readers"}))
    assert [tie["state"] for tie in left["subscriptions"]] == ["unsubscribed"]  # type: ignore[attr-defined]
    assert done(program.ask("POST", "/subscribers", json={"address": ANN, "list": "readers"}), 409)["code"] == "left_list"
    assert done(program.get(f"{where}/data"))["address"] == ANN
    done(program.ask("DELETE", where), 204)
    assert done(program.get(where), 404)["code"] == "no_subscriber"


def test_an_erasure_leaves_nothing_that_names_the_person(place: Place, program: Program) -> None:
    send_first(place, ANN)

    done(program.ask("POST", "/subscribers/1/erase"), 204)

    assert subscribers.listed(place.ctx) == []
    assert done(program.get("/deliveries"))["items"][0]["address"] == ""  # type: ignore[index]


def test_a_suppressed_address_is_listed_and_let_go(program: Program) -> None:
    made = done(program.ask("POST", "/suppressions", json={"address": ANN, "reason": "asked"}), 201)

    assert (
        done(program.ask("POST", "/suppressions", json={"address": ANN, "reason": "asked"}), 409)["code"] == "suppressed_already"
    )
    assert done(program.get(f"/suppressions/{ANN}")) == made
    done(program.ask("DELETE", f"/suppressions/{ANN}"), 204)
    done(program.ask("DELETE", f"/suppressions/{ANN}"), 404)


def test_people_are_imported_and_that_is_taken_back(program: Program) -> None:
    def send(query: str, kind: str = "text/csv") -> dict[str, object]:
        body = b"address,name\nann@example.org,Ann\nnot an address,\n"
        return done(program.ask("POST", f"/lists/readers/imports{query}", content=body, headers={"Content-Type": kind}))

    assert (send("?dry_run=true")["added"], done(program.get("/imports"))["items"]) == (1, [])
    made = send("?name=march.csv&consent=by%20letter")
    assert (made["file"], made["added"], made["rejected"]) == ("march.csv", 1, 1)
    assert done(program.get(f"/imports/{made['import']}/undo"))["removed"] == 1
    assert done(program.ask("POST", f"/imports/{made['import']}/undo"))["removed"] == 1
    assert done(program.ask("POST", f"/imports/{made['import']}/undo"), 409)["code"] == "nothing_to_do"


@pytest.mark.parametrize("name", ["..", "../x.csv", "a/b.csv", ".hidden", ""])
def test_the_name_of_an_import_leads_nowhere(program: Program, name: str) -> None:
    answer = program.client.post(
        "/api/v1/lists/readers/imports",
        params={"name": name},
        content=b"address\nann@example.org\n",
        headers={**program.headers, "Content-Type": "text/csv"},
    )

    assert done(answer, 422)["code"] == "file_name"


def test_what_is_no_list_of_people_is_refused(program: Program) -> None:
    answer = program.ask("POST", "/lists/readers/imports", content=b"\x00\xff", headers={"Content-Type": "text/csv"})

    assert done(answer, 422)["code"] == "bad_input"


# --- content ---------------------------------------------------------------------------------


def test_a_newsletter_gets_sections_and_rules_and_loses_them(program: Program) -> None:
    made = done(
        program.ask("POST", "/newsletters", json={"name": "weekend", "list": "readers", "days": "sat", "at": "8:00"}), 201
    )
    assert (made["at"], made["days"]) == ("08:00", "sat")
    where = "/newsletters/weekend"

    done(program.ask("POST", f"{where}/sections", json={"name": "World", "topic": "World"}), 201)
    first = done(program.ask("POST", f"{where}/sections", json={"name": "Home", "before": "World", "size": 3}), 201)
    assert [section["name"] for section in program.get(f"{where}/sections").json()] == ["Home", "World"]
    assert (first["position"], first["size"]) == (0, 3)
    rule = done(program.ask("POST", f"{where}/rules", json={"kind": "mute", "words": "horoscope"}), 201)
    done(program.ask("DELETE", f"/newsletters/daily/rules/{rule['id']}"), 404)
    done(program.ask("DELETE", f"{where}/rules/{rule['id']}"), 204)
    done(program.ask("DELETE", f"{where}/sections/world"), 204)
    assert done(program.ask("PATCH", where, json={"pause": True}))["paused"] is True
    assert done(program.ask("PUT", f"{where}/note", json={"text": "Hello", "by": "Ann"}))["next_note"] == "Hello"
    done(program.ask("DELETE", where), 204)


@pytest.mark.parametrize(
    "value", [{"template": "../../etc"}, {"theme": "../../etc/passwd"}, {"zone": "../x"}, {"days": "someday"}]
)
def test_a_newsletter_takes_no_value_that_is_none(program: Program, value: dict[str, str]) -> None:
    done(program.ask("PATCH", "/newsletters/daily", json=value), 422)


@pytest.mark.parametrize("location", ["/etc/passwd", "texts", "file:///etc/passwd", "", "ftp://example.org/x", "env:HOME"])
def test_no_program_reads_files_of_the_machine(place: Place, program: Program, location: str) -> None:
    for method, path in (("POST", "/sources"), ("POST", "/sources/test")):
        assert done(program.ask(method, path, json={"location": location}), 422)["code"] == "source_location"
    place.drop("One")
    assert done(program.ask("PATCH", "/sources/1", json={"location": location}), 422)["code"] == "source_location"


@pytest.mark.parametrize("field", ["cookie", "basic_auth", "headers", "allow_private"])
def test_no_program_has_secrets_of_the_machine_sent_anywhere(program: Program, field: str) -> None:
    body = {"location": "https://news.example.org/feed", field: "env:DIGEST_SECRET_KEY"}

    assert done(program.ask("POST", "/sources", json=body), 422)["code"] == "bad_request"


def test_a_source_on_a_private_network_gives_nothing(program: Program) -> None:
    answer = program.ask("POST", "/sources/test", json={"location": "http://127.0.0.1:1/feed.xml"})

    assert answer.status_code == 422


def test_a_source_is_paused_and_its_articles_are_hidden(place: Place, program: Program) -> None:
    place.drop("One", "Two")
    place.collect()

    assert done(program.ask("PATCH", "/sources/1", json={"paused": True, "topic": "World"}))["paused"] is True
    assert source_services.show(place.ctx, "1").topic == "World"
    assert done(program.ask("PATCH", "/articles/1", json={"hidden": True}))["hidden"] is True
    found = done(program.get("/articles?matching=two"))["items"]
    assert [article["headline"] for article in found] == ["Two"]  # type: ignore[attr-defined]
    done(program.ask("DELETE", "/sources/1"), 204)
    assert done(program.get("/sources"))["items"] == []


# --- issues ----------------------------------------------------------------------------------


def test_an_issue_is_held_resumed_and_called_off(place: Place, program: Program) -> None:
    place.readers(ANN)
    place.drop("One")
    place.collect()
    slot = place.daily.timetable.today(place.clock.now)
    issue = issues.take_slot(place.ctx, place.daily, slot)
    where = f"/issues/{issue.id}"

    assert done(program.ask("PUT", f"{where}/note", json={"text": "Hello"}))["note"] == "Hello"
    held = done(program.ask("POST", f"{where}/hold", json={"reason": "a name is\nwrong"}))
    assert (held["state"], held["reason"]) == (IssueState.HELD, "a name is wrong")
    assert done(program.ask("POST", f"{where}/resume"))["state"] == IssueState.DRAFT
    assert done(program.ask("POST", f"{where}/cancel", json={}))["reason"] == "by Mara (a shop)"
    assert done(program.ask("POST", f"{where}/resume"), 409)["code"] == "not_held"


def test_what_was_sent_can_be_looked_at_byte_for_byte(place: Place, program: Program) -> None:
    send_first(place, ANN)

    [line] = done(program.get("/deliveries?issue=1&state=sent"))["items"]  # type: ignore[misc]
    mail = program.get(f"/deliveries/{line['id']}/mail")  # type: ignore[index]
    assert (mail.headers["content-type"], mail.content) == ("message/rfc822", place.mails()[0].read_bytes())
    shown = done(program.get("/issues/1"))
    assert (shown["state"], shown["deliveries"]) == (IssueState.SENT, {DeliveryState.SENT: 1})
    assert [candidate["place"] for candidate in program.get("/issues/1/candidates").json()] == [1]
    assert done(program.ask("POST", "/issues/1/retry", json={})) == {"queued": 0, "kept": 0}
    assert done(program.ask("POST", "/issues/1/settle", json={"as_sent": True}), 409)["code"] == "nothing_to_do"
    assert done(program.ask("POST", "/issues/1/withdraw"))["withdrawn_at"]


# --- signing up ------------------------------------------------------------------------------


def test_a_visitor_signs_up_through_a_form_elsewhere(place: Place, visitor: Program) -> None:
    post = Post(opened(place))
    offer = done(visitor.get("/signups/readers?language=de"))
    assert (offer["language"], offer["challenge"]) == ("de", None)
    place.clock.turn(seconds=30)

    filled = {"address": ANN, "version": offer["version"], "stamp": offer["stamp"], "language": "de"}
    asked = done(visitor.ask("POST", "/signups/readers", json=filled), 202)

    assert visitor.client.get(str(asked["waiting"])).status_code == 200
    [mail] = post.send()
    assert mail["To"].endswith(ANN)
    with place.ctx.db.read() as tx:
        [row] = tx.connection().exec_driver_sql("SELECT how, text, language FROM consent").all()
    assert tuple(row) == ("api", offer["consent"], "de")


def test_a_closed_list_and_another_wording_are_refused(place: Place, visitor: Program) -> None:
    done(visitor.get("/signups/readers"), 404)
    lists.change(place.ctx, "readers", access=ListAccess.PUBLIC)

    assert done(visitor.ask("POST", "/signups/readers", json={"address": ANN, "version": "x"}), 422)["code"] == "stale_form"
    offer = done(visitor.get("/signups/readers"))
    wrong = {"address": "no address", "version": offer["version"]}
    assert done(visitor.ask("POST", "/signups/readers", json=wrong), 422)["code"] == "bad_address"


def test_a_flood_of_sign_ups_meets_the_limits_of_the_page(place: Place, visitor: Program) -> None:
    opened(place)
    version = done(visitor.get("/signups/readers"))["version"]

    def ask(number: int, **more: object) -> str:
        answer = visitor.ask("POST", "/signups/readers", json={"address": f"a{number}@example.org", "version": version, **more})
        return "taken" if answer.status_code == 202 else str(answer.json()["code"])

    outcomes = [ask(number) for number in range(30)]
    assert outcomes[0] == "taken"
    assert outcomes[-1] == "proof_needed"
    challenge = done(visitor.get("/signups/readers"))["challenge"]
    assert ask(99, proof=solved(json.dumps(challenge))) == "taken"
