"""
Held bounces: a person decides about reports that had no effect, since too many of an issue came back at once.

They are decided in batches, each in a transaction of its own: after a kill the rest still waits for a decision.
"""

from collections.abc import Callable

from sqlmodel import Session

from digest.errors import Conflict
from digest.model.bounce import Bounce, Effect
from digest.model.event import EventKind
from digest.model.subscriber import Suppression
from digest.services import events
from digest.services.context import Place
from digest.store import bounce_reports, bounces, subscribers

BATCH = 500


def suppress(ctx: Place, issue_id: int, *, domain: str = "", count: int) -> int:
    """
    Believe the reports that are held back of an issue, of one domain or of all: their addresses are never mailed again.

    Raises:
        Conflict: they are not `count` any more.
    """
    return _decide(ctx, issue_id, _suppress, domain=domain, count=count)


def dismiss(ctx: Place, issue_id: int, *, domain: str = "", count: int) -> int:
    """
    Dismiss the reports that are held back of an issue, of one domain or of all: they count for nothing, and nobody is suppressed.

    Raises:
        Conflict: they are not `count` any more.
    """
    return _decide(ctx, issue_id, _dismiss, domain=domain, count=count)


def _decide(ctx: Place, issue_id: int, decide: Callable[[Place, Session, Bounce], None], *, domain: str, count: int) -> int:
    with ctx.db.read() as tx:
        waiting = {name: number for _, name, number in bounce_reports.held(tx, issue_id=issue_id)}
    if count != (waiting.get(domain, 0) if domain else sum(waiting.values())):
        raise Conflict("their number is another by now", code="count_changed")
    done = 0
    while done < count:
        with ctx.db.begin() as tx:
            batch = bounces.of_issue(tx, issue_id, effect=Effect.HELD, domain=domain)[: min(BATCH, count - done)]
            for bounce in batch:
                decide(ctx, tx, bounce)
                bounces.save(tx, bounce)
        if not batch:  # another person has decided meanwhile
            break
        done += len(batch)
    return done


def _suppress(ctx: Place, tx: Session, bounce: Bounce) -> None:
    bounce.effect = Effect.SUPPRESSED
    bounce.undone_at = None  # an alarm may have taken it back
    reason = f"came back: {bounce.sentence or bounce.reason}"[:300]
    entry = Suppression(address_hmac=bounce.address_hmac, address=bounce.address, reason=reason, made_at=bounce.at)
    if bounce.address_hmac and subscribers.suppress(tx, entry):
        events.record(ctx, tx, EventKind.SUPPRESSED, entry, delivery=bounce.delivery_id, reason=reason)


def _dismiss(ctx: Place, tx: Session, bounce: Bounce) -> None:
    bounce.effect, bounce.undone_at = Effect.UNDONE, ctx.clock()
    events.record(ctx, tx, EventKind.BOUNCE_UNDONE, bounce, delivery=bounce.delivery_id)
