"""A worker takes deliveries, sends them over one session at a time and brings every one back."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from digest.deliver.departures import Departures
from digest.deliver.heartbeat import Heartbeat
from digest.deliver.journal import Journal
from digest.deliver.pace import Pace
from digest.deliver.results import Finished
from digest.deliver.run import RunState
from digest.deliver.wakeup import Wakeup
from digest.deliver.worker import AGAIN, Shared, Worker
from digest.errors import BadInput
from digest.model.delivery import Claimed
from digest.model.ports import Envelope, Stage
from digest.model.states import Skip
from digest.smtp.connection import Timeouts
from digest.smtp.relay import Relay
from digest.smtp.transport import Smtp
from tests.deliver.making import buffer_of, claimed, some
from tests.support.place import Place
from tests.support.running import run
from tests.support.servers import PIPELINING, Mailbox, smtp_server

pytestmark = pytest.mark.usefixtures("each_event_loop")


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with smtp_server(Mailbox(extensions=PIPELINING)) as box:
        yield box


def make(delivery: Claimed) -> Envelope:
    if delivery.delivery_id == 13:
        raise BadInput("that address cannot stand in a mail")
    return Envelope(
        delivery_id=delivery.delivery_id,
        sender="paper@example.org",
        recipient=delivery.address,
        message_id=f"<{delivery.delivery_id}@example.org>",
        content=b"Subject: x\r\n\r\nbody\r\n",
    )


def work(
    place: Place, mailbox: Mailbox, deliveries: Sequence[Claimed], state: RunState, *, reconnecting: int = 0
) -> tuple[Sequence[Finished], str]:
    """What one worker brings back of these, and its journal; `reconnecting` others of its relay ask for a connection again."""
    relay = Smtp(Relay(scheme="smtp", host="127.0.0.1", port=mailbox.port), helo="test", timeouts=Timeouts(end=0.5, quit=0.5))
    buffer, [route], _ = buffer_of(relay, run=state)
    route.reconnecting = reconnecting
    buffer.add(deliveries, exhausted=False)
    buffer.add((), exhausted=True)
    journal = Journal(place.folder / "journal")

    brought: list[Finished] = []

    async def one_worker() -> None:
        shared = Shared(
            make=make,
            buffer=buffer,
            run=state,
            departures=Departures(place.ctx.db, 1, clock=place.clock),
            pace=Pace(),
            journal=journal,
            heartbeat=Heartbeat(place.ctx.db, journal.owner, place=journal.place, clock=place.clock),
            wakeup=Wakeup(asyncio.get_running_loop()),
        )
        working = asyncio.ensure_future(Worker(route, shared).work())
        until = time.monotonic() + 10
        while not working.done() and len(brought) < len(deliveries) and time.monotonic() < until:
            await asyncio.sleep(0.01)
            brought.extend(buffer.finished.take_all())
        state.stop()
        await working

    run(one_worker())
    brought.extend(buffer.finished.take_all())
    text = Path(journal.path).read_text(encoding="utf-8")
    journal.close(settled=True)
    assert (route.workers, route.open, route.reconnecting) == (0, 0, reconnecting)
    return brought, text


def test_every_delivery_is_sent_journaled_and_brought_back(place: Place, mailbox: Mailbox) -> None:
    brought, journal = work(place, mailbox, some(10), RunState())

    assert [one.delivery.delivery_id for one in brought] == list(range(1, 11))
    assert all(one.answer and one.answer.reply and one.answer.reply.code == 250 for one in brought)
    assert len(mailbox.taken) == 10
    for number in range(1, 11):
        assert journal.index(f"i {number}\n") < journal.index(f"a {number} end 250")


def test_a_reader_whose_mail_cannot_be_made_is_passed_by(place: Place, mailbox: Mailbox) -> None:
    brought, _ = work(place, mailbox, [claimed(12), claimed(13), claimed(14)], RunState())

    assert {one.delivery.delivery_id: one.skip for one in brought} == {12: None, 13: Skip.ADDRESS, 14: None}
    assert len(mailbox.taken) == 2


def test_a_refusal_of_the_connection_is_tried_again_a_few_times(place: Place, mailbox: Mailbox) -> None:
    mailbox.answers = {"RCPT r2@example.org": "421 4.7.0 too many sessions"}

    brought, _ = work(place, mailbox, some(3), RunState())

    by_number = {one.delivery.delivery_id: one.answer for one in brought}
    assert str(by_number[2].reply if by_number[2] else "").startswith("421")
    assert sum("RCPT TO:<r2@" in command for command in mailbox.commands) == 1 + AGAIN
    assert mailbox.taken == {"r1@example.org": 1, "r3@example.org": 1}


def test_what_was_ended_and_never_answered_comes_back_as_such(place: Place, mailbox: Mailbox) -> None:
    mailbox.silent = "END"

    brought, journal = work(place, mailbox, some(1), RunState())

    [one] = brought
    assert one.answer
    assert (one.answer.stage, one.answer.reply) == (Stage.END, None)
    assert "i 1\n" in journal
    assert "a 1 " not in journal


def test_a_connection_that_is_refused_while_another_worker_asks_for_its_own_again_is_one_too_many(
    place: Place, mailbox: Mailbox
) -> None:
    mailbox.most_connections, mailbox.refusal = 0, "421 banner"
    state = RunState()

    brought, _ = work(place, mailbox, some(3), state, reconnecting=1)

    assert brought == []  # the other one sends them
    assert state.tally.down == ""


def test_a_connection_that_is_refused_when_nobody_has_one_means_that_the_relay_is_down(place: Place, mailbox: Mailbox) -> None:
    mailbox.most_connections, mailbox.refusal = 0, "421 banner"
    state = RunState()

    brought, _ = work(place, mailbox, some(3), state)

    assert len(brought) == 3
    assert "421" in state.tally.down


def test_nothing_is_begun_when_the_run_is_stopping(place: Place, mailbox: Mailbox) -> None:
    state = RunState()
    state.stop()

    brought, _ = work(place, mailbox, some(5), state)

    assert brought == []
    assert mailbox.commands == []
