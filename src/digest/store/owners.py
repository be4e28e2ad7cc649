"""Owners: which processes claim deliveries, and when each was last heard of."""

from collections.abc import Collection, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from digest.model.delivery import Delivery, Owner
from digest.model.states import DeliveryState
from digest.store.claims import in_unfinished_issue


def begin(tx: Session, owner: str, *, place: str, now: datetime) -> None:
    """A process begins to claim; its journal lies in `place`."""
    tx.add(Owner(id=owner, place=place, started_at=now, beat_at=now))
    tx.flush()


def beat(tx: Session, owner: str, *, now: datetime) -> None:
    """It is alive."""
    tx.execute(sa.update(Owner).where(col(Owner.id) == owner).values(beat_at=now))


def end(tx: Session, owner: str) -> None:
    """It has claimed its last, and everything is recorded."""
    tx.execute(sa.delete(Owner).where(col(Owner.id) == owner))


def alive(tx: Session, *, since: datetime) -> int:
    """How many have been heard of since then."""
    return tx.exec(select(sa.func.count()).select_from(Owner).where(col(Owner.beat_at) >= since)).one()


def of(tx: Session, ids: Collection[str]) -> Sequence[Owner]:
    """What is known of these."""
    return tx.exec(select(Owner).where(col(Owner.id).in_(ids))).all()


def claiming(tx: Session) -> frozenset[str]:
    """Every owner that deliveries say they are claimed by, whether or not anything else is known of it."""
    query = select(Delivery.owner).where(
        in_unfinished_issue(), col(Delivery.owner).is_not(None), Delivery.state == DeliveryState.SENDING
    )
    return frozenset(owner for owner in tx.exec(query.distinct()) if owner)
