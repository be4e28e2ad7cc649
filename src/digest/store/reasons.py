"""Reasons for which readers left."""

from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from sqlmodel import Session, col, delete, select

from digest.model.leaving import LeaveReason, Reason


def keep(tx: Session, given: LeaveReason) -> None:
    """Store a reason in place of the one that was given for the same subscription."""
    forget(tx, given.subscription_id)
    tx.add(given)
    tx.flush()


def forget(tx: Session, subscription_id: int) -> None:
    """Delete the reason of a subscription."""
    tx.execute(delete(LeaveReason).where(col(LeaveReason.subscription_id) == subscription_id))


def is_given(tx: Session, subscription_id: int) -> bool:
    """Return whether the reader of a subscription said why they left."""
    return tx.exec(select(LeaveReason.id).where(LeaveReason.subscription_id == subscription_id)).first() is not None


def of_subscriptions(tx: Session, numbers: Sequence[int]) -> Sequence[LeaveReason]:
    """Return the reasons given for these subscriptions."""
    return tx.exec(select(LeaveReason).where(col(LeaveReason.subscription_id).in_(numbers)).order_by(col(LeaveReason.id))).all()


def counts(tx: Session, mlist_id: int) -> Mapping[Reason, int]:
    """Count the reasons given by those who left a list."""
    query = select(LeaveReason.reason, sa.func.count()).where(LeaveReason.mlist_id == mlist_id)
    return {Reason(reason): count for reason, count in tx.exec(query.group_by(col(LeaveReason.reason)))}


def told(tx: Session, mlist_id: int, *, limit: int | None) -> Sequence[LeaveReason]:
    """Return the reasons that have words of their own, newest first."""
    query = select(LeaveReason).where(LeaveReason.mlist_id == mlist_id, LeaveReason.text != "")
    return tx.exec(query.order_by(col(LeaveReason.at).desc(), col(LeaveReason.id).desc()).limit(limit)).all()
