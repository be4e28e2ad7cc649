"""
Every fault of a relay, and what becomes of three readers: nobody lost, nobody wrongly bounced, no wait past its deadline.

What is found here stands as a table in docs/reference/faults.md; `--golden` writes it anew.
"""

import errno
import itertools
import os
import sqlite3
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import pytest
import trustme

from digest.deliver import heartbeat
from digest.errors import StoreError, TransportDown
from digest.model.ports import Envelope, Stage
from digest.model.states import DeliveryState, IssueState
from digest.services import sending
from digest.smtp.blocking import hand_over
from digest.smtp.connection import Timeouts
from digest.smtp.relay import Relay
from digest.smtp.transport import Smtp
from digest.store import deliveries, issues, subscribers
from tests.support.envelopes import envelope
from tests.support.place import Place
from tests.support.servers import CHUNKING, PIPELINING, PLAIN, Mailbox, smtp_server

pytestmark = pytest.mark.any_database

TABLE = Path(__file__).parent.parent.parent / "docs" / "reference" / "faults.md"
SOON = Timeouts(connect=0.5, banner=0.5, command=0.5, data=0.5, content=1.0, end=0.5, quit=0.2)
WAYS = {"one by one": PLAIN, "PIPELINING": PIPELINING, "CHUNKING": CHUNKING}
READERS = ("ann", "bob", "cy")
D = DeliveryState
FINE = (D.SENT, D.SENT, D.SENT)
LEFT = (D.QUEUED, D.QUEUED, D.QUEUED)


@dataclass(frozen=True, kw_only=True)
class Fault:
    """What a relay does, and the states of ann, bob and cy after it."""

    number: str
    what: str
    told: Mapping[str, object] = field(default_factory=dict)
    states: tuple[DeliveryState, ...] = FINE
    ways: Mapping[str, tuple[DeliveryState, ...]] = field(default_factory=dict)  #: where a way of talking makes a difference
    held: bool = False
    skipped_ways: tuple[str, ...] = ()


BOB = "bob@example.org"


WINDOW_OF = 16
#: Whole messages are written ahead, so that the one behind bob's is in doubt as well.
WINDOW = {"CHUNKING": (D.SENT, D.UNSURE, D.UNSURE)}


def only_bob(state: DeliveryState) -> tuple[DeliveryState, ...]:
    return (D.SENT, state, D.SENT)


