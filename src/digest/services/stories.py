"""Stories: articles that tell of one happening are grouped, and each story gets the article that is linked."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from types import MappingProxyType

from digest import log
from digest.curate import rank
from digest.curate.cluster import group
from digest.model.article import Article, Group, ImageInfo
from digest.model.issue import Telling, ToldStory
from digest.model.source import Source
from digest.services.context import Context
from digest.store import articles, sources

KIN_REACH = timedelta(days=14)  #: how long ago an article may have come to be told again, by its address or word for word
LIKE_REACH = timedelta(days=4)  #: the same in other words
TRIES = 5  #: at grouping, while other processes do the same
WRITTEN = 1000  #: groups stored in one transaction: none is open long, and few texts are in memory


def group_stories(ctx: Context) -> None:
    """Give every article that has none its story, and each story its lead. Nothing is locked while articles are compared and leads chosen."""
    for _ in range(TRIES):
        if _grouped(ctx):
            return
    log.get().warning(
        "stories.ungrouped"
    )  # other processes kept making stories, of these articles too; the next collect groups what is left


def _grouped(ctx: Context) -> bool:
    """Group articles by what is there; return False where another process made a story meanwhile that they may tell."""
    now = ctx.clock()
    with ctx.db.read() as tx:
        newest = articles.newest_story(tx)
        new = articles.kin_without_story(tx)
        known = articles.kin_known(tx, new, exact_since=now - KIN_REACH, alike_since=now - LIKE_REACH) if new else ()
    if not new:
        return True
    groups = group(new, known)
    for start in range(0, len(groups), WRITTEN):
        part = groups[start : start + WRITTEN]
        leads = _leads(ctx, part)
        with ctx.db.begin() as tx:
            if articles.newest_story(tx) != newest:
                return False
            articles.tell(tx, part, leads=leads)
            newest = articles.newest_story(tx)
    return True


def _leads(ctx: Context, groups: Sequence[Group]) -> Sequence[int]:
    """Choose the article to link of each group's story, among its present and its new articles."""
    with ctx.db.read() as tx:
        found = articles.of_stories(tx, {g.story_id for g in groups if g.story_id is not None})
        new = {a.id: a for a in articles.numbered(tx, [number for g in groups for number in g.articles])}
        by_id = sources.by_id(tx)
    there = {story.story_id: story.tellings for story in told(found, by_id)}
    leads = []
    for g in groups:
        own = [_telling(new[number], by_id.get(new[number].source_id)) for number in g.articles if number in new]
        before = there.get(g.story_id, ()) if g.story_id is not None else ()
        leads.append(next((t.article_id for t in rank.lead_first([*before, *own])), g.articles[0]))
    return leads


def told(
    found: Sequence[Article], by_id: Mapping[int, Source], predecessors: Mapping[int, int] = MappingProxyType({})
) -> Sequence[ToldStory]:
    """Return stored articles as stories for curation, each story's lead first; `by_id` are their sources."""
    by_story: dict[int, list[Telling]] = {}
    for article in found:
        if article.story_id is not None:
            by_story.setdefault(article.story_id, []).append(_telling(article, by_id.get(article.source_id)))
    return [
        ToldStory(story_id=number, tellings=rank.lead_first(tellings), predecessor_id=predecessors.get(number))
        for number, tellings in by_story.items()
    ]


def _telling(article: Article, source: Source | None) -> Telling:
    return Telling(
        article_id=article.id,
        source_id=article.source_id,
        source_weight=source.weight if source else 1.0,
        source_name=source.name if source else "",
        headline=article.headline,
        standfirst=article.standfirst,
        text=article.text,
        author=article.author,
        publisher=article.publisher,
        topic=article.topic,
        tags=tuple(article.tags.split("\n")) if article.tags else (),
        url=article.url,
        image=article.image,
        image_info=ImageInfo(**article.image_info),
        language=article.language,
        published_at=article.published_at,
        first_seen_at=article.first_seen_at,
        settles_at=article.settles_at,
        revised_at=article.revised_at,
        word_count=article.word_count,
        hidden=article.hidden or article.withdrawn_at is not None,
        withdrawn=article.withdrawn_at is not None,
        pinned=article.pinned,
        is_free=article.is_free,
    )
