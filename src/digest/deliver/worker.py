"""A worker: the coroutine that takes claimed deliveries, sends them over a session and brings back the answers."""

import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from digest import log
from digest.deliver.buffer import ClaimBuffer
from digest.deliver.departures import Departures
from digest.deliver.heartbeat import Heartbeat
from digest.deliver.journal import Journal
from digest.deliver.pace import Pace
from digest.deliver.results import Finished
from digest.deliver.routes import Route
from digest.deliver.run import RunState
from digest.deliver.wakeup import Wakeup
from digest.deliver.writer import LINGER_S
from digest.errors import BadInput, StoreError, TransportDown, TransportRefused
from digest.model.delivery import Claimed
from digest.model.ports import Answer, Envelope, Session, Stage
from digest.model.replies import Cause, judge
from digest.model.states import Skip

PAUSES_S = (0.1, 0.5, 2.0)  #: before a connection that was refused is asked for again, where there was one before
AGAIN = 3  #: so often a delivery is sent again at once, because of its connection
#: Makes the message of a claimed delivery; raises BadInput where that reader's cannot be made.
Make = Callable[[Claimed], Envelope]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """The parts of a run that all its workers share."""

    make: Make
    buffer: ClaimBuffer
    run: RunState
    departures: Departures
    pace: Pace
    journal: Journal
    heartbeat: Heartbeat
    wakeup: Wakeup


