"""
Opens the database. Two kinds of session: `begin()` writes, `read()` cannot.

On SQLite a writing transaction is BEGIN IMMEDIATE: with plain BEGIN, 726 of 800 concurrent
transactions failed at once whatever the time-out, with IMMEDIATE none did. SQLAlchemy's
`begin` event hits readers too, so readers have an engine of their own.

On PostgreSQL `begin()` takes an advisory lock, so that what is written after reading holds there
as well: one writer at a time. The hot path, whose statements carry their own conditions, begins
`shared` and needs no lock.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlmodel import Session

from digest.errors import StoreError
from digest.model.metric import DATABASE
from digest.store.meter import METER

#: The name of the lock is arbitrary; it only has to be ours.
ONE_WRITER = sa.text("SELECT pg_advisory_xact_lock(7302841935)")
BUSY_S = 30.0  #: how long a writer waits for another
CONNECT_S = 2  #: at the least, how long libpq waits for a server to answer, where somebody waits for us


class Database:
    """
    The engines of one database; `url` has absolute paths (`resolve`).

    `timeout_s`: raise StoreError when a lock, a connection or a statement takes longer. Without it, a lock of SQLite may
    take BUSY_S, and a server as long as it likes.
    `alone`: no other process can open a SQLite file meanwhile, and StoreError is raised where one has it open; there is a
    single connection, for one session at a time. A server has no such thing.
    """

    def __init__(self, url: str, *, timeout_s: float | None = None, alone: bool = False) -> None:
        self.url = url
        self._writer = _engine(url, begin="BEGIN IMMEDIATE", query_only=False, timeout_s=timeout_s, alone=alone)
        is_single = alone and url.startswith("sqlite")
        self._reader = self._writer if is_single else _engine(url, begin="BEGIN", query_only=True, timeout_s=timeout_s)
        self.shared = not url.startswith("sqlite")  #: other machines can use it too

    @property
    def file(self) -> Path | None:
        """The SQLite file; None for a server or memory."""
        parsed = make_url(self.url)
        return Path(parsed.database) if parsed.get_backend_name() == "sqlite" and parsed.database else None

    @property
    def engine(self) -> sa.Engine:
        """The writing engine, for migrations."""
        return self._writer

    @contextmanager
    def begin(self, *, shared: bool = False) -> Iterator[Session]:
        """
        Open a writing transaction: committed at the end, rolled back on any exception.

        No other one runs meanwhile, except `shared` ones on a server: their statements carry their own conditions.
        """
        timing = METER.timing(DATABASE, "write")
        with translate_errors(self.url), timing, Session(self._writer, expire_on_commit=False) as tx, tx.begin():
            if self.shared and not shared:
                tx.execute(ONE_WRITER)
            yield tx

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Open a read-only transaction with one consistent view."""
        timing = METER.timing(DATABASE, "read")
        with translate_errors(self.url), timing, Session(self._reader, expire_on_commit=False) as tx, tx.begin():
            yield tx

    def truncate_log(self) -> None:
        """Empty SQLite's write-ahead log, which still holds what was just erased; where others read, the next checkpoint does it."""
        if not self.shared:
            with self._writer.connect() as connection:
                connection.connection.driver_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # type: ignore[union-attr]

    def close(self) -> None:
        """Close all connections."""
        self._writer.dispose()
        self._reader.dispose()


class OpenTransaction(Database):
    """A database whose transactions are all parts of one that is open: what they do is kept, or not, with that."""

    def __init__(self, db: Database, tx: Session) -> None:
        """`tx`: an open transaction of `db`, which can write."""
        self.url, self.shared = db.url, db.shared
        self._writer, self._reader = db._writer, db._reader
        self._tx = tx

    @contextmanager
    def begin(self, *, shared: bool = False) -> Iterator[Session]:  # noqa: ARG002  # the open one is shared, or not
        """Open a savepoint, which is rolled back on any exception."""
        with self._tx.begin_nested():
            yield self._tx

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Read what was written so far."""
        yield self._tx


def is_shared(tx: Session) -> bool:
    """Return whether a transaction is on a server, which other machines can use too."""
    return tx.get_bind().dialect.name != "sqlite"


def resolve(url: str, home: Path) -> str:
    """Return a SQLite URL with its relative path resolved against `home`; create its folder (0700)."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or not parsed.database:
        return url
    file = (home / parsed.database).resolve()
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as problem:
        raise StoreError(f"the folder of the database cannot be made: {problem}") from problem
    return parsed.set(database=str(file)).render_as_string(hide_password=False)


def shown(url: str) -> str:
    """Return the name of a database for people: a file, or a server and its database, without user and password."""
    parsed = make_url(url)
    return str(parsed.database) if parsed.get_backend_name() == "sqlite" else f"{parsed.host or 'localhost'}/{parsed.database}"


