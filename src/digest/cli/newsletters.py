"""`digest newsletters`."""

import re
from typing import Any
from zoneinfo import available_timezones

import click

from digest.cli.output import as_json, confirm, context, emit, note, table, yes_option
from digest.errors import BadInput


def _settings(command: Any) -> Any:
    """The options that `add` and `set` share."""
    options = [
        click.option("--title", help="Its masthead."),
        click.option("--list", "mlist", metavar="LIST", help="Who gets it."),
        click.option("--at", help="When, such as 07:00."),
        click.option("--days", help="On which days, such as mon-fri, sat,sun or daily."),
        click.option("--zone", help="In which time zone, such as Europe/Berlin."),
        click.option("--language", help="For readers who have none of their own, such as en or de."),
        click.option("--template", help="Its layout: digest, weekly, breaking, minimal, or one of yours."),
        click.option("--theme", help="Its look: ledger, meridian, gazette, or one of yours."),
        click.option("--max-stories", type=click.IntRange(1, 100)),
        click.option("--min-stories", type=click.IntRange(1, 100)),
        click.option(
            "--source", "from_sources", multiple=True, metavar="SOURCE", help="Print from this source too, by number or name."
        ),
    ]
    for option in reversed(options):
        command = option(command)
    return command


@click.group()
def newsletters() -> None:
    """Periodicals: title, timetable, list, size."""


@newsletters.command()
@click.argument("name")
@_settings
def add(name: str, **given: Any) -> None:
    """Make a newsletter.

    \b
    Example:  digest newsletters add weekly --title "The Week" --list readers --days sat --at 08:00
    """
    from digest.model.newsletter import Newsletter
    from digest.store import newsletters as store
    from digest.store import sources, subscribers

    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,40}", name):
        raise BadInput(f"{name!r} cannot name a newsletter; use lower-case letters, digits and hyphens")
    ctx = context()
    now = ctx.clock()
    with ctx.db.begin() as tx:
        mlist = subscribers.get_list(tx, given.pop("mlist") or "")
        made = Newsletter(
            name=name, title=name.title(), mlist_id=mlist.id or 0, zone=str(ctx.settings.zone), made_at=now, timetable_at=now
        )
        chosen = given.pop("from_sources")
        _there(ctx, given)
        _change(made, given, now)
        store.add(tx, made)
        for name_ in chosen:
            sources.join(tx, made.id or 0, sources.get(tx, name_).id or 0)
    note(f"made the newsletter {name}")


@newsletters.command("set")
@click.argument("name")
@_settings
def set_(name: str, **given: Any) -> None:
    """Change a newsletter; what is not named stays."""
    from digest.store import newsletters as store
    from digest.store import sources, subscribers

    ctx = context()
    with ctx.db.begin() as tx:
        found = store.get(tx, name)
        if (mlist := given.pop("mlist")) is not None:
            found.mlist_id = subscribers.get_list(tx, mlist).id or 0
        for name_ in given.pop("from_sources"):
            sources.join(tx, found.id or 0, sources.get(tx, name_).id or 0)
        _there(ctx, given)
        _change(found, given, ctx.clock())
        tx.add(found)
    note(f"changed the newsletter {name}")


def _there(ctx: Any, given: dict[str, Any]) -> None:
    """Nothing, if template and theme are there and right; else what is wrong, before anything is changed."""
    from digest.compose import theme
    from digest.compose.render import template_names

    templates = template_names(ctx.templates())
    if given["template"] is not None and given["template"] not in templates:
        raise BadInput(f"there is no template {given['template']}; there are {', '.join(templates)}")
    if given["theme"] is not None:
        theme.load(ctx.templates(), given["theme"])


def _change(paper: Any, given: dict[str, Any], now: Any) -> None:
    """Set what was given, checked; a new timetable counts from now."""
    from babel.core import Locale, UnknownLocaleError

    if given["zone"] is not None and given["zone"] not in available_timezones():
        raise BadInput(f"{given['zone']!r} is no time zone; write one like Europe/Berlin")
    try:
        Locale.parse(("en" if given["language"] is None else given["language"]).replace("-", "_"))
    except (UnknownLocaleError, ValueError) as problem:
        raise BadInput(f"{given['language']!r} is no language that is known; write one like en or de") from problem
    for field, value in given.items():
        if value is not None:
            setattr(paper, field, value)
    if paper.min_stories > paper.max_stories:
        raise BadInput(f"at least {paper.min_stories} stories and at most {paper.max_stories} cannot both be")
    paper.timetable  # noqa: B018  # raises BadInput where days or time cannot be read
    if any(given[field] is not None for field in ("at", "days", "zone")):
        paper.timetable_at = now


@newsletters.command()
@click.argument("name")
@yes_option
def remove(name: str, yes: bool) -> None:
    """Forget a newsletter that has printed nothing."""
    from digest.store import newsletters as store

    ctx = context()
    with ctx.db.read() as tx:
        store.get(tx, name)
    confirm(f"Remove the newsletter {name}?", yes=yes)
    with ctx.db.begin() as tx:
        store.remove(tx, store.get(tx, name))
    note(f"removed the newsletter {name}")


@newsletters.command("list")
@as_json
def list_(as_json: bool) -> None:
    """Every newsletter."""
    from digest.store import newsletters as store

    ctx = context()
    with ctx.db.read() as tx:
        found = store.all_of(tx)
    if as_json:
        emit([n.model_dump(mode="json") for n in found])
        return
    rows = [(n.name, n.title, f"{n.days} at {n.at} {n.zone}", n.max_stories, n.timetable.next(ctx.clock()).due_at) for n in found]
    table(["name", "title", "timetable", "stories", "next due"], rows, empty="no newsletters yet; `digest init` makes the first")


@newsletters.command()
@click.argument("name", default="")
@as_json
def show(name: str, as_json: bool) -> None:
    """One newsletter."""
    from digest.store import newsletters as store

    ctx = context()
    with ctx.db.read() as tx:
        found = store.get(tx, name)
    values = found.model_dump(mode="json")
    if as_json:
        emit(values)
    else:
        table(["", ""], [(key.replace("_", " "), value) for key, value in values.items()])
