"""Status: what is due, and what needs attention."""

from sqlmodel import Session

from digest.model.newsletter import Newsletter
from digest.model.states import IssueState
from digest.services import warmup
from digest.services.context import Place, destination, warnings
from digest.services.views.bounces import PauseView
from digest.services.views.newsletters import FailingSource, NewsletterStatus, StatusView
from digest.store import articles, deliveries, issues, newsletters, pauses, sources, subscribers


def status(ctx: Place) -> StatusView:
    """Return what is due, the last issue of each newsletter, and what is wrong."""
    with ctx.db.read() as tx:
        papers = tuple(_paper(ctx, tx, paper) for paper in newsletters.all_of(tx))
        failing = tuple(FailingSource(source=source.name, error=source.error) for source in sources.failing(tx))
        total = articles.count(tx)
        held = pauses.active(tx, now=ctx.clock())
    return StatusView(
        newsletters=papers,
        failing_sources=failing,
        paused=tuple(PauseView.model_validate(pause) for pause in held),
        warm_ups=tuple(warmup.under_way(ctx)),
        articles=total,
        mail_goes_to=destination(ctx.settings),
        warnings=tuple(warnings(ctx.settings)),
    )


def _paper(ctx: Place, tx: Session, paper: Newsletter) -> NewsletterStatus:
    now = ctx.clock()
    newest = issues.latest(tx, paper.id, limit=5)
    last = next((issue for issue in newest if issue.state is not IssueState.DRAFT), None)  # editors begin drafts ahead of time
    due = paper.next_slot(now)
    return NewsletterStatus(
        newsletter=paper.name,
        list=subscribers.list_by_id(tx, paper.mlist_id).name,
        paused=paper.is_paused(now),
        next_due=due.due_at if due else None,
        sources=len(sources.ids_of(tx, paper.id)),
        readers=subscribers.count_readers(tx, paper.mlist_id),
        last_issue=last.number if last else None,
        slot=last.slot if last else None,
        state=last.state if last else None,
        reason=last.reason if last else "",
        deliveries=dict(deliveries.counts(tx, last.id)) if last else {},
        waits_until=last.waits_until if last and last.waits_until and last.waits_until > now else None,
        timezone=paper.zone,
    )
