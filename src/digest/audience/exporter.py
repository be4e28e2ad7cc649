"""Subscribers as CSV or NDJSON, in the columns that the importer reads; CSV is safe to open in a spreadsheet."""

import csv
import json
import re
from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import TextIO

from digest.audience.address import shown
from digest.audience.standing import is_no
from digest.model.subscriber import TopicChoice
from digest.store.exports import Exported

COLUMNS = (
    "address",
    "name",
    "language",
    "zone",
    "list",
    "state",
    "since",
    "evidence",
    "left_at",
    "suppressed",
    "wanted",
    "muted",
)
_FORMULA = re.compile("'*[=+\\-@\t\r]")
_GUARDED = re.compile("'+[=+\\-@\t\r]")
_RISKY = "'=+-@\t\r"  #: first characters of cells that need a look


class Format(StrEnum):
    """Format of an export."""

    CSV = "csv"
    NDJSON = "ndjson"  #: one JSON object a line


def write(rows: Iterable[Exported], file: TextIO, form: Format = Format.CSV, *, has_header: bool = True) -> int:
    """Write one line per subscription and return the number of lines; `has_header`: the names of CSV's columns come first."""
    count = 0
    if form is Format.NDJSON:
        for row in rows:
            file.write(json.dumps(dict(zip(COLUMNS, _cells(row), strict=True)), ensure_ascii=False) + "\n")
            count += 1
        return count
    writer = csv.writer(file)
    if has_header:
        writer.writerow(COLUMNS)
    for row in rows:
        writer.writerow([with_guard(cell) if cell and cell[0] in _RISKY else cell for cell in _cells(row)])
        count += 1
    return count


def _cells(row: Exported) -> Sequence[str]:
    # An empty state would not say that they are on no list; a reason that reads as a denial would suppress nobody when imported.
    state = row.state.value if row.state else "none"
    since = row.since.isoformat() if row.since else ""
    left_at = row.left_at.isoformat() if row.left_at else ""
    never = "" if row.suppressed is None else "yes" if is_no(row.suppressed) else row.suppressed
    chosen = TopicChoice.of(row.wanted or "", row.muted or "")
    topics = [json.dumps(own, ensure_ascii=False) if own else "" for own in (chosen.wanted, chosen.muted)]
    own = (row.name, row.language, row.zone, row.list, state, since, row.evidence or "", left_at, never)
    return (shown(row.address), *own, *topics)


def with_guard(cell: str) -> str:
    """Prefix an apostrophe to a cell that a spreadsheet would run as a formula, or that looks as if it had the prefix."""
    return "'" + cell if _FORMULA.match(cell) else cell


def without_guard(cell: str) -> str:
    """Undo `with_guard`."""
    return cell[1:] if cell[:1] == "'" and _GUARDED.match(cell) else cell
