"""Relocations: what a database records of the move of its rows to another one, or from there."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col

from digest.model.relocation import Relocation, Side


def find(tx: Session, side: Side) -> Relocation | None:
    """Return the relocation in which this database has, or had, this part."""
    return tx.get(Relocation, side)


def begin(tx: Session, side: Side, *, token: str, other: str, now: datetime) -> Relocation:
    """Record that a relocation begins; an earlier one with the same part is forgotten."""
    forget(tx, side)
    begun = Relocation(side=side, token=token, other=other, began_at=now)
    tx.add(begun)
    tx.flush()
    return begun


def end(tx: Session, side: Side, *, now: datetime) -> None:
    """Record that every row is there; the first time counts."""
    unended = sa.update(Relocation).where(col(Relocation.side) == side, col(Relocation.ended_at).is_(None))
    tx.execute(unended.values(ended_at=now))


def forget(tx: Session, side: Side) -> None:
    """Forget a relocation, so that a source can be used again."""
    tx.execute(sa.delete(Relocation).where(col(Relocation.side) == side))


def other_sessions(tx: Session) -> int:
    """Count the sessions that others have in this database of a server."""
    # Background workers of the server have no user.
    others = "datname = current_database() AND pid <> pg_backend_pid() AND usesysid IS NOT NULL"
    return int(tx.execute(sa.text(f"SELECT count(*) FROM pg_stat_activity WHERE {others}")).scalar_one())  # noqa: S608
