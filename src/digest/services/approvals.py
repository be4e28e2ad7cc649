"""
Approval: an issue is frozen ahead of its hour, approvers are mailed it as it would go, and one of them lets it go or holds it.

What they approve is what goes: nothing of a frozen issue changes any more. Whoever holds it and lets it go on has it
made anew, and approvers are asked again. The mails are outside the ledger and sent at least once.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from sqlmodel import Session

from digest import log
from digest.compose import frozen
from digest.compose.banner import with_banner
from digest.compose.merge import merge, subject, web_view
from digest.errors import Conflict, DigestError, Gone, NotFound
from digest.languages import load
from digest.model.approval import Answer, ApprovalRequest, answer_by, ask_at
from digest.model.delivery import all_picks
from digest.model.event import Actor, EventKind, Person
from digest.model.issue import Issue
from digest.model.newsletter import Newsletter
from digest.model.ports import Envelope
from digest.model.rendition import Rendition
from digest.model.states import ApprovalPolicy, IssueState, Silence
from digest.model.subscriber import in_mail
from digest.model.tokens import Purpose, sign, verify
from digest.services import drafts, events, notifications
from digest.services.context import Context
from digest.services.freezing import frozen_issue
from digest.services.messages import sample_facts, signed
from digest.services.selection import choose
from digest.services.system_mails import BATCH, LEASE, again_at, hand_over_each
from digest.services.views.issues import DraftView
from digest.store import approvals, issues, newsletters, subscribers

NOTE_MAX = 500  #: characters of what an approver says


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request as its page shows it."""

    request: ApprovalRequest
    issue: Issue
    paper: Newsletter
    stories: int
    readers: int
    answer_by: datetime
    silence: Silence  #: what no answer does
    can_answer: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalState:
    """State of the approval of a coming issue."""

    policy: ApprovalPolicy
    silence: Silence
    answer_by: datetime
    asked_at: datetime  #: or when they will be
    requests: Sequence[ApprovalRequest]
    approved_at: datetime | None
    approved_by: str
    can_approve: bool


def state(ctx: Context, newsletter: Newsletter, draft: DraftView) -> ApprovalState:
    """Return where the approval of a newsletter's coming issue stands."""
    with ctx.db.read() as tx:
        issue = issues.get(tx, draft.issue) if draft.issue is not None else None
        requests = [one for one in approvals.of_issue(tx, issue.id) if one.closed_at is None or one.answered_at] if issue else []
    asked_at = min((one.asked_at for one in requests), default=ask_at(newsletter, draft.due_at))
    is_required = newsletter.approval is ApprovalPolicy.REQUIRED
    is_held_for_silence = issue is not None and issue.state is IssueState.HELD and any(one.is_open for one in requests)
    return ApprovalState(
        policy=newsletter.approval,
        silence=newsletter.approval_silence if is_required else Silence.SEND,
        answer_by=answer_by(newsletter, draft.due_at, asked_at),
        asked_at=asked_at,
        requests=requests,
        approved_at=issue.approved_at if issue else None,
        approved_by=issue.approved_by if issue else "",
        can_approve=newsletter.approval is not ApprovalPolicy.NONE
        and (issue is None or issue.approved_at is None)
        and (draft.state in (IssueState.DRAFT, IssueState.READY) or is_held_for_silence),
    )


# --- what the scheduler does -----------------------------------------------------------------


def tick(ctx: Context) -> None:
    """Freeze the issues whose approvers are to be asked, mail these, and do what silence means. Safe to repeat, and after a kill."""
    with ctx.db.read() as tx:
        papers = [paper for paper in newsletters.all_of(tx) if paper.approval is not ApprovalPolicy.NONE]
    for paper in papers:
        try:
            _freeze_ahead(ctx, paper)
        except DigestError as problem:  # its issue is held or waits; the others go on
            log.get().warning("approval.unasked", newsletter=paper.name, error=str(problem))
        with ctx.db.read() as tx:
            if not _waiting(tx, paper):
                continue
        with ctx.db.begin() as tx:
            for issue in _waiting(tx, paper):
                _ask(ctx, tx, paper, issue)
                _end_silence(ctx, tx, paper, issue)
    _mail_due(ctx)


def _freeze_ahead(ctx: Context, paper: Newsletter) -> None:
    """Freeze the coming issue once its approvers are to be asked; while it has too few stories it waits for its hour."""
    now = ctx.clock()
    slot = paper.next_slot(now)
    if slot is None or now < ask_at(paper, slot.due_at):
        return
    with ctx.db.read() as tx:
        issue = issues.of_slot(tx, paper.id, slot.name)
        is_read = subscribers.any_reader(tx, paper.mlist_id)
    if not is_read or (issue is not None and issue.state is not IssueState.DRAFT):
        return
    if len(choose(ctx, paper, slot, now=now, hurry=False).picks) >= max(1, paper.min_stories):
        frozen_issue(ctx, paper, slot, hurry=False)


def _waiting(tx: Session, paper: Newsletter) -> Sequence[Issue]:
    """Return the frozen issues that nobody has approved."""
    found = issues.unfinished(tx, paper.id)
    return [issue for issue in found if issue.state is IssueState.READY and issue.approved_at is None]


