"""
Corrections: an issue that tells readers of another what was wrong in it, and what is right.

It has the stories alone that an editor has amended or withdrawn since, and goes to those alone who got one of them wrong
and may still be mailed. It is an issue like any other, with a number, rows in the ledger and one delivery a reader, but
has a slot of its own beside the timetable: no slot is used up, and no story counts as published by it.
"""

import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from sqlmodel import Session

from digest.compose import frozen
from digest.compose.render import CORRECTION, render_in
from digest.errors import BadInput, Conflict, NothingToDo
from digest.model.delivery import Claimed
from digest.model.event import EventKind
from digest.model.issue import Candidate, Issue, Note, Pick, ToldStory
from digest.model.job import Job, JobKind
from digest.model.newsletter import Newsletter
from digest.model.ports import Envelope
from digest.model.rendition import RenditionRow
from digest.model.states import Form, IssueState
from digest.model.timetable import Slot
from digest.model.tokens import key_id
from digest.services import events, misinformed, notes, sending
from digest.services.context import Context
from digest.services.messages import Maker
from digest.services.misinformed import WrongStory
from digest.services.preflight import refuse_unfit
from digest.services.selection import Prepared, languages, paper_of
from digest.services.views.issues import CorrectionPlan, DryRun, WrongView
from digest.smtp.blocking import hand_over
from digest.smtp.outbox import Outbox
from digest.store import issues, newsletters, subscribers, versions, work


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """An issue to correct."""

    issue: Issue
    paper: Newsletter
    stories: Sequence[WrongStory]
    readers: int
    begun: Sequence[Issue]  #: its corrections so far

    @property
    def unfinished(self) -> Issue | None:
        """A correction that was ordered and has not gone out: a process was killed, or is still sending it."""
        return next((one for one in self.begun if one.state in (IssueState.READY, IssueState.SENDING)), None)

    @property
    def slot(self) -> str:
        """Slot of the next correction."""
        return f"{self.issue.slot}-correction-{len(self.begun) + 1}"


def plan(ctx: Context, issue_id: int, *, places: Sequence[int] = ()) -> CorrectionPlan:
    """
    Return which stories a correction of an issue would tell of, and how many readers; `places`: of these alone, from 1.

    Raises:
        NotFound: there is no such issue.
        BadInput: a place has no story that was changed.
        NothingToDo: nothing that anybody got was changed since, or they were told of it.
        Conflict: mails of a wrong version are just being handed over.
    """
    with ctx.db.read() as tx:
        found = _found(ctx, tx, issue_id, places)
    if not found.stories and found.unfinished is None:
        said = f"readers of issue {found.issue.number} got nothing that was changed since and that they were not told of"
        raise NothingToDo(said, code="nothing_wrong")
    return CorrectionPlan(
        issue=found.issue.number,
        newsletter=found.paper.name,
        version=found.issue.version,
        readers=found.readers,
        stories=tuple(_view(story) for story in found.stories),
        unfinished=found.unfinished.number if found.unfinished else None,
    )


def correct(
    ctx: Context, issue_id: int, *, places: Sequence[int] = (), sentence: str = "", seen: int | None = None
) -> tuple[Issue, Newsletter]:
    """
    Make the correction of an issue, which then goes out with the next send, or with the scheduler; return it and its newsletter.

    `places`: of these stories alone, from 1. `sentence`: what an editor says of it. `seen`: the version that was looked at.
    One that is not sent yet is returned where nothing was changed since it was made, so that it is safe to repeat.

    Raises:
        NotFound: there is no such issue.
        BadInput: a place has no story that was changed, or the sentence is too long.
        NothingToDo: nothing that anybody got was changed since, or they were told of it.
        Conflict: mails of a wrong version are just being handed over, or the issue was amended since it was looked at.
        UnfitToSend: its mails would break a standard or a promise to readers.
    """
    note = Note(text=sentence.strip())
    notes.check(note)
    sending.recover(ctx)  # what a dead process had in hand is known then
    while True:
        with ctx.db.read() as tx:
            found = _found(ctx, tx, issue_id, places)
            number = issues.next_number(tx, found.paper.id)
        if seen is not None and seen != found.issue.version:
            raise Conflict(f"issue {found.issue.number} was changed since you looked at it", code="issue_amended")
        if not found.stories and found.unfinished is not None:
            return found.unfinished, found.paper
        if not found.readers:
            raise NothingToDo(
                f"nobody who got a wrong version of issue {found.issue.number} may still be mailed", code="nothing_wrong"
            )
        prepared = _prepared(ctx, found, note, number=number)
        refuse_unfit(ctx, found.paper, prepared)
        made = _frozen(ctx, found, prepared, number=number)
        if made is not None:
            return made, found.paper


