"""
The one thread of a run that writes: what became of deliveries, and the next claims, together
in one transaction. Lines take what they send from here and bring what they heard.

Whatever happens between two transactions is in the journal.
"""

import heapq
import os
import sys
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from digest import log
from digest.deliver.heartbeat import LIMIT_S, Heartbeat
from digest.deliver.line import LOSSES
from digest.deliver.pace import Pace
from digest.deliver.results import Heard, log_bounced, result
from digest.deliver.routes import Route, Routes
from digest.deliver.watch import Told, Watch
from digest.errors import DigestError, TransportDown, TransportRefused
from digest.model.delivery import Claimed, Result
from digest.model.ports import Clock
from digest.model.states import DeliveryState
from digest.store import claims, owners
from digest.store.engine import Database

LEAST, MOST = 32, 512  #: rows of a claim: more, the faster they are taken, and few for a relay that is slow
LOW = 0.75  #: such a part of a claim left to take, and the next one is made
TAKE = 8  #: the most that one line takes at once
GROUP = 512  #: results that are worth a transaction; fewer wait for at most LINGER_S
LINGER_S = 0.1
NICE = 5  #: how far the recorder stands behind the lines where there are fewer processors than work
PATIENCE_S = 60.0  #: a run waits so long for a domain that can bear no more just now
FRESH_S = 1.0  #: nothing is begun by what was read of departures longer ago; it is read anew twice as often


@dataclass(slots=True, kw_only=True)
class Tally:
    """What one run did."""

    sent: int = 0
    deferred: int = 0
    bounced: int = 0
    skipped: int = 0
    unsure: int = 0
    given_back: int = 0
    down: str = ""  #: why the transport took no more; empty = it did
    refused: bool = False  #: and a person must mend something before it will

    @property
    def settled(self) -> int:
        """Deliveries that got an outcome."""
        return self.sent + self.deferred + self.bounced + self.skipped + self.unsure

    def count(self, state: DeliveryState, number: int) -> None:
        """Of this state, so many more."""
        name = "given_back" if state is DeliveryState.QUEUED else state.value
        setattr(self, name, getattr(self, name) + number)


@dataclass(slots=True, kw_only=True)
class Terms:
    """What a run is told."""

    issue_id: int
    owner: str
    clock: Clock
    resend: bool  #: an unsure delivery goes back to the queue instead of waiting for a person
    on_progress: Callable[[int], None]
    asked: threading.Event  #: a person wants the run to end
    pace: Pace
    retried_at: datetime | None = None  #: see `given_up`


