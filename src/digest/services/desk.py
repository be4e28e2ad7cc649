"""What a person at the desk decides about an issue: its note, hold, resume, cancel; settles what is unsure, retries what bounced."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from digest.errors import BadInput, Conflict
from digest.model.issue import Issue, Note
from digest.model.newsletter import Newsletter
from digest.model.states import IssueState
from digest.services.place import Place
from digest.store import deliveries, issues, newsletters

if TYPE_CHECKING:
    from digest.services.context import Context

NOTE_MAX, SIGNED_MAX = 1_200, 100  #: characters


def hold(ctx: Place, issue_id: int, *, reason: str) -> None:
    """Nothing more of the issue goes out until `resume`. Raises Conflict."""
    with ctx.db.begin() as tx:
        issues.to_state(tx, issues.get(tx, issue_id), IssueState.HELD, reason=reason)


def resume(ctx: "Context", issue_id: int) -> Issue:
    """A held issue goes on where it stood: as a draft where nothing was queued, else sending. Raises Conflict."""
    with ctx.db.begin() as tx:
        issue = issues.get(tx, issue_id)
        if issue.queued_at is None:  # nothing was claimed: what is half queued goes, the issue is made anew
            deliveries.forget_unclaimed(tx, issue_id)
            issues.forget_frozen(tx, issue_id)
        deliveries.try_at_once(tx, issue_id)
        issues.to_state(tx, issue, IssueState.SENDING if issue.queued_at else IssueState.DRAFT)
    ctx.pace.forget()
    return issue


def cancel(ctx: Place, issue_id: int, *, reason: str) -> int:
    """Call an issue off; what waits is cancelled, what went out stays so. Returns how many waited. Raises Conflict."""
    with ctx.db.begin() as tx:
        issues.to_state(tx, issues.get(tx, issue_id), IssueState.CANCELLED, reason=reason)
        return deliveries.cancel_waiting(tx, issue_id)


def note_next(ctx: Place, newsletter: Newsletter, note: Note) -> None:
    """The newsletter's next issue opens with this note, whenever it comes. Raises BadInput where it is too long."""
    _check_note(note)
    with ctx.db.begin() as tx:
        stored = newsletters.by_id(tx, newsletter.id)
        stored.next_note, stored.next_note_by = note.text, note.by
        tx.add(stored)


def note_issue(ctx: Place, issue_id: int, note: Note) -> None:
    """
    The issue opens with this note.

    Raises:
        BadInput: it is too long.
        Conflict: the issue is frozen, so that its mails are as they are.
    """
    _check_note(note)
    with ctx.db.begin() as tx:
        issue = issues.get(tx, issue_id)
        unfrozen = issue.state in (IssueState.DRAFT, IssueState.SKIPPED) or (
            issue.state is IssueState.HELD and not issue.queued_at
        )
        if not unfrozen:
            hint = "; hold it first, and resume it after" if issue.state is IssueState.READY else ""
            raise Conflict(f"issue {issue.number or issue.slot} is {issue.state}, and its mails stay as they are{hint}")
        issue.note, issue.note_by = note.text, note.by
        tx.add(issue)


def _check_note(note: Note) -> None:
    if len(note.text) > NOTE_MAX:
        raise BadInput(f"the note has {len(note.text)} characters; at most {NOTE_MAX} open an issue well")
    if len(note.by) > SIGNED_MAX or not note.by.isprintable():
        raise BadInput(f"the name that signs must be one line of at most {SIGNED_MAX} characters")


def settle(ctx: Place, ids: Sequence[int], *, as_sent: bool) -> int:
    """A person says what became of unsure deliveries; issues with nothing open any more are `sent`. Returns how many."""
    with ctx.db.begin() as tx:
        for issue in {deliveries.get(tx, number).issue_id for number in ids}:
            if not as_sent and issues.get(tx, issue).state in (IssueState.CANCELLED, IssueState.SENT):
                raise Conflict(
                    f"issue {issues.get(tx, issue).number} is {issues.get(tx, issue).state}: nothing of it is sent again; say --mark-sent"
                )
        count = deliveries.settle_unsure(tx, ids, as_sent=as_sent, at=ctx.clock())
        for issue in {deliveries.get(tx, number).issue_id for number in ids}:
            stored = issues.get(tx, issue)
            if stored.state is IssueState.SENDING and not deliveries.any_open(tx, issue):
                stored.sent_at = ctx.clock()
                issues.to_state(tx, stored, IssueState.SENT)
    return count


@dataclass(frozen=True, slots=True, kw_only=True)
class Retried:
    """What `retry` did."""

    queued: int
    kept: int  #: that stay bounced: their readers have left or are suppressed
    newsletter: str  #: whose issue it is, by name


def retry(ctx: Place, issue_id: int, ids: Sequence[int] = ()) -> Retried:
    """
    Queue bounced deliveries of an issue again, these or all; an issue that was sent is `sending` again.

    They are tried for two days from now, as if they had never been.

    Raises:
        Conflict: the issue is neither sending nor sent.
    """
    with ctx.db.begin() as tx:
        issue = issues.get(tx, issue_id)
        if issue.state not in (IssueState.SENDING, IssueState.SENT):
            raise Conflict(
                f"issue {issue.number or issue.slot} is {issue.state}; what bounced of it can be sent again when it is sending"
            )
        queued, kept = deliveries.retry_bounced(tx, issue_id, ids)
        if queued:
            issue.retried_at = ctx.clock()
            if issue.state is IssueState.SENT:
                issues.to_state(tx, issue, IssueState.SENDING)
            tx.add(issue)
        name = newsletters.by_id(tx, issue.newsletter_id).name
    return Retried(queued=queued, kept=kept, newsletter=name)