FAULTS = (
    Fault(number="F3", what="no banner", told={"silent": "BANNER"}, states=LEFT),
    Fault(number="F3", what="a banner that is none", told={"raw": {"BANNER": b"HTTP/1.1 400 Bad Request\r\n"}}, states=LEFT),
    Fault(number="F4", what="banner 421", told={"answers": {"BANNER": "421 4.3.2 busy"}}, states=LEFT),
    Fault(
        number="F5",
        what="banner 554",
        told={"answers": {"BANNER": "554 5.7.1 IP address is block listed"}},
        states=LEFT,
        held=True,
    ),
    Fault(number="F6", what="EHLO 502, HELO taken", told={"answers": {"EHLO": "502 5.5.1 what?"}}),
    Fault(
        number="F12",
        what="MAIL 451",
        told={"answers": {"MAIL": "451 4.3.0 not now"}},
        states=(D.DEFERRED, D.DEFERRED, D.DEFERRED),
    ),
    Fault(number="F13", what="MAIL 550", told={"answers": {"MAIL": "550 5.7.1 sender refused"}}, states=LEFT, held=True),
    Fault(number="F13", what="SIZE too small", told={"size": 100}, states=LEFT, held=True),
    Fault(
        number="F14",
        what="RCPT 550 for bob",
        told={"answers": {f"RCPT {BOB}": "550 5.1.1 no such user"}},
        states=only_bob(D.BOUNCED),
    ),
    Fault(
        number="F14", what="RCPT 450 for bob", told={"answers": {f"RCPT {BOB}": "450 4.2.0 later"}}, states=only_bob(D.DEFERRED)
    ),
    Fault(
        number="F15",
        what="RCPT 550 for bob, DATA answered 503",
        told={"answers": {f"RCPT {BOB}": "550 5.1.1 no such user", f"DATA {BOB}": "503 5.5.1 no recipients"}},
        states=only_bob(D.BOUNCED),
    ),
    Fault(
        number="F16",
        what="DATA 451 for bob",
        told={"answers": {f"DATA {BOB}": "451 4.3.0 later"}},
        states=only_bob(D.DEFERRED),
        skipped_ways=("CHUNKING",),
    ),
    Fault(number="F16", what="DATA 250", told={"answers": {"DATA": "250 2.0.0 ok"}}, states=LEFT, skipped_ways=("CHUNKING",)),
    Fault(number="F16", what="DATA never answered", told={"silent": "DATA"}, states=LEFT, skipped_ways=("CHUNKING",)),
    Fault(
        number="F17",
        what="reset at MAIL",
        told={"drop": "MAIL", "reset": True},
        states=LEFT,
        ways={"CHUNKING": (D.UNSURE, D.UNSURE, D.UNSURE)},
    ),
    Fault(number="F17", what="ended in order at MAIL", told={"drop": "MAIL", "orderly": True}, states=LEFT),
    Fault(number="F17", what="hung up at bob's DATA, once", told={"drop": f"DATA {BOB}", "only": 1}, skipped_ways=("CHUNKING",)),
    Fault(number="F18", what="hung up after bob's end", told={"drop": f"END {BOB}"}, states=only_bob(D.UNSURE), ways=WINDOW),
    Fault(
        number="F18",
        what="reset after bob's end",
        told={"drop": f"END {BOB}", "reset": True},
        states=only_bob(D.UNSURE),
        skipped_ways=("CHUNKING",),
    ),
    Fault(
        number="F20", what="451 after bob's end", told={"answers": {f"END {BOB}": "451 4.3.0 later"}}, states=only_bob(D.DEFERRED)
    ),
    Fault(
        number="F20",
        what="552 full after bob's end",
        told={"answers": {f"END {BOB}": "552 5.2.2 mailbox full"}},
        states=only_bob(D.BOUNCED),
    ),
    Fault(number="F20", what="554 after bob's end", told={"answers": {f"END {BOB}": "554 5.0.0 no"}}, states=only_bob(D.QUEUED)),
    Fault(
        number="F21",
        what="bob's end answered a byte every 0.2 s",
        told={"drip_s": {f"END {BOB}": 0.2}},
        states=only_bob(D.UNSURE),
        ways=WINDOW,
    ),
    Fault(
        number="F21",
        what="MAIL answered a byte every 0.2 s",
        told={"drip_s": {"MAIL": 0.2}},
        states=LEFT,
        ways={"CHUNKING": (D.UNSURE, D.UNSURE, D.UNSURE)},
    ),
    Fault(number="F22", what="a line of 100 KB", told={"raw": {"MAIL": b"250 " + b"x" * 100_000 + b"\r\n"}}),
    Fault(number="F22", what="a reply of 500 lines", told={"raw": {"RCPT": b"250-x\r\n" * 500 + b"250 ok\r\n"}}),
    Fault(
        number="F22",
        what="a line of 3 MB",
        told={"raw": {f"END {BOB}": b"250 " + b"x" * 3_000_000 + b"\r\n"}},
        states=only_bob(D.UNSURE),
        ways=WINDOW,
    ),
    Fault(
        number="F23",
        what="lines with differing codes",
        told={"raw": {f"RCPT {BOB}": b"250-ok\r\n550 5.1.1 no such user\r\n"}},
        states=only_bob(D.BOUNCED),
    ),
    Fault(
        number="F23",
        what="a reply that never ends",
        told={"raw": {f"END {BOB}": b"250-ok\r\n"}},
        states=only_bob(D.UNSURE),
        ways={"PIPELINING": FINE, "CHUNKING": (D.SENT, D.SENT, D.UNSURE)},
    ),
    Fault(number="F24", what="8-bit text in a reply", told={"raw": {"RCPT": b"250 \xff\xfe gr\xfc\xdfe\r\n"}}),
    Fault(
        number="F24",
        what="no reply but noise after bob's end",
        told={"raw": {f"END {BOB}": b"\x00\x01\x02\r\n"}},
        states=only_bob(D.UNSURE),
        ways=WINDOW,
    ),
    Fault(
        number="F25",
        what="a reply too many",
        told={"extra": {"DATA": b"250 2.0.0 and another\r\n"}, "only": 1},
        skipped_ways=("CHUNKING",),
    ),
    Fault(
        number="F26",
        what="421 for bob",
        told={"answers": {f"RCPT {BOB}": "421 4.7.0 too many"}},
        states=only_bob(D.DEFERRED),
    ),
    Fault(number="F27", what="QUIT never answered", told={"silent": "QUIT"}),
    Fault(number="F27", what="QUIT reset", told={"drop": "QUIT", "reset": True}),
    Fault(number="F27", what="QUIT refused", told={"answers": {"QUIT": "554 no"}}),
    Fault(
        number="F28",
        what="RSET refused after bob's RCPT 550",
        told={"answers": {f"RCPT {BOB}": "550 5.1.1 no such user", "RSET": "500 no"}},
        states=only_bob(D.BOUNCED),
        skipped_ways=("CHUNKING",),
    ),
    Fault(
        number="F32",
        what="greylisted",
        told={"answers": {f"RCPT {BOB}": "451 4.7.1 greylisted, try again"}},
        states=only_bob(D.DEFERRED),
    ),
)


