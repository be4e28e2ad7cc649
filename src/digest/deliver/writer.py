"""
The thread of a run that writes: results of deliveries and the next claims, together in one transaction.

Whatever happens between two transactions is in the journal.
"""

import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextvars import copy_context
from dataclasses import dataclass
from datetime import datetime, timedelta

from digest import log
from digest.deliver.buffer import ClaimBuffer
from digest.deliver.counting import outcomes
from digest.deliver.departures import Departures
from digest.deliver.heartbeat import LIMIT_S, Heartbeat
from digest.deliver.monitor import ReplyMonitor
from digest.deliver.pace import Pace
from digest.deliver.results import Finished, Judged, Rules, judged
from digest.deliver.run import RunState
from digest.errors import DigestError, TransportRefused
from digest.model.delivery import Claimed, Result
from digest.model.metric import Counts
from digest.model.pause import PauseKind, SendingPause
from digest.model.ports import Clock
from digest.model.states import DeliveryState
from digest.store import claims, metrics, owners, pauses
from digest.store.engine import Database

LINGER_S = 0.1  #: finished deliveries wait for at most so long


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """The terms of a run."""

    issue_id: int
    owner: str
    clock: Clock
    rules: Rules
    pace: Pace
    on_progress: Callable[[int], None]


class Writer:
    """`start` it, then `close` it, which records what is left."""

    def __init__(
        self,
        db: Database,
        buffer: ClaimBuffer,
        run: RunState,
        departures: Departures,
        heartbeat: Heartbeat,
        terms: Terms,
        *,
        wake: Callable[[], None],
    ) -> None:
        """`wake`: tells workers that wait that there is a new snapshot of departures."""
        self._db = db
        self._buffer = buffer
        self._run_state = run
        self._departures = departures
        self._heartbeat = heartbeat
        self._terms = terms
        self._wake = wake
        self._monitor = ReplyMonitor(give_up_at=terms.rules.give_up_at)
        self._closing = False
        # What it logs names the issue that the caller has bound.
        self._thread = threading.Thread(target=copy_context().run, args=(self._run,), name="writer")

    def start(self) -> None:
        """Begin to claim."""
        self._thread.start()

    def close(self) -> None:
        """Record the remaining results, and give back deliveries that no worker took. An error while recording fails the run."""
        with self._buffer.work:
            self._closing = True
            self._buffer.work.notify()
        self._thread.join()
        self._buffer.give_back()
        try:
            self._write(self._buffer.finished.take_all(), 0)
        except DigestError as problem:
            self._run_state.fail(problem)

    def _run(self) -> None:
        try:
            while self._wait():
                if self._departures_due():
                    self._read_departures()
                if self._buffer.finished or self._buffer.wanted() or self._heartbeat.due():
                    self._run_transaction()
        except BaseException as problem:  # raised in the caller's thread
            self._run_state.fail(problem)

    def _wait(self) -> bool:
        """Wait until there is something to write; False: it is over."""
        buffer = self._buffer
        with buffer.work:
            while not (self._closing or buffer.wanted() or buffer.finished.is_due or self._departures_due()):
                notified = buffer.work.wait(LINGER_S)
                buffer.retry_paced()
                if not notified and (buffer.finished or self._heartbeat.due()):
                    break
            return not self._closing

    def _departures_due(self) -> bool:
        return self._departures.due and self._buffer.is_outstanding

    def _read_departures(self) -> None:
        if not self._departures.read(list(self._buffer.outstanding())):
            self._run_state.stop()
        self._wake()

    def _run_transaction(self) -> None:
        """Record results and claim the next deliveries, in one transaction."""
        finished = self._buffer.finished.take_all()
        if not self._heartbeat.fresh():
            self._run_state.stand_down()
        wanted = self._buffer.begin_claim()
        try:
            claimed, passed = self._write(finished, wanted)
        except BaseException:
            self._buffer.finished.put_back(finished)  # once more at the end; else the journal tells
            raise
        self._buffer.add(claimed, exhausted=bool(wanted) and not passed)
        if passed:
            self._run_state.tally.count(DeliveryState.SKIPPED, passed)
            self._terms.on_progress(passed)

    def _write(self, finished: Sequence[Finished], wanted: int) -> tuple[Sequence[Claimed], int]:
        results = self._judge(finished)
        claimed: Sequence[Claimed] = ()
        passed = 0
        with self._db.begin(shared=True) as tx:
            claims.record(tx, results, owner=self._terms.owner)
            now = self._terms.clock()
            if wanted and self._heed(pauses.active(tx, now=now)):
                claimed, passed = claims.claim(tx, self._terms.issue_id, owner=self._terms.owner, now=now, limit=wanted)
            if self._heartbeat.beat(tx):
                since = self._terms.clock() - timedelta(seconds=LIMIT_S)
                self._terms.pace.workers = max(1, owners.alive(tx, since=since))
            metrics.add(tx, self._outcomes(results, passed), holder=self._terms.owner)
        self._count(results)
        return claimed, passed

    def _outcomes(self, results: Sequence[Result], skipped: int) -> Counts:
        known, label = self._buffer.outstanding(), self._terms.pace.label
        return outcomes(results, skipped=skipped, domain=lambda number: label(known[number].domain))

    def _heed(self, held: Sequence[SendingPause]) -> bool:
        """Keep to the pauses of domains and relays; return whether the run goes on."""
        self._terms.pace.hold({pause.name: pause.until for pause in held if pause.kind is PauseKind.DOMAIN})
        self._buffer.pause_relays({pause.name: pause.until for pause in held if pause.kind is PauseKind.RELAY})
        return not self._run_state.stopping

    def _judge(self, finished: Sequence[Finished]) -> Sequence[Result]:
        now = self._terms.clock()
        decided = [judged(one, self._terms.rules, now=now) for one in finished]
        for one in decided:
            self._adapt_pace(one, now)
        results = self._monitor.confirmed(decided, now=now, at_end=self._closing)
        self._buffer.withheld = self._monitor.withheld
        if reason := self._monitor.reason_to_hold(at_end=self._closing):
            self._run_state.stop_for(TransportRefused(reason))
        return results

    def _adapt_pace(self, one: Judged, now: datetime) -> None:
        """Slow down where a reply says that we are too fast."""
        if one.verdict is None or one.result.reply is None:
            return
        if one.result.state is DeliveryState.SENT:
            self._terms.pace.record_acceptance(one.domain)
        elif self._terms.pace.record_reply(one.domain, one.verdict, one.result.reply, now):
            log.get().warning("domain.paused", domain=one.domain, reply=str(one.result.reply))

    def _count(self, results: Sequence[Result]) -> None:
        """Count and log the recorded results."""
        bounced = [one for one in results if one.state is DeliveryState.BOUNCED]
        if bounced:
            log_bounced(bounced, self._buffer.outstanding(), issue_id=self._terms.issue_id)
        for state, number in Counter(one.state for one in results).items():
            self._run_state.tally.count(state, number)
        self._buffer.recorded(results)
        self._terms.on_progress(sum(one.state is not DeliveryState.QUEUED for one in results))


def log_bounced(bounced: Sequence[Result], deliveries: Mapping[int, Claimed], *, issue_id: int) -> None:
    """Log each delivery that is given up; `deliveries` are those of the results, by number."""
    for one in bounced:
        address = deliveries[one.delivery_id].address
        log.get().info(
            "delivery.bounced",
            issue=issue_id,
            delivery=one.delivery_id,
            address=address,
            reason=log.without(one.reason, address),
            reply=log.without(str(one.reply or ""), address),
        )
