"""`digest sources` and `digest collect`."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, NoReturn

import click

from digest.cli.output import as_json, confirm, context, emit, facts, local, note, open_place, progress, table, yes_option, zone
from digest.errors import DigestError, NothingToDo
from digest.model.timetable import duration
from digest.model.words import counted


@click.group()
def sources() -> None:
    """Where articles come from: feeds and pages, from the network or a file; folders of dropped texts."""


INTERNAL = {"body_hash", "standing"}  #: what a source remembers for itself
REFERENCE = "env:NAME|file:PATH"


def asked_for(command: Callable[..., None]) -> Callable[..., None]:
    """The options of how a source is asked for, as `add`, `set` and `test` take them."""
    for option in reversed(
        (
            click.option("--user-agent", "agent", help="How it is asked for, where a site refuses programs it does not know."),
            click.option(
                "--header", "headers", multiple=True, metavar="NAME:VALUE", help="A request header; the value may be a reference."
            ),
            click.option("--basic-auth", metavar=REFERENCE, help="Where its `user:password` stands: a variable or a file."),
            click.option("--cookie", metavar=REFERENCE, help="Where the value of its Cookie header stands."),
        )
    ):
        command = option(command)
    return command


kinds = click.option(
    "--kind", type=click.Choice(["feed", "page", "folder"]), help="What it is; told from its content unless given."
)
weights = click.option("--weight", type=click.FloatRange(0, 10), help="How much its stories count when ranked; 1 is usual.")


@sources.command()
@click.argument("locations", nargs=-1, required=True, metavar="URL|FILE|DIR…")
@kinds
@click.option("--name", help="What to call it; its title or file name unless given.")
@click.option("--topic", default="", help="The topic of its articles, such as World: a section of the paper.")
@click.option("--newsletter", "newsletters", multiple=True, help="Which prints from it; needed where there are several.")
@click.option("--allow-private", is_flag=True, help="It may have a private address, on any port.")
@weights
@asked_for
def add(
    locations: tuple[str, ...],
    kind: str | None,
    name: str | None,
    topic: str,
    newsletters: tuple[str, ...],
    weight: float | None,
    **asked: Any,
) -> None:
    """Add sources. With one newsletter they join it.

    \b
    Example:  digest sources add texts/ https://news.example.org/feed.xml --topic World
    """
    from digest.model.states import SourceKind
    from digest.services import discovery, setup

    if name and len(locations) > 1:
        raise click.UsageError("--name names one source; add them one by one")
    ctx = context()
    asking = discovery.Asking.checked(**asked)
    failed = False
    for location in locations:
        try:
            seen = discovery.look(location, SourceKind(kind) if kind else None, asking)
            made = setup.new_source(
                ctx,
                kind=seen.kind,
                location=seen.place,
                name=name or seen.title,
                topic=topic,
                weight=1.0 if weight is None else weight,
            )
            stored = setup.add_source(ctx, discovery.with_asking(made, asking), newsletters)
            for said in (*seen.notes, *discovery.warnings(stored)):
                note(said)
            note(f"added {stored.kind} {stored.name} (number {stored.id})")
        except DigestError as problem:
            if len(locations) == 1:
                raise
            note(f"digest: {problem}")
            failed = True
    if failed:
        raise click.exceptions.Exit(1)
    note("Next: digest collect")


@sources.command("set")
@click.argument("source")
@kinds
@click.option("--location", metavar="URL|FILE|DIR", help="Where it is read from now on; its articles stay known.")
@click.option("--name", help="What to call it.")
@click.option("--topic", help="The topic of its articles from now on; empty: none.")
@click.option("--newsletter", "newsletters", multiple=True, help="Which print from it, instead of those that do.")
@click.option("--allow-private/--no-allow-private", default=None, help="It may have a private address, on any port.")
@weights
@asked_for
def set_(source: str, newsletters: tuple[str, ...], **given: Any) -> None:
    """Change a source: what `add` takes. An empty value takes away what was set.

    \b
    Example:  digest sources set news --user-agent "Mozilla/5.0" --basic-auth env:NEWS_LOGIN
    """
    from digest.services import discovery, setup

    changes = {name: value for name, value in given.items() if value is not None and value != ()}
    if not changes and not newsletters:
        raise click.UsageError("say what to change, such as --topic World")
    stored = setup.change_source(open_place(), source, discovery.values_of(changes), newsletters)
    for said in discovery.warnings(stored):
        note(said)
    note(f"changed {stored.name} (number {stored.id})")


@sources.command("list")
@as_json
def list_(as_json: bool) -> None:
    """Every source, when it was read, and what went wrong.

    \b
    Example:  digest sources list
    """
    from digest.store import sources as store

    ctx = open_place()
    with ctx.db.read() as tx:
        found = store.all_of(tx)
    if as_json:
        emit([source.model_dump(mode="json", exclude=INTERNAL) for source in found])
        return
    here = zone(ctx)
    rows = [
        (
            s.id,
            s.kind,
            s.name,
            s.topic,
            "paused" if s.paused else local(s.checked_at, here),
            s.error or "fine" if s.checked_at else "not read yet",
        )
        for s in found
    ]
    table(
        ["no.", "kind", "name", "topic", "last read", "state"],
        rows,
        empty="no sources yet; add one with `digest sources add URL-FILE-OR-FOLDER --newsletter NAME`",
    )


@sources.command()
@click.argument("source")
@as_json
def show(source: str, as_json: bool) -> None:
    """One source, by number or name.

    \b
    Example:  digest sources show 3
    """
    from digest.store import sources as store

    ctx = open_place()
    with ctx.db.read() as tx:
        found = store.get(tx, source)
        papers = store.newsletters_of(tx, found.id)
    if as_json:
        emit({**found.model_dump(mode="json", exclude=INTERNAL), "newsletters": papers})
        return
    here = zone(ctx)
    turn = "at each collect" if found.is_local else f"every {duration(timedelta(seconds=found.rhythm_s))}"
    facts(
        [
            ("number", found.id),
            ("kind", found.kind),
            ("name", found.name),
            ("location", found.location),
            ("topic", found.topic),
            ("newsletters", papers or "none"),
            ("weight", f"{found.weight:g}"),
            ("private addresses", "allowed" if found.allow_private else ""),
            ("added", local(found.added_at, here)),
            ("read", "paused" if found.paused else turn),
            ("last read", local(found.checked_at, here)),
            ("last read well", local(found.succeeded_at, here)),
            ("next read", "" if found.paused or found.is_local else local(found.due_at, here)),
            ("not before", local(found.not_before, here) if found.not_before else ""),
            ("failures in a row", found.failures or ""),
            ("state", found.error or ("fine" if found.checked_at else "not read yet")),
        ]
    )


@sources.command()
@click.argument("source")
@yes_option
def remove(source: str, yes: bool) -> None:
    """Nothing is read or printed from it any more.

    \b
    Example:  digest sources remove "Harbour Wire" --yes
    """
    from digest.store import sources as store

    ctx = open_place()
    with ctx.db.read() as tx:
        found = store.get(tx, source)
    confirm(f"Remove the source {found.name}?", yes=yes)
    with ctx.db.begin() as tx:
        store.remove(tx, store.get(tx, str(found.id)), at=ctx.clock())
    note(f"removed {found.name}; what it brought before stays known, so that it is not printed again")


@sources.command()
@click.argument("source")
@click.option("--off", is_flag=True, help="Read it again from now on.")
def pause(source: str, off: bool) -> None:
    """Stop reading a source for now.

    \b
    Example:  digest sources pause 3
              digest sources pause 3 --off
    """
    from digest.store import sources as store

    ctx = open_place()
    with ctx.db.begin() as tx:
        found = store.get(tx, source)
        found.paused = not off
    note(f"{found.name} is {'read again' if off else 'paused'}")


@sources.command()
@click.argument("location")
@kinds
@click.option("--allow-private", is_flag=True, help="It may have a private address, on any port.")
@asked_for
def test(location: str, kind: str | None, **asked: Any) -> None:
    """Read a source without adding it, and print what was found as JSON.

    \b
    Example:  digest sources test https://news.example.org/feed.xml
    """
    from digest.collect.gather import gather, gather_folder
    from digest.model.source import Source
    from digest.model.states import SourceKind
    from digest.services import discovery
    from digest.services.place import now as clock

    asking = discovery.Asking.checked(**asked)
    seen = discovery.look(location, SourceKind(kind) if kind else None, asking)
    for said in seen.notes:
        note(said)
    now = clock()
    source = Source(id=0, kind=seen.kind, location=seen.place, name=seen.title, added_at=now)
    if seen.kind is SourceKind.FOLDER:
        gathered = gather_folder(source, known=(), now=now)
    else:
        gathered = gather(source, seen.fetched or discovery.fetch(seen.place, asking), now=now)
    fields = {"headline", "standfirst", "author", "publisher", "url", "published_at"}
    rows = [a.model_dump(mode="json", include=fields) for a in gathered.articles]
    emit({"kind": seen.kind, "name": seen.title, "articles": rows, "problems": list(gathered.problems)})


@sources.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="FILE.opml")
@click.option("--newsletter", "newsletters", multiple=True, help="Which prints from them; needed where there are several.")
def import_(file: Path, newsletters: tuple[str, ...]) -> None:
    """Add the feeds of an OPML file, as feed readers export it; its folders become topics.

    \b
    Example:  digest sources import subscriptions.opml --newsletter daily
    """
    from digest.collect.disk import read_file
    from digest.collect.opml import parse
    from digest.errors import Conflict
    from digest.model.states import SourceKind
    from digest.services import setup

    ctx = open_place()
    feeds = parse(read_file(file.absolute()), where=str(file))
    added = 0
    for feed in feeds:
        made = setup.new_source(ctx, kind=SourceKind.FEED, location=feed.url, name=feed.title[:60] or feed.url, topic=feed.topic)
        try:
            setup.add_source(ctx, made, newsletters)
            added += 1
        except Conflict as there:
            note(str(there))
    note(f"added {added} of {len(feeds)} feeds; next: digest collect")
    if not added:
        raise NothingToDo("every feed of the file is a source already")


@sources.command()
def export() -> None:
    """Print the feeds as OPML, for other readers; topics become folders.

    \b
    Example:  digest sources export > sources.opml
    """
    from digest.collect.fetch import is_url
    from digest.collect.opml import Subscribed, write
    from digest.model.states import SourceKind
    from digest.store import sources as store

    ctx = open_place()
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

    A source that fails stops no other; its error stays on it until it is read again. Folders and
    files on this machine are always due.

    \b
    Example:  digest collect
              digest collect --force "Harbour Wire"
    """
    from digest.services import collecting

    ctx = context()
    chosen = collecting.active_sources(ctx, names)
    if not chosen:
        _nothing("there are no sources; add one with `digest sources add URL-FILE-OR-FOLDER --newsletter NAME`", as_json)
    if not names and not force:
        chosen = collecting.due_sources(ctx)
        if not chosen:
            _nothing("no source is due; `digest collect --force` reads them all again", as_json)
    with progress("Collecting", len(chosen)) as advance:
        reports = collecting.collect(ctx, chosen, on_progress=advance)
    if not as_json:
        rows = [(r.source.name, r.added or "", r.changed or "", r.withdrawn or "", "; ".join(r.problems)) for r in reports]
        table(["source", "new", "edited", "withdrawn", "what is wrong"], rows)
    report(reports, as_json=as_json)
    failed = [r for r in reports if r.failed]
    if failed and (strict or len(failed) == len(reports)):
        raise click.exceptions.Exit(1)


def _nothing(why: str, as_json: bool) -> NoReturn:
    """With --json the list of what was read, which is empty."""
    if not as_json:
        raise NothingToDo(why)
    note(why)
    emit([])
    raise click.exceptions.Exit(3)


def report(reports: Any, *, as_json: bool) -> None:
    """What each source gave, problems first said on stderr."""
    for r in reports:
        for problem in r.problems:
            note(f"warning: {r.source.name}: {problem}")
    if as_json:
        emit(
            [
                {
                    "source": r.source.name,
                    "added": r.added,
                    "edited": r.changed,
                    "withdrawn": r.withdrawn,
                    "failed": r.failed,
                    "problems": list(r.problems),
                }
                for r in reports
            ]
        )
    else:
        total = sum(r.added for r in reports)
        note(f"Collected {counted(total, 'new article')} from {counted(len(reports), 'source')}.")