def place_with_relay(place: Place, mailbox: Mailbox, *, timeouts: Timeouts = SOON) -> None:
    settings = place.ctx.settings.model_copy(update={"smtp_connections": 1})
    transport = Smtp(Relay(scheme="smtp", host="127.0.0.1", port=mailbox.port), helo="test", timeouts=timeouts, near=WINDOW_OF)
    place.ctx = replace(place.ctx, transports=(transport,), settings=settings)
    place.readers(*(f"{name}@example.org" for name in READERS))
    place.drop("The harbour opens again")
    place.collect()


def apply(mailbox: Mailbox, told: Mapping[str, object], way: str) -> None:
    mailbox.extensions = WAYS[way]
    for name, value in told.items():
        if name == "size":
            mailbox.extensions = (f"SIZE {value}", *mailbox.extensions[1:])
        else:
            setattr(mailbox, name, value)


def states(place: Place) -> tuple[DeliveryState, ...]:
    with place.ctx.db.read() as tx:
        rows = {row.address.partition("@")[0]: row.state for row in deliveries.listed(tx)}
    return tuple(rows[name] for name in READERS)


CASES = [(fault, way) for fault in FAULTS for way in WAYS if way not in fault.skipped_ways]


@pytest.mark.usefixtures("each_event_loop")
@pytest.mark.parametrize(("fault", "way"), CASES, ids=[f"{f.number} {f.what}, {way}" for f, way in CASES])
def test_a_fault_costs_nobody_but_whom_it_names(place: Place, fault: Fault, way: str) -> None:
    with smtp_server(Mailbox()) as mailbox:
        apply(mailbox, fault.told, way)
        place_with_relay(place, mailbox)
        began = time.monotonic()
        sent = place.send()
        seconds = time.monotonic() - began

        assert states(place) == fault.ways.get(way, fault.states)
        assert (sent.issue.state is IssueState.HELD) == fault.held
        assert seconds < 15
        assert max(mailbox.taken.values(), default=0) <= 1
        with place.ctx.db.read() as tx:
            assert len(subscribers.suppressions(tx)) == states(place).count(D.BOUNCED) * ("full" not in fault.what)
            assert len(issues.latest(tx)) == 1


