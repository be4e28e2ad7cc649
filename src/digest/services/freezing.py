"""Freezing: a slot becomes an issue whose picks, reasons and mails stand, or it is skipped with the reason."""

from digest import log
from digest.compose import frozen
from digest.errors import ComposeError, Conflict, NothingToDo
from digest.model.event import EventKind
from digest.model.issue import Issue
from digest.model.newsletter import Newsletter
from digest.model.rendition import RenditionRow
from digest.model.states import IssueState
from digest.model.timetable import Slot
from digest.services import events, notifications
from digest.services.context import Context
from digest.services.issues import take_slot, why_not
from digest.services.preflight import refuse_unfit
from digest.services.selection import Prepared, prepare
from digest.store import issues


def frozen_issue(ctx: Context, newsletter: Newsletter, slot: Slot, *, hurry: bool = True) -> Issue:
    """
    Prepare and freeze the slot's issue; not in a `hurry`, articles that may still change wait for the next one.

    Raises:
        NothingToDo: the slot was served before, or there is too little to say.
        ComposeError: a template is wrong, or the mails are unfit to send; the issue is held.
    """
    issue = take_slot(ctx, newsletter, slot)
    if issue.state is not IssueState.DRAFT:
        raise NothingToDo(why_not(ctx, issue, newsletter), code="slot_served")
    # By hand, the one who sends sees it: `tell` is for the scheduler.
    issue = _prepared_and_frozen(ctx, newsletter, slot, issue, hurry=hurry)
    if issue.state is not IssueState.SKIPPED:
        return issue
    log.get().info("issue.skipped", issue=issue.id, slot=issue.slot, reason=issue.reason)
    raise NothingToDo(f"nothing is sent for {slot.name}: {issue.reason}", code="too_few_stories", newsletter=newsletter.name)


def _prepared(ctx: Context, newsletter: Newsletter, slot: Slot, issue: Issue, *, hurry: bool) -> Prepared:
    """Prepare an issue and look at its mails; where they must not go the issue is held, and the error goes on."""
    try:
        prepared = prepare(ctx, newsletter, slot, now=ctx.clock(), hurry=hurry)
        refuse_unfit(ctx, newsletter, prepared)
    except ComposeError as problem:
        with ctx.db.begin() as tx:
            held = issues.get(tx, issue.id)
            events.move_issue(ctx, tx, held, IssueState.HELD, reason=str(problem), tell=True)
        notifications.log_held(held, newsletter)
        raise
    return prepared


def _prepared_and_frozen(ctx: Context, newsletter: Newsletter, slot: Slot, issue: Issue, *, hurry: bool) -> Issue:
    """Prepare and freeze, again as long as editors change the draft meanwhile, so that no change is lost."""
    while True:
        try:
            return freeze(ctx, issue, _prepared(ctx, newsletter, slot, issue, hurry=hurry), tell=not hurry)
        except Conflict as problem:
            if problem.code != "draft_changed":
                raise


def freeze(ctx: Context, issue: Issue, prepared: Prepared, *, tell: bool = False) -> Issue:
    """
    Keep picks, reasons and renditions; or skip the issue, with the reason, where there is too little to say; `tell`: and tell the admins.

    Raises:
        Conflict: an editor has changed the draft since it was prepared, or its number was given away; nothing is kept.
    """
    with ctx.db.begin() as tx:
        stored = issues.get(tx, issue.id)
        if stored.state is not IssueState.DRAFT:
            return stored  # another process was quicker
        if stored.revision != prepared.revision:
            raise Conflict(f"the draft of {stored.slot} was changed while it was prepared", code="draft_changed")
        if prepared.renditions and prepared.number != (stored.number or issues.next_number(tx, stored.newsletter_id)):
            raise Conflict(f"the number of {stored.slot} was given to a correction meanwhile", code="draft_changed")
        if not prepared.renditions:
            events.move_issue(ctx, tx, stored, IssueState.SKIPPED, reason=prepared.shortage, tell=tell)
            return stored
        rows = [
            RenditionRow(issue_id=issue.id, language=r.language, theme=r.theme, content=frozen.dump(r), made_at=ctx.clock())
            for r in prepared.renditions
        ]
        issues.keep_note(tx, stored, prepared.note)
        issues.freeze(tx, stored, prepared.candidates, rows, at=ctx.clock())
        events.record_issue(ctx, tx, stored, EventKind.ISSUE_FROZEN, stories=len(prepared.picks))
    log.get().info(
        "issue.frozen",
        issue=issue.id,
        newsletter=prepared.newsletter.name,
        number=stored.number,
        slot=stored.slot,
        stories=len(prepared.picks),
    )
    return stored


def skip_slot(ctx: Context, newsletter: Newsletter, slot: Slot, *, reason: str, tell: bool = True) -> None:
    """Publish nothing for a slot, and keep the reason; admins are told, unless `tell` is false."""
    issue = take_slot(ctx, newsletter, slot)
    if issue.state is not IssueState.DRAFT:
        return
    with ctx.db.begin() as tx:
        stored = issues.get(tx, issue.id)
        events.move_issue(ctx, tx, stored, IssueState.SKIPPED, reason=reason, tell=tell)
    log.get().info("slot.skipped", newsletter=newsletter.name, slot=slot.name, reason=reason)
