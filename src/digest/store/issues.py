"""Issues, their candidates and renditions."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

import sqlalchemy as sa
import sqlalchemy.orm
from sqlalchemy import func
from sqlmodel import Session, col, delete, select

from digest.errors import NotFound
from digest.model.amendment import Amendment
from digest.model.article import Article, ImageInfo
from digest.model.issue import Candidate, CandidateRow, Coverage, Issue, Note, Pick
from digest.model.newsletter import Newsletter
from digest.model.rendition import RenditionRow
from digest.model.states import UNPRINTED, Form, IssueState, move

#: Conditions of an issue that stands in an archive.
_ARCHIVED = (col(Issue.state).in_((IssueState.SENDING, IssueState.SENT)), col(Issue.withdrawn_at).is_(None))


def of_slot(tx: Session, newsletter_id: int, slot: str) -> Issue | None:
    """Return the issue that holds a slot."""
    return tx.exec(select(Issue).where(Issue.newsletter_id == newsletter_id, Issue.slot == slot)).first()


def add(tx: Session, issue: Issue) -> Issue:
    """Claim the slot: store the issue. The schema's unique key refuses a second."""
    tx.add(issue)
    tx.flush()
    return issue


def get(tx: Session, issue_id: int) -> Issue:
    """Return an issue by the number of its row. Raises NotFound."""
    found = tx.get(Issue, issue_id)
    if found is None:
        raise NotFound("issue", issue_id)
    return found


def by_key(tx: Session, newsletter: Newsletter, key: str) -> Issue:
    """Return an issue by the number it was published with, or its slot. Raises NotFound."""
    number = int(key) if key.isdecimal() and len(key) < 15 else None
    is_it = Issue.slot == key if number is None else Issue.number == number
    found = tx.exec(select(Issue).where(Issue.newsletter_id == newsletter.id, is_it)).first()
    if found is None:
        raise NotFound("issue", f"{key} of {newsletter.name}", newsletter=newsletter.name)
    return found


def unfinished(tx: Session, newsletter_id: int) -> Sequence[Issue]:
    """Return the issues that are frozen and not yet sent, oldest first."""
    states = [IssueState.READY, IssueState.SENDING]
    query = select(Issue).where(Issue.newsletter_id == newsletter_id, col(Issue.state).in_(states))
    return tx.exec(query.order_by(col(Issue.due_at))).all()


def unqueued(tx: Session, newsletter_id: int) -> Sequence[Issue]:
    """Return the issues that wait for editors or their hour, oldest first."""
    states = [IssueState.DRAFT, IssueState.READY, IssueState.HELD]
    query = select(Issue).where(
        Issue.newsletter_id == newsletter_id, col(Issue.state).in_(states), col(Issue.queued_at).is_(None)
    )
    return tx.exec(query.order_by(col(Issue.due_at))).all()


def in_states(tx: Session, states: Collection[IssueState]) -> Sequence[Issue]:
    """Return the issues in these states, the newest first."""
    query = select(Issue).where(col(Issue.state).in_(states))
    return tx.exec(query.order_by(col(Issue.due_at).desc(), col(Issue.id).desc())).all()


def latest(tx: Session, newsletter_id: int | None = None, *, limit: int = 20) -> Sequence[Issue]:
    """Return the newest issues, newest first."""
    query = select(Issue).order_by(col(Issue.due_at).desc(), col(Issue.id).desc()).limit(limit)
    if newsletter_id is not None:
        query = query.where(Issue.newsletter_id == newsletter_id)
    return tx.exec(query).all()


def latest_in(tx: Session, states: Collection[IssueState], *, limit: int) -> Sequence[Issue]:
    """Return the newest issues in these states, newest first."""
    query = select(Issue).where(col(Issue.state).in_(states))
    return tx.exec(query.order_by(col(Issue.due_at).desc(), col(Issue.id).desc()).limit(limit)).all()


def older(
    tx: Session, last: Issue | None, *, newsletter_id: int | None = None, state: IssueState | None = None, limit: int
) -> Sequence[Issue]:
    """
    Return the issues that follow `last` when the newest comes first; from the newest where there is none.

    Of one newsletter and in one state, or of all.
    """
    query = select(Issue).order_by(col(Issue.due_at).desc(), col(Issue.id).desc()).limit(limit)
    if newsletter_id is not None:
        query = query.where(Issue.newsletter_id == newsletter_id)
    if state is not None:
        query = query.where(Issue.state == state)
    if last is not None:
        before = col(Issue.due_at) < last.due_at
        query = query.where(sa.or_(before, sa.and_(col(Issue.due_at) == last.due_at, col(Issue.id) < last.id)))
    return tx.exec(query).all()


