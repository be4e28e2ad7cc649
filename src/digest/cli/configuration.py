"""`digest export-config` and `digest apply`."""

from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click

from digest.cli.output import as_json, confirm, context, emit, harmless, note, open_place, yes_option
from digest.cli.remedies import remedy

if TYPE_CHECKING:
    from digest.services.views.configuration import ConfigChange, ConfigView

_SIGNS = {"add": "+", "change": "~", "remove": "-"}


@click.command("export-config")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path), required=False)
@yes_option
def export_config(file: Path | None, yes: bool) -> None:
    """Write newsletters, sections, rules, lists, sources and accounts as one TOML file; else to the terminal.

    Secrets and readers are not in it. `digest apply` reads it.

    \b
    Example:  digest export-config digest.toml
    """
    from digest.services import configuration as service

    text = service.export(open_place())
    if file is None:
        click.echo(text, nl=False)
        return
    if file.exists() and file.read_bytes() != text.encode():
        confirm(f"Write {file} anew? Comments of yours in it are lost.", yes=yes)
    service.write(file, text)
    note(f"wrote {file}; `digest apply {file} --dry-run` compares it with what is there")


@click.command()
@click.argument("file", type=click.File("rb"))
@click.option("--dry-run", is_flag=True, help="Say what would change, change nothing.")
@click.option("--prune", is_flag=True, help="Remove what the file does not name, where it names others of its kind.")
@yes_option
@as_json
def apply(file: BinaryIO, dry_run: bool, prune: bool, yes: bool, as_json: bool) -> None:
    """Make the configuration what a TOML file says, all of it or nothing; a plan first.

    A thing that the file names is as it says, and a setting that it leaves out has its default. What it does not name
    stays, unless --prune: then lists, newsletters with their sections and rules, and sources are removed, never accounts,
    and never what readers or issues depend on. Exit code 3: there was nothing to do.

    \b
    Example:  digest apply digest.toml --dry-run
              digest apply digest.toml --yes
    """
    from digest.errors import NothingToDo
    from digest.services import configuration as service

    ctx, raw = context(), file.read()
    view = service.plan(ctx, raw, prune=prune)
    if view.changes and not view.problems and not dry_run:
        if not as_json:
            _say(view)
        confirm("Do this?", yes=yes)
        view = service.apply(ctx, raw, view, prune=prune)
    elif not as_json:
        _say(view)
    if as_json:
        emit(view)
    _say_problems(view, file.name)
    _say_invitations(view)
    if view.problems:
        raise click.exceptions.Exit(1)
    if not view.changes:
        raise NothingToDo(f"the configuration is as {file.name} says")
    note(f"applied {file.name}" if view.applied else "nothing was changed: this was a dry run")


def _say(view: "ConfigView") -> None:
    for change in view.changes:
        click.echo(harmless(f"{_SIGNS[change.action]} {_named(change)}"))
        for setting in change.settings:
            former = "" if setting.before is None else f"{_worded(setting.before)} → "
            click.echo(harmless(f"    {setting.name}: {former}{_worded(setting.after)}"))
    if view.unnamed:
        left = ", ".join(f"{one.noun} {one.name}" for one in view.unnamed)
        note(f"left as they are, since the file does not name them: {left}; --prune removes what can be removed")


def _named(change: "ConfigChange") -> str:
    of = f" of {change.newsletter}" if change.newsletter else ""
    return f"{change.noun} {change.name}{of}" + (", in another place" if change.moved else "")


def _worded(value: object) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(map(_worded, value))}]"
    return f'"{value}"' if isinstance(value, str) else str(value).lower()


def _say_problems(view: "ConfigView", file: str) -> None:
    for one in view.problems:
        said = remedy(one.problem_code, {})
        where = f"line {one.line}: " if one.line else ""
        thing = f"{one.where}: " if one.where else ""
        note(f"{file}, {where}{thing}{one.problem}" + (f"; {said}" if said else ""))
    if view.problems:
        note("nothing was changed; mend the file and apply it again")


def _say_invitations(view: "ConfigView") -> None:
    for one in view.invitations:
        note(f"{one.address} may log in; pass this link on, it works once: {one.link}")
