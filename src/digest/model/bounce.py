"""ReturnedMail and Bounce: what came back to the bounce address or was posted by a provider, and what each report did to its reader."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from digest.model.columns import NO_REUSE, enum_type

ORIGINAL = 64_000  #: bytes of a mail that are kept
MAILBOX = "mailbox"  #: how a mail comes


class Proof(StrEnum):
    """Proof that a report is about a mail of ours."""

    SIGNED = "signed"  #: it has an address or a link of the delivery that only we can make, or its provider vouches for it
    NAMED = "named"  #: it has the Message-ID of a delivery to this address, which others can write too
    NONE = "none"


class Effect(StrEnum):
    """Effect of a report on the reader."""

    NOTHING = "nothing"  #: it is recorded, and counts where soft ones are counted
    SUPPRESSED = "suppressed"  #: the address is never mailed again
    UNSUBSCRIBED = "unsubscribed"  #: the reader was taken off the list, and is never mailed again
    LEFT = "taken off"  #: the reader was taken off the list; the address is mailed for others
    HELD = "held back"  #: too many came at once: nobody is blamed before a person has looked
    REPEATED = "repeated"  #: the same was said of this delivery before
    UNDONE = "undone"  #: a person, or an alarm, took the effect back


class ReturnedMail(SQLModel, table=True):
    """A mail that arrived at the bounce address, or an event that a mail provider posted; each is counted once, by its hash."""

    __tablename__ = "returned_mail"
    __table_args__ = (
        # Of the few rows that wait, as that of events.
        Index(
            "ix_returned_mail_forward",
            "forward_at",
            sqlite_where=sa.text("forward_at IS NOT NULL"),
            postgresql_where=sa.text("forward_at IS NOT NULL"),
        ),
        NO_REUSE,
    )

    id: int = Field(default=None, primary_key=True)  #: given when it is stored
    digest: str = Field(unique=True)  #: SHA-256 of the whole mail, or of the provider and its number of the event
    via: str = MAILBOX  #: how it came: the mailbox, or a provider's webhook
    at: datetime = Field(index=True)  #: when it was read
    kind: str  #: as `bounces.report.Kind` says
    sender_hmac: str = Field(default="", index=True)  #: of who wrote it, where it is no report
    forward_at: datetime | None = None  #: when it is forwarded to the editor next; None: it need not be, or was
    forward_tries: int = 0
    original: bytes = Field(sa_type=sa.LargeBinary)  #: the first ORIGINAL bytes, compressed; empty: forgotten


class Bounce(SQLModel, table=True):
    """Statement of one returned mail about one recipient."""

    __tablename__ = "bounce"
    __table_args__ = (
        Index("ix_bounce_issue", "issue_id", "domain"),
        Index("ix_bounce_delivery", "delivery_id"),
        *(Index(f"ix_bounce_{name}", name, "id") for name in ("verdict", "domain", "newsletter_id", "effect")),
        Index("ix_bounce_at", "at", "verdict", "reason", "domain"),
        # Of the few rows that wait for a person.
        Index(
            "ix_bounce_held",
            "issue_id",
            "domain",
            sqlite_where=sa.text("effect = 'held back'"),
            postgresql_where=sa.text("effect = 'held back'"),
        ),
        NO_REUSE,
    )

    id: int = Field(default=None, primary_key=True)  #: given when it is stored
    mail_id: int = Field(foreign_key="returned_mail.id", index=True)
    at: datetime
    address: str  #: that was mailed, else that the report names; empty once the person is erased
    address_hmac: str = Field(index=True)
    domain: str
    verdict: str  #: as `bounces.report.Verdict` says
    reason: str
    status: str = ""
    reply: str = ""
    action: str = ""
    sentence: str = ""  #: what of the mail says so
    proof: Proof = Field(sa_type=enum_type(Proof))
    effect: Effect = Field(sa_type=enum_type(Effect))
    delivery_id: int | None = None  #: no foreign key: the ledger may be cleaned
    issue_id: int | None = None
    newsletter_id: int | None = None
    subscription_id: int | None = None  #: that was ended by it
    undone_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """Filters of a list of reports; one that is empty lets all pass."""

    verdict: str = ""
    reason: str = ""
    domain: str = ""
    newsletter_id: int | None = None
    effect: Effect | None = None
    address_hmac: str = ""
