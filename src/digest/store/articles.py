"""Articles and the stories they tell."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import func, or_
from sqlalchemy.orm import Mapped
from sqlmodel import Session, col, select

from digest.errors import NotFound
from digest.model.article import Article, Story
from digest.model.source import NewsletterSource


def add_new(tx: Session, source_id: int, found: Sequence[Article]) -> Sequence[Article]:
    """Store those that this source has not given before, by guid or canonical URL; returns them with ids."""
    guids = _known(tx, source_id, col(Article.guid), [a.guid for a in found])
    urls = _known(tx, source_id, col(Article.canonical_url), [a.canonical_url for a in found if a.canonical_url])
    new: list[Article] = []
    for article in found:
        if article.guid in guids or (article.canonical_url and article.canonical_url in urls):
            continue
        guids.add(article.guid)
        urls.add(article.canonical_url or "")
        tx.add(article)
        new.append(article)
    tx.flush()
    return new


def guids(tx: Session, source_id: int) -> frozenset[str]:
    """Every guid that this source has given."""
    return frozenset(tx.exec(select(Article.guid).where(Article.source_id == source_id)))


def _known(tx: Session, source_id: int, column: Mapped[Any], values: Sequence[str]) -> set[str]:
    found: set[str] = set()
    for start in range(0, len(values), 500):  # SQLite takes 999 bound values in old builds
        part = values[start : start + 500]
        found |= set(tx.execute(sa.select(column).where(col(Article.source_id) == source_id, column.in_(part))).scalars())
    return found


def without_story(tx: Session) -> Sequence[Article]:
    """Articles not yet grouped, oldest first."""
    return tx.exec(select(Article).where(col(Article.story_id).is_(None)).order_by(col(Article.id))).all()


def akin(tx: Session, articles: Sequence[Article], *, since: datetime) -> Sequence[Article]:
    """Grouped articles first seen since then that share a canonical URL or fingerprint with one of `articles`."""
    found: dict[int, Article] = {}
    for start in range(0, len(articles), 200):
        part = articles[start : start + 200]
        same = or_(
            col(Article.canonical_url).in_([a.canonical_url for a in part if a.canonical_url]),
            col(Article.fingerprint).in_([a.fingerprint for a in part]),
        )
        rows = tx.exec(select(Article).where(col(Article.story_id).is_not(None), col(Article.first_seen_at) >= since, same))
        found |= {row.id: row for row in rows if row.id is not None}
    return [found[key] for key in sorted(found)]


def new_story(tx: Session, *, at: datetime) -> Story:
    """A story without tellings yet."""
    story = Story(first_seen_at=at)
    tx.add(story)
    tx.flush()
    return story


def tell(tx: Session, story_id: int, articles: Sequence[Article]) -> None:
    """These articles tell that story."""
    for article in articles:
        article.story_id = story_id
        tx.add(article)
    tx.flush()


def set_lead(tx: Session, story_id: int, article_id: int) -> None:
    """The story's linked article."""
    tx.get_one(Story, story_id).lead_id = article_id


def of_stories(tx: Session, story_ids: Collection[int]) -> Sequence[Article]:
    """All tellings of these stories, in order of arrival."""
    found: list[Article] = []
    ids = sorted(story_ids)
    for start in range(0, len(ids), 500):
        found += tx.exec(select(Article).where(col(Article.story_id).in_(ids[start : start + 500])).order_by(col(Article.id)))
    return found


def stories_since(tx: Session, newsletter_id: int, *, since: datetime) -> Sequence[Story]:
    """Stories first seen since then that a source of the newsletter tells."""
    told = select(Article.story_id).join(NewsletterSource, col(NewsletterSource.source_id) == Article.source_id)
    told = told.where(NewsletterSource.newsletter_id == newsletter_id, col(Article.first_seen_at) >= since)
    query = select(Story).where(col(Story.first_seen_at) >= since, col(Story.id).in_(told)).order_by(col(Story.id))
    return tx.exec(query).all()


def latest(tx: Session, *, limit: int, matching: str = "") -> Sequence[Article]:
    """The newest articles, newest first; those whose headline holds `matching`."""
    query = select(Article).order_by(col(Article.first_seen_at).desc(), col(Article.id).desc()).limit(limit)
    if matching:
        query = query.where(func.lower(Article.headline).contains(matching.lower(), autoescape=True))
    return tx.exec(query).all()


def get(tx: Session, article_id: int) -> Article:
    """By number. Raises NotFound."""
    found = tx.get(Article, article_id)
    if found is None:
        raise NotFound("article", article_id, "`digest articles list` shows them")
    return found


def count(tx: Session) -> int:
    """How many there are."""
    return tx.exec(select(func.count(col(Article.id)))).one()
