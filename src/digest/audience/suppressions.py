"""Lists of addresses that are never to be mailed, such as another system exports."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlmodel import Session

from digest.audience.importer import KEPT, Outcome, Report, batches, describe, open_list
from digest.audience.rows import Rejected, Row, rows
from digest.audience.standing import Standing
from digest.model.event import Actor, Event, EventKind
from digest.model.ports import Clock
from digest.model.tokens import address_hmac
from digest.store import events, imports
from digest.store.engine import Database


def import_file(
    db: Database,
    path: Path,
    *,
    columns: Mapping[str, str],
    reason: str,
    pepper: str,
    clock: Clock,
    encoding: str = "",
    actor: str = Actor.COMMAND_LINE,
) -> Report:
    """
    Suppress every address of a CSV file, a batch a transaction. Whom a state column calls subscribed or unconfirmed is passed by.

    A line's reason is `reason`, else what its columns say. `actor` is who imports, for the event: one, with the last batch.

    Raises:
        BadInput: the file is not a CSV file with a column of addresses; nothing was imported.
    """
    file, found = open_list(path, mapped=columns, encoding=encoding)
    found = replace(found, lenient=True)  # A `status` may be the reply of a mail server.
    report = describe(file, found)
    only_marked = bool(found.states)
    for batch, is_last in batches(rows(file, found)):
        entries: dict[str, Mapping[str, Any]] = {}
        for row in _counted(batch, report):
            if only_marked and row.statement.standing in (Standing.ACTIVE, Standing.PENDING):
                report.passed_by += 1
                continue
            hmac = address_hmac(row.address.key, pepper)
            said = row.statement if row.statement.header else "imported"
            why = reason or row.reason or f"{said} ({path}, line {row.line})"
            entry = {"address_hmac": hmac, "address": row.address.text, "reason": why[:300], "made_at": clock()}
            report.counts[Outcome.ALREADY if hmac in entries else Outcome.SUPPRESSED] += 1
            entries.setdefault(hmac, entry)
        with db.begin() as tx:
            _store(tx, list(entries.values()), report)
            if is_last:
                events.add(tx, [_event(path, report, actor, clock())])
    return report


def _event(path: Path, report: Report, actor: str, at: datetime) -> Event:
    counts = {outcome.value: count for outcome, count in report.counts.items() if count}
    facts = {"file": str(path), "lines": report.lines, "rejected": report.rejected, "passed_by": report.passed_by, **counts}
    return Event(at=at, kind=EventKind.SUPPRESSIONS_IMPORTED, actor=actor, noun="suppression", facts=facts)


def _counted(batch: Sequence[Row | Rejected], report: Report) -> Iterator[Row]:
    for row in batch:
        report.lines += 1
        if isinstance(row, Row):
            yield row
            continue
        report.rejected += 1
        if len(report.rejects) < KEPT:
            report.rejects.append(row)


def _store(tx: Session, entries: Sequence[Mapping[str, Any]], report: Report) -> None:
    there = imports.suppressed(tx, [entry["address_hmac"] for entry in entries])
    imports.add_suppressions(tx, [entry for entry in entries if entry["address_hmac"] not in there])
    report.counts[Outcome.SUPPRESSED] -= len(there)
    report.counts[Outcome.ALREADY] += len(there)
