"""
Issues: the slots they hold, the states they go through, and what a person decides about them.

How an issue is decided and frozen is in `freezing`, how its mails go out in `sending`.
"""

import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlmodel import Session

from digest.errors import Conflict, NothingToDo
from digest.model.amendment import Amendment
from digest.model.approval import may_go
from digest.model.event import EventKind
from digest.model.issue import CandidateRow, Issue
from digest.model.metric import DELIVERIES
from digest.model.newsletter import Newsletter
from digest.model.states import OPEN, DeliveryState, IssueState
from digest.model.timetable import Slot, duration, local
from digest.services import events
from digest.services.context import Place
from digest.services.views.issues import CandidateView, IssueDetails, IssueView
from digest.store import approvals, deliveries, issues, metrics, newsletters, versions

if TYPE_CHECKING:
    from digest.services.context import Context

LOOK_BACK = timedelta(days=14)  #: slots missed longer ago are not even named


# --- slots -----------------------------------------------------------------------------------


def due_slots(ctx: Place, newsletter: Newsletter) -> tuple[Slot | None, Sequence[tuple[Slot, str]]]:
    """
    Decide what the timetable asks for now: the slot to publish, and slots to skip, each with the reason.

    Of several missed slots the newest is published if it is not later than `max_lateness`.
    """
    now = ctx.clock()
    since = max(newsletter.timetable_at, now - LOOK_BACK)
    with ctx.db.read() as tx:
        missed = [slot for slot in newsletter.slots(after=since, until=now) if _is_unserved(tx, newsletter, slot)]
    if not missed:
        return None, ()
    *older, newest = missed
    skipped = [(slot, f"missed; the issue of {newest.name} came instead") for slot in older]
    if now - newest.due_at > newsletter.max_lateness:
        return None, [*skipped, (newest, f"missed by more than {duration(newsletter.max_lateness)}")]
    return newest, skipped


def _is_unserved(tx: Session, newsletter: Newsletter, slot: Slot) -> bool:
    """Return whether no issue holds the slot, or one that never came beyond its draft."""
    issue = issues.of_slot(tx, newsletter.id, slot.name)
    return issue is None or issue.state is IssueState.DRAFT


def take_slot(ctx: Place, newsletter: Newsletter, slot: Slot) -> Issue:
    """Return the issue that holds the slot, made if there is none; one that was skipped, or held before it was frozen, is a draft again."""
    with ctx.db.begin() as tx:
        issue = issues.of_slot(tx, newsletter.id, slot.name)
        if issue is None:
            return begin(ctx, tx, newsletter, slot)
        if issue.state is IssueState.SKIPPED or (issue.state is IssueState.HELD and issue.frozen_at is None):
            events.move_issue(ctx, tx, issue, IssueState.DRAFT)
        return issue


def begin(ctx: Place, tx: Session, newsletter: Newsletter, slot: Slot) -> Issue:
    """Make the issue of a slot that has none, as a draft, within a transaction."""
    nonce = secrets.token_hex(6)
    made = Issue(newsletter_id=newsletter.id, slot=slot.name, nonce=nonce, due_at=slot.due_at, made_at=ctx.clock())
    issues.add(tx, made)
    events.record_issue(ctx, tx, made, EventKind.ISSUE_DRAFTED)
    return made


def refuse_served(ctx: Place, newsletter: Newsletter, slot: Slot) -> None:
    """Raise NothingToDo where a send would not publish this slot: its issue is beyond a draft."""
    with ctx.db.read() as tx:
        issue = issues.of_slot(tx, newsletter.id, slot.name)
    if issue is not None and issue.state not in (IssueState.DRAFT, IssueState.SKIPPED, IssueState.READY):
        raise NothingToDo(why_not(ctx, issue, newsletter), code="slot_served")


