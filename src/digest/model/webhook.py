"""Webhook: an address that events are sent to, and each event on its way there (standardwebhooks.com)."""

from datetime import datetime, timedelta
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from digest.model.columns import NO_REUSE, enum_type
from digest.model.event import EventKind

#: Pauses between the tries of one message: three days in all.
PAUSES = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=16),
    timedelta(hours=24),
)
LEASE = timedelta(minutes=2)  #: longer than a try takes; after a kill the message is sent again then
KEPT = timedelta(days=30)  #: how long it is known what became of a message
SECRET_BYTES = 32
GONE = 410  #: the address wants nothing any more


class MessageState(StrEnum):
    """State of a message: one event on its way to one webhook."""

    WAITING = "waiting"  #: to be sent, now or after a pause
    DELIVERED = "delivered"  #: the address answered 2xx
    FAILED = "failed"  #: given up after three days, or the address wants nothing any more


class Webhook(SQLModel, table=True):
    """An address that events are sent to."""

    __tablename__ = "webhook"
    __table_args__ = NO_REUSE

    id: int = Field(default=None, primary_key=True)  #: given when it is stored
    url: str
    kinds: list[str] = Field(sa_type=sa.JSON)  #: EventKinds; none: all
    secret: str  #: that messages are signed with, encrypted
    allow_private: bool  #: a private address and any port are fine
    seen: int  #: number of the last event that has a message here, or needs none
    made_at: datetime
    paused_at: datetime | None = None  #: since when nothing is sent; None: it is


class WebhookMessage(SQLModel, table=True):
    """One event on its way to one webhook."""

    __tablename__ = "webhook_message"
    __table_args__ = (
        UniqueConstraint("webhook_id", "event_id"),
        # Of the few rows that wait, so that asking for them costs nothing however many messages there are.
        Index(
            "ix_webhook_message_due",
            "next_at",
            sqlite_where=sa.text("next_at IS NOT NULL"),
            postgresql_where=sa.text("next_at IS NOT NULL"),
        ),
        NO_REUSE,
    )

    id: int = Field(default=None, primary_key=True)  #: given when it is stored
    webhook_id: int = Field(foreign_key="webhook.id", ondelete="CASCADE")
    event_id: int  #: no foreign key, since it outlives the event
    state: MessageState = Field(sa_type=enum_type(MessageState))
    made_at: datetime
    tries: int = 0
    next_at: datetime | None = None  #: when it is tried next; None: it waits for nothing
    status: int | None = None  #: of the last answer; None: there was none
    said: str = ""  #: what went wrong the last time
    done_at: datetime | None = None


def is_sent(kind: EventKind, wanted: list[str]) -> bool:
    """Return whether an event of this kind goes to a webhook that wants these; those of webhooks themselves go to none."""
    return not kind.value.startswith("webhook.") and (not wanted or kind.value in wanted)


def pause_after(tries: int) -> timedelta | None:
    """Return how long a message waits after so many tries; None: it is given up."""
    return PAUSES[tries - 1] if tries <= len(PAUSES) else None
