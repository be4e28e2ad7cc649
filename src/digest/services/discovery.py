"""Discovery: a location is looked at before it becomes a source: what it is, what to call it, which feed a page names."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path

from digest import settings
from digest.collect import apart
from digest.collect.asking import headers_of, headers_text, reference, user_agent
from digest.collect.decode import to_text
from digest.collect.discover import feeds_of, usual_places
from digest.collect.fetch import is_url
from digest.collect.urls import is_readable
from digest.errors import BadInput, CollectError, FetchError, ParseError
from digest.model.article import Feed
from digest.model.ports import Fetched, Fetcher, Request
from digest.model.source import Source
from digest.model.states import SourceKind

FEED_SUFFIXES = frozenset({".xml", ".rss", ".atom", ".rdf", ".json"})
NAME_MAX = 60  #: characters of a feed's title that name a source


def _no_progress(_location: str) -> None:
    """Ignore progress."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """Request options of a source; fields as `Source` has them."""

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
        """Check what a person gave. Raises BadInput."""
        return cls(
            allow_private=allow_private,
            user_agent=user_agent(agent or ""),
            headers=headers_text([header for header in headers if header]),
            basic_auth=reference("--basic-auth", basic_auth or ""),
            cookie=reference("--cookie", cookie or ""),
        )

    def apply(self, source: Source) -> Source:
        """Have a new source asked for in this way."""
        for name in self.__slots__:
            setattr(source, name, getattr(self, name))
        return source


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A location that was looked at."""

    place: str  #: an absolute path or a URL: where it is read from now on
    kind: SourceKind
    title: str
    fetched: Fetched | None = field(default=None, repr=False)  #: what it gave; none: a folder, or it could not be fetched
    notes: Sequence[str] = ()  #: what a person should know


@dataclass(frozen=True, slots=True, kw_only=True)
class Discovery:
    """Looks at locations; what it fetches is asked for as at a collect, with the operator's contact."""

    fetcher: Fetcher
    home: Path  #: of the place, where secrets lie
    now: datetime
    asking: Asking
    on_progress: Callable[[str], None] = _no_progress  #: called with each location before it is asked for

    def look(self, location: str, kind: SourceKind | None) -> Found:
        """
        Find out what is there, told from its content unless `kind` says so.

        Raises:
            BadInput: it is not there, not of this kind, or a page without one feed.
            FetchError: a file cannot be read.
        """
        place = place_of(location, kind)
        if Path(place).is_dir():
            return Found(place=place, kind=SourceKind.FOLDER, title=Path(place).name)
        title = Path(place).stem or place
        try:
            fetched = self.fetch(place)
        except FetchError as problem:
            if not is_url(location):
                raise
            note = f"warning: {location} {problem.reason}; it is added all the same and tried at each collect"
            return Found(place=place, kind=kind or SourceKind.FEED, title=title, notes=(note,))
        place = fetched.moved_to or place
        try:
            feed = self._feed(fetched, location)
            return Found(place=place, kind=kind or SourceKind.FEED, title=feed.title[:NAME_MAX] or title, fetched=fetched)
        except ParseError as problem:
            if kind is None and is_url(location):
                return self._discover(fetched, location, problem.reason)
            looks = Path(place).suffix.lower() in FEED_SUFFIXES
            return Found(place=place, kind=kind or (SourceKind.FEED if looks else SourceKind.PAGE), title=title, fetched=fetched)

    def fetch(self, place: str) -> Fetched:
        """Fetch what is there now. Raises FetchError, or BadInput where a secret is not there."""
        self.on_progress(place)
        source = self.asking.apply(Source(kind=SourceKind.FEED, location=place, name="", added_at=self.now))
        headers = headers_of(source, partial(settings.secret, home=self.home))
        request = Request(source_id=0, location=place, allow_private=self.asking.allow_private, headers=headers)
        for _, fetched in self.fetcher.fetch_all([request]):
            if isinstance(fetched, Fetched):
                return fetched
            raise fetched
        raise AssertionError("a fetcher answers every request")

    def _discover(self, fetched: Fetched, location: str, reason: str) -> Found:
        """Find the feed of a page: the one that it names, else one in a usual place. Raises BadInput where there are several, or none."""
        page = fetched.url or location
        named = feeds_of(to_text(fetched.body, location), url=page)
        if len(named) > 1:
            which = "; ".join(f"{feed.url} ({feed.title})" if feed.title else feed.url for feed in named)
            raise BadInput(
                f"{location} is a web page that names {len(named)} feeds; add the one you want: {which}",
                code="several_feeds",
                feeds=[feed.url for feed in named],
            )
        for place in [feed.url for feed in named] or usual_places(page):
            try:
                found = self.fetch(place)
                feed = self._feed(found, place)
            except CollectError:
                continue
            note = f"{location} is a web page; its feed is {place}"
            where = found.moved_to or place
            return Found(place=where, kind=SourceKind.FEED, title=feed.title[:NAME_MAX] or place, fetched=found, notes=(note,))
        raise BadInput(f"{location} {reason}")

    def _feed(self, fetched: Fetched, where: str) -> Feed:
        return apart.parse_feed(fetched.body, where=where, url=fetched.url, content_type=fetched.content_type, now=self.now)


def check_location(location: str, kind: SourceKind, *, home: Path) -> None:
    """Raise BadInput where a location, as a source has it, is neither a web address nor there; nothing is fetched."""
    place_of(location if is_url(location) else str(home / location), kind)


def place_of(location: str, kind: SourceKind | None) -> str:
    """Return a web address as it is, or an absolute path. Raises BadInput where it is neither, or of another kind."""
    if not is_url(location):
        return str(path_of(location, kind))
    if not is_readable(location):
        raise BadInput(f"{location} is no web address that can be read; its host or its port is wrong")
    if kind is SourceKind.FOLDER:
        raise BadInput(f"{location} is a web address, not a folder")
    return location


def path_of(location: str, kind: SourceKind | None) -> Path:
    """Return the absolute path of a file or folder. Raises BadInput where it is not there, or not of this kind."""
    path = Path(location).absolute()
    if not path.exists():
        raise BadInput(f"{location} is not there; give an http(s) address, a feed file, a page file or a folder")
    if path.is_dir() and kind not in (None, SourceKind.FOLDER):
        raise BadInput(f"{location} is a folder, not a {kind}")
    if not path.is_dir() and kind is SourceKind.FOLDER:
        raise BadInput(f"{location} is a file, not a folder")
    return path
