"""What becomes of a delivery: the judgement of its answer, and the rules of `retry`."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from digest import log
from digest.deliver.retry import GIVE_UP_REASON, given_up, next_try
from digest.model.delivery import Claimed, Result
from digest.model.ports import Answer, Stage
from digest.model.replies import Cause, Outcome, Verdict, judge
from digest.model.states import DeliveryState, Skip

_WAITS = (DeliveryState.DEFERRED, DeliveryState.QUEUED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """A claimed delivery, and what was heard of it."""

    delivery: Claimed
    answer: Answer | None = None  #: none: it was not handed over
    skip: Skip | None = None  #: why it was passed by
    later: datetime | None = None  #: its domain can bear no more before then


def result(
    heard: Heard, *, now: datetime, repeatable: bool, resend: bool, retried_at: datetime | None = None
) -> tuple[Result, Verdict | None]:
    """
    The result, and the verdict it comes from.

    `repeatable`: the same message handed over twice arrives once. `resend`: what is unsure is sent again.
    `retried_at`: see `given_up`.
    """
    delivery, answer = heard.delivery, heard.answer
    if heard.skip is not None:
        return Result(delivery_id=delivery.delivery_id, state=DeliveryState.SKIPPED, reason=heard.skip.value), None
    if answer is None:
        return untouched(delivery, next_at=heard.later, reason="paced" if heard.later else ""), None
    verdict = judge(answer.stage, answer.reply)
    if verdict.outcome is Outcome.SENT:
        sent = Result(delivery_id=delivery.delivery_id, state=DeliveryState.SENT, reply=answer.reply, at=now, relay=answer.relay)
        return sent, verdict
    if answer.reply is None and answer.stage is not Stage.END:
        return untouched(delivery), verdict
    if verdict.outcome is Outcome.UNSURE and (repeatable or resend):
        return _failed(delivery, answer, verdict, DeliveryState.QUEUED, now=now, attempt=not repeatable), verdict
    return _later(delivery, answer, verdict, now=now, retried_at=retried_at), verdict


def untouched(delivery: Claimed, *, next_at: datetime | None = None, reason: str = "") -> Result:
    """It goes back to the queue as if nobody had had it in hand."""
    return Result(
        delivery_id=delivery.delivery_id, state=DeliveryState.QUEUED, relay=delivery.relay, next_at=next_at, reason=reason
    )


def log_bounced(results: Iterable[Result], deliveries: Mapping[int, Claimed], *, issue_id: int) -> None:
    """Log each delivery that is given up; `deliveries` are those of the results, by number."""
    for one in results:
        if one.state is DeliveryState.BOUNCED:
            address = deliveries[one.delivery_id].address
            reply = str(one.reply or "")
            log.get().info(
                "delivery.bounced", issue=issue_id, delivery=one.delivery_id, address=address, reason=one.reason, reply=reply
            )


def _later(delivery: Claimed, answer: Answer, verdict: Verdict, *, now: datetime, retried_at: datetime | None) -> Result:
    state = DeliveryState(verdict.outcome.value)
    if state in _WAITS and given_up(first_at=delivery.dated_at, retried_at=retried_at, now=now):
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
