"""`digest newsletters`."""

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, available_timezones

import click

from digest.cli.output import as_json, confirm, context, emit, facts, note, open_place, table, yes_option
from digest.errors import BadInput
from digest.model.timetable import duration, local, parse_duration, parse_times

if TYPE_CHECKING:
    from sqlmodel import Session

    from digest.model.newsletter import Newsletter
    from digest.services.context import Context

_ITS_OWN = ("title", "at", "days", "zone", "language", "template", "theme", "max_stories", "min_stories")


def _settings(command: Any) -> Any:
    """The options that `add` and `set` share."""
    options = [
        click.option("--title", help="Its masthead."),
        click.option("--list", "mlist", metavar="LIST", help="Who gets it."),
        click.option("--at", help="When: 07:00, or 07:00,18:00 for an issue at each."),
        click.option("--days", help="On which days: mon-fri, sat,sun, daily; or days of the month: 1,15,last."),
        click.option("--zone", help="In which time zone, such as Europe/Berlin."),
        click.option("--language", help="For readers who have none of their own, such as en or de."),
        click.option("--template", help="Its layout: digest, weekly, breaking, minimal, or one of yours."),
        click.option("--theme", help="Its look: ledger, meridian, gazette, or one of yours."),
        click.option("--max-stories", type=click.IntRange(1, 100), help="At most so many stories."),
        click.option("--min-stories", type=click.IntRange(1, 100), help="At least so many, or there is no issue."),
        click.option("--max-age", metavar="TIME", help="No older stories: 36h, 3d; auto: the longest gap and 12 hours."),
        click.option("--max-lateness", metavar="TIME", help="How late after its hour an issue still goes out, such as 6h."),
        click.option(
            "--source", "join", multiple=True, metavar="SOURCE", help="Publish from this source too, by number or name."
        ),
    ]
    for option in reversed(options):
        command = option(command)
    return command


@click.group()
def newsletters() -> None:
    """Periodicals: title, timetable, list, sources, size."""


@newsletters.command()
@click.argument("name")
@_settings
def add(name: str, **given: Any) -> None:
    """Make a newsletter.

    \b
    Example:  digest newsletters add weekly --title "The Week" --list readers --days sat --at 08:00 --source 1
    """
    from digest.model.newsletter import Newsletter
    from digest.store import newsletters as store
    from digest.store import subscribers

    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,40}", name):
        raise BadInput(f"{name!r} cannot name a newsletter; use lower-case letters, digits and hyphens")
    ctx = context()
    now = ctx.clock()
    _refuse_unknown(ctx, given)
    with ctx.db.begin() as tx:
        mlist = subscribers.get_list(tx, given.pop("mlist") or "")
        made = Newsletter(
            name=name, title=name.title(), mlist_id=mlist.id, zone=str(ctx.settings.zone), made_at=now, timetable_at=now
        )
        _change(made, given, now)
        store.add(tx, made)
        _join(tx, made, given["join"])
    note(f"made the newsletter {name}, for the list {mlist.name}: {_when(made)}")
    if not given["join"]:
        note(
            f"it has no sources yet: `digest newsletters set {name} --source SOURCE` joins one that is there,"
            f" `digest sources add URL-FILE-OR-FOLDER --newsletter {name}` adds one"
        )


@newsletters.command("set")
@click.argument("name")
@_settings
@click.option("--remove-source", "part", multiple=True, metavar="SOURCE", help="Publish nothing of this source any more.")
@click.option("--pause/--resume", "pause", default=None, help="Skip its due times until --resume. A manual send still works.")
@click.option("--until", metavar="DAY", help="Pause until this day: 2026-08-15, from when on issues come again.")
def set_(name: str, part: tuple[str, ...], pause: bool | None, until: str | None, **given: Any) -> None:
    """Change a newsletter; what is not named stays.

    \b
    Example:  digest newsletters set daily --at 07:00,18:00 --days mon-fri --zone Europe/Berlin
              digest newsletters set daily --until 2026-08-15
    """
    from digest.store import newsletters as store
    from digest.store import sources, subscribers

    if until and pause is False:
        raise click.UsageError("--until pauses; it does not go with --resume")
    if not any((part, pause is not None, until, *(value for value in given.values() if value is not None and value != ()))):
        raise click.UsageError("name what to change; `digest newsletters set --help` lists the options")
    ctx = context()
    now = ctx.clock()
    _refuse_unknown(ctx, given)
    with ctx.db.begin() as tx:
        found = store.get(tx, name)
        if (mlist := given.pop("mlist")) is not None:
            found.mlist_id = subscribers.get_list(tx, mlist).id
        _join(tx, found, given["join"])
        for source in part:
            sources.part(tx, found.id, sources.get(tx, source))
        _change(found, given, now)
        if until or pause is not None:
            _pause(found, pause is not False, until, now)
        tx.add(found)
    note(f"changed the newsletter {name}: {_when(found)}")
    if found.is_paused(now):
        note(_paused(found))


def _join(tx: "Session", paper: "Newsletter", names: tuple[str, ...]) -> None:
    from digest.store import sources

    for name in names:
        sources.join(tx, paper.id, sources.get(tx, name).id)


def _refuse_unknown(ctx: "Context", given: dict[str, Any]) -> None:
    """Raises BadInput where template or theme is not there, or wrong: before anything is changed."""
    from digest.compose import theme
    from digest.compose.render import template_names

    templates = template_names(ctx.templates())
    if given["template"] is not None and given["template"] not in templates:
        raise BadInput(f"there is no template {given['template']}; there are {', '.join(templates)}")
    if given["theme"] is not None:
        theme.load(ctx.templates(), given["theme"])


