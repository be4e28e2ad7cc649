"""
Heartbeat in the database, for machines that cannot see this process's journal.

Others take an owner whose last beat is older than LIMIT_S for lost. So a process whose own last
beat is older than half of that (it was suspended, or its database does not answer) ends no more
contents: somebody else may be about to. It stays so, since it does not know what became of its claims.
"""

import time

from sqlmodel import Session

from digest.model.ports import Clock
from digest.store import owners
from digest.store.engine import Database

EVERY_S, LIMIT_S = 5.0, 60.0
#: goes on while the machine sleeps, where the system has such a clock
_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


class Heartbeat:
    """Heartbeat of one owner."""

    def __init__(self, db: Database, owner: str, *, place: str, clock: Clock) -> None:
        self._owner = owner
        self._clock = clock
        with db.begin() as tx:
            owners.begin(tx, owner, place=place, now=clock())
        self._last = _now()

    def due(self) -> bool:
        """Return whether it is time for the next beat."""
        return _now() - self._last >= EVERY_S

    def beat(self, tx: Session) -> bool:
        """Record a heartbeat if one is due; return whether it was."""
        due = self.due() and self.fresh()
        if due:
            owners.beat(tx, self._owner, now=self._clock())
            self._last = _now()
        return due

    def fresh(self) -> bool:
        """Return whether the last heartbeat is recent enough that no process can have taken this owner for dead."""
        return _now() - self._last < LIMIT_S / 2


def _now() -> float:
    return time.clock_gettime(_CLOCK)
