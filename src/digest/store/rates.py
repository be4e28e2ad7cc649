"""
Counters of rate limits: the storage that the `limits` library counts in, kept in our database.

It counts within a transaction of the caller, so that a request that fails is not counted, and all processes
share the counts. A window begins with its first hit.
"""

from datetime import UTC, datetime, timedelta

from limits.storage import Storage
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session, col, delete

from digest.model.signup import RateCount


class Counters(Storage):
    """The counts as one transaction sees them, at one time."""

    STORAGE_SCHEME = ["digest"]  # noqa: RUF012  # the base class declares no class variable

    def __init__(self, tx: Session, now: datetime) -> None:
        super().__init__()
        self._tx = tx
        self._now = now

    @property
    def base_exceptions(self) -> type[Exception]:
        """See `Storage`."""
        return SQLAlchemyError

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Count, in a new window where the last one is over; return the count."""
        row = self._tx.get(RateCount, key)
        if row is None:
            row = RateCount(key=key, count=0, until=self._now + timedelta(seconds=expiry))
        elif row.until <= self._now:
            row.count, row.until = 0, self._now + timedelta(seconds=expiry)
        row.count += amount
        self._tx.add(row)
        self._tx.flush()
        return row.count

    def get(self, key: str) -> int:
        """Return the count of the current window."""
        row = self._tx.get(RateCount, key)
        return row.count if row and row.until > self._now else 0

    def get_expiry(self, key: str) -> float:
        """Return when the current window ends, in seconds since 1970."""
        row = self._tx.get(RateCount, key)
        return (row.until if row else self._now).astimezone(UTC).timestamp()

    def check(self) -> bool:
        """Return True: a database that does not answer raises at the first count."""
        return True

    def clear(self, key: str) -> None:
        """Forget the count of one key."""
        self._tx.execute(delete(RateCount).where(col(RateCount.key) == key))

    def reset(self) -> int | None:
        """Forget all counts."""
        self._tx.execute(delete(RateCount))
        return None


def forget_past(tx: Session, now: datetime) -> None:
    """Forget the counts of windows that are over."""
    tx.execute(delete(RateCount).where(col(RateCount.until) <= now))