def why_not(ctx: Place, issue: Issue, newsletter: Newsletter) -> str:
    """Say why nothing more of an issue is sent now."""
    zone = newsletter.timetable.zone
    if issue.state is IssueState.SENT and issue.sent_at:
        return f"issue {issue.number} of {newsletter.name} ({issue.slot}) was sent at {local(issue.sent_at, zone)}"
    if issue.state is IssueState.SENDING:
        with ctx.db.read() as tx:
            counts = deliveries.counts(tx, issue.id)
            due = deliveries.next_due(tx, issue.id)
        waits = ", ".join(f"{n} {state}" for state, n in counts.items() if state in OPEN)
        what = (
            "what waits for the warm-up of a relay goes" if issue.waits_until and issue.waits_until == due else "the next try is"
        )
        when = f"; {what} at {local(due, zone)}" if due else ""
        return f"issue {issue.number} of {newsletter.name} ({issue.slot}) went out but for {waits}{when}"
    return f"the issue of {newsletter.name} for {issue.slot} is {issue.state}" + (f": {issue.reason}" if issue.reason else "")


# --- states ----------------------------------------------------------------------------------


def unfinished(ctx: Place, newsletter: Newsletter, *, by_hand: bool = False) -> Sequence[Issue]:
    """
    Return the issues of a newsletter that have something to do now, oldest first; those that were frozen too long ago are called off.

    One that was approved before its hour waits for it, unless it is sent `by_hand`.
    """
    with ctx.db.begin() as tx:
        found = issues.unfinished(tx, newsletter.id)
        return [issue for issue in found if _has_work(ctx, tx, newsletter, issue, by_hand=by_hand)]


def _has_work(ctx: Place, tx: Session, newsletter: Newsletter, issue: Issue, *, by_hand: bool) -> bool:
    now = ctx.clock()
    late = now - issue.fresh_from
    if issue.state is IssueState.READY and late > newsletter.max_lateness:
        reason = f"too late: frozen {duration(late)} ago and never queued"
        events.move_issue(ctx, tx, issue, IssueState.CANCELLED, reason=reason)
        deliveries.cancel_waiting(tx, issue.id)
        return False
    if issue.state is IssueState.SENDING and now >= issue.give_up_at:
        given_up = deliveries.give_up(tx, issue.id, at=now)
        metrics.add(tx, {(DELIVERIES.name, ("", "", DeliveryState.BOUNCED.value)): given_up}, holder="")
    if issue.state is IssueState.READY:
        return may_go(newsletter, issue, now=now, by_hand=by_hand)
    return deliveries.any_due(tx, issue.id, now=now) or not deliveries.any_open(tx, issue.id)


def close_if_done(ctx: Place, tx: Session, issue: Issue) -> bool:
    """Move an issue that is sending to `sent` when no delivery is open any more; the only place that decides so."""
    if issue.state is not IssueState.SENDING or deliveries.any_open(tx, issue.id):
        return False
    if issue.sent_at is not None:  # for readers who joined later, or whose mail was tried again, it was sent long ago
        issues.to_state(tx, issue, IssueState.SENT)
        return True
    issue.sent_at = ctx.clock()
    events.move_issue(ctx, tx, issue, IssueState.SENT)
    return True


def hold(ctx: Place, issue_id: int, *, reason: str) -> None:
    """Send nothing more of the issue until `resume`. Raises NotFound, or Conflict."""
    with ctx.db.begin() as tx:
        events.move_issue(ctx, tx, issues.get(tx, issue_id), IssueState.HELD, reason=reason)
        approvals.close(tx, issue_id, at=ctx.clock())


def resume(ctx: "Context", issue_id: int) -> Issue:
    """
    Let a held issue go on where it stood: sending, or as a draft where nothing was queued; a correction stays frozen.

    Raises:
        NotFound: there is no such issue.
        Conflict: it is not held.
    """
    with ctx.db.begin() as tx:
        issue = issues.get(tx, issue_id)
        if issue.state is not IssueState.HELD:
            raise Conflict(f"issue {issue.number or issue.slot} is {issue.state}, not held", code="not_held")
        if (
            issue.queued_at is None and not issue.is_correction
        ):  # nothing was claimed: what is half queued goes, the issue is made anew
            deliveries.forget_unclaimed(tx, issue_id)
            issues.forget_frozen(tx, issue_id)
            _forget_approval(ctx, tx, issue)
        deliveries.try_at_once(tx, issue_id)
        unqueued = IssueState.READY if issue.is_correction else IssueState.DRAFT
        state = IssueState.SENDING if issue.queued_at else unqueued
        events.move_issue(ctx, tx, issue, state, kind=EventKind.ISSUE_RESUMED)
    ctx.pace.forget()
    return issue


