"""A domain that can bear no more is given less and later, nobody is scored for it, and nothing waits in a thread."""

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.deliver import buffer, routes
from digest.deliver.buffer import LOSSES
from digest.deliver.pace import FIRST_PAUSE, KEPT, LEAST, LONGEST_PAUSE, Pace
from digest.errors import BadInput
from digest.model.ports import Clock, Reply, Stage
from digest.model.replies import judge
from digest.model.states import DeliveryState, IssueState
from digest.services import issues as issue_services
from digest.services import sending
from digest.smtp.relay import Relay
from digest.smtp.transport import Smtp
from digest.store import deliveries, issues, subscribers
from tests.support.place import TUESDAY, Place
from tests.support.servers import PIPELINING, Mailbox, smtp_server

pytestmark = pytest.mark.any_database

D = DeliveryState
TOO_FAST = Reply(code=421, enhanced="4.7.28", text="unusual rate of unsolicited mail")


def running() -> Clock:
    """The clock of the tests, going on."""
    began = time.monotonic()
    return lambda: TUESDAY + timedelta(seconds=time.monotonic() - began)


def said(pace: Pace, domain: str, reply: Reply, now: datetime) -> bool:
    return pace.record_reply(domain, judge(Stage.END, reply), reply, now)


@pytest.mark.parametrize(
    ("domain", "family"),
    [("gmail.com", "gmail"), ("GoogleMail.com", "gmail"), ("yahoo.co.uk", "yahoo"), ("hotmail.fr", "outlook"), ("gmx.de", "gmx")],
)
def test_domains_of_one_provider_are_one_family(domain: str, family: str) -> None:
    assert Pace().family(domain) == family


def test_a_map_of_ones_own_comes_first() -> None:
    pace = Pace(families={"example.org": "gmail", "gmail.com": "mine"})

    assert (pace.family("example.org"), pace.family("gmail.com"), pace.family("other.example")) == (
        "gmail",
        "mine",
        "other.example",
    )


@given(rate=st.floats(0.5, 200), count=st.integers(1, 300), workers=st.integers(1, 5))
def test_a_limit_is_kept_whatever_is_asked_and_each_that_waits_has_its_own_time(rate: float, count: int, workers: int) -> None:
    pace = Pace({"gmail": rate})
    pace.workers = workers
    later = [pace.admit("gmail.com", TUESDAY) for _ in range(count)]
    times = [when for when in later if when is not None]

    assert later.count(None) <= rate / workers + 2
    assert times == sorted(set(times))
    assert all(when > TUESDAY for when in times)
    share = rate / workers
    assert not times or abs((times[-1] - TUESDAY).total_seconds() * share - count) < share + 3


def test_what_was_given_a_time_goes_when_it_has_come() -> None:
    pace, now = Pace({"gmail": 10}), TUESDAY
    times = [when for _ in range(200) if (when := pace.admit("gmail.com", now))]

    assert sum(pace.admit("gmail.com", when) is None for when in times) >= len(times) - 1


def test_too_fast_pauses_the_family_then_halves_it_and_a_tenth_comes_back_an_hour() -> None:
    pace, now = Pace({"gmail": 40}), TUESDAY

    assert said(pace, "gmail.com", TOO_FAST, now)
    assert pace.admit("googlemail.com", now) == now + FIRST_PAUSE
    assert pace.admit("example.org", now) is None
    after = now + FIRST_PAUSE
    assert 20 <= sum(pace.admit("gmail.com", after) is None for _ in range(100)) <= 22
    later = after + timedelta(hours=6)
    assert sum(pace.admit("gmail.com", later) is None for _ in range(100)) >= 40


def test_a_domain_that_keeps_complaining_is_paused_longer_and_never_given_nothing_for_ever() -> None:
    pace, now, pauses = Pace(), TUESDAY, []
    for _ in range(20):
        said(pace, "example.org", TOO_FAST, now)
        until = pace.admit("example.org", now)
        assert until is not None
        pauses.append(until - now)
        now = until

    assert pauses[0] == FIRST_PAUSE
    assert pauses == sorted(pauses)
    assert pauses[-1] == LONGEST_PAUSE
    assert any(pace.admit("example.org", now + timedelta(seconds=s)) is None for s in range(int(30 / LEAST)))


