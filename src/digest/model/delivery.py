"""Delivery and Attempt: the ledger's rows, and the frozen values that leave the database."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from digest.model.columns import NO_REUSE, enum_type
from digest.model.ports import Reply
from digest.model.replies import Soft
from digest.model.states import DeliveryState


class Delivery(SQLModel, table=True):
    """One issue to one subscriber."""

    __tablename__ = "delivery"
    __table_args__ = (
        UniqueConstraint("issue_id", "subscriber_id"),
        UniqueConstraint("newsletter_id", "subscriber_id", "period"),
        # Each claim and each result writes every index of its row, so there is one for all searches by state.
        Index("ix_delivery_due", "issue_id", "state", "tries", "id"),  # what was never tried comes first
        NO_REUSE,
    )

    id: int = Field(default=None, primary_key=True)  #: given when it is stored
    issue_id: int = Field(foreign_key="issue.id")
    newsletter_id: int = Field(foreign_key="newsletter.id")
    #: no foreign key: the ledger outlives an erased subscriber and subscription
    subscriber_id: int
    subscription_id: int
    period: str
    state: DeliveryState = Field(default=DeliveryState.QUEUED, sa_type=enum_type(DeliveryState))
    reason: str = ""  #: why it was passed by or came back
    # The snapshot: what the mail was made from, whatever changes later.
    address: str
    address_hmac: str
    name: str = ""
    rendition_id: int = Field(foreign_key="rendition.id")
    key_id: str  #: of the secret key that its links are signed with
    picks: bytes = Field(sa_type=sa.LargeBinary)  #: bitmap over the issue's picks, first pick = highest bit of the first byte
    dated_at: datetime | None = None  #: its Date, set by the first claim
    version: int = 0  #: of the issue that its mail was made from, set by each claim; 0: it was never claimed
    # How it went.
    owner: str | None = None
    next_at: datetime | None = None
    sent_at: datetime | None = None
    reply: str = ""  #: what the server said last
    relay: str = ""  #: which relay said so
    tries: int = 0


class Attempt(SQLModel, table=True):
    """A failed or unclear try of one delivery."""

    __tablename__ = "attempt"

    id: int = Field(default=None, primary_key=True)  #: given when it is stored
    delivery_id: int = Field(foreign_key="delivery.id", index=True)
    address_hmac: str = Field(default="", index=True)  #: the delivery's, so that failures of one address can be counted
    at: datetime
    stage: str
    code: int | None = None
    enhanced: str = ""
    text: str = ""
    cause: str = ""  #: as `model.replies` judged it
    relay: str = ""
    seconds: float = 0.0  #: how long it took


class Owner(SQLModel, table=True):
    """A running process that claims deliveries."""

    __tablename__ = "owner"

    id: str = Field(primary_key=True)
    place: str  #: the journal folder that its journal is in
    started_at: datetime
    beat_at: datetime  #: when it was last heard of


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueShare:
    """Values that all deliveries of an issue share when they are queued."""

    issue_id: int
    newsletter_id: int
    period: str
    rendition_id: int  #: the newsletter's own language
    by_language: Mapping[str, int]  #: other renditions, by the language as subscribers have it
    key_id: str
    picks: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Links:
    """A reader's own addresses in one mail."""

    unsubscribe: str
    view: str  #: the same mail as a page
    preferences: str  #: the page of what the reader has chosen
    action: str = ""  #: what a system mail asks its reader to open
    leave_address: str = ""  #: a signed address; a mail to it unsubscribes


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryFacts:
    """Facts of a delivery that go into its mail: the snapshot, the bitmap and the links."""

    delivery_id: int
    address: str
    name: str
    picks: bytes
    dated_at: datetime
    links: Links


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """A delivery that an owner has claimed, as the ledger hands it out."""

    delivery_id: int
    subscription_id: int
    rendition_id: int
    address: str
    name: str
    key_id: str
    picks: bytes
    dated_at: datetime
    tries: int
    relay: str = ""  #: the one that it was handed to before

    @property
    def domain(self) -> str:
        """Domain of the reader, as far as the address shows it."""
        return self.address.rpartition("@")[2].lower()


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """Outcome of a claimed delivery, as it is recorded."""

    delivery_id: int
    state: DeliveryState
    reply: Reply | None = None
    reason: str = ""
    next_at: datetime | None = None
    at: datetime | None = None
    stage: str = ""
    cause: str = ""
    relay: str = ""
    seconds: float = 0.0
    attempt: bool = False  #: keep it as an Attempt
    tried: bool = True  #: and count it as a try; not where perhaps nothing was handed over
    suppresses: bool = False  #: the address is never mailed again
    scores: Soft | None = None  #: it is, when this has happened too often
    stays_owned: bool = False  #: a journal that comes back may still say what became of it


#: Deliveries of an issue by state; states without any are missing.
Counts = Mapping[DeliveryState, int]


def all_picks(count: int) -> bytes:
    """Return the bitmap with all of `count` picks set."""
    return bytes(0xFF for _ in range(count // 8)) + (bytes([0xFF << (8 - count % 8) & 0xFF]) if count % 8 else b"")


def without(picks: bytes, indices: Collection[int]) -> bytes:
    """Return a bitmap without some of its picks."""
    bits = bytearray(picks)
    for index in indices:
        if index // 8 < len(bits):
            bits[index // 8] &= ~(0x80 >> index % 8) & 0xFF
    return bytes(bits)


def chosen(picks: bytes, count: int) -> tuple[int, ...]:
    """Return the indices that are set in a bitmap of `count` picks."""
    return tuple(i for i in range(count) if i // 8 < len(picks) and picks[i // 8] >> (7 - i % 8) & 1)
