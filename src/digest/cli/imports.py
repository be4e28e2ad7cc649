"""`digest subscribers import` and `undo-import`, and what `digest suppress import` shares with them."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

import click

from digest.cli.output import NUMBER, as_json, confirm, emit, note, open_place, progress, table, yes_option
from digest.errors import BadInput, DigestError, NothingToDo

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
    """Import people from a CSV file, or every .csv of a folder (one file a list, named like it).

    Takes the exports of other systems. Whoever left there arrives as left, whoever bounced or was
    blocked as suppressed; who left here stays away. A line is taken whole or rejected with the reason.
    subscribers/README.md explains the columns.

    \b
    Example:  digest subscribers import people.csv --list readers --dry-run
    """
    columns = pairs(mapped)
    files = [(place, mlist)] if not place.is_dir() else [(path, mlist or path.stem) for path in sorted(place.glob("*.csv"))]
    if not files:
        raise NothingToDo(f"{place} holds no .csv file")
    ctx = open_place()
    options = {"columns": columns, "consent": consent, "dry_run": dry_run, "encoding": encoding}
    reports = []
    failed = False
    with _opened(rejects) as out:
        for path, name in files:
            try:
                reports.append((path, _import_one(ctx, path, name, rejects=out, **options)))
            except DigestError as problem:
                if len(files) == 1:
                    raise
                note(f"digest: {problem}")
                failed = True
    say(reports, rejects, dry_run=dry_run, as_json=as_json)
    rejected = sum(report.rejected for _, report in reports)
    if failed or (rejected and (strict or not any(report.done for _, report in reports))):
        raise click.exceptions.Exit(1)


@click.command("undo-import")
@click.argument("number", type=NUMBER)
@yes_option
def undo_import(number: int, yes: bool) -> None:
    """Take back the subscriptions of an import, but those that mail was sent to since.

    Who arrived as left or suppressed stays so.

    \b
    Example:  digest subscribers undo-import 3 --yes
    """
    from digest.store import imports as store

    ctx = open_place()
    with ctx.db.read() as tx:
        done = store.get(tx, number)
    confirm(f"Take back import {number} ({done.file}, {done.added} added)?", yes=yes)
    with ctx.db.begin() as tx:
        count = store.undo(tx, store.get(tx, number), at=ctx.clock())
    note(f"took back {count} subscriptions of import {number}")


def pairs(mapped: tuple[str, ...]) -> dict[str, str]:
    """The fields of `--map` by column. Raises BadInput."""
    return dict(_pair(text) for text in mapped)


def say(reports: Any, rejects: Path | None, *, dry_run: bool, as_json: bool) -> None:
    """Tell how each file was read and what became of its lines."""
    for path, report in reports:
        _say_notes(path, report, rejects)
    if as_json:
        emit([_as_json(path, report) for path, report in reports])
        return
    heads = {
        "added": "would add" if dry_run else "added",
        "already": "already there",
        "left_before": "left before",
        "left": "left there",
        "suppressed": "suppressed",
        "unconfirmed": "unconfirmed",
        "not_subscribed": "not subscribed",
        "rejected": "rejected",
    }
    always = ("added", "already", "rejected")
    shown = [key for key in heads if key in always or any(_counts(report)[key] for _, report in reports)]
    rows = [
        (path.name, report.lines, *(_counts(report)[key] for key in shown), report.import_id or "–") for path, report in reports
    ]
    table(["file", "lines", *(heads[key] for key in shown), "import no."], rows)


def say_suppressed(path: Path, report: Any, *, as_json: bool) -> None:
    """Tell how a list of suppressions was read and what became of its lines."""
    _say_notes(path, report, None)
    new, before = report.counts["suppressed"], report.counts["already"]
    if as_json:
        keys = ("file", "encoding", "separator", "lines", "unread", "notes", "rejected", "rejects")
        told = _as_json(path, report)
        emit({**{key: told[key] for key in keys}, "suppressed": new, "already": before, "passed_by": report.passed_by})
        return
    heads = ["file", "lines", "suppressed", "already suppressed", "subscribed there, passed by", "rejected"]
    table(heads, [(path.name, report.lines, new, before, report.passed_by, report.rejected)])


def _say_notes(path: Path, report: Any, rejects: Path | None) -> None:
    for text in report.notes:
        note(f"{path.name}: {text}")
    if report.unread:
        note(f"{path.name}: columns that are not read: {', '.join(report.unread)}")
    for row in report.rejects[:SHOWN]:
        note(f"{path.name}, {row}")
    if report.rejected > SHOWN:
        note(f"… and {report.rejected - SHOWN} more lines" + ("" if rejects else "; `--rejects FILE` writes them all"))
    for doubt in report.doubts[:SHOWN]:
        note(f"warning: {path.name}, line {doubt.line}: {doubt.text}")
    if report.doubtful > SHOWN:
        note(f"… and {report.doubtful - SHOWN} more addresses that look mistyped")


def _as_json(path: Path, report: Any) -> dict[str, object]:
    return {
        "file": str(path),
        "import": report.import_id,
        "encoding": report.encoding,
        "separator": report.separator,
        "lines": report.lines,
        **_counts(report),
        "unread": list(report.unread),
        "notes": report.notes,
        "warnings": [{"line": doubt.line, "text": doubt.text} for doubt in report.doubts],
        "rejects": [{"line": r.line, "field": r.field, "value": r.value, "reason": r.reason} for r in report.rejects],
    }


def _counts(report: Any) -> dict[str, int]:
    return {**{outcome.value: count for outcome, count in report.counts.items()}, "rejected": report.rejected}


def _pair(text: str) -> tuple[str, str]:
    from digest.audience.columns import MAPPABLE

    column, _, field = text.rpartition("=")
    if field not in MAPPABLE or not column:
        raise BadInput(f"--map {text}: write COLUMN=FIELD, FIELD one of {', '.join(MAPPABLE)}")
    return column, field


@contextmanager
def _opened(rejects: Path | None) -> Iterator[TextIO | None]:
    if rejects is None:
        yield None
        return
    with rejects.open("w", encoding="utf-8", errors="replace", newline="") as file:
        rejects.chmod(0o600)  # It holds people's addresses.
        yield file


def _import_one(ctx: Any, path: Path, mlist: str, **options: Any) -> Any:
    from digest.audience.importer import import_file

    with progress(f"Importing {path.name}") as advance:
        return import_file(ctx.db, path, mlist, pepper=ctx.settings.pepper, clock=ctx.clock, on_progress=advance, **options)
