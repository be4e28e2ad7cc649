"""Admins are told by mail where a person must look, and a report that cannot go stops nothing."""

import email
import email.policy
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from digest.compose.lint import check
from digest.errors import ComposeError, NothingToDo
from digest.model.event import Event
from digest.runtime import jobs
from digest.services import context, notifications
from digest.services.preflight import expected
from digest.settings import Settings
from digest.smtp.relay import Relay
from digest.smtp.transport import Smtp
from digest.store import events, issues
from tests.support.place import Hands, Place, new_place
from tests.support.servers import Mailbox, smtp_server
from tests.support.workers import SETTINGS, until


@pytest.fixture
def place(tmp_path: Path, clock: Hands, database_url: str) -> Iterator[Place]:
    made = new_place(tmp_path, clock, database_url)
    told = made.ctx.settings.model_copy(update={"admins": "ann@example.org, bob@example.org"})
    made.ctx = replace(made.ctx, settings=told)
    yield made
    made.ctx.db.close()


def told(place: Place) -> list[str]:
    mails = [email.message_from_bytes(path.read_bytes(), policy=email.policy.default) for path in place.mails()]
    bodies = {str(m["To"]): m.get_body(("plain",)) for m in mails if str(m["Message-ID"]).startswith("<report.")}
    return [f"{to}: {body.get_content()}" for to, body in sorted(bodies.items()) if body]


def due_tomorrow(place: Place) -> None:
    place.readers("reader@example.net")
    place.clock.turn(days=1)


def publish_and_tell(place: Place) -> None:
    """What the scheduler does when a slot is due."""
    jobs.publish_due(place.ctx)
    jobs.tell_admins(place.ctx)


def with_relay(place: Place, port: int) -> Place:
    """The same place, its mail to a relay at this port."""
    transport = Smtp(Relay(scheme="smtp", host="127.0.0.1", port=port), helo="test")
    return replace(place, ctx=replace(place.ctx, transports=(transport,)))


def waiting(place: Place) -> list[Event]:
    """The events that admins are still to be told of."""
    with place.ctx.db.read() as tx:
        return [event for event in events.latest(tx) if event.tell_at is not None]


def test_a_slot_with_too_little_to_say_is_told_once(place: Place) -> None:
    due_tomorrow(place)

    publish_and_tell(place)
    publish_and_tell(place)

    letters = told(place)
    assert [letter.partition(":")[0] for letter in letters] == ["ann@example.org", "bob@example.org"]
    assert all("0 stories, at least 1 wanted" in " ".join(letter.split()) for letter in letters)
    rules = replace(expected(place.ctx), system=True)
    assert [f for path in place.mails() for f in check(path.read_bytes(), rules).findings if f.severity == "error"] == []


def test_a_missed_slot_is_told(place: Place) -> None:
    place.readers("reader@example.net")
    place.clock.turn(days=1, hours=12)

    publish_and_tell(place)

    assert any("missed by more than" in " ".join(letter.split()) for letter in told(place))


def test_a_slot_that_nobody_would_get_is_not_told(place: Place) -> None:
    place.clock.turn(days=1)

    publish_and_tell(place)

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
    down = with_relay(place, 1)
    due_tomorrow(down)

    publish_and_tell(down)

    with down.ctx.db.read() as tx:
        assert issues.latest(tx, limit=1)[0].reason == "0 stories, at least 1 wanted"


def test_a_report_is_tried_again_with_longer_and_longer_rests(place: Place) -> None:
    down = with_relay(place, 1)
    due_tomorrow(down)
    jobs.publish_due(down.ctx)
    rests = []
    for _ in range(4):
        jobs.tell_admins(down.ctx)
        [event] = waiting(down)
        assert event.tell_at is not None
        rests.append((event.tell_at - down.clock.now).total_seconds())
        jobs.tell_admins(down.ctx)
        down.clock.now = event.tell_at
    assert rests == [60, 120, 240, 480]

    jobs.tell_admins(place.ctx)

    assert len(told(place)) == 2
    assert waiting(place) == []


def test_what_could_not_be_told_for_a_day_is_not_mailed(place: Place) -> None:
    due_tomorrow(place)
    jobs.publish_due(place.ctx)
    place.clock.turn(hours=25)

    jobs.tell_admins(place.ctx)

    assert told(place) == []
    assert waiting(place) == []


