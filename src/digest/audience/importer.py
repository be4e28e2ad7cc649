"""
Decide what the lines of a file of people become: each whole or rejected, with number, field, value and reason.

Somebody who left, bounced, complained or was blocked, there or here, is never active after an import,
whatever the order of lines and files.
"""

import csv
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from itertools import islice
from typing import TextIO

from digest.audience import columns, meanings, table
from digest.audience.encoding import GUESSES
from digest.audience.exporter import with_guard
from digest.audience.files import ListFile
from digest.audience.rows import Rejected, Row
from digest.audience.standing import Standing
from digest.audience.typos import likely_domain
from digest.model.states import SubscriptionState
from digest.model.subscriber import Import, TopicChoice
from digest.store.imports import UNKNOWN, Known

BATCH = 5_000  #: lines a transaction: a writer never holds SQLite for half a second
KEPT = 10_000  #: rejected lines and warnings that a report holds, of which it counts all; and different tags
MAX_TAG = 60  #: characters of a tag that a report shows
_S = SubscriptionState


class Outcome(StrEnum):
    """Result of an import for the person of a line."""

    ADDED = "added"  #: on the list now
    ALREADY = "already"  #: was on the list
    CHANGED = "changed"  #: was on the list, and has another name, language or zone now
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
    separator: str = ""  #: of CSV; empty: it is NDJSON
    system: str = ""  #: whose export it is; empty: it is not known
    columns: Mapping[str, str] = field(default_factory=dict)  #: what each column that is read holds, in words
    notes: list[str] = field(default_factory=list)
    unread: Sequence[str] = ()  #: columns that are not read
    lines: int = 0
    counts: dict[Outcome, int] = field(default_factory=lambda: dict.fromkeys(Outcome, 0))
    topics: Counter[str] = field(default_factory=Counter)  #: tags that are topics of the list's newsletters, with their lines
    other_tags: Counter[str] = field(default_factory=Counter)  #: that are none, and are not read
    moved: int = 0  #: people whose state, name, language, zone or suppression is another by it
    passed_by: int = 0  #: subscribed there (of a list of suppressions alone)
    rejected: int = 0
    rejects: list[Rejected] = field(default_factory=list)  #: the first KEPT of them
    doubtful: int = 0
    doubts: list[Doubt] = field(default_factory=list)  #: the first KEPT of them

    @property
    def done(self) -> int:
        """Number of lines that were accepted."""
        return self.lines - self.rejected


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A file of people that was read once: its format and its columns are known."""

    table: table.Table
    layout: columns.Layout


def open_list(file: ListFile, *, mapped: Mapping[str, str], encoding: str) -> Opened:
    """
    Open a file and detect its columns.

    Raises:
        BadInput: it is no CSV or NDJSON file with a column of addresses.
    """
    found = table.probe(file, named=encoding, recognise=lambda header: columns.recognised(header, mapped))
    return Opened(table=found, layout=columns.layout(found, mapped))


def describe(opened: Opened) -> Report:
    """Create a report that states how the file was read."""
    found, layout = opened.table, opened.layout
    report = Report(encoding=found.encoding, separator=found.separator, unread=tuple(layout.unread))
    report.columns = meanings.meanings(layout)
    if layout.system:
        report.system = layout.system.name
        report.notes.append(f"an export of {layout.system.name}: " + ", ".join(f"{c} = {m}" for c, m in report.columns.items()))
        report.notes += [layout.system.hint] if layout.system.hint else []
    if found.guessed:
        name = GUESSES[found.encoding]
        report.notes.append(f"read as {name}; where names look wrong, name the encoding with --encoding")
    if layout.headless:
        report.notes.append("has no line of headers; its addresses were found by their looks")
    if twice := [name for name, count in Counter(map(str.strip, layout.header)).items() if name and count > 1]:
        report.notes.append(f"has columns of the same name ({', '.join(twice[:5])}); of each the first that is not empty is read")
    if said := meanings.said_of_everybody(layout):
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
    overwrites: bool = False  #: the file knows names, languages and zones better (a sync); else it only fills what is empty
    topics: Mapping[str, str] = field(default_factory=dict)  #: of the list's newsletters, by their spelling without case

    def evidence(self, row: Row) -> str:
        """Describe the origin of the subscription in words, as evidence of consent."""
        if row.since:  # digest's own export has it word for word.
            return row.told
        words = self.consent or f"imported from {self.made.file}, line {row.line}, at {self.at} UTC"
        if row.statement.standing is not Standing.ACTIVE:
            words += f"; there: {row.statement}"
        return f"{words}; {row.told}" if row.told else words

    def facts(self, row: Row, known: Known) -> Mapping[str, str]:
        """Return the fields of a known person that a line changes."""
        if known.subscriber_id is None:
            return NO_FACTS
        told = {"name": row.name, "language": row.language, "zone": row.zone}
        return {
            field: text
            for field, text in told.items()
            if text and text != (before := getattr(known, field)) and (self.overwrites or not before)
        }

    def choice(self, row: Row) -> TopicChoice:
        """Return the topics of a person who is new on the list: their tags that are topics of its newsletters."""
        if not row.tags:
            return row.topics
        wanted = (self.topics[key] for tag in row.tags if (key := tag.casefold()) in self.topics)
        return TopicChoice(wanted=tuple(dict.fromkeys(wanted)))

    def count_tags(self, row: Row, report: "Report") -> None:
        """Count the tags of a line, those that are topics and the others."""
        for tag in row.tags:
            topic = self.topics.get(tag.casefold())
            counts, name = (report.topics, topic) if topic else (report.other_tags, tag[:MAX_TAG])
            if name in counts or len(counts) < KEPT:
                counts[name] += 1


NO_FACTS: Mapping[str, str] = {}


@dataclass(slots=True)
class Person:
    """One address of a batch: its stored state, and the state after its lines."""

    known: Known
    state: SubscriptionState | None
    row: Row  #: the line that decided the state last
    suppressing: Row | None = None  #: the line that says that the address must not be mailed
    facts: Mapping[str, str] = field(default_factory=dict)  #: name, language or zone from now on


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
    run: Run,
    good: Sequence[Row],
    report: Report,
    *,
    hmacs: Mapping[str, str],
    known: Mapping[str, Known],
    never: Mapping[str, bool],
    named: Collection[str] = (),
) -> dict[str, Person]:
    """
    Decide line by line; a later line about a person starts from the state that earlier ones left.

    Of several lines the first gives a known person's name, language and zone; of those in `named` it was in
    an earlier batch. `never` has the suppressed addresses, by their hash; True: of a person who was forgotten.
    """
    people: dict[str, Person] = {}
    for row in good:
        if row.tags:
            run.count_tags(row, report)
        key, standing = row.address.key, row.statement.standing
        person = people.get(key)
        is_first = person is None
        if person is None:
            before = known.get(key, UNKNOWN)
            person = people[key] = Person(before, before.state, row)
        suppressed = hmacs[key] in never or person.suppressing is not None
        # digest's own export has the suppression beside the state, and both are taken back as they were.
        as_it_was = row.never and not never.get(hmacs[key], False)
        outcome, state = decide(standing, person.state, suppressed=suppressed and not as_it_was)
        if is_first and key not in named and outcome in _STAYING:
            person.facts = run.facts(row, person.known)
            outcome = Outcome.CHANGED if person.facts and outcome is Outcome.ALREADY else outcome
        report.counts[Outcome.SUPPRESSED if as_it_was else outcome] += 1
        if state is not person.state:
            person.state, person.row = state, row
        if (standing is Standing.SUPPRESSED or as_it_was) and not suppressed:
            person.suppressing = row
    report.moved += sum(p.state is not p.known.state or p.suppressing is not None or bool(p.facts) for p in people.values())
    return people


_STAYING = (Outcome.ADDED, Outcome.ALREADY, Outcome.UNCONFIRMED)


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
