"""Moves of readers to other addresses."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, delete, select

from digest.model.moving import Move


def ask(tx: Session, move: Move) -> Move:
    """Store a move in place of one that the same person has not confirmed."""
    tx.execute(delete(Move).where(col(Move.subscriber_id) == move.subscriber_id, col(Move.made_at).is_(None)))
    tx.add(move)
    tx.flush()
    return move


def get(tx: Session, number: int) -> Move | None:
    """Return a move by number; None where it was stopped, replaced or has expired and is gone."""
    return tx.get(Move, number)


def open_of(tx: Session, subscriber_id: int, *, now: datetime) -> Move | None:
    """Return the move of a person that waits to be confirmed."""
    query = select(Move).where(Move.subscriber_id == subscriber_id, col(Move.made_at).is_(None), col(Move.expires_at) > now)
    return tx.exec(query).first()


def of_subscriber(tx: Session, subscriber_id: int) -> Sequence[Move]:
    """Return all moves of a person, oldest first."""
    return tx.exec(select(Move).where(Move.subscriber_id == subscriber_id).order_by(col(Move.id))).all()


def former(tx: Session, subscriber_id: int) -> Sequence[str]:
    """Return the keyed hashes of the addresses that a person had before, oldest first."""
    query = select(Move.old_hmac).where(Move.subscriber_id == subscriber_id, col(Move.made_at).is_not(None))
    return tx.exec(query.order_by(col(Move.id))).all()


def stop(tx: Session, move: Move) -> None:
    """Delete a move."""
    tx.delete(move)
    tx.flush()


def forget_expired(tx: Session, *, now: datetime) -> None:
    """Delete the moves that were not confirmed in time."""
    tx.execute(delete(Move).where(col(Move.made_at).is_(None), col(Move.expires_at) <= now))
