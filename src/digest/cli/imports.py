"""`digest subscribers import`, `imports` and `undo-import`, and what `digest suppress import` shares with them."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click

from digest.cli.output import NUMBER, as_json, confirm, emit, local, note, open_place, progress, table, yes_option, zone
from digest.cli.remedies import worded
from digest.errors import BadInput, DigestError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from digest.services.views.people import ImportLine, ImportView, SuppressionImport, UndoPlan

in_list = click.option("--list", "mlist", default="", metavar="LIST", help="The list; needed where there are several.")
mapping = click.option(
    "--map",
    "mapped",
    multiple=True,
    metavar="COLUMN=FIELD",
    help="A column's field: address, name, first, last, language, zone, state, or ignore.",
)
encoding = click.option(
    "--encoding", default="", metavar="NAME", help="The file's encoding, such as windows-1252; else it is detected."
)
SHOWN = 20  #: rejected lines and warnings that are printed


@click.command("import")
@click.argument("place", type=click.Path(path_type=Path), metavar="FILE|DIR")
@in_list
@mapping
@encoding
@click.option("--dry-run", is_flag=True, help="Say what would happen, change nothing.")
@click.option("--rejects", type=click.Path(path_type=Path), metavar="FILE", help="Write rejected lines here, with the reason.")
@click.option("--consent", default="", help="How these people agreed, kept as evidence.")
@click.option("--strict", is_flag=True, help="Fail when any line is rejected.")
@as_json
def import_(
    place: Path,
    mlist: str,
    mapped: tuple[str, ...],
    encoding: str,
    dry_run: bool,
    rejects: Path | None,
    consent: str,
    strict: bool,
    as_json: bool,
) -> None:
    """Import people from a file (CSV, NDJSON, a ZIP of them), or all of a folder (one file a list, named like it).

    Takes the exports of other systems. Whoever left there arrives as left, whoever bounced or was
    blocked as suppressed; who left here stays away. A line is taken whole or rejected with the reason.
    subscribers/README.md explains the columns.

    \b
    Example:  digest subscribers import people.csv --list readers --dry-run
    """
    from digest.services import imports as service

    options = service.Options(columns=pairs(mapped), encoding=encoding, consent=consent, dry_run=dry_run)
    parts = service.parts_of(place, mlist, options)
    if service.has_sample(place):
        note(f"{service.SAMPLE} is the sample of a list, and is left out")
    ctx = open_place()
    reports: list[ImportView] = []
    failed = False
    with _opened(rejects) as out:
        for part in parts:
            try:
                with progress(f"Importing {part.file.stem}") as advance:
                    reports.append(service.import_file(ctx, part, options, rejects=out, on_progress=advance))
            except DigestError as problem:
                if len(parts) == 1:
                    raise
                note(f"digest: {worded(problem)}")
                failed = True
    say(reports, rejects, dry_run=dry_run, as_json=as_json)
    rejected = sum(report.rejected for report in reports)
    if failed or (rejected and (strict or not any(report.done for report in reports))):
        raise click.exceptions.Exit(1)


@click.command("imports")
@as_json
def imports(as_json: bool) -> None:
    """All imports and syncs, newest first.

    \b
    Example:  digest subscribers imports
    """
    from digest.services import imports as service

    ctx = open_place()
    found = service.listed(ctx)
    if as_json:
        emit(found)
        return
    here = zone(ctx)
    table(
        ["import no.", "list", "file", "begun", "added", "changed", "taken off", "rejected", "state"],
        [(i.id, i.list, i.file, local(i.made_at, here), i.added, i.changed, i.ended, i.rejected, _state(i)) for i in found],
        empty="no imports yet; `digest subscribers import FILE.csv --list LIST` makes one",
    )


@click.command("undo-import")
@click.argument("number", type=NUMBER)
@click.option("--dry-run", is_flag=True, help="Say what would be taken back, change nothing.")
@yes_option
@as_json
def undo_import(number: int, dry_run: bool, yes: bool, as_json: bool) -> None:
    """Take back what an import or a sync made and changed.

    Kept is what was changed since or has been mailed, and who arrived as left or suppressed; `--json` names them.

    \b
    Example:  digest subscribers undo-import 3 --dry-run
              digest subscribers undo-import 3 --yes
    """
    from digest.services import undo as service

    ctx = open_place()
    plan = service.plan(ctx, number)
    if not dry_run:
        note(f"import {number} of {plan.file} into {plan.list}: {_planned(plan)}")
        confirm(f"Take back import {number}?", yes=yes)
        plan = service.undo(ctx, number)
    if as_json:
        emit(plan)
    elif dry_run:
        note(f"import {number} of {plan.file} into {plan.list}: {_planned(plan)}")
    else:
        note(f"took back import {number}")


def _state(made: "ImportLine") -> str:
    if made.undone_at:
        return "undone"
    return "" if made.finished_at else "not finished"


def _planned(plan: "UndoPlan") -> str:
    whys = {"mailed": "has been mailed", "changed": "was changed since", "left": "arrived as left or suppressed"}
    kept = [f"{count} kept, since it {whys[why]}" for why, count in plan.kept.items()]
    return "; ".join([f"{plan.removed} subscriptions to remove", f"{plan.restored} changes to restore", *kept])


def pairs(mapped: tuple[str, ...]) -> dict[str, str]:
    """Parse `--map` into fields by column. Raises BadInput."""
    return dict(_pair(text) for text in mapped)


def say(reports: "Sequence[ImportView]", rejects: Path | None, *, dry_run: bool, as_json: bool) -> None:
    """Tell how each file was read and what became of its lines."""
    for report in reports:
        _say_notes(report, rejects)
        _say_tags(report)
        for doubt in report.warnings[:SHOWN]:
            note(f"warning: {named(report.file)}, line {doubt.line}: {doubt.text}")
        if report.doubtful > SHOWN:
            note(f"… and {report.doubtful - SHOWN} more addresses that look mistyped")
    if as_json:
        emit(reports)
        return
    heads = {
        "added": "would add" if dry_run else "added",
        "changed": "would change" if dry_run else "changed",
        "already": "already there",
        "left_before": "left before",
        "left": "left there",
        "suppressed": "suppressed",
        "unconfirmed": "unconfirmed",
        "not_subscribed": "not subscribed",
        "rejected": "rejected",
    }
    always = ("added", "already", "rejected")
    shown = [key for key in heads if key in always or any(getattr(report, key) for report in reports)]
    lists = len({report.list for report in reports}) > 1
    rows = [
        (named(r.file), *([r.list] if lists else []), r.lines, *(getattr(r, key) for key in shown), r.import_id or "–")
        for r in reports
    ]
    table(["file", *(["list"] if lists else []), "lines", *(heads[key] for key in shown), "import no."], rows)


def named(file: str) -> str:
    """Return the name of a file without its folder; of a member of an archive with the archive's."""
    path, bracket, member = file.partition(" (")
    return Path(path).name + bracket + member


