"""A location is looked at before it becomes a source: what it is, what to call it, which feed a page names."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from digest import settings
from digest.collect import apart
from digest.collect.asking import has_credentials, headers_of, headers_text, reference, user_agent
from digest.collect.decode import to_text
from digest.collect.discover import feeds_of, usual_places
from digest.collect.fetch import is_url
from digest.errors import BadInput, CollectError, FetchError, ParseError
from digest.model.ports import Fetched, Request
from digest.model.source import Source
from digest.model.states import SourceKind
from digest.services.context import web_fetcher
from digest.services.place import now

FEED_SUFFIXES = frozenset({".xml", ".rss", ".atom", ".rdf", ".json"})
NAME_MAX = 60  #: characters of a feed's title that name a source


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """How a source is asked for; fields as `Source` has them."""

    allow_private: bool = False
    user_agent: str = ""
    headers: str = ""
    basic_auth: str = ""
    cookie: str = ""

    @classmethod
    def checked(
        cls,
        *,
        allow_private: bool = False,
        agent: str | None = None,
        headers: Sequence[str] = (),
        basic_auth: str | None = None,
        cookie: str | None = None,
    ) -> "Asking":
        """What a person gave. Raises BadInput."""
        return cls(
            allow_private=allow_private,
            user_agent=user_agent(agent or ""),
            headers=headers_text([header for header in headers if header]),
            basic_auth=reference("--basic-auth", basic_auth or ""),
            cookie=reference("--cookie", cookie or ""),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a location is."""

    place: str  #: an absolute path or a URL: where it is read from now on
    kind: SourceKind
    title: str
    fetched: Fetched | None = field(default=None, repr=False)  #: what it gave; none: a folder, or it could not be fetched
    notes: Sequence[str] = ()  #: what a person should know


def look(location: str, kind: SourceKind | None, asking: Asking) -> Seen:
    """
    What is there, told from its content unless `kind` says so.

    Raises:
        BadInput: it is not there, not of this kind, or a page without one feed.
        FetchError: a file cannot be read.
    """
    place = location if is_url(location) else str(_path(location, kind))
    if Path(place).is_dir():
        return Seen(place=place, kind=SourceKind.FOLDER, title=Path(place).name)
    title = Path(place).stem or place
    try:
        fetched = fetch(place, asking)
    except FetchError as problem:
        if not is_url(location):
            raise
        note = f"warning: {location} {problem.reason}; it is added all the same and tried at each collect"
        return Seen(place=place, kind=kind or SourceKind.FEED, title=title, notes=(note,))
    place = fetched.moved_to or place
    try:
        feed = apart.parse_feed(fetched.body, where=location, url=fetched.url, content_type=fetched.content_type, now=now())
        return Seen(place=place, kind=kind or SourceKind.FEED, title=feed.title[:NAME_MAX] or title, fetched=fetched)
    except ParseError as problem:
        if kind is None and is_url(location):
            return _discovered(fetched, location, asking, problem.reason)
        looks = Path(place).suffix.lower() in FEED_SUFFIXES
        return Seen(place=place, kind=kind or (SourceKind.FEED if looks else SourceKind.PAGE), title=title, fetched=fetched)


def _discovered(fetched: Fetched, location: str, asking: Asking, reason: str) -> Seen:
    """The feed of a page that is none: the one that it names, else one in a usual place. Raises BadInput where there are several, or none."""
    page = fetched.url or location
    named = feeds_of(to_text(fetched.body, location), url=page)
    if len(named) > 1:
        which = "; ".join(f"{feed.url} ({feed.title})" if feed.title else feed.url for feed in named)
        raise BadInput(f"{location} is a web page that names {len(named)} feeds; add the one you want: {which}")
    for place in [feed.url for feed in named] or usual_places(page):
        try:
            found = fetch(place, asking)
            feed = apart.parse_feed(found.body, where=place, url=found.url, content_type=found.content_type, now=now())
        except CollectError:
            continue
        note = f"{location} is a web page; its feed is {place}"
        where = found.moved_to or place
        return Seen(place=where, kind=SourceKind.FEED, title=feed.title[:NAME_MAX] or place, fetched=found, notes=(note,))
    raise BadInput(f"{location} {reason}")


def _path(location: str, kind: SourceKind | None) -> Path:
    path = Path(location).absolute()
    if not path.exists():
        raise BadInput(f"{location} is not there; give an http(s) address, a feed file, a page file or a folder")
    if path.is_dir() and kind not in (None, SourceKind.FOLDER):
        raise BadInput(f"{location} is a folder, not a {kind}")
    if not path.is_dir() and kind is SourceKind.FOLDER:
        raise BadInput(f"{location} is a file, not a folder")
    return path


def fetch(place: str, asking: Asking) -> Fetched:
    """What is there now. Raises FetchError, or BadInput where a secret is not there."""
    found = settings.read()
    source = with_asking(Source(kind=SourceKind.FEED, location=place, name="", added_at=now()), asking)
    headers = headers_of(source, partial(settings.secret, home=found.home))
    request = Request(source_id=0, location=place, allow_private=asking.allow_private, headers=headers)
    for _, fetched in web_fetcher(found).fetch_all([request]):
        if isinstance(fetched, Fetched):
            return fetched
        raise fetched
    raise AssertionError("a fetcher answers every request")


def with_asking(source: Source, asking: Asking) -> Source:
    """A new source, asked for in this way."""
    for name in Asking.__slots__:
        setattr(source, name, getattr(asking, name))
    return source


def values_of(given: Mapping[str, Any]) -> Mapping[str, object]:
    """
    What a person wants a source to have, as it keeps it: `given` are options of `digest sources set`.

    Raises:
        BadInput: a value cannot be used, or nothing is at its new location.
    """
    kind = SourceKind(given["kind"]) if "kind" in given else None
    asking = Asking.checked(**{name: given[name] for name in ("agent", "headers", "basic_auth", "cookie") if name in given})
    names = {"agent": "user_agent"}
    values: dict[str, object] = {
        names.get(name, name): getattr(asking, names.get(name, name))
        for name in ("agent", "headers", "basic_auth", "cookie")
        if name in given
    }
    values |= {name: given[name] for name in ("name", "topic", "weight", "allow_private") if name in given}
    if "location" in given:
        values["location"] = given["location"] if is_url(given["location"]) else str(_path(given["location"], kind))
    return values | ({"kind": kind} if kind else {})


def warnings(source: Source) -> Sequence[str]:
    """What a person should know of how it is asked for."""
    if has_credentials(source) and source.location.lower().startswith("http://"):
        return (f"warning: {source.name} is read over http, so its log-in goes in clear; use https where the site has it",)
    return ()
