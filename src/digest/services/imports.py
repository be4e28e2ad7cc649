"""Imports: files of people, and the way back."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO

from sqlmodel import Session

from digest.audience.columns import MAPPABLE
from digest.audience.fields import instant
from digest.audience.files import ListFile, lists_in
from digest.audience.importer import (
    Outcome,
    Person,
    RejectsWriter,
    Report,
    Run,
    batches,
    describe,
    good_rows,
    judge,
    open_list,
)
from digest.audience.rows import Row, rows
from digest.model.event import EventKind
from digest.model.states import SubscriptionState
from digest.model.subscriber import Import
from digest.model.tokens import address_hmac
from digest.services import events
from digest.services.context import Place
from digest.services.views.people import ImportView, ImportWarning, Rejection
from digest.store import imports, subscribers
from digest.store.imports import Known, NewSubscriber, NewSubscription

FIELDS = MAPPABLE  #: what a column of a file can hold


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """The lines of a file that go into one list."""

    file: ListFile
    mlist: str  #: name of the list; empty: the only one
    own: bool = False  #: only the lines that name this list, of digest's own export


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How files are read, and what is done with them."""

    columns: Mapping[str, str] = field(default_factory=dict)  #: fields by header, beyond the tables
    encoding: str = ""  #: empty: detected
    consent: str = ""  #: kept as evidence where given
    dry_run: bool = False  #: only say what would happen


AS_DETECTED = Options()
Progress = Callable[[int, int], None]  #: called with the lines of a batch, and with all lines of the file


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
    return [part for file in files for part in _parts(file, options)]


def _parts(file: ListFile, options: Options) -> Sequence[Part]:
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
    report = run(ctx, part, options, rejects=rejects, on_progress=on_progress)
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
        unread=tuple(report.unread),
        notes=tuple(report.notes),
        warnings=tuple(ImportWarning(line=doubt.line, text=doubt.text) for doubt in report.doubts),
        rejects=rejections(report),
        doubtful=report.doubtful,
    )


def rejections(report: Report) -> tuple[Rejection, ...]:
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


# --- one file, a batch a transaction ----------------------------------------------------------


def run(
    ctx: Place,
    part: Part,
    options: Options,
    *,
    rejects: TextIO | None = None,
    on_progress: Progress = lambda _count, _total: None,
) -> Report:
    """
    Import a file into a list, a batch a transaction; a dry run only reads. Rejected lines are written to `rejects`.

    Raises:
        BadInput: it is no CSV or NDJSON file with a column of addresses; nothing was imported.
        NotFound: there is no such list.
    """
    opened = open_list(part.file, mapped=options.columns, encoding=options.encoding)
    layout, only = opened.layout, part.mlist if part.own else ""
    report = describe(opened)
    made = _begin(ctx, part, dry_run=options.dry_run)
    report.import_id = made.id
    this = Run(made=made, consent=options.consent, now=made.made_at, at=f"{made.made_at:%Y-%m-%d %H:%M}")
    writer = RejectsWriter(rejects, layout) if rejects else None
    seen: dict[int, tuple[SubscriptionState | None, bool]] = {}
    total = layout.lists[only] if only else layout.lines
    for batch, is_last in batches(rows(opened.table, layout, mlist=only)):
        good = good_rows(batch, report, writer)
        hmacs = {row.address.key: address_hmac(row.address.key, ctx.settings.pepper) for row in good}
        if options.dry_run:
            _rehearse(ctx, this, good, hmacs, seen, report)
        else:
            _import_batch(ctx, this, good, hmacs, report, is_last=is_last)
        on_progress(len(batch), total)
    return report


def _begin(ctx: Place, part: Part, *, dry_run: bool) -> Import:
    """Store that an import begins; a dry run only looks whether the list is there."""
    with ctx.db.read() if dry_run else ctx.db.begin() as tx:
        made = Import(mlist_id=subscribers.get_list(tx, part.mlist).id, file=str(part.file), made_at=ctx.clock())
        if not dry_run:
            tx.add(made)
            tx.flush()
            events.record(ctx, tx, EventKind.IMPORT_STARTED, made, file=made.file)
    return made


