"""Relocation: the move of all rows into another database."""

from datetime import datetime
from enum import StrEnum

from sqlmodel import Field, SQLModel

from digest.model.columns import enum_type


class Side(StrEnum):
    """The part that a database has in a relocation."""

    SOURCE = "source"  #: its rows are copied; it is not used any more from the beginning on
    TARGET = "target"  #: the rows come here; it is not used before the end


class Relocation(SQLModel, table=True):
    """
    A relocation, as each of its two databases records it: a source is closed before the first row is copied, and a
    target is open only once the last one was compared, so that never both of them send.
    """

    __tablename__ = "relocation"

    side: Side = Field(primary_key=True, sa_type=enum_type(Side))
    token: str  #: equal in both databases
    other: str  #: the other database, without its password
    began_at: datetime
    ended_at: datetime | None = None  #: when all rows were there and compared
