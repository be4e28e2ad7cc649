"""Articles and their stories."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import func, or_
from sqlalchemy.orm import Mapped
from sqlmodel import Session, col, select

from digest.errors import NotFound
from digest.model.article import COMPARED, Article, Group, Kin, Story, revise, vanished
from digest.model.source import NewsletterSource, Source
from digest.store.recognise import DIGEST_LENGTH, Known

RECENT = 5_000  #: articles whose topics are taken to be in use


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """Result of storing the articles that a source gave."""

    added: int
    changed: int  #: known articles that were edited
    articles: Sequence[Article]  #: all that the source gave, as they are stored, in its order


def take(
    tx: Session,
    source_id: int,
    found: Sequence[Article],
    *,
    now: datetime,
    settle: timedelta,
    standing: Collection[str] = (),
) -> Taken:
    """
    Store the articles that a source gave: insert new ones, and update known ones that have changed.

    `found` stands in the source at the same time, so no two of them are one article, unless they say
    exactly the same; neither is what is still there under a guid of `standing`. `recognise` matches an
    article with the stored one.
    """
    unlike = list({(a.guid, a.canonical_url, a.fingerprint, a.headline, a.published_at): a for a in found}.values())
    known = Known(tx, source_id, unlike, standing)
    matches = known.match(unlike)
    added = changed = 0
    stored = []
    for article, same in zip(unlike, matches, strict=True):
        if same is None:
            article.guid = known.free_guid(article)
            tx.add(article)
            added += 1
        else:
            changed += revise(same, article, now=now, settle=settle)
            same.withdrawn_at = None
            if article.file:  # a file is known by its bytes; so that it is not read again, the new ones
                same.file, same.guid = article.file, known.free_guid(article, of=same)
            tx.add(same)
        stored.append(same or article)
    tx.flush()
    return Taken(added=added, changed=changed, articles=stored)


def withdraw_vanished(tx: Session, before: Sequence[int], now: Sequence[int], *, at: datetime) -> int:
    """Withdraw articles that a feed no longer lists between others that it lists; return how many."""
    missing = set(before) - set(now)
    if not missing:
        return 0
    rows = {a.id: a for a in _by_ids(tx, before)}
    standing = [number for number in before if number in rows]
    gone = vanished(standing, now, {number: rows[number].published_at for number in standing})
    for number in gone:
        rows[number].withdrawn_at = at
        tx.add(rows[number])
    return len(gone)


def _by_ids(tx: Session, numbers: Sequence[int]) -> Iterator[Article]:
    for start in range(0, len(numbers), 500):  # SQLite takes 999 bound values in old builds
        yield from tx.exec(select(Article).where(col(Article.id).in_(numbers[start : start + 500])))


def withdraw_gone(tx: Session, source_id: int, *, files: Collection[str], guids: Collection[str], at: datetime) -> int:
    """
    Withdraw articles of a folder whose file is gone, and restore those whose file is back; return how many were withdrawn.

    `guids` are those of the files that were read, `files` the names of those that are there and could not be.
    """
    columns = (Article.id, Article.guid, Article.file, Article.withdrawn_at)
    gone, back = [], []
    for number, guid, file, withdrawn_at in tx.execute(sa.select(*map(col, columns)).where(col(Article.source_id) == source_id)):
        there = guid[:DIGEST_LENGTH] in guids or (file and file in files)
        if there and withdrawn_at:
            back.append(number)
        elif not there and withdrawn_at is None:
            gone.append(number)
    for numbers, value in ((gone, at), (back, None)):
        for article in _by_ids(tx, numbers):
            article.withdrawn_at = value
            tx.add(article)
    return len(gone)


def guids(tx: Session, source_id: int) -> frozenset[str]:
    """Return every guid that this source has given."""
    return frozenset(tx.exec(select(Article.guid).where(Article.source_id == source_id)))


def kin_without_story(tx: Session) -> Sequence[Kin]:
    """Return the articles not yet grouped, oldest first."""
    return _to_kin(tx, col(Article.story_id).is_(None))


def kin_known(tx: Session, new: Sequence[Kin], *, exact_since: datetime, alike_since: datetime) -> Sequence[Kin]:
    """Return grouped articles that may share a story with `new`: first seen since `alike_since`, or `exact_since` with equal URL or content."""
    found = {kin.article_id: kin for kin in _to_kin(tx, _grouped(alike_since))}
    for start in range(0, len(new), 200):
        part = new[start : start + 200]
        same = or_(
            col(Article.canonical_url).in_([k.canonical_url for k in part if k.canonical_url]),
            col(Article.fingerprint).in_([k.fingerprint for k in part]),
        )
        found |= {kin.article_id: kin for kin in _to_kin(tx, sa.and_(_grouped(exact_since), same))}
    return [found[key] for key in sorted(found)]


def _grouped(since: datetime) -> sa.ColumnElement[bool]:
    return sa.and_(col(Article.story_id).is_not(None), col(Article.first_seen_at) >= since)


def _to_kin(tx: Session, which: sa.ColumnElement[bool]) -> Sequence[Kin]:
    """Return the articles as grouping needs them: no more of their texts than is compared."""
    body = func.substr(sa.case((col(Article.text) != "", col(Article.text)), else_=col(Article.standfirst)), 1, COMPARED)
    told = (Article.publisher, Article.headline, Article.published_at, Article.first_seen_at, Article.language)
    keys = (Article.id, Article.canonical_url, Article.fingerprint, Article.story_id)
    query = sa.select(*map(col, keys), *map(col, told), body).where(which).order_by(col(Article.id))
    return [
        Kin(
            article_id=number,
            canonical_url=url,
            fingerprint=fingerprint,
            publisher=publisher,
            headline=headline,
            text=text,
            at=min(published or seen, seen),
            language=language,
            story_id=story,
        )
        for number, url, fingerprint, story, publisher, headline, published, seen, language, text in tx.execute(query)
    ]


def tell(tx: Session, groups: Sequence[Group], *, leads: Sequence[int]) -> None:
    """
    Store the story of each group of new articles, an existing or a new one; `leads` are the articles to link, one per group.

    Articles that have been given a story meanwhile keep it, and the others of their group join it.
    """
    there = _stories_of(tx, [number for group in groups for number in group.articles])
    joined: list[tuple[int, int]] = []  # article, story
    new: list[tuple[Group, int, list[int]]] = []
    led: list[dict[str, int]] = []
    for group, lead in zip(groups, leads, strict=True):
        left = [number for number in group.articles if number in there and there[number][0] is None]
        begun = (story for number in group.articles if number in there and (story := there[number][0]) is not None)
        story_id = group.story_id or min(begun, default=None)
        if story_id is None and left:
            new.append((group, lead, left))
        elif story_id is not None and left:
            joined += [(number, story_id) for number in left]
            led += [{"id": story_id, "lead_id": lead}] if story_id == group.story_id else []
    made = [
        {"first_seen_at": min(there[n][1] for n in left), "lead_id": lead, "predecessor_id": group.predecessor_id}
        for group, lead, left in new
    ]
    ids = tx.scalars(sa.insert(Story).returning(col(Story.id), sort_by_parameter_order=True), made).all() if made else ()
    joined += [(number, story_id) for story_id, (_, _, left) in zip(ids, new, strict=True) if story_id for number in left]
    if joined:
        tx.execute(sa.update(Article), [{"id": number, "story_id": story_id} for number, story_id in joined])
    if led:
        tx.execute(sa.update(Story), led)


def _stories_of(tx: Session, article_ids: Sequence[int]) -> dict[int, tuple[int | None, datetime]]:
    """Return the story of each stored article, None where it has none, and the time it was first seen."""
    found: dict[int, tuple[int | None, datetime]] = {}
    for part in _batches(article_ids):
        query = sa.select(col(Article.id), col(Article.story_id), col(Article.first_seen_at)).where(col(Article.id).in_(part))
        found |= {number: (story_id, seen) for number, story_id, seen in tx.execute(query)}
    return found


def _batches(numbers: Sequence[int]) -> Iterator[Sequence[int]]:
    """Split numbers into batches that one statement takes: old builds of SQLite bind 999 values at most."""
    return (numbers[start : start + 500] for start in range(0, len(numbers), 500))


def insecure_pictures(tx: Session, *, since: datetime) -> Sequence[tuple[int, int, str]]:
    """Return articles first seen since then whose picture has an `http:` URL: article number, source number and URL."""
    query = sa.select(col(Article.id), col(Article.source_id), col(Article.image)).where(
        col(Article.first_seen_at) >= since, col(Article.image).startswith("http://")
    )
    return [(number, source, image) for number, source, image in tx.execute(query.order_by(col(Article.id)))]


def set_picture(tx: Session, article_id: int, image: str) -> None:
    """Set the picture of an article."""
    tx.get_one(Article, article_id).image = image


def newest_story(tx: Session) -> int:
    """Return the number of the newest story; 0 where there is none."""
    return tx.exec(select(func.max(col(Story.id)))).one() or 0


def newest(tx: Session) -> int:
    """Return the number of the newest article; 0 where there is none."""
    return tx.exec(select(func.max(col(Article.id)))).one() or 0


def of_stories(tx: Session, story_ids: Collection[int]) -> Sequence[Article]:
    """Return all articles of these stories, in order of arrival."""
    return _articles(tx, col(Article.story_id), story_ids)


def numbered(tx: Session, article_ids: Collection[int]) -> Sequence[Article]:
    """Return those of these articles that are stored, in order of arrival."""
    return _articles(tx, col(Article.id), article_ids)


def _articles(tx: Session, column: Mapped[Any], values: Collection[int]) -> Sequence[Article]:
    found: list[Article] = []
    for part in _batches(sorted(values)):
        found += tx.exec(select(Article).where(column.in_(part)).order_by(col(Article.id)))
    return found


def stories_since(tx: Session, newsletter_id: int, *, since: datetime) -> Sequence[Story]:
    """Return stories first seen since then that have an article of one of the newsletter's sources."""
    return tx.exec(select(Story).where(*_since(newsletter_id, since)).order_by(col(Story.id))).all()


