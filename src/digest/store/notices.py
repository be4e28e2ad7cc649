"""Notices that wait to be handed over."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from digest.model.notice import Notice


def add(tx: Session, notice: Notice) -> None:
    """Store a notice, unless the same one waits for this address already."""
    query = select(Notice.id).where(
        Notice.kind == notice.kind,
        Notice.address_hmac == notice.address_hmac,
        Notice.subscription_id == notice.subscription_id,
        Notice.move_id == notice.move_id,
    )
    if tx.exec(query.limit(1)).first() is None:
        tx.add(notice)
        tx.flush()


def due(tx: Session, *, now: datetime, limit: int) -> Sequence[Notice]:
    """Return the notices that are due, the longest waiting first."""
    query = select(Notice).where(col(Notice.due_at) <= now)
    return tx.exec(query.order_by(col(Notice.due_at), col(Notice.id)).limit(limit)).all()


def any_due(tx: Session, *, now: datetime) -> bool:
    """Return whether a notice is due."""
    return tx.exec(select(Notice.id).where(col(Notice.due_at) <= now).limit(1)).first() is not None


def get(tx: Session, number: int) -> Notice | None:
    """Return a notice by number; None where it is done with."""
    return tx.get(Notice, number)


def remove(tx: Session, notice: Notice) -> None:
    """Delete a notice that is done with."""
    tx.delete(notice)
    tx.flush()


def forget_address(tx: Session, address_hmac: str) -> None:
    """Delete the notices that wait for an address."""
    tx.execute(sa.delete(Notice).where(col(Notice.address_hmac) == address_hmac))
