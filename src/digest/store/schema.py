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
from digest.store.engine import Database

if TYPE_CHECKING:  # Alembic takes a quarter of the time of a short command, which only compares two numbers
    from alembic.config import Config

VERSIONS = Path(__file__).parent / "migrations" / "versions"


def upgrade(db: Database, revision: str = "head") -> None:
    """
    Bring the database to a revision, whole or not at all; safe to repeat.

    Raises:
        StoreError: it is newer than this version knows, or a row would lose its parent.
    """
    from alembic import command

    _refuse_newer(db)
    with db.engine.connect() as connection:
        sqlite = db.engine.dialect.name == "sqlite"
        if sqlite:
            # The pragma does nothing inside a transaction; this is the driver's own connection, before BEGIN.
            connection.connection.driver_connection.execute("PRAGMA foreign_keys=OFF")  # type: ignore[union-attr]
        try:
            with connection.begin():
                config = _config()
                config.attributes["connection"] = connection
                command.upgrade(config, revision)
                if sqlite and (broken := connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()):
                    raise StoreError(
                        f"the migration would orphan {len(broken)} rows (first: {tuple(broken[0])}); nothing was changed"
                    )
            if not sqlite:
                _make_queue(db)
        finally:
            if sqlite:
                connection.connection.driver_connection.execute("PRAGMA foreign_keys=ON")  # type: ignore[union-attr]
    if db.file:
        db.file.chmod(0o600)  # it holds readers' addresses


def _make_queue(db: Database) -> None:
    """Create Procrastinate's tables, which it defines itself."""
    from procrastinate.schema import SchemaManager  # with the extra `postgres` alone

    with db.engine.connect() as connection, connection.begin():
        if connection.exec_driver_sql("SELECT to_regclass('procrastinate_jobs')").scalar() is None:
            # By the driver itself: SQLAlchemy would take the per cent signs of its functions for parameters.
            connection.connection.driver_connection.execute(SchemaManager.get_schema())  # type: ignore[union-attr]


def check(db: Database) -> None:
    """
    Check that the database is at this version's revision.

    Raises:
        StoreError: it is empty, older or newer; says what to do.
    """
    if db.file and not db.file.exists():
        raise StoreError(f"there is no database at {db.file}", code="no_database")
    found = _revision(db)
    if found is None:
        raise StoreError("the database has no tables yet", code="no_tables")
    _refuse_newer(db)
    if found != newest():
        raise StoreError(f"the database is older ({found}) than this version of digest", code="database_older")


def newest() -> str:
    """Return the revision that this version knows: the highest number among the migrations, which are a single line."""
    return max(_revisions())


def _revisions() -> set[str]:
    return {found[0] for path in VERSIONS.glob("*.py") if (found := re.match(r"\d{4}", path.name))}


def _refuse_newer(db: Database) -> None:
    found = _revision(db)
    if found is not None and found not in _revisions():
        raise StoreError(
            f"the database is newer ({found}) than this version of digest; install the newer digest", code="database_newer"
        )


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
