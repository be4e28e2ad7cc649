"""
Decide what a report does to its reader. Pure: what is known of the address comes in as values, and so do the numbers,
which each newsletter may have its own of.

Nothing that others can forge suppresses anybody on its own: without a signed address or link of ours, several reports of
different deliveries are needed, a day or more apart. A soft failure counts 1 (a full mailbox, which is often emptied, 0.65),
and half of that after each half-life.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from digest.bounces.report import Reason, Verdict
from digest.bounces.rules import DEFAULT, LEAVE, RECORD, Rules
from digest.model.bounce import Effect, Proof

APART = timedelta(days=1)  #: between two reports without a signature that suppress
#: A domain refuses the sender when so many of an issue's mails to it came back for that, or this share of them.
BLOCKS, SHARE_OF_BLOCKS = 5, 0.5
DOMAINS = 3  #: that refuse what came by one relay: it is the relay that they refuse


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
    verdict: Verdict,
    reason: Reason,
    *,
    proof: Proof,
    delivery_id: int | None,
    earlier: Sequence[Earlier],
    now: datetime,
    rules: Rules = DEFAULT,
) -> Effect:
    """Decide the effect of a report, given the earlier ones on the same address."""
    if delivery_id is not None and any(e.delivery_id == delivery_id and e.verdict is verdict for e in earlier):
        return Effect.REPEATED
    earlier = [e for e in earlier if not e.is_undone]
    match verdict:
        case Verdict.COMPLAINT if proof is Proof.SIGNED:
            return Effect.LEFT if rules.complaint == LEAVE else Effect.UNSUBSCRIBED
        case Verdict.HARD if rules.hard == RECORD:
            return Effect.NOTHING
        case Verdict.HARD if proof is Proof.SIGNED or (proof is Proof.NAMED and _is_confirmed(earlier, rules, now)):
            return Effect.SUPPRESSED
        case Verdict.SOFT if proof is Proof.SIGNED and _is_too_often(reason, earlier, rules, now):
            return Effect.SUPPRESSED
        case _:
            return Effect.NOTHING


def score(reason: Reason, age: timedelta, *, half_life: timedelta = DEFAULT.half_life) -> float:
    """Return what a soft failure of this age counts."""
    halved: float = 0.5 ** (max(age, timedelta(0)) / half_life)
    return (0.65 if reason is Reason.FULL else 1.0) * halved


def is_alarming(hard: int, of: int, *, domain: bool, rules: Rules = DEFAULT) -> bool:
    """Return whether so many hard reports say more of us, or of a domain's server, than of readers."""
    return hard >= rules.alarm and hard > of * (rules.domain_share if domain else rules.share)


def is_refused(blocked: int, of: int) -> bool:
    """Return whether so many of the mails to a domain came back as blocked that it refuses the sender, and not for a few readers."""
    return blocked >= BLOCKS or blocked > of * SHARE_OF_BLOCKS


def _is_confirmed(earlier: Sequence[Earlier], rules: Rules, now: datetime) -> bool:
    """Return whether enough hard reports, each a day or more after the one before, lie behind this one."""
    found, last = 1, now
    for report in sorted(earlier, key=lambda e: e.at, reverse=True):
        if report.verdict is Verdict.HARD and report.proof is not Proof.NONE and last - report.at >= APART:
            found, last = found + 1, report.at
    return found >= rules.unsigned


def _is_too_often(reason: Reason, earlier: Sequence[Earlier], rules: Rules, now: datetime) -> bool:
    soft = [e for e in earlier if e.verdict is Verdict.SOFT and e.proof is Proof.SIGNED]
    total = score(reason, timedelta(0)) + sum(score(e.reason, now - e.at, half_life=rules.half_life) for e in soft)
    return bool(soft) and total >= rules.score and now - min(e.at for e in soft) >= rules.span
