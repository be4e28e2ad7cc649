"""
The sending loop: claim, hand over, record; and what becomes of a dead owner's claims.

No transaction is open while a transport is at work. Whatever happens between two of them is
in the journal.
"""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

from sqlmodel import Session

from digest import log
from digest.deliver import journal as journals
from digest.deliver.journal import Journal, Replay
from digest.deliver.retry import given_up, next_try
from digest.deliver.watch import Watch
from digest.errors import BadInput, TransportDown, TransportRefused
from digest.model.delivery import Claimed, Result
from digest.model.ports import Answer, Clock, Envelope, Line, Stage, Transport
from digest.model.replies import Cause, Outcome, Verdict, judge
from digest.model.states import DeliveryState, Skip
from digest.store import deliveries
from digest.store.engine import Database

CLAIM = 64
FRESH_S = 1.0  #: departures are re-read when what is known of them is older

#: Makes the message of a claimed delivery; raises BadInput where that reader's cannot be made.
Make = Callable[[Claimed], Envelope]


@dataclass(slots=True, kw_only=True)
class Tally:
    """What one run of the loop did."""

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


@dataclass(slots=True, kw_only=True)
class Run:
    """What the lines of one run share."""

    db: Database
    transport: Transport
    make: Make
    issue_id: int
    journal: Journal
    clock: Clock
    resend: bool  #: an unsure delivery goes back to the queue instead of waiting for a person
    on_progress: Callable[[int], None]
    asked: threading.Event  #: a person wants the run to end
    over: threading.Event = field(default_factory=threading.Event)  #: the transport takes no more
    tally: Tally = field(default_factory=Tally)
    watch: Watch = field(default_factory=Watch)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def end(self, problem: TransportDown) -> None:
        """The transport takes no more: every line ends after what it has in hand."""
        with self.lock:
            self.tally.down = self.tally.down or str(problem)
            self.tally.refused = self.tally.refused or isinstance(problem, TransportRefused)
        self.over.set()

    @property
    def stopping(self) -> bool:
        """Whether no line should begin another message."""
        return self.asked.is_set() or self.over.is_set()


def deliver(
    db: Database,
    transport: Transport,
    make: Make,
    *,
    issue_id: int,
    journal: Journal,
    clock: Clock,
    lines: int = 1,
    resend: bool = False,
    on_progress: Callable[[int], None],
    stop: threading.Event | None = None,
) -> Tally:
    """
    Send every due delivery of an issue over `lines` connections, until none is left, `stop` is
    set or the transport is down.

    `on_progress` is told after each claim how many deliveries got their outcome.
    """
    run = Run(
        db=db,
        transport=transport,
        make=make,
        issue_id=issue_id,
        journal=journal,
        clock=clock,
        resend=resend,
        on_progress=on_progress,
        asked=stop or threading.Event(),
    )
    if lines <= 1:
        _work(run)
    else:
        _work_together(run, lines)
    if reason := run.watch.reason_to_hold(at_end=True):
        run.end(TransportRefused(reason))
    return run.tally


def _work_together(run: Run, lines: int) -> None:
    with ThreadPoolExecutor(lines, thread_name_prefix="line") as pool:
        try:
            for finished in [pool.submit(_work, run) for _ in range(lines)]:
                finished.result()
        except BaseException:
            run.over.set()  # the other lines finish what they have in hand
            raise


def _work(run: Run) -> None:
    """One line: claims until nothing is due."""
    try:
        claimed, passed = _claim(run)
        if not claimed and not passed:
            return  # nothing to do needs no connection
        try:
            with run.transport.connect() as line:
                while claimed or passed:
                    heard = _send(run, line, claimed)
                    if claimed and not heard and not run.stopping:
                        raise TransportDown("the transport took none of a whole claim; it is tried again later")
                    claimed, passed = ((), 0) if run.stopping else _claim(run)
        except TransportDown:
            _give_back(run, claimed)
            raise
    except TransportDown as problem:
        log.get().warning("transport.down", issue=run.issue_id, error=str(problem))
        run.end(problem)


def _claim(run: Run) -> tuple[Sequence[Claimed], int]:
    with run.db.begin() as tx:
        claimed, passed = deliveries.claim(tx, run.issue_id, owner=run.journal.owner, now=run.clock(), limit=CLAIM)
    with run.lock:
        run.tally.skipped += passed
    run.on_progress(passed)
    return claimed, passed


