"""
Editing: what editors want of the coming issue.

An edit is kept beside the story that it is about, so that whatever the sources bring, the editors' words and order
stay until the issue is frozen. Each names the revision of the draft that its editor saw: a draft that another has
changed since refuses it, and says what was changed.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlmodel import Session

from digest.errors import BadInput, Conflict, NotFound
from digest.model.draft import HEADLINE_MAX, NO_EDIT, SUMMARY_MAX, Edit
from digest.model.event import EventKind
from digest.model.issue import Issue, Note, is_editable
from digest.model.newsletter import Newsletter
from digest.model.states import Form, IssueState
from digest.model.timetable import Slot
from digest.services import events, issues, notes
from digest.services.context import Context, Place
from digest.services.drafts import coming_slot, draft, group
from digest.services.tallies import Tallies
from digest.services.views.issues import DraftChange, DraftStory
from digest.store import approvals, drafts, newsletters
from digest.store import issues as stored_issues


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """The draft that an editor looks at while they change it."""

    slot: str = ""  #: empty: the coming one, whichever that is
    revision: int | None = None  #: None: whatever it is by now


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """New place of a story: what is None stays as it is."""

    section: str | None = None
    form: Form | None = None
    place: int | None = None  #: from 1; further than the last: the last
    step: int = 0  #: -1: one up, 1: one down


def take_out(ctx: Context, newsletter: Newsletter, story_id: int, seen: Seen) -> int:
    """Keep a story out of the coming issue alone; return the draft's revision. Raises NotFound, or Conflict."""
    return _change(ctx, newsletter, seen, "taken out", story_id, lambda edit: replace(edit, is_hidden=True, is_kept=False))


def put_in(ctx: Context, newsletter: Newsletter, story_id: int, seen: Seen) -> int:
    """
    Keep a story in the coming issue whatever its score; return the draft's revision.

    Raises:
        NotFound: there is no such story.
        Conflict: the draft is frozen, or another editor has changed it.
    """
    return _change(ctx, newsletter, seen, "kept in", story_id, lambda edit: replace(edit, is_hidden=False, is_kept=True))


def leave(ctx: Context, newsletter: Newsletter, story_id: int, seen: Seen) -> int:
    """Take back everything that editors said of a story of the coming issue; return the draft's revision. Raises NotFound, or Conflict."""
    return _change(ctx, newsletter, seen, "left as it was", story_id, lambda _: NO_EDIT)


def rewrite(ctx: Context, newsletter: Newsletter, story_id: int, seen: Seen, *, headline: str, summary: str) -> int:
    """
    Print a story with an editor's headline and summary, which stay whatever its sources say; an empty one is the source's again.

    Returns the draft's revision.

    Raises:
        BadInput: one of them is too long.
        NotFound: there is no such story.
        Conflict: the draft is frozen, or another editor has changed it.
    """
    words = {"headline": line(headline, "headline", HEADLINE_MAX), "summary": line(summary, "summary", SUMMARY_MAX)}
    is_kept = any(words.values())
    return _change(
        ctx,
        newsletter,
        seen,
        "rewritten",
        story_id,
        lambda edit: replace(edit, **words, is_kept=edit.is_kept or is_kept, is_hidden=False),  # type: ignore[arg-type]
    )


def move(ctx: Context, newsletter: Newsletter, story_id: int, seen: Seen, target: Target) -> int:
    """
    Give a story of the coming issue another place, section or form, and keep it in; return the draft's revision.

    Raises:
        BadInput: there is no such section.
        NotFound: the issue has no such story.
        Conflict: the draft is frozen, or another editor has changed it.
    """
    shown = draft(ctx, newsletter, Tallies())
    moved = next((story for story in (*shown.stories, *shown.out) if story.story == story_id), None)
    if moved is None:
        raise NotFound("story", story_id, code="no_story")
    if target.section is not None and target.section not in shown.sections:
        raise BadInput(f"{newsletter.name} has no section {target.section}", code="no_section", newsletter=newsletter.name)
    wanted = moved.model_copy(
        update={
            "section": moved.section if target.section is None else target.section,
            "form": str(target.form or moved.form or Form.FULL),
        }
    )
    order = _order_after(shown.stories, moved, wanted, target)

    def apply(edit: Edit) -> Edit:
        return replace(
            edit,
            is_hidden=False,
            is_kept=True,
            section=target.section if target.section is not None else edit.section,
            form=target.form or edit.form,
            place=order.get(story_id),
        )

    others = {number: place for number, place in order.items() if number != story_id}
    is_top = wanted.form == Form.TOP
    return _change(ctx, newsletter, seen, "moved", story_id, apply, places=others, only_top=is_top)


