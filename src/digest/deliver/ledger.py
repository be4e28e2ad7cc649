"""
A run of the ledger: lines take claimed deliveries, hand them over and bring back what they heard.

All lines talk in one thread, the recorder writes in another. No transaction is open while a
transport is at work. Whatever happens between two of them is in the journal.
"""

import gc
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial

from digest import log
from digest.deliver import limits
from digest.deliver.heartbeat import Heartbeat
from digest.deliver.journal import Journal
from digest.deliver.loop import Loop
from digest.deliver.pace import Pace
from digest.deliver.recorder import LINGER_S, TAKE, Recorder, Tally, Terms
from digest.deliver.results import Heard
from digest.deliver.routes import Route, Routes
from digest.errors import BadInput, StoreError, TransportDown, TransportRefused
from digest.model.delivery import Claimed
from digest.model.ports import Answer, Clock, Envelope, Line, Stage, Talk, Transport, Wait
from digest.model.replies import Cause, judge
from digest.model.states import Skip
from digest.store import deliveries
from digest.store.engine import Database

PAUSES_S = (0.1, 0.5, 2.0)  #: before a connection that was refused is asked for again, where there was one before
AGAIN = 3  #: so often a delivery is handed over again at once, because of its connection
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
    retried_at: datetime | None = None,
    on_progress: Callable[[int], None],
    stop: threading.Event | None = None,
) -> Tally:
    """
    Send every due delivery of an issue, until none is left, `stop` is set or no transport takes any more.

    `lines`: connections to each transport that names no number itself. `retried_at`: see `given_up`. `on_progress` is told
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
        retried_at=retried_at,
    )
    heartbeat = Heartbeat(db, journal.owner, place=journal.place, clock=clock)
    routes = _routes(db, transports, clock)
    given = limits.recall(db, routes, lines=lines, now=clock())
    loop = Loop()
    recorder = Recorder(db, routes, heartbeat, terms, wake=loop.wake)

    def begin(route: Route) -> None:
        loop.add(_Worker(route, recorder, make, journal, heartbeat).work())

    recorder.start()
    gc.freeze()  # what is here stays: looking through it again and again would be a tenth of the work
    try:
        for route in routes.all:
            begin(route)
        loop.run(every_tick=partial(_staff, recorder, begin))
    finally:
        gc.unfreeze()
        tally = recorder.close()
    limits.remember(db, routes, given, now=clock())
    return tally


def _staff(recorder: Recorder, begin: Callable[[Route], None]) -> None:
    """
    More lines begin while there is enough for them to take: a few messages need no more than one.

    Each relay's first has a connection before the others ask for theirs, so that a refusal of one of them is told from
    a relay that takes nothing.
    """
    for route in recorder.routes.all:
        if route.open and not recorder.stopping:
            for _ in range(min(route.connections - route.lines, len(route.waiting) // TAKE)):
                begin(route)


def _routes(db: Database, transports: Sequence[Transport], clock: Clock) -> Routes:
    """The relays, each with what its daily limit leaves."""
    routes = Routes(transports)
    since = clock() - timedelta(days=1)
    with db.read() as tx:
        for route in routes.all:
            if daily := route.transport.limits.daily:
                route.left_today = daily - deliveries.sent_through(tx, route.transport.name, since=since)
    return routes


class _Worker:
    """What one line does."""

    def __init__(self, route: Route, recorder: Recorder, make: Make, journal: Journal, heartbeat: Heartbeat) -> None:
        self._route = route
        self._recorder = recorder
        self._make = make
        self._pen = journal.pen()
        self._heartbeat = heartbeat
        self._waiting: deque[Claimed] = deque()  #: taken and not yet begun
        self._taken: dict[int, Claimed] = {}  #: and not yet brought back
        self._ended: set[int] = set()  #: of those, contents that are ended
        self._turn_at = 0.0  #: monotonic: when the next message may begin, by the relay's rate; 0: not asked yet
        self._again: dict[int, int] = {}  #: deliveries → how often they were handed over again at once
        self._connected = False
        self._refused = len(PAUSES_S)  #: connections, since a message was answered; one that never had any is not tried again

    def work(self) -> Talk[None]:
        """Until nothing is left to do; a relay that takes nothing is tried again when it has rested."""
        self._route.lines += 1
        try:
            while (yield from self._comes()):
                try:
                    yield from self._mail()
                except TransportDown as problem:
                    if (yield from self._retires(problem)):
                        break
            self._flush()
        except Exception as problem:  # `close` raises it
            self._recorder.stumbled(problem)
        finally:
            self._route.lines -= 1
            self._bring_back()

    def _retires(self, problem: TransportDown) -> Talk[bool]:
        """What becomes of this line when its relay takes nothing: whether it is over."""
        begun = [self._taken.pop(number) for number in list(self._taken) if number not in self._ended]
        self._bring_back()
        refused = problem.connecting and not isinstance(problem, TransportRefused)
        if refused and self._refused < len(PAUSES_S):  # a relay may count a connection that was closed for a moment longer
            self._keep(begun)
            self._refused += 1
            yield Wait(until=time.monotonic() + PAUSES_S[self._refused - 1])
        elif problem.connecting and self._recorder.retires(self._route, begun):
            log.get().info("connection.refused", relay=self._route.transport.name, reason=str(problem))
            return True
        else:
            self._recorder.failed(self._route, problem, begun)
        return False

    def _mail(self) -> Talk[None]:
        """Over one line, until nothing is left to do. Raises TransportDown."""
        line = self._route.transport.line(before_end=self._before_end, heard=self._heard)
        try:
            if (yield from line.open(unless=self._is_over)) is None:
                return
            self._connected = True
            self._route.connected()
            while (yield from self._comes()):
                while not self._recorder.stopping and (self._waiting or self._take()):
                    if self._route.rests:
                        yield from self._finish(line)  # which may tell that it works after all
                        if self._route.rests:
                            raise TransportDown(self._route.down)
                    if until := self._not_before():
                        yield from self._finish(line)
                        yield Wait(until=until)
                    elif envelope := self._envelope(self._waiting.popleft()):
                        yield from line.hand(envelope)
                yield from self._finish(line)
            yield from line.close()
        finally:
            self._route.open -= self._connected
            self._connected = False
            line.hang_up()

    def _comes(self) -> Talk[bool]:
        """Whether there is something to send; it waits until there is, or until nothing can come any more."""
        while not self._is_over():
            # Beside lines that have a connection, nothing is taken before there is one: that may be refused, or take minutes.
            ahead = self._route.open and not self._connected
            if self._waiting or (self._route.waiting if ahead else self._take()):
                return True
            yield Wait(until=time.monotonic() + LINGER_S)
        return False

    def _is_over(self) -> bool:
        """Whether this line has nothing more to do."""
        if self._recorder.stopping:
            return True
        return not self._taken and not self._route.waiting and self._recorder.is_over(self._route)

    def _take(self) -> bool:
        taken = self._recorder.take(self._route)
        self._keep(taken)
        return bool(taken)

    def _keep(self, taken: Sequence[Claimed]) -> None:
        self._waiting += taken
        self._taken.update((delivery.delivery_id, delivery) for delivery in taken)

    def _bring_back(self) -> None:
        """What is in hand and was never answered: whoever was ended is in doubt."""
        for number, delivery in self._taken.items():
            stage = Stage.END if number in self._ended else Stage.CONTENT
            answer = Answer(delivery_id=number, stage=stage, reply=None, relay=self._route.transport.name)
            self._recorder.bring(Heard(delivery=delivery, answer=answer))
        self._waiting.clear()
        self._taken.clear()
        self._ended.clear()

    def _finish(self, line: Line) -> Talk[None]:
        """What was begun is ended and heard of now: it may be long until there is more."""
        yield from line.finish()
        self._flush()
        self._recorder.hurry()

    def _not_before(self) -> float:
        """When to look again whether another message may begin; 0: it may."""
        now = time.monotonic()
        if not self._recorder.knows_who_left():
            return now + LINGER_S
        if rate := self._route.transport.limits.rate:
            self._turn_at = self._turn_at or now + self._recorder.wait_for_turn(self._route, rate)
            if self._turn_at > now:
                return min(self._turn_at, now + LINGER_S)
            self._turn_at = 0.0
        return 0.0

    def _envelope(self, delivery: Claimed) -> Envelope | None:
        """The message, to nobody who has left by now."""
        if self._recorder.left(delivery.delivery_id):
            self._pass_by(delivery, Skip.LEFT)
            return None
        try:
            return self._make(delivery)
        except BadInput as problem:
            log.get().warning("delivery.skipped", delivery=delivery.delivery_id, error=str(problem))
            self._pass_by(delivery, Skip.ADDRESS)
            return None
        except Exception as problem:  # nothing new is begun; what was begun is finished and heard of
            self._recorder.stumbled(problem)
            return None

    def _pass_by(self, delivery: Claimed, skip: Skip) -> None:
        del self._taken[delivery.delivery_id]
        self._recorder.undecided(self._route)
        self._recorder.bring(Heard(delivery=delivery, skip=skip))

    def _before_end(self, delivery_id: int) -> bool:
        """The intent is on record before a content is ended; without it, or when others may take us for lost, it is not."""
        if not self._heartbeat.fresh():
            self._recorder.stand_down()
            return False
        try:
            self._pen.intent(delivery_id)
        except StoreError as problem:
            self._recorder.stumbled(problem)
            return False
        self._ended.add(delivery_id)
        return True

    def _heard(self, answer: Answer) -> None:
        number, reply = answer.delivery_id, answer.reply
        self._write(answer)
        self._ended.discard(number)
        if reply is None:
            self._recorder.undecided(self._route)
        elif reply.code >= 400 and self._goes_again(answer):
            return
        elif answer.stage is Stage.MAIL and reply.code < 500:
            self._recorder.has_enough(self._route)
        else:
            self._refused = 0
            self._recorder.worked(self._route)
        self._recorder.bring(Heard(delivery=self._taken.pop(number), answer=answer))

    def _write(self, answer: Answer) -> None:
        """On record, before anything is done about it."""
        number = answer.delivery_id
        try:
            if answer.reply is not None:
                self._pen.answer(number, answer.stage, answer.reply)
            elif answer.stage is not Stage.END and number in self._ended:
                self._pen.untaken(number)
        except StoreError as problem:
            self._recorder.stumbled(problem)  # nothing new is ended; the database is told all the same

    def _goes_again(self, answer: Answer) -> bool:
        """Whether a delivery is handed over again at once: what was said was meant for the connection."""
        number, reply = answer.delivery_id, answer.reply
        times = self._again.pop(number, 0)
        if times >= AGAIN or judge(answer.stage, reply).cause is not Cause.CONNECTION:
            return False
        self._again[number] = times + 1
        self._waiting.appendleft(self._taken[number])
        return True

    def _flush(self) -> None:
        try:
            self._pen.flush()
        except StoreError as problem:
            self._recorder.stumbled(problem)