def _engine(url: str, *, begin: str, query_only: bool, timeout_s: float | None, alone: bool = False) -> sa.Engine:
    # hide_parameters: an error text must not print readers' addresses.
    if not url.startswith("sqlite"):
        return _server_engine(url, read_only=query_only, timeout_s=timeout_s)
    busy_s = BUSY_S if timeout_s is None else timeout_s
    pool = sa.StaticPool if alone else None
    engine = sa.create_engine(url, hide_parameters=True, connect_args={"timeout": busy_s}, poolclass=pool)

    def on_connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # the driver must not begin by itself
        cursor = connection.cursor()
        if alone:  # before the first access, which then takes the lock for as long as the connection is open
            cursor.execute("PRAGMA locking_mode=EXCLUSIVE")
        # Checkpoints of 32 MB: at the usual 4 MB every batch of a great queue wrote its index pages home again (a tenth of the time).
        for pragma in ("journal_mode=WAL", "wal_autocheckpoint=8000", "synchronous=FULL", "foreign_keys=ON"):
            cursor.execute(f"PRAGMA {pragma}")
        if query_only:
            cursor.execute("PRAGMA query_only=ON")
        cursor.close()

    event.listen(engine, "connect", on_connect)
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql(begin))
    return engine


def _server_engine(url: str, *, read_only: bool, timeout_s: float | None) -> sa.Engine:
    connecting = {} if timeout_s is None else {"connect_timeout": max(CONNECT_S, int(timeout_s))}
    try:
        parsed = make_url(url).set(drivername="postgresql+psycopg")
        options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True} if read_only else {}
        # pre-ping: a server that was restarted is not a failed send.
        engine = sa.create_engine(
            parsed, hide_parameters=True, pool_pre_ping=True, execution_options=options, connect_args=connecting
        )
    except ImportError as problem:
        raise StoreError("a PostgreSQL database needs the extra `postgres`: pip install 'digest[postgres]'") from problem

    def on_connect(connection: Any, _record: Any) -> None:
        encoding = connection.info.parameter_status("server_encoding")
        if encoding not in ("UTF8", None):  # a pooler may keep it to itself
            connection.close()
            said = f"database {shown(url)}: its encoding is {encoding}, and texts of all languages need UTF8"
            raise StoreError(said, code="database_encoding")

    event.listen(engine, "connect", on_connect, insert=True)  # before SQLAlchemy asks for the version, which may be bytes
    if timeout_s is not None:
        # In each transaction, since a pooler between us and the server forgets what a session was told.
        limit = f"SET LOCAL statement_timeout = {int(timeout_s * 1000)}"
        event.listen(engine, "begin", lambda connection: connection.exec_driver_sql(limit))
    return engine


@contextmanager
def translate_errors(url: str) -> Iterator[None]:
    """Raise database errors as a StoreError of one sentence with the remedy; violated constraints pass through to the store."""
    try:
        yield
    except IntegrityError:
        raise
    except DBAPIError as problem:
        raise _error(str(problem.orig), url) from problem
    except PoolTimeout as problem:
        raise _error("locked", url) from problem


#: A pattern of a driver's message, our sentence, and its code; the first that fits. Other messages, and those of a server in another language, are passed on.
_PROBLEMS: Sequence[tuple[str, str, str]] = (
    ("locked|lock timeout", "another process holds it for long; try again", "database_locked"),
    ("statement timeout", "it takes too long to answer, or another process holds it; try again", ""),
    ("timeout expired", "it takes too long to answer; is the server running?", ""),
    ("disk is full|No space left", "its disk is full; make room, then run the same command again, nothing was lost", ""),
    ("readonly", "this user may not write it; check its owner and permissions", ""),
    ("unable to open", "it cannot be opened; check that its folder exists and may be written", ""),
    ("not a database", "this file is not a database", "database_setting"),
    # a server
    (r"onnection refused|PGSQL\.\d+\" failed: No such file", "nothing answers there; is the server running?", ""),
    ("resolve host|translate host", "there is no host of this name", "database_setting"),
    ("invalid response|expected authentication request", "what answers there is no PostgreSQL server", "database_setting"),
    ("not support SSL", "it does not offer TLS, which the URL asks for", "database_setting"),
    ('database ".*" does not exist', "the server has no database of this name", "no_server_database"),
    ('role ".*" does not exist|authentication failed', "it refuses the user or the password", "database_setting"),
    ("no password supplied", "it asks for a password", "database_setting"),
    ("no pg_hba.conf entry", "its pg_hba.conf does not let this user in from here", ""),
    ("permission denied for (schema|database)", "this user may not make tables there", "not_database_owner"),
    ("permission denied for|must be owner of", "its tables belong to another user", "database_setting"),
    ("read-only transaction", "it is read-only, as a standby server is", "database_setting"),
    (
        "too many (clients|connections)|connection slots",
        "the server has no connection free: close some, or raise its max_connections",
        "",
    ),
    (
        "is starting up|is shutting down|closed the connection|terminating connection",
        "the server is starting or stopping; try again",
        "",
    ),
    ('no such table|relation ".*" does not exist', "it has no tables yet", "no_tables"),
)


def _error(text: str, url: str) -> StoreError:
    parsed = make_url(url)
    one_line = " ".join(text.partition("\nLINE ")[0].split())  # without the statement
    known = ((said, code) for pattern, said, code in _PROBLEMS if re.search(pattern, text))
    said, code = next(known, (one_line, ""))
    return StoreError(f"database {shown(url)}: {said}", code=code, name=parsed.database, user=parsed.username or "USER")
