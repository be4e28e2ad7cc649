"""Sources: where articles come from, and which newsletters publish from them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sqlmodel import Session

from digest.errors import BadInput, Conflict, DigestError
from digest.model.event import EventKind
from digest.model.source import Source
from digest.model.states import SourceKind
from digest.services import events
from digest.services.context import Context, Place, now, web_fetcher
from digest.services.views.content import FoundArticle, SourceDetails, SourceTest, SourceView
from digest.settings import Settings
from digest.store import newsletters, sources

if TYPE_CHECKING:
    from digest.services.discovery import Asking

NAME_MAX = 60  #: characters of a feed's title that name a source


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Values for new sources; empty or None: told from what is found."""

    kind: SourceKind | None = None
    name: str = ""
    topic: str = ""
    weight: float = 1.0
    newsletters: Sequence[str] = ()  #: which publish from them; none: the only one


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """Values for a source; None leaves a value as it is."""

    kind: SourceKind | None = None
    location: str | None = None
    name: str | None = None
    topic: str | None = None
    weight: float | None = None
    allow_private: bool | None = None
    agent: str | None = None
    headers: Sequence[str] | None = None
    basic_auth: str | None = None
    cookie: str | None = None
    newsletters: Sequence[str] = ()  #: which publish from it, instead of those that do; none: no change


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """Result of adding a location: a source, or the problem with it."""

    location: str
    source: SourceView | None = None
    notes: Sequence[str] = ()  #: what a person should know
    problem: DigestError | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """Result of importing an OPML file."""

    added: int
    total: int


# --- adding and changing ---------------------------------------------------------------------


def add(
    ctx: Context,
    locations: Sequence[str],
    wanted: Wanted,
    asking: "Asking",
    *,
    on_progress: Callable[[str], None] = lambda _location: None,
) -> Sequence[Added]:
    """
    Add locations as sources, each looked at first; of a web page the feed that it names is added.

    One that cannot be added stops no other: its problem stands in its place. `on_progress` is called
    with each location before it is asked for.

    Raises:
        BadInput: one name is given for several sources.
    """
    from digest.services.discovery import Discovery

    if wanted.name and len(locations) > 1:
        raise BadInput("a name names one source; add them one by one")
    discovery = Discovery(fetcher=ctx.fetcher, home=ctx.settings.home, now=ctx.clock(), asking=asking, on_progress=on_progress)

    def added(location: str) -> Added:
        try:
            found = discovery.look(location, wanted.kind)
            made = new_source(
                ctx,
                kind=found.kind,
                location=found.place,
                name=wanted.name or found.title,
                topic=wanted.topic,
                weight=wanted.weight,
            )
            stored = add_source(ctx, asking.apply(made), wanted.newsletters)
        except DigestError as problem:
            return Added(location=location, problem=problem)
        return Added(location=location, source=SourceView.model_validate(stored), notes=(*found.notes, *warnings(stored)))

    return [added(location) for location in locations]


def add_address(ctx: Context, location: str, wanted: Wanted) -> Added:
    """
    Add a web address as a source, as `add` does; for whoever may not read the files of this machine.

    Raises:
        BadInput: it is no web address.
    """
    from digest.services.discovery import Asking

    if not location.lower().startswith(("https://", "http://")):
        raise BadInput(f"{location} is no web address; it begins with https://", code="no_web_address")
    return add(ctx, [location], wanted, Asking())[0]


def new_source(
    ctx: Place, *, kind: SourceKind, location: str, name: str, topic: str = "", weight: float = 1.0, allow_private: bool = False
) -> Source:
    """Make a source as it is before it was ever read."""
    return Source(
        kind=kind, location=location, name=name, topic=topic, weight=weight, allow_private=allow_private, added_at=ctx.clock()
    )


