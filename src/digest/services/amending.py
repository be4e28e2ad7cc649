"""
Amending: changes of an issue whose mails have begun to go.

Each makes the next version of the issue: its pages show it at once, and so do the mails that go from then on. A
delivery takes the newest version when it is claimed and records it; who got an earlier one keeps that, so that any
mail can be made again as it was. What was deferred, unsure and sent again, or retried is claimed again, and takes the
newest version too, under the Message-ID that it had.

Other words are rendered and checked before anything of them is stored: there is no version that could not go.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace

from sqlmodel import Session

from digest.compose import frozen
from digest.errors import BadInput, Conflict, NotFound, NothingToDo
from digest.model.amendment import Amendment
from digest.model.draft import HEADLINE_MAX, SUMMARY_MAX
from digest.model.event import EventKind
from digest.model.issue import Issue, Note, Pick, can_amend
from digest.model.newsletter import Newsletter
from digest.model.rendition import Rendition, RenditionRow
from digest.services import events, notes
from digest.services.context import Context, Place
from digest.services.editing import line
from digest.services.preflight import refuse_unfit
from digest.services.selection import Prepared, as_frozen, rendered_again
from digest.store import issues, newsletters, versions


def rewrite(
    ctx: Context,
    issue_id: int,
    story_id: int,
    *,
    headline: str | None = None,
    summary: str | None = None,
    seen: int | None = None,
) -> Issue:
    """
    Give a story of an issue other words; None leaves them as they are. `seen` is the version that the editor looked at.

    Raises:
        BadInput: there is no headline left, or a text is too long.
        NotFound: there is no such issue, or no such story in it.
        NothingToDo: it has these words already.
        Conflict: the issue is sending, not queued yet or a correction, the story was withdrawn, or another has amended the issue.
        UnfitToSend: its mails would break a standard or a promise to readers.
    """
    issue, paper, prepared = _opened(ctx, issue_id, seen)
    pick = _pick(ctx, prepared, issue, story_id)
    words = {
        "headline": pick.headline if headline is None else line(headline, "headline", HEADLINE_MAX),
        "summary": pick.summary if summary is None else line(summary, "summary", SUMMARY_MAX),
    }
    if not words["headline"]:
        raise BadInput("a story needs a headline", code="no_headline")
    changed = replace(pick, headline=words["headline"], summary=words["summary"])
    if changed == pick:
        raise NothingToDo(f"“{pick.headline}” has these words already", code="same_words")
    candidates = [replace(one, pick=changed if one.pick == pick else one.pick) for one in prepared.candidates]

    def store(tx: Session, stored: Issue) -> Amendment:
        issues.rewrite_pick(tx, stored.id, changed)
        return _next(ctx, stored, story_id=story_id, headline=pick.headline, summary=pick.summary)

    before = {"headline": pick.headline, "summary": pick.summary}
    return _amended(ctx, issue, paper, replace(prepared, candidates=candidates), store, before=before, after=words)


def introduce(ctx: Context, issue_id: int, note: Note, *, seen: int | None = None) -> Issue:
    """
    Open an issue with another note, or with none: in mails that have not gone, or, of an issue that is not frozen yet, in all.

    Raises:
        BadInput: it is too long.
        NotFound: there is no such issue.
        NothingToDo: it has this note already.
        Conflict: the issue is sending, frozen and not held, or a correction, or another has amended it.
        UnfitToSend: its mails would break a standard or a promise to readers.
    """
    notes.check(note)
    with ctx.db.read() as tx:
        is_queued = issues.get(tx, issue_id).queued_at is not None
    if not is_queued:
        return notes.open_issue(ctx, issue_id, note)
    issue, paper, prepared = _opened(ctx, issue_id, seen)
    if note == prepared.note:
        raise NothingToDo("the issue opens so already", code="same_words")

    def store(tx: Session, stored: Issue) -> Amendment:
        stored.note, stored.note_by = note.text, note.by
        tx.add(stored)
        return _next(ctx, stored, story_id=None, summary=prepared.note.text)

    before, after = {"note": prepared.note.text}, {"note": note.text}
    return _amended(ctx, issue, paper, replace(prepared, note=note), store, before=before, after=after)


def history(ctx: Place, issue_id: int) -> tuple[Amendment, ...]:
    """Return the amendments of an issue, oldest first."""
    with ctx.db.read() as tx:
        return tuple(versions.amendments(tx, issue_id))


def _opened(ctx: Context, issue_id: int, seen: int | None) -> tuple[Issue, Newsletter, Prepared]:
    """Return an issue for a change, its newsletter, and how it stands. Raises NotFound, or Conflict."""
    with ctx.db.read() as tx:
        issue = issues.get(tx, issue_id)
        paper = newsletters.by_id(tx, issue.newsletter_id)
    _refuse(issue, issue.version if seen is None else seen)
    return issue, paper, as_frozen(ctx, paper, issue)


def _refuse(issue: Issue, seen: int) -> None:
    """Raise Conflict where an issue cannot be amended, or was amended since it had the version `seen`."""
    name = f"issue {issue.number or issue.slot}"
    if issue.queued_at is None:
        raise Conflict(f"{name} has not gone out", code="not_published", issue=issue.slot)
    if issue.is_correction:
        raise Conflict(f"{name} is a correction, which stays as it is", code="is_correction")
    if not can_amend(issue):
        raise Conflict(f"{name} is {issue.state}; hold it before its mails are changed", code="hold_first", issue=issue.number)
    if issue.version != seen:
        raise Conflict(f"{name} was changed since you looked at it", code="issue_amended")


def _pick(ctx: Place, prepared: Prepared, issue: Issue, story_id: int) -> Pick:
    pick = next((one for one in prepared.picks if one.story_id == story_id), None)
    if pick is None:
        raise NotFound("story", story_id, code="no_story_in_issue")
    with ctx.db.read() as tx:
        if story_id in issues.withdrawn_stories(tx, issue.id):
            raise Conflict(f"“{pick.headline}” was withdrawn", code="story_withdrawn")
    return pick


def _amended(
    ctx: Context,
    issue: Issue,
    paper: Newsletter,
    prepared: Prepared,
    store: Callable[[Session, Issue], Amendment],
    *,
    before: Mapping[str, str],
    after: Mapping[str, str],
) -> Issue:
    """Render and check the next version of an issue, then store it: all of it, or nothing."""
    made = rendered_again(ctx, paper, issue, prepared)
    refuse_unfit(ctx, paper, made)
    with ctx.db.begin() as tx:
        stored = issues.get(tx, issue.id)
        _refuse(stored, issue.version)
        amendment = store(tx, stored)
        versions.begin(tx, stored, amendment)
        tx.add_all(_row(ctx, stored, rendition) for rendition in made.renditions)
        events.record_issue(
            ctx,
            tx,
            stored,
            EventKind.ISSUE_AMENDED,
            version=stored.version,
            story=amendment.story_id,
            headline=amendment.headline,
            before=dict(before),
            after=dict(after),
        )
        return stored


def _row(ctx: Place, issue: Issue, rendition: Rendition) -> RenditionRow:
    return RenditionRow(
        issue_id=issue.id,
        language=rendition.language,
        theme=rendition.theme,
        version=issue.version,
        content=frozen.dump(rendition),
        made_at=ctx.clock(),
    )


def _next(ctx: Place, issue: Issue, *, story_id: int | None, headline: str = "", summary: str) -> Amendment:
    """Return the amendment that makes an issue's next version, with what was said before."""
    return Amendment(
        issue_id=issue.id,
        version=issue.version + 1,
        story_id=story_id,
        headline=headline,
        summary=summary,
        by=ctx.person.name or ctx.actor,
        at=ctx.clock(),
    )
