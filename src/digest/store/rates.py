"""
Counters of rate limits.

They count within a transaction of the caller, so that a request that fails is not counted, and all processes
share the counts. A window begins with its first hit.
"""

from datetime import datetime, timedelta

from sqlmodel import Session, col, delete

from digest.model.rate import Limit
from digest.model.signup import RateCount


class Counters:
    """The counts as one transaction sees them, at one time."""

    def __init__(self, tx: Session, now: datetime) -> None:
        self._tx = tx
        self._now = now

    def hit(self, limit: Limit, name: str, key: str) -> bool:
        """Count a hit of `key` against the limit of this name; return whether it is within the limit."""
        return self.add(_key(limit, name, key), limit.window) <= limit.amount

    def add(self, key: str, window: timedelta) -> int:
        """Count, in a new window where the last one is over; return the count."""
        row = self._tx.get(RateCount, key)
        if row is None:
            row = RateCount(key=key, count=0, until=self._now + window)
        elif row.until <= self._now:
            row.count, row.until = 0, self._now + window
        row.count += 1
        self._tx.add(row)
        self._tx.flush()
        return row.count

    def count(self, limit: Limit, name: str, key: str) -> int:
        """Return the hits in the current window."""
        row = self._tx.get(RateCount, _key(limit, name, key))
        return row.count if row and row.until > self._now else 0

    def wait(self, limit: Limit, name: str, key: str) -> timedelta:
        """Return the time until the current window ends, at least a second."""
        row = self._tx.get(RateCount, _key(limit, name, key))
        return max((row.until if row else self._now) - self._now, timedelta(seconds=1))

    def clear(self, limit: Limit, name: str, key: str) -> None:
        """Forget the count of one key."""
        self._tx.execute(delete(RateCount).where(col(RateCount.key) == _key(limit, name, key)))


def _key(limit: Limit, name: str, key: str) -> str:
    """Return the row of a window; another limit counts anew."""
    return f"{name}/{key}/{limit.amount}/{int(limit.window.total_seconds())}"


def forget_past(tx: Session, now: datetime) -> None:
    """Forget the counts of windows that are over."""
    tx.execute(delete(RateCount).where(col(RateCount.until) <= now))
