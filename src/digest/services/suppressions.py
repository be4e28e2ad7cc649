"""Suppressions: addresses that are never mailed, whatever list they are on."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlmodel import Session

from digest.audience.address import parse
from digest.audience.fields import one_line
from digest.audience.files import ListFile
from digest.audience.importer import KEPT, Outcome, Report, batches, describe, open_list
from digest.audience.rows import Rejected, Row, rows
from digest.audience.standing import Standing
from digest.errors import NothingToDo
from digest.model.event import REASON_MAX, EventKind
from digest.model.subscriber import Subscriber, Suppression
from digest.model.tokens import address_hmac
from digest.services import events
from digest.services.context import Place
from digest.services.imports import rejections
from digest.services.views.people import SuppressionImport, SuppressionView
from digest.store import imports, subscribers

SHOWN = 50  #: suppressions on a page


def every(ctx: Place) -> Sequence[SuppressionView]:
    """Return all suppressions, newest first."""
    with ctx.db.read() as tx:
        return [SuppressionView.model_validate(entry) for entry in subscribers.suppressions(tx)]


def following(ctx: Place, *, after: str = "", limit: int) -> Sequence[SuppressionView]:
    """Return suppressions in the order of their keyed hashes, those that follow the hash `after`."""
    with ctx.db.read() as tx:
        return [SuppressionView.model_validate(entry) for entry in subscribers.suppressions_after(tx, after, limit=limit)]


def add(ctx: Place, address: str, *, reason: str) -> str:
    """
    Never mail an address again; return it as it is spelt in mails.

    Raises:
        BadAddress: it is no mail address.
        NothingToDo: it is suppressed already.
    """
    checked = parse(address)
    hmac = address_hmac(checked.key, ctx.settings.pepper)
    with ctx.db.begin() as tx:
        entry = Suppression(address_hmac=hmac, address=checked.text, reason=one_line(reason), made_at=ctx.clock())
        if not subscribers.suppress(tx, entry):
            raise NothingToDo(f"{checked.text} is suppressed already", code="suppressed_already")
        events.record(ctx, tx, EventKind.SUPPRESSED, entry, subscriber=_subscriber(tx, checked.key), reason=reason[:REASON_MAX])
    return checked.text


def suppress(ctx: Place, tx: Session, person: Subscriber, *, reason: str) -> None:
    """Never mail a known person again, within a transaction. Raises NothingToDo where they are suppressed already."""
    entry = Suppression(address_hmac=person.address_hmac, address=person.address, reason=one_line(reason), made_at=ctx.clock())
    if not subscribers.suppress(tx, entry):
        raise NothingToDo(f"{person.address} is suppressed already", code="suppressed_already")
    events.record(ctx, tx, EventKind.SUPPRESSED, entry, subscriber=person.id, reason=reason[:REASON_MAX])


@dataclass(frozen=True, slots=True, kw_only=True)
class Suppressions:
    """Some suppressions, newest first."""

    entries: Sequence[SuppressionView]
    more_after: tuple[datetime, str] | None  #: time and keyed hash of the last one; None: there are no more


def page(ctx: Place, *, after: tuple[datetime, str] | None = None) -> Suppressions:
    """Return the suppressions that follow the one with this time and keyed hash, newest first."""
    with ctx.db.read() as tx:
        found = subscribers.suppressions(tx, after=after, limit=SHOWN + 1)
    entries = [SuppressionView.model_validate(entry) for entry in found[:SHOWN]]
    last = (entries[-1].made_at, entries[-1].address_hmac) if len(found) > SHOWN else None
    return Suppressions(entries=entries, more_after=last)


def show(ctx: Place, address: str) -> SuppressionView:
    """Return why an address is never mailed. Raises BadAddress, or NothingToDo where it may be."""
    checked = parse(address)
    with ctx.db.read() as tx:
        entry = subscribers.suppression(tx, address_hmac(checked.key, ctx.settings.pepper))
    if entry is None:
        raise NothingToDo(f"{checked.text} is not suppressed", code="not_suppressed")
    return SuppressionView.model_validate(entry)


def remove(ctx: Place, address: str) -> str:
    """Let an address be mailed again; return it as it is spelt in mails. Raises BadAddress, or NothingToDo where it may be."""
    checked = parse(address)
    hmac = address_hmac(checked.key, ctx.settings.pepper)
    with ctx.db.begin() as tx:
        entry = subscribers.suppression(tx, hmac)
        if entry is None or not subscribers.unsuppress(tx, hmac):
            raise NothingToDo(f"{checked.text} is not suppressed", code="not_suppressed")
        events.record(ctx, tx, EventKind.UNSUPPRESSED, entry, subscriber=_subscriber(tx, checked.key))
    return checked.text


def _subscriber(tx: Session, address_key: str) -> int | None:
    """Return the number of the person with this address; None where nobody has it."""
    found = subscribers.find(tx, address_key)
    return found.id if found else None


def import_file(
    ctx: Place, file: Path | ListFile, *, columns: Mapping[str, str], reason: str = "", encoding: str = "", dry_run: bool = False
) -> SuppressionImport:
    """
    Suppress every address of a CSV or NDJSON file; whom a state column of the file calls subscribed is passed by.

    A dry run only says what would happen.

    Raises:
        BadInput: it is no CSV or NDJSON file with a column of addresses; nothing was imported.
    """
    file = ListFile(file) if isinstance(file, Path) else file
    report = _run(ctx, file, columns=columns, reason=reason, encoding=encoding, dry_run=dry_run)
    return SuppressionImport(
        file=str(file),
        dry_run=dry_run,
        encoding=report.encoding,
        separator=report.separator,
        lines=report.lines,
        unread=tuple(report.unread),
        notes=tuple(report.notes),
        rejected=report.rejected,
        rejects=rejections(report),
        suppressed=report.counts[Outcome.SUPPRESSED],
        already=report.counts[Outcome.ALREADY],
        passed_by=report.passed_by,
    )


def _run(ctx: Place, file: ListFile, *, columns: Mapping[str, str], reason: str, encoding: str, dry_run: bool) -> Report:
    """Suppress a file's addresses, a batch a transaction. A line's reason is `reason`, else what its columns say."""
    seen: set[str] = set()  # on a dry run: keyed hashes that batches before would have stored
    opened = open_list(file, mapped=columns, encoding=encoding)
    layout = replace(opened.layout, lenient=True)  # A `status` may be the reply of a mail server.
    report = describe(opened)
    only_marked = bool(layout.states)
    for batch, is_last in batches(rows(opened.table, layout)):
        entries: dict[str, Mapping[str, Any]] = {}
        for row in _counted(batch, report):
            if only_marked and not row.never and row.statement.standing in (Standing.ACTIVE, Standing.PENDING):
                report.passed_by += 1
                continue
            hmac = address_hmac(row.address.key, ctx.settings.pepper)
            said = row.statement if row.statement.header else "imported"
            why = reason or row.reason or f"{said} ({file}, line {row.line})"
            entry = {"address_hmac": hmac, "address": row.address.text, "reason": why[:300], "made_at": ctx.clock()}
            report.counts[Outcome.ALREADY if hmac in entries else Outcome.SUPPRESSED] += 1
            entries.setdefault(hmac, entry)
        if dry_run:
            with ctx.db.read() as tx:
                _count_known(entries, seen | imports.suppressed(tx, list(entries)).keys(), report)
            seen.update(entries)
            continue
        with ctx.db.begin() as tx:
            _store(tx, entries, report)
            if is_last:
                events.record(ctx, tx, EventKind.SUPPRESSIONS_IMPORTED, Suppression, **_counts(file, report))
    return report


def _counted(batch: Sequence[Row | Rejected], report: Report) -> Iterator[Row]:
    for row in batch:
        report.lines += 1
        if isinstance(row, Row):
            yield row
            continue
        report.rejected += 1
        if len(report.rejects) < KEPT:
            report.rejects.append(row)


def _counts(file: ListFile, report: Report) -> dict[str, Any]:
    counts = {outcome.value: count for outcome, count in report.counts.items() if count}
    return {"file": str(file), "lines": report.lines, "rejected": report.rejected, "passed_by": report.passed_by, **counts}


def _store(tx: Session, entries: Mapping[str, Mapping[str, Any]], report: Report) -> None:
    there = imports.suppressed(tx, list(entries))
    imports.add_suppressions(tx, [entry for hmac, entry in entries.items() if hmac not in there])
    _count_known(entries, there, report)


def _count_known(entries: Collection[str], known: Collection[str], report: Report) -> None:
    """Count those as suppressed already that are known."""
    count = sum(hmac in known for hmac in entries)
    report.counts[Outcome.SUPPRESSED] -= count
    report.counts[Outcome.ALREADY] += count
