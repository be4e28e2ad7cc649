"""Pauses of recipient domains and relays."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from digest.model.delivery import Delivery
from digest.model.pause import PACED, PauseKind, SendingPause
from digest.model.states import DeliveryState
from digest.store.claims import in_unfinished_issue, touched


def find(tx: Session, kind: PauseKind, name: str) -> SendingPause | None:
    """Return the newest pause of a domain or a relay, whether or not it is over."""
    return tx.exec(select(SendingPause).where(SendingPause.kind == kind, SendingPause.name == name)).first()


def active(tx: Session, *, now: datetime) -> Sequence[SendingPause]:
    """Return the pauses that are not over, those that end first first."""
    return tx.exec(select(SendingPause).where(col(SendingPause.until) > now).order_by(col(SendingPause.until))).all()


def named(tx: Session, name: str, *, now: datetime) -> Sequence[SendingPause]:
    """Return the pauses of this name that are not over."""
    return [pause for pause in active(tx, now=now) if pause.name == name]


def save(tx: Session, pause: SendingPause) -> None:
    """Store a pause, or a change of one."""
    tx.add(pause)
    tx.flush()


def make_due(tx: Session) -> int:
    """Make deliveries due at once that wait for their domains; return how many. Those that must wait on are put back when they are claimed."""
    waiting = sa.and_(col(Delivery.state) == DeliveryState.QUEUED, col(Delivery.reason) == PACED, in_unfinished_issue())
    return touched(tx.execute(sa.update(Delivery).where(waiting).values(next_at=None)))