def _rehearse(
    ctx: Place,
    run: Run,
    good: Sequence[Row],
    hmacs: Mapping[str, str],
    seen: dict[int, tuple[SubscriptionState | None, bool]],
    report: Report,
) -> None:
    """Decide one batch and store nothing; `seen` has what earlier batches would have made, by the hash of the address key."""
    with ctx.db.read() as tx:
        known = imports.known(tx, run.made.mlist_id, list(hmacs))
        never = imports.suppressed(tx, hmacs.values())
    for key, hmac in hmacs.items():
        if (earlier := seen.get(hash(key))) is not None:
            known[key] = Known(state=earlier[0])
            never |= {hmac: False} if earlier[1] else {}
    for key, person in judge(good, known, never, hmacs, report).items():
        seen[hash(key)] = _SHARED[person.state, person.suppressing is not None or hmacs[key] in never]


#: One value for all people alike, so that a million of them take no memory.
_SHARED = {(state, never): (state, never) for state in (None, *SubscriptionState) for never in (False, True)}


def _import_batch(ctx: Place, run: Run, good: Sequence[Row], hmacs: Mapping[str, str], report: Report, *, is_last: bool) -> None:
    """Decide and store one batch, and count in `report` what became of each line; with the last, the event that has the counts."""
    with ctx.db.begin() as tx:
        known = imports.known(tx, run.made.mlist_id, list(hmacs))
        people = judge(good, known, imports.suppressed(tx, hmacs.values()), hmacs, report)
        _store(tx, run, people, hmacs)
        made = tx.merge(run.made)
        made.added, made.rejected = report.counts[Outcome.ADDED], report.rejected
        tx.flush()
        if is_last:
            counts = {outcome.value: count for outcome, count in report.counts.items() if count}
            facts: dict[str, Any] = {"file": made.file, "lines": report.lines, "rejected": report.rejected, **counts}
            events.record(ctx, tx, EventKind.IMPORT_FINISHED, made, **facts)


def _store(tx: Session, run: Run, people: Mapping[str, Person], hmacs: Mapping[str, str]) -> None:
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
            added.append(_new(person, number, run))
        else:
            moved.append(_change(person, run))
    imports.add_subscriptions(tx, added, run.made)
    imports.change_subscriptions(tx, moved)
    imports.add_suppressions(tx, [_suppression(p.suppressing, hmacs[key], run) for key, p in people.items() if p.suppressing])


def _new(person: Person, number: int, run: Run) -> NewSubscription:
    assert person.state is not None
    made_at = min(person.row.since or run.now, run.now)
    active_at = made_at if person.state is SubscriptionState.ACTIVE else None
    return NewSubscription(number, person.state, run.evidence(person.row), made_at, active_at, _left_at(person, run))


def _suppression(row: Row, hmac: str, run: Run) -> dict[str, Any]:
    statement = row.statement
    reason = row.reason if row.never else f"{statement} ({run.made.file}, line {row.line})"[:300]
    return {"address_hmac": hmac, "address": row.address.text, "reason": reason, "made_at": run.now}


def _change(person: Person, run: Run) -> dict[str, Any]:
    return {
        "row": person.known.subscription_id,
        "new_state": person.state,
        "new_active_at": run.now if person.state is SubscriptionState.ACTIVE else None,
        "new_left_at": _left_at(person, run),
        "more_evidence": run.evidence(person.row),
    }


def _left_at(person: Person, run: Run) -> datetime | None:
    """Return when the person left: the time that the file gives, unless it is still to come."""
    if person.state is not SubscriptionState.UNSUBSCRIBED:
        return None
    told = instant(person.row.statement.cell)
    return told if told and told <= run.now else run.now
