"""Importing a list in a test: the file, the report, and who is where afterwards."""

from pathlib import Path
from typing import Any

from digest.audience.files import ListFile
from digest.audience.importer import Outcome, Report, open_list
from digest.services import importing
from digest.services.importing import Options, Part
from digest.store import subscribers
from digest.store.imports import suppressed
from tests.support.place import Place

PEPPER = "p" * 32


def take(place: Place, text: str | bytes, *, name: str = "people.csv", mlist: str = "readers", **options: Any) -> Report:
    """Import a file of this text."""
    path = place.folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return import_list(place, path, mlist=mlist, **options)


def import_list(place: Place, path: Path, *, mlist: str = "readers", **options: Any) -> Report:
    """Import a file."""
    rejects = options.pop("rejects", None)
    part, chosen = Part(file=ListFile(path), mlist=mlist), Options(**options)
    opened = open_list(part.file, mapped=chosen.columns, encoding=chosen.encoding)
    run, report = importing.run(place.ctx, opened, part, chosen, rejects=rejects)
    if not chosen.dry_run:
        importing.finish(place.ctx, run, report)
    return report


def counts(report: Report) -> dict[str, int]:
    """The counts that are not zero."""
    return {outcome.value: n for outcome, n in report.counts.items() if n} | (
        {"rejected": report.rejected} if report.rejected else {}
    )


def added(report: Report) -> int:
    """How many were added."""
    return report.counts[Outcome.ADDED]


def people(place: Place) -> dict[str, str]:
    """Everybody's state by address; `never` where the address must not be mailed."""
    with place.ctx.db.read() as tx:
        found = [(p.address, p.address_hmac, tie.state.value if tie else "") for p, tie, _ in subscribers.each(tx)]
        never = suppressed(tx, [hmac for _, hmac, _ in found])
        return {address: "never" if hmac in never else state for address, hmac, state in found}
