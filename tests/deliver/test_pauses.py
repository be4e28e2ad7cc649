"""What is paused is given nothing, from the next claim on, whichever process recorded it."""

from dataclasses import replace
from datetime import timedelta

from digest.deliver.pace import Pace
from digest.deliver.run import RunState
from digest.model.pause import PauseKind, SendingPause
from digest.model.ports import Limits
from digest.model.states import IssueState
from digest.services import sending
from digest.smtp.relay import Relay
from digest.smtp.transport import Smtp
from digest.store import pauses
from tests.deliver.making import buffer_of, some, transport
from tests.support.place import TUESDAY, Place
from tests.support.servers import Mailbox, smtp_server

LATER = TUESDAY + timedelta(minutes=10)


def pause(place: Place, name: str) -> None:
    now = place.clock()
    row = SendingPause(kind=PauseKind.RELAY, name=name, began_at=now, until=now + timedelta(minutes=10), reason="a test")
    with place.ctx.db.begin() as tx:
        pauses.save(tx, row)


def test_a_family_that_is_held_waits_and_the_others_do_not() -> None:
    pace = Pace()
    pace.hold({"gmail": LATER, "example.org": LATER})

    assert [pace.admit(domain, TUESDAY) for domain in ("gmail.com", "googlemail.com", "Example.org", "example.net")] == [
        *(LATER, LATER, LATER),
        None,
    ]
    pace.hold({})
    assert pace.admit("gmail.com", TUESDAY) is None


def test_what_waits_for_a_paused_relay_goes_to_the_others_until_the_pause_is_over() -> None:
    run = RunState()
    buffer, [first, second], woken = buffer_of(transport("a"), transport("b"), run=run)
    buffer.add(some(6), exhausted=True)

    buffer.pause_relays({"a:25": LATER})
    buffer.pause_relays({"a:25": LATER})  # as with each claim

    assert (len(first.waiting), len(second.waiting), first.usable(), run.stopping) == (0, 6, False, False)
    assert len(woken) == 2  # by the claim and by the pause, which came once
    buffer.pause_relays({"a:25": LATER, "b:25": LATER})
    assert run.stopping
    assert "relay b:25 is paused until 2026-03-03 06:10 UTC" in run.tally.down
    buffer.pause_relays({})
    assert (first.paused, second.paused) == (False, False)


def test_a_relay_that_is_paused_in_the_middle_of_a_send_gets_no_more_of_it(place: Place) -> None:
    with smtp_server(Mailbox()) as one, smtp_server(Mailbox()) as two:
        slow = Limits(rate=50)  # so that the send lasts for several claims
        where = [Relay(scheme="smtp", host="127.0.0.1", port=box.port, limits=slow) for box in (one, two)]
        relays = tuple(Smtp(relay, helo="test") for relay in where)
        settings = place.ctx.settings.model_copy(update={"smtp_connections": 1})
        place.ctx = replace(place.ctx, transports=relays, settings=settings)
        place.readers(*(f"r{n}@d{n % 7}.example.org" for n in range(150)))
        place.drop("The harbour opens again")
        place.collect()
        begun: list[int] = []

        def on_sent(count: int) -> None:
            if count and not begun:
                begun.append(count)
                pause(place, relays[0].name)

        sent = sending.send(place.ctx, place.daily, on_sent=on_sent)

    assert sent.issue.state is IssueState.SENT
    assert len(one.contents) + len(two.contents) == 150
    assert len(one.contents) < 75 < len(two.contents)


def test_a_paused_relay_alone_sends_nothing_and_says_until_when(relayed: Place, mailbox: Mailbox) -> None:
    pause(relayed, relayed.ctx.transports[0].name)

    waits = relayed.send()
    relayed.clock.turn(minutes=11)
    goes = relayed.send()

    assert (waits.issue.state, "is paused until 2026-03-03 06:10 UTC" in waits.tally.down) == (IssueState.SENDING, True)
    assert (goes.issue.state, len(mailbox.contents)) == (IssueState.SENT, 3)
