"""`digest subscribers sync`."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from digest.cli.imports import SHOWN, named
from digest.cli.output import as_json, confirm, emit, note, open_place, progress, table, yes_option
from digest.cli.remedies import remedy

if TYPE_CHECKING:
    from digest.services.views.people import SyncFile, SyncView


@click.command()
@click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")
@click.option("--dry-run", is_flag=True, help="Say what would happen, change nothing.")
@click.option("--force-removals", is_flag=True, help="Take off more than a quarter of a list, or all of it.")
@yes_option
@as_json
def sync(folder: Path, dry_run: bool, force_removals: bool, yes: bool, as_json: bool) -> None:
    """Make lists what the files of a folder say, one file a list, named like it.

    Who has a line is put on the list, with the name, language and time zone of the line. Whose line is gone
    is taken off, and comes back with it; who asked for the list on the web stays. Nobody who left comes back.
    A list without a file stays as it is, and example.csv is the sample of a file. Exit code 3: there was nothing to do.

    \b
    Example:  digest subscribers sync subscribers/ --dry-run
              digest subscribers sync subscribers/ --yes
    """
    from digest.errors import NothingToDo
    from digest.services import sync as service

    ctx = open_place()
    with progress(f"Comparing {folder}") as advance:
        planned = service.plan(ctx, folder, force=force_removals, on_progress=advance)
    view, done = planned.view, False
    _say_problems(view)
    if any(file.moves and not file.problem for file in view.files) and not dry_run:
        if not as_json:
            _say(view.files, done=False)
        confirm("Do this?", yes=yes)
        with progress(f"Syncing {folder}") as advance:
            view, done = service.sync(ctx, planned, on_progress=advance), True
    if as_json:
        emit(view)
    else:
        _say(view.files, done=done)
    if any(file.problem for file in view.files):
        raise click.exceptions.Exit(1)
    if not any(file.moves for file in view.files):
        raise NothingToDo("the lists are as their files say")


def _say(files: "Sequence[SyncFile]", *, done: bool) -> None:
    heads = ["file", "list", "lines", "added", "changed", "taken off", "left there", "unchanged", "left before", "import no."]
    if not done:
        heads[3:6] = ["would add", "would change", "would take off"]
    rows = [
        (
            named(f.file),
            f.list,
            f.lines,
            f.added,
            f.changed,
            f.taken_off,
            f.left,
            f.already,
            f.left_before,
            f.import_id or "–",
        )
        for f in files
        if not f.problem
    ]
    table(heads, rows)


def _say_problems(view: "SyncView") -> None:
    for file in view.files:
        if file.problem:
            said = remedy(file.problem_code, {"name": file.list})
            note(f"{named(file.file)}: nothing is done with it: {file.problem}" + (f"; {said}" if said else ""))
        for row in file.rejects[:SHOWN]:
            note(f"{named(file.file)}, line {row.line}: {row.field} {row.value!r} {row.reason}")
        if file.asked_themselves:
            note(f"{file.list}: {file.asked_themselves} people without a line stay, since they asked for the list themselves")
    if view.passed_by:
        note(f"{', '.join(view.passed_by)}: the sample of a list, left out")
    if view.without_file:
        note(f"lists without a file here, left as they are: {', '.join(view.without_file)}")