@pytest.mark.parametrize(("text", "hours"), [("4.7.0 [TSS04] Messages temporarily deferred", 2), ("4.7.0 [TSS05] deferred", 4)])
def test_a_provider_that_says_how_long_is_believed(text: str, hours: int) -> None:
    pace = Pace()
    said(pace, "yahoo.com", Reply(code=421, text=text), TUESDAY)

    assert pace.admit("aol.com", TUESDAY) == TUESDAY + timedelta(hours=hours)


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with smtp_server(Mailbox(extensions=PIPELINING)) as box:
        yield box


def to_relay(place: Place, *urls: str) -> None:
    transports = tuple(Smtp(Relay.parse(url), helo="test") for url in urls)
    place.ctx = replace(place.ctx, transports=transports)
    place.drop("The harbour opens again")
    place.collect()


def states(place: Place) -> dict[DeliveryState, int]:
    with place.ctx.db.read() as tx:
        return dict(deliveries.counts(tx, issues.latest(tx)[0].id))


def test_a_paused_domain_delays_nobody_else_and_counts_no_attempt(
    place: Place, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(buffer, "PATIENCE_S", 0.0)
    to_relay(place, f"smtp://127.0.0.1:{mailbox.port}")
    place.readers(*(f"g{i}@gmail.com" for i in range(80)), *(f"r{i}@example.org" for i in range(80)))
    mailbox.answers = {f"RCPT g{i}@gmail.com": "421 4.7.28 unusual rate" for i in range(80)}

    sent = place.send()

    with place.ctx.db.read() as tx:
        waiting = [row for row in deliveries.listed(tx, limit=200) if row.state is not D.SENT]
        assert {row.address.partition("@")[2] for row in waiting} == {"gmail.com"}
        assert sum(row.tries for row in waiting) == sum(row.state is D.DEFERRED for row in waiting)
        assert all(row.next_at is not None and row.next_at > place.clock() for row in waiting)
        assert subscribers.suppressions(tx) == []
    assert sent.issue.state is IssueState.SENDING
    assert states(place)[D.SENT] == 80
    mailbox.answers = {}
    for _ in range(12):
        place.clock.turn(hours=1)
        for issue in issue_services.unfinished(place.ctx, place.daily):
            sending.finish(place.ctx, place.daily, issue, resumed=True)
    assert states(place) == {D.SENT: 160}
    assert set(mailbox.taken.values()) == {1}


def test_a_send_waits_for_a_domain_that_is_only_slow(place: Place, mailbox: Mailbox) -> None:
    to_relay(place, f"smtp://127.0.0.1:{mailbox.port}")
    place.ctx = replace(place.ctx, pace=Pace({"example.org": 20}), clock=running())
    place.readers(*(f"r{i}@example.org" for i in range(50)))

    assert place.send().counts == {D.SENT: 50}


def test_two_relays_share_by_weight_and_each_is_remembered(place: Place, mailbox: Mailbox) -> None:
    with smtp_server(Mailbox(extensions=PIPELINING)) as other:
        to_relay(place, f"smtp://127.0.0.1:{mailbox.port}?weight=3", f"smtp://127.0.0.1:{other.port}")
        place.readers(*(f"r{i}@example.org" for i in range(80)))

        assert place.send().counts == {D.SENT: 80}
        assert (len(mailbox.taken), len(other.taken)) == (60, 20)
        with place.ctx.db.read() as tx:
            assert {row.relay for row in deliveries.listed(tx)} == {f"127.0.0.1:{mailbox.port}", f"127.0.0.1:{other.port}"}


def test_what_a_dead_relay_had_goes_through_the_other(place: Place, mailbox: Mailbox) -> None:
    to_relay(place, "smtp://127.0.0.1:9", f"smtp://127.0.0.1:{mailbox.port}")
    place.readers(*(f"r{i}@example.org" for i in range(40)))

    sent = place.send()

    assert sent.counts == {D.SENT: 40}
    assert sent.tally.down == ""


def test_a_relay_that_fails_in_the_middle_loses_and_doubles_nobody(place: Place, mailbox: Mailbox) -> None:
    with smtp_server(Mailbox(extensions=PIPELINING)) as other:
        to_relay(place, f"smtp://127.0.0.1:{mailbox.port}", f"smtp://127.0.0.1:{other.port}")
        place.readers(*(f"r{i}@example.org" for i in range(200)))
        mailbox.answers = {f"MAIL {place.ctx.sender[1]}": "451 4.3.0 not now"}

        place.send()

        assert states(place).get(D.QUEUED, 0) == 0
        assert set(other.taken.values()) == {1}
        assert states(place)[D.SENT] == len(other.taken) >= 190


def test_a_relay_that_has_enough_whoever_the_reader_is_is_asked_ever_less_often(
    place: Place, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(routes, "REST_S", 0.1)
    lines = 4
    with smtp_server(Mailbox(extensions=PIPELINING)) as other:
        to_relay(place, f"smtp://127.0.0.1:{mailbox.port}?connections={lines}", f"smtp://127.0.0.1:{other.port}?rate=400")
        place.readers(*(f"r{i}@example.org" for i in range(1500)))
        mailbox.answers = {"MAIL": "451 4.3.0 not now"}

        place.send()

        asked = sum(command.startswith("MAIL") for command in mailbox.commands)
        # Its lines find it out together; then, in some four seconds, one message after each rest of 0.1, 0.2, 0.4 … s.
        assert asked <= lines + LOSSES + 6
        assert states(place)[D.SENT] == len(other.taken) == 1500 - asked


def test_a_daily_limit_ends_the_day(place: Place, mailbox: Mailbox) -> None:
    to_relay(place, f"smtp://127.0.0.1:{mailbox.port}?daily=25")
    place.readers(*(f"r{i}@example.org" for i in range(40)))

    sent = place.send()

    assert "daily limit" in sent.tally.down
    assert states(place) == {D.SENT: 25, D.QUEUED: 15}
    assert place.send().counts == {D.SENT: 25, D.QUEUED: 15}
    place.clock.turn(hours=25)
    for issue in issue_services.unfinished(place.ctx, place.daily):
        sending.finish(place.ctx, place.daily, issue, resumed=True)
    assert states(place) == {D.SENT: 40}


def test_a_relay_gets_no_more_a_second_than_its_limit(place: Place, mailbox: Mailbox) -> None:
    to_relay(place, f"smtp://127.0.0.1:{mailbox.port}?rate=40&connections=4")
    place.ctx = replace(place.ctx, clock=running())
    place.readers(*(f"r{i}@example.org" for i in range(40)))
    began = time.monotonic()

    assert place.send().counts == {D.SENT: 40}
    assert time.monotonic() - began >= 39 / 40


@pytest.mark.parametrize("query", ["rate=x", "weight=0", "speed=1", "rate=-1"])
def test_a_limit_that_cannot_be_meant_is_refused(query: str) -> None:
    with pytest.raises(BadInput, match="has a limit"):
        Relay.parse(f"smtp://mail.example.org?{query}")


def test_a_clock_that_is_set_back_keeps_no_relay_waiting(place: Place, mailbox: Mailbox) -> None:
    to_relay(place, f"smtp://127.0.0.1:{mailbox.port}?rate=100&connections=1")
    place.readers(*(f"r{i}@example.org" for i in range(40)))
    began = time.monotonic()

    sent = sending.send(place.ctx, place.daily, on_sent=lambda _: place.clock.turn(days=-1))

    assert sent.counts == {D.SENT: 40}
    assert time.monotonic() - began < 30


def test_a_message_does_not_wait_open_for_the_next_ones_turn(place: Place) -> None:
    """What was begun is ended before the line waits: its reader may leave meanwhile."""
    mailbox = Mailbox(extensions=PIPELINING)
    with smtp_server(mailbox):
        place.readers("ann@example.org", "bob@example.org")
        to_relay(place, f"smtp://127.0.0.1:{mailbox.port}?rate=1&connections=1")
        running = threading.Thread(target=place.send)
        running.start()
        while not mailbox.taken:
            time.sleep(0.01)
        first_at = time.monotonic()
        running.join()

    assert sum(mailbox.taken.values()) == 2
    assert time.monotonic() - first_at > 0.5


def test_domains_that_nothing_is_remembered_of_are_forgotten_and_others_are_not() -> None:
    pace, start = Pace({"slow.example": 0.001}), TUESDAY
    assert said(pace, "busy.example", TOO_FAST, start)
    assert pace.admit("slow.example", start) is None
    for day in range(3):
        for number in range(5 * KEPT):
            assert pace.admit(f"d{day}-{number}.example", start + timedelta(minutes=2 + day, milliseconds=number)) is None

    assert len(pace._known) <= 12 * KEPT  # of 15,000: those of the last minute, and as many again at most
    assert pace.admit("slow.example", start + timedelta(minutes=6)) is not None
    assert {"busy.example", "slow.example"} <= set(pace._known)


def test_a_domain_keeps_the_messages_of_its_last_minute_alone() -> None:
    pace, start = Pace(), TUESDAY
    for number in range(1_000):
        assert pace.admit("example.org", start + timedelta(seconds=number)) is None

    assert len(pace._known["example.org"].taken) <= 61