@pytest.mark.usefixtures("each_event_loop")
@pytest.mark.parametrize("way", WAYS)
def test_every_reply_belongs_to_its_command_whatever_is_refused(place: Place, way: str) -> None:
    with smtp_server(Mailbox(extensions=WAYS[way])) as mailbox:
        place_with_relay(place, mailbox)
        more = [f"r{i}@example.org" for i in range(60)]
        place.readers(*more)
        bad = {f"r{i}@example.org": ("RCPT", "END", "MAIL")[i % 3] for i in range(0, 60, 7)}
        mailbox.answers = {f"{step} {who}": "550 5.1.1 no such user" for who, step in bad.items() if step == "RCPT"}
        mailbox.answers |= {f"{step} {who}": "451 4.3.0 later" for who, step in bad.items() if step == "END"}

        place.send()

        refused = {who for who, step in bad.items() if step == "RCPT"}
        later = {who for who, step in bad.items() if step == "END"}
        with place.ctx.db.read() as tx:
            by_state = {state: {row.address for row in deliveries.listed(tx, state=state, limit=100)} for state in D}
        assert by_state[D.BOUNCED] == refused
        assert by_state[D.DEFERRED] == later
        assert set(mailbox.taken) == by_state[D.SENT] == {*more, *(f"{n}@example.org" for n in READERS)} - refused - later
        assert set(mailbox.taken.values()) == {1}


def test_a_relay_that_answers_too_much_is_told_one_thing_at_a_time(place: Place) -> None:
    with smtp_server(Mailbox(extensions=PIPELINING, extra={"MAIL": b"250 2.0.0 again\r\n"}, only=1)) as mailbox:
        place_with_relay(place, mailbox)

        place.send()

        [transport] = place.ctx.transports
        assert isinstance(transport, Smtp)
        assert transport.one_by_one


def certificates() -> tuple[ssl.SSLContext, ssl.SSLContext]:
    authority = trustme.CA()
    server, client = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context()
    authority.issue_cert("localhost").configure_cert(server)
    authority.configure_trust(client)
    return server, client


@pytest.mark.parametrize(
    ("told", "held"),
    [
        ({}, True),  # F7: not offered
        ({"answers": {"STARTTLS": "454 4.7.0 not now"}}, False),
        ({"answers": {"STARTTLS": "500 5.5.1 what?"}}, True),
        ({"extra": {"STARTTLS": b"250 2.0.0 injected\r\n"}}, False),  # F8
    ],
)
def test_mail_never_goes_in_clear_where_tls_is_wanted(place: Place, told: Mapping[str, object], held: bool) -> None:
    server, client = certificates()
    with smtp_server(Mailbox(starttls=server if told else None)) as mailbox:
        apply(mailbox, told, "one by one")
        place_with_relay(place, mailbox)
        relay = Relay(scheme="smtp+starttls", host="localhost", port=mailbox.port)
        place.ctx = replace(place.ctx, transports=(Smtp(relay, helo="test", tls=client, timeouts=SOON),))

        sent = place.send()

        assert states(place) == LEFT
        assert (sent.issue.state is IssueState.HELD) == held
        assert not any(line.startswith("MAIL") for line in mailbox.commands)


@pytest.mark.parametrize(("said", "held"), [("454 4.7.0 not now", False), ("535 5.7.8 wrong", True)])
def test_a_log_in_is_tried_once_and_blames_nobody(place: Place, said: str, held: bool) -> None:
    with smtp_server(Mailbox(extensions=(*PLAIN, "AUTH PLAIN LOGIN"), answers={"AUTH": said})) as mailbox:
        place_with_relay(place, mailbox)
        relay = Relay(scheme="smtp", host="127.0.0.1", port=mailbox.port, user="u", password="p")
        place.ctx = replace(place.ctx, transports=(Smtp(relay, helo="test", timeouts=SOON),))

        sent = place.send()

        assert (sent.issue.state is IssueState.HELD) == held
        assert sum(line.startswith("AUTH") for line in mailbox.commands) == 1
        assert states(place) == LEFT


@pytest.mark.parametrize("offered", ["AUTH PLAIN", "AUTH LOGIN", "AUTH=LOGIN"])
def test_every_way_to_log_in_is_understood(place: Place, offered: str) -> None:
    with smtp_server(Mailbox(extensions=(offered, *PLAIN))) as mailbox:
        place_with_relay(place, mailbox)
        relay = Relay(scheme="smtp", host="127.0.0.1", port=mailbox.port, user="u", password="p")
        place.ctx = replace(place.ctx, transports=(Smtp(relay, helo="test", timeouts=SOON),))

        assert place.send().counts == {D.SENT: 3}


