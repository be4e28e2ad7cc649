"""Imports: files of people."""

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import TextIO

from digest.audience import columns, meanings, table
from digest.audience.columns import MAPPABLE
from digest.audience.csvfile import Record
from digest.audience.files import SAMPLE as SAMPLE
from digest.audience.files import ListFile, lists_in
from digest.audience.files import has_sample as has_sample
from digest.audience.importer import Report, open_list
from digest.errors import BadInput
from digest.services import importing
from digest.services.context import Place
from digest.services.importing import Options as Options
from digest.services.importing import Part as Part
from digest.services.importing import Progress
from digest.services.views.people import ImportLine, ImportView, ImportWarning, Rejection
from digest.store import imports, subscribers

FIELDS = MAPPABLE  #: what a column of a file can hold
AS_DETECTED = Options()
SAMPLES, VALUE_MAX = 3, 60  #: lines of a sample, and characters of each of its values


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of a file of people."""

    header: str
    values: Sequence[str]  #: of the first lines
    meaning: str  #: what it holds, in words; empty: it is not read


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """The columns of a file of people, and what was detected of them."""

    columns: Sequence[Column]
    encoding: str
    separator: str  #: of CSV; empty: it is NDJSON
    system: str  #: whose export it is; empty: it is not known
    is_own: bool  #: digest's own export, whose lines name their lists
    problem: str  #: why it cannot be imported like this; empty: it can


def columns_of(file: ListFile, options: Options = AS_DETECTED) -> Columns:
    """Return the columns of a file with some of their values. Raises BadInput where it is no CSV or NDJSON file."""
    found = table.probe(file, named=options.encoding, recognise=lambda header: columns.recognised(header, options.columns))
    described: Mapping[str, str] = {}
    system, is_own, problem = "", False, ""
    try:
        layout = columns.layout(found, options.columns)
        described, is_own = meanings.meanings(layout), layout.own
        system = layout.system.name if layout.system else ""
    except BadInput as refused:
        problem = str(refused)
    lines = [row.cells for row in islice(table.records(found), SAMPLES) if isinstance(row, Record)]
    return Columns(
        columns=[
            Column(
                header=header.strip(),
                values=[cells[place].strip()[:VALUE_MAX] for cells in lines if place < len(cells) and cells[place].strip()],
                meaning=described.get(header.strip(), ""),
            )
            for place, header in enumerate(found.header)
        ],
        encoding=found.encoding,
        separator=found.separator,
        system=system,
        is_own=is_own,
        problem=problem,
    )


def parts_of(place: Path, mlist: str, options: Options = AS_DETECTED) -> Sequence[Part]:
    """
    Return what to import into which list: a file, an archive's files, or a folder's, each named like its list.

    Of digest's own export each line goes to the list that it names, unless `mlist` names one.

    Raises:
        BadInput: it cannot be read.
        NothingToDo: the folder holds no list.
    """
    files = lists_in(place)
    if mlist or place.is_dir():
        return [Part(file=file, mlist=mlist or file.path.stem) for file in files]
    return [part for file in files for part in parts_of_file(file, options)]


def parts_of_file(file: ListFile, options: Options) -> Sequence[Part]:
    """Return what of a file goes into which list: of digest's own export each line into the one that it names. Raises BadInput."""
    opened = open_list(file, mapped=options.columns, encoding=options.encoding)
    return [Part(file=file, mlist=name, own=True) for name in opened.layout.lists] or [Part(file=file, mlist="")]


def import_file(
    ctx: Place,
    part: Part,
    options: Options = AS_DETECTED,
    *,
    rejects: TextIO | None = None,
    on_progress: Progress = lambda _count, _total: None,
) -> ImportView:
    """
    Import the people of a file into a list; a dry run only says what would happen.

    Raises:
        BadInput: it is no CSV or NDJSON file with a column of addresses; nothing was imported.
        NotFound: there is no such list.
    """
    opened = open_list(part.file, mapped=options.columns, encoding=options.encoding)
    this, report = importing.run(ctx, opened, part, options, rejects=rejects, on_progress=on_progress)
    if not options.dry_run:
        importing.finish(ctx, this, report)
    return view(part, report)


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file of people that came over the network."""

    name: str  #: what to call it
    content: bytes


def import_upload(ctx: Place, upload: Upload, mlist: str, options: Options = AS_DETECTED) -> ImportView:
    """
    Import the people of a file that came over the network, as `import_file` does; it lies on disk only meanwhile.

    Raises:
        BadInput: it is no CSV or NDJSON file with a column of addresses, or its name is no name of a file.
        NotFound: there is no such list.
    """
    name = PurePosixPath(upload.name).name
    if not name or name != upload.name or not name.isprintable() or name.startswith("."):
        raise BadInput(f"{upload.name!r} is no name of a file", code="file_name")
    with tempfile.TemporaryDirectory(prefix="digest-") as folder:  # which its owner alone can read
        path = Path(folder) / name
        path.write_bytes(upload.content)
        done = import_file(ctx, Part(file=ListFile(path), mlist=mlist), options)
    return done.model_copy(update={"file": name})


def view(part: Part, report: Report) -> ImportView:
    """Return what became of the lines of a file."""
    return ImportView(
        file=str(part.file),
        list=part.mlist,
        import_id=report.import_id,
        format="csv" if report.separator else "ndjson",
        encoding=report.encoding,
        separator=report.separator,
        system=report.system,
        columns=dict(report.columns),
        lines=report.lines,
        **{outcome.value: count for outcome, count in report.counts.items()},
        rejected=report.rejected,
        topics=dict(report.topics.most_common()),
        other_tags=dict(report.other_tags.most_common()),
        unread=tuple(report.unread),
        notes=tuple(report.notes),
        warnings=tuple(ImportWarning(line=doubt.line, text=doubt.text) for doubt in report.doubts),
        rejects=rejections(report),
        doubtful=report.doubtful,
    )


def rejections(report: Report) -> tuple[Rejection, ...]:
    """Return the lines of a file that were not imported."""
    return tuple(Rejection(line=r.line, field=r.field, value=r.value, reason=r.reason) for r in report.rejects)


def listed(ctx: Place) -> Sequence[ImportLine]:
    """Return all imports and syncs, newest first."""
    with ctx.db.read() as tx:
        return [ImportLine.of(made, list=mlist) for made, mlist in imports.all_of(tx)]


def show(ctx: Place, number: int) -> ImportLine:
    """Return an import. Raises NotFound."""
    with ctx.db.read() as tx:
        made = imports.get(tx, number)
        return ImportLine.of(made, list=subscribers.list_by_id(tx, made.mlist_id).name)
