"""Find the feeds that a web page names (rel="alternate"), and the usual URLs of feeds on sites that name none."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urljoin

import trafilatura

from digest.collect.markup import one_line
from digest.collect.urls import web_link

_TYPES = (
    "application/rss+xml",
    "application/atom+xml",
    "application/feed+json",
    "application/rdf+xml",
    "text/xml",
    "application/xml",
)
#: Tried in turn on a site whose page names no feed.
USUAL_PLACES = ("/feed", "/rss.xml", "/atom.xml", "/feed.xml", "/index.xml", "/rss", "/feed.json")


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A feed that a page names."""

    url: str
    title: str


def feeds_of(markup: str, *, url: str) -> Sequence[Named]:
    """Return the feeds that a page names, in its order, comment feeds last."""
    tree = trafilatura.load_html(markup)
    found: dict[str, Named] = {}
    for link in tree.iter("link") if tree is not None else ():
        kind = (link.get("type") or "").partition(";")[0].strip().lower()
        if (
            "alternate" in (link.get("rel") or "").lower().split()
            and kind in _TYPES
            and (place := web_link(link.get("href") or "", url))
        ):
            found.setdefault(place, Named(url=place, title=one_line(link.get("title") or "")))
    return sorted(found.values(), key=lambda named: "comment" in f"{named.url} {named.title}".lower())


def usual_places(url: str) -> Sequence[str]:
    """Return the usual URLs of a site's feed."""
    return [urljoin(url, place) for place in USUAL_PLACES]
