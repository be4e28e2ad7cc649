"""The thread that writes: it claims while workers take, records what they bring, and says what it did."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest

from digest.deliver import heartbeat as heartbeats
from digest.deliver.buffer import ClaimBuffer
from digest.deliver.departures import Departures
from digest.deliver.heartbeat import Heartbeat
from digest.deliver.pace import Pace
from digest.deliver.results import Finished
from digest.deliver.routes import Route, Routes
from digest.deliver.run import RunState
from digest.deliver.writer import Terms, Writer
from digest.errors import StoreError
from digest.model.ports import Stage
from digest.model.states import DeliveryState, Skip
from digest.store import deliveries, subscribers
from tests.deliver.making import RULES, answered, leave, queued, transport
from tests.support.place import Place

D = DeliveryState
OWNER = "0123456789abcdef"


@dataclass
class Run:
    """A writer and what it works with."""

    place: Place
    issue: int
    state: RunState = field(default_factory=RunState)
    progress: list[int] = field(default_factory=list)
    woken: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        db, clock, pace = self.place.ctx.db, self.place.clock, Pace()
        self.buffer = ClaimBuffer(Routes([transport()]), pace, self.state, clock=clock, wake=lambda: self.woken.append("buffer"))
        self.departures = Departures(db, self.issue, clock=clock)
        terms = Terms(issue_id=self.issue, owner=OWNER, clock=clock, rules=RULES, pace=pace, on_progress=self.progress.append)
        heartbeat = Heartbeat(db, OWNER, place="here", clock=clock)
        wake: Callable[[], None] = lambda: self.woken.append("writer")  # noqa: E731
        self.writer = Writer(db, self.buffer, self.state, self.departures, heartbeat, terms, wake=wake)

    @property
    def route(self) -> Route:
        return self.buffer.routes.all[0]

    def states(self) -> dict[DeliveryState, int]:
        with self.place.ctx.db.read() as tx:
            return dict(deliveries.counts(tx, self.issue))


@pytest.fixture
def run(place: Place) -> Iterator[Run]:
    made = Run(place, queued(place, *(f"r{i}@example.org" for i in range(5))))
    yield made
    made.state.stop()


def until(condition: Callable[[], object]) -> None:
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < 20
        time.sleep(0.01)


def test_it_claims_what_is_due_and_gives_back_what_nobody_took(run: Run) -> None:
    run.writer.start()
    until(lambda: len(run.route.waiting) == 5)
    assert run.states() == {D.SENDING: 5}
    assert "buffer" in run.woken

    run.writer.close()

    assert run.states() == {D.QUEUED: 5}
    assert run.state.result().given_back == 5
    assert run.state.result().settled == 0


def test_it_records_what_workers_bring_and_counts_it(run: Run) -> None:
    run.writer.start()
    until(lambda: len(run.route.waiting) == 5)
    taken = [one for _ in range(5) for one in run.buffer.take(run.route)]
    for delivery in taken[:3]:
        run.buffer.finished.put(answered(delivery, "250 2.0.0 taken", Stage.END))
    run.buffer.finished.put(answered(taken[3], "451 4.3.0 later"))
    run.buffer.finished.put(Finished(delivery=taken[4], skip=Skip.ADDRESS))
    run.buffer.finished.hurry()
    until(lambda: sum(run.progress) == 5)

    run.writer.close()

    tally = run.state.result()
    assert (tally.sent, tally.deferred, tally.skipped) == (3, 1, 1)
    assert run.states() == {D.SENT: 3, D.DEFERRED: 1, D.SKIPPED: 1}
    assert run.buffer.is_over(run.route)


def test_a_refusal_of_a_reader_is_confirmed_at_the_end_and_suppresses(run: Run) -> None:
    run.writer.start()
    until(lambda: len(run.route.waiting) == 5)
    [first, *_] = run.buffer.take(run.route)
    run.buffer.finished.put(answered(first, "550 5.1.1 no such user"))
    run.buffer.finished.hurry()
    until(lambda: run.buffer.withheld == 1)

    run.writer.close()

    assert run.states() == {D.BOUNCED: 1, D.QUEUED: 4}
    with run.place.ctx.db.read() as tx:
        assert [row.address for row in subscribers.suppressions(tx)] == [first.address]


def test_replies_that_blame_us_stop_the_run_for_a_person(run: Run) -> None:
    run.writer.start()
    until(lambda: len(run.route.waiting) == 5)
    taken = [one for _ in range(5) for one in run.buffer.take(run.route)]
    for delivery in taken:
        run.buffer.finished.put(answered(delivery, "535 5.7.8 log in first", Stage.MAIL))

    run.writer.close()

    assert run.state.stopping
    assert run.state.result().refused
    assert run.states() == {D.QUEUED: 5}


def test_a_reader_who_leaves_while_it_runs_is_in_its_snapshot(run: Run) -> None:
    run.writer.start()
    until(lambda: len(run.route.waiting) == 5)
    leave(run.place, "r3@example.org")
    number = next(one.delivery_id for one in run.route.waiting if one.address == "r3@example.org")

    until(lambda: run.departures.reason(number))

    until(lambda: "writer" in run.woken)  # it wakes the sessions right after
    run.writer.close()


def test_a_database_that_fails_is_the_runs_failure(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    run.writer.start()
    until(lambda: len(run.route.waiting) == 5)

    def full(**_more: object) -> None:
        raise StoreError("its disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(run.place.ctx.db, "begin", full)
        run.writer.close()

    assert run.state.stopping
    with pytest.raises(StoreError, match="disk is full"):
        run.state.result()


def test_a_process_that_stood_still_claims_nothing_more(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    later = time.clock_gettime(heartbeats._CLOCK) + heartbeats.LIMIT_S
    monkeypatch.setattr(heartbeats, "_now", lambda: later)

    run.writer.start()
    until(lambda: run.state.stopping)
    run.writer.close()

    assert "stood still" in run.state.result().down
    assert run.states() == {D.QUEUED: 5}


def test_it_has_a_thread_of_its_own_that_ends_with_it(run: Run) -> None:
    run.writer.start()
    assert "writer" in {thread.name for thread in threading.enumerate()}

    run.writer.close()

    assert "writer" not in {thread.name for thread in threading.enumerate()}
