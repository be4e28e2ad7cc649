"""A new relay is given little at first and more each day; what it is not given waits, and nobody is lost or mailed twice."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import col, select, update

from digest.deliver.routes import Routes
from digest.deliver.warmup import WarmUp
from digest.errors import NothingToDo
from digest.model.delivery import Delivery
from digest.model.ports import Limits
from digest.model.states import DeliveryState, IssueState, Skip
from digest.model.subscriber import Import, Subscription
from digest.model.warmup import RelayDay
from digest.services import issues, sending, status, warmup
from digest.services.newsletters import Changes, change
from digest.smtp.relay import Relay
from digest.smtp.transport import Smtp
from digest.store import issues as stored_issues
from digest.store.engine import Database
from tests.deliver.making import some, transport
from tests.support.place import Place
from tests.support.servers import Mailbox, smtp_server
from tests.support.workers import queued

D = DeliveryState


def through(place: Place, *boxes: tuple[Mailbox, Limits]) -> None:
    """Send through these servers from now on."""
    relays = tuple(
        Smtp(Relay(scheme="smtp", host="127.0.0.1", port=box.port, limits=limits), helo="test") for box, limits in boxes
    )
    place.ctx = replace(place.ctx, transports=relays)


def weekly(place: Place, *, readers: int) -> None:
    change(place.ctx, "daily", Changes(days="tue"))
    place.readers(*(f"r{n}@d{n % 5}.example.org" for n in range(readers)))
    place.drop("The harbour opens again")
    place.collect()


def waiting(place: Place) -> set[str]:
    with place.ctx.db.read() as tx:
        return {one.reason for one in tx.exec(select(Delivery).where(Delivery.state == D.QUEUED))}


def day_after_day(place: Place, days: int) -> list[int]:
    """Send on so many days, at the hour of the issue; return how many mails went on each."""
    went = []
    for _ in range(days):
        try:
            went.append(place.send().tally.sent)
        except NothingToDo:
            went.append(0)
        place.clock.turn(days=1)
    return went


def test_each_day_has_its_number_and_everybody_is_mailed_once_in_the_end(place: Place, mailbox: Mailbox) -> None:
    weekly(place, readers=17)
    through(place, (mailbox, Limits(warmup=(2, 3, 4, 5))))

    first = place.send()
    told = waiting(place)
    with pytest.raises(NothingToDo, match="15 queued; what waits for the warm-up of a relay goes at 2026-03-04 07:00 CET"):
        place.send()
    place.clock.turn(days=1)
    rest = day_after_day(place, 5)

    assert (first.tally.sent, first.counts, first.tally.down) == (2, {D.SENT: 2, D.QUEUED: 15}, "")
    assert told == {f"warm-up of 127.0.0.1:{mailbox.port} until 2026-03-04 07:00 CET"}
    assert rest == [3, 4, 5, 3, 0]  # the fifth day has no limit; that is two days after what no relay takes is given up
    assert set(mailbox.taken.values()) == {1}
    assert len(mailbox.taken) == 17
    assert issues.listed(place.ctx, limit=9)[-1].state is IssueState.SENT


def test_a_reader_who_waits_gets_the_newest_issue_and_never_two(place: Place, mailbox: Mailbox) -> None:
    place.readers("ann@example.org", "bob@example.org", "cy@example.org")
    through(place, (mailbox, Limits(warmup=(1, 2))))
    for headline in ("One", "Two", "Three"):
        place.drop(headline)
        place.collect()
        place.send()
        place.clock.turn(days=1)

    with place.ctx.db.read() as tx:
        rows = tx.exec(select(Delivery).order_by(col(Delivery.id))).all()
    first, second, third = (Counter((row.state, row.reason) for row in rows if row.issue_id == number) for number in (1, 2, 3))
    assert first == {(D.SENT, ""): 1, (D.SKIPPED, Skip.NEWER): 2}
    assert second == {(D.SENT, ""): 2, (D.SKIPPED, Skip.NEWER): 1}
    assert third == {(D.SENT, ""): 3}
    assert {one.state for one in issues.listed(place.ctx, limit=9)} == {IssueState.SENT}


@pytest.mark.parametrize(("first", "mailed"), [("engaged", {"r1", "r0"}), ("newest", {"r3", "r2"})])
def test_who_goes_first_is_as_the_setting_says(place: Place, mailbox: Mailbox, first: str, mailed: set[str]) -> None:
    weekly(place, readers=4)
    through(place, (mailbox, Limits(warmup=(2, 9))))
    place.ctx = replace(place.ctx, settings=place.ctx.settings.model_copy(update={"warmup_first": first}))
    with place.ctx.db.begin() as tx:
        made = Import(mlist_id=1, file="people.csv", made_at=place.clock())
        tx.add(made)
        tx.flush()
        for tie in tx.exec(select(Subscription).order_by(col(Subscription.id))).all():
            tie.active_at = place.clock().replace(year=2025, day=tie.id)
            tie.import_id = made.id if tie.id > 2 else None

    place.send()

    assert {address.partition("@")[0] for address in mailbox.taken} == mailed


def test_a_relay_without_a_warm_up_takes_what_the_new_one_cannot(place: Place) -> None:
    with smtp_server(Mailbox()) as new, smtp_server(Mailbox()) as old:
        weekly(place, readers=40)
        through(place, (new, Limits(warmup=(5, 50))), (old, Limits()))

        sent = place.send()

    assert sent.counts == {D.SENT: 40}
    assert (len(new.contents), len(old.contents)) == (5, 35)


def test_a_relay_that_is_down_loses_nothing_of_its_day(place: Place, mailbox: Mailbox) -> None:
    weekly(place, readers=6)
    through(place, (mailbox, Limits(warmup=(4, 50))))
    down = Relay(scheme="smtp", host="127.0.0.1", port=1, limits=Limits(warmup=(4, 50)))
    working = place.ctx.transports
    place.ctx = replace(place.ctx, transports=(Smtp(replace(down), helo="test"),))
    place.send()
    with place.ctx.db.begin() as tx:
        tx.exec(update(RelayDay).values(relay=working[0].name))

    place.ctx = replace(place.ctx, transports=working)

    assert place.send().tally.sent == 4


def test_status_says_how_far_a_warm_up_is(place: Place, mailbox: Mailbox) -> None:
    weekly(place, readers=5)
    through(place, (mailbox, Limits(warmup=(2, 3, 4))))
    place.send()

    [now] = status.status(place.ctx).warm_ups
    place.clock.turn(days=1)
    [later] = status.status(place.ctx).warm_ups

    assert (now.day, now.days, now.given, now.allowed) == (1, 3, 2, 2)
    assert (later.day, later.given, later.allowed) == (2, 0, 3)


def test_several_processes_share_the_number_of_a_day(place: Place, mailbox: Mailbox) -> None:
    mailbox.delay_s = 0.002
    through(place, (mailbox, Limits(warmup=(50, 500), connections=2)))
    change(place.ctx, "daily", Changes(days="tue"))
    number = queued(place, 120)
    with place.ctx.db.read() as tx:
        issue = stored_issues.get(tx, number)
    contexts = [replace(place.ctx, db=Database(place.ctx.db.url)) for _ in range(3)]
    runs = [threading.Thread(target=sending.deliver, args=(ctx, issue)) for ctx in contexts]

    for run in runs:
        run.start()
    for run in runs:
        run.join()
    for ctx in contexts:
        ctx.db.close()

    with place.ctx.db.read() as tx:
        [day] = tx.exec(select(RelayDay)).all()
        stands = Counter(one.state for one in tx.exec(select(Delivery)))
    assert (len(mailbox.contents), day.given, stands) == (50, 50, {D.SENT: 50, D.QUEUED: 70})


@contextmanager
def statements(db: Database) -> Iterator[list[str]]:
    found: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        found.append(statement)

    for engine in (db._writer, db._reader):
        sa.event.listen(engine, "before_cursor_execute", note)
    yield found
    for engine in (db._writer, db._reader):
        sa.event.remove(engine, "before_cursor_execute", note)


def test_without_a_warm_up_nothing_is_asked_for_one(relayed: Place) -> None:
    with statements(relayed.ctx.db) as found:
        relayed.send()

    assert not [statement for statement in found if "relay_day" in statement]


# --- whatever processes do -------------------------------------------------------------------

STEP = st.tuples(st.integers(0, 2), st.integers(1, 40), st.integers(0, 40))  # which process, rows wanted, of those assigned


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(caps=st.tuples(st.integers(1, 60), st.integers(1, 60)), steps=st.lists(STEP, max_size=12), ends=st.sets(st.integers(0, 2)))
def test_whatever_processes_reserve_use_and_give_back_no_relay_gets_more_than_its_day_allows(
    place: Place, caps: tuple[int, int], steps: list[tuple[int, int, int]], ends: set[int]
) -> None:
    with place.ctx.db.begin() as tx:
        tx.exec(sa.delete(RelayDay))
    relays = [transport(host, warmup=(cap, 1_000)) for host, cap in zip("ab", caps, strict=True)]
    routes = [Routes(relays) for _ in range(3)]
    zone = place.ctx.settings.zone
    processes = [WarmUp(one, {"a:25", "b:25"}, zone) for one in routes]
    given_to: Counter[str] = Counter()

    for which, wanted, assigned in steps:
        if not any(route.usable() for route in routes[which].all):
            continue  # nothing is claimed for it any more
        with place.ctx.db.begin(shared=True) as tx:
            limit = processes[which].reserve(tx, wanted, place.clock())
        processes[which].keep()
        for delivery in some(min(assigned, limit)):
            assert routes[which].assign(delivery)
        for route in routes[which].all:
            given_to[route.transport.name] += len(route.waiting)
            route.waiting.clear()
    for which in ends:
        with place.ctx.db.begin(shared=True) as tx:
            processes[which].give_back(tx)

    with place.ctx.db.read() as tx:
        counted = {row.relay: row.given for row in tx.exec(select(RelayDay))}
    for name, cap in zip(("a:25", "b:25"), caps, strict=True):
        assert given_to[name] <= counted.get(name, 0) <= cap
        if ends == {0, 1, 2}:
            assert given_to[name] == counted.get(name, 0)


def test_a_place_without_a_relay_has_no_warm_up(place: Place) -> None:
    assert warmup.under_way(place.ctx) == []