def _change(paper: "Newsletter", given: dict[str, Any], now: datetime) -> None:
    """Set what was given, checked; a new timetable counts from now."""
    from digest.languages import load

    if given["zone"] is not None and given["zone"] not in available_timezones():
        raise BadInput(f"{given['zone']!r} is no time zone; write one like Europe/Berlin")
    if given["language"] is not None:
        load(given["language"])  # raises BadInput where it is unknown
    if given["at"] is not None:
        given["at"] = ",".join(f"{at:%H:%M}" for at in parse_times(given["at"]))
    for field in _ITS_OWN:
        if given[field] is not None:
            setattr(paper, field, given[field])
    if (age := given["max_age"]) is not None:
        paper.max_age_s = None if age == "auto" else _seconds(age)
    if (lateness := given["max_lateness"]) is not None:
        paper.max_lateness_s = _seconds(lateness)
    if paper.min_stories > paper.max_stories:
        raise BadInput(f"at least {paper.min_stories} stories and at most {paper.max_stories} cannot both be")
    paper.timetable  # noqa: B018  # raises BadInput where days or times cannot be read
    if any(given[field] is not None for field in ("at", "days", "zone")):
        paper.timetable_at = now


def _seconds(text: str) -> int:
    found = int(parse_duration(text).total_seconds())
    if not found:
        raise BadInput(f"{text!r} is no time at all; write one like 6h")
    return found


def _pause(paper: "Newsletter", on: bool, until: str | None, now: datetime) -> None:
    """Begin or end its pause. A pause that ends leaves no slots behind that were missed."""
    if not on:
        if paper.is_paused(now):
            paper.timetable_at = now
        paper.paused_from = paper.paused_until = None
        return
    end = _day(until, paper.timetable.zone) if until else None
    if end is not None and end <= now:
        raise BadInput(f"--until {until} is over; name a day to come")
    paper.paused_from, paper.paused_until = now, end


def _day(text: str, zone: ZoneInfo) -> datetime:
    """The beginning of a day there, or an hour of it, in UTC."""
    try:
        found = datetime.fromisoformat(text)
        return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError) as problem:
        raise BadInput(f"--until {text}: write a day like 2026-08-15") from problem


def _when(paper: "Newsletter") -> str:
    return f"{paper.days} at {paper.at}, {paper.zone}"


def _paused(paper: "Newsletter") -> str:
    end = f"until {local(paper.paused_until, paper.timetable.zone)}" if paper.paused_until else "until it is resumed"
    return f"{paper.name} is paused {end}; `digest newsletters set {paper.name} --resume` ends that"


@newsletters.command()
@click.argument("name")
@yes_option
def remove(name: str, yes: bool) -> None:
    """Forget a newsletter that has published nothing.

    \b
    Example:  digest newsletters remove trial --yes
    """
    from digest.store import newsletters as store

    ctx = open_place()
    with ctx.db.read() as tx:
        store.get(tx, name)
    confirm(f"Remove the newsletter {name}?", yes=yes)
    with ctx.db.begin() as tx:
        store.remove(tx, store.get(tx, name))
    note(f"removed the newsletter {name}")


@newsletters.command("list")
@as_json
def list_(as_json: bool) -> None:
    """Every newsletter.

    \b
    Example:  digest newsletters list
    """
    from digest.store import newsletters as store

    ctx = open_place()
    with ctx.db.read() as tx:
        found = store.all_of(tx)
    if as_json:
        emit([n.model_dump(mode="json") for n in found])
        return
    now = ctx.clock()
    rows = [
        (
            n.name,
            n.title,
            _when(n),
            n.max_stories,
            local(slot.due_at, n.timetable.zone) if (slot := n.next_slot(now)) else "paused",
        )
        for n in found
    ]
    table(["name", "title", "timetable", "stories", "next due"], rows, empty="no newsletters yet; `digest init` makes the first")


@newsletters.command()
@click.argument("name", default="")
@as_json
def show(name: str, as_json: bool) -> None:
    """One newsletter.

    \b
    Example:  digest newsletters show daily
    """
    from digest.store import newsletters as store
    from digest.store import sources, subscribers

    ctx = open_place()
    with ctx.db.read() as tx:
        found = store.get(tx, name)
        mlist = subscribers.list_by_id(tx, found.mlist_id).name
        read = [source.name for source in sources.of_newsletter(tx, found.id)]
        sections = [section.name for section in store.sections(tx, found.id)]
    if as_json:
        emit({**found.model_dump(mode="json"), "list": mlist, "sources": read, "sections": sections})
        return
    due = found.next_slot(ctx.clock())
    zone = found.timetable.zone
    facts(
        [
            ("name", found.name),
            ("title", found.title),
            ("list", mlist),
            ("timetable", _when(found)),
            ("next due", local(due.due_at, zone) if due else "paused"),
            ("paused until", local(found.paused_until, zone) if found.paused_until and found.is_paused(ctx.clock()) else ""),
            ("sources", read or "none"),
            ("sections", sections or "one for each topic that occurs"),
            ("language", found.language),
            ("template, theme", f"{found.template}, {found.theme}"),
            ("stories", f"{found.min_stories} to {found.max_stories}"),
            ("oldest story", duration(found.max_age) + ("" if found.max_age_s else " (by its timetable)")),
            ("latest issue", f"{duration(found.max_lateness)} after its hour"),
            ("made", local(found.made_at, zone)),
        ]
    )
