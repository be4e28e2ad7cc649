"""
The beginning of the path: sources are read, their articles stored and grouped into stories.

A source that fails stops no other; its error stays on it until it is read again.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from digest import log
from digest.collect.gather import gather
from digest.context import Context
from digest.curate import cluster, rank
from digest.errors import CollectError
from digest.model.article import Article
from digest.model.issue import Telling, ToldStory
from digest.model.source import Source
from digest.model.states import SourceKind
from digest.store import articles, sources

KIN_REACH = timedelta(days=14)  #: how long ago an article may have come to be told again


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
    reports = []
    for source in chosen:
        try:
            reports.append(_collect_one(ctx, source))
        except Exception as problem:  # whatever a source holds, the others go on
            reports.append(_failed(ctx, source, f"could not be understood ({type(problem).__name__}: {problem})"))
        on_progress(1)
    group_stories(ctx)
    return reports


def active_sources(ctx: Context, names: Sequence[str] = ()) -> Sequence[Source]:
    """The sources that are read: those named, or all that are not paused. Raises NotFound."""
    with ctx.db.read() as tx:
        if names:
            return [sources.get(tx, name) for name in names]
        return [source for source in sources.all_of(tx) if not source.paused]


def _collect_one(ctx: Context, source: Source) -> Collected:
    assert source.id is not None
    now = ctx.clock()
    try:
        with ctx.db.read() as tx:
            known = articles.guids(tx, source.id) if source.kind is SourceKind.FOLDER else frozenset()
        found = gather(source, ctx.fetcher, known=known, now=now)
    except CollectError as problem:
        return _failed(ctx, source, problem.reason)
    with ctx.db.begin() as tx:
        added = articles.add_new(tx, source.id, found.articles)
        sources.checked(tx, source.id, at=now, error="; ".join(found.problems))
    return Collected(source=source, added=len(added), problems=found.problems, failed=False)


def _failed(ctx: Context, source: Source, reason: str) -> Collected:
    assert source.id is not None
    log.get().warning("source.failed", source=source.id, error=reason)
    with ctx.db.begin() as tx:
        sources.checked(tx, source.id, at=ctx.clock(), error=reason)
    return Collected(source=source, added=0, problems=(reason,), failed=True)


def group_stories(ctx: Context) -> None:
    """Give every article that has none its story, and each story its lead."""
    now = ctx.clock()
    with ctx.db.begin() as tx:
        new = articles.without_story(tx)
        if not new:
            return
        by_id = {article.id: article for article in new}
        akin = articles.akin(tx, new, since=now - KIN_REACH)
        touched = []
        for story_id, members in cluster.group([_kin(a) for a in new], [_kin(a) for a in akin]):
            members_told = [by_id[number] for number in members]
            if story_id is None:
                story_id = articles.new_story(tx, at=min(a.first_seen_at for a in members_told)).id
            assert story_id is not None
            articles.tell(tx, story_id, members_told)
            touched.append(story_id)
        weights = {source.id: source.weight for source in sources.all_of(tx)}
        for story in told(articles.of_stories(tx, touched), weights):
            articles.set_lead(tx, story.story_id, story.lead.article_id)


def _kin(article: Article) -> cluster.Kin:
    assert article.id is not None
    return cluster.Kin(
        article_id=article.id, canonical_url=article.canonical_url, fingerprint=article.fingerprint, story_id=article.story_id
    )


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