def add_source(ctx: Place, source: Source, names: Sequence[str] = (), *, nowhere: bool = False) -> Source:
    """Store a source for the newsletters named, or for the only one; `nowhere`: for none. Raises Conflict, BadInput or NotFound."""
    home = ctx.settings.home.absolute()
    source.location = _in_place(home, source.location)
    with ctx.db.begin() as tx:
        if source.is_local and any(s.is_local and home / s.location == home / source.location for s in sources.all_of(tx)):
            raise Conflict(f"{source.location} is a source already", code="source_known")
        papers = [newsletters.get(tx, name) for name in names] or (() if nowhere else newsletters.all_of(tx))
        if not names and len(papers) > 1:
            raise BadInput(f"there are {len(papers)} newsletters", code="which_newsletter")
        stored = sources.add(tx, source)
        for paper in papers:
            sources.join(tx, paper.id, stored.id)
        events.record(ctx, tx, EventKind.SOURCE_ADDED, stored, name=stored.name, newsletters=[paper.name for paper in papers])
        return stored


def _in_place(home: Path, location: str) -> str:
    """Return a location as it is stored: relative if it is inside the installation, which can then be moved."""
    return str(Path(location).relative_to(home)) if Path(location).is_relative_to(home) else location


def change(ctx: Place, key: str, given: Changes) -> Added:
    """
    Give a source other values.

    Raises:
        BadInput: a value cannot be used, or nothing is at its new location.
        NotFound: there is no such source or newsletter.
        Conflict: another source has the new location.
    """
    values = _values(ctx, given)
    with ctx.db.begin() as tx:
        source = sources.get(tx, key)
        before = _audited(tx, source)
        former = source.name
        source = sources.change(tx, source, values)
        if source.name != former:
            shared = any(other.name == former for other in sources.all_of(tx))
            newsletters.rename_source(tx, former, source.name, keep=shared)
        if given.newsletters:
            sources.publish_in(tx, source.id, {newsletters.get(tx, name).id for name in given.newsletters})
        changed = [*values, *(["newsletters"] if given.newsletters else ())]
        other = events.differences(before, _audited(tx, source))
        events.record(ctx, tx, EventKind.SOURCE_CHANGED, source, name=source.name, changed=changed, **other)
    return Added(location=source.location, source=SourceView.model_validate(source), notes=warnings(source))


def _audited(tx: Session, source: Source) -> dict[str, object]:
    """Return the values of a source whose changes are recorded: not how it logs in."""
    values = {name: getattr(source, name) for name in ("location", "name", "topic", "weight", "allow_private")}
    return {**values, "kind": source.kind.value, "newsletters": sorted(sources.newsletters_of(tx, source.id))}


def _values(ctx: Place, given: Changes) -> dict[str, object]:
    """Check what was given; return it as a source keeps it. Raises BadInput."""
    from digest.services.discovery import Asking, place_of

    asking = Asking.checked(agent=given.agent, headers=given.headers or (), basic_auth=given.basic_auth, cookie=given.cookie)
    asked = {"agent": "user_agent", "headers": "headers", "basic_auth": "basic_auth", "cookie": "cookie"}
    values: dict[str, object] = {
        field: getattr(asking, field) for name, field in asked.items() if getattr(given, name) is not None
    }
    for name in ("kind", "name", "topic", "weight", "allow_private"):
        if (value := getattr(given, name)) is not None:
            values[name] = value
    if given.location is not None:
        place = place_of(given.location, given.kind)
        values["location"] = _in_place(ctx.settings.home.absolute(), place)
    return values


def warnings(source: Source) -> Sequence[str]:
    """Say what a person should know of how it is asked for."""
    from digest.collect.asking import has_credentials

    if has_credentials(source) and source.location.lower().startswith("http://"):
        return (f"warning: {source.name} is read over http, so its log-in goes in clear; use https where the site has it",)
    return ()


def pause(ctx: Place, key: str, *, paused: bool) -> str:
    """Stop reading a source, or read it again; return its name. Raises NotFound."""
    with ctx.db.begin() as tx:
        found = sources.get(tx, key)
        found.paused = paused
        events.record(ctx, tx, EventKind.SOURCE_CHANGED, found, name=found.name, changed=["paused"], paused=paused)
        return found.name


