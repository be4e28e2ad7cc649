"""Approval: who is asked before an issue goes out, until when, and what silence means."""

from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from digest.model.columns import NO_REUSE, enum_type
from digest.model.issue import Issue
from digest.model.newsletter import Newsletter
from digest.model.states import ApprovalPolicy, Silence

ASKED_BEFORE = timedelta(minutes=45)  #: how long before the latest time for an answer an issue is frozen, and approvers are asked
LEAST = timedelta(minutes=15)  #: that approvers have who were asked late


class Answer(StrEnum):
    """Answer of an approver."""

    NONE = ""  #: none yet
    APPROVED = "approved"
    HELD = "held"


class ApprovalRequest(SQLModel, table=True):
    """A person who was asked to approve an issue as it was frozen, by a link that is theirs alone."""

    __tablename__ = "approval_request"
    __table_args__ = (Index("ix_approval_request_issue_id", "issue_id"), Index("ix_approval_request_due_at", "due_at"), NO_REUSE)

    id: int = Field(default=None, primary_key=True)  #: given when it is stored
    issue_id: int = Field(foreign_key="issue.id", ondelete="CASCADE")
    address: str
    asked_at: datetime
    due_at: datetime | None = None  #: when the mail to them is tried next; None: it was taken, or is not needed any more
    attempts: int = 0
    answer: Answer = Field(default=Answer.NONE, sa_type=enum_type(Answer))
    answered_at: datetime | None = None
    closed_at: datetime | None = None  #: the issue was answered by another, or made anew

    @property
    def is_open(self) -> bool:
        """True if it can still be answered."""
        return self.answered_at is None and self.closed_at is None


def ask_at(paper: Newsletter, due_at: datetime) -> datetime:
    """Return the time from which approvers of an issue are asked."""
    return due_at - timedelta(minutes=paper.approval_min) - ASKED_BEFORE


def answer_by(paper: Newsletter, due_at: datetime, asked_at: datetime) -> datetime:
    """Return the time until which they answer."""
    return max(due_at - timedelta(minutes=paper.approval_min), asked_at + LEAST)


def may_go(paper: Newsletter, issue: Issue, *, now: datetime, by_hand: bool) -> bool:
    """Return whether a frozen issue may be queued: by hand before its hour too, but never without an approval that it needs."""
    if paper.approval is ApprovalPolicy.NONE:
        return True
    is_due = now >= issue.due_at
    if paper.approval is ApprovalPolicy.REQUIRED and issue.approved_at is None:
        return is_due and paper.approval_silence is Silence.SEND
    return is_due or by_hand
