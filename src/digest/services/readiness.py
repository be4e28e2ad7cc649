"""Readiness: whether this process can do its work now, for whoever sends it requests or starts it anew."""

import tempfile
import time
from pathlib import Path

from digest.errors import StoreError
from digest.services.context import Context
from digest.services.views.doctor import ReadyView
from digest.store import schema

LATE_S = 60.0  #: without a sign of life


class Pulse:
    """Signs of life of the scheduler of this process."""

    def __init__(self) -> None:
        self._at = time.monotonic()

    def beat(self) -> None:
        """Give a sign of life."""
        self._at = time.monotonic()

    @property
    def is_late(self) -> bool:
        """True when there has been none for a minute."""
        return time.monotonic() - self._at > LATE_S


def look(ctx: Context, pulse: Pulse | None) -> ReadyView:
    """
    Return what is ready and what is not.

    `pulse`: of the scheduler that this process should have; None: it has none. Nothing that is said names a host, a path or a
    person, since anybody may ask.
    """
    scheduler = "not here" if pulse is None else "stalled" if pulse.is_late else "ok"
    database, journal = _database(ctx), _journal(ctx.journals)
    ok = database == journal == "ok" and scheduler != "stalled"
    return ReadyView(ok=ok, database=database, scheduler=scheduler, journal=journal)


def _database(ctx: Context) -> str:
    try:
        schema.check(ctx.db)
    except StoreError as problem:
        known = {"no_database": "missing", "no_tables": "empty", "database_older": "older", "database_newer": "newer"}
        return known.get(problem.code, "unreachable")
    return "ok"


def _journal(folder: Path) -> str:
    """Write a byte into a file without a name, which no other process can find."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.TemporaryFile(dir=folder, prefix=".ready.") as probe:
            probe.write(b"\n")
    except OSError:
        return "not writable"
    return "ok"