def test_a_connection_takes_as_many_messages_as_its_relay_allows(place: Place) -> None:
    with smtp_server(Mailbox(extensions=PIPELINING)) as mailbox:
        place_with_relay(place, mailbox)
        place.readers(*(f"r{i}@example.org" for i in range(7)))
        relay = Relay.parse(f"smtp://127.0.0.1:{mailbox.port}?messages=4&connections=1")
        place.ctx = replace(place.ctx, transports=(Smtp(relay, helo="test", timeouts=SOON),))

        assert place.send().counts == {D.SENT: 10}
        assert mailbox.connections == 3


def test_the_table_of_faults_is_what_happens(pytestconfig: pytest.Config) -> None:
    lines = [
        "# What a relay can do to us, and what becomes of three readers\n",
        "Each row is a test (`tests/deliver/test_faults.py`) that runs a whole send to ann, bob and cy against a server that does this. A state of",
        "three words is ann's, bob's and cy's. `held` means that the issue waits for a person and nobody is blamed.\n",
        "| | fault | " + " | ".join(WAYS) + " |",
        "|-|-|" + "-|" * len(WAYS),
    ]
    for fault in FAULTS:
        cells = ["–" if way in fault.skipped_ways else _said(fault.ways.get(way, fault.states), held=fault.held) for way in WAYS]
        lines.append(f"| {fault.number} | {fault.what} | " + " | ".join(cells) + " |")
    table = "\n".join(lines) + "\n"
    if pytestconfig.getoption("--golden"):
        TABLE.write_text(table, encoding="utf-8")

    assert TABLE.read_text(encoding="utf-8") == table


def _said(outcome: tuple[DeliveryState, ...], *, held: bool) -> str:
    said = outcome[0].value if len(set(outcome)) == 1 else ", ".join(outcome)
    return f"{said}; held" if held else said


def test_a_clock_that_jumps_costs_and_doubles_nobody(place: Place) -> None:
    with smtp_server(Mailbox(extensions=PIPELINING)) as mailbox:
        place_with_relay(place, mailbox)
        place.readers(*(f"r{i}@example.org" for i in range(300)))
        jumps = iter([timedelta(days=-2), timedelta(days=1), timedelta(hours=-30), timedelta(minutes=7)])

        sent = sending.send(
            place.ctx, place.daily, on_sent=lambda _: place.clock.turn(seconds=next(jumps, timedelta()).total_seconds())
        )

        assert sent.counts == {D.SENT: 303}
        assert set(mailbox.taken.values()) == {1}


@pytest.mark.file_only
def test_a_database_that_is_locked_for_a_while_delays_a_send_and_no_more(place: Place) -> None:
    with smtp_server(Mailbox(extensions=PIPELINING)) as mailbox:
        place_with_relay(place, mailbox)
        place.readers(*(f"r{i}@example.org" for i in range(300)))
        file = place.ctx.db.file
        assert file is not None
        threads: list[threading.Thread] = []

        def lock() -> None:
            other = sqlite3.connect(file, isolation_level=None)
            other.execute("BEGIN IMMEDIATE")
            time.sleep(1.5)
            other.execute("ROLLBACK")
            other.close()

        def progress(_count: int) -> None:
            if not threads:
                threads.append(threading.Thread(target=lock))
                threads[0].start()

        assert sending.send(place.ctx, place.daily, on_sent=progress).counts == {D.SENT: 303}
        threads[0].join()
        assert set(mailbox.taken.values()) == {1}


