"""
The sending loop: lines take claimed deliveries, hand them over and bring back what they heard.

No transaction is open while a transport is at work. Whatever happens between two of them is
in the journal.
"""

import gc
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import timedelta
from functools import partial

from digest import log
from digest.deliver.heartbeat import Heartbeat
from digest.deliver.journal import Journal
from digest.deliver.pace import Pace
from digest.deliver.recorder import Recorder, Tally, Terms
from digest.deliver.results import Heard
from digest.deliver.routes import Route, Routes
from digest.errors import BadInput, StoreError, TransportDown
from digest.model.delivery import Claimed
from digest.model.ports import Answer, Clock, Envelope, Stage, Transport
from digest.model.states import Skip
from digest.store import deliveries
from digest.store.engine import Database

RAMP_S = 0.02  #: between one line's beginning and the next one's
BUSY = 0.7  #: of one processor

#: Makes the message of a claimed delivery; raises BadInput where that reader's cannot be made.
Make = Callable[[Claimed], Envelope]


def deliver(
    db: Database,
    transports: Sequence[Transport],
    make: Make,
    *,
    issue_id: int,
    journal: Journal,
    clock: Clock,
    lines: int = 1,
    resend: bool = False,
    pace: Pace | None = None,
    on_progress: Callable[[int], None],
    stop: threading.Event | None = None,
) -> Tally:
    """
    Send every due delivery of an issue, until none is left, `stop` is set or no transport takes any more.

    `lines`: connections to each transport that names no number itself. `on_progress` is told
    after each transaction how many deliveries got their outcome.
    """
    terms = Terms(
        issue_id=issue_id,
        owner=journal.owner,
        clock=clock,
        resend=resend,
        on_progress=on_progress,
        asked=stop or threading.Event(),
        pace=pace or Pace(),
    )
    heartbeat = Heartbeat(db, journal.owner, place=journal.place, clock=clock)
    recorder = Recorder(db, _routes(db, transports, clock), heartbeat, terms)
    workers = [
        _Worker(route, recorder, make, journal, heartbeat)
        for number in range(max(route.transport.limits.connections or lines for route in recorder.routes.all))
        for route in recorder.routes.all
        if number < (route.transport.limits.connections or lines)
    ]
    recorder.start()
    gc.freeze()  # what is here stays: looking through it again and again would be a tenth of the work
    try:
        _staff(workers, at_once=len(transports), recorder=recorder)
    finally:
        tally = recorder.close()
        gc.unfreeze()
    return tally


def _routes(db: Database, transports: Sequence[Transport], clock: Clock) -> Routes:
    """The relays, each with what its daily limit leaves."""
    routes = Routes(transports)
    since = clock() - timedelta(days=1)
    with db.read() as tx:
        for route in routes.all:
            if daily := route.transport.limits.daily:
                route.left_today = daily - deliveries.sent_through(tx, route.transport.name, since=since)
    return routes


def _staff(workers: Sequence["_Worker"], *, at_once: int, recorder: Recorder) -> None:
    """
    Let them work; another one begins while there is more to take and this process is not busy.

    A relay that answers in no time keeps the interpreter busy over two connections; more of them
    would only wait for each other (measured: eight threads need half as much again a message).
    """
    waiting = deque(workers)
    with ThreadPoolExecutor(len(workers), thread_name_prefix="line") as pool:
        started = [pool.submit(waiting.popleft().work) for _ in range(at_once)]
        while not all(one.done() for one in started):
            cpu, clock = time.process_time(), time.monotonic()
            wait(started, timeout=RAMP_S)
            busy = (time.process_time() - cpu) / (time.monotonic() - clock)
            if waiting and recorder.routes.waiting and busy < BUSY and not recorder.stopping:
                started.append(pool.submit(waiting.popleft().work))


