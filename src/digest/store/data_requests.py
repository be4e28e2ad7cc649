"""Requests of people to see what is held about them."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, delete, select

from digest.model.personal import REQUEST_LASTS, DataRequest


def of_person(tx: Session, subscriber_id: int) -> DataRequest | None:
    """Return the request of a person; None where they made none of late."""
    return tx.exec(select(DataRequest).where(DataRequest.subscriber_id == subscriber_id)).first()


def get(tx: Session, number: int) -> DataRequest | None:
    """Return a request by number; None where it is gone."""
    return tx.get(DataRequest, number)


def save(tx: Session, row: DataRequest) -> None:
    """Store a new or changed request."""
    tx.add(row)
    tx.flush()


def any_due(tx: Session, *, now: datetime) -> bool:
    """Return whether a mail is due."""
    return tx.exec(select(DataRequest.id).where(col(DataRequest.mail_at) <= now).limit(1)).first() is not None


def due(tx: Session, *, now: datetime, limit: int) -> Sequence[DataRequest]:
    """Return the requests whose mail is due, the longest waiting first."""
    return tx.exec(
        select(DataRequest).where(col(DataRequest.mail_at) <= now).order_by(col(DataRequest.mail_at)).limit(limit)
    ).all()


def forget_old(tx: Session, *, now: datetime) -> None:
    """Delete requests that were made more than a day ago."""
    tx.execute(delete(DataRequest).where(col(DataRequest.asked_at) <= now - REQUEST_LASTS))
