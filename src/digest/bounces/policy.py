"""
Decide what a report does to its reader. Pure: what is known of the address comes in as values.

Nothing that others can forge suppresses anybody on its own: without a signed address or link of ours, two reports of
different deliveries are needed, a day or more apart. A soft failure counts 1 (a full mailbox, which is often emptied, 0.65),
and half of that after each HALF_LIFE.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from digest.bounces.report import Reason, Verdict
from digest.model.bounce import Effect, Proof

HALF_LIFE = timedelta(days=30)
SCORE = 2.5  #: at which an address is suppressed
LEAST_SPAN = timedelta(days=7)  #: between the first and the last of the soft failures that suppress
APART = timedelta(days=1)  #: between two reports without a signature that suppress
MANY = 20  #: hard reports of one issue, or of one domain in it, below which no alarm is given
SHARE, SHARE_OF_DOMAIN = 0.10, 0.20  #: of the mails of the issue, or of those to the domain


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """An earlier report on the same address."""

    at: datetime
    verdict: Verdict
    reason: Reason
    proof: Proof
    delivery_id: int | None
    is_undone: bool = False  #: its effect was taken back: it counts for nothing but a repetition


def effect(
    verdict: Verdict, reason: Reason, *, proof: Proof, delivery_id: int | None, earlier: Sequence[Earlier], now: datetime
) -> Effect:
    """Decide the effect of a report, given the earlier ones on the same address."""
    if delivery_id is not None and any(e.delivery_id == delivery_id and e.verdict is verdict for e in earlier):
        return Effect.REPEATED
    earlier = [e for e in earlier if not e.is_undone]
    match verdict:
        case Verdict.COMPLAINT:
            return Effect.UNSUBSCRIBED if proof is Proof.SIGNED else Effect.NOTHING
        case Verdict.HARD if proof is Proof.SIGNED or (proof is Proof.NAMED and _is_second(earlier, now)):
            return Effect.SUPPRESSED
        case Verdict.SOFT if proof is Proof.SIGNED and _is_too_often(reason, earlier, now):
            return Effect.SUPPRESSED
        case _:
            return Effect.NOTHING


def score(reason: Reason, age: timedelta) -> float:
    """Return what a soft failure of this age counts."""
    halved: float = 0.5 ** (max(age, timedelta(0)) / HALF_LIFE)
    return (0.65 if reason is Reason.FULL else 1.0) * halved


def is_alarming(hard: int, of: int, *, domain: bool) -> bool:
    """Return whether so many hard reports say more of us, or of a domain's server, than of readers."""
    return hard >= MANY and hard > of * (SHARE_OF_DOMAIN if domain else SHARE)


def _is_second(earlier: Sequence[Earlier], now: datetime) -> bool:
    return any(e.verdict is Verdict.HARD and e.proof is not Proof.NONE and now - e.at >= APART for e in earlier)


def _is_too_often(reason: Reason, earlier: Sequence[Earlier], now: datetime) -> bool:
    soft = [e for e in earlier if e.verdict is Verdict.SOFT and e.proof is Proof.SIGNED]
    total = score(reason, timedelta(0)) + sum(score(e.reason, now - e.at) for e in soft)
    return bool(soft) and total >= SCORE and now - min(e.at for e in soft) >= LEAST_SPAN
