"""A process that ends before its transaction is committed."""

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from digest.store.engine import Database


class Stopped(BaseException):
    """A process that ends right before its transaction is committed."""


@contextmanager
def nothing_committed(db: Database) -> Iterator[None]:
    def stop(_connection: sa.Connection) -> None:
        raise Stopped

    sa.event.listen(db.engine, "commit", stop)
    try:
        yield
    finally:
        sa.event.remove(db.engine, "commit", stop)
