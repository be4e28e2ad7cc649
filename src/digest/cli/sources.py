"""`digest sources` and `digest collect`."""

from pathlib import Path
from typing import Any

import click

from digest.cli.output import as_json, context, emit, local, note, progress, table
from digest.errors import BadInput, DigestError, NothingToDo


@click.group()
def sources() -> None:
    """Where articles come from: feeds and pages, from the network or a file; folders of dropped texts."""


@sources.command()
@click.argument("locations", nargs=-1, required=True, metavar="URL|FILE|DIR…")
@click.option("--kind", type=click.Choice(["feed", "page", "folder"]), help="What it is; told from its content unless given.")
@click.option("--name", help="What to call it; its title or file name unless given.")
@click.option("--topic", default="", help="The topic of its articles, such as World: a section of the paper.")
@click.option("--newsletter", "newsletters", multiple=True, help="Which prints from it; needed where there are several.")
@click.option("--allow-private", is_flag=True, help="It may have a private address, on any port.")
@click.option("--weight", type=click.FloatRange(0, 10), default=1.0, help="How much its stories count when ranked; 1 is usual.")
def add(
    locations: tuple[str, ...],
    kind: str | None,
    name: str | None,
    topic: str,
    weight: float,
    allow_private: bool,
    newsletters: tuple[str, ...],
) -> None:
    """Add sources. With one newsletter they join it.

    \b
    Example:  digest sources add texts/ https://news.example.org/feed.xml --topic World
    """
    if name and len(locations) > 1:
        raise click.UsageError("--name names one source; add them one by one")
    ctx = context()
    failed = False
    for location in locations:
        try:
            _add_one(ctx, location, kind, name, topic, weight, allow_private, newsletters)
        except DigestError as problem:
            if len(locations) == 1:
                raise
            note(f"digest: {problem}")
            failed = True
    if failed:
        raise click.exceptions.Exit(1)
    note("Next: digest collect, or digest preview --open")


def _add_one(
    ctx: Any,
    location: str,
    kind: str | None,
    name: str | None,
    topic: str,
    weight: float,
    allow_private: bool,
    newsletters: tuple[str, ...],
) -> None:
    from digest import begin
    from digest.model.states import SourceKind

    place, found, title = _understood(location, kind, allow_private)
    source = begin.new_source(
        ctx, kind=SourceKind(found), location=place, name=name or title, topic=topic, weight=weight, allow_private=allow_private
    )
    stored = begin.add_source(ctx, source, newsletters)
    note(f"added {stored.kind} {stored.name} (number {stored.id})")


def _understood(location: str, kind: str | None, allow_private: bool) -> tuple[str, str, str]:
    """Where it is, what it is, what to call it: told from its content unless `kind` says so."""
    from digest.collect.feeds import parse
    from digest.collect.fetch import is_url
    from digest.errors import FetchError, ParseError

    place = location if is_url(location) else str(_path(location, kind))
    if Path(place).is_dir():
        return place, "folder", Path(place).name
    title = Path(place).stem or place
    try:
        fetched = _fetch(place, allow_private)
        feed = parse(fetched.body, where=location, url=fetched.url, content_type=fetched.content_type)
        return fetched.moved_to or place, kind or "feed", feed.title[:60] or title
    except FetchError as problem:
        if not is_url(location):
            raise
        note(f"warning: {location} {problem.reason}; it is added all the same and tried at each collect")
        return place, kind or "feed", title
    except ParseError as problem:
        if kind is None and is_url(location):
            return _discovered(fetched, location, allow_private, problem.reason)
        looks = Path(place).suffix.lower() in (".xml", ".rss", ".atom", ".rdf", ".json")
        return place, kind or ("feed" if looks else "page"), title