def story_numbers_since(tx: Session, newsletter_id: int, *, since: datetime) -> Sequence[int]:
    """Return the numbers of the stories of `stories_since`, in no order."""
    return tx.exec(select(Story.id).where(*_since(newsletter_id, since))).all()


def _since(newsletter_id: int, since: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    told = select(Article.story_id).join(NewsletterSource, col(NewsletterSource.source_id) == Article.source_id)
    told = told.where(NewsletterSource.newsletter_id == newsletter_id, col(Article.first_seen_at) >= since)
    return col(Story.first_seen_at) >= since, col(Story.id).in_(told)


def stories(tx: Session, story_ids: Collection[int]) -> Sequence[Story]:
    """Return those of these stories that are stored, the oldest first."""
    found: list[Story] = []
    for part in _batches(sorted(story_ids)):
        found += tx.exec(select(Story).where(col(Story.id).in_(part)).order_by(col(Story.id)))
    return found


def latest(tx: Session, *, limit: int, matching: str = "", last: Article | None = None) -> Sequence[Article]:
    """Return the newest articles, newest first, those that follow `last`; with `matching` those whose headline contains it."""
    query = select(Article).order_by(col(Article.first_seen_at).desc(), col(Article.id).desc()).limit(limit)
    if last is not None:
        before = col(Article.first_seen_at) < last.first_seen_at
        query = query.where(sa.or_(before, sa.and_(col(Article.first_seen_at) == last.first_seen_at, col(Article.id) < last.id)))
    if matching:
        query = query.where(func.lower(Article.headline).contains(matching.lower(), autoescape=True))
    return tx.exec(query).all()


def get(tx: Session, article_id: int) -> Article:
    """Return an article by number. Raises NotFound."""
    found = tx.get(Article, article_id)
    if found is None:
        raise NotFound("article", article_id)
    return found


def hidden(tx: Session, article_ids: Collection[int]) -> frozenset[int]:
    """Return those of these articles that an editor has hidden."""
    query = select(Article.id).where(col(Article.hidden).is_(True))
    return frozenset(number for part in _batches(list(article_ids)) for number in tx.exec(query.where(col(Article.id).in_(part))))


def topics(tx: Session) -> frozenset[str]:
    """Return the topics of all sources, and the tags of the newest articles."""
    newest = select(Article.tags).order_by(col(Article.id).desc()).limit(RECENT).subquery()
    filed = tx.exec(select(newest.c.tags).distinct())
    of_sources = tx.exec(select(Source.topic).where(col(Source.removed_at).is_(None)).distinct())
    return frozenset(filter(None, [*of_sources, *(tag for tags in filed for tag in tags.split("\n"))]))


def given(tx: Session, *, since: datetime) -> Mapping[int, tuple[int, datetime]]:
    """Return by source how many articles it has brought since then, and when the last."""
    query = select(Article.source_id, sa.func.count(), sa.func.max(Article.first_seen_at))
    rows = tx.exec(query.where(col(Article.first_seen_at) >= since).group_by(col(Article.source_id)))
    return {source_id: (count, last_at) for source_id, count, last_at in rows}


def of_source(tx: Session, source_id: int, *, limit: int) -> Sequence[Article]:
    """Return the newest articles of a source, newest first."""
    query = select(Article).where(Article.source_id == source_id).order_by(col(Article.id).desc())
    return tx.exec(query.limit(limit)).all()


def count(tx: Session) -> int:
    """Count the articles."""
    return tx.exec(select(func.count(col(Article.id)))).one()
