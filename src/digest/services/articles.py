"""Articles: what was collected, and what editors say of it."""

from collections.abc import Sequence

from digest.model.event import EventKind
from digest.services import events
from digest.services.context import Place
from digest.services.views.content import ArticleLine, ArticleView
from digest.store import articles, sources


def latest(ctx: Place, *, limit: int, matching: str = "") -> Sequence[ArticleLine]:
    """Return the newest articles, newest first; `matching` is part of a headline."""
    with ctx.db.read() as tx:
        return [ArticleLine.model_validate(found) for found in articles.latest(tx, limit=limit, matching=matching)]


def following(ctx: Place, *, after: int | None = None, limit: int, matching: str = "") -> Sequence[ArticleLine]:
    """Return articles as `latest` does, those that follow the one with this number. Raises NotFound."""
    with ctx.db.read() as tx:
        last = articles.get(tx, after) if after is not None else None
        found = articles.latest(tx, limit=limit, matching=matching, last=last)
        return [ArticleLine.model_validate(article) for article in found]


def show(ctx: Place, article_id: int) -> ArticleView:
    """Return an article with its text. Raises NotFound."""
    with ctx.db.read() as tx:
        found = articles.get(tx, article_id)
        source = sources.by_number(tx, found.source_id)
    return ArticleView.of(found, source=source.name, word_count=found.word_count)


def hide(ctx: Place, article_id: int, *, hidden: bool) -> None:
    """Keep an article out of every issue to come, or show it again. Raises NotFound."""
    with ctx.db.begin() as tx:
        found = articles.get(tx, article_id)
        found.hidden = hidden
        events.record(ctx, tx, EventKind.ARTICLE_CHANGED, found, headline=found.headline, hidden=hidden)


def pin(ctx: Place, article_id: int, *, pinned: bool) -> None:
    """Put an article's story at the head of the next issue, or take the pin away. Raises NotFound."""
    with ctx.db.begin() as tx:
        found = articles.get(tx, article_id)
        found.pinned = pinned
        events.record(ctx, tx, EventKind.ARTICLE_CHANGED, found, headline=found.headline, pinned=pinned)
