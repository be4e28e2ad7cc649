"""Suppressions: addresses that are never mailed, whatever list they are on."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from sqlmodel import Session

from digest.audience import suppressions as files
from digest.audience.address import parse
from digest.audience.importer import Outcome
from digest.errors import NothingToDo
from digest.model.event import REASON_MAX, EventKind
from digest.model.subscriber import Suppression
from digest.model.tokens import address_hmac
from digest.services import events
from digest.services.context import Place
from digest.services.imports import rejections
from digest.services.views.people import SuppressionImport, SuppressionView
from digest.store import subscribers


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
        entry = Suppression(address_hmac=hmac, address=checked.text, reason=reason, made_at=ctx.clock())
        if not subscribers.suppress(tx, entry):
            raise NothingToDo(f"{checked.text} is suppressed already")
        events.record(ctx, tx, EventKind.SUPPRESSED, entry, subscriber=_subscriber(tx, checked.key), reason=reason[:REASON_MAX])
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
    hmac = address_hmac(checked.key, ctx.settings.pepper)
    with ctx.db.begin() as tx:
        entry = subscribers.suppression(tx, hmac)
        if entry is None or not subscribers.unsuppress(tx, hmac):
            raise NothingToDo(f"{checked.text} is not suppressed")
        events.record(ctx, tx, EventKind.UNSUPPRESSED, entry, subscriber=_subscriber(tx, checked.key))
    return checked.text


def _subscriber(tx: Session, address_key: str) -> int | None:
    """The number of the person with this address; None where nobody has it."""
    found = subscribers.find(tx, address_key)
    return found.id if found else None


def import_file(ctx: Place, path: Path, *, columns: Mapping[str, str], reason: str = "", encoding: str = "") -> SuppressionImport:
    """
    Suppress every address of a CSV file; whom a state column of the file calls subscribed is passed by.

    Raises:
        BadInput: the file is not a CSV file with a column of addresses; nothing was imported.
    """
    report = files.import_file(
        ctx.db,
        path,
        columns=columns,
        reason=reason,
        pepper=ctx.settings.pepper,
        clock=ctx.clock,
        encoding=encoding,
        actor=ctx.actor,
    )
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
