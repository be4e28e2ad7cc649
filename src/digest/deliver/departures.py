"""Snapshot of the readers who leave during a run, and its age."""

import time
from collections.abc import Sequence

from digest.store import claims
from digest.store.engine import Database

MAX_AGE_S = 1.0  #: no message is begun by an older snapshot; a new one is read twice as often


class Departures:
    """Snapshot of departed readers, written by the writer's thread and read by workers."""

    def __init__(self, db: Database, issue_id: int) -> None:
        self._db = db
        self._issue_id = issue_id
        self._gone: frozenset[int] = frozenset()
        self._read_at = time.monotonic()

    @property
    def fresh(self) -> bool:
        """True while the snapshot is young enough to begin a message by; where the database is slow, workers wait for it."""
        return time.monotonic() - self._read_at < MAX_AGE_S

    @property
    def due(self) -> bool:
        """True when workers will soon need a new snapshot."""
        return time.monotonic() - self._read_at >= MAX_AGE_S / 2

    def has(self, delivery_id: int) -> bool:
        """Return whether the reader of this delivery has left or is suppressed, by the snapshot."""
        return delivery_id in self._gone

    def read(self, delivery_ids: Sequence[int]) -> bool:
        """Take a new snapshot of these deliveries; return whether the issue is still being sent, neither held nor cancelled."""
        with self._db.read() as tx:
            self._gone = claims.departed(tx, delivery_ids)
            goes_out = claims.goes_out(tx, self._issue_id)
        self._read_at = time.monotonic()  # the end: a read that takes longer than MAX_AGE_S must not stop everything
        return goes_out