def _discovered(fetched: Any, location: str, allow_private: bool, reason: str) -> tuple[str, str, str]:
    """The feed of a page that is none: the one that it names, else one in a usual place. Raises BadInput where there are several, or none."""
    from digest.collect.decode import to_text
    from digest.collect.discover import feeds_of, usual_places
    from digest.collect.feeds import parse
    from digest.errors import CollectError

    page = fetched.url or location
    named = feeds_of(to_text(fetched.body, location), url=page)
    if len(named) > 1:
        which = "; ".join(f"{feed.url} ({feed.title})" if feed.title else feed.url for feed in named)
        raise BadInput(f"{location} is a web page that names {len(named)} feeds; add the one you want: {which}")
    for place in [feed.url for feed in named] or usual_places(page):
        try:
            found = _fetch(place, allow_private)
            feed = parse(found.body, where=place, url=found.url, content_type=found.content_type)
        except CollectError:
            continue
        note(f"{location} is a web page; its feed is {place}")
        return found.moved_to or place, "feed", feed.title[:60] or place
    raise BadInput(f"{location} {reason}")


def _path(location: str, kind: str | None) -> Path:
    path = Path(location).absolute()
    if not path.exists():
        raise BadInput(f"{location} is not there; give an http(s) address, a feed file, a page file or a folder")
    if path.is_dir() != (kind == "folder") and ((path.is_dir() and kind) or kind == "folder"):
        raise BadInput(f"{location} is a {'folder' if path.is_dir() else 'file'}, not a {kind}")
    return path


def _fetch(place: str, allow_private: bool) -> Any:
    """What is there now. Raises FetchError."""
    from digest.collect.fetch import WebFetcher, user_agent
    from digest.model.ports import Fetched, Request

    fetcher = WebFetcher(user_agent=user_agent())
    for _, fetched in fetcher.fetch_all([Request(source_id=0, location=place, allow_private=allow_private)]):
        if isinstance(fetched, Fetched):
            return fetched
        raise fetched
    raise AssertionError("a fetcher answers every request")


@sources.command("list")
@as_json
def list_(as_json: bool) -> None:
    """Every source, when it was read, and what went wrong."""
    from digest.store import sources as store

    ctx = context()
    with ctx.db.read() as tx:
        found = store.all_of(tx)
    if as_json:
        emit([source.model_dump(mode="json") for source in found])
        return
    rows = [
        (
            s.id,
            s.kind,
            s.name,
            s.topic,
            "paused" if s.paused else local(s.checked_at),
            s.error or "fine" if s.checked_at else "not read yet",
        )
        for s in found
    ]
    table(
        ["no.", "kind", "name", "topic", "last read", "state"],
        rows,
        empty="no sources yet; add one with `digest sources add FILE-OR-FOLDER`",
    )


@sources.command()
@click.argument("source")
@as_json
def show(source: str, as_json: bool) -> None:
    """One source, by number or name."""
    from digest.store import sources as store

    ctx = context()
    with ctx.db.read() as tx:
        found = store.get(tx, source)
    values = found.model_dump(mode="json")
    if as_json:
        emit(values)
    else:
        table(["", ""], [(key.replace("_", " "), value) for key, value in values.items()])


@sources.command()
@click.argument("source")
def remove(source: str) -> None:
    """Nothing is read or printed from it any more."""
    from digest.store import sources as store

    ctx = context()
    with ctx.db.begin() as tx:
        found = store.get(tx, source)
        store.remove(tx, found, at=ctx.clock())
    note(f"removed {found.name}; what it brought before stays known, so that it is not printed again")


@sources.command()
@click.argument("source")
@click.option("--off", is_flag=True, help="Read it again from now on.")
def pause(source: str, off: bool) -> None:
    """Stop reading a source for now."""
    from digest.store import sources as store

    ctx = context()
    with ctx.db.begin() as tx:
        found = store.get(tx, source)
        found.paused = not off
    note(f"{found.name} is {'read again' if off else 'paused'}")


