"""
The path, written down once: prepare → freeze → queue → deliver.

Each step decides first and stores after, and can be run again. A dry run and a preview
decide only. The command line, and whatever else sends, call these and nothing else.
"""

import secrets
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlmodel import Session

from digest import log, reports
from digest.compose import frozen
from digest.context import Context
from digest.deliver import ledger
from digest.deliver import recover as recovery
from digest.deliver.journal import Journal
from digest.deliver.run import Tally
from digest.errors import ComposeError, Conflict, DigestError, NothingToDo
from digest.make import Maker
from digest.model.delivery import Counts, IssueShare, all_picks
from digest.model.issue import Issue
from digest.model.job import Job, JobKind
from digest.model.newsletter import Newsletter
from digest.model.rendition import RenditionRow
from digest.model.states import OPEN, IssueState
from digest.model.timetable import Slot, duration, local
from digest.model.tokens import key_id
from digest.model.words import counted
from digest.preflight import refuse_unfit
from digest.prepare import Prepared, prepare, served
from digest.store import claims, deliveries, issues, owners, subscribers, work

QUEUE_BATCH = 5_000  #: rows a transaction: a writer never holds SQLite for half a second


def _quiet(_count: int) -> None:
    """Progress that nobody watches."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """How a send went."""

    issue: Issue
    newsletter: Newsletter
    stories: int
    counts: Counts
    tally: Tally
    resumed: bool


# --- freeze, queue, deliver ------------------------------------------------------------------


def take_slot(ctx: Context, newsletter: Newsletter, slot: Slot) -> Issue:
    """The issue that holds the slot, made if there is none; one that was skipped, or held before it was frozen, is a draft again."""
    assert newsletter.id is not None
    with ctx.db.begin() as tx:
        issue = issues.of_slot(tx, newsletter.id, slot.name)
        if issue is None:
            made = Issue(
                newsletter_id=newsletter.id, slot=slot.name, nonce=secrets.token_hex(6), due_at=slot.due_at, made_at=ctx.clock()
            )
            return issues.add(tx, made)
        if issue.state is IssueState.SKIPPED or (issue.state is IssueState.HELD and issue.frozen_at is None):
            issues.to_state(tx, issue, IssueState.DRAFT)
        return issue


def freeze(ctx: Context, issue: Issue, prepared: Prepared) -> Issue:
    """Keep picks, reasons and rendition; or skip the issue, with the reason, where there is too little to say."""
    assert issue.id is not None
    with ctx.db.begin() as tx:
        stored = issues.get(tx, issue.id)
        if stored.state is not IssueState.DRAFT:
            return stored  # another process was quicker
        if not prepared.renditions:
            issues.to_state(tx, stored, IssueState.SKIPPED, reason=prepared.shortage)
            return stored
        rows = [
            RenditionRow(issue_id=issue.id, language=r.language, theme=r.theme, content=frozen.dump(r), made_at=ctx.clock())
            for r in prepared.renditions
        ]
        issues.keep_note(tx, stored, prepared.note)
        issues.freeze(tx, stored, prepared.candidates, rows, at=ctx.clock())
    log.get().info(
        "issue.frozen",
        issue=issue.id,
        newsletter=prepared.newsletter.name,
        number=stored.number,
        slot=stored.slot,
        stories=len(prepared.picks),
    )
    return stored


def queue(ctx: Context, issue: Issue, newsletter: Newsletter, *, on_progress: Callable[[int], None] = _quiet) -> Issue:
    """
    A row for every active reader, a batch a transaction; with the last one the issue is `sending`.

    Where there is no row at all it is held: a person must look.
    """
    assert issue.id is not None
    assert issue.frozen_at is not None
    with ctx.db.read() as tx:
        made = {row.language: row.id or 0 for row in issues.renditions(tx, issue.id)}
        spoken = subscribers.languages(tx, newsletter.mlist_id)
        picks = len(issues.picks(tx, issue.id))
    own, *_ = made
    share = IssueShare(
        issue_id=issue.id,
        newsletter_id=issue.newsletter_id,
        period=issue.slot,
        rendition_id=made[own],
        by_language={code: made[theirs] for code in spoken if (theirs := served(code, list(made))) != own},
        key_id=key_id(ctx.settings.secret_keys[0]),
        picks=all_picks(picks),
    )
    after, queued = 0, 0
    while True:
        with ctx.db.begin() as tx:
            stored = issues.get(tx, issue.id)
            if stored.state is not IssueState.READY:
                return stored  # held or called off meanwhile, or another process was quicker
            after, written = deliveries.queue(
                tx,
                share,
                mlist_id=newsletter.mlist_id,
                joined_by=issue.frozen_at,
                now=ctx.clock(),
                after=after,
                limit=QUEUE_BATCH,
            )
            if not after and not deliveries.any_of(tx, issue.id):  # An issue that nobody gets is not `sent`.
                issues.to_state(tx, stored, IssueState.HELD, reason=_nobody(tx, newsletter, issue))
                break
            if not after:
                stored.queued_at = ctx.clock()
                issues.to_state(tx, stored, IssueState.SENDING)
                work.defer(tx, [Job(kind=JobKind.DELIVER, numbers=(issue.id,))])  # workers begin as soon as it is committed
        queued += written
        on_progress(written)
        if not after:
            log.get().info("issue.queued", issue=issue.id, newsletter=newsletter.name, readers=queued)
            return stored
    reports.tell(ctx, newsletter, stored)
    return stored


def _nobody(tx: Session, newsletter: Newsletter, issue: Issue) -> str:
    """Why no reader has a delivery of an issue."""
    readers = subscribers.count_readers(tx, newsletter.mlist_id)
    if not readers:
        return "no reader is left on its list"
    return f"none of its {counted(readers, 'reader')} can get it: they joined after it was frozen, or have had a mail of {issue.slot}"


def deliver(
    ctx: Context, issue: Issue, *, on_progress: Callable[[int], None] = _quiet, stop: threading.Event | None = None
) -> Tally:
    """Send what is due of an issue; when nothing is open any more, the issue is `sent`; where a person is needed, `held`."""
    assert issue.id is not None
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
        journal.close(settled=_signed_off(ctx, journal.owner))
    with ctx.db.begin() as tx:
        stored = issues.get(tx, issue.id)
        if stored.state is IssueState.CANCELLED:
            deliveries.cancel_waiting(tx, issue.id)  # what was in hand when it was called off
        if stored.state is IssueState.SENDING and tally.refused:
            issues.to_state(tx, stored, IssueState.HELD, reason=tally.down)
        elif stored.state is IssueState.SENDING and not deliveries.any_open(tx, issue.id):
            stored.sent_at = ctx.clock()
            issues.to_state(tx, stored, IssueState.SENT)
    reports.log_run(stored, tally)
    return tally


def _signed_off(ctx: Context, owner: str) -> bool:
    """Whether the database knows all that this owner did, and that it is gone; else its journal must stay for `recover`."""
    try:
        with ctx.db.begin() as tx:
            if claims.owned(tx, owner):
                return False
            owners.end(tx, owner)
            return True
    except DigestError:
        return False


def recover(ctx: Context) -> int:
    """Settle what processes that no longer run had claimed; how many deliveries that were."""
    return recovery.recover(ctx.db, ctx.journals, repeatable=ctx.repeatable, resend=ctx.resend, clock=ctx.clock)


# --- a send, whole ---------------------------------------------------------------------------


def send(
    ctx: Context,
    newsletter: Newsletter,
    *,
    on_queued: Callable[[int], None] = _quiet,
    on_sent: Callable[[int], None] = _quiet,
    stop: threading.Event | None = None,
) -> Sent:
    """
    A manual send: resume what is unfinished, then take today's slot, even before its hour.

    Raises:
        NothingToDo: today's issue was sent, waits for deferred mail, is held or cancelled, or there is too little to say.
    """
    assert newsletter.id is not None
    recover(ctx)
    slot = newsletter.timetable.today(ctx.clock())
    last: Sent | None = None
    for waiting in unfinished(ctx, newsletter):
        last = finish(ctx, newsletter, waiting, resumed=True, on_queued=on_queued, on_sent=on_sent, stop=stop)
        if waiting.slot == slot.name or last.tally.down or (stop and stop.is_set()):
            return last
    try:
        return print_slot(ctx, newsletter, slot, on_queued=on_queued, on_sent=on_sent, stop=stop)
    except NothingToDo:
        if last is not None:
            return last
        raise


def unfinished(ctx: Context, newsletter: Newsletter) -> Sequence[Issue]:
    """Issues of a newsletter that have something to do now, oldest first; those that were frozen too long ago are called off."""
    assert newsletter.id is not None
    now = ctx.clock()
    found = []
    with ctx.db.begin() as tx:
        for issue in issues.unfinished(tx, newsletter.id):
            late = now - issue.fresh_from
            if issue.state is IssueState.SENDING and now >= issue.give_up_at:
                deliveries.give_up(tx, issue.id or 0)
            if issue.state is IssueState.READY and late > newsletter.max_lateness:
                issues.to_state(tx, issue, IssueState.CANCELLED, reason=f"too late: frozen {duration(late)} ago and never queued")
                deliveries.cancel_waiting(tx, issue.id or 0)
            elif (
                issue.state is IssueState.READY
                or deliveries.any_due(tx, issue.id or 0, now=now)
                or not deliveries.any_open(tx, issue.id or 0)
            ):
                found.append(issue)
    return found


def refuse_served(ctx: Context, newsletter: Newsletter, slot: Slot) -> None:
    """Raises NothingToDo where a send would not print this slot: its issue is beyond a draft."""
    with ctx.db.read() as tx:
        issue = issues.of_slot(tx, newsletter.id or 0, slot.name)
    if issue is not None and issue.state not in (IssueState.DRAFT, IssueState.SKIPPED, IssueState.READY):
        raise NothingToDo(_why_not(ctx, issue, newsletter))


def has_readers(ctx: Context, newsletter: Newsletter) -> bool:
    """Whether anybody would get an issue."""
    with ctx.db.read() as tx:
        return subscribers.any_reader(tx, newsletter.mlist_id)


def print_slot(
    ctx: Context,
    newsletter: Newsletter,
    slot: Slot,
    *,
    on_queued: Callable[[int], None] = _quiet,
    on_sent: Callable[[int], None] = _quiet,
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
        raise NothingToDo(f"{newsletter.name} has no readers; `digest subscribers import FILE.csv --list {mlist}` brings them")
    issue = frozen_issue(ctx, newsletter, slot)
    return finish(ctx, newsletter, issue, resumed=False, on_queued=on_queued, on_sent=on_sent, stop=stop)


def frozen_issue(ctx: Context, newsletter: Newsletter, slot: Slot, *, hurry: bool = True) -> Issue:
    """
    The slot's issue, prepared and frozen; not in a `hurry`, articles that may still change wait for the next one.

    Raises:
        NothingToDo: the slot was served before, or there is too little to say.
        ComposeError: a template is wrong, or the mails are unfit to send; the issue is held.
    """
    issue = take_slot(ctx, newsletter, slot)
    if issue.state is not IssueState.DRAFT:
        raise NothingToDo(_why_not(ctx, issue, newsletter))
    try:
        prepared = prepare(ctx, newsletter, slot, now=ctx.clock(), hurry=hurry)
        refuse_unfit(ctx, newsletter, prepared)
    except ComposeError as problem:
        with ctx.db.begin() as tx:
            held = issues.get(tx, issue.id or 0)
            issues.to_state(tx, held, IssueState.HELD, reason=str(problem))
        reports.tell(ctx, newsletter, held)
        raise
    issue = freeze(ctx, issue, prepared)
    if issue.state is IssueState.SKIPPED:
        log.get().info("issue.skipped", issue=issue.id, slot=issue.slot, reason=issue.reason)
        if not hurry:  # by hand, the one who sends sees it
            reports.tell(ctx, newsletter, issue)
        raise NothingToDo(
            f"nothing is sent for {slot.name}: {issue.reason};"
            f" `digest send {newsletter.name} --dry-run --explain` says why each story is out"
        )
    return issue


def finish(
    ctx: Context,
    newsletter: Newsletter,
    issue: Issue,
    *,
    resumed: bool,
    on_queued: Callable[[int], None] = _quiet,
    on_sent: Callable[[int], None] = _quiet,
    stop: threading.Event | None = None,
) -> Sent:
    """
    Queue and deliver a frozen issue, from wherever it stands.

    Raises:
        Conflict: it is held: nobody would get it, or a person has held it meanwhile.
    """
    if issue.state is IssueState.READY:
        issue = queue(ctx, issue, newsletter, on_progress=on_queued)
        if issue.state is IssueState.HELD:
            raise Conflict(_why_not(ctx, issue, newsletter) + f"; `digest issues resume {issue.number}` has it made anew")
    tally = deliver(ctx, issue, on_progress=on_sent, stop=stop)
    assert issue.id is not None
    with ctx.db.read() as tx:
        stored = issues.get(tx, issue.id)
        stories = len(issues.picks(tx, issue.id))
        counts = deliveries.counts(tx, issue.id)
    if stored.state is IssueState.HELD and tally.refused:
        reports.tell(ctx, newsletter, stored)
    return Sent(issue=stored, newsletter=newsletter, stories=stories, counts=counts, tally=tally, resumed=resumed)


def _why_not(ctx: Context, issue: Issue, newsletter: Newsletter) -> str:
    zone = newsletter.timetable.zone
    if issue.state is IssueState.SENT and issue.sent_at:
        return f"issue {issue.number} of {newsletter.name} ({issue.slot}) was sent at {local(issue.sent_at, zone)}"
    if issue.state is IssueState.SENDING:
        with ctx.db.read() as tx:
            counts = deliveries.counts(tx, issue.id or 0)
            due = deliveries.next_due(tx, issue.id or 0)
        waits = ", ".join(f"{n} {state}" for state, n in counts.items() if state in OPEN)
        when = f"; the next try is at {local(due, zone)}" if due else ""
        return f"issue {issue.number} of {newsletter.name} ({issue.slot}) went out but for {waits}{when}"
    return f"the issue of {newsletter.name} for {issue.slot} is {issue.state}" + (f": {issue.reason}" if issue.reason else "")