def _give_back(run: Run, claimed: Sequence[Claimed]) -> None:
    """What is still ours of a claim that a line could not even begin goes back."""
    results = [Result(delivery_id=c.delivery_id, state=DeliveryState.QUEUED) for c in claimed]
    with run.db.begin() as tx:
        deliveries.record(tx, results, owner=run.journal.owner)


@dataclass(slots=True, kw_only=True)
class _Batch:
    """A claim in the air."""

    ended: set[int] = field(default_factory=set)
    answers: dict[int, Answer] = field(default_factory=dict)
    skipped: dict[int, Skip] = field(default_factory=dict)


def _send(run: Run, line: Line, claimed: Sequence[Claimed]) -> bool:
    """Hand one claim over and record what became of it, whatever happens on the way; whether anything was heard of any."""
    batch = _Batch()
    by_id = {delivery.delivery_id: delivery for delivery in claimed}

    def before_end(delivery_id: int) -> bool:
        run.journal.intent(delivery_id)
        batch.ended.add(delivery_id)
        return True

    try:
        for answer in line.send(_made(run, claimed, batch), before_end=before_end):
            batch.answers[answer.delivery_id] = answer
            if answer.reply is not None:
                run.journal.answer(answer.delivery_id, answer.stage, answer.reply)
            delivery = by_id[answer.delivery_id]
            run.watch.note(answer, domain=_domain(delivery), first_try=delivery.tries == 0)
            if reason := run.watch.reason_to_hold():
                raise TransportRefused(reason)
    finally:
        _record(run, claimed, batch)
    return bool(batch.skipped or batch.ended or any(answer.reply for answer in batch.answers.values()))


def _domain(delivery: Claimed) -> str:
    return delivery.address.rpartition("@")[2]


def _made(run: Run, claimed: Sequence[Claimed], batch: _Batch) -> Iterator[Envelope]:
    """Each reader's message, made when the line asks for it: to nobody who has left by then."""
    gone: frozenset[int] = frozenset()
    read_at = time.monotonic()  # the claim itself has just looked
    for delivery in claimed:
        if run.stopping:
            return
        if time.monotonic() - read_at >= FRESH_S:
            with run.db.read() as tx:
                gone = deliveries.departed(tx, [c.delivery_id for c in claimed])
            read_at = time.monotonic()
        if delivery.delivery_id in gone:
            batch.skipped[delivery.delivery_id] = Skip.LEFT
            continue
        try:
            envelope = run.make(delivery)
        except BadInput as problem:
            log.get().warning("delivery.skipped", delivery=delivery.delivery_id, error=str(problem))
            batch.skipped[delivery.delivery_id] = Skip.ADDRESS
            continue
        yield envelope


def _record(run: Run, claimed: Sequence[Claimed], batch: _Batch) -> None:
    results = _believed(run, claimed, [_result(run, delivery, batch) for delivery in claimed])
    with run.db.begin() as tx:
        deliveries.record(tx, results, owner=run.journal.owner)
    with run.lock:
        for result in results:
            _count(run.tally, result)
    run.on_progress(sum(result.state is not DeliveryState.QUEUED for result in results))


def _believed(run: Run, claimed: Sequence[Claimed], results: Sequence[Result]) -> Sequence[Result]:
    """The results, but for hard refusals of a domain that refuses too many at once: those wait, and suppress nobody."""
    pairs = list(zip(claimed, results, strict=True))
    told = [(_domain(d), r.suppresses) for d, r in pairs if r.state in (DeliveryState.SENT, DeliveryState.BOUNCED)]
    doubtful = run.watch.disbelieved(told)
    return [_waits(run, d, r) if r.suppresses and _domain(d) in doubtful else r for d, r in pairs]


def _waits(run: Run, delivery: Claimed, result: Result) -> Result:
    now = run.clock()
    if given_up(first_at=delivery.dated_at, now=now):
        return replace(result, suppresses=False, reason=f"given up after 48 hours; last: {result.reply}")
    at = next_try(tries=delivery.tries, cause=Cause.OTHER, delivery_id=delivery.delivery_id, now=now)
    reason = "its domain refuses too many at once to be believed"
    return replace(result, state=DeliveryState.DEFERRED, suppresses=False, reason=reason, next_at=at)


def _count(tally: Tally, result: Result) -> None:
    names = {DeliveryState.QUEUED: "given_back"}
    name = names.get(result.state, result.state.value)
    setattr(tally, name, getattr(tally, name) + 1)