@sources.command()
@click.argument("location")
@click.option("--kind", type=click.Choice(["feed", "page", "folder"]))
@click.option("--allow-private", is_flag=True, help="It may have a private address, on any port.")
def test(location: str, kind: str | None, allow_private: bool) -> None:
    """Read a source without adding it, and print what was found as JSON."""
    from digest import context as contexts
    from digest.collect.gather import gather, gather_folder
    from digest.model.source import Source
    from digest.model.states import SourceKind

    place, found, title = _understood(location, kind, allow_private)
    now = contexts.now()
    source = Source(id=0, kind=SourceKind(found), location=place, name=title, added_at=now)
    if found == "folder":
        gathered = gather_folder(source, known=(), now=now)
    else:
        gathered = gather(source, _fetch(place, allow_private), now=now)
    fields = {"headline", "standfirst", "author", "publisher", "url", "published_at"}
    rows = [a.model_dump(mode="json", include=fields) for a in gathered.articles]
    emit({"kind": found, "name": title, "articles": rows, "problems": list(gathered.problems)})


@sources.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="FILE.opml")
@click.option("--newsletter", "newsletters", multiple=True, help="Which prints from them; needed where there are several.")
def import_(file: Path, newsletters: tuple[str, ...]) -> None:
    """Add the feeds of an OPML file, as feed readers export it; its folders become topics."""
    from digest import begin
    from digest.collect.disk import read_file
    from digest.collect.opml import parse
    from digest.errors import Conflict
    from digest.model.states import SourceKind

    ctx = context()
    feeds = parse(read_file(file.absolute()), where=str(file))
    added = 0
    for feed in feeds:
        made = begin.new_source(ctx, kind=SourceKind.FEED, location=feed.url, name=feed.title[:60] or feed.url, topic=feed.topic)
        try:
            begin.add_source(ctx, made, newsletters)
            added += 1
        except Conflict as there:
            note(str(there))
    note(f"added {added} of {len(feeds)} feeds; next: digest collect")
    if not added:
        raise NothingToDo("every feed of the file is a source already")


@sources.command()
def export() -> None:
    """Print the feeds as OPML, for other readers; topics become folders."""
    from digest.collect.fetch import is_url
    from digest.collect.opml import Subscribed, write
    from digest.model.states import SourceKind
    from digest.store import sources as store

    ctx = context()
    with ctx.db.read() as tx:
        found = [s for s in store.all_of(tx) if s.kind is SourceKind.FEED and is_url(s.location)]
    feeds = [Subscribed(url=s.location, title=s.name, topic=s.topic) for s in found]
    click.echo(write(feeds, title="Sources of digest").decode("utf-8"), nl=False)


@click.command()
@click.argument("names", nargs=-1, metavar="[SOURCE]…")
@click.option("--force", is_flag=True, help="All of them now, not only those whose time has come.")
@click.option("--strict", is_flag=True, help="Fail when any source fails.")
@as_json
def collect(names: tuple[str, ...], force: bool, strict: bool, as_json: bool) -> None:
    """Read the sources that are due, those named, or with --force all.

    A source that fails stops no other; its error stays on it until it is read again.
    """
    from digest import intake

    ctx = context()
    chosen = intake.active_sources(ctx, names)
    if not chosen:
        raise NothingToDo("there are no sources; add one with `digest sources add URL-FILE-OR-FOLDER`")
    if not names and not force:
        chosen = intake.due_sources(ctx)
        if not chosen:
            raise NothingToDo("no source is due; `--force` reads them all again")
    with progress("Collecting", len(chosen)) as advance:
        reports = intake.collect(ctx, chosen, on_progress=advance)
    if not as_json:
        rows = [(r.source.name, r.added or "", r.changed or "", "; ".join(r.problems)) for r in reports]
        table(["source", "new", "edited", "what is wrong"], rows)
    report(reports, as_json=as_json)
    failed = [r for r in reports if r.failed]
    if failed and (strict or len(failed) == len(reports)):
        raise click.exceptions.Exit(1)


def report(reports: Any, *, as_json: bool) -> None:
    """What each source gave, problems first said on stderr."""
    for r in reports:
        for problem in r.problems:
            note(f"warning: {r.source.name}: {problem}")
    if as_json:
        emit(
            [
                {"source": r.source.name, "added": r.added, "edited": r.changed, "failed": r.failed, "problems": list(r.problems)}
                for r in reports
            ]
        )
    else:
        total = sum(r.added for r in reports)
        note(
            f"Collected {total} new article{'s' if total != 1 else ''} from {len(reports)} source{'s' if len(reports) != 1 else ''}."
        )