def remove(ctx: Place, source_id: int) -> None:
    """Read and publish nothing of a source any more; what it brought before stays known. Raises NotFound."""
    with ctx.db.begin() as tx:
        found = sources.get(tx, source_id)
        sources.remove(tx, found, at=ctx.clock())
        events.record(ctx, tx, EventKind.SOURCE_REMOVED, found, name=found.name)


# --- to look at ------------------------------------------------------------------------------


def every(ctx: Place) -> Sequence[SourceView]:
    """Return all sources, in the order they were added."""
    with ctx.db.read() as tx:
        return [SourceView.model_validate(source) for source in sources.all_of(tx)]


def show(ctx: Place, key: str) -> SourceDetails:
    """Return a source, by number, name or location. Raises NotFound, or Conflict where several have the name."""
    with ctx.db.read() as tx:
        found = sources.get(tx, key)
        return SourceDetails.of(found, newsletters=tuple(sources.newsletters_of(tx, found.id)))


def test(
    settings: Settings, location: str, kind: SourceKind | None, asking: "Asking", *, on_note: Callable[[str], None]
) -> SourceTest:
    """Read a location without adding it; needs no database. Raises BadInput, or CollectError."""
    from digest.collect.gather import gather, gather_folder
    from digest.services.discovery import Discovery

    at = now()
    discovery = Discovery(fetcher=web_fetcher(settings), home=settings.home, now=at, asking=asking)
    found = discovery.look(location, kind)
    for said in found.notes:
        on_note(said)
    source = Source(id=0, kind=found.kind, location=found.place, name=found.title, added_at=at)
    if found.kind is SourceKind.FOLDER:
        gathered = gather_folder(source, known=(), now=at)
    else:
        gathered = gather(source, found.fetched or discovery.fetch(found.place), now=at)
    articles = tuple(FoundArticle.model_validate(article) for article in gathered.articles)
    return SourceTest(kind=found.kind, name=found.title, articles=articles, problems=tuple(gathered.problems))


def test_again(ctx: Place, number: int) -> SourceTest:
    """Read a source as at a collect, and store nothing. Raises NotFound, BadInput, or CollectError."""
    from digest.services.discovery import Asking

    with ctx.db.read() as tx:
        found = sources.get(tx, number)
    asking = Asking(**{name: getattr(found, name) for name in Asking.__slots__})
    location = str(ctx.settings.home / found.location) if found.is_local else found.location
    return test(ctx.settings, location, found.kind, asking, on_note=lambda _said: None)


# --- other feed readers ----------------------------------------------------------------------


def import_opml(
    ctx: Place, file: Path, names: Sequence[str] = (), *, on_known: Callable[[str], None] = lambda _said: None
) -> Imported:
    """
    Add the feeds of an OPML file; its folders become topics. `on_known` is told of each that is a source already.

    Raises:
        FetchError: the file cannot be read.
        ParseError: it is no OPML file.
    """
    from digest.collect.disk import read_file

    return add_opml(ctx, read_file(file.absolute()), str(file), names, on_known=on_known)


def add_opml(
    ctx: Place, raw: bytes, where: str, names: Sequence[str] = (), *, on_known: Callable[[str], None] = lambda _said: None
) -> Imported:
    """Add the feeds of an OPML document that came from `where`, as `import_opml` does. Raises ParseError."""
    from digest.collect.opml import parse

    feeds = parse(raw, where=where)
    added = 0
    for feed in feeds:
        made = new_source(ctx, kind=SourceKind.FEED, location=feed.url, name=feed.title[:NAME_MAX] or feed.url, topic=feed.topic)
        try:
            add_source(ctx, made, names)
            added += 1
        except Conflict as there:
            on_known(str(there))
    return Imported(added=added, total=len(feeds))


def export_opml(ctx: Place) -> str:
    """Return the feeds of the network as OPML, for other readers; topics become folders."""
    from digest.collect.fetch import is_url
    from digest.collect.opml import Subscribed, write

    with ctx.db.read() as tx:
        found = [s for s in sources.all_of(tx) if s.kind is SourceKind.FEED and is_url(s.location)]
    feeds = [Subscribed(url=s.location, title=s.name, topic=s.topic) for s in found]
    return write(feeds, title="Sources of digest").decode("utf-8")
