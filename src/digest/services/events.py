"""
Events: each use case that changes something records what happened, within its own transaction.

So a change without its event does not exist, whenever the process is killed. What follows from an event
(mails to the admins, webhooks, alarms, an audit) is done from these rows, later and as often as it takes.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlmodel import Session, SQLModel

from digest.model.event import NOBODY, REASON_MAX, Event, EventKind
from digest.model.issue import Issue
from digest.model.newsletter import Newsletter
from digest.model.states import IssueState
from digest.model.subscriber import MailingList
from digest.services.context import Place
from digest.services.views.events import EventView
from digest.store import events, issues, newsletters

_OF_STATE = {
    IssueState.DRAFT: EventKind.ISSUE_DRAFTED,
    IssueState.READY: EventKind.ISSUE_FROZEN,
    IssueState.SENDING: EventKind.ISSUE_QUEUED,
    IssueState.SENT: EventKind.ISSUE_SENT,
    IssueState.SKIPPED: EventKind.ISSUE_SKIPPED,
    IssueState.HELD: EventKind.ISSUE_HELD,
    IssueState.CANCELLED: EventKind.ISSUE_CANCELLED,
}


# --- to record -------------------------------------------------------------------------------


def record(
    ctx: Place,
    tx: Session,
    kind: EventKind,
    row: SQLModel | type[SQLModel],
    *,
    tell: bool = False,
    actor: str = "",
    **facts: object,
) -> None:
    """
    Record within this transaction what happened to a stored row, or to many of a table.

    `tell`: the admins are mailed of it. `actor`: who did it, if it was not the one that the context names.
    `facts` are small, and name a person by number.
    """
    _add(ctx, tx, kind, row, facts, tell=tell, actor=actor)


def _add(
    ctx: Place,
    tx: Session,
    kind: EventKind,
    row: SQLModel | type[SQLModel],
    facts: Mapping[str, object],
    *,
    tell: bool,
    actor: str = "",
) -> None:
    one = None if isinstance(row, type) else row
    number = getattr(one, "id", None)
    person = NOBODY if actor else ctx.person  # which is the person that the context names
    now = ctx.clock()
    event = Event(
        at=now,
        kind=kind,
        actor=actor or ctx.actor,
        person=person.name,
        account_id=person.account_id,
        ip=person.ip,
        noun=kind.value.partition(".")[0],
        noun_id=number,
        newsletter_id=number if isinstance(one, Newsletter) else getattr(one, "newsletter_id", None),
        mlist_id=number if isinstance(one, MailingList) else getattr(one, "mlist_id", None),
        facts=dict(facts),
        tell_at=now if tell else None,
    )
    events.add(tx, [event])


def differences(before: Mapping[str, object], after: Mapping[str, object]) -> dict[str, Any]:
    """Return as facts of an event what a change did: the former and the new values of what is another now."""
    other = [name for name in after if before.get(name) != after[name]]
    return {"before": {name: before.get(name) for name in other}, "after": {name: after[name] for name in other}}


def move_issue(
    ctx: Place,
    tx: Session,
    issue: Issue,
    state: IssueState,
    *,
    reason: str = "",
    kind: EventKind | None = None,
    tell: bool = False,
) -> None:
    """Move an issue to a state and record that; `kind`: what happened, if the state does not say it. Raises Conflict."""
    issues.to_state(tx, issue, state, reason=reason)
    record_issue(ctx, tx, issue, kind or _OF_STATE[state], tell=tell)


def record_issue(ctx: Place, tx: Session, issue: Issue, kind: EventKind, *, tell: bool = False, **facts: object) -> None:
    """Record what happened to an issue, with how it stands now."""
    stands = {"slot": issue.slot, "number": issue.number, "state": issue.state.value, "reason": issue.reason[:REASON_MAX]}
    _add(ctx, tx, kind, issue, {**stands, **facts}, tell=tell)


# --- to read ---------------------------------------------------------------------------------


def since(ctx: Place, after: int, *, kinds: Collection[EventKind] = (), limit: int = 100) -> Sequence[EventView]:
    """
    Return the events that follow the one with number `after`, oldest first; of these kinds, or of all.

    Whoever reads on from the last number that it got misses none.
    """
    with ctx.db.begin(shared=True) if ctx.db.shared else ctx.db.read() as tx:
        found = events.since(tx, after, kinds=kinds, limit=limit)
        return views(tx, found)


def listed(ctx: Place, *, newsletter: str = "", kind: EventKind | None = None, limit: int | None = None) -> Sequence[EventView]:
    """Return the newest events, newest first; of one newsletter, of one kind. Raises NotFound."""
    with ctx.db.read() as tx:
        chosen = newsletters.get(tx, newsletter).id if newsletter else None
        return views(tx, events.latest(tx, newsletter_id=chosen, kind=kind, limit=limit))


def views(tx: Session, found: Sequence[Event]) -> Sequence[EventView]:
    """Return the views of stored events."""
    papers = {paper.id: paper for paper in newsletters.all_of(tx)}
    return [_view(event, papers.get(event.newsletter_id or 0)) for event in found]


def _view(event: Event, paper: Newsletter | None) -> EventView:
    return EventView.of(event, newsletter=paper.name if paper else None, timezone=paper.zone if paper else None)
