"""
CSV lists become subscriptions: each line whole or rejected, with number, field, value and reason.

Who left, bounced, complained or was blocked, there or here, is never active after an import,
whatever the order of lines and files.
"""

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import Any, TextIO

from sqlmodel import Session

from digest.audience import columns, csvfile
from digest.audience.exporter import with_guard
from digest.audience.fields import instant
from digest.audience.rows import Rejected, Row, rows
from digest.audience.standing import Standing
from digest.audience.typos import likely_domain
from digest.model.event import Actor, Event, EventKind
from digest.model.ports import Clock
from digest.model.states import SubscriptionState
from digest.model.subscriber import Import
from digest.model.tokens import address_hmac
from digest.store import events, imports, subscribers
from digest.store.engine import Database
from digest.store.imports import Known, NewSubscriber, NewSubscription

BATCH = 5_000  #: lines a transaction: a writer never holds SQLite for half a second
KEPT = 10_000  #: rejected lines and warnings that a report holds; it counts all
_S = SubscriptionState


class Outcome(StrEnum):
    """What became of a line's person."""

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
    """What an import did or, on a dry run, would do. Each line is in exactly one of the counts."""

    import_id: int | None = None
    encoding: str = ""
    separator: str = ""
    notes: list[str] = field(default_factory=list)
    unread: Sequence[str] = ()  #: columns that nobody reads
    lines: int = 0
    counts: dict[Outcome, int] = field(default_factory=lambda: dict.fromkeys(Outcome, 0))
    passed_by: int = 0  #: subscribed there (of a list of suppressions alone)
    rejected: int = 0
    rejects: list[Rejected] = field(default_factory=list)  #: the first KEPT of them
    doubtful: int = 0
    doubts: list[Doubt] = field(default_factory=list)  #: the first KEPT of them

    @property
    def done(self) -> int:
        """How many lines were understood."""
        return self.lines - self.rejected


def import_file(
    db: Database,
    path: Path,
    list_name: str,
    *,
    columns: Mapping[str, str],
    consent: str,
    pepper: str,
    clock: Clock,
    actor: str = Actor.COMMAND_LINE,
    encoding: str = "",
    dry_run: bool = False,
    rejects: TextIO | None = None,
    on_progress: Callable[[int], None] = lambda _count: None,
) -> Report:
    """
    Import a CSV file into a list, a batch a transaction; a dry run only reads.

    `columns` maps headers to fields beyond the tables; `consent` is kept as evidence where given;
    rejected lines are written to `rejects`. `actor` is who imports, for the events: one with the first
    transaction, and one with the last, which has the counts.

    Raises:
        BadInput: the file is not a CSV file with a column of addresses; nothing was imported.
        NotFound: there is no such list.
    """
    file, found = open_list(path, mapped=columns, encoding=encoding)
    report = describe(file, found)
    with db.read() if dry_run else db.begin() as tx:
        mlist = subscribers.get_list(tx, list_name)
        made = Import(mlist_id=mlist.id, file=str(path), made_at=clock())
        if not dry_run:
            tx.add(made)
            tx.flush()
            events.add(tx, [_event(EventKind.IMPORT_STARTED, made, actor, made.made_at)])
    report.import_id = made.id
    run = _Run(made=made, consent=consent, now=made.made_at, at=f"{made.made_at:%Y-%m-%d %H:%M}", actor=actor, clock=clock)
    writer = _RejectsWriter(rejects, found) if rejects else None
    seen: dict[int, tuple[SubscriptionState | None, bool]] = {}
    for batch, is_last in batches(rows(file, found)):
        good = _good(batch, report, writer)
        hmacs = {row.address.key: address_hmac(row.address.key, pepper) for row in good}
        if dry_run:
            _rehearse(db, run, good, hmacs, seen, report)
        else:
            _import_batch(db, run, good, hmacs, report, is_last=is_last)
        on_progress(len(batch))
    return report


