"""`digest newsletters`."""

from datetime import timedelta
from typing import TYPE_CHECKING, TypedDict

import click

from digest.cli.output import as_json, at, confirm, context, emit, facts, note, open_place, table, yes_option
from digest.model.states import ApprovalPolicy, ArchiveAccess, Silence
from digest.model.timetable import duration

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Unpack

    from digest.services.views.newsletters import NewsletterView


class Given(TypedDict):
    """The options that `add` and `set` share; None or empty where they are not given."""

    title: str | None
    mlist: str | None
    at: str | None
    days: str | None
    zone: str | None
    language: str | None
    template: str | None
    theme: str | None
    max_stories: int | None
    min_stories: int | None
    archive: ArchiveAccess | None
    bounces: str | None
    max_age: str | None
    max_lateness: str | None
    welcome_issue: bool | None
    approval: ApprovalPolicy | None
    approval_min: int | None
    approval_silence: Silence | None
    approvers: str | None
    join: tuple[str, ...]


def _access(_ctx: click.Context, _option: click.Parameter, value: str | None) -> ArchiveAccess | None:
    return None if value is None else ArchiveAccess(value)


def _policy(_ctx: click.Context, _option: click.Parameter, value: str | None) -> ApprovalPolicy | None:
    return None if value is None else ApprovalPolicy(value)


def _silence(_ctx: click.Context, _option: click.Parameter, value: str | None) -> Silence | None:
    return None if value is None else Silence(value)


def _settings(command: "Callable[..., None]") -> "Callable[..., None]":
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
        click.option(
            "--archive",
            type=click.Choice([one.value for one in ArchiveAccess]),
            callback=_access,
            help="Who may read its issues on the web: nobody (off), its subscribers, or everybody (public).",
        ),
        click.option(
            "--bounces",
            metavar="RULES",
            help="What mails that came back do to its readers, such as score=3,half-life=14d,share=5%; default: as elsewhere.",
        ),
        click.option("--max-age", metavar="TIME", help="No older stories: 36h, 3d; auto: the longest gap and 12 hours."),
        click.option("--max-lateness", metavar="TIME", help="How late after its hour an issue still goes out, such as 6h."),
        click.option(
            "--welcome-issue/--no-welcome-issue",
            default=None,
            help="Mail the newest issue to who confirms a sign-up; so it is from the start.",
        ),
        click.option(
            "--approval",
            type=click.Choice([one.value for one in ApprovalPolicy]),
            callback=_policy,
            help="Whether its approvers are asked before an issue goes out, and must answer.",
        ),
        click.option(
            "--approve-by",
            "approval_min",
            type=click.IntRange(0, 1440),
            metavar="MINUTES",
            help="Until when they answer: minutes before its hour.",
        ),
        click.option(
            "--silence",
            "approval_silence",
            type=click.Choice([one.value for one in Silence]),
            callback=_silence,
            help="What happens to an issue that needs an approval and gets no answer.",
        ),
        click.option("--approvers", metavar="ADDRESSES", help="Who is asked, commas between; empty: the admins."),
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
def add(name: str, **given: "Unpack[Given]") -> None:
    """Make a newsletter.

    \b
    Example:  digest newsletters add weekly --title "The Week" --list readers --days sat --at 08:00 --source 1
    """
    from digest.services import newsletters as service

    made = service.add(context(), name, service.Changes(**given))
    note(f"made the newsletter {name}, for the list {made.list}: {_when(made.newsletter)}")
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
def set_(name: str, part: tuple[str, ...], pause: bool | None, until: str | None, **given: "Unpack[Given]") -> None:
    """Change a newsletter; what is not named stays.

    \b
    Example:  digest newsletters set daily --at 07:00,18:00 --days mon-fri --zone Europe/Berlin
              digest newsletters set daily --until 2026-08-15
    """
    from digest.services import newsletters as service

    if until and pause is False:
        raise click.UsageError("--until pauses; it does not go with --resume")
    if not any((part, pause is not None, until, *(value for value in given.values() if value is not None and value != ()))):
        raise click.UsageError("name what to change; `digest newsletters set --help` lists the options")
    changed = service.change(context(), name, service.Changes(**given, part=part, pause=pause, until=until)).newsletter
    note(f"changed the newsletter {name}: {_when(changed)}")
    if changed.paused:
        end = f"until {at(changed.paused_until, changed.zone)}" if changed.paused_until else "until it is resumed"
        note(f"{changed.name} is paused {end}; `digest newsletters set {changed.name} --resume` ends that")


def _when(paper: "NewsletterView") -> str:
    return f"{paper.days} at {paper.at}, {paper.zone}"


@newsletters.command()
@click.argument("name")
@yes_option
def remove(name: str, yes: bool) -> None:
    """Forget a newsletter that has published nothing.

    \b
    Example:  digest newsletters remove trial --yes
    """
    from digest.services import newsletters as service

    ctx = open_place()
    service.show(ctx, name)  # raises NotFound before it asks
    confirm(f"Remove the newsletter {name}?", yes=yes)
    service.remove(ctx, name)
    note(f"removed the newsletter {name}")


@newsletters.command("list")
@as_json
def list_(as_json: bool) -> None:
    """Every newsletter.

    \b
    Example:  digest newsletters list
    """
    from digest.services import newsletters as service

    found = service.every(open_place())
    if as_json:
        emit(found)
        return
    rows = [(n.name, n.title, _when(n), n.max_stories, at(n.next_due, n.zone) or "paused") for n in found]
    table(["name", "title", "timetable", "stories", "next due"], rows, empty="no newsletters yet; `digest init` makes the first")


@newsletters.command()
@click.argument("name", default="")
@as_json
def show(name: str, as_json: bool) -> None:
    """One newsletter.

    \b
    Example:  digest newsletters show daily
    """
    from digest.services import newsletters as service

    found = service.show(open_place(), name)
    if as_json:
        emit(found)
        return
    facts(
        [
            ("name", found.name),
            ("title", found.title),
            ("list", found.list),
            ("timetable", _when(found)),
            ("next due", at(found.next_due, found.zone) or "paused"),
            ("paused until", at(found.paused_until, found.zone) if found.paused else ""),
            ("sources", found.sources or "none"),
            ("sections", found.sections or "one for each topic that occurs"),
            ("language", found.language),
            ("template, theme", f"{found.template}, {found.theme}"),
            ("stories", f"{found.min_stories} to {found.max_stories}"),
            ("oldest story", _length(found.max_age_is_s) + ("" if found.max_age_s else " (by its timetable)")),
            ("latest issue", f"{_length(found.max_lateness_s)} after its hour"),
            ("archive", found.archive),
            ("bounces", found.bounce_rules_are),
            ("approval", _approval(found)),
            ("made", at(found.made_at, found.zone)),
        ]
    )


def _approval(found: "NewsletterView") -> str:
    if found.approval is ApprovalPolicy.NONE:
        return str(found.approval)
    until = f"{found.approval}, by {found.approval_min} minutes before its hour"
    silence = f", silence: {found.approval_silence}" if found.approval is ApprovalPolicy.REQUIRED else ""
    return f"{until}{silence}, of {found.approvers or 'the admins'}"


def _length(seconds: int) -> str:
    return duration(timedelta(seconds=seconds))
