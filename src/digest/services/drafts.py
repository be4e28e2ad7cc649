"""
Drafts: which issue comes next, and how it would go: its stories in order, and why the others are out.

What editors want of it is in `editing`, and stories that they add in `contributions`.
"""

from collections.abc import Callable, Sequence
from typing import TypeVar

from digest.errors import NothingToDo
from digest.model.draft import NO_EDIT, Edit
from digest.model.issue import Candidate, CandidateRow, Issue, is_editable
from digest.model.newsletter import Newsletter
from digest.model.states import Form, IssueState
from digest.model.timetable import Slot
from digest.services import issues
from digest.services.context import Context, Place
from digest.services.selection import Prepared, as_frozen, choose, coming_languages, render, served
from digest.services.tallies import Tallies
from digest.services.views.issues import DraftStory, DraftView
from digest.store import articles, drafts, events, newsletters
from digest.store import issues as stored_issues

T = TypeVar("T")
KEPT_S = 10.0  #: seconds for which pages share what was made of the coming issue, at least
AHEAD = 10  #: slots that are looked at to find one that is not served


# --- which issue -----------------------------------------------------------------------------


def coming_slot(ctx: Place, newsletter: Newsletter) -> Slot:
    """
    Return the slot of the issue that comes next: one that is due, else the next that nothing was sent for.

    Raises:
        NothingToDo: the newsletter is paused, so that none is due.
    """
    now = ctx.clock()
    with ctx.db.read() as tx:
        begun = [issue for issue in stored_issues.latest(tx, newsletter.id, limit=AHEAD) if _is_waiting(issue)]
    late = [issue for issue in begun if issue.due_at <= now and now - issue.due_at <= newsletter.max_lateness]
    if late:
        return Slot(name=late[0].slot, due_at=late[0].due_at)
    due, _ = issues.due_slots(ctx, newsletter)
    slot = due or newsletter.next_slot(now)
    for _ in range(AHEAD):
        if slot is None or not _is_over(ctx, newsletter, slot):
            break
        slot = newsletter.next_slot(slot.due_at)
    if slot is None:
        raise NothingToDo(f"{newsletter.name} is paused: no issue is due", code="nothing_is_due", newsletter=newsletter.name)
    return slot


def _is_waiting(issue: Issue) -> bool:
    """Return whether an issue has begun and waits for editors or its hour."""
    waits = issue.queued_at is None and issue.state in (IssueState.DRAFT, IssueState.READY, IssueState.HELD)
    return waits and not issue.is_correction


def _is_over(ctx: Place, newsletter: Newsletter, slot: Slot) -> bool:
    with ctx.db.read() as tx:
        issue = stored_issues.of_slot(tx, newsletter.id, slot.name)
    return issue is not None and (issue.queued_at is not None or issue.state is IssueState.SKIPPED)


# --- to look at ------------------------------------------------------------------------------


def kept(ctx: Context, newsletter: Newsletter, tallies: Tallies, name: str, make: Callable[[], T]) -> T:
    """
    Return what was made of the coming issue for another page a moment ago, else what `make` makes of it.

    The frames of a desk need the same, and of two thousand stories the choice alone takes half a second. It is made anew
    in the next minute, when an article has come, and when anybody has changed anything, which is an event.
    """
    with ctx.db.read() as tx:
        made_of = (ctx.clock().replace(second=0, microsecond=0), articles.newest(tx), events.newest(tx))
    key = (name, newsletter.id)
    before, made = tallies.kept(key, lambda: (made_of, make()), least_s=KEPT_S)
    if before != made_of:
        tallies.forget(key)
        before, made = tallies.kept(key, lambda: (made_of, make()), least_s=KEPT_S)
    return made


def _choice(ctx: Context, newsletter: Newsletter, slot: Slot, tallies: Tallies) -> Prepared:
    return kept(ctx, newsletter, tallies, "choice", lambda: choose(ctx, newsletter, slot, now=ctx.clock()))


def prepared(ctx: Context, newsletter: Newsletter, tallies: Tallies, *, language: str | None = None) -> Prepared:
    """
    Prepare the coming issue, or return it as it is frozen, where it only waits for its hour.

    It is rendered in all its languages, or only in the one that a reader of `language` gets, which is faster.

    Raises:
        NothingToDo: none is due.
        ComposeError: a template or theme is wrong.
    """
    slot = coming_slot(ctx, newsletter)
    only = None if language is None else served(language, coming_languages(ctx, newsletter))

    def make() -> Prepared:
        with ctx.db.read() as tx:
            issue = stored_issues.of_slot(tx, newsletter.id, slot.name)
        if issue is not None and issue.state is IssueState.READY:
            return as_frozen(ctx, newsletter, issue)
        return render(ctx, _choice(ctx, newsletter, slot, tallies), only=only)

    return kept(ctx, newsletter, tallies, f"prepared {only or ''}", make)


