"""Articles and the stories they tell."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy import func, or_
from sqlmodel import Session, col, select

from digest.errors import NotFound
from digest.model.article import COMPARED, Article, Kin, Story, revise, same_matter, same_text, same_time
from digest.model.source import NewsletterSource


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """How many articles of a source were new, and how many known ones had changed."""

    added: int
    changed: int


def take(tx: Session, source_id: int, found: Sequence[Article], *, now: datetime, settle: timedelta) -> Taken:
    """
    Store what a source gave: what is new, and in place what is known and has changed.

    An article is known by its guid; failing that, for sources that give old entries new guids,
    by its canonical URL under a headline that still is like it, or by its content.
    """
    known = _Known(tx, source_id, found)
    added = changed = 0
    for article in found:
        same = known.same(article)
        if same is None:
            article.guid = known.free_guid(article)
            known.add(article)
            tx.add(article)
            added += 1
        elif same.id is not None and revise(same, article, now=now, settle=settle):
            tx.add(same)
            changed += 1
    tx.flush()
    return Taken(added=added, changed=changed)


class _Known:
    """The articles of a source that some of `found` may be."""

    def __init__(self, tx: Session, source_id: int, found: Sequence[Article]) -> None:
        self._own = {article.guid for article in found}
        self._guids: dict[str, list[Article]] = {}
        self._urls: dict[str, list[Article]] = {}
        self._contents: dict[str, list[Article]] = {}
        self._headlines: dict[str, list[Article]] = {}  #: of those without an address
        keys = (
            (col(Article.guid), [guid for a in found for guid in (a.guid, _own_guid(a))]),
            (col(Article.canonical_url), [a.canonical_url for a in found if a.canonical_url]),
            (col(Article.fingerprint), [a.fingerprint for a in found]),
            (col(Article.headline), [a.headline for a in found if not a.canonical_url]),
        )
        rows: dict[int | None, Article] = {}
        for column, values in keys:
            for start in range(0, len(values), 500):  # SQLite takes 999 bound values in old builds
                query = select(Article).where(Article.source_id == source_id, column.in_(values[start : start + 500]))
                rows |= {row.id: row for row in tx.exec(query)}
        for _, row in sorted(rows.items(), key=lambda pair: pair[0] or 0):
            self.add(row)

    def add(self, article: Article) -> None:
        """It is known from now on."""
        self._guids.setdefault(article.guid, []).append(article)
        self._contents.setdefault(article.fingerprint, []).append(article)
        if article.canonical_url:
            self._urls.setdefault(article.canonical_url, []).append(article)
        else:
            self._headlines.setdefault(article.headline, []).append(article)

    def same(self, article: Article) -> Article | None:
        """The known article that this one is; None: it is new."""
        named = [*self._guids.get(article.guid, ()), *self._guids.get(_own_guid(article), ())]
        by_guid = (a for a in named if a.canonical_url == article.canonical_url or same_matter(a.headline, article.headline))
        # An entry that is still in the feed under its own guid was not given a new one: front pages as links, bulletins word for word alike.
        by_content = (a for a in self._contents.get(article.fingerprint, ()) if a.guid not in self._own and same_time(a, article))
        at_url = self._urls.get(article.canonical_url or "", ())
        by_url = (a for a in at_url if a.guid not in self._own and same_matter(a.headline, article.headline))
        edited = self._headlines.get(article.headline, ()) if not article.canonical_url else ()
        by_text = (a for a in edited if a.guid not in self._own and same_text(a, article))
        return next((found for kind in (by_guid, by_content, by_url, by_text) for found in kind), None)

    def free_guid(self, article: Article) -> str:
        """The guid of a new article; where another of the source has it, with what tells the two apart."""
        return _own_guid(article) if article.guid in self._guids else article.guid


def _own_guid(article: Article) -> str:
    """The guid of an article whose source gives one guid to several."""
    return f"{article.guid} {article.canonical_url or article.fingerprint}"


def guids(tx: Session, source_id: int) -> frozenset[str]:
    """Every guid that this source has given."""
    return frozenset(tx.exec(select(Article.guid).where(Article.source_id == source_id)))


def kin_without_story(tx: Session) -> Sequence[Kin]:
    """Articles not yet grouped, oldest first."""
    return _kin(tx, col(Article.story_id).is_(None))


def kin_known(tx: Session, new: Sequence[Kin], *, exact_since: datetime, alike_since: datetime) -> Sequence[Kin]:
    """Grouped articles that may tell what `new` tell: those first seen since `alike_since`, and since `exact_since` those with an address or content of theirs."""
    found = {kin.article_id: kin for kin in _kin(tx, _grouped(alike_since))}
    for start in range(0, len(new), 200):
        part = new[start : start + 200]
        same = or_(
            col(Article.canonical_url).in_([k.canonical_url for k in part if k.canonical_url]),
            col(Article.fingerprint).in_([k.fingerprint for k in part]),
        )
        found |= {kin.article_id: kin for kin in _kin(tx, sa.and_(_grouped(exact_since), same))}
    return [found[key] for key in sorted(found)]


def _grouped(since: datetime) -> sa.ColumnElement[bool]:
    return sa.and_(col(Article.story_id).is_not(None), col(Article.first_seen_at) >= since)


def _kin(tx: Session, which: sa.ColumnElement[bool]) -> Sequence[Kin]:
    """The articles as grouping needs them: no more of their texts than is compared."""
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


def tell(tx: Session, story_id: int | None, article_ids: Sequence[int], *, predecessor_id: int | None = None) -> int | None:
    """
    These articles tell that story, or a new one that develops `predecessor_id`; returns which.

    Articles that have been given a story meanwhile keep it, and the others join it; None: all of them have.
    """
    told = tx.exec(select(Article).where(col(Article.id).in_(article_ids))).all()
    found = [article for article in told if article.story_id is None]
    if not found:
        return None
    story_id = story_id or min((article.story_id for article in told if article.story_id is not None), default=None)
    if story_id is None:
        story = Story(first_seen_at=min(a.first_seen_at for a in found), predecessor_id=predecessor_id)
        tx.add(story)
        tx.flush()
        story_id = story.id
    for article in found:
        article.story_id = story_id
        tx.add(article)
    tx.flush()
    return story_id


def newest_story(tx: Session) -> int:
    """The number of the story made last; 0 where there is none."""
    return tx.exec(select(func.max(col(Story.id)))).one() or 0


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
