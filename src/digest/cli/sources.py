"""`digest sources` and `digest collect`."""

from pathlib import Path
from typing import Any

import click

from digest.cli.output import as_json, context, emit, local, note, progress, table
from digest.errors import BadInput, NothingToDo


@click.group()
def sources() -> None:
    """Where articles come from: feed files, page files, folders of dropped texts."""


@sources.command()
@click.argument("locations", nargs=-1, required=True, metavar="FILE|DIR…")
@click.option("--kind", type=click.Choice(["feed", "page", "folder"]), help="What it is; told from its content unless given.")
@click.option("--name", help="What to call it; its title or file name unless given.")
@click.option("--topic", default="", help="The topic of its articles, such as World: a section of the paper.")
@click.option("--weight", type=click.FloatRange(0, 10), default=1.0, help="How much its stories count when ranked; 1 is usual.")
def add(locations: tuple[str, ...], kind: str | None, name: str | None, topic: str, weight: float) -> None:
    """Add sources. With one newsletter they join it.

    \b
    Example:  digest sources add texts/ news.xml --topic World
    """
    from digest import begin
    from digest.model.states import SourceKind

    if name and len(locations) > 1:
        raise click.UsageError("--name names one source; add them one by one")
    ctx = context()
    for location in locations:
        path, found = _understood(location, kind)
        source = begin.new_source(
            ctx, kind=SourceKind(found), location=str(path), name=name or path.stem or path.name, topic=topic, weight=weight
        )
        stored = begin.add_source(ctx, source)
        note(f"added {stored.kind} {stored.name} (number {stored.id})")
    note("Next: digest collect, or digest preview --open")


def _understood(location: str, kind: str | None) -> tuple[Path, str]:
    """The absolute path, and what it is."""
    from digest.collect.disk import read_file
    from digest.collect.feeds import parse
    from digest.errors import ParseError

    if "://" in location:
        raise BadInput(
            f"{location}: sources from the network are not read by this version; save the feed as a file, or drop texts into a folder"
        )
    path = Path(location).absolute()
    if not path.exists():
        raise BadInput(f"{location} is not there; give a feed file, a page file or a folder")
    if path.is_dir():
        if kind not in (None, "folder"):
            raise BadInput(f"{location} is a folder, not a {kind}")
        return path, "folder"
    if kind == "folder":
        raise BadInput(f"{location} is a file, not a folder")
    if kind:
        return path, kind
    try:
        parse(read_file(path), where=location)
    except ParseError:
        return path, "feed" if path.suffix.lower() in (".xml", ".rss", ".atom", ".rdf", ".json") else "page"
    return path, "feed"


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
    """Forget a source and its articles; printed issues keep what they printed."""
    from digest.store import sources as store

    ctx = context()
    with ctx.db.begin() as tx:
        found = store.get(tx, source)
        gone = store.remove(tx, found)
    note(f"removed {found.name} and {gone} articles")


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
def test(location: str, kind: str | None) -> None:
    """Read a source without adding it, and print what was found as JSON."""
    from digest import context as contexts
    from digest.collect.disk import DiskFetcher
    from digest.collect.gather import gather
    from digest.model.source import Source
    from digest.model.states import SourceKind

    path, found = _understood(location, kind)
    now = contexts.now()
    source = Source(id=0, kind=SourceKind(found), location=str(path), name=path.stem, added_at=now)
    gathered = gather(source, DiskFetcher(), known=(), now=now)
    rows = [
        a.model_dump(mode="json", include={"headline", "standfirst", "author", "publisher", "url", "published_at"})
        for a in gathered.articles
    ]
    emit({"kind": found, "articles": rows, "problems": list(gathered.problems)})


@click.command()
@click.argument("names", nargs=-1, metavar="[SOURCE]…")
@click.option("--strict", is_flag=True, help="Fail when any source fails.")
@as_json
def collect(names: tuple[str, ...], strict: bool, as_json: bool) -> None:
    """Read the sources now: all of them, or those named.

    A source that fails stops no other; its error stays on it until it is read again.
    """
    from digest import intake

    ctx = context()
    chosen = intake.active_sources(ctx, names)
    if not chosen:
        raise NothingToDo("there are no sources; add one with `digest sources add FILE-OR-FOLDER`")
    with progress("Collecting", len(chosen)) as advance:
        reports = intake.collect(ctx, chosen, on_progress=advance)
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
        emit([{"source": r.source.name, "added": r.added, "failed": r.failed, "problems": list(r.problems)} for r in reports])
    else:
        total = sum(r.added for r in reports)
        note(
            f"Collected {total} new article{'s' if total != 1 else ''} from {len(reports)} source{'s' if len(reports) != 1 else ''}."
        )