def test_a_disk_that_fills_in_the_middle_loses_and_doubles_nobody(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """The journal takes no more: nothing new is ended, what was ended is answered and recorded."""
    with smtp_server(Mailbox(extensions=PIPELINING)) as mailbox:
        place_with_relay(place, mailbox)
        place.readers(*(f"r{i}@example.org" for i in range(300)))
        left = itertools.count(60, -1)
        real = os.write

        def fills(file: int, octets: bytes) -> int:
            if octets.startswith((b"i ", b"a ")) and next(left) <= 0:
                raise OSError(errno.ENOSPC, "No space left on device")
            return real(file, octets)

        with monkeypatch.context() as patch, pytest.raises(StoreError, match="No space left on device; make room"):
            patch.setattr(os, "write", fills)
            place.send()

        assert 0 < len(mailbox.taken) < 303
        assert place.send().counts == {D.SENT: 303}
        assert set(mailbox.taken.values()) == {1}


def test_a_relay_that_has_enough_in_the_middle_of_a_window_doubles_nobody(place: Place) -> None:
    """Three refused MAILs and it counts as down; what is on its way behind them is heard first."""
    with smtp_server(Mailbox(extensions=CHUNKING, raw={"MAIL": b"451 4.3.2 busy\r\n"}, only=3)) as mailbox:
        place_with_relay(place, mailbox)
        place.readers(*(f"r{i}@example.org" for i in range(60)))
        again = Smtp(Relay(scheme="smtp", host="localhost", port=mailbox.port), helo="test", timeouts=SOON)
        place.ctx = replace(place.ctx, transports=(*place.ctx.transports, again))

        place.send()

        with place.ctx.db.read() as tx:
            [issue] = issues.latest(tx)
            assert deliveries.counts(tx, issue.id) == {D.SENT: 60, D.DEFERRED: 3}
        assert set(mailbox.taken.values()) == {1}
        assert len(mailbox.taken) == 60


def test_what_was_ended_before_a_connection_was_lost_for_good_is_answered_before_that_is_said() -> None:
    with smtp_server(Mailbox()) as mailbox:

        def two() -> Iterator[Envelope]:
            yield envelope(1)
            mailbox.drop = "END"  # the first is ended when the second is asked for; then nobody takes calls any more
            mailbox.answers["BANNER"] = "421 4.3.2 busy"
            yield envelope(2)

        heard: list[tuple[int, Stage]] = []
        transport = Smtp(Relay(scheme="smtp", host="127.0.0.1", port=mailbox.port), helo="test", timeouts=SOON)
        with pytest.raises(TransportDown, match="421"):
            heard += ((answer.delivery_id, answer.stage) for answer in hand_over(transport, two()))

    assert heard == [(1, Stage.END)]


def test_an_address_that_would_break_out_of_its_command_is_passed_by(place: Place) -> None:
    with smtp_server(Mailbox()) as mailbox:
        place_with_relay(place, mailbox)
        with place.ctx.db.begin() as tx:
            subscribers.get(tx, "bob@example.org").address = "bob@example.org>\r\nRCPT TO:<x@example.org"

        place.send()

        with place.ctx.db.read() as tx:
            assert sorted(row.state for row in deliveries.listed(tx)) == [D.SENT, D.SENT, D.SKIPPED]
            assert subscribers.suppressions(tx) == []
        assert not any("x@example.org" in command for command in mailbox.commands)


def test_a_process_that_stood_still_begins_nothing_more_of_what_it_had_claimed(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    with smtp_server(Mailbox(extensions=PIPELINING)) as mailbox:
        place_with_relay(place, mailbox)
        place.readers(*(f"r{i}@example.org" for i in range(300)))
        ahead = [0.0]
        real = heartbeat._now
        monkeypatch.setattr(heartbeat, "_now", lambda: real() + ahead[0])

        def still(_count: int) -> None:
            ahead[0] = heartbeat.LIMIT_S if len(mailbox.taken) > 20 else 0.0

        sent = sending.send(place.ctx, place.daily, on_sent=still)

        assert "stood still" in sent.tally.down
        assert len(mailbox.taken) < 303
        assert sent.counts == {D.SENT: len(mailbox.taken), D.QUEUED: 303 - len(mailbox.taken)}
        ahead[0] = 0.0
        assert place.send().counts == {D.SENT: 303}
        assert set(mailbox.taken.values()) == {1}
