"""The result of a delivery: the verdict on its answer, and the rules of retrying."""

from dataclasses import dataclass
from datetime import datetime

from digest.deliver.retry import next_try
from digest.model.delivery import Claimed, Result
from digest.model.issue import GIVE_UP_REASON
from digest.model.pause import PACED
from digest.model.ports import Answer, Stage
from digest.model.replies import Cause, Outcome, Verdict, judge
from digest.model.states import DeliveryState, Skip

_WAITS = (DeliveryState.DEFERRED, DeliveryState.QUEUED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """A claimed delivery that a worker is done with."""

    delivery: Claimed
    answer: Answer | None = None  #: none: it was not handed over
    skip: Skip | None = None  #: why it was passed by
    later: datetime | None = None  #: its domain takes no more before then


@dataclass(frozen=True, slots=True)
class Judged:
    """A delivery, its result and the verdict behind it, if a reply was judged."""

    delivery: Claimed
    result: Result
    verdict: Verdict | None = None

    @property
    def domain(self) -> str:
        """Domain of the reader."""
        return self.delivery.domain


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The rules by which a run judges answers."""

    repeatable: bool  #: the same message handed over twice arrives once
    resend: bool  #: an unsure delivery goes back to the queue instead of waiting for a person
    give_up_at: datetime  #: see `Issue.give_up_at`


def judged(finished: Finished, rules: Rules, *, now: datetime) -> Judged:
    """Decide the result of a delivery."""
    delivery, answer = finished.delivery, finished.answer
    if finished.skip is not None:
        return Judged(delivery, Result(delivery_id=delivery.delivery_id, state=DeliveryState.SKIPPED, reason=finished.skip.value))
    if answer is None:
        return Judged(delivery, untouched(delivery, next_at=finished.later, reason=PACED if finished.later else ""))
    verdict = judge(answer.stage, answer.reply)
    return Judged(delivery, _result(delivery, answer, verdict, rules, now=now), verdict)


def _result(delivery: Claimed, answer: Answer, verdict: Verdict, rules: Rules, *, now: datetime) -> Result:
    if verdict.outcome is Outcome.SENT:
        return Result(delivery_id=delivery.delivery_id, state=DeliveryState.SENT, reply=answer.reply, at=now, relay=answer.relay)
    if answer.reply is None and answer.stage is not Stage.END:
        return untouched(delivery)
    if verdict.outcome is Outcome.UNSURE and (rules.repeatable or rules.resend):
        return _failed(delivery, answer, verdict, DeliveryState.QUEUED, now=now, attempt=not rules.repeatable)
    return _later(delivery, answer, verdict, rules, now=now)


def untouched(delivery: Claimed, *, next_at: datetime | None = None, reason: str = "") -> Result:
    """Return a delivery to the queue as if it had never been claimed."""
    return Result(
        delivery_id=delivery.delivery_id, state=DeliveryState.QUEUED, relay=delivery.relay, next_at=next_at, reason=reason
    )


def _later(delivery: Claimed, answer: Answer, verdict: Verdict, rules: Rules, *, now: datetime) -> Result:
    state = DeliveryState(verdict.outcome.value)
    if state in _WAITS and now >= rules.give_up_at:
        reason = GIVE_UP_REASON + str(answer.reply)
        return _failed(delivery, answer, verdict, DeliveryState.BOUNCED, now=now, attempt=True, reason=reason)
    next_at = None
    if state in _WAITS:
        next_at = next_try(tries=delivery.tries, cause=verdict.cause, delivery_id=delivery.delivery_id, now=now)
    return _failed(delivery, answer, verdict, state, now=now, attempt=True, next_at=next_at)


def _failed(
    delivery: Claimed,
    answer: Answer,
    verdict: Verdict,
    state: DeliveryState,
    *,
    now: datetime,
    attempt: bool,
    next_at: datetime | None = None,
    reason: str = "",
) -> Result:
    return Result(
        delivery_id=delivery.delivery_id,
        state=state,
        reply=answer.reply,
        reason=reason or verdict.cause.value,
        next_at=next_at,
        at=now,
        stage=answer.stage,
        cause=verdict.cause.value,
        relay=answer.relay,
        seconds=answer.seconds,
        attempt=attempt,
        suppresses=verdict.suppresses,
        scores=verdict.scores if answer.stage is Stage.RCPT or verdict.cause is Cause.FULL else None,
    )
