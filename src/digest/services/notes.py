"""Notes: what an editor says at the opening of an issue."""

from digest.errors import BadInput, Conflict
from digest.model.event import EventKind
from digest.model.issue import Issue, Note, is_editable
from digest.model.newsletter import Newsletter
from digest.model.states import IssueState
from digest.services import events
from digest.services.context import Place
from digest.store import approvals, issues, newsletters

NOTE_MAX, SIGNED_MAX = 1_200, 100  #: characters


def open_next(ctx: Place, newsletter: Newsletter, note: Note) -> None:
    """Open the newsletter's next issue with this note, whenever it comes. Raises BadInput where it is too long."""
    check(note)
    with ctx.db.begin() as tx:
        stored = newsletters.by_id(tx, newsletter.id)
        stored.next_note, stored.next_note_by = note.text, note.by
        events.record(ctx, tx, EventKind.NEWSLETTER_CHANGED, stored, changed=["next_note"])


def open_issue(ctx: Place, issue_id: int, note: Note) -> Issue:
    """
    Open an issue with this note.

    Raises:
        BadInput: it is too long.
        Conflict: the issue is frozen, so that its mails are as they are.
    """
    check(note)
    with ctx.db.begin() as tx:
        issue = issues.get(tx, issue_id)
        if not is_editable(issue):
            hint = "; hold it first, and resume it after" if issue.state is IssueState.READY else ""
            raise Conflict(f"issue {issue.number or issue.slot} is {issue.state}, and its mails stay as they are{hint}")
        issue.note, issue.note_by = note.text, note.by
        issue.revision += 1
        approvals.close(tx, issue_id, at=ctx.clock())  # what was asked for is not what goes
        events.record_issue(ctx, tx, issue, EventKind.ISSUE_CHANGED, changed=["note"])
        return issue


def check(note: Note) -> None:
    """Raise BadInput where a note is too long, or the name that signs it is no line."""
    if len(note.text) > NOTE_MAX:
        raise BadInput(f"the note has {len(note.text)} characters; at most {NOTE_MAX} open an issue well")
    if len(note.by) > SIGNED_MAX or not note.by.isprintable():
        raise BadInput(f"the name that signs must be one line of at most {SIGNED_MAX} characters")
