"""
Migrations: Alembic revisions on a connection of their own.

Batch mode rebuilds tables; inside a transaction with foreign keys on, SQLite then deletes
every child row (measured: 2 of 2). So they are off before BEGIN, and `foreign_key_check`
runs before COMMIT.
"""

import re
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from digest.errors import StoreError
from digest.model.relocation import Side
from digest.store.engine import ONE_WRITER, Database, translate_errors

if TYPE_CHECKING:  # Alembic takes a quarter of the time of a short command, which only compares two numbers
    from alembic.config import Config

VERSIONS = Path(__file__).parent / "migrations" / "versions"
LOCK_S = 30  #: how long an upgrade waits for a table that others use


def upgrade(db: Database, revision: str = "head") -> None:
    """
    Bring the database to a revision, whole or not at all; safe to repeat, and while others use it.

    Raises:
        StoreError: it is newer than this version knows, its rows are in another one, or a row would lose its parent.
    """
    _refuse_newer(db)
    _refuse_relocated(db)
    if revision != "head" or _revision(db) != newest():  # Alembic reads every migration, only to find that there is none to make
        _migrate(db, revision)
    if db.shared:
        _make_queue(db)
    if db.file:
        db.file.chmod(0o600)  # it holds readers' addresses


def _migrate(db: Database, revision: str) -> None:
    from alembic import command

    with translate_errors(db.url), db.engine.connect() as connection:
        if not db.shared:
            # The pragma does nothing inside a transaction; this is the driver's own connection, before BEGIN.
            connection.connection.driver_connection.execute("PRAGMA foreign_keys=OFF")  # type: ignore[union-attr]
        try:
            with connection.begin():
                if db.shared:
                    # One upgrade at a time, and behind what is being written. A table that somebody reads for long, as a
                    # backup does, must not have all others wait behind us.
                    connection.execute(ONE_WRITER)
                    connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{LOCK_S}s'")
                config = _config()
                config.attributes["connection"] = connection
                command.upgrade(config, revision)
                if not db.shared and (broken := connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()):
                    raise StoreError(
                        f"the migration would orphan {len(broken)} rows (first: {tuple(broken[0])}); nothing was changed"
                    )
        finally:
            if not db.shared:
                connection.connection.driver_connection.execute("PRAGMA foreign_keys=ON")  # type: ignore[union-attr]


def _make_queue(db: Database) -> None:
    """Create Procrastinate's tables, which it defines itself."""
    from procrastinate.schema import SchemaManager  # with the extra `postgres` alone

    with translate_errors(db.url), db.engine.connect() as connection, connection.begin():
        if connection.exec_driver_sql("SELECT to_regclass('procrastinate_jobs')").scalar() is None:
            # By the driver itself: SQLAlchemy would take the per cent signs of its functions for parameters.
            connection.connection.driver_connection.execute(SchemaManager.get_schema())  # type: ignore[union-attr]


def check(db: Database) -> None:
    """
    Check that the database is at this version's revision.

    Raises:
        StoreError: it is empty, older or newer, or its rows are in another database; says what to do.
    """
    _refuse_missing(db)
    _refuse_relocated(db)  # first: what was moved is not to be upgraded
    check_revision(db)


def check_revision(db: Database) -> None:
    """
    Check the same of a database that may be part of a relocation.

    Raises:
        StoreError: it is empty, older or newer.
    """
    _refuse_missing(db)
    found = _revision(db)
    if found is None:
        raise StoreError("the database has no tables yet", code="no_tables")
    _refuse_newer(db)
    if found != newest():
        raise StoreError(f"the database is older ({found}) than this version of digest", code="database_older")


def _refuse_missing(db: Database) -> None:
    if db.file and not db.file.exists():  # to open it would make it
        raise StoreError(f"there is no database at {db.file}", code="no_database")


def newest() -> str:
    """Return the revision that this version knows: the highest number among the migrations, which are a single line."""
    return max(_revisions())


def _revisions() -> set[str]:
    return {found[0] for path in VERSIONS.glob("*.py") if (found := re.match(r"\d{4}", path.name))}


def _refuse_newer(db: Database) -> None:
    found = _revision(db)
    if found is not None and found not in _revisions():
        said = f"the database is newer ({found}) than this version of digest; install the newer digest"
        raise StoreError(said, code="database_newer")


def _refuse_relocated(db: Database) -> None:
    """Raise StoreError where the rows are, or are going to be, in another database, or are not all here yet."""
    with db.read() as tx:
        if not sa.inspect(tx.connection()).has_table("relocation"):
            return
        found = tx.execute(sa.text("SELECT side, other, ended_at IS NOT NULL FROM relocation")).all()
    for side, other, ended in found:
        if side == Side.SOURCE and ended:
            raise StoreError(f"this database was moved to {other}, and is not used any more", code="database_moved")
        if side == Side.SOURCE:
            raise StoreError(f"this database is being moved to {other}, which was interrupted", code="database_moving")
        if not ended:
            raise StoreError(f"this database holds an unfinished copy of {other}", code="database_unfinished")


def _revision(db: Database) -> str | None:
    with db.read() as tx:
        if not sa.inspect(tx.connection()).has_table("alembic_version"):
            return None
        return tx.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()


def _config() -> "Config":
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(VERSIONS.parent).replace("%", "%%"))
    return config
