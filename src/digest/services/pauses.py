"""
Pauses: a recipient domain that refuses us, or a relay whose mail is refused in several, is given no mail for a while.

A pause is a row, so it outlives the process, and all processes that send see it with their next claim. It ends by itself;
the next one, soon after, lasts twice as long.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session

from digest.bounces import policy
from digest.bounces.report import Verdict
from digest.deliver.pace import Pace
from digest.errors import NothingToDo
from digest.model import pause as rules
from digest.model.bounce import Bounce
from digest.model.delivery import Delivery
from digest.model.event import EventKind
from digest.model.pause import PauseKind, SendingPause
from digest.model.words import counted
from digest.services import events
from digest.services.context import Place
from digest.services.views.bounces import PauseView
from digest.store import bounces, issues, pauses


def listed(ctx: Place) -> Sequence[PauseView]:
    """Return the pauses that are not over, those that end first first."""
    with ctx.db.read() as tx:
        return [PauseView.model_validate(pause) for pause in pauses.active(tx, now=ctx.clock())]


def resume(ctx: Place, name: str) -> Sequence[PauseView]:
    """End the pauses of a domain, a family of domains or a relay; what waits for them is due at once. Raises NothingToDo."""
    with ctx.db.begin() as tx:
        found = pauses.named(tx, name, now=ctx.clock())
        if not found:
            raise NothingToDo(f"{name} is not paused")
        for pause in found:
            pause.until = ctx.clock()
            pauses.save(tx, pause)
            events.record(ctx, tx, EventKind.PAUSE_ENDED, pause, what=pause.kind.value, name=name)
        pauses.make_due(tx)
        return [PauseView.model_validate(pause) for pause in found]


def consider(ctx: Place, tx: Session, bounce: Bounce, delivery: Delivery) -> bool:
    """
    Pause the domain of a mail that came back as blocked, if it refuses us and not a few readers; and its relay, if several domains do.

    Return whether the admins are told of a pause. What was handed over before a pause was over does not prolong it.
    """
    family = Pace(families=ctx.settings.families).family(bounce.domain)
    if not _may_begin(pauses.find(tx, PauseKind.DOMAIN, family), ctx.clock(), delivery):
        return False
    blocked = bounces.count_of_issue(tx, delivery.issue_id, verdict=Verdict.BLOCKED, domain=bounce.domain)
    of = bounces.handed_over(tx, delivery.issue_id, domain=bounce.domain) if blocked < policy.BLOCKS else 0
    if not policy.is_refused(blocked, of):
        return False
    # Without the words of the server, which may name a reader.
    reason = f"{counted(blocked, 'mail')} to {bounce.domain} came back: {bounce.reason}"
    _pause(ctx, tx, PauseKind.DOMAIN, family, reason, delivery)
    others = [pause for pause in pauses.active(tx, now=ctx.clock()) if pause.relay == delivery.relay]
    if delivery.relay and len(others) >= policy.DOMAINS:
        names = ", ".join(sorted(pause.name for pause in others))
        _pause(ctx, tx, PauseKind.RELAY, delivery.relay, f"its mail came back from {names}", delivery)
    return True


def _may_begin(last: SendingPause | None, now: datetime, delivery: Delivery) -> bool:
    """Return whether a report on this delivery may begin a pause, given the last one."""
    return last is None or (now >= last.until and (delivery.sent_at is None or delivery.sent_at >= last.until))


def _pause(ctx: Place, tx: Session, kind: PauseKind, name: str, reason: str, delivery: Delivery) -> None:
    """Begin a pause, unless there is one, record it and have the admins told."""
    now, last = ctx.clock(), pauses.find(tx, kind, name)
    if not _may_begin(last, now, delivery):
        return
    times = last.times + 1 if last is not None and now < last.until + rules.FORGOTTEN else 1
    pause = last or SendingPause(kind=kind, name=name, began_at=now, until=now, reason=reason)
    pause.began_at, pause.until, pause.times, pause.reason = now, now + rules.length(times), times, reason
    pause.relay = delivery.relay if kind is PauseKind.DOMAIN else ""
    pauses.save(tx, pause)
    what = f"{'mail to ' if kind is PauseKind.DOMAIN else 'the relay '}{name} is paused"
    said = f"{what} until {pause.until:%Y-%m-%d %H:%M} UTC: {reason}"
    issue = issues.get(tx, delivery.issue_id)
    told = {"reason": said, "what": kind.value, "name": name, "until": pause.until.isoformat()}
    events.record_issue(ctx, tx, issue, EventKind.ISSUE_PAUSED, tell=True, **told)