def _order_after(stories: Sequence[DraftStory], moved: DraftStory, wanted: DraftStory, target: Target) -> Mapping[int, int]:
    """Return the places of the moved story, and of all that share its section and form, the new and the old."""
    left = [story for story in stories if group(story) == group(moved) and story.story != moved.story]
    members = [story for story in stories if group(story) == group(wanted) and story.story != moved.story]
    if group(moved) != group(wanted) or moved.place is None:
        index = len(members) if target.place is None else target.place - 1
    else:
        index = (moved.place if target.place is None else target.place) - 1 + target.step
    members.insert(max(0, index), wanted)
    return {story.story: place for these in (left, members) for place, story in enumerate(these)}


def introduce(ctx: Context, newsletter: Newsletter, seen: Seen, note: Note) -> int:
    """Open the coming issue with a note, or with none; return the draft's revision. Raises BadInput, or Conflict."""
    notes.check(note)
    slot = _slot(ctx, newsletter, seen)
    with ctx.db.begin() as tx:
        issue = _opened(ctx, tx, newsletter, slot, seen)
        before = stored_issues.note_for(tx, newsletter, slot.name)
        stored_issues.keep_note(tx, issue, before)  # from now on it is this issue's, and not the next one's
        stored_issues.keep_note(tx, issue, note)
        _record(ctx, tx, issue, "introduction", "", before={"note": before.text}, after={"note": note.text})
        return issue.revision


def line(text: str, name: str, limit: int) -> str:
    """Return what an editor has written, on one line. Raises BadInput where it is too long."""
    plain = " ".join(text.split())
    if len(plain) > limit:
        raise BadInput(f"the {name} has {len(plain)} characters; at most {limit} fit", code=f"{name}_long", limit=limit)
    return plain


def keep_added(ctx: Context, newsletter: Newsletter, seen: Seen, section: str, add: Callable[[Session], tuple[int, str]]) -> int:
    """Keep in the coming issue a story that `add` stores within the transaction; return its number. Raises BadInput, or Conflict."""
    slot = _slot(ctx, newsletter, seen)
    with ctx.db.begin() as tx:
        known = [one.name for one in newsletters.sections(tx, newsletter.id)]
        if section and known and section not in known:
            raise BadInput(f"{newsletter.name} has no section {section}", code="no_section", newsletter=newsletter.name)
        issue = _opened(ctx, tx, newsletter, slot, seen)
        story_id, headline = add(tx)
        _, edits = drafts.edits(tx, newsletter.id, slot.name)
        edit = replace(edits.get(story_id, NO_EDIT), is_kept=True, is_hidden=False, by=_who(ctx))
        drafts.put(tx, issue.id, story_id, replace(edit, section=section or edit.section), at=ctx.clock())
        _record(ctx, tx, issue, "added", headline, story=story_id)
        return story_id


