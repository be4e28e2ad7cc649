"""Owners: the processes that claim deliveries, and the last heartbeat of each."""

from collections.abc import Collection, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from digest.model.delivery import Delivery, Owner
from digest.model.states import DeliveryState
from digest.store.claims import in_unfinished_issue


def begin(tx: Session, owner: str, *, place: str, now: datetime) -> None:
    """Register a process that begins to claim; its journal is in `place`."""
    tx.add(Owner(id=owner, place=place, started_at=now, beat_at=now))
    tx.flush()


def beat(tx: Session, owner: str, *, now: datetime) -> None:
    """Record a heartbeat."""
    tx.execute(sa.update(Owner).where(col(Owner.id) == owner).values(beat_at=now))


def end(tx: Session, owner: str) -> None:
    """Remove an owner that claims no more and has recorded every result."""
    tx.execute(sa.delete(Owner).where(col(Owner.id) == owner))


def alive(tx: Session, *, since: datetime) -> int:
    """Count the owners with a heartbeat since then."""
    return tx.exec(select(sa.func.count()).select_from(Owner).where(col(Owner.beat_at) >= since)).one()


def of(tx: Session, ids: Collection[str]) -> Sequence[Owner]:
    """Return the rows of these owners."""
    return tx.exec(select(Owner).where(col(Owner.id).in_(ids))).all()


def claiming(tx: Session) -> frozenset[str]:
    """Return every owner that deliveries name as their claimant, whether or not it has a row."""
    query = select(Delivery.owner).where(
        in_unfinished_issue(), col(Delivery.owner).is_not(None), Delivery.state == DeliveryState.SENDING
    )
    return frozenset(owner for owner in tx.exec(query.distinct()) if owner)