def open_list(path: Path, *, mapped: Mapping[str, str], encoding: str) -> tuple[csvfile.CsvFile, columns.Layout]:
    """
    A CSV file and what its columns hold.

    Raises:
        BadInput: it is not a CSV file with a column of addresses.
    """
    file = csvfile.probe(path, encoding=encoding, recognise=lambda header: columns.recognised(header, mapped))
    return file, columns.layout(file, mapped)


def describe(file: csvfile.CsvFile, found: columns.Layout) -> Report:
    """A report that says how the file was read."""
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
    What becomes of a person: the outcome, and the state of their subscription from now on (None: no subscription).

    `state` is that of their subscription here, `suppressed` that their address must not be mailed here.
    """
    if standing is Standing.NEVER:
        return Outcome.NOT_SUBSCRIBED, state
    if standing in (Standing.LEFT, Standing.SUPPRESSED):
        ended = None if state is None and suppressed else _S.UNSUBSCRIBED  # Nothing is kept anew of who was erased.
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
class _Run:
    """What all batches of an import share."""

    made: Import
    consent: str
    now: datetime
    at: str  #: the same time, to be read
    actor: str  #: who imports
    clock: Clock

    def evidence(self, row: Row) -> str:
        """Where the subscription came from, in words."""
        words = self.consent or f"imported from {self.made.file}, line {row.line}, at {self.at} UTC"
        if row.statement.standing is not Standing.ACTIVE:
            words += f"; there: {row.statement}"
        return f"{words}; {row.told}" if row.told else words


@dataclass(slots=True)
class _Person:
    """One address of a batch: what was known of it, and what its lines make of it."""

    known: Known
    state: SubscriptionState | None
    row: Row  #: the line that decided the state last
    suppressing: Row | None = None  #: the line that says that the address must not be mailed


def _good(batch: Iterable[Row | Rejected], report: Report, writer: "_RejectsWriter | None") -> list[Row]:
    """The rows of a batch that can be imported; what is wrong with the others goes into the report."""
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


def _judge(
    good: Sequence[Row], known: Mapping[str, Known], never: set[str], hmacs: Mapping[str, str], report: Report
) -> dict[str, _Person]:
    """Decide line by line; later lines about a person meet what earlier ones made of them."""
    people: dict[str, _Person] = {}
    for row in good:
        key, standing = row.address.key, row.statement.standing
        person = people.get(key)
        if person is None:
            before = known.get(key, Known())
            person = people[key] = _Person(before, before.state, row)
        suppressed = hmacs[key] in never or person.suppressing is not None
        outcome, state = decide(standing, person.state, suppressed=suppressed)
        report.counts[outcome] += 1
        if state is not person.state:
            person.state, person.row = state, row
        if standing is Standing.SUPPRESSED and not suppressed:
            person.suppressing = row
    return people


def _rehearse(
    db: Database,
    run: _Run,
    good: Sequence[Row],
    hmacs: Mapping[str, str],
    seen: dict[int, tuple[SubscriptionState | None, bool]],
    report: Report,
) -> None:
    """Decide one batch and store nothing; `seen` has what earlier batches would have made, by the hash of the address key."""
    with db.read() as tx:
        known = imports.known(tx, run.made.mlist_id, list(hmacs))
        never = imports.suppressed(tx, hmacs.values())
    for key, hmac in hmacs.items():
        if (earlier := seen.get(hash(key))) is not None:
            known[key] = Known(state=earlier[0])
            never |= {hmac} if earlier[1] else set()
    for key, person in _judge(good, known, never, hmacs, report).items():
        seen[hash(key)] = _SHARED[person.state, person.suppressing is not None or hmacs[key] in never]


#: One value for all people alike, so that a million of them take no memory.
_SHARED = {(state, never): (state, never) for state in (None, *_S) for never in (False, True)}


def _import_batch(
    db: Database, run: _Run, good: Sequence[Row], hmacs: Mapping[str, str], report: Report, *, is_last: bool
) -> None:
    """Decide and store one batch, and count in `report` what became of each line; with the last, the event that has the counts."""
    with db.begin() as tx:
        known = imports.known(tx, run.made.mlist_id, list(hmacs))
        people = _judge(good, known, imports.suppressed(tx, hmacs.values()), hmacs, report)
        _store(tx, run, people, hmacs)
        made = tx.merge(run.made)
        made.added, made.rejected = report.counts[Outcome.ADDED], report.rejected
        tx.flush()
        if is_last:
            counts = {outcome.value: count for outcome, count in report.counts.items() if count}
            facts = {"lines": report.lines, "rejected": report.rejected, **counts}
            events.add(tx, [_event(EventKind.IMPORT_FINISHED, run.made, run.actor, run.clock(), **facts)])


def _event(kind: EventKind, made: Import, actor: str, at: datetime, **counts: int) -> Event:
    facts = {"file": made.file, **counts}
    return Event(at=at, kind=kind, actor=actor, noun="import", noun_id=made.id, mlist_id=made.mlist_id, facts=facts)


def _store(tx: Session, run: _Run, people: Mapping[str, _Person], hmacs: Mapping[str, str]) -> None:
    changed = {key: person for key, person in people.items() if person.state is not person.known.state}
    new = [
        NewSubscriber(p.row.address.text, key, hmacs[key], p.row.name, p.row.language, p.row.zone)
        for key, p in changed.items()
        if p.known.subscriber_id is None
    ]
    numbers = imports.add_people(tx, new, at=run.now)
    added, moved = [], []
    for key, person in changed.items():
        if person.known.subscription_id is None:
            number = person.known.subscriber_id or numbers[key]
            assert person.state is not None
            added.append(NewSubscription(number, person.state, run.evidence(person.row), _left_at(person, run)))
        else:
            moved.append(_change(person, run))
    imports.add_subscriptions(tx, added, run.made)
    imports.change_subscriptions(tx, moved)
    imports.add_suppressions(tx, [_suppression(p.suppressing, hmacs[key], run) for key, p in people.items() if p.suppressing])


def _suppression(row: Row, hmac: str, run: _Run) -> dict[str, Any]:
    statement = row.statement
    # Our own export gives the reason itself.
    reason = statement.cell if statement.header == "suppressed" else f"{statement} ({run.made.file}, line {row.line})"
    return {"address_hmac": hmac, "address": row.address.text, "reason": reason[:300], "made_at": run.now}


def _change(person: _Person, run: _Run) -> dict[str, Any]:
    return {
        "row": person.known.subscription_id,
        "new_state": person.state,
        "new_active_at": run.now if person.state is _S.ACTIVE else None,
        "new_left_at": _left_at(person, run),
        "more_evidence": run.evidence(person.row),
    }


def _left_at(person: _Person, run: _Run) -> datetime | None:
    """When the person left: the time that the file gives, unless it is still to come."""
    if person.state is not _S.UNSUBSCRIBED:
        return None
    told = instant(person.row.statement.cell)
    return told if told and told <= run.now else run.now


def batches(lines: Iterator[Row | Rejected]) -> Iterator[tuple[Sequence[Row | Rejected], bool]]:
    """Yield lines in groups, so that no transaction is long, each with whether it is the last; of no lines, one empty group."""
    group = list(islice(lines, BATCH))
    while True:
        following = list(islice(lines, BATCH))
        yield group, not following
        if not following:
            return
        group = following


class _RejectsWriter:
    """Rejected lines as CSV with number, field and reason in front, under the headers of their file, to be mended."""

    def __init__(self, file: TextIO, found: columns.Layout) -> None:
        self._writer = csv.writer(file)
        self._writer.writerow(["line", "field", "reason", *(found.header if not found.headless else [])])

    def write(self, row: Rejected) -> None:
        """Write one line; formulas in it do not run in a spreadsheet."""
        self._writer.writerow([row.line, row.field, f"{row.value} {row.reason}".strip(), *map(with_guard, row.cells)])
