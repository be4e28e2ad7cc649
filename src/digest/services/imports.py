"""Imports: CSV files of people, and the way back."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TextIO

from digest.audience import importer
from digest.audience.columns import MAPPABLE
from digest.errors import NothingToDo
from digest.model.event import EventKind
from digest.services import events
from digest.services.context import Place
from digest.services.views.people import ImportView, ImportWarning, Rejection
from digest.store import imports

FIELDS = MAPPABLE  #: what a column of a file can hold


def files_of(place: Path, mlist: str) -> Sequence[tuple[Path, str]]:
    """Return the files to import, each with its list: a file, or every .csv of a folder, named like its list. Raises NothingToDo."""
    if not place.is_dir():
        return [(place, mlist)]
    files = [(path, mlist or path.stem) for path in sorted(place.glob("*.csv"))]
    if not files:
        raise NothingToDo(f"{place} holds no .csv file")
    return files


def import_file(
    ctx: Place,
    path: Path,
    mlist: str,
    *,
    columns: Mapping[str, str],
    consent: str = "",
    encoding: str = "",
    dry_run: bool = False,
    rejects: TextIO | None = None,
    on_progress: Callable[[int], None] = lambda _count: None,
) -> ImportView:
    """
    Import the people of a CSV file into a list; a dry run only says what would happen.

    Raises:
        BadInput: the file is not a CSV file with a column of addresses; nothing was imported.
        NotFound: there is no such list.
    """
    report = importer.import_file(
        ctx.db,
        path,
        mlist,
        columns=columns,
        consent=consent,
        pepper=ctx.settings.pepper,
        clock=ctx.clock,
        encoding=encoding,
        actor=ctx.actor,
        dry_run=dry_run,
        rejects=rejects,
        on_progress=on_progress,
    )
    return ImportView(
        file=str(path),
        import_id=report.import_id,
        encoding=report.encoding,
        separator=report.separator,
        lines=report.lines,
        **{outcome.value: count for outcome, count in report.counts.items()},
        rejected=report.rejected,
        unread=tuple(report.unread),
        notes=tuple(report.notes),
        warnings=tuple(ImportWarning(line=doubt.line, text=doubt.text) for doubt in report.doubts),
        rejects=rejections(report),
        doubtful=report.doubtful,
    )


def rejections(report: importer.Report) -> tuple[Rejection, ...]:
    """Return the lines of a file that were not imported."""
    return tuple(Rejection(line=r.line, field=r.field, value=r.value, reason=r.reason) for r in report.rejects)


def named(ctx: Place, import_id: int) -> str:
    """Say in words which import this is. Raises NotFound."""
    with ctx.db.read() as tx:
        done = imports.get(tx, import_id)
    return f"import {import_id} ({done.file}, {done.added} added)"


def undo(ctx: Place, import_id: int) -> int:
    """Take back the subscriptions of an import, but those that mail was sent to since; return how many. Raises NotFound, or Conflict."""
    with ctx.db.begin() as tx:
        done = imports.get(tx, import_id)
        count = imports.undo(tx, done, at=ctx.clock())
        events.record(ctx, tx, EventKind.IMPORT_UNDONE, done, file=done.file, removed=count)
        return count
