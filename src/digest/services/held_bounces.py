"""
Held bounces: a person decides about reports that had no effect, since too many of an issue came back at once.

They are decided in batches, each in a transaction of its own: after a kill the rest still waits for a decision.
"""

from collections.abc import Callable
from dataclasses import dataclass

from sqlmodel import Session

from digest.errors import Conflict, NothingToDo
from digest.model.bounce import Bounce, Effect
from digest.model.event import EventKind
from digest.model.issue import Issue
from digest.services import events, reports
from digest.services.context import Place
from digest.services.issues import of_key
from digest.store import bounce_reports, bounces, issues

BATCH = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """Reports of an issue that wait for a decision."""

    issue: Issue
    reports: int


def waiting(ctx: Place, key: str, *, newsletter: str = "") -> Waiting:
    """Return how many reports on an issue, by its number or slot, are held back. Raises NotFound, or NothingToDo where none is."""
    with ctx.db.read() as tx:
        issue = of_key(tx, newsletter, key)
        count = sum(number for _, _, number in bounce_reports.held(tx, issue_id=issue.id))
    if not count:
        raise NothingToDo(f"no report on issue {key} is held back")
    return Waiting(issue=issue, reports=count)


def release(ctx: Place, issue_id: int, *, domain: str = "", count: int) -> int:
    """
    Believe the reports that are held back of an issue, of one domain or of all: their addresses are never mailed again.

    Raises:
        Conflict: they are not `count` any more.
    """
    return _decide(ctx, issue_id, _release, EventKind.ISSUE_RELEASED, domain=domain, count=count)


def discard(ctx: Place, issue_id: int, *, domain: str = "", count: int) -> int:
    """
    Discard the reports that are held back of an issue, of one domain or of all: they count for nothing, and nobody is suppressed.

    Raises:
        Conflict: they are not `count` any more.
    """
    return _decide(ctx, issue_id, _discard, EventKind.ISSUE_DISCARDED, domain=domain, count=count)


def _decide(
    ctx: Place, issue_id: int, decide: Callable[[Place, Session, Bounce], None], kind: EventKind, *, domain: str, count: int
) -> int:
    with ctx.db.read() as tx:
        held = {name: number for _, name, number in bounce_reports.held(tx, issue_id=issue_id)}
    if count != (held.get(domain, 0) if domain else sum(held.values())):
        raise Conflict("their number is another by now", code="count_changed")
    done = 0
    while done < count:
        with ctx.db.begin() as tx:
            batch = bounces.of_issue(tx, issue_id, effect=Effect.HELD, domain=domain)[: min(BATCH, count - done)]
            for bounce in batch:
                decide(ctx, tx, bounce)
                bounces.save(tx, bounce)
            if batch:
                events.record_issue(ctx, tx, issues.get(tx, issue_id), kind, reports=len(batch), domain=domain)
        if not batch:  # another person has decided meanwhile
            break
        done += len(batch)
    return done


def _release(ctx: Place, tx: Session, bounce: Bounce) -> None:
    bounce.effect, bounce.undone_at = Effect.SUPPRESSED, None  # an alarm may have taken it back
    if bounce.address_hmac:
        reports.harm(ctx, tx, bounce)


def _discard(ctx: Place, _tx: Session, bounce: Bounce) -> None:
    bounce.effect, bounce.undone_at = Effect.UNDONE, ctx.clock()
