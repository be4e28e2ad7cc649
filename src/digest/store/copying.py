"""
Whole tables as plain rows: read in the order of their keys, and written as they were. Backups are made of them.

A row is a mapping of column to a value that JSON has: times as ISO 8601, bytes as base64, members of enums by value.
"""

import base64
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, SQLModel, col

from digest.model.delivery import Delivery
from digest.model.issue import Issue
from digest.model.states import DeliveryState, IssueState
from digest.store import tables
from digest.store.claims import touched
from digest.store.engine import is_shared

#: What belongs to running processes, to the last minutes, and to Prometheus, which has it already.
PASSING = frozenset({"lease", "metric_count", "owner", "rate_count"})
AT_ONCE = 1_000  #: rows

Row = Mapping[str, Any]
#: Of all tables: those that others refer to come first.
NAMES: Sequence[str] = [
    table.name for table in SQLModel.metadata.sorted_tables if table.name in {one.__tablename__ for one in tables.ALL}
]


def count(tx: Session, name: str) -> int:
    """Count the rows of a table."""
    return int(tx.execute(sa.select(sa.func.count()).select_from(SQLModel.metadata.tables[name])).scalar_one())


def filled(tx: Session) -> Sequence[str]:
    """Return the tables that have rows, in a database of any revision; what passes is left out."""
    there = set(sa.inspect(tx.connection()).get_table_names())
    return [name for name in NAMES if name in there - PASSING and _has_row(tx, name)]


def _has_row(tx: Session, name: str) -> bool:
    return tx.execute(sa.select(sa.literal(1)).select_from(sa.table(name)).limit(1)).first() is not None


def rows(tx: Session, name: str) -> Iterator[Row]:
    """Yield every row of a table, by its key."""
    table = SQLModel.metadata.tables[name]
    key = list(table.primary_key)
    after: tuple[Any, ...] | None = None
    while True:
        query = sa.select(table).order_by(*key).limit(AT_ONCE)
        if after is not None:
            query = query.where(sa.tuple_(*key) > after)
        found = tx.execute(query).all()
        for row in found:
            yield {name: _plain(value) for name, value in row._mapping.items()}
        if len(found) < AT_ONCE:
            return
        after = tuple(getattr(found[-1], column.name) for column in key)


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    return value  # members of enums are texts


def insert(tx: Session, name: str, found: Sequence[Row]) -> None:
    """Write rows into a table of any revision that has their columns; values get the types of today's columns where there are some."""
    known = SQLModel.metadata.tables.get(name)
    names = list(found[0])
    types = {column: known.c[column].type if known is not None and column in known.c else sa.types.NullType() for column in names}
    table = sa.table(name, *(sa.column(column, kind) for column, kind in types.items()))
    tx.execute(sa.insert(table), [{column: _typed(value, types[column]) for column, value in row.items()} for row in found])


def _typed(value: Any, kind: "sa.types.TypeEngine[Any]") -> object:
    if value is None:
        return None
    plain = kind.impl if isinstance(kind, sa.types.TypeDecorator) else kind
    if isinstance(plain, sa.DateTime):
        return datetime.fromisoformat(value)
    if isinstance(plain, sa.LargeBinary):
        return base64.b64decode(value)
    if isinstance(plain, sa.Enum) and plain.enum_class is not None:
        return plain.enum_class(value)
    return value


def sequences(tx: Session) -> Mapping[str, int]:
    """Return the highest number that each table has ever given: a number is not given again once its row is gone."""
    if not is_shared(tx):
        return {str(name): int(number) for name, number in tx.execute(sa.text("SELECT name, seq FROM sqlite_sequence"))}
    last = sa.text("SELECT coalesce(pg_sequence_last_value(CAST(:sequence AS regclass)), 0)")
    named = {name: sequence for name in NAMES if (sequence := _sequence(tx, name))}
    return {name: int(tx.execute(last, {"sequence": sequence}).scalar_one()) for name, sequence in named.items()}


def set_sequences(tx: Session, numbers: Mapping[str, int]) -> None:
    """Have each table go on behind the highest number that it has ever given."""
    for name in NAMES:
        table = SQLModel.metadata.tables[name]
        if "id" in table.c and isinstance(table.c["id"].type, sa.Integer):
            highest = int(tx.execute(sa.select(sa.func.max(table.c["id"]))).scalar_one() or 0)
            if number := max(highest, numbers.get(name, 0)):
                _go_on_behind(tx, name, number)


def _go_on_behind(tx: Session, name: str, number: int) -> None:
    if not is_shared(tx):
        tx.execute(sa.text("DELETE FROM sqlite_sequence WHERE name = :name"), {"name": name})
        tx.execute(sa.text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :number)"), {"name": name, "number": number})
    elif sequence := _sequence(tx, name):
        tx.execute(sa.text("SELECT setval(CAST(:sequence AS regclass), :number)"), {"sequence": sequence, "number": number})


def _sequence(tx: Session, name: str) -> str:
    if "id" not in SQLModel.metadata.tables[name].c:
        return ""
    return str(tx.execute(sa.text("SELECT pg_get_serial_sequence(:name, 'id')"), {"name": f'"{name}"'}).scalar_one() or "")


def doubt(tx: Session, reason: str) -> int:
    """Mark as unsure the open deliveries of issues that were being sent: their mails may have gone since; return how many."""
    sending = sa.select(col(Issue.id)).where(col(Issue.state) == IssueState.SENDING)
    may_have_gone = col(Delivery.state).in_([DeliveryState.QUEUED, DeliveryState.SENDING, DeliveryState.DEFERRED])
    values = {"state": DeliveryState.UNSURE, "owner": None, "next_at": None, "reason": reason}
    return touched(tx.execute(sa.update(Delivery).where(col(Delivery.issue_id).in_(sending), may_have_gone).values(**values)))


def release(tx: Session, reason: str) -> int:
    """Mark as unsure the deliveries that a process had claimed, and leave the rest in the queue; return how many."""
    claimed = col(Delivery.state) == DeliveryState.SENDING
    values = {"state": DeliveryState.UNSURE, "owner": None, "reason": reason}
    return touched(tx.execute(sa.update(Delivery).where(claimed).values(**values)))
