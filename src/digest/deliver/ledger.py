"""
The sending loop: claim, hand over, record; and what becomes of a dead owner's claims.

No transaction is open while a transport is at work. Whatever happens between two of them is
in the journal.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sqlmodel import Session

from digest import log
from digest.deliver import journal as journals
from digest.deliver.journal import Journal, Replay
from digest.errors import BadInput, TransportDown
from digest.model.delivery import Claimed
from digest.model.ports import Clock, Envelope, Line, Reply, Transport
from digest.model.states import Skip
from digest.store import deliveries
from digest.store.engine import Database

CLAIM = 64

#: Makes the message of a claimed delivery; raises BadInput where that reader's cannot be made.
Make = Callable[[Claimed], Envelope]


@dataclass(slots=True, kw_only=True)
class Tally:
    """What one run of the loop did."""

    sent: int = 0
    skipped: int = 0
    given_back: int = 0
    down: str = ""  #: why the transport took no more; empty = it did


@dataclass(slots=True, kw_only=True)
class _Batch:
    """A claim in the air."""

    ended: set[int] = field(default_factory=set)
    answers: dict[int, Reply] = field(default_factory=dict)
    unfit: list[int] = field(default_factory=list)


def deliver(
    db: Database,
    transport: Transport,
    make: Make,
    *,
    issue_id: int,
    journal: Journal,
    clock: Clock,
    on_progress: Callable[[int], None],
    stopped: Callable[[], bool] = lambda: False,
) -> Tally:
    """
    Send every due delivery of an issue, until none is left, `stopped()` or the transport is down.

    `on_progress` is told after each claim how many deliveries got their outcome.
    """
    tally = Tally()
    try:
        with transport.connect() as line:
            while not stopped():
                with db.begin() as tx:
                    claimed, passed = deliveries.claim(tx, issue_id, owner=journal.owner, now=clock(), limit=CLAIM)
                tally.skipped += passed
                if claimed:
                    _send(db, line, make, claimed, journal, clock, tally, repeatable=transport.repeatable)
                if not claimed and not passed:
                    break
                on_progress(len(claimed) + passed)
    except TransportDown as problem:
        tally.down = str(problem)
        log.get().warning("transport.down", issue=issue_id, error=str(problem))
    return tally


def _send(
    db: Database,
    line: Line,
    make: Make,
    claimed: Sequence[Claimed],
    journal: Journal,
    clock: Clock,
    tally: Tally,
    *,
    repeatable: bool,
) -> None:
    """Hand one claim over and record what became of it, whatever happens on the way."""
    batch = _Batch()

    def before_end(delivery_id: int) -> bool:
        journal.intent(delivery_id)
        batch.ended.add(delivery_id)
        return True

    try:
        for answer in line.send(_made(make, claimed, batch), before_end=before_end):
            if answer.reply is not None:
                journal.answer(answer.delivery_id, f"{answer.reply.code} {answer.reply.enhanced} {answer.reply.text}")
                batch.answers[answer.delivery_id] = answer.reply
    finally:
        _record(db, claimed, batch, journal, clock, tally, repeatable=repeatable)


def _made(make: Make, claimed: Sequence[Claimed], batch: _Batch) -> Iterator[Envelope]:
    for delivery in claimed:
        try:
            yield make(delivery)
        except BadInput as problem:
            log.get().warning("delivery.skipped", delivery=delivery.delivery_id, error=str(problem))
            batch.unfit.append(delivery.delivery_id)


def _record(
    db: Database, claimed: Sequence[Claimed], batch: _Batch, journal: Journal, clock: Clock, tally: Tally, *, repeatable: bool
) -> None:
    sent = {i: reply for i, reply in batch.answers.items() if 200 <= reply.code < 300}
    unclear = set() if repeatable else batch.ended - set(batch.answers)
    back = [c.delivery_id for c in claimed if c.delivery_id not in {*sent, *unclear, *batch.unfit}]
    with db.begin() as tx:
        for delivery_id, reply in sent.items():
            deliveries.record_sent(
                tx, [delivery_id], owner=journal.owner, at=clock(), reply=f"{reply.code} {reply.enhanced} {reply.text}"
            )
        deliveries.record_unsure(tx, sorted(unclear), owner=journal.owner)
        deliveries.record_skipped(tx, batch.unfit, owner=journal.owner, reason=Skip.ADDRESS)
        deliveries.give_back(tx, back, owner=journal.owner)
    tally.sent += len(sent)
    tally.skipped += len(batch.unfit)
    tally.given_back += len(back)


def recover(db: Database, folder: Path, *, repeatable: bool, clock: Clock) -> int:
    """
    Settle what dead owners left: answered rows as answered, ended ones without an answer
    `unsure`, the rest back to the queue. Returns how many rows that were.

    With a repeatable transport nothing is unsure: it is handed over again.
    """
    settled = 0
    for gone in journals.dead(folder):
        replay = gone.read()
        with db.begin() as tx:
            settled += _settle(tx, replay, repeatable=repeatable, clock=clock)
        gone.close(settled=True)
    with db.begin() as tx:
        lost = deliveries.owners(tx) - journals.present(folder)
        for owner in sorted(lost):
            # Its journal is gone, so nobody knows what it ended.
            replay = Replay(owner=owner, same_boot=False, intents=frozenset(), answers={})
            settled += _settle(tx, replay, repeatable=repeatable, clock=clock)
    if settled:
        log.get().info("claims.recovered", deliveries=settled)
    return settled


def _settle(tx: Session, replay: Replay, *, repeatable: bool, clock: Clock) -> int:
    owned = deliveries.owned(tx, replay.owner)
    answered = [i for i in owned if i in replay.answers]
    unclear = [i for i in owned if i not in replay.answers and (i in replay.intents or not replay.same_boot) and not repeatable]
    back = [i for i in owned if i not in {*answered, *unclear}]
    for delivery_id in answered:
        deliveries.record_sent(tx, [delivery_id], owner=replay.owner, at=clock(), reply=replay.answers[delivery_id])
    deliveries.record_unsure(tx, unclear, owner=replay.owner)
    deliveries.give_back(tx, back, owner=replay.owner)
    return len(owned)
