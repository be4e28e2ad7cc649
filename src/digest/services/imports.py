"""Imports: CSV files of people, and the way back."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO

from sqlmodel import Session

from digest.audience.columns import MAPPABLE
from digest.audience.fields import instant
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
from digest.errors import NothingToDo
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
    report = run(
        ctx,
        path,
        mlist,
        columns=columns,
        consent=consent,
        encoding=encoding,
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
    path: Path,
    mlist: str,
    *,
    columns: Mapping[str, str],
    consent: str,
    encoding: str = "",
    dry_run: bool = False,
    rejects: TextIO | None = None,
    on_progress: Callable[[int], None] = lambda _count: None,
) -> Report:
    """
    Import a CSV file into a list, a batch a transaction; a dry run only reads.

    `columns` maps headers to fields beyond the tables; `consent` is kept as evidence where given;
    rejected lines are written to `rejects`.

    Raises:
        BadInput: the file is not a CSV file with a column of addresses; nothing was imported.
        NotFound: there is no such list.
    """
    file, found = open_list(path, mapped=columns, encoding=encoding)
    report = describe(file, found)
    with ctx.db.read() if dry_run else ctx.db.begin() as tx:
        made = Import(mlist_id=subscribers.get_list(tx, mlist).id, file=str(path), made_at=ctx.clock())
        if not dry_run:
            tx.add(made)
            tx.flush()
            events.record(ctx, tx, EventKind.IMPORT_STARTED, made, file=made.file)
    report.import_id = made.id
    this = Run(made=made, consent=consent, now=made.made_at, at=f"{made.made_at:%Y-%m-%d %H:%M}")
    writer = RejectsWriter(rejects, found) if rejects else None
    seen: dict[int, tuple[SubscriptionState | None, bool]] = {}
    for batch, is_last in batches(rows(file, found)):
        good = good_rows(batch, report, writer)
        hmacs = {row.address.key: address_hmac(row.address.key, ctx.settings.pepper) for row in good}
        if dry_run:
            _rehearse(ctx, this, good, hmacs, seen, report)
        else:
            _import_batch(ctx, this, good, hmacs, report, is_last=is_last)
        on_progress(len(batch))
    return report


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
            never |= {hmac} if earlier[1] else set()
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
            assert person.state is not None
            added.append(NewSubscription(number, person.state, run.evidence(person.row), _left_at(person, run)))
        else:
            moved.append(_change(person, run))
    imports.add_subscriptions(tx, added, run.made)
    imports.change_subscriptions(tx, moved)
    imports.add_suppressions(tx, [_suppression(p.suppressing, hmacs[key], run) for key, p in people.items() if p.suppressing])


def _suppression(row: Row, hmac: str, run: Run) -> dict[str, Any]:
    statement = row.statement
    # Our own export gives the reason itself.
    reason = statement.cell if statement.header == "suppressed" else f"{statement} ({run.made.file}, line {row.line})"
    return {"address_hmac": hmac, "address": row.address.text, "reason": reason[:300], "made_at": run.now}


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