def cancel(ctx: Place, issue_id: int, *, reason: str) -> int:
    """Call an issue off: what waits is cancelled, what went out stays so; return how many waited. Raises NotFound, or Conflict."""
    with ctx.db.begin() as tx:
        events.move_issue(ctx, tx, issues.get(tx, issue_id), IssueState.CANCELLED, reason=reason)
        return deliveries.cancel_waiting(tx, issue_id)


def reopen(ctx: Place, issue_id: int) -> tuple[Issue, int]:
    """
    Take back that an issue was called off: a draft again where nothing was queued, else its remaining mails go out.

    Returns the issue and how many mails wait again.

    Raises:
        NotFound: there is no such issue.
        Conflict: it is not cancelled, or a correction of which nothing was queued: another one is made instead.
    """
    with ctx.db.begin() as tx:
        issue = issues.get(tx, issue_id)
        if issue.state is not IssueState.CANCELLED:
            raise Conflict(f"issue {issue.number or issue.slot} is {issue.state}, not cancelled", code="not_cancelled")
        if issue.queued_at is None and issue.is_correction:
            raise Conflict(f"issue {issue.number} is a correction that nobody got; make another", code="correction_over")
        if issue.queued_at is None:
            deliveries.forget_unclaimed(tx, issue_id)
            issues.forget_frozen(tx, issue_id)
            issue.frozen_at = None
            _forget_approval(ctx, tx, issue)
            waiting, state = 0, IssueState.DRAFT
        else:
            issue.retried_at = ctx.clock()
            waiting, state = deliveries.queue_cancelled(tx, issue_id, now=ctx.clock()), IssueState.SENDING
        events.move_issue(ctx, tx, issue, state, kind=EventKind.ISSUE_REOPENED)
        return issue, waiting


def _forget_approval(ctx: Place, tx: Session, issue: Issue) -> None:
    """Take an approval back: an issue that is made anew is approved anew."""
    issue.approved_at, issue.approved_by = None, ""
    approvals.close(tx, issue.id, at=ctx.clock())


def withdraw(ctx: Place, issue_id: int) -> Issue:
    """
    Take an issue out of the archive for good; its mails stay with their readers. Safe to repeat.

    Raises:
        NotFound: there is no such issue.
        Conflict: its mails have not gone out, so that it is in no archive: it can be cancelled.
    """
    with ctx.db.begin() as tx:
        issue = issues.get(tx, issue_id)
        if issue.queued_at is None:
            raise Conflict(f"issue {issue.number or issue.slot} has not gone out", code="not_published", issue=issue.slot)
        if issue.withdrawn_at is None:
            issue.withdrawn_at = ctx.clock()
            events.record_issue(ctx, tx, issue, EventKind.ISSUE_WITHDRAWN)
        return issue


def withdraw_story(ctx: Place, issue_id: int, story_id: int) -> str:
    """
    Take one story out of a published issue for good: out of its pages and of the mails that have not gone. Safe to repeat.

    Where it stood, the pages say that a story was taken down. Mails that went out stay with their readers. Returns its headline.

    Raises:
        NotFound: there is no such issue, or no such story in it.
        Conflict: its mails have not gone out, so that the draft can be changed.
    """
    with ctx.db.begin() as tx:
        issue = issues.get(tx, issue_id)
        if issue.queued_at is None:
            raise Conflict(f"issue {issue.number or issue.slot} has not gone out", code="not_published", issue=issue.slot)
        is_new = story_id not in issues.withdrawn_stories(tx, issue_id)
        row = issues.withdraw_story(tx, issue_id, story_id, at=ctx.clock())
        if is_new:
            versions.begin(tx, issue, _withdrawal(ctx, issue, row))
            story = {"story": story_id, "headline": row.headline, "version": issue.version}
            events.record_issue(ctx, tx, issue, EventKind.ISSUE_WITHDRAWN, tell=False, **story)
        return row.headline


