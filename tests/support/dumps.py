"""The whole database as values, to compare and to search, and its schema beside the models."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlmodel import SQLModel

from digest.services.context import Place
from digest.store.engine import Database

#: Indexes that the migration of the search for people makes by hand: a model cannot have them on both kinds of database.
OF_EXPRESSIONS = {
    "ix_subscriber_address",
    "ix_subscriber_domain",
    "ix_subscriber_last_name",
    "ix_subscriber_name",
    "ix_subscription_since",
}
Rows = dict[str, list[tuple[object, ...]]]


def dump(ctx: Place) -> Rows:
    """Every row of every table."""
    with ctx.db.read() as tx:
        return {
            name: [tuple(row) for row in tx.connection().execute(table.select().order_by(*table.primary_key))]
            for name, table in SQLModel.metadata.tables.items()
        }


def naming(ctx: Place, *words: str) -> list[tuple[str, tuple[object, ...]]]:
    """Every row in which one of these words stands, with its table."""
    return [
        (table, row)
        for table, rows in dump(ctx).items()
        for row in rows
        if any(word in str(value) for value in row for word in words)
    ]


def differences(db: Database) -> list[object]:
    """What would have to be migrated for the database to be as the models are."""
    with db.engine.connect() as connection:

        def is_ours(name: str | None, kind: str, _parents: object) -> bool:
            return name in SQLModel.metadata.tables if kind == "table" else name not in OF_EXPRESSIONS

        ours = {"compare_type": True, "include_name": is_ours}
        return list(compare_metadata(MigrationContext.configure(connection, opts=ours), SQLModel.metadata))