def draft(ctx: Context, newsletter: Newsletter, tallies: Tallies) -> DraftView:
    """Return the coming issue as it would go now, or as it is frozen: its stories in order, and the others with the reason. Raises NothingToDo."""
    slot = coming_slot(ctx, newsletter)
    with ctx.db.read() as tx:
        issue = stored_issues.of_slot(tx, newsletter.id, slot.name)
        note = stored_issues.note_for(tx, newsletter, slot.name)
        revision, edits = drafts.edits(tx, newsletter.id, slot.name)
        rows = stored_issues.candidates(tx, issue.id) if issue and issue.state is IssueState.READY else ()
        sections = tuple(section.name for section in newsletters.sections(tx, newsletter.id))
    if rows:
        stories = [_frozen_story(row, edits.get(row.story_id, NO_EDIT)) for row in rows]
    else:
        chosen = _choice(ctx, newsletter, slot, tallies).candidates
        stories = [_story(candidate, edits.get(candidate.story.story_id, NO_EDIT)) for candidate in chosen]
    return DraftView(
        newsletter=newsletter.name,
        slot=slot.name,
        due_at=slot.due_at,
        timezone=newsletter.zone,
        revision=revision,
        issue=issue.id if issue else None,
        state=issue.state if issue else IssueState.DRAFT,
        reason=issue.reason if issue else "",
        editable=issue is None or is_editable(issue),
        note=note.text,
        note_by=note.by,
        sections=sections or tuple(dict.fromkeys(story.section for story in stories if story.section)),
        stories=_in_groups([story for story in stories if story.place is not None]),
        out=tuple(story for story in stories if story.place is None),
    )


def _story(candidate: Candidate, edit: Edit) -> DraftStory:
    pick, lead = candidate.pick, candidate.story.lead
    original = candidate.original or pick
    return DraftStory(
        story=candidate.story.story_id,
        place=0 if pick else None,
        members=0,
        section=pick.section if pick else "",
        form=str(pick.form) if pick else "",
        headline=candidate.headline,
        summary=pick.summary if pick else lead.standfirst,
        original_headline=original.headline if original else lead.headline,
        original_summary=original.summary if original else lead.standfirst,
        publisher=pick.publisher if pick else lead.publisher,
        publishers=len({telling.publisher for telling in candidate.story.tellings}),
        url=pick.url if pick else lead.url,
        topic=lead.topic,
        since=lead.since,
        score=round(candidate.total, 2),
        parts=dict(candidate.score),
        reason=candidate.reason,
        is_kept=edit.is_kept,
        is_hidden=edit.is_hidden,
        is_rewritten=bool(edit.headline or edit.summary),
        by=edit.by,
    )


def _frozen_story(row: CandidateRow, edit: Edit) -> DraftStory:
    said = row.snapshot or {}
    return DraftStory(
        story=row.story_id,
        place=0 if row.rank is not None else None,
        members=0,
        section=row.section,
        form=str(row.form or ""),
        headline=row.headline,
        summary=said.get("summary", ""),
        original_headline=row.headline,
        original_summary=said.get("summary", ""),
        publisher=said.get("publisher", ""),
        publishers=1 + len(said.get("also", ())),
        url=said.get("url", ""),
        topic="",
        since=None,
        score=round(sum(row.score.values()), 2),
        parts=dict(row.score),
        reason=row.reason,
        is_kept=edit.is_kept,
        is_hidden=edit.is_hidden,
        is_rewritten=bool(edit.headline or edit.summary),
        by=edit.by,
    )


def _in_groups(stories: Sequence[DraftStory]) -> tuple[DraftStory, ...]:
    """Number the stories of each section and form: a story moves up and down among these."""
    groups: dict[tuple[str, str], list[DraftStory]] = {}
    for story in stories:
        groups.setdefault(group(story), []).append(story)
    numbered = {
        story.story: story.model_copy(update={"place": place, "members": len(members)})
        for members in groups.values()
        for place, story in enumerate(members, start=1)
    }
    return tuple(numbered[story.story] for story in stories)


def group(story: DraftStory) -> tuple[str, str]:
    """Return what a story shares with those that it moves up and down among."""
    return story.form, "" if story.form == Form.TOP else story.section
