"""Suppressions: addresses that are never mailed, whatever list they are on."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

from digest.audience.address import parse
from digest.audience.importer import BATCH, KEPT, Outcome, Report, describe, open_list
from digest.audience.rows import Rejected, Row, rows
from digest.audience.standing import Standing
from digest.errors import NothingToDo
from digest.model.subscriber import Suppression
from digest.model.tokens import address_hmac
from digest.services.context import Place
from digest.services.imports import rejections
from digest.services.views.people import SuppressionImport, SuppressionView
from digest.store import imports, subscribers


def every(ctx: Place) -> Sequence[SuppressionView]:
    """Return all suppressions, newest first."""
    with ctx.db.read() as tx:
        return [SuppressionView.model_validate(entry) for entry in subscribers.suppressions(tx)]


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
        if not subscribers.suppress(tx, Suppression(address_hmac=hmac, address=checked.text, reason=reason, made_at=ctx.clock())):
            raise NothingToDo(f"{checked.text} is suppressed already")
    return checked.text


def show(ctx: Place, address: str) -> SuppressionView:
    """Return why an address is never mailed. Raises BadAddress, or NothingToDo where it may be."""
    checked = parse(address)
    with ctx.db.read() as tx:
        entry = subscribers.suppression(tx, address_hmac(checked.key, ctx.settings.pepper))
    if entry is None:
        raise NothingToDo(f"{checked.text} is not suppressed")
    return SuppressionView.model_validate(entry)


def remove(ctx: Place, address: str) -> str:
    """Let an address be mailed again; return it as it is spelt in mails. Raises BadAddress, or NothingToDo where it may be."""
    checked = parse(address)
    with ctx.db.begin() as tx:
        if not subscribers.unsuppress(tx, address_hmac(checked.key, ctx.settings.pepper)):
            raise NothingToDo(f"{checked.text} is not suppressed")
    return checked.text


def import_file(ctx: Place, path: Path, *, columns: Mapping[str, str], reason: str = "", encoding: str = "") -> SuppressionImport:
    """
    Suppress every address of a CSV file; whom a state column of the file calls subscribed is passed by.

    Raises:
        BadInput: the file is not a CSV file with a column of addresses; nothing was imported.
    """
    report = _run(ctx, path, columns=columns, reason=reason, encoding=encoding)
    return SuppressionImport(
        file=str(path),
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


def _run(ctx: Place, path: Path, *, columns: Mapping[str, str], reason: str, encoding: str) -> Report:
    """Suppress a file's addresses, a batch a transaction. A line's reason is `reason`, else what its columns say."""
    file, found = open_list(path, mapped=columns, encoding=encoding)
    found = replace(found, lenient=True)  # A `status` may be the reply of a mail server.
    report = describe(file, found)
    only_marked = bool(found.states)
    lines = rows(file, found)
    while batch := list(islice(lines, BATCH)):
        entries: dict[str, Mapping[str, Any]] = {}
        for row in _counted(batch, report):
            if only_marked and row.statement.standing in (Standing.ACTIVE, Standing.PENDING):
                report.passed_by += 1
                continue
            hmac = address_hmac(row.address.key, ctx.settings.pepper)
            said = row.statement if row.statement.header else "imported"
            why = reason or row.reason or f"{said} ({path}, line {row.line})"
            entry = {"address_hmac": hmac, "address": row.address.text, "reason": why[:300], "made_at": ctx.clock()}
            report.counts[Outcome.ALREADY if hmac in entries else Outcome.SUPPRESSED] += 1
            entries.setdefault(hmac, entry)
        _store(ctx, list(entries.values()), report)
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


def _store(ctx: Place, entries: Sequence[Mapping[str, Any]], report: Report) -> None:
    with ctx.db.begin() as tx:
        there = imports.suppressed(tx, [entry["address_hmac"] for entry in entries])
        imports.add_suppressions(tx, [entry for entry in entries if entry["address_hmac"] not in there])
    report.counts[Outcome.SUPPRESSED] -= len(there)
    report.counts[Outcome.ALREADY] += len(there)