def leads(tx: Session, issue_ids: Collection[int]) -> Mapping[int, str]:
    """Return the headline of the first story of several issues, by issue."""
    query = select(CandidateRow.issue_id, CandidateRow.headline)
    return dict(tx.exec(query.where(col(CandidateRow.issue_id).in_(issue_ids), CandidateRow.rank == 0)).all())


def printed_stories(tx: Session, newsletter_id: int, *, slot: str = "") -> Mapping[int, int | None]:
    """Return the stories that this newsletter has published → the number of the issue; without those of a slot's issue that is not queued."""
    query = select(CandidateRow.story_id, Issue.number).join(Issue, col(Issue.id) == CandidateRow.issue_id)
    query = query.where(
        Issue.newsletter_id == newsletter_id,
        col(Issue.state).not_in(UNPRINTED),
        col(CandidateRow.rank).is_not(None),
        col(Issue.corrects_id).is_(None),  # a correction publishes nothing that its issue did not
    )
    query = query.where(sa.or_(col(Issue.slot) != slot, col(Issue.queued_at).is_not(None)))  # it is made anew
    return dict(tx.exec(query).all())


def printed_by_source(tx: Session, *, since: datetime) -> Mapping[int, int]:
    """Return by source how many stories were published from it in the issues that were due since then."""
    made_from = sa.cast(col(CandidateRow.snapshot)["article_id"].as_string(), sa.Integer)
    query = (
        select(Article.source_id, sa.func.count())
        .select_from(Issue)
        .join(CandidateRow, col(CandidateRow.issue_id) == Issue.id)
        .join(Article, col(Article.id) == made_from)
        .where(col(Issue.due_at) >= since, col(Issue.state).not_in(UNPRINTED), col(CandidateRow.rank).is_not(None))
        .group_by(col(Article.source_id))
    )
    return dict(tx.exec(query).all())


def archived(tx: Session, newsletter_id: int) -> Sequence[tuple[int, datetime]]:
    """Return id and due time of the issues in an archive, newest first: those sending or sent, and not withdrawn."""
    query = select(Issue.id, Issue.due_at).where(Issue.newsletter_id == newsletter_id, *_ARCHIVED)
    return tx.exec(query.order_by(col(Issue.due_at).desc(), col(Issue.id).desc())).all()


def with_words(tx: Session, issue_ids: Sequence[int], words: Sequence[str], *, limit: int) -> Sequence[int]:
    """
    Return those of several issues that have a pick with all words in its headline, in their order.

    Databases know upper and lower case of ASCII alone, so that each word is tried as people write it.
    """
    found = select(CandidateRow.issue_id).where(
        col(CandidateRow.issue_id).in_(issue_ids),
        col(CandidateRow.rank).is_not(None),
        *(_any_case(word) for word in words),
    )
    having = set(tx.exec(found.distinct()))
    return [number for number in issue_ids if number in having][:limit]


def _any_case(word: str) -> sa.ColumnElement[bool]:
    spelt = dict.fromkeys((word, word.lower(), word.capitalize(), word.upper()))
    return sa.or_(*(col(CandidateRow.headline).icontains(form, autoescape=True) for form in spelt))


def with_ids(tx: Session, issue_ids: Collection[int]) -> Sequence[Issue]:
    """Return several issues, newest first."""
    query = select(Issue).where(col(Issue.id).in_(issue_ids))
    return tx.exec(query.order_by(col(Issue.due_at).desc(), col(Issue.id).desc())).all()


def archived_numbers(tx: Session, newsletter_id: int, *, limit: int) -> Sequence[tuple[int | None, datetime | None]]:
    """Return the numbers of an archive's newest issues, and the time at which each was queued."""
    query = select(Issue.number, Issue.queued_at).where(Issue.newsletter_id == newsletter_id, *_ARCHIVED)
    return tx.exec(query.order_by(col(Issue.due_at).desc()).limit(limit)).all()


def archive_changed_at(tx: Session, newsletter_id: int) -> datetime | None:
    """Return the time at which an issue was last published, amended or withdrawn; None where there is none."""
    newest = select(func.max(Issue.queued_at), func.max(Issue.withdrawn_at)).where(Issue.newsletter_id == newsletter_id)
    amended = select(func.max(Amendment.at)).join(Issue, col(Issue.id) == Amendment.issue_id)
    last = tx.exec(amended.where(Issue.newsletter_id == newsletter_id)).one()
    return max((at for at in (*tx.exec(newest).one(), last) if at), default=None)