class _Worker:
    """One line's thread."""

    def __init__(self, route: Route, recorder: Recorder, make: Make, journal: Journal, heartbeat: Heartbeat) -> None:
        self._route = route
        self._recorder = recorder
        self._make = make
        self._pen = journal.pen()
        self._heartbeat = heartbeat
        self._taken: dict[int, Claimed] = {}  #: and not yet brought back
        self._ended: set[int] = set()  #: of those, contents that are ended

    def work(self) -> None:
        """Until nothing is left to do; a relay that takes nothing is tried again when it has rested."""
        try:
            while first := self._take(wait=True):
                try:
                    with self._route.transport.connect() as line:
                        for answer in line.send(self._envelopes(first), before_end=self._before_end):
                            self._heard(answer)
                except TransportDown as problem:
                    begun = [self._taken.pop(number) for number in list(self._taken) if number not in self._ended]
                    self._recorder.failed(self._route, problem, begun)
                    self._bring_back()
            self._journal(self._pen.flush)
        except BaseException as problem:  # `close` raises it in the caller's thread
            self._recorder.stumbled(problem)
        finally:
            self._bring_back()

    def _bring_back(self) -> None:
        """What is in hand and was never answered: whoever was ended is in doubt."""
        for number, delivery in self._taken.items():
            stage = Stage.END if number in self._ended else Stage.CONTENT
            answer = Answer(delivery_id=number, stage=stage, reply=None, relay=self._route.transport.name)
            self._recorder.bring(Heard(delivery=delivery, answer=answer))
        self._taken.clear()
        self._ended.clear()

    def _take(self, *, wait: bool) -> Sequence[Claimed]:
        taken = self._recorder.take(self._route, wait=wait)
        self._taken.update((delivery.delivery_id, delivery) for delivery in taken)
        return taken

    def _envelopes(self, taken: Sequence[Claimed]) -> Iterator[Envelope | None]:
        """Each reader's message, made when the line asks for it; None while there is nothing to take."""
        while taken:
            for delivery in taken:
                envelope = self._envelope(delivery)
                if envelope is not None:
                    yield envelope
                if self._recorder.stopping:
                    return
            taken = self._take(wait=False)
            if not taken:
                yield None
                self._journal(self._pen.flush)
                taken = self._take(wait=True)

    def _envelope(self, delivery: Claimed) -> Envelope | None:
        """The message, to nobody who has left by now; none, too, where nothing is to be begun any more."""
        left = self._recorder.left(delivery.delivery_id)
        if self._recorder.stopping:
            return None
        if left:
            self._pass_by(delivery, Skip.LEFT)
            return None
        self._recorder.keep_pace(self._route)
        try:
            return self._make(delivery)
        except BadInput as problem:
            log.get().warning("delivery.skipped", delivery=delivery.delivery_id, error=str(problem))
            self._pass_by(delivery, Skip.ADDRESS)
            return None

    def _pass_by(self, delivery: Claimed, skip: Skip) -> None:
        del self._taken[delivery.delivery_id]
        self._recorder.bring(Heard(delivery=delivery, skip=skip))

    def _before_end(self, delivery_id: int) -> bool:
        """The intent is on record before a content is ended; without it, or when others may take us for lost, it is not."""
        if not self._heartbeat.fresh():
            self._recorder.stand_down()
            return False
        if not self._journal(partial(self._pen.intent, delivery_id)):
            return False
        self._ended.add(delivery_id)
        return True

    def _heard(self, answer: Answer) -> None:
        number = answer.delivery_id
        if answer.reply is not None:
            self._journal(partial(self._pen.answer, number, answer.stage, answer.reply))
            self._recorder.worked(self._route)
        self._ended.discard(number)
        self._recorder.bring(Heard(delivery=self._taken.pop(number), answer=answer))

    def _journal(self, write: Callable[[], None]) -> bool:
        """Whether the journal took it. Where it takes nothing more, nothing new is ended; the database is told all the same."""
        try:
            write()
        except StoreError as problem:
            self._recorder.stumbled(problem)
            return False
        return True
