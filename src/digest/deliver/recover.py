"""Settling the claims of owners that no longer run: by their journals where available, else by missing heartbeats."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from sqlmodel import Session

from digest import log
from digest.deliver import journal as journals
from digest.deliver.counting import outcomes
from digest.deliver.heartbeat import LIMIT_S
from digest.deliver.journal import Replay
from digest.model.delivery import Result
from digest.model.ports import Clock, Stage
from digest.model.replies import Outcome, judge
from digest.model.states import DeliveryState
from digest.store import claims, metrics, owners
from digest.store.engine import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rules:
    """The rules by which dead owners' deliveries are settled."""

    clock: Clock
    repeatable: bool  #: nothing is ever in doubt
    resend: bool  #: what is in doubt is handed over again


def recover(db: Database, folder: Path, *, repeatable: bool, resend: bool = False, clock: Clock) -> int:
    """
    Settle the claims of dead owners: answered rows as answered, ended ones without an answer
    `unsure`, the rest back to the queue. Returns how many rows that were.

    Who can take the lock of a journal knows its owner dead. Another machine's owner is lost when
    it gave no sign of life for a minute: its claims are unsure until its journal comes back.
    With a repeatable transport nothing is unsure: it is handed over again.
    """
    rules = _Rules(clock=clock, repeatable=repeatable, resend=resend)
    settled = 0
    for gone in journals.abandoned(folder):
        with db.begin() as tx:
            replay = gone.read(frozenset(claims.owned(tx, gone.path.name)))
            settled += _settle(tx, gone.path.name, replay, rules)
            owners.end(tx, gone.path.name)
        gone.close(settled=True)
    with db.begin() as tx:
        for owner in sorted(_lost(tx, folder, rules)):
            settled += _settle(tx, owner, None, rules)
    if settled:
        log.get().info("claims.recovered", deliveries=settled)
    return settled


def _lost(tx: Session, folder: Path, rules: _Rules) -> Sequence[str]:
    """Return owners with claims whose outcome is unavailable here: their journal is gone, or remote and without a recent heartbeat."""
    claiming = owners.claiming(tx)
    if not claiming:
        return ()
    known = {owner.id: owner for owner in owners.of(tx, claiming)}
    here, present = journals.place(folder), journals.present(folder)
    silent_since = rules.clock() - timedelta(seconds=LIMIT_S)
    return [
        owner
        for owner in claiming - present
        if owner not in known or known[owner].place == here or known[owner].beat_at < silent_since
    ]


def _settle(tx: Session, owner: str, replay: Replay | None, rules: _Rules) -> int:
    """
    Settle the rows of a dead owner; without a replay its journal is not available.

    What was answered other than 250 is simply tried again: it was not taken.
    """
    owned = claims.owned(tx, owner)
    results = [_result(number, replay, rules) for number in owned]
    claims.record(tx, results, owner=owner)
    metrics.add(tx, outcomes(results, domain=lambda _number: ""), holder=owner)
    return len(owned)


def _result(number: int, replay: Replay | None, rules: _Rules) -> Result:
    answer, now = (replay.answers.get(number) if replay else None), rules.clock()
    if answer is not None and judge(answer.stage, answer.reply).outcome is Outcome.SENT:
        return Result(delivery_id=number, state=DeliveryState.SENT, reply=answer.reply, at=now)
    in_doubt = replay is None or (answer is None and (number in replay.intents or not replay.same_boot or replay.corrupt))
    if not in_doubt or rules.repeatable:
        return Result(delivery_id=number, state=DeliveryState.QUEUED)
    if rules.resend:  # it stays on record that it may arrive twice
        return Result(delivery_id=number, state=DeliveryState.QUEUED, attempt=True, tried=False, stage=Stage.END, at=now)
    return Result(
        delivery_id=number, state=DeliveryState.UNSURE, attempt=True, stage=Stage.END, at=now, stays_owned=replay is None
    )