def _ask(ctx: Context, tx: Session, paper: Newsletter, issue: Issue) -> None:
    """Ask each approver once for an issue as it is frozen."""
    if any(request.is_open for request in approvals.of_issue(tx, issue.id)):
        return
    now = ctx.clock()
    addresses = _approvers(ctx, paper)
    for address in addresses:
        approvals.add(tx, ApprovalRequest(issue_id=issue.id, address=address, asked_at=now, due_at=now))
    if addresses:
        events.record_issue(ctx, tx, issue, EventKind.ISSUE_ASKED, approvers=len(addresses))


def _approvers(ctx: Context, paper: Newsletter) -> Sequence[str]:
    return paper.approvers.split(",") if paper.approvers else list(ctx.settings.admin_addresses)


def _end_silence(ctx: Context, tx: Session, paper: Newsletter, issue: Issue) -> None:
    """Hold an issue that needs an approval and has had no answer in time, where silence holds."""
    if paper.approval is not ApprovalPolicy.REQUIRED or paper.approval_silence is not Silence.HOLD:
        return
    by = answer_by(paper, issue.due_at, _asked_at(tx, issue))
    if ctx.clock() >= by:
        reason = f"nobody approved it by {by.astimezone(paper.timetable.zone):%H:%M}"
        events.move_issue(ctx, tx, issue, IssueState.HELD, reason=reason, tell=True)
        notifications.log_held(issue, paper)


def _asked_at(tx: Session, issue: Issue) -> datetime:
    requests = [request.asked_at for request in approvals.of_issue(tx, issue.id) if request.closed_at is None]
    return min(requests, default=issue.frozen_at or issue.due_at)


# --- the mails -------------------------------------------------------------------------------


def _mail_due(ctx: Context) -> None:
    now = ctx.clock()
    with ctx.db.read() as tx:
        if not approvals.any_due(tx, now=now):
            return
    with ctx.db.begin() as tx:
        ready = approvals.due(tx, now=now, limit=BATCH)
        for request in ready:
            request.due_at = now + LEASE
            tx.add(request)
    hand_over_each(
        ctx,
        ready,
        make=partial(_envelope, ctx),
        record=lambda request, is_taken: _record(ctx, request.id, is_taken=is_taken),
        log_unsent=lambda request, said: log.get().warning("approval.unsent", issue=request.issue_id, error=said),
    )


def _record(ctx: Context, number: int, *, is_taken: bool | None) -> None:
    with ctx.db.begin() as tx:
        request = approvals.get(tx, number)
        request.attempts += 1
        request.due_at = None if is_taken is not None or not request.is_open else again_at(request.attempts, ctx.clock())
        tx.add(request)


def _envelope(ctx: Context, request: ApprovalRequest) -> Envelope:
    """Make the issue's mail as readers get it, with the link to the approver's page above it."""
    with ctx.db.read() as tx:
        found = _asked(tx, request)
    rendition, now = _rendition(ctx, found.issue), ctx.clock()
    facts = replace(sample_facts(ctx, rendition, now=now), address=request.address)
    spoken, zone = load(rendition.language), found.paper.timetable.zone
    said = (
        spoken.gettext("This issue goes out at %(time)s. Please answer by %(by)s; without an answer it is held.")
        if found.silence is Silence.HOLD
        else spoken.gettext("This issue goes out at %(time)s. Please answer by %(by)s; without an answer it goes out.")
    )
    message_id = f"<approve.{request.id}.{rendition.header.nonce}@{rendition.header.message_domain}>"
    content = with_banner(
        merge(rendition, facts),
        subject=spoken.gettext("To approve: %(subject)s") % {"subject": subject(rendition, facts)},
        said=said % {"time": f"{found.issue.due_at.astimezone(zone):%H:%M}", "by": f"{found.answer_by.astimezone(zone):%H:%M}"},
        label=spoken.gettext("Approve or hold it"),
        link=link(ctx, request),
        message_id=message_id,
    )
    return Envelope(
        delivery_id=0,
        sender=rendition.header.sender_address,
        recipient=in_mail(request.address),
        message_id=message_id,
        content=signed(ctx, rendition, content, at=now),
    )


def link(ctx: Context, request: ApprovalRequest) -> str:
    """Return the address of the page where a request is answered."""
    return f"{ctx.base_url}/admin/approve/{sign(request.id, Purpose.APPROVE, ctx.settings.secret_keys[0])}"


def _rendition(ctx: Context, issue: Issue) -> Rendition:
    with ctx.db.read() as tx:
        made = issues.renditions(tx, issue.id)
    if not made:
        raise NotFound("rendition", f"of issue {issue.id}", code="no_page")
    return frozen.load(made[0].content)


# --- the page of a request -------------------------------------------------------------------


def look(ctx: Context, token: str) -> Asked:
    """Return what a link asks for. Raises NotFound, or Gone where the issue was made anew since."""
    number = verify(token, Purpose.APPROVE, ctx.settings.secret_keys)
    if number is None:
        raise NotFound("page", "", code="no_page")
    with ctx.db.read() as tx:
        return _asked(tx, approvals.get(tx, number))