def dry_run(
    ctx: Context, issue_id: int, *, places: Sequence[int] = (), sentence: str = "", on_progress: Callable[[int], None]
) -> DryRun:
    """Write the mails of a correction as .eml files, and change nothing. Raises what `correct` raises."""
    note = Note(text=sentence.strip())
    notes.check(note)
    with ctx.db.read() as tx:
        found = _found(ctx, tx, issue_id, places)
        number = issues.next_number(tx, found.paper.id)
    if not found.readers:
        raise NothingToDo(f"nobody would get a correction of issue {found.issue.number}", code="nothing_wrong")
    prepared = _prepared(ctx, found, note, number=number)
    folder = ctx.settings.data_path / "dry-run" / found.slot
    for old in folder.glob("*.eml"):
        old.unlink()  # of an earlier dry run of this correction
    count = 0
    for _ in hand_over(Outbox(folder), _mails(ctx, found, prepared)):
        count += 1
        on_progress(1)
    return DryRun(
        newsletter=found.paper.name, slot=found.slot, stories=len(found.stories), mails=count, folder=folder, candidates=()
    )


# --- what was wrong --------------------------------------------------------------------------


def _found(ctx: Context, tx: Session, issue_id: int, places: Sequence[int]) -> _Found:
    """Return an issue to correct, with the wrong stories that its readers were not told of."""
    issue = issues.get(tx, issue_id)
    paper = newsletters.by_id(tx, issue.newsletter_id)
    begun = versions.corrections(tx, issue_id)
    told: dict[int, int] = {}
    for correction in begun:
        if correction.state is not IssueState.CANCELLED or correction.queued_at is not None:
            told |= {row.story_id: correction.corrects_version or 0 for row in issues.picks(tx, correction.id)}
    wrong = misinformed.wrong_stories(tx, issue, until=issue.version)
    left = [story for story in wrong if story.wrong.changed_in > told.get(story.row.story_id, 0)]
    stories = [story for story in left if not places or story.place + 1 in places]
    if missing := sorted(set(places) - {story.place + 1 for story in stories}):
        raise BadInput(f"no change of story {missing[0]} of issue {issue.number} is left to tell of", code="story_not_wrong")
    if count := misinformed.in_hand(tx, issue, stories):
        said = "is" if count == 1 else "are"
        raise Conflict(f"{count} of the wrong mails {said} just being handed over; try again in a minute", code="wrong_in_hand")
    readers = misinformed.count(tx, issue, stories, now=ctx.clock()) if stories else 0
    return _Found(issue=issue, paper=paper, stories=stories, readers=readers, begun=begun)


def _view(story: WrongStory) -> WrongView:
    return WrongView(
        place=story.place + 1,
        story=story.row.story_id,
        wrong=tuple({"headline": one.headline, "summary": one.summary} for one in story.wrong.wordings),
        headline="" if story.wrong.is_out else story.row.headline,
        summary="" if story.wrong.is_out else str((story.row.snapshot or {}).get("summary", "")),
        withdrawn=story.wrong.is_out,
    )


# --- to make it ------------------------------------------------------------------------------


