"""
Claimed deliveries between the database and the workers.

The writer's thread adds claims and takes what is finished; workers, all in the event loop's thread, take deliveries and
bring them back. Both also tell it how the relays do, since a relay's failure moves what waits for it.
"""

import heapq
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from digest import log
from digest.deliver.pace import Pace
from digest.deliver.results import Finished
from digest.deliver.routes import Route, Routes
from digest.deliver.run import RunState
from digest.errors import TransportDown
from digest.model.delivery import Claimed, Result
from digest.model.ports import Clock
from digest.model.states import DeliveryState

LEAST, MOST = 32, 512  #: rows of a claim: more, the faster they are taken, and few for a relay that is slow
LOW = 0.75  #: such a part of a claim left to take, and the next one is made
TAKE = 8  #: the most that one worker takes at once
SOON_S = 0.1  #: a claim that is taken in less is followed by a larger one
GROUP = 512  #: finished deliveries that are worth a transaction
LOSSES = 3  #: messages in a row that a relay throttled, and its circuit breaker opens
PATIENCE_S = 60.0  #: a run waits so long for a domain that takes no more just now


class ClaimSize:
    """The number of rows of the next claim: twice as many while claims are taken in no time, else half as many."""

    def __init__(self) -> None:
        self.rows = 2 * LEAST
        self._claimed_at = 0.0

    def claimed(self, now: float) -> None:
        """Take note that a claim is made at this monotonic time."""
        soon = now - self._claimed_at < SOON_S
        self.rows = min(MOST, self.rows * 2) if soon else max(LEAST, self.rows // 2)
        self._claimed_at = now


class FinishedQueue:
    """Finished deliveries on their way to the writer. Workers append without a lock."""

    def __init__(self, work: threading.Condition) -> None:
        """`work`: the writer waits on it."""
        self._work = work
        self._finished: deque[Finished] = deque()
        self._urgent = False

    def __bool__(self) -> bool:
        return bool(self._finished)

    def put(self, finished: Finished) -> None:
        """Add a delivery; a full group wakes the writer."""
        self._finished.append(finished)
        if len(self._finished) == GROUP:
            with self._work:
                self._work.notify()

    def put_back(self, finished: Sequence[Finished]) -> None:
        """Add again what could not be written."""
        self._finished += finished

    def hurry(self) -> None:
        """Write now, however few items there are: a worker has nothing more to do."""
        with self._work:
            self._urgent = True
            self._work.notify()

    @property
    def is_due(self) -> bool:
        """True if it should be written at once."""
        return len(self._finished) >= GROUP or (self._urgent and bool(self._finished))

    def take_all(self) -> Sequence[Finished]:
        """Remove and return all items, one by one, since workers go on appending."""
        self._urgent = False
        return [self._finished.popleft() for _ in range(len(self._finished))]


class ClaimBuffer:
    """Buffer of claimed deliveries; see the module."""

    def __init__(self, routes: Routes, pace: Pace, run: RunState, *, clock: Clock, wake: Callable[[], None]) -> None:
        """`wake`: tells workers that wait that there may be something to take."""
        self.routes = routes
        self.work = threading.Condition()  #: guards all of this; the writer waits on it
        self.finished = FinishedQueue(self.work)
        self.withheld = 0  #: of the outstanding, refusals that are not confirmed yet
        self._pace = pace
        self._run = run
        self._clock = clock
        self._wake = wake
        self._outstanding: dict[int, Claimed] = {}  #: claimed and not yet recorded
        self._size = ClaimSize()
        self._exhausted = False  #: the last claim found nothing due
        self._spent = False  #: no relay takes any more today
        self._again: list[float] = []  #: a heap of monotonic times: when what was paced can be claimed again

    # --- for workers ---------------------------------------------------------------------

    def take(self, route: Route) -> Sequence[Claimed]:
        """Take the next deliveries for this relay; none: there are none now."""
        if not route.waiting or self._run.stopping:
            return ()
        with self.work:
            share = max(1, min(TAKE, len(route.waiting) // 4))
            taken = [route.waiting.popleft() for _ in range(min(share, len(route.waiting)))]
            if self.wanted():
                self.work.notify()
            return taken

    def is_over(self, route: Route) -> bool:
        """Return whether a worker can end: nothing is due, and nothing that is outstanding could come back to its relay."""
        with self.work:
            over = self._spent or self.routes.used_up() or (self._exhausted and not self._again)
            return route.refused or (over and len(self._outstanding) <= self.withheld)

    def relay_worked(self, route: Route) -> None:
        """Take note that a relay has answered."""
        if route.down or route.throttled:
            with self.work:
                route.record_success()

    def relay_undecided(self, route: Route) -> None:
        """Take note that a message for a relay ended without an answer."""
        if route.down:
            with self.work:
                route.record_undecided()

    def relay_throttled(self, route: Route) -> None:
        """Count a 4xx at MAIL; several in a row, or one while half-open, open the circuit breaker."""
        route.throttled += 1
        if route.half_open or (route.throttled >= LOSSES and not route.down):
            self.relay_failed(
                route, TransportDown(f"relay {route.transport.name} takes nothing now; it is tried again later"), ()
            )

    def relay_failed(self, route: Route, problem: TransportDown, taken: Sequence[Claimed]) -> None:
        """Open a relay's circuit breaker: what waits for it, and what a worker had taken and could not begin, goes to the others."""
        log.get().warning("transport.down", issue=self._run.issue_id, error=str(problem))
        with self.work:
            route.record_failure(problem)
            if problem.connecting:  # no command of these was sent
                route.refund(len(taken))
            for delivery in [*taken, *route.take_back()]:
                self._assign(delivery)
            if self.routes.all_down():
                self._run.stop_for(problem)
        self._wake()

    def pause_relays(self, until: Mapping[str, datetime]) -> None:
        """Give these relays, by name, nothing more, and all others what they are given otherwise."""
        for route in self.routes.all:
            end = until.get(route.transport.name)
            if end is not None and not route.paused:
                route.paused = True
                said = f"relay {route.transport.name} is paused until {end:%Y-%m-%d %H:%M} UTC, since mails came back as refused"
                self.relay_failed(route, TransportDown(said, code="relay_paused", relay=route.transport.name), ())
            route.paused = end is not None

    def limit_connections(self, route: Route, taken: Sequence[Claimed]) -> bool:
        """
        Keep to the connections that the other workers have or ask for again, since the relay refused one more; they send what this worker had taken.

        Returns False where there is none.
        """
        others = route.open + route.reconnecting
        if not others:
            return False
        with self.work:
            route.connections = others
            route.waiting.extendleft(reversed(taken))
        self._wake()
        return True

    # --- for the writer ------------------------------------------------------------------

    def wanted(self) -> int:
        """Return the number of rows to claim; 0: none."""
        if self._run.stopping or self._exhausted or self._spent:
            return 0
        if self.routes.spent():  # a claim that nobody takes finds out whether something is left
            return LEAST
        return self.routes.wanted(self._size.rows, LOW * self._size.rows)

    def begin_claim(self) -> int:
        """Return the number of rows to claim now, and adapt the size of the next claim."""
        with self.work:
            wanted = self.wanted()
            if wanted:
                self._size.claimed(time.monotonic())
            return wanted

    def add(self, claimed: Sequence[Claimed], *, exhausted: bool) -> None:
        """Give each claimed delivery to a relay; what its domain cannot take now goes back to the queue, with its own time."""
        now = self._clock()
        with self.work:
            self._exhausted = (self._exhausted or exhausted) and not claimed
            for delivery in claimed:
                self._outstanding[delivery.delivery_id] = delivery
                later = self._pace.admit(delivery.domain, now)
                if later is None:
                    self._assign(delivery)
                    continue
                self.finished.put_back([Finished(delivery=delivery, later=later)])
                due_in_s = (later - now).total_seconds()
                if due_in_s <= PATIENCE_S:
                    heapq.heappush(self._again, time.monotonic() + due_in_s)
        self._wake()

    def retry_paced(self) -> None:
        """Claim again when the time of something that was paced has come. Called with `work` held."""
        while self._again and self._again[0] <= time.monotonic():
            heapq.heappop(self._again)
            self._exhausted = False

    def outstanding(self) -> dict[int, Claimed]:
        """Return the deliveries that are claimed and not yet recorded, by number."""
        with self.work:
            return dict(self._outstanding)

    @property
    def is_outstanding(self) -> bool:
        """True while a delivery is claimed and not yet recorded."""
        return bool(self._outstanding)

    def recorded(self, results: Sequence[Result]) -> None:
        """Forget what is in the database now."""
        with self.work:
            for one in results:
                self._outstanding.pop(one.delivery_id, None)
            if any(one.state is DeliveryState.QUEUED and one.next_at is None for one in results):
                self._exhausted = False  # it can be claimed again at once

    def give_back(self) -> None:
        """Finish what no worker took."""
        with self.work:
            for route in self.routes.all:
                self.finished.put_back([Finished(delivery=delivery) for delivery in route.take_back()])

    def _assign(self, delivery: Claimed) -> None:
        """Give a delivery to a relay, or back to the queue where none takes anything."""
        if not self.routes.assign(delivery):
            self.finished.put_back([Finished(delivery=delivery)])
            if self.routes.spent():
                self._spent = True
                self._run.tally.problem = TransportDown(
                    "the daily limit of every relay is reached; the rest goes when it is over"
                )
