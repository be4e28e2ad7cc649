"""
Sending: the path of an issue, from a slot to mails that are handed over.

prepare → freeze → queue → deliver: each step decides first and stores after, and can be run again. The
command line, the scheduler and whatever else sends call these functions; there is no second path.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass

from sqlmodel import Session

from digest import log
from digest.deliver import ledger
from digest.deliver import recover as recovery
from digest.deliver.journal import Journal
from digest.deliver.run import Tally
from digest.errors import Conflict, DigestError, NothingToDo
from digest.model.approval import may_go
from digest.model.delivery import Counts, IssueShare, all_picks
from digest.model.issue import Issue
from digest.model.job import Job, JobKind
from digest.model.newsletter import Newsletter
from digest.model.states import IssueState
from digest.model.timetable import Slot
from digest.model.tokens import key_id
from digest.model.words import counted
from digest.services import collecting, events, notifications, topics
from digest.services.context import Context, destination
from digest.services.freezing import frozen_issue, skip_slot
from digest.services.issues import candidate, close_if_done, due_slots, unfinished, why_not
from digest.services.messages import Maker
from digest.services.selection import served
from digest.services.views.issues import SentView
from digest.store import claims, deliveries, issues, owners, subscribers, work

QUEUE_BATCH = 5_000  #: rows a transaction: a writer never holds SQLite for half a second


def _no_progress(_count: int) -> None:
    """Ignore progress."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """Result of a send."""

    issue: Issue
    newsletter: Newsletter
    stories: int
    counts: Counts
    tally: Tally
    resumed: bool


# --- a send, whole ---------------------------------------------------------------------------


def send(
    ctx: Context,
    newsletter: Newsletter,
    *,
    on_queued: Callable[[int], None] = _no_progress,
    on_sent: Callable[[int], None] = _no_progress,
    stop: threading.Event | None = None,
) -> Sent:
    """
    Send by hand: resume what is unfinished, then take today's slot, even before its hour. At the end the admins are told.

    Raises:
        NothingToDo: today's issue was sent, waits for deferred mail, is held or cancelled, or there is too little to say.
    """
    try:
        sent = _send(ctx, newsletter, on_queued=on_queued, on_sent=on_sent, stop=stop)
    except DigestError:
        notifications.tell_due(ctx)
        raise
    notifications.tell_due(ctx)
    return sent


def _send(
    ctx: Context,
    newsletter: Newsletter,
    *,
    on_queued: Callable[[int], None],
    on_sent: Callable[[int], None],
    stop: threading.Event | None,
) -> Sent:
    recover(ctx)
    slot = newsletter.timetable.today(ctx.clock())
    last: Sent | None = None
    for waiting in unfinished(ctx, newsletter, by_hand=True):
        last = finish(ctx, newsletter, waiting, resumed=True, on_queued=on_queued, on_sent=on_sent, stop=stop)
        if waiting.slot == slot.name or last.tally.down or (stop and stop.is_set()):
            return last
    try:
        return publish_slot(ctx, newsletter, slot, on_queued=on_queued, on_sent=on_sent, stop=stop)
    except NothingToDo:
        if last is not None:
            return last
        raise


def publish_slot(
    ctx: Context,
    newsletter: Newsletter,
    slot: Slot,
    *,
    on_queued: Callable[[int], None] = _no_progress,
    on_sent: Callable[[int], None] = _no_progress,
    stop: threading.Event | None = None,
) -> Sent:
    """
    Take a slot and go the whole path.

    Raises:
        NothingToDo: the slot was served before, nobody would get it, or there is too little to say.
    """
    if not has_readers(ctx, newsletter):
        with ctx.db.read() as tx:
            mlist = subscribers.list_by_id(tx, newsletter.mlist_id).name
        raise NothingToDo(f"{newsletter.name} has no readers", code="no_readers", list=mlist)
    issue = frozen_issue(ctx, newsletter, slot)
    return finish(ctx, newsletter, issue, resumed=False, on_queued=on_queued, on_sent=on_sent, stop=stop)


def publish_due(ctx: Context, newsletter: Newsletter) -> None:
    """
    Publish the slot whose time has come, up to the last queued delivery; slots that were missed are skipped.

    Raises:
        NothingToDo: the slot was served before, or there is too little to say.
        ComposeError: a template is wrong, or the mails are unfit to send; the issue is held.
    """
    slot, skipped = due_slots(ctx, newsletter)
    for missed, reason in skipped:
        skip_slot(ctx, newsletter, missed, reason=reason)
    if slot is None:
        return
    if not has_readers(ctx, newsletter):
        skip_slot(ctx, newsletter, slot, reason="nobody to send to", tell=False)
        return
    # After an outage; on other days the collecting job has just read them, and the hour does not wait for a slow site.
    if stale := collecting.stale_sources(ctx):
        collecting.collect(ctx, stale)
    issue = frozen_issue(ctx, newsletter, slot, hurry=False)
    if may_go(newsletter, issue, now=ctx.clock(), by_hand=False):
        queue(ctx, issue, newsletter)


def has_readers(ctx: Context, newsletter: Newsletter) -> bool:
    """Return whether anybody would get an issue."""
    with ctx.db.read() as tx:
        return subscribers.any_reader(tx, newsletter.mlist_id)


def finish(
    ctx: Context,
    newsletter: Newsletter,
    issue: Issue,
    *,
    resumed: bool,
    on_queued: Callable[[int], None] = _no_progress,
    on_sent: Callable[[int], None] = _no_progress,
    stop: threading.Event | None = None,
) -> Sent:
    """
    Queue and deliver a frozen issue, from wherever it stands.

    Raises:
        NothingToDo: it waits for an approval.
        Conflict: it is held: nobody would get it, or a person has held it meanwhile.
    """
    if issue.state is IssueState.READY:
        if not may_go(newsletter, issue, now=ctx.clock(), by_hand=True):
            waits = f"issue {issue.number} of {newsletter.name} ({issue.slot}) waits for approval"
            raise NothingToDo(waits, code="not_approved", issue=issue.number, newsletter=newsletter.name)
        issue = queue(ctx, issue, newsletter, on_progress=on_queued)
        if issue.state is IssueState.HELD:
            raise Conflict(why_not(ctx, issue, newsletter), code="issue_unread", issue=issue.number)
    tally = deliver(ctx, issue, on_progress=on_sent, stop=stop)
    with ctx.db.read() as tx:
        stored = issues.get(tx, issue.id)
        stories = len(issues.picks(tx, issue.id))
        counts = deliveries.counts(tx, issue.id)
    if stored.state is IssueState.HELD and tally.refused:
        notifications.log_held(stored, newsletter)
    return Sent(issue=stored, newsletter=newsletter, stories=stories, counts=counts, tally=tally, resumed=resumed)


def view(ctx: Context, sent: Sent, *, explain: bool) -> SentView:
    """Make the view of a send; with `explain`, with why each story is in or out."""
    with ctx.db.read() as tx:
        rows = tuple(candidate(row) for row in issues.candidates(tx, sent.issue.id)) if explain else None
    return SentView(
        issue=sent.issue.number,
        newsletter=sent.newsletter.name,
        slot=sent.issue.slot,
        state=sent.issue.state,
        stories=sent.stories,
        resumed=sent.resumed,
        deliveries=dict(sent.counts),
        mail_goes_to=destination(ctx.settings),
        sent_now=sent.tally.sent,
        candidates=rows,
    )


# --- queue -----------------------------------------------------------------------------------


def queue(ctx: Context, issue: Issue, newsletter: Newsletter, *, on_progress: Callable[[int], None] = _no_progress) -> Issue:
    """
    Write a delivery for every active reader, a batch a transaction; with the last one the issue is `sending`.

    Where nobody has a delivery it is held: a person must look.
    """
    assert issue.frozen_at is not None
    share = _share(ctx, issue, newsletter)
    with ctx.db.read() as tx:
        told = topics.of_picks(issues.picks(tx, issue.id))
    after, queued = 0, 0
    while True:
        with ctx.db.begin() as tx:
            stored = issues.get(tx, issue.id)
            if stored.state is not IssueState.READY:
                return stored  # held or called off meanwhile, or another process was quicker
            before = after
            after, written = deliveries.queue(
                tx,
                share,
                mlist_id=newsletter.mlist_id,
                joined_by=issue.frozen_at,
                now=ctx.clock(),
                after=after,
                limit=QUEUE_BATCH,
            )
            topics.narrow(tx, issue.id, newsletter.mlist_id, told, after=before, until=after)
            is_read = bool(after) or _end_queue(ctx, tx, stored, newsletter)
        queued += written
        on_progress(written)
        if not after:
            break
    if not is_read:
        notifications.log_held(stored, newsletter)
    else:
        log.get().info("issue.queued", issue=issue.id, newsletter=newsletter.name, readers=queued)
    return stored


def _share(ctx: Context, issue: Issue, newsletter: Newsletter) -> IssueShare:
    """Return what all deliveries of an issue have in common."""
    with ctx.db.read() as tx:
        made = {row.language: row.id for row in issues.renditions(tx, issue.id)}
        spoken = subscribers.languages(tx, newsletter.mlist_id)
        picks = len(issues.picks(tx, issue.id))
    own, *_ = made
    return IssueShare(
        issue_id=issue.id,
        newsletter_id=issue.newsletter_id,
        period=issue.slot,
        rendition_id=made[own],
        by_language={code: made[theirs] for code in spoken if (theirs := served(code, list(made))) != own},
        key_id=key_id(ctx.settings.secret_keys[0]),
        picks=all_picks(picks),
    )


def _end_queue(ctx: Context, tx: Session, issue: Issue, newsletter: Newsletter) -> bool:
    """Move an issue whose readers are all queued to `sending`; or to `held`, and return False, where there is none."""
    if not deliveries.any_of(tx, issue.id):  # An issue that nobody gets is not `sent`.
        events.move_issue(ctx, tx, issue, IssueState.HELD, reason=_why_no_readers(tx, newsletter, issue), tell=True)
        return False
    issue.queued_at = ctx.clock()
    events.move_issue(ctx, tx, issue, IssueState.SENDING)
    work.defer(tx, [Job(kind=JobKind.DELIVER, numbers=(issue.id,))])  # workers begin as soon as it is committed
    return True


def _why_no_readers(tx: Session, newsletter: Newsletter, issue: Issue) -> str:
    """Say why no reader has a delivery of an issue."""
    readers = subscribers.count_readers(tx, newsletter.mlist_id)
    if not readers:
        return "no reader is left on its list"
    return f"none of its {counted(readers, 'reader')} can get it: they joined after it was frozen, or have had a mail of {issue.slot}"


# --- deliver ---------------------------------------------------------------------------------


def deliver(
    ctx: Context, issue: Issue, *, on_progress: Callable[[int], None] = _no_progress, stop: threading.Event | None = None
) -> Tally:
    """Send what is due of an issue; when nothing is open any more, the issue is `sent`; where a person is needed, `held`."""
    with log.bound(issue=issue.id):
        return _deliver(ctx, issue, on_progress=on_progress, stop=stop)


def _deliver(ctx: Context, issue: Issue, *, on_progress: Callable[[int], None], stop: threading.Event | None) -> Tally:
    recover(ctx)
    journal = Journal(ctx.journals)
    try:
        tally = ledger.deliver(
            ctx.db,
            ctx.transports,
            Maker(ctx),
            issue_id=issue.id,
            journal=journal,
            clock=ctx.clock,
            connections=ctx.settings.smtp_connections,
            resend=ctx.resend,
            pace=ctx.pace,
            give_up_at=issue.give_up_at,
            on_progress=on_progress,
            stop=stop,
        )
    finally:
        journal.close(settled=_remove_if_recorded(ctx, journal.owner))
    with ctx.db.begin() as tx:
        stored = issues.get(tx, issue.id)
        if stored.state is IssueState.CANCELLED:
            deliveries.cancel_waiting(tx, issue.id)  # what was in hand when it was called off
        elif stored.state is IssueState.SENDING and tally.refused:
            events.move_issue(ctx, tx, stored, IssueState.HELD, reason=tally.down, tell=True)
        else:
            close_if_done(ctx, tx, stored)
    notifications.log_run(stored, tally)
    return tally


def _remove_if_recorded(ctx: Context, owner: str) -> bool:
    """Remove an owner whose results are all in the database; False: some are not, and its journal must stay for `recover`."""
    try:
        with ctx.db.begin() as tx:
            if claims.owned(tx, owner):
                return False
            owners.end(tx, owner)
            return True
    except DigestError:
        return False


def recover(ctx: Context) -> int:
    """Settle the claims of processes that no longer run; return the number of deliveries."""
    return recovery.recover(ctx.db, ctx.journals, repeatable=ctx.repeatable, resend=ctx.resend, clock=ctx.clock)
