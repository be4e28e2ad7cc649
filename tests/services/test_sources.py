"""Locations become sources: looked at first, by the fetcher that reads them later."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import pytest

from digest.errors import BadInput, Conflict, FetchError
from digest.model.ports import Fetched, Request
from digest.model.states import SourceKind
from digest.services import sections, sources
from digest.services.discovery import Asking
from digest.services.sources import Changes, Wanted
from tests.support.place import Place
from tests.support.servers import Site, http_server

FEED = b"<rss version='2.0'><channel><title>The News</title><item><title>One</title></item></channel></rss>"
PAGE = b"<html><head><link rel='alternate' type='application/rss+xml' href='/feed.xml'></head><body>Welcome</body></html>"


@dataclass
class Web:
    """What lies at which address; keeps what was asked for."""

    bodies: dict[str, bytes]
    asked: list[str] = field(default_factory=list)

    def fetch_all(self, wanted: Sequence[Request]) -> Iterator[tuple[Request, Fetched | FetchError]]:
        for request in wanted:
            self.asked.append(request.location)
            body = self.bodies.get(request.location)
            yield request, Fetched(url=request.location, body=body) if body else FetchError(request.location, "is not there")


@pytest.fixture
def web(place: Place) -> Web:
    made = Web({"https://news.example.org/": PAGE, "https://news.example.org/feed.xml": FEED})
    place.ctx = replace(place.ctx, fetcher=made)
    return made


def test_of_a_web_page_the_feed_that_it_names_is_added(place: Place, web: Web) -> None:
    [added] = sources.add(place.ctx, ["https://news.example.org/"], Wanted(topic="World"), Asking())

    assert added.source is not None
    assert (added.source.location, added.source.name) == ("https://news.example.org/feed.xml", "The News")
    assert added.notes == ("https://news.example.org/ is a web page; its feed is https://news.example.org/feed.xml",)
    assert sources.show(place.ctx, "The News").newsletters == ("daily",)


def test_progress_names_each_location_before_it_is_asked_for(place: Place, web: Web) -> None:
    seen: list[tuple[str, int]] = []

    sources.add(
        place.ctx,
        ["https://news.example.org/"],
        Wanted(),
        Asking(),
        on_progress=lambda location: seen.append((location, len(web.asked))),
    )

    assert seen == [("https://news.example.org/", 0), ("https://news.example.org/feed.xml", 1)]


def test_a_location_that_cannot_be_added_stops_no_other(place: Place, web: Web) -> None:
    first, second = sources.add(place.ctx, ["nowhere.xml", "https://news.example.org/feed.xml"], Wanted(), Asking())

    assert isinstance(first.problem, BadInput)
    assert second.source is not None


@pytest.mark.parametrize(
    "address", ["https://h.example.org:port", "https://h.example.org:99999", "https://[::1", "https://", "http://a b/"]
)
def test_an_address_that_nothing_can_have_is_no_source(place: Place, address: str) -> None:
    [added] = sources.add(place.ctx, [address], Wanted(), Asking())

    assert isinstance(added.problem, BadInput)
    assert sources.every(place.ctx) == []
    with pytest.raises(BadInput, match="is no web address that can be read"):
        sources.change(place.ctx, "any", Changes(location=address))


def test_a_web_address_is_no_folder(place: Place, web: Web) -> None:
    [added] = sources.add(place.ctx, ["https://news.example.org/feed.xml"], Wanted(kind=SourceKind.FOLDER), Asking())

    assert "is a web address, not a folder" in str(added.problem)


def test_what_is_a_source_already_says_so(place: Place, web: Web) -> None:
    sources.add(place.ctx, ["https://news.example.org/feed.xml"], Wanted(), Asking())

    [again] = sources.add(place.ctx, ["https://news.example.org/"], Wanted(), Asking())

    assert isinstance(again.problem, Conflict)
    assert again.problem.code == "source_known"


def test_a_name_names_one_source(place: Place, web: Web) -> None:
    with pytest.raises(BadInput):
        sources.add(place.ctx, ["https://a.example.org/", "https://b.example.org/"], Wanted(name="News"), Asking())


def test_what_is_looked_at_is_asked_for_with_the_operators_contact(place: Place) -> None:
    with http_server(Site()) as site:
        site.pages["/feed.xml"] = (200, {"Content-Type": "application/rss+xml"}, FEED)
        sources.add(place.ctx, [site.url("/feed.xml")], Wanted(), Asking(allow_private=True))

    assert "paper@ledger.example.org" in site.asked[0][1]["User-Agent"]


def test_only_what_is_given_is_changed(place: Place, web: Web) -> None:
    sources.add(place.ctx, ["https://news.example.org/feed.xml"], Wanted(topic="World", weight=2.0), Asking(user_agent="x"))

    sources.change(place.ctx, "The News", Changes(topic="Europe"))

    changed = sources.show(place.ctx, "The News")
    assert (changed.topic, changed.weight, changed.user_agent, changed.kind) == ("Europe", 2.0, "x", SourceKind.FEED)


def test_a_source_that_is_renamed_stays_in_its_sections(place: Place) -> None:
    for number in (1, 2):
        made = sources.new_source(place.ctx, kind=SourceKind.FEED, location=f"https://s{number}.example.org/", name="News")
        sources.add_source(place.ctx, made)
    sections.add(place.ctx, "World", from_sources=["1"])

    sources.change(place.ctx, "1", Changes(name="First"))
    both = sections.every(place.ctx, "daily").sections[0].sources
    sources.change(place.ctx, "2", Changes(name="Second"))

    assert both == "News\nFirst"  # the second source has the name too
    assert sections.every(place.ctx, "daily").sections[0].sources == "First\nSecond"
