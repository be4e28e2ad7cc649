"""Column types: enums stored by value, JSON portable between SQLite and PostgreSQL."""

from enum import StrEnum

import sqlalchemy as sa

#: SQLite gives the highest number again once its row is gone; the ledger and links must not find another behind it.
NO_REUSE = {"sqlite_autoincrement": True}


def enum_type(enum: type[StrEnum], *, length: int = 16) -> sa.Enum:
    """Return a column type that stores a member's value (`sent`, not `SENT`) as plain text; a new member needs no migration."""
    return sa.Enum(enum, values_callable=lambda members: [m.value for m in members], native_enum=False, length=length)
