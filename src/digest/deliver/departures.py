"""Snapshot of the readers who leave or pause during a run, and its age."""

import time
from collections.abc import Mapping, Sequence

from digest.model.ports import Clock
from digest.model.states import Skip
from digest.store import claims
from digest.store.engine import Database

MAX_AGE_S = 1.0  #: no message is begun by an older snapshot; a new one is read twice as often


class Departures:
    """Snapshot of departed readers, written by the writer's thread and read by workers."""

    def __init__(self, db: Database, issue_id: int, *, clock: Clock) -> None:
        self._db = db
        self._issue_id = issue_id
        self._clock = clock
        self._gone: Mapping[int, Skip] = {}
        self._read_at = time.monotonic()

    @property
    def fresh(self) -> bool:
        """True while the snapshot is young enough to begin a message by; where the database is slow, workers wait for it."""
        return time.monotonic() - self._read_at < MAX_AGE_S

    @property
    def due(self) -> bool:
        """True when workers will soon need a new snapshot."""
        return time.monotonic() - self._read_at >= MAX_AGE_S / 2

    def reason(self, delivery_id: int) -> Skip | None:
        """Return why the reader of this delivery gets nothing, by the snapshot; None if they are mailed."""
        return self._gone.get(delivery_id)

    def read(self, delivery_ids: Sequence[int]) -> bool:
        """Take a new snapshot of these deliveries; return whether the issue is still being sent, neither held nor cancelled."""
        with self._db.read() as tx:
            self._gone = claims.departed(tx, delivery_ids, now=self._clock())
            goes_out = claims.goes_out(tx, self._issue_id)
        self._read_at = time.monotonic()  # the end: a read that takes longer than MAX_AGE_S must not stop everything
        return goes_out
