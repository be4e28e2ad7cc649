"""Sources: where articles come from, and the articles."""

from typing import Annotated

from fastapi import Query

from digest.errors import BadInput
from digest.model.api import Scope
from digest.model.states import SourceKind
from digest.services import articles, sources
from digest.services.discovery import Asking
from digest.services.sources import Changes, Wanted
from digest.services.views.content import ArticleLine, ArticleView, SourceDetails, SourceTest, SourceView
from digest.web.api.call import AfterNumber, Body, Call, Limit, Line, Number, Page, Route, page

LOOK, EDIT = Scope.CONTENT_LOOK, Scope.CONTENT_EDIT
MOST_WEIGHT = 1_000.0


class NewSource(Body):
    """A source of the web to be added."""

    location: Line
    kind: SourceKind | None = None
    name: Line = ""
    topic: Line = ""
    weight: float = 1.0
    newsletters: tuple[Line, ...] = ()


class SourceChanges(Body):
    """Values for a source; what is left out, or null, stays."""

    location: Line | None = None
    kind: SourceKind | None = None
    name: Line | None = None
    topic: Line | None = None
    weight: float | None = None
    newsletters: tuple[Line, ...] = ()
    paused: bool | None = None


class Location(Body):
    """An address of the web."""

    location: Line
    kind: SourceKind | None = None


class ArticleChanges(Body):
    """Change of an article by an editor; what is left out, or null, stays."""

    hidden: bool | None = None
    pinned: bool | None = None


def _every(call: Call, after: AfterNumber = None, limit: Limit = 50) -> Page[SourceView]:
    """All sources, in the order in which they were added."""
    found = sorted((s for s in sources.every(call.ctx) if s.id > (after or 0)), key=lambda source: source.id)
    return page(call, found[: limit + 1], limit=limit, key=lambda source: source.id)


def _add(call: Call, given: NewSource) -> SourceDetails:
    """Add a source, looked at first; of a web page the feed that it names is added."""
    _check(given.location, given.kind, given.weight)
    wanted = Wanted(
        kind=given.kind, name=given.name, topic=given.topic, weight=given.weight, newsletters=[n for n in given.newsletters if n]
    )
    [done] = sources.add(call.ctx, [given.location], wanted, Asking())
    if done.problem is not None:
        raise done.problem
    assert done.source is not None
    return sources.show(call.ctx, str(done.source.id))


def _check(location: str | None, kind: SourceKind | None, weight: float | None) -> None:
    """Refuse what only a person on the machine may say: files and folders there. Raises BadInput."""
    if location is not None and not location.lower().startswith(("http://", "https://")):
        raise BadInput("a location is an http(s) address here", code="source_location")
    if kind is SourceKind.FOLDER:
        raise BadInput("a folder is no source of the web", code="source_location")
    if weight is not None and not 0 <= weight <= MOST_WEIGHT:
        raise BadInput(f"a weight is a number from 0 to {MOST_WEIGHT:.0f}", code="weight")


def _test(call: Call, given: Location) -> SourceTest:
    """Read an address without adding it."""
    _check(given.location, given.kind, None)
    return sources.test(call.ctx.settings, given.location, given.kind, Asking(), on_note=lambda _said: None)


def _show(call: Call, number: Number) -> SourceDetails:
    """A source, how it is asked for and how its last checks went."""
    return sources.show(call.ctx, str(number))


def _change(call: Call, number: Number, given: SourceChanges) -> SourceDetails:
    """Change a source, pause or resume it."""
    _check(given.location, given.kind, given.weight)
    values = given.model_dump(exclude={"paused"}, exclude_none=True)
    if values.get("newsletters") or len(values) > 1:
        sources.change(call.ctx, str(number), Changes(**values))
    if given.paused is not None:
        sources.pause(call.ctx, str(number), paused=given.paused)
    return sources.show(call.ctx, str(number))


def _remove(call: Call, number: Number) -> None:
    """Read and publish nothing of a source any more; what it brought before stays known."""
    sources.show(call.ctx, str(number))  # by its number: the name of another source may be this number
    sources.remove(call.ctx, number)


# --- articles --------------------------------------------------------------------------------

Matching = Annotated[str, Query(max_length=200, description="Part of the headline.")]


def _articles(call: Call, matching: Matching = "", after: AfterNumber = None, limit: Limit = 50) -> Page[ArticleLine]:
    """Articles, newest first."""
    found = articles.following(call.ctx, after=after, limit=limit + 1, matching=matching)
    return page(call, found, limit=limit, key=lambda article: article.id)


def _article(call: Call, number: Number) -> ArticleView:
    """An article with its text."""
    return articles.show(call.ctx, number)


def _change_article(call: Call, number: Number, given: ArticleChanges) -> ArticleView:
    """Keep an article out of every issue to come, or put its story at the head of the next."""
    if given.hidden is not None:
        articles.hide(call.ctx, number, hidden=given.hidden)
    if given.pinned is not None:
        articles.pin(call.ctx, number, pinned=given.pinned)
    return articles.show(call.ctx, number)


ROUTES = (
    Route(method="GET", path="/sources", needs=LOOK, act=_every),
    Route(
        method="POST",
        path="/sources",
        needs=EDIT,
        act=_add,
        status=201,
        location="/sources/{id}",
        example={"location": "https://news.example.org/feed.xml", "topic": "World", "newsletters": ["daily"]},
    ),
    Route(
        method="POST",
        path="/sources/test",
        needs=EDIT,
        act=_test,
        example={"location": "https://news.example.org/"},
    ),
    Route(method="GET", path="/sources/{number}", needs=LOOK, act=_show),
    Route(method="PATCH", path="/sources/{number}", needs=EDIT, act=_change, example={"paused": True}),
    Route(method="DELETE", path="/sources/{number}", needs=EDIT, act=_remove, status=204),
    Route(method="GET", path="/articles", needs=LOOK, act=_articles),
    Route(method="GET", path="/articles/{number}", needs=LOOK, act=_article),
    Route(method="PATCH", path="/articles/{number}", needs=EDIT, act=_change_article, example={"hidden": True}),
)