def _change(
    ctx: Context,
    newsletter: Newsletter,
    seen: Seen,
    act: str,
    story_id: int,
    apply: Callable[[Edit], Edit],
    *,
    places: Mapping[int, int] | None = None,
    only_top: bool = False,
) -> int:
    """Change the edit of one story; `places` are new ones of those that have a place already, `only_top`: no other is to be the top story."""
    slot = _slot(ctx, newsletter, seen)
    with ctx.db.begin() as tx:
        issue = _opened(ctx, tx, newsletter, slot, seen)
        headline = drafts.headline(tx, story_id)
        if headline is None:
            raise NotFound("story", story_id, code="no_story")
        _, edits = drafts.edits(tx, newsletter.id, slot.name)
        before = edits.get(story_id, NO_EDIT)
        after = apply(before)
        drafts.put(tx, issue.id, story_id, replace(after, by=_who(ctx)), at=ctx.clock())
        for other, edit in edits.items():
            if other == story_id:
                continue
            place = places.get(other, edit.place) if places and edit.place is not None else edit.place
            form = None if only_top and edit.form is Form.TOP else edit.form
            if (place, form) != (edit.place, edit.form):
                drafts.put(tx, issue.id, other, replace(edit, place=place, form=form), at=ctx.clock())
        _record(ctx, tx, issue, act, headline, story=story_id, before=_said(before), after=_said(after))
        return issue.revision


def _slot(ctx: Place, newsletter: Newsletter, seen: Seen) -> Slot:
    """Return the coming slot. Raises Conflict where it is another than the editor saw."""
    slot = coming_slot(ctx, newsletter)
    if seen.slot and seen.slot != slot.name:
        raise Conflict(
            f"the draft of {seen.slot} is closed; the coming issue is {slot.name}",
            code="draft_closed",
            slot=seen.slot,
            coming=slot.name,
        )
    return slot


def _opened(ctx: Place, tx: Session, newsletter: Newsletter, slot: Slot, seen: Seen) -> Issue:
    """Return the issue of the slot for a change, made if there is none, with its next revision. Raises Conflict."""
    issue = stored_issues.of_slot(tx, newsletter.id, slot.name) or issues.begin(ctx, tx, newsletter, slot)
    if not is_editable(issue):
        hint = "; hold it first, and resume it after" if issue.state is IssueState.READY else ""
        raise Conflict(
            f"issue {issue.number or issue.slot} is {issue.state}, and its mails stay as they are{hint}", code="draft_frozen"
        )
    if seen.revision is not None and seen.revision != issue.revision:
        _refuse_stale(tx, issue, seen.revision)
    issue.revision += 1
    tx.add(issue)
    approvals.close(tx, issue.id, at=ctx.clock())  # what was asked for is not what goes
    return issue


def _refuse_stale(tx: Session, issue: Issue, revision: int) -> None:
    changed = [
        DraftChange(
            at=event.at,
            by=event.person or event.actor,
            act=str(event.facts.get("act", "")),
            headline=str(event.facts.get("headline", "")),
            before=event.facts.get("before", {}),
            after=event.facts.get("after", {}),
        )
        for event in drafts.changes(tx, issue.id, issue.newsletter_id, after=revision)
    ]
    said = "; ".join(f"{one.by}: {one.act}" + (f" “{one.headline}”" if one.headline else "") for one in changed)
    raise Conflict(
        f"the draft of {issue.slot} was changed since you looked at it" + (f": {said}" if said else ""),
        code="draft_changed",
        changes=changed,
        revision=issue.revision,
    )


def _record(
    ctx: Place,
    tx: Session,
    issue: Issue,
    act: str,
    headline: str,
    *,
    story: int | None = None,
    before: Mapping[str, object] | None = None,
    after: Mapping[str, object] | None = None,
) -> None:
    """Record a change of a draft: what it was, of which story, before and after, and the revision that it led to."""
    events.record_issue(
        ctx,
        tx,
        issue,
        EventKind.ISSUE_EDITED,
        revision=issue.revision,
        act=act,
        story=story,
        headline=headline,
        before=before or {},
        after=after or {},
    )


def _said(edit: Edit) -> Mapping[str, object]:
    """Return what an edit says, without what it leaves as it is."""
    said = {
        "out": edit.is_hidden,
        "in": edit.is_kept,
        "section": edit.section,
        "form": str(edit.form or ""),
        "place": edit.place + 1 if edit.place is not None else None,
        "headline": edit.headline,
        "summary": edit.summary,
    }
    return {name: value for name, value in said.items() if value not in (None, "", False)}


def _who(ctx: Place) -> str:
    return ctx.person.name or ctx.actor
