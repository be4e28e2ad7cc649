"""Who was asked to approve issues, and what they answered."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from digest.errors import NotFound
from digest.model.approval import ApprovalRequest


def add(tx: Session, request: ApprovalRequest) -> None:
    """Store a request."""
    tx.add(request)
    tx.flush()


def get(tx: Session, number: int) -> ApprovalRequest:
    """Return a request by number. Raises NotFound."""
    found = tx.get(ApprovalRequest, number)
    if found is None:
        raise NotFound("approval", number)
    return found


def of_issue(tx: Session, issue_id: int) -> Sequence[ApprovalRequest]:
    """Return the requests for an issue, oldest first."""
    query = select(ApprovalRequest).where(ApprovalRequest.issue_id == issue_id)
    return tx.exec(query.order_by(col(ApprovalRequest.id))).all()


def close(tx: Session, issue_id: int, *, at: datetime) -> None:
    """Close the open requests for an issue: their links answer nothing any more, and mails that wait do not go."""
    mine = sa.and_(
        col(ApprovalRequest.issue_id) == issue_id,
        col(ApprovalRequest.answered_at).is_(None),
        col(ApprovalRequest.closed_at).is_(None),
    )
    tx.execute(sa.update(ApprovalRequest).where(mine).values(closed_at=at, due_at=None))


def due(tx: Session, *, now: datetime, limit: int) -> Sequence[ApprovalRequest]:
    """Return the requests whose mail is due, the longest waiting first."""
    query = select(ApprovalRequest).where(col(ApprovalRequest.due_at) <= now)
    return tx.exec(query.order_by(col(ApprovalRequest.due_at), col(ApprovalRequest.id)).limit(limit)).all()


def any_due(tx: Session, *, now: datetime) -> bool:
    """Return whether a mail is due."""
    return tx.exec(select(ApprovalRequest.id).where(col(ApprovalRequest.due_at) <= now).limit(1)).first() is not None
