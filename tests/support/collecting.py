"""A site with a feed that is collected."""

from collections.abc import Iterator
from datetime import datetime

import pytest

from digest.model.article import Article
from digest.model.source import Source
from digest.model.states import SourceKind
from digest.services import sources as source_services
from digest.store import articles, sources
from tests.support.place import Place
from tests.support.servers import Site, http_server


@pytest.fixture
def site() -> Iterator[Site]:
    with http_server(Site()) as made:
        yield made


def item(guid: str, title: str, text: str, *, link: str = "", published: datetime | None = None) -> str:
    when = f"<pubDate>{published:%a, %d %b %Y %H:%M:%S} GMT</pubDate>" if published else ""
    return f"<item><guid isPermaLink='false'>{guid}</guid><title>{title}</title><link>{link or 'https://n.example/' + guid}</link>{when}<description>{text}</description></item>"


def feed(*items: str, more: str = "") -> bytes:
    return f"<rss version='2.0'><channel><title>News</title><link>https://n.example/</link>{more}{''.join(items)}</channel></rss>".encode()


def added(place: Place, location: str) -> Source:
    made = source_services.new_source(place.ctx, kind=SourceKind.FEED, location=location, name="news", allow_private=True)
    return source_services.add_source(place.ctx, made)


def stored(place: Place) -> list[Article]:
    with place.ctx.db.read() as tx:
        return sorted(articles.latest(tx, limit=2000), key=lambda a: a.id)


def source(place: Place) -> Source:
    with place.ctx.db.read() as tx:
        return sources.get(tx, "news")


ICE = "The harbour of Gent opened again on Monday after six weeks of ice, and forty ships came in."
BRIDGE = "The city lent its oldest bridge to a film crew for a week, and walks round it meanwhile."


FEED = b"<rss version='2.0'><channel><title>News</title><item><title>One</title><guid>1</guid></item></channel></rss>"