def neighbours(tx: Session, issue: Issue) -> tuple[Issue | None, Issue | None]:
    """Return the issues that were published before and after this one, without those that were withdrawn."""
    query = select(Issue).where(Issue.newsletter_id == issue.newsletter_id, *_ARCHIVED)
    earlier = query.where(col(Issue.due_at) < issue.due_at).order_by(col(Issue.due_at).desc()).limit(1)
    later = query.where(col(Issue.due_at) > issue.due_at).order_by(col(Issue.due_at)).limit(1)
    return tx.exec(earlier).first(), tx.exec(later).first()


def picks_of(tx: Session, issue_ids: Collection[int]) -> Mapping[int, Sequence[CandidateRow]]:
    """Return the picks of several issues, by issue and in order of publication."""
    query = select(CandidateRow).where(col(CandidateRow.issue_id).in_(issue_ids), col(CandidateRow.rank).is_not(None))
    found: dict[int, list[CandidateRow]] = {number: [] for number in issue_ids}
    for row in tx.exec(query.order_by(col(CandidateRow.rank))):
        found[row.issue_id].append(row)
    return found


def rendition_languages(tx: Session, issue_ids: Collection[int]) -> Sequence[tuple[int, str]]:
    """Return pairs of newest rendition and language of several issues; for each issue the newsletter's own language comes first."""
    query = select(RenditionRow.id, RenditionRow.language).where(col(RenditionRow.issue_id).in_(issue_ids), _newest())
    return tx.exec(query.order_by(col(RenditionRow.id))).all()


def ever_printed(tx: Session, newsletter_id: int) -> bool:
    """Return whether the newsletter has had an issue that was frozen."""
    query = select(Issue.id).where(Issue.newsletter_id == newsletter_id, col(Issue.number).is_not(None)).limit(1)
    return tx.exec(query).first() is not None


def to_state(tx: Session, issue: Issue, state: IssueState, *, reason: str = "") -> None:
    """Change the state of an issue. Raises Conflict where the transition table forbids it."""
    issue.state = move(issue.state, state, what=f"issue {issue.slot}")
    issue.reason = reason
    tx.add(issue)
    tx.flush()


def freeze(
    tx: Session, issue: Issue, candidates: Sequence[Candidate], renditions: Sequence[RenditionRow], *, at: datetime
) -> None:
    """Store the candidates with their reasons, and the renditions; assign the number; the issue is `ready`."""
    forget_frozen(tx, issue.id)
    highest = tx.exec(select(func.max(Issue.number)).where(Issue.newsletter_id == issue.newsletter_id)).one()
    issue.number = issue.number or (highest or 0) + 1
    issue.frozen_at = at
    rank = 0
    for candidate in candidates:
        tx.add(_row(issue.id, candidate, rank if candidate.pick else None))
        rank += candidate.pick is not None
    for rendition in renditions:
        tx.add(rendition)
    to_state(tx, issue, IssueState.READY)


def note_for(tx: Session, newsletter: Newsletter, slot: str) -> Note:
    """Return the note that opens the issue of a slot: its own, else the one stored for the newsletter's next issue."""
    issue = of_slot(tx, newsletter.id, slot)
    if issue is not None and issue.note:
        return Note(text=issue.note, by=issue.note_by)
    now = tx.get_one(Newsletter, newsletter.id)
    return Note(text=now.next_note, by=now.next_note_by)


def keep_note(tx: Session, issue: Issue, note: Note) -> None:
    """Store the note of an issue; if it was the note for the newsletter's next issue, remove it there."""
    issue.note, issue.note_by = note.text, note.by
    newsletter = tx.get_one(Newsletter, issue.newsletter_id)
    if note.text and (newsletter.next_note, newsletter.next_note_by) == (note.text, note.by):
        newsletter.next_note, newsletter.next_note_by = "", ""
        tx.add(newsletter)
    tx.add(issue)
    tx.flush()


def forget_frozen(tx: Session, issue_id: int) -> None:
    """Delete the candidates and renditions of an issue, which is rendered again."""
    tx.exec(delete(CandidateRow).where(col(CandidateRow.issue_id) == issue_id))
    tx.exec(delete(RenditionRow).where(col(RenditionRow.issue_id) == issue_id))


def next_number(tx: Session, newsletter_id: int) -> int:
    """Return the number that the next frozen issue gets."""
    return (tx.exec(select(func.max(Issue.number)).where(Issue.newsletter_id == newsletter_id)).one() or 0) + 1