def _result(run: Run, delivery: Claimed, batch: _Batch) -> Result:
    """What becomes of one claimed delivery."""
    number = delivery.delivery_id
    if number in batch.skipped:
        return Result(delivery_id=number, state=DeliveryState.SKIPPED, reason=batch.skipped[number].value)
    answer = batch.answers.get(number)
    if answer is None:
        # Not handed over, or the line broke between the content's end and the answer.
        stage = Stage.END if number in batch.ended else Stage.CONTENT
        answer = Answer(delivery_id=number, stage=stage, reply=None)
    return settle(run, delivery, answer, repeatable=run.transport.repeatable)


def settle(run: Run, delivery: Claimed, answer: Answer, *, repeatable: bool) -> Result:
    """The result of an answer, by the judgement of `model.replies` and the rules of `retry`."""
    verdict = judge(answer.stage, answer.reply)
    now = run.clock()
    reply = str(answer.reply) if answer.reply else ""
    if verdict.outcome is Outcome.SENT:
        return Result(delivery_id=delivery.delivery_id, state=DeliveryState.SENT, reply=reply, at=now)
    if verdict.outcome is Outcome.UNSURE and (repeatable or run.resend):
        return Result(
            delivery_id=delivery.delivery_id, state=DeliveryState.QUEUED, attempt=not repeatable, stage=answer.stage, at=now
        )
    if verdict.outcome is Outcome.QUEUED and not reply:
        return Result(delivery_id=delivery.delivery_id, state=DeliveryState.QUEUED)
    return _failed(delivery, answer, verdict, reply, run)


def _failed(delivery: Claimed, answer: Answer, verdict: Verdict, reply: str, run: Run) -> Result:
    now = run.clock()
    state = DeliveryState(verdict.outcome.value)
    reason = verdict.cause.value
    next_at = None
    waits = state in (DeliveryState.DEFERRED, DeliveryState.QUEUED)
    if waits and given_up(first_at=delivery.dated_at, now=now):
        state, reason = DeliveryState.BOUNCED, f"given up after 48 hours; last: {reply}"
    elif waits:
        next_at = next_try(tries=delivery.tries, cause=verdict.cause, delivery_id=delivery.delivery_id, now=now)
    return Result(
        delivery_id=delivery.delivery_id,
        state=state,
        reply=reply,
        reason=reason,
        next_at=next_at,
        attempt=True,
        stage=answer.stage,
        at=now,
        suppresses=verdict.suppresses,
    )


def recover(db: Database, folder: Path, *, repeatable: bool, resend: bool = False, clock: Clock) -> int:
    """
    Settle what dead owners left: answered rows as answered, ended ones without an answer
    `unsure`, the rest back to the queue. Returns how many rows that were.

    With a repeatable transport nothing is unsure: it is handed over again.
    """
    settled = 0
    again = repeatable or resend
    for gone in journals.dead(folder):
        replay = gone.read()
        with db.begin() as tx:
            settled += _settle_dead(tx, replay, again=again, clock=clock)
        gone.close(settled=True)
    with db.begin() as tx:
        lost = deliveries.owners(tx) - journals.present(folder)
        for owner in sorted(lost):
            # Its journal is gone, so nobody knows what it ended.
            replay = Replay(owner=owner, same_boot=False, intents=frozenset(), answers={})
            settled += _settle_dead(tx, replay, again=again, clock=clock)
    if settled:
        log.get().info("claims.recovered", deliveries=settled)
    return settled


def _settle_dead(tx: Session, replay: Replay, *, again: bool, clock: Clock) -> int:
    """The rows of a dead owner. What was answered other than 250 is simply tried again: it was not taken."""
    owned = deliveries.owned(tx, replay.owner)
    now = clock()
    results = []
    for number in owned:
        answer = replay.answers.get(number)
        if answer is not None and judge(answer.stage, answer.reply).outcome is Outcome.SENT:
            results.append(Result(delivery_id=number, state=DeliveryState.SENT, reply=str(answer.reply), at=now))
        elif answer is None and (number in replay.intents or not replay.same_boot) and not again:
            results.append(Result(delivery_id=number, state=DeliveryState.UNSURE, attempt=True, stage=Stage.END, at=now))
        else:
            results.append(Result(delivery_id=number, state=DeliveryState.QUEUED))
    deliveries.record(tx, results, owner=replay.owner)
    return len(owned)