def test_an_admin_who_has_it_is_not_mailed_again_when_another_must_wait(place: Place) -> None:
    with smtp_server(Mailbox(answers={"RCPT bob@example.org": "451 4.2.1 not now"})) as box:
        relayed = with_relay(place, box.port)
        due_tomorrow(relayed)
        publish_and_tell(relayed)
        assert box.taken == {"ann@example.org": 1}
        assert len(waiting(relayed)) == 1
        box.answers.clear()
        relayed.clock.turn(minutes=2)
        jobs.tell_admins(relayed.ctx)

    assert box.taken == {"ann@example.org": 1, "bob@example.org": 1}
    assert waiting(relayed) == []


def test_an_address_that_is_refused_for_good_is_done_with(place: Place) -> None:
    with smtp_server(Mailbox(answers={"RCPT bob@example.org": "550 5.1.1 nobody here"})) as box:
        relayed = with_relay(place, box.port)
        due_tomorrow(relayed)
        publish_and_tell(relayed)

    assert box.taken == {"ann@example.org": 1}
    assert waiting(relayed) == []


# --- processes -------------------------------------------------------------------------------

#: A process of its own at the time that it is given: it does what the rest of its words name.
PROCESS = """
import os, signal, sys
from datetime import datetime
from digest import settings
from digest.runtime import jobs
from digest.services import context, notifications

ctx = context.build(settings.read(), clock=lambda: datetime.fromisoformat(sys.argv[1]))
for step in sys.argv[2:]:
    os.kill(os.getpid(), signal.SIGKILL) if step == "die" else getattr(jobs, step)(ctx)
"""


def process(place: Place, *steps: str, port: int = 0) -> "subprocess.Popen[bytes]":
    environment = {
        **os.environ,
        **SETTINGS,
        "DIGEST_DATABASE_URL": place.ctx.settings.database_url,
        "DIGEST_ADMINS": place.ctx.settings.admins,
        "DIGEST_SMTP_URL": f"smtp://127.0.0.1:{port}" if port else place.ctx.settings.smtp_url,
    }
    words = [sys.executable, "-c", PROCESS, place.clock.now.isoformat(), *steps]
    return subprocess.Popen(words, cwd=place.folder, env=environment)


def test_killed_between_the_change_and_the_mail_it_is_told_once_after_the_restart(place: Place) -> None:
    due_tomorrow(place)
    assert process(place, "publish_due", "die").wait(60) == -signal.SIGKILL
    assert told(place) == []

    assert process(place, "publish_due", "tell_admins", "tell_admins").wait(60) == 0

    assert len(told(place)) == 2
    assert waiting(place) == []


def test_killed_before_the_relays_answer_is_recorded_it_is_repeated_under_the_same_message_id(place: Place) -> None:
    due_tomorrow(place)
    jobs.publish_due(place.ctx)
    with smtp_server(Mailbox(delay_s=5.0)) as box:
        telling = process(place, "tell_admins", port=box.port)
        until(lambda: bool(box.contents))
        telling.kill()
        telling.wait(20)
    with smtp_server(Mailbox()) as again:
        assert process(place, "tell_admins", port=again.port).wait(60) == 0
        assert again.contents == []  # the dead process has it for as long as it might still be at work
        place.clock.now += notifications.LEASE
        assert process(place, "tell_admins", port=again.port).wait(60) == 0

    assert again.taken == {"ann@example.org": 1, "bob@example.org": 1}
    ids = [message_id(content) for content in (*box.contents, *again.contents)]
    assert ids[0] == ids[1]
    assert len(set(ids)) == 2


def test_two_processes_tell_once_together(place: Place) -> None:
    due_tomorrow(place)
    jobs.publish_due(place.ctx)
    with smtp_server(Mailbox(delay_s=0.5)) as box:
        both = [process(place, "tell_admins", port=box.port) for _ in range(2)]
        assert [one.wait(60) for one in both] == [0, 0]

    assert box.taken == {"ann@example.org": 1, "bob@example.org": 1}
    assert waiting(place) == []


def message_id(content: bytes) -> str:
    return str(email.message_from_bytes(content)["Message-ID"])


def test_addresses_of_admins_are_checked() -> None:
    assert Settings(admins="a@b.example,c@d.example").admin_addresses == ("a@b.example", "c@d.example")
    with pytest.raises(ValueError, match=r"ann@example\.org"):
        Settings(admins="nobody")