def _withdrawal(ctx: Place, issue: Issue, row: CandidateRow) -> Amendment:
    """Return the amendment by which the next version of an issue has one story less."""
    return Amendment(
        issue_id=issue.id,
        version=issue.version + 1,
        story_id=row.story_id,
        headline=row.headline,
        summary=str((row.snapshot or {}).get("summary", "")),
        is_out=True,
        by=ctx.person.name or ctx.actor,
        at=ctx.clock(),
    )


# --- to look at ------------------------------------------------------------------------------


def listed(ctx: Place, *, newsletter: str = "", limit: int) -> Sequence[IssueView]:
    """Return the newest issues, of one newsletter or of all. Raises NotFound."""
    with ctx.db.read() as tx:
        papers = {paper.id: paper for paper in newsletters.all_of(tx)}
        chosen = newsletters.get(tx, newsletter).id if newsletter else None
        found = issues.latest(tx, chosen, limit=limit)
    return [_view(issue, papers[issue.newsletter_id]) for issue in found]


def following(ctx: Place, *, newsletter: str = "", after: int | None = None, limit: int) -> Sequence[IssueView]:
    """Return issues, newest first, those that follow the one with this row's number; of one newsletter, or of all. Raises NotFound."""
    with ctx.db.read() as tx:
        papers = {paper.id: paper for paper in newsletters.all_of(tx)}
        chosen = newsletters.get(tx, newsletter).id if newsletter else None
        last = issues.get(tx, after) if after is not None else None
        found = issues.older(tx, last, newsletter_id=chosen, limit=limit)
    return [_view(issue, papers[issue.newsletter_id]) for issue in found]


def show(ctx: Place, *, newsletter: str, key: str) -> IssueDetails:
    """Return an issue, by its number or its slot: its stories and how its deliveries stand. Raises NotFound."""
    with ctx.db.read() as tx:
        paper = newsletters.get(tx, newsletter)
        return _details(tx, issues.by_key(tx, paper, key), paper)


def details(ctx: Place, issue_id: int) -> IssueDetails:
    """Return an issue as `show` does, by the number of its row. Raises NotFound."""
    with ctx.db.read() as tx:
        found = issues.get(tx, issue_id)
        return _details(tx, found, newsletters.by_id(tx, found.newsletter_id))


def explain(ctx: Place, *, newsletter: str, key: str) -> Sequence[CandidateView]:
    """Say why each story is in or out of an issue. Raises NotFound."""
    with ctx.db.read() as tx:
        return [candidate(row) for row in issues.candidates(tx, of_key(tx, newsletter, key).id)]


def candidates(ctx: Place, issue_id: int) -> Sequence[CandidateView]:
    """Say the same of an issue by the number of its row. Raises NotFound."""
    with ctx.db.read() as tx:
        return [candidate(row) for row in issues.candidates(tx, issues.get(tx, issue_id).id)]


def candidate(row: CandidateRow) -> CandidateView:
    """Make the view of a candidate that is stored."""
    return CandidateView.made(
        row.headline,
        row.reason,
        row.score,
        rank=row.rank,
        section=row.section,
        form=row.form,
        made_from=(row.snapshot or {}).get("made_from", ""),
    )


def of_key(tx: Session, newsletter: str, key: str) -> Issue:
    """Find an issue by the number it was published with, or by its slot: one that was held before it was frozen has no number. Raises NotFound."""
    return issues.by_key(tx, newsletters.get(tx, newsletter), key)


def _details(tx: Session, issue: Issue, paper: Newsletter) -> IssueDetails:
    return IssueDetails.of(
        _view(issue, paper),
        deliveries=dict(deliveries.counts(tx, issue.id)),
        passed_by=dict(deliveries.reasons(tx, issue.id)),
        versions=dict(versions.counts(tx, issue.id)) if issue.version > 1 else {},
        stories=tuple(row.snapshot for row in issues.picks(tx, issue.id) if row.snapshot),
    )


def _view(issue: Issue, paper: Newsletter) -> IssueView:
    return IssueView.of(issue, newsletter=paper.name, timezone=paper.zone)
