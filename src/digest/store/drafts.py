"""What editors want of the stories of an issue, and stories that they add by hand."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime

from sqlmodel import Session, col, select

from digest.model.article import Article, Story
from digest.model.draft import Edit, StoryEdit
from digest.model.event import Event, EventKind
from digest.model.issue import Issue
from digest.model.source import Source
from digest.model.states import SourceKind

DESK = "desk:"  #: location of the source that stories added by hand are stored under


def edits(tx: Session, newsletter_id: int, slot: str) -> tuple[int, Mapping[int, Edit]]:
    """Return the revision of a slot's draft and the edits of its stories, by story."""
    issue = tx.exec(select(Issue).where(Issue.newsletter_id == newsletter_id, Issue.slot == slot)).first()
    if issue is None:
        return 0, {}
    return issue.revision, {row.story_id: row.edit for row in tx.exec(select(StoryEdit).where(StoryEdit.issue_id == issue.id))}


def put(tx: Session, issue_id: int, story_id: int, edit: Edit, *, at: datetime) -> None:
    """Store what is wanted of a story, in the place of what was."""
    tx.merge(StoryEdit(issue_id=issue_id, story_id=story_id, at=at, **asdict(edit)))
    tx.flush()


def changes(tx: Session, issue_id: int, newsletter_id: int, *, after: int) -> Sequence[Event]:
    """Return the events of the changes that led beyond a revision of a draft, oldest first."""
    query = select(Event).where(
        Event.newsletter_id == newsletter_id, Event.kind == EventKind.ISSUE_EDITED, Event.noun_id == issue_id
    )
    newest = tx.exec(query.order_by(col(Event.id).desc()).limit(50)).all()
    return [event for event in reversed(newest) if event.facts.get("revision", 0) > after]


def headline(tx: Session, story_id: int) -> str | None:
    """Return the headline of a story as its lead has it; None where there is no such story."""
    query = select(Article.headline).where(Article.story_id == story_id)
    lead = tx.exec(query.join(Story, col(Story.lead_id) == Article.id)).first()
    return lead if lead is not None else tx.exec(query.limit(1)).first()


# --- stories that are added ------------------------------------------------------------------


def desk(tx: Session, *, at: datetime) -> Source:
    """Return the source that stories added by hand are stored under: nothing is read from it, and no list of sources has it."""
    found = tx.exec(select(Source).where(Source.location == DESK)).first()
    if found is None:
        found = Source(kind=SourceKind.PAGE, location=DESK, name="desk", added_at=at, removed_at=at)
        tx.add(found)
        tx.flush()
    return found


def desk_id(tx: Session) -> int | None:
    """Return the number of that source; None where no story was added yet."""
    return tx.exec(select(Source.id).where(Source.location == DESK)).first()


def story_at(tx: Session, canonical_url: str) -> int | None:
    """Return the newest story that an article with this canonical URL tells; None where there is none."""
    query = select(Article.story_id).where(Article.canonical_url == canonical_url, col(Article.story_id).is_not(None))
    return tx.exec(query.order_by(col(Article.id).desc()).limit(1)).first()


def add_story(tx: Session, article: Article) -> int:
    """Store an article as a story of its own; return the story's number."""
    story = Story(first_seen_at=article.first_seen_at)
    tx.add(story)
    tx.flush()
    article.story_id = story.id
    tx.add(article)
    tx.flush()
    story.lead_id = article.id
    tx.add(story)
    tx.flush()
    return story.id