def _prepared(ctx: Context, found: _Found, note: Note, *, number: int) -> Prepared:
    """Render a correction, in the languages of the newsletter's readers."""
    now, paper = ctx.clock(), found.paper
    day = now.astimezone(paper.timetable.zone).date()
    with ctx.db.read() as tx:
        spoken = subscribers.languages(tx, paper.mlist_id)
    picks = [_pick(story, is_first=not index) for index, story in enumerate(found.stories)]
    sheet = paper_of(ctx, paper, number=number, day=day, nonce=secrets.token_hex(6), template=CORRECTION)
    told = [
        {"wrong": [[one.headline, one.summary] for one in story.wrong.wordings], "out": story.wrong.is_out}
        for story in found.stories
    ]
    sheet = replace(sheet, note=note.text, values={"number": found.issue.number, "stories": told})
    return Prepared(
        newsletter=paper,
        slot=Slot(name=found.slot, due_at=now),
        candidates=[
            Candidate(story=ToldStory(story_id=pick.story_id, tellings=()), score={}, reason="corrected", pick=pick)
            for pick in picks
        ],
        note=note,
        renditions=render_in(sheet, picks, languages(paper, spoken)),
    )


def _pick(story: WrongStory, *, is_first: bool) -> Pick:
    """Return what a correction publishes of a story: its words of now and where it leads; of one that was withdrawn, its headline."""
    pick = issues.to_pick(story.row.snapshot or {})
    form = Form.TOP if is_first else Form.FULL
    plain = replace(pick, form=form, section="", image="", also=(), minutes=0, updated=False)
    return replace(plain, summary="", url="", has_page=False, article_id=0) if story.wrong.is_out else plain


def _frozen(ctx: Context, found: _Found, prepared: Prepared, *, number: int) -> Issue | None:
    """Store a correction, ready to go; None where its number was given away, or what it tells of has changed meanwhile."""
    now, paper = ctx.clock(), found.paper
    with ctx.db.begin() as tx:
        now_stored = issues.get(tx, found.issue.id)
        others = versions.corrections(tx, found.issue.id)
        if (now_stored.version, len(others), issues.next_number(tx, paper.id)) != (found.issue.version, len(found.begun), number):
            return None
        if misinformed.in_hand(tx, now_stored, found.stories):
            return None
        issue = Issue(
            newsletter_id=paper.id,
            slot=found.slot,
            nonce=secrets.token_hex(6),
            due_at=now,
            made_at=now,
            note=prepared.note.text,
            corrects_id=found.issue.id,
            corrects_version=found.issue.version,
            approved_at=now,  # who orders it answers for it
            approved_by=ctx.person.name or ctx.actor,
        )
        issues.add(tx, issue)
        rows = [
            RenditionRow(issue_id=issue.id, language=r.language, theme=r.theme, content=frozen.dump(r), made_at=now)
            for r in prepared.renditions
        ]
        issues.freeze(tx, issue, prepared.candidates, rows, at=now)
        events.record_issue(ctx, tx, issue, EventKind.ISSUE_FROZEN, stories=len(prepared.picks), corrects=found.issue.number)
        events.record_issue(
            ctx,
            tx,
            now_stored,
            EventKind.ISSUE_CORRECTED,
            correction=issue.number,
            stories=len(prepared.picks),
            readers=found.readers,
        )
        work.defer(tx, [Job(kind=JobKind.DELIVER, numbers=(issue.id,))])
        return issue


def _mails(ctx: Context, found: _Found, prepared: Prepared) -> Iterator[Envelope]:
    """Yield the mails of a correction, numbered and not stored."""
    maker, now, key = Maker(ctx), ctx.clock(), key_id(ctx.settings.secret_keys[0])
    with ctx.db.read() as tx:
        told = misinformed.readers(tx, found.issue, found.stories, now=now)
        for number, reader in enumerate((one for one in told if any(one.picks)), start=1):
            claimed = Claimed(
                delivery_id=number,
                subscription_id=reader.subscription_id,
                rendition_id=0,
                address=reader.address,
                name=reader.name,
                key_id=key,
                picks=reader.picks,
                dated_at=now,
                tries=0,
            )
            yield maker.envelope(claimed, prepared.rendition(reader.language))
