"""Statistics: readers over time, what was sent and how long it took, and whose stories were printed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, timedelta
from functools import partial

from digest.model.issue import Issue
from digest.model.newsletter import Newsletter
from digest.model.states import DeliveryState, IssueState
from digest.services import dashboard, supply
from digest.services.context import Place
from digest.services.dashboard import Movement
from digest.services.tallies import Tallies
from digest.store import deliveries, growth, issues, newsletters

DAYS = 90
ISSUES_SHOWN = 14
SOURCES_SHOWN = 12
KEEP_S = 3600.0  #: for how long the counts of an issue that is over are kept


@dataclass(frozen=True, slots=True, kw_only=True)
class SentIssue:
    """An issue that was sent."""

    issue: Issue
    paper: Newsletter
    sent: int
    bounced: int
    minutes: float | None  #: from the queue to the last answer; None: not known


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistics:
    """Content of the page of charts."""

    readers: Sequence[tuple[date, int]]  #: subscriptions that were active at the end of each day, the oldest first
    movement: Movement
    issues: Sequence[SentIssue]  #: the oldest first
    sources: Sequence[tuple[str, int]]  #: name, and stories printed in 30 days; the most first


def statistics(ctx: Place, tallies: Tallies) -> Statistics:
    """Return what the charts show. What takes long to count is counted anew only now and then."""
    return Statistics(
        readers=tallies.kept("readers over time", lambda: _readers(ctx)),
        movement=dashboard.movement(ctx, tallies),
        issues=_issues(ctx, tallies),
        sources=_sources(ctx),
    )


def _readers(ctx: Place) -> Sequence[tuple[date, int]]:
    today = ctx.clock().astimezone(UTC).date()
    first = today - timedelta(days=DAYS - 1)
    with ctx.db.read() as tx:
        began, ended = growth.began(tx, first, today), growth.ended(tx, first)
    count = began.before - ended.before
    found = []
    for n in range(DAYS):
        day = first + timedelta(days=n)
        count += began.days.get(day, 0) - ended.days.get(day, 0)
        found.append((day, count))
    return found


def _issues(ctx: Place, tallies: Tallies) -> Sequence[SentIssue]:
    with ctx.db.read() as tx:
        papers = {paper.id: paper for paper in newsletters.all_of(tx)}
        found = []
        for issue in reversed(issues.latest_in(tx, [IssueState.SENT], limit=ISSUES_SHOWN)):
            counts = tallies.kept(("chart", issue.id), partial(deliveries.counts, tx, issue.id), least_s=KEEP_S)
            took = (issue.sent_at - issue.queued_at).total_seconds() / 60 if issue.sent_at and issue.queued_at else None
            found.append(
                SentIssue(
                    issue=issue,
                    paper=papers[issue.newsletter_id],
                    sent=counts.get(DeliveryState.SENT, 0),
                    bounced=counts.get(DeliveryState.BOUNCED, 0),
                    minutes=took,
                )
            )
        return found


def _sources(ctx: Place) -> Sequence[tuple[str, int]]:
    found = sorted(supply.every(ctx), key=lambda one: (-one.printed, one.source.name.casefold()))
    return [(one.source.name, one.printed) for one in found if one.printed][:SOURCES_SHOWN]