class Recorder:
    """See above. `start`, then lines `take` and `bring`; `close` ends it and raises what went wrong."""

    def __init__(self, db: Database, routes: Routes, heartbeat: Heartbeat, terms: Terms, *, wake: Callable[[], None]) -> None:
        """`wake`: tells lines that wait that there may be something to take."""
        self.tally = Tally()
        self.routes = routes
        self._db = db
        self._terms = terms
        self._heartbeat = heartbeat
        self._wake = wake
        self._watch = Watch(retried_at=terms.retried_at)
        repeatable = routes.all[0].transport.repeatable
        self._result = partial(result, repeatable=repeatable, resend=terms.resend, retried_at=terms.retried_at)
        self._over = threading.Event()  #: nothing new is begun
        self._problem: BaseException | None = None
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="recorder")
        self._lock = threading.Lock()
        self._brought = threading.Condition(self._lock)  #: the thread waits for something to write
        self._outstanding: dict[int, Claimed] = {}  #: claimed and not yet recorded
        self._heard: deque[Heard] = deque()  #: every line appends to it, without the lock
        self._claim = 2 * LEAST  #: rows of the next claim
        self._claimed_at = 0.0
        self._hurried = False  #: a line waits for more
        self._exhausted = False  #: the last claim found nothing due
        self._spent = False  #: no relay takes any more today
        self._again: list[float] = []  #: a heap of monotonic times: when what was paced can be claimed again
        self._gone: frozenset[int] = frozenset()  #: of the outstanding, whose readers have left since
        self._read_at = time.monotonic()

    @property
    def stopping(self) -> bool:
        """Whether no line should begin another message."""
        return self._over.is_set() or self._terms.asked.is_set()

    def start(self) -> None:
        """Begin to claim."""
        self._thread.start()

    def close(self) -> Tally:
        """Record what is left, give back what no line took. Raises what kept it from recording."""
        with self._brought:
            self._closing = True
            self._brought.notify()
        self._thread.join()
        for route in self.routes.all:
            self._heard += [Heard(delivery=delivery) for delivery in route.waiting]
            route.waiting.clear()
        try:
            self._write(self._all_heard(), 0)
        except DigestError as problem:
            self.stumbled(problem)
        if self._problem is not None:
            raise self._problem
        return self.tally

    # --- for lines -----------------------------------------------------------------------

    def take(self, route: Route) -> Sequence[Claimed]:
        """The next deliveries for this relay; none: there are none now."""
        if not route.waiting or self.stopping:
            return ()
        with self._lock:
            share = max(1, min(TAKE, len(route.waiting) // 4))
            taken = [route.waiting.popleft() for _ in range(min(share, len(route.waiting)))]
            if self._wants_rows():
                self._brought.notify()
            return taken

    def is_over(self, route: Route) -> bool:
        """Whether a line can end: nothing is due, and nothing that is out could come back to it."""
        with self._lock:
            over = self._spent or (self._exhausted and not self._again)
            return route.refused or (over and len(self._outstanding) <= self._watch.withheld)

    def bring(self, heard: Heard) -> None:
        """What was heard of a delivery that was taken."""
        self._heard.append(heard)
        if len(self._heard) == GROUP:
            with self._brought:
                self._brought.notify()

    def hurry(self) -> None:
        """A line has nothing more at hand: what was heard is worth writing, however little it is."""
        with self._brought:
            self._hurried = True
            self._brought.notify()

    def worked(self, route: Route) -> None:
        """A relay has answered."""
        if route.down or route.refusals:
            with self._lock:
                route.worked()

    def has_enough(self, route: Route) -> None:
        """A relay would not have a message now, whoever the reader is. The third in a row opens its circuit, or the one that probes it."""
        route.refusals += 1
        if route.probing or (route.refusals >= LOSSES and not route.down):
            self.failed(route, TransportDown(f"relay {route.transport.name} takes nothing now; it is tried again later"), ())

    def undecided(self, route: Route) -> None:
        """A message for a relay ended without its having answered."""
        if route.down:
            with self._lock:
                route.undecided()

    def failed(self, route: Route, problem: TransportDown, taken: Sequence[Claimed]) -> None:
        """A relay takes nothing: what waits for it, and what a line had taken and could not begin, goes to the others."""
        log.get().warning("transport.down", issue=self._terms.issue_id, error=str(problem))
        with self._lock:
            route.failed(problem)
            waiting = [*taken, *route.waiting]
            route.waiting.clear()
            for delivery in waiting:
                self._assign(delivery)
            if self.routes.all_down():
                self._end(problem)
        self._wake()

    def retires(self, route: Route, taken: Sequence[Claimed]) -> bool:
        """
        A relay takes no further connection: those that are open are all that it gets, and what the line had taken goes
        over them. False: none is open.
        """
        if not route.open:
            return False
        with self._lock:
            route.connections = route.open
            route.waiting.extendleft(reversed(taken))
        self._wake()
        return True

    def stumbled(self, problem: BaseException) -> None:
        """Something that is not the relay's is broken: nothing new is begun, and `close` says what it was."""
        self._problem = self._problem or problem
        self._over.set()

    def stand_down(self) -> None:
        """This process stood still for so long that others may have its claims: nothing of them is begun any more."""
        log.get().warning("heartbeat.late", issue=self._terms.issue_id)
        self._end(TransportDown("this process stood still for half a minute or longer; run the same command again to go on"))

    def knows_who_left(self) -> bool:
        """Whether departures were read a second ago or later; where the database is slow, lines wait for it."""
        return time.monotonic() - self._read_at < FRESH_S

    def left(self, delivery_id: int) -> bool:
        """Whether this reader has left, by what was read last."""
        return delivery_id in self._gone

    def wait_for_turn(self, route: Route, rate: int) -> float:
        """Seconds until a relay that takes `rate` messages a second takes the next one."""
        return self._terms.pace.relay(route.transport.name, rate, time.monotonic())

    def _assign(self, delivery: Claimed) -> None:
        """To a relay; back to the queue where none takes anything."""
        if not self.routes.assign(delivery):
            self._heard.append(Heard(delivery=delivery))
            if self.routes.spent():
                self._spent = True
                self.tally.down = "the daily limit of every relay is reached; the rest goes when it is over"

    def _admit(self, claimed: Sequence[Claimed]) -> None:
        """Each to a relay, but what its domain cannot bear now back to the queue, with its own time."""
        now = self._terms.clock()
        for delivery in claimed:
            self._outstanding[delivery.delivery_id] = delivery
            later = self._terms.pace.admit(delivery.domain, now)
            if later is None:
                self._assign(delivery)
                continue
            self._heard.append(Heard(delivery=delivery, later=later))
            due = time.monotonic() + (later - now).total_seconds()
            if due <= time.monotonic() + PATIENCE_S:
                heapq.heappush(self._again, due)

    def _end(self, problem: TransportDown) -> None:
        self.tally.down = self.tally.down or str(problem)
        self.tally.refused = self.tally.refused or isinstance(problem, TransportRefused)
        self._over.set()

    # --- the thread ----------------------------------------------------------------------

    def _run(self) -> None:
        _give_way()
        try:
            while self._rest():
                if self._ought_to_read():
                    self._read_departures()
                if self._heard or self._wants_rows() or self._heartbeat.due():
                    self._turn()
        except BaseException as problem:  # `close` raises it in the caller's thread
            self.stumbled(problem)

    def _rest(self) -> bool:
        """Until there is something to write; False: it is over."""
        with self._brought:
            while not (self._closing or self._wants_rows() or self._is_enough() or self._ought_to_read()):
                told = self._brought.wait(LINGER_S)
                while self._again and self._again[0] <= time.monotonic():
                    heapq.heappop(self._again)
                    self._exhausted = False
                if not told and (self._heard or self._heartbeat.due()):
                    break
            return not self._closing

    def _wants_rows(self) -> int:
        """How many rows to claim, if any."""
        if self.stopping or self._exhausted or self._spent:
            return 0
        if self.routes.spent():  # which is found out by a claim that nobody takes: else nobody would know that something was left
            return LEAST
        return self.routes.wanted(self._claim, LOW * self._claim)

    def _is_enough(self) -> bool:
        """Whether what was heard should be written at once."""
        return len(self._heard) >= GROUP or (self._hurried and bool(self._heard))

    def _ought_to_read(self) -> bool:
        """Whether lines will soon want to know anew who has left."""
        return bool(self._outstanding) and time.monotonic() - self._read_at >= FRESH_S / 2

    def _read_departures(self) -> None:
        with self._lock:
            ids = list(self._outstanding)
        with self._db.read() as tx:
            self._gone = claims.departed(tx, ids)
            if not claims.goes_out(tx, self._terms.issue_id):
                self._over.set()  # it was held or called off
        self._read_at = time.monotonic()  # the end: a read that takes longer than FRESH_S must not stop everything
        self._wake()

    def _turn(self) -> None:
        """One transaction."""
        heard = self._all_heard()
        if not self._heartbeat.fresh():
            self.stand_down()
        with self._lock:
            wanted = self._wants_rows()
            self._mind_speed(wanted)
        try:
            claimed, passed = self._write(heard, wanted)
        except BaseException:
            self._heard += heard  # once more at the end; else the journal tells
            raise
        with self._lock:
            self._exhausted = (self._exhausted or bool(wanted)) and not claimed and not passed
            self._admit(claimed)
        self._wake()
        if passed:
            self.tally.count(DeliveryState.SKIPPED, passed)
            self._terms.on_progress(passed)

    def _mind_speed(self, claiming: int) -> None:
        """The next claim is twice as large while claims are taken in no time, else half as large."""
        if claiming:
            now = time.monotonic()
            soon = now - self._claimed_at < LINGER_S
            self._claim = min(MOST, self._claim * 2) if soon else max(LEAST, self._claim // 2)
            self._claimed_at = now

    def _all_heard(self) -> Sequence[Heard]:
        """What was heard until now; taken off one by one, since lines go on appending."""
        self._hurried = False
        return [self._heard.popleft() for _ in range(len(self._heard))]

    def _write(self, heard: Sequence[Heard], wanted: int) -> tuple[Sequence[Claimed], int]:
        results = self._judged(heard)
        claimed: Sequence[Claimed] = ()
        passed = 0
        with self._db.begin(shared=True) as tx:
            claims.record(tx, results, owner=self._terms.owner)
            if wanted:
                now = self._terms.clock()
                claimed, passed = claims.claim(tx, self._terms.issue_id, owner=self._terms.owner, now=now, limit=wanted)
            if self._heartbeat.beat(tx):
                since = self._terms.clock() - timedelta(seconds=LIMIT_S)
                self._terms.pace.workers = max(1, owners.alive(tx, since=since))
        log_bounced(results, self._outstanding, issue_id=self._terms.issue_id)
        for state, number in Counter(one.state for one in results).items():
            self.tally.count(state, number)
        with self._lock:
            for one in results:
                self._outstanding.pop(one.delivery_id, None)
            if any(one.state is DeliveryState.QUEUED and one.next_at is None for one in results):
                self._exhausted = False  # it can be claimed again at once
        self._terms.on_progress(sum(one.state is not DeliveryState.QUEUED for one in results))
        return claimed, passed

    def _judged(self, heard: Sequence[Heard]) -> Sequence[Result]:
        now = self._terms.clock()
        told = [Told(one.delivery, *self._result(one, now=now)) for one in heard]
        for one in told:
            self._mind(one, now)
        results = self._watch.believed(told, now=now, at_end=self._closing)
        if reason := self._watch.reason_to_hold(at_end=self._closing):
            self._end(TransportRefused(reason))
        return results

    def _mind(self, one: Told, now: datetime) -> None:
        """What a reply says of our pace."""
        if one.verdict is None or one.result.reply is None:
            return
        if one.result.state is DeliveryState.SENT:
            self._terms.pace.took(one.domain)
        elif self._terms.pace.heard(one.domain, one.verdict, one.result.reply, now):
            log.get().warning("domain.paused", domain=one.domain, reply=str(one.result.reply))


def _give_way() -> None:
    """
    This thread runs when the lines leave it time, which they mostly do: they wait for their relays.

    Else its turns of some milliseconds, the same right to a processor as the lines', leave the relay without work.
    """
    if sys.platform == "linux":  # elsewhere the niceness is the whole process's
        with suppress(OSError):  # a sandbox may forbid it: then it is slower, no more
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), os.getpriority(os.PRIO_PROCESS, 0) + NICE)