def number_for(tx: Session, newsletter_id: int, slot: str) -> int:
    """Return the number that the issue of a slot has, or gets when it is frozen."""
    issue = of_slot(tx, newsletter_id, slot)
    return issue.number if issue is not None and issue.number else next_number(tx, newsletter_id)


def candidates(tx: Session, issue_id: int) -> Sequence[CandidateRow]:
    """Return the picks in order of publication, then the other candidates, best first."""
    rows = tx.exec(select(CandidateRow).where(CandidateRow.issue_id == issue_id)).all()
    return sorted(rows, key=lambda r: (r.rank is None, r.rank or 0, -sum(r.score.values()), r.story_id))


def picks(tx: Session, issue_id: int) -> Sequence[CandidateRow]:
    """Return the picks in order of publication."""
    picked = select(CandidateRow).where(CandidateRow.issue_id == issue_id, col(CandidateRow.rank).is_not(None))
    return tx.exec(picked.order_by(col(CandidateRow.rank), col(CandidateRow.story_id))).all()


def withdraw_story(tx: Session, issue_id: int, story_id: int, *, at: datetime) -> CandidateRow:
    """Withdraw a story of an issue; return its row. Raises NotFound where the issue has no such story."""
    row = tx.get(CandidateRow, (issue_id, story_id))
    if row is None or row.rank is None:
        raise NotFound("story", story_id, code="no_story_in_issue")
    row.withdrawn_at = row.withdrawn_at or at
    tx.add(row)
    tx.flush()
    return row


def withdrawn(tx: Session, issue_id: int) -> Sequence[int]:
    """Return the places of an issue's withdrawn stories, from 0."""
    query = select(CandidateRow.rank).where(CandidateRow.issue_id == issue_id, col(CandidateRow.withdrawn_at).is_not(None))
    return [rank for rank in tx.exec(query) if rank is not None]


def withdrawn_stories(tx: Session, issue_id: int) -> frozenset[int]:
    """Return the withdrawn stories of an issue."""
    query = select(CandidateRow.story_id).where(CandidateRow.issue_id == issue_id, col(CandidateRow.withdrawn_at).is_not(None))
    return frozenset(tx.exec(query))


def renditions(tx: Session, issue_id: int) -> Sequence[RenditionRow]:
    """Return the newest renditions of an issue, one a language, the newsletter's own first."""
    query = select(RenditionRow).where(RenditionRow.issue_id == issue_id, _newest())
    return tx.exec(query.order_by(col(RenditionRow.id))).all()


def _newest() -> sa.ColumnElement[bool]:
    """Return the condition that an issue has no newer rendition: one of all languages is made at a time."""
    other = sa.orm.aliased(RenditionRow)
    last = sa.select(func.max(other.version)).where(col(other.issue_id) == RenditionRow.issue_id).scalar_subquery()
    return col(RenditionRow.version) == last


def rewrite_pick(tx: Session, issue_id: int, pick: Pick) -> None:
    """Publish a story of an issue in other words from now on."""
    row = tx.get_one(CandidateRow, (issue_id, pick.story_id))
    row.headline, row.snapshot = pick.headline, _snapshot(pick)
    tx.add(row)
    tx.flush()


def rendition(tx: Session, rendition_id: int) -> RenditionRow:
    """Return a rendition by number."""
    return tx.get_one(RenditionRow, rendition_id)


def _row(issue_id: int, candidate: Candidate, rank: int | None) -> CandidateRow:
    pick = candidate.pick
    return CandidateRow(
        issue_id=issue_id,
        story_id=candidate.story.story_id,
        rank=rank,
        section=pick.section if pick else "",
        form=pick.form if pick else None,
        headline=candidate.headline,
        reason=candidate.reason,
        score=dict(candidate.score),
        snapshot=_snapshot(pick) if pick else None,
    )


def _snapshot(pick: Pick) -> dict[str, Any]:
    return dict(json.loads(json.dumps(asdict(pick))))


def to_pick(snapshot: Mapping[str, Any]) -> Pick:
    """Return the frozen value that a snapshot was made from."""
    values = dict(snapshot)
    values["form"] = Form(values["form"])
    values["also"] = tuple(Coverage(**also) for also in values["also"])
    values["image_info"] = ImageInfo(**values.get("image_info", {}))  # issues of earlier versions have none
    values["topics"] = tuple(values.get("topics", ()))
    return Pick(**values)