def _asked(tx: Session, request: ApprovalRequest) -> Asked:
    issue = issues.get(tx, request.issue_id)
    paper = newsletters.by_id(tx, issue.newsletter_id)
    picks = len(issues.picks(tx, issue.id))
    if not picks:
        raise Gone("approval", request.id, code="approval_closed")
    is_required = paper.approval is ApprovalPolicy.REQUIRED
    return Asked(
        request=request,
        issue=issue,
        paper=paper,
        stories=picks,
        readers=subscribers.count_readers(tx, paper.mlist_id),
        answer_by=answer_by(paper, issue.due_at, request.asked_at),
        silence=paper.approval_silence if is_required else Silence.SEND,
        can_answer=request.is_open and issue.queued_at is None and issue.state in (IssueState.READY, IssueState.HELD),
    )


def page(ctx: Context, token: str) -> str:
    """Return the issue that a link asks for as readers will see it, without personal data. Raises NotFound, or Gone."""
    found = look(ctx, token)
    return web_view(_rendition(ctx, found.issue), all_picks(found.stories), view=ctx.base_url)


def answer(ctx: Context, token: str, *, approves: bool, note: str = "", ip: str = "") -> Asked:
    """
    Approve or hold an issue by the link of a mail, once.

    Raises:
        NotFound: the link is none of ours; or Gone: the issue was made anew since.
        Conflict: it was answered before, or goes out already.
    """
    found = look(ctx, token)
    by = replace(ctx, actor=Actor.APPROVER, person=Person(name=found.request.address, ip=ip))
    with ctx.db.begin() as tx:
        request = approvals.get(tx, found.request.id)
        issue = issues.get(tx, request.issue_id)
        if not _asked(tx, request).can_answer:
            raise Conflict("this was answered before, or the issue has moved on", code="approval_over")
        request.answer, request.answered_at = (Answer.APPROVED if approves else Answer.HELD), ctx.clock()
        request.due_at = None
        tx.add(request)
        if approves:
            _approve(by, tx, issue, may_be_held=True)
        else:
            approvals.close(tx, issue.id, at=ctx.clock())
        if not approves and issue.state is IssueState.READY:
            said = " ".join(note.split())[:NOTE_MAX]
            reason = f"held by {request.address}" + (f": {said}" if said else "")
            events.move_issue(by, tx, issue, IssueState.HELD, reason=reason, tell=True)
    return look(ctx, token)


def approve(ctx: Context, newsletter: Newsletter, *, revision: int | None = None) -> Issue:
    """
    Approve the coming issue, frozen now if it was not, so that it goes out at its hour as it is; `revision` is of the draft that was seen.

    Raises:
        NothingToDo: there is too little to say, or none is due.
        ComposeError: its mails are unfit to send; the issue is held.
        Conflict: the newsletter asks for no approval, the issue has one or cannot go out, or an editor has changed it.
    """
    if newsletter.approval is ApprovalPolicy.NONE:
        raise Conflict(f"{newsletter.name} needs no approval", code="no_approval_needed", newsletter=newsletter.name)
    slot = drafts.coming_slot(ctx, newsletter)
    with ctx.db.read() as tx:
        issue = issues.of_slot(tx, newsletter.id, slot.name)
    _check_seen(slot.name, revision, issue.revision if issue else 0)
    if issue is None or issue.state in (IssueState.DRAFT, IssueState.SKIPPED):
        issue = frozen_issue(ctx, newsletter, slot, hurry=False)
    with ctx.db.begin() as tx:
        stored = issues.get(tx, issue.id)
        _check_seen(slot.name, revision, stored.revision)
        # Held for silence, it can be approved late; held by a person, it is made anew first.
        _approve(ctx, tx, stored, may_be_held=any(request.is_open for request in approvals.of_issue(tx, issue.id)))
    return stored


def _check_seen(slot: str, seen: int | None, now: int) -> None:
    """Raise Conflict where the draft that was seen is not the one that would be approved."""
    if seen not in (None, now):
        raise Conflict(f"the draft of {slot} was changed since you looked at it", code="approval_of_another")


def _approve(ctx: Context, tx: Session, issue: Issue, *, may_be_held: bool) -> None:
    """Record the approval of a frozen issue within a transaction; one that was held is ready again, if it `may_be_held`. Raises Conflict."""
    is_frozen = bool(issues.picks(tx, issue.id)) and issue.queued_at is None
    states = (IssueState.READY, IssueState.HELD) if may_be_held else (IssueState.READY,)
    if not is_frozen or issue.approved_at is not None or issue.state not in states:
        raise Conflict(f"issue {issue.number or issue.slot} is {issue.state} and cannot be approved", code="approval_over")
    if issue.state is IssueState.HELD:
        issues.to_state(tx, issue, IssueState.READY)
    issue.approved_at, issue.approved_by = ctx.clock(), ctx.person.name or ctx.actor
    tx.add(issue)
    approvals.close(tx, issue.id, at=ctx.clock())
    events.record_issue(ctx, tx, issue, EventKind.ISSUE_APPROVED, by=issue.approved_by)
