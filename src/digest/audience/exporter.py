"""Subscribers as CSV, in the columns that the importer reads, safe to open in a spreadsheet."""

import csv
import re
from collections.abc import Iterable
from typing import TextIO

from digest.audience.address import shown
from digest.model.subscriber import Subscriber, Subscription, Suppression

COLUMNS = ("address", "name", "language", "zone", "list", "state", "since", "evidence", "left_at", "suppressed")
Line = tuple[Subscriber, Subscription | None, str, Suppression | None]
_FORMULA = re.compile("'*[=+\\-@\t\r]")
_GUARDED = re.compile("'+[=+\\-@\t\r]")


def write(rows: Iterable[Line], file: TextIO) -> int:
    """Write one line per subscription and return the number of lines."""
    writer = csv.writer(file)
    writer.writerow(COLUMNS)
    count = 0
    for person, tie, mlist, suppression in rows:
        who = (shown(person.address), person.name, person.language, person.zone)
        never = (suppression.reason or "yes") if suppression else ""
        writer.writerow([with_guard(cell) for cell in (*who, mlist, *_subscription(tie), never)])
        count += 1
    return count


def _subscription(tie: Subscription | None) -> tuple[str, str, str, str]:
    if tie is None:  # An empty cell would not say that they are on no list.
        return "none", "", "", ""
    since = tie.active_at or tie.made_at
    return tie.state.value, since.isoformat(), tie.evidence, tie.left_at.isoformat() if tie.left_at else ""


def with_guard(cell: str) -> str:
    """Prefix an apostrophe to a cell that a spreadsheet would run as a formula, or that looks as if it had the prefix."""
    return "'" + cell if _FORMULA.match(cell) else cell


def without_guard(cell: str) -> str:
    """Undo `with_guard`."""
    return cell[1:] if cell[:1] == "'" and _GUARDED.match(cell) else cell
