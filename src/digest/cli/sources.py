"""`digest sources` and `digest collect`."""

import shlex
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

import click

from digest.cli.output import as_json, confirm, context, emit, facts, local, note, open_place, progress, table, yes_option, zone
from digest.cli.remedies import remedy, worded
from digest.errors import NothingToDo
from digest.model.timetable import duration
from digest.model.words import counted

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Unpack

    from digest.model.source import Source
    from digest.services.collecting import Collected
    from digest.services.context import Context
    from digest.services.sources import Added


@click.group()
def sources() -> None:
    """Where articles come from: feeds and pages, from the network or a file; folders of dropped texts."""


class Asked(TypedDict):
    """The options of how a source is asked for, as `add` and `test` take them."""

    allow_private: bool
    agent: str | None
    headers: tuple[str, ...]
    basic_auth: str | None
    cookie: str | None


class Given(TypedDict):
    """The options of `set`; None or empty where they are not given."""

    kind: str | None
    location: str | None
    name: str | None
    topic: str | None
    weight: float | None
    allow_private: bool | None
    agent: str | None
    headers: tuple[str, ...]
    basic_auth: str | None
    cookie: str | None


REFERENCE = "env:NAME|file:PATH"


def asked_for(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options of requests to a source, which `add`, `set` and `test` take."""
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
    **asked: "Unpack[Asked]",
) -> None:
    """Add sources. With one newsletter they join it.

    \b
    Example:  digest sources add texts/ https://news.example.org/feed.xml --topic World
    """
    from digest.model.states import SourceKind
    from digest.services import sources as service
    from digest.services.discovery import Asking

    if name and len(locations) > 1:
        raise click.UsageError("--name names one source; add them one by one")
    wanted = service.Wanted(
        kind=SourceKind(kind) if kind else None,
        name=name or "",
        topic=topic,
        weight=1.0 if weight is None else weight,
        newsletters=newsletters,
    )
    with progress("Looking") as advance:
        done = service.add(context(), locations, wanted, Asking.checked(**asked), on_progress=lambda _location: advance(1))
    for one in done:
        _say_added(one, alone=len(done) == 1)
    if any(one.problem for one in done):
        raise click.exceptions.Exit(1)
    note("Next: digest collect")


def _say_added(one: "Added", *, alone: bool) -> None:
    """Say what became of a location. Raises its DigestError where it was the only one."""
    if one.problem is not None:
        if alone:
            raise one.problem
        note(f"digest: {worded(one.problem)}")
    for said in one.notes:
        note(said)
    if one.source is not None:
        note(f"added {one.source.kind} {one.source.name} (number {one.source.id})")


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
def set_(source: str, newsletters: tuple[str, ...], **given: "Unpack[Given]") -> None:
    """Change a source: what `add` takes. An empty value takes away what was set.

    \b
    Example:  digest sources set news --user-agent "Mozilla/5.0" --basic-auth env:NEWS_LOGIN
    """
    from digest.model.states import SourceKind
    from digest.services import sources as service

    if not newsletters and all(value is None or value == () for value in given.values()):
        raise click.UsageError("say what to change, such as --topic World")
    changes = service.Changes(
        kind=SourceKind(given["kind"]) if given["kind"] else None,
        location=given["location"],
        name=given["name"],
        topic=given["topic"],
        weight=given["weight"],
        allow_private=given["allow_private"],
        agent=given["agent"],
        headers=given["headers"] or None,
        basic_auth=given["basic_auth"],
        cookie=given["cookie"],
        newsletters=newsletters,
    )
    changed = service.change(open_place(), source, changes)
    for said in changed.notes:
        note(said)
    if changed.source is not None:
        note(f"changed {changed.source.name} (number {changed.source.id})")


@sources.command("list")
@as_json
def list_(as_json: bool) -> None:
    """Every source, when it was read, and what went wrong.

    \b
    Example:  digest sources list
    """
    from digest.services import sources as service

    ctx = open_place()
    found = service.every(ctx)
    if as_json:
        emit(found)
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
    from digest.services import sources as service

    ctx = open_place()
    found = service.show(ctx, source)
    if as_json:
        emit(found)
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
            ("newsletters", found.newsletters or "none"),
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
    from digest.services import sources as service

    ctx = open_place()
    found = service.show(ctx, source)
    confirm(f"Remove the source {found.name}?", yes=yes)
    service.remove(ctx, found.id)
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
    from digest.services import sources as service

    name = service.pause(open_place(), source, paused=not off)
    note(f"{name} is {'read again' if off else 'paused'}")


@sources.command()
@click.argument("location")
@kinds
@click.option("--allow-private", is_flag=True, help="It may have a private address, on any port.")
@asked_for
def test(location: str, kind: str | None, **asked: "Unpack[Asked]") -> None:
    """Read a source without adding it, and print what was found as JSON.

    \b
    Example:  digest sources test https://news.example.org/feed.xml
    """
    from digest import settings
    from digest.model.states import SourceKind
    from digest.services import sources as service
    from digest.services.discovery import Asking

    chosen = SourceKind(kind) if kind else None
    emit(service.test(settings.read(), location, chosen, Asking.checked(**asked), on_note=note))


@sources.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="FILE.opml")
@click.option("--newsletter", "newsletters", multiple=True, help="Which prints from them; needed where there are several.")
def import_(file: Path, newsletters: tuple[str, ...]) -> None:
    """Add the feeds of an OPML file, as feed readers export it; its folders become topics.

    \b
    Example:  digest sources import subscriptions.opml --newsletter daily
    """
    from digest.services import sources as service

    done = service.import_opml(open_place(), file, newsletters, on_known=note)
    note(f"added {done.added} of {done.total} feeds; next: digest collect")
    if not done.added:
        raise NothingToDo("every feed of the file is a source already")


@sources.command()
def export() -> None:
    """Print the feeds as OPML, for other readers; topics become folders.

    \b
    Example:  digest sources export > sources.opml
    """
    from digest.services import sources as service

    click.echo(service.export_opml(open_place()), nl=False)


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
    try:
        chosen = collecting.chosen_sources(ctx, names, force=force)
    except NothingToDo as nothing:
        if not as_json:
            raise
        note(worded(nothing))
        emit([])  # what was read, as with sources
        raise click.exceptions.Exit(3) from nothing
    reports = collect_with_progress(ctx, chosen, as_json=as_json, table_too=True)
    failed = [r for r in reports if r.failed]
    if failed and (strict or len(failed) == len(reports)):
        raise click.exceptions.Exit(1)


def collect_with_progress(
    ctx: "Context", chosen: "Sequence[Source]", *, as_json: bool = False, table_too: bool = False
) -> "Sequence[Collected]":
    """Read sources under a progress bar, and say what each gave."""
    from digest.services import collecting

    with progress("Collecting", len(chosen)) as advance:
        reports = collecting.collect(ctx, chosen, on_progress=advance)
    if table_too and not as_json:
        rows = [(r.source.name, r.added or "", r.changed or "", r.withdrawn or "", "; ".join(r.problems)) for r in reports]
        table(["source", "new", "edited", "withdrawn", "what is wrong"], rows)
    report(reports, as_json=as_json)
    return reports


def report(reports: "Sequence[Collected]", *, as_json: bool) -> None:
    """Say how many articles came, problems of each source first."""
    for r in reports:
        for problem in r.problems:
            said = remedy(r.code, {"source": shlex.quote(r.source.name)})
            note(f"warning: {r.source.name}: {problem}" + (f"; {said}" if said else ""))
    if as_json:
        emit([r.view for r in reports])
    else:
        total = sum(r.added for r in reports)
        note(f"Collected {counted(total, 'new article')} from {counted(len(reports), 'source')}.")