class Worker:
    """Worker for one relay, over one connection at a time."""

    def __init__(self, route: Route, shared: Shared) -> None:
        self._route = route
        self._shared = shared
        self._buffer = shared.buffer
        self._run = shared.run
        self._journal = shared.journal.writer()
        self._waiting: deque[Claimed] = deque()  #: taken and not yet begun
        self._taken: dict[int, Claimed] = {}  #: and not yet brought back
        self._ended: set[int] = set()  #: of those, contents that are ended
        self._slot_at = 0.0  #: monotonic: when the next message may begin, by the relay's rate; 0: not asked yet
        self._again: dict[int, int] = {}  #: deliveries → how often they were sent again at once
        self._connected = False
        self._reconnecting = False
        #: connections, since a message was answered; a worker that never had any does not try again
        self._refused = len(PAUSES_S)

    async def work(self) -> None:
        """Work until nothing is left to do; a relay that takes nothing is tried again after its back-off."""
        self._route.workers += 1
        try:
            while await self._wait_for_work():
                try:
                    await self._send_all()
                except TransportDown as problem:
                    if await self._handle_unavailable(problem):
                        break
            self._flush_journal()
        except Exception as problem:  # raised by `deliver`
            self._run.fail(problem)
        finally:
            self._route.workers -= 1
            self._mark_reconnecting(False)
            self._return_unanswered()

    async def _handle_unavailable(self, problem: TransportDown) -> bool:
        """Handle an unavailable relay; return whether this worker ends."""
        begun = [self._taken.pop(number) for number in list(self._taken) if number not in self._ended]
        self._return_unanswered()
        refused = problem.connecting and not isinstance(problem, TransportRefused)
        if refused and self._refused < len(PAUSES_S):  # a relay may count a connection that was closed for a moment longer
            self._keep(begun)
            self._refused += 1
            self._mark_reconnecting(True)
            await self._shared.wakeup.wait(time.monotonic() + PAUSES_S[self._refused - 1])
            return False
        # One more than the relay takes; where it had taken this very one before, it may as well be down.
        is_extra = problem.connecting and (self._route.open > 0 or not self._reconnecting)
        self._mark_reconnecting(False)
        if is_extra and self._buffer.limit_connections(self._route, begun):
            log.get().info("connection.refused", relay=self._route.transport.name, reason=str(problem))
            return True
        self._buffer.relay_failed(self._route, problem, begun)
        return False

    def _mark_reconnecting(self, value: bool) -> None:
        """Let the other workers know whether this one had a connection and asks for another."""
        self._route.reconnecting += value - self._reconnecting
        self._reconnecting = value

    async def _send_all(self) -> None:
        """Send over one session until nothing is left to do. Raises TransportDown."""
        session = self._route.transport.session(before_end=self._before_end, on_answer=self._on_answer)
        try:
            if await session.open(unless=self._is_over) is None:
                return
            self._connected = True
            self._mark_reconnecting(False)
            self._route.record_connection()
            while await self._wait_for_work():
                while not self._run.stopping and (self._waiting or self._take()):
                    await self._send_next(session)
                await self._flush(session)
            await session.close()
        finally:
            self._route.open -= self._connected
            self._connected = False
            session.abort()

    async def _send_next(self, session: Session) -> None:
        """Send the next message, or wait until it may be sent. Raises TransportDown."""
        if self._route.rests:
            await self._flush(session)  # which may tell that it works after all
            if self._route.rests:
                raise TransportDown(self._route.down)
        if until := self._not_before():
            await self._flush(session)
            await self._shared.wakeup.wait(until)
        elif envelope := self._envelope(self._waiting.popleft()):
            await session.send(envelope)

    async def _wait_for_work(self) -> bool:
        """Wait until there is something to send; False: nothing can come any more."""
        while not self._is_over():
            # Beside workers that have a connection, nothing is taken before there is one: that may be refused, or take minutes.
            ahead = self._route.open and not self._connected
            if self._waiting or (self._route.waiting if ahead else self._take()):
                return True
            await self._shared.wakeup.wait(time.monotonic() + LINGER_S)
        return False

    def _is_over(self) -> bool:
        """Return whether this worker has nothing more to do."""
        if self._run.stopping:
            return True
        return not self._taken and not self._route.waiting and self._buffer.is_over(self._route)

    def _take(self) -> bool:
        taken = self._buffer.take(self._route)
        self._keep(taken)
        return bool(taken)

    def _keep(self, taken: Sequence[Claimed]) -> None:
        self._waiting += taken
        self._taken.update((delivery.delivery_id, delivery) for delivery in taken)

    def _return_unanswered(self) -> None:
        """Finish the deliveries that were never answered: unsure where the content was ended."""
        for number, delivery in self._taken.items():
            stage = Stage.END if number in self._ended else Stage.CONTENT
            answer = Answer(delivery_id=number, stage=stage, reply=None, relay=self._route.transport.name)
            self._buffer.finished.put(Finished(delivery=delivery, answer=answer))
        self._waiting.clear()
        self._taken.clear()
        self._ended.clear()

    async def _flush(self, session: Session) -> None:
        """End and answer the messages in flight now: it may be long until there are more."""
        await session.flush()
        self._flush_journal()
        self._buffer.finished.hurry()

    def _not_before(self) -> float:
        """Return the time at which to check again whether another message may begin; 0: it may."""
        now = time.monotonic()
        if not self._shared.departures.fresh:
            return now + LINGER_S
        if rate := self._route.transport.limits.rate:
            self._slot_at = self._slot_at or now + self._shared.pace.relay(self._route.transport.name, rate, now)
            if self._slot_at > now:
                return min(self._slot_at, now + LINGER_S)
            self._slot_at = 0.0
        return 0.0

    def _envelope(self, delivery: Claimed) -> Envelope | None:
        """Make the message; None for a reader who has left or pauses by now."""
        if reason := self._shared.departures.reason(delivery.delivery_id):
            self._skip(delivery, reason)
            return None
        try:
            return self._shared.make(delivery)
        except BadInput as problem:
            log.get().warning("delivery.skipped", delivery=delivery.delivery_id, error=str(problem))
            self._skip(delivery, Skip.ADDRESS)
            return None
        except Exception as problem:  # nothing new is begun; what was begun is finished and answered
            self._run.fail(problem)
            return None

    def _skip(self, delivery: Claimed, skip: Skip) -> None:
        del self._taken[delivery.delivery_id]
        self._buffer.relay_undecided(self._route)
        self._buffer.finished.put(Finished(delivery=delivery, skip=skip))

    def _before_end(self, delivery_id: int) -> bool:
        """Journal the intent before a content is ended; without it, or when others may take this process for dead, do not end it."""
        if not self._shared.heartbeat.fresh():
            self._run.stand_down()
            return False
        try:
            self._journal.intent(delivery_id)
        except StoreError as problem:
            self._run.fail(problem)
            return False
        self._ended.add(delivery_id)
        return True

    def _on_answer(self, answer: Answer) -> None:
        number, reply = answer.delivery_id, answer.reply
        self._write_journal(answer)
        self._ended.discard(number)
        if reply is None:
            self._buffer.relay_undecided(self._route)
        elif reply.code >= 400 and self._is_resent(answer):
            return
        elif answer.stage is Stage.MAIL and reply.code < 500:
            self._buffer.relay_throttled(self._route)
        else:
            self._refused = 0
            self._buffer.relay_worked(self._route)
        self._buffer.finished.put(Finished(delivery=self._taken.pop(number), answer=answer))

    def _write_journal(self, answer: Answer) -> None:
        """Journal an answer before anything is done about it."""
        number = answer.delivery_id
        try:
            if answer.reply is not None:
                self._journal.answer(number, answer.stage, answer.reply)
            elif answer.stage is not Stage.END and number in self._ended:
                self._journal.untaken(number)
        except StoreError as problem:
            self._run.fail(problem)  # nothing new is ended; the writer records it all the same

    def _is_resent(self, answer: Answer) -> bool:
        """Return whether a delivery is sent again at once: the refusal concerned the connection."""
        number, reply = answer.delivery_id, answer.reply
        times = self._again.pop(number, 0)
        if times >= AGAIN or judge(answer.stage, reply).cause is not Cause.CONNECTION:
            return False
        self._again[number] = times + 1
        self._waiting.appendleft(self._taken[number])
        return True

    def _flush_journal(self) -> None:
        try:
            self._journal.flush()
        except StoreError as problem:
            self._run.fail(problem)
