"""Subscribers as CSV, in the columns that the importer reads, safe to open in a spreadsheet."""

import csv
from collections.abc import Iterable
from typing import TextIO

from digest.audience.address import shown
from digest.model.subscriber import Subscriber, Subscription

COLUMNS = ("address", "name", "language", "zone", "list", "state", "since", "evidence")


def write(rows: Iterable[tuple[Subscriber, Subscription | None, str]], file: TextIO) -> int:
    """One line a subscription; how many lines."""
    writer = csv.writer(file)
    writer.writerow(COLUMNS)
    count = 0
    for person, tie, mlist in rows:
        since = (tie.left_at or tie.active_at or tie.made_at).isoformat() if tie else ""
        cells = (
            shown(person.address),
            person.name,
            person.language,
            person.zone,
            mlist,
            tie.state if tie else "",
            since,
            tie.evidence if tie else "",
        )
        writer.writerow([_harmless(str(cell)) for cell in cells])
        count += 1
    return count


def _harmless(cell: str) -> str:
    """A cell that a spreadsheet would run as a formula gets an apostrophe."""
    return "'" + cell if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell
