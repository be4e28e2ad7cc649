"""Admins are told by mail where a person must look, and a report that cannot go stops nothing."""

import email
import email.policy
from dataclasses import replace
from pathlib import Path

import pytest

from digest.compose.lint import check
from digest.errors import ComposeError, NothingToDo
from digest.runtime import jobs
from digest.services import context
from digest.services.preflight import expected
from digest.settings import Settings
from digest.store import issues
from tests.conftest import Hands, Place, new_place


@pytest.fixture
def place(tmp_path: Path, clock: Hands, database_url: str) -> Place:
    made = new_place(tmp_path, clock, database_url)
    told = made.ctx.settings.model_copy(update={"admins": "ann@example.org, bob@example.org"})
    return Place(ctx=context.build(told, clock=clock, checked=False), clock=clock, folder=made.folder)


def told(place: Place) -> list[str]:
    mails = [email.message_from_bytes(path.read_bytes(), policy=email.policy.default) for path in place.mails()]
    bodies = {str(m["To"]): m.get_body(("plain",)) for m in mails if str(m["Message-ID"]).startswith("<report.")}
    return [f"{to}: {body.get_content()}" for to, body in sorted(bodies.items()) if body]


def due_tomorrow(place: Place) -> None:
    place.readers("reader@example.net")
    place.clock.turn(days=1)


def test_a_slot_with_too_little_to_say_is_told_once(place: Place) -> None:
    due_tomorrow(place)

    jobs.publish_due(place.ctx)
    jobs.publish_due(place.ctx)

    letters = told(place)
    assert [letter.partition(":")[0] for letter in letters] == ["ann@example.org", "bob@example.org"]
    assert all("0 stories, at least 1 wanted" in " ".join(letter.split()) for letter in letters)
    rules = replace(expected(place.ctx), system=True)
    assert [f for path in place.mails() for f in check(path.read_bytes(), rules).findings if f.severity == "error"] == []


def test_a_missed_slot_is_told(place: Place) -> None:
    place.readers("reader@example.net")
    place.clock.turn(days=1, hours=12)

    jobs.publish_due(place.ctx)

    assert any("missed by more than" in " ".join(letter.split()) for letter in told(place))


def test_a_slot_that_nobody_would_get_is_not_told(place: Place) -> None:
    place.clock.turn(days=1)

    jobs.publish_due(place.ctx)

    assert told(place) == []


def test_a_held_issue_is_told_with_the_reason(place: Place) -> None:
    place.drop("The harbour opens again")
    place.readers("reader@example.net")
    place.collect()
    (place.folder / "templates").mkdir()
    (place.folder / "templates" / "digest.html.j2").write_text("{{ nothing.of.it }}")
    settings = place.ctx.settings.model_copy(update={"templates": "templates"})
    broken = Place(ctx=context.build(settings, clock=place.clock, checked=False), clock=place.clock, folder=place.folder)

    with pytest.raises(ComposeError):
        broken.send()

    assert len(told(place)) == 2
    assert all("nothing" in letter for letter in told(place))


def test_by_hand_the_one_who_sends_sees_it_and_nobody_is_mailed(place: Place) -> None:
    place.readers("reader@example.net")

    with pytest.raises(NothingToDo):
        place.send()

    assert told(place) == []


def test_a_report_that_no_relay_takes_stops_nothing(place: Place) -> None:
    settings = place.ctx.settings.model_copy(update={"smtp_url": "smtp://127.0.0.1:1"})
    down = Place(ctx=context.build(settings, clock=place.clock, checked=False), clock=place.clock, folder=place.folder)
    due_tomorrow(down)

    jobs.publish_due(down.ctx)

    with down.ctx.db.read() as tx:
        assert issues.latest(tx, limit=1)[0].reason == "0 stories, at least 1 wanted"


def test_addresses_of_admins_are_checked() -> None:
    assert Settings(admins="a@b.example,c@d.example").admin_addresses == ("a@b.example", "c@d.example")
    with pytest.raises(ValueError, match=r"ann@example\.org"):
        Settings(admins="nobody")