def say_suppressed(report: "SuppressionImport", *, as_json: bool) -> None:
    """Tell how a list of suppressions was read and what became of its lines."""
    _say_notes(report, None)
    if as_json:
        emit(report)
        return
    heads = [
        "file",
        "lines",
        "would suppress" if report.dry_run else "suppressed",
        "already suppressed",
        "subscribed there, passed by",
        "rejected",
    ]
    name = named(report.file)
    table(heads, [(name, report.lines, report.suppressed, report.already, report.passed_by, report.rejected)])


def _say_notes(report: "ImportView | SuppressionImport", rejects: Path | None) -> None:
    name = named(report.file)
    for text in report.notes:
        note(f"{name}: {text}")
    if report.unread:
        more = f" and {len(report.unread) - SHOWN:,} more" if len(report.unread) > SHOWN else ""
        note(f"{name}: columns that are not read: {', '.join(report.unread[:SHOWN])}{more}")
    for row in report.rejects[:SHOWN]:
        value = f" {row.value!r}" if row.value else ""
        note(f"{name}, line {row.line}: {row.field}{value} {row.reason}")
    if report.rejected > SHOWN:
        note(f"… and {report.rejected - SHOWN} more lines" + ("" if rejects else "; `--rejects FILE` writes them all"))


def _say_tags(report: "ImportView") -> None:
    name = named(report.file)
    if report.topics:
        note(f"{name}: tags that are topics, wanted by who is new on the list: {_counted(report.topics)}")
    if report.other_tags:
        note(f"{name}: tags that are no topics of its newsletters, not read: {_counted(report.other_tags)}")


def _counted(tags: "Mapping[str, int]") -> str:
    """Name the most frequent tags, each with its number of lines."""
    more = f" and {len(tags) - SHOWN:,} more" if len(tags) > SHOWN else ""
    return ", ".join(f"{tag} ({count:,})" for tag, count in list(tags.items())[:SHOWN]) + more


def _pair(text: str) -> tuple[str, str]:
    from digest.services.imports import FIELDS

    column, _, field = text.rpartition("=")
    if field not in FIELDS or not column:
        raise BadInput(f"--map {text}: write COLUMN=FIELD, FIELD one of {', '.join(FIELDS)}")
    return column, field


@contextmanager
def _opened(rejects: Path | None) -> Iterator[TextIO | None]:
    if rejects is None:
        yield None
        return
    with rejects.open("w", encoding="utf-8", errors="replace", newline="") as file:
        rejects.chmod(0o600)  # It holds people's addresses.
        yield file
