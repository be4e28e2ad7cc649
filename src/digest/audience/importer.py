"""
Decide what the lines of a CSV list become: each whole or rejected, with number, field, value and reason.

Somebody who left, bounced, complained or was blocked, there or here, is never active after an import,
whatever the order of lines and files.
"""

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import TextIO

from digest.audience import columns, csvfile
from digest.audience.exporter import with_guard
from digest.audience.rows import Rejected, Row
from digest.audience.standing import Standing
from digest.audience.typos import likely_domain
from digest.model.states import SubscriptionState
from digest.model.subscriber import Import
from digest.store.imports import Known

BATCH = 5_000  #: lines a transaction: a writer never holds SQLite for half a second
KEPT = 10_000  #: rejected lines and warnings that a report holds; it counts all
_S = SubscriptionState


class Outcome(StrEnum):
    """Result of an import for the person of a line."""

    ADDED = "added"  #: on the list now
    ALREADY = "already"  #: was on the list
    LEFT_BEFORE = "left_before"  #: left the list here; stays away
    LEFT = "left"  #: left there: arrives as left
    SUPPRESSED = "suppressed"  #: bounced, complained or was blocked, there or here: never mailed
    UNCONFIRMED = "unconfirmed"  #: never confirmed there: waits
    NOT_SUBSCRIBED = "not_subscribed"  #: never subscribed there: not stored


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """A line that was imported although it looks wrong."""

    line: int
    text: str


@dataclass(slots=True, kw_only=True)
class Report:
    """Result of an import or, on a dry run, its expected result. Each line is in exactly one of the counts."""

    import_id: int | None = None
    encoding: str = ""
    separator: str = ""
    notes: list[str] = field(default_factory=list)
    unread: Sequence[str] = ()  #: columns that are not read
    lines: int = 0
    counts: dict[Outcome, int] = field(default_factory=lambda: dict.fromkeys(Outcome, 0))
    passed_by: int = 0  #: subscribed there (of a list of suppressions alone)
    rejected: int = 0
    rejects: list[Rejected] = field(default_factory=list)  #: the first KEPT of them
    doubtful: int = 0
    doubts: list[Doubt] = field(default_factory=list)  #: the first KEPT of them

    @property
    def done(self) -> int:
        """Number of lines that were accepted."""
        return self.lines - self.rejected


def open_list(path: Path, *, mapped: Mapping[str, str], encoding: str) -> tuple[csvfile.CsvFile, columns.Layout]:
    """
    Open a CSV file and detect its columns.

    Raises:
        BadInput: it is not a CSV file with a column of addresses.
    """
    file = csvfile.probe(path, encoding=encoding, recognise=lambda header: columns.recognised(header, mapped))
    return file, columns.layout(file, mapped)


def describe(file: csvfile.CsvFile, found: columns.Layout) -> Report:
    """Create a report that states how the file was read."""
    report = Report(encoding=file.encoding, separator=file.separator, unread=tuple(found.unread))
    if file.guessed:
        report.notes.append("read as Windows-1252; where names look wrong, name the encoding with --encoding")
    if found.headless:
        report.notes.append("has no line of headers; its addresses were found by their looks")
    if said := columns.said_of_everybody(found):
        report.notes.append(said)
    return report


def decide(standing: Standing, state: SubscriptionState | None, *, suppressed: bool) -> tuple[Outcome, SubscriptionState | None]:
    """
    Decide the outcome for a person, and the state of their subscription from now on (None: no subscription).

    `state` is that of their subscription here, `suppressed` that their address must not be mailed here.
    """
    if standing is Standing.NEVER:
        return Outcome.NOT_SUBSCRIBED, state
    if standing in (Standing.LEFT, Standing.SUPPRESSED):
        ended = None if state is None and suppressed else _S.UNSUBSCRIBED  # Nothing is stored again about an erased person.
        return (Outcome.SUPPRESSED if suppressed or standing is Standing.SUPPRESSED else Outcome.LEFT), ended
    if state is _S.UNSUBSCRIBED:
        return (Outcome.SUPPRESSED if suppressed else Outcome.LEFT_BEFORE), state
    if suppressed:
        return Outcome.SUPPRESSED, state
    if state is _S.ACTIVE:
        return Outcome.ALREADY, state
    return (Outcome.ADDED, _S.ACTIVE) if standing is Standing.ACTIVE else (Outcome.UNCONFIRMED, _S.PENDING)


# --- one batch -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Values that all batches of an import share."""

    made: Import
    consent: str
    now: datetime
    at: str  #: the same time, to be read

    def evidence(self, row: Row) -> str:
        """Describe the origin of the subscription in words, as evidence of consent."""
        words = self.consent or f"imported from {self.made.file}, line {row.line}, at {self.at} UTC"
        if row.statement.standing is not Standing.ACTIVE:
            words += f"; there: {row.statement}"
        return f"{words}; {row.told}" if row.told else words


@dataclass(slots=True)
class Person:
    """One address of a batch: its stored state, and the state after its lines."""

    known: Known
    state: SubscriptionState | None
    row: Row  #: the line that decided the state last
    suppressing: Row | None = None  #: the line that says that the address must not be mailed


def good_rows(batch: Iterable[Row | Rejected], report: Report, writer: "RejectsWriter | None") -> list[Row]:
    """Return the rows of a batch that can be imported, and record the problems of the others in the report."""
    good = []
    for row in batch:
        report.lines += 1
        if isinstance(row, Rejected):
            report.rejected += 1
            if writer:
                writer.write(row)
            if len(report.rejects) < KEPT:
                report.rejects.append(row)
            continue
        good.append(row)
        if meant := likely_domain(row.address.text.rpartition("@")[2]):
            report.doubtful += 1
            if len(report.doubts) < KEPT:
                report.doubts.append(Doubt(line=row.line, text=f"{row.address.text} looks mistyped; is it {meant}?"))
    return good


def judge(
    good: Sequence[Row], known: Mapping[str, Known], never: set[str], hmacs: Mapping[str, str], report: Report
) -> dict[str, Person]:
    """Decide line by line; a later line about a person starts from the state that earlier ones left."""
    people: dict[str, Person] = {}
    for row in good:
        key, standing = row.address.key, row.statement.standing
        person = people.get(key)
        if person is None:
            before = known.get(key, Known())
            person = people[key] = Person(before, before.state, row)
        suppressed = hmacs[key] in never or person.suppressing is not None
        outcome, state = decide(standing, person.state, suppressed=suppressed)
        report.counts[outcome] += 1
        if state is not person.state:
            person.state, person.row = state, row
        if standing is Standing.SUPPRESSED and not suppressed:
            person.suppressing = row
    return people


def batches(lines: Iterator[Row | Rejected]) -> Iterator[tuple[Sequence[Row | Rejected], bool]]:
    """Yield lines in groups, so that no transaction is long, each with whether it is the last; of no lines, one empty group."""
    group = list(islice(lines, BATCH))
    while True:
        following = list(islice(lines, BATCH))
        yield group, not following
        if not following:
            return
        group = following


class RejectsWriter:
    """Rejected lines as CSV with number, field and reason in front, under the headers of their file, to be corrected."""

    def __init__(self, file: TextIO, found: columns.Layout) -> None:
        self._writer = csv.writer(file)
        self._writer.writerow(["line", "field", "reason", *(found.header if not found.headless else [])])

    def write(self, row: Rejected) -> None:
        """Write one line; formulas in it do not run in a spreadsheet."""
        self._writer.writerow([row.line, row.field, f"{row.value} {row.reason}".strip(), *map(with_guard, row.cells)])
