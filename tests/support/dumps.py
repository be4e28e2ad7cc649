"""The whole database as values, to compare and to search."""

from sqlmodel import SQLModel

from digest.services.context import Place

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
