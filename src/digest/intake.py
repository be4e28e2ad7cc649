"""
The beginning of the path: sources are read, their articles stored and grouped into stories.

A source that fails stops no other; its error stays on it until it is read again.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from digest import log
from digest.collect.gather import Gathered, gather, gather_folder
from digest.context import Context
from digest.curate import cluster, rank
from digest.errors import CollectError, DigestError, FetchError
from digest.model.article import Article
from digest.model.issue import Telling, ToldStory
from digest.model.ports import Fetched, Request
from digest.model.source import Source
from digest.model.states import SourceKind
from digest.store import articles, sources

EVERY, SELDOM = timedelta(minutes=30), timedelta(hours=12)  #: how often a source is read; a failing one, at the least
KIN_REACH = timedelta(days=14)  #: how long ago an article may have come to be told again, by its address or word for word
LIKE_REACH = timedelta(days=4)  #: the same in other words


def _quiet(_count: int) -> None:
    """Progress that nobody watches."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected:
    """What a source gave at one check."""

    source: Source
    added: int
    problems: Sequence[str]  #: what of it could not be read
    failed: bool  #: it could not be read at all


def collect(ctx: Context, chosen: Sequence[Source], *, on_progress: Callable[[int], None] = _quiet) -> Sequence[Collected]:
    """Read each source and store what is new; one that fails stops no other. Then group stories."""
    by_id = {source.id: source for source in chosen if source.id is not None}
    reports: dict[int, Collected] = {}
    for number, source in by_id.items():
        if source.kind is SourceKind.FOLDER:
            reports[number] = _guarded(ctx, source, lambda s: _read_folder(ctx, s))
            on_progress(1)
    wanted = [_request(source) for source in by_id.values() if source.kind is not SourceKind.FOLDER]
    for request, fetched in ctx.fetcher.fetch_all(wanted):
        source = by_id[request.source_id]
        reports[request.source_id] = _guarded(ctx, source, lambda s, f=fetched: _read_fetched(ctx, s, f))  # type: ignore[misc]
        on_progress(1)
    group_stories(ctx)
    return [reports[number] for number in by_id]


def due_sources(ctx: Context) -> Sequence[Source]:
    """The sources whose time has come: read half an hour ago or longer, failing ones more seldom."""
    now = ctx.clock()
    return [s for s in active_sources(ctx) if s.checked_at is None or not timedelta(0) <= now - s.checked_at < _wait(s)]


def _wait(source: Source) -> timedelta:
    """How long a source rests: twice as long with each failure. A check that lies ahead (a clock was set back) is no reason to wait."""
    return min(EVERY * (1 << min(source.failures, 10)), SELDOM)


def stale_sources(ctx: Context) -> Sequence[Source]:
    """Sources in order that nobody has read for two turns: the collecting job did not run."""
    now = ctx.clock()
    return [s for s in active_sources(ctx) if s.failures == 0 and (s.checked_at is None or now - s.checked_at > 2 * EVERY)]


def active_sources(ctx: Context, names: Sequence[str] = ()) -> Sequence[Source]:
    """The sources that are read: those named, or all that are not paused. Raises NotFound."""
    with ctx.db.read() as tx:
        if names:
            return [sources.get(tx, name) for name in names]
        return [source for source in sources.all_of(tx) if not source.paused]


def _guarded(ctx: Context, source: Source, read: Callable[[Source], Collected]) -> Collected:
    try:
        return read(source)
    except CollectError as problem:
        return _failed(ctx, source, problem.reason)
    except DigestError:
        raise  # the database, not the source
    except Exception as problem:  # whatever a source holds, the others go on
        return _failed(ctx, source, f"could not be understood ({type(problem).__name__}: {problem})")


def _request(source: Source) -> Request:
    assert source.id is not None
    return Request(
        source_id=source.id,
        location=source.location,
        etag=source.etag,
        last_modified=source.last_modified,
        allow_private=source.allow_private,
    )


def _read_folder(ctx: Context, source: Source) -> Collected:
    assert source.id is not None
    now = ctx.clock()
    with ctx.db.read() as tx:
        known = articles.guids(tx, source.id)
    return _store(ctx, source, gather_folder(source, known=known, now=now), Fetched(), now)


def _read_fetched(ctx: Context, source: Source, fetched: Fetched | FetchError) -> Collected:
    if isinstance(fetched, FetchError):
        raise fetched
    now = ctx.clock()
    found = Gathered(articles=()) if fetched.unchanged else gather(source, fetched, now=now)
    return _store(ctx, source, found, fetched, now)


def _store(ctx: Context, source: Source, found: Gathered, fetched: Fetched, now: datetime) -> Collected:
    assert source.id is not None
    with ctx.db.begin() as tx:
        added = articles.add_new(tx, source.id, found.articles)
        sources.checked(
            tx,
            source.id,
            at=now,
            error="; ".join(found.problems),
            failed=False,
            etag=fetched.etag,
            last_modified=fetched.last_modified,
        )
    return Collected(source=source, added=len(added), problems=found.problems, failed=False)


def _failed(ctx: Context, source: Source, reason: str) -> Collected:
    assert source.id is not None
    log.get().warning("source.failed", source=source.id, error=reason)
    with ctx.db.begin() as tx:
        sources.checked(tx, source.id, at=ctx.clock(), error=reason, failed=True)
    return Collected(source=source, added=0, problems=(reason,), failed=True)


def group_stories(ctx: Context) -> None:
    """Give every article that has none its story, and each story its lead. Nothing is locked while articles are compared."""
    now = ctx.clock()
    with ctx.db.read() as tx:
        new = articles.kin_without_story(tx)
        known = articles.kin_known(tx, new, exact_since=now - KIN_REACH, alike_since=now - LIKE_REACH) if new else ()
    if not new:
        return
    groups = cluster.group(new, known)
    with ctx.db.begin() as tx:
        told_now = [articles.tell(tx, g.story_id, g.articles, predecessor_id=g.predecessor_id) for g in groups]
        weights = {source.id: source.weight for source in sources.all_of(tx)}
        for story in told(articles.of_stories(tx, {number for number in told_now if number is not None}), weights):
            articles.set_lead(tx, story.story_id, story.lead.article_id)


def told(found: Sequence[Article], weights: dict[int | None, float]) -> Sequence[ToldStory]:
    """Stored articles as stories for curating, each story's lead first; `weights` are the sources'."""
    by_story: dict[int, list[Telling]] = {}
    for article in found:
        if article.story_id is not None:
            by_story.setdefault(article.story_id, []).append(_telling(article, weights.get(article.source_id, 1.0)))
    return [ToldStory(story_id=number, tellings=rank.lead_first(tellings)) for number, tellings in by_story.items()]


def _telling(article: Article, weight: float) -> Telling:
    assert article.id is not None
    return Telling(
        article_id=article.id,
        source_id=article.source_id,
        source_weight=weight,
        headline=article.headline,
        standfirst=article.standfirst,
        text=article.text,
        author=article.author,
        publisher=article.publisher,
        topic=article.topic,
        url=article.url,
        image=article.image,
        language=article.language,
        published_at=article.published_at,
        first_seen_at=article.first_seen_at,
        word_count=article.word_count,
        hidden=article.hidden,
        pinned=article.pinned,
    )
