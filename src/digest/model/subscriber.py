"""MailingList, Subscriber, Subscription, Import and Suppression: people, and what they agreed to."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from digest.model.columns import NO_REUSE, enum_type
from digest.model.states import ListAccess, SubscriptionState


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A mail address that was checked; made by `audience.address.parse` alone."""

    text: str  #: as the person writes it, normalised; what is mailed
    key: str  #: what makes two spellings one person: domain in A-labels and lower case, local part NFC and case-folded


def in_mail(address: str) -> str:
    """
    Return the address as SMTP and header fields spell it (RFC 5321 4.1.2, RFC 5322 3.4.1).

    A local part with dots in odd places, as Japanese carriers gave out, stands in quotes.
    """
    if ".." not in address and ".@" not in address and not address.startswith("."):
        return address
    local, _, domain = address.rpartition("@")
    return f'"{local}"@{domain}'


class MailingList(SQLModel, table=True):
    """List of the people who may get a newsletter; consent is per list."""

    __tablename__ = "mlist"

    id: int = Field(default=None, primary_key=True)  #: given when it is stored
    name: str = Field(unique=True)
    title: str = ""
    access: ListAccess = Field(default=ListAccess.CLOSED, sa_type=enum_type(ListAccess))
    made_at: datetime


class Subscriber(SQLModel, table=True):
    """A person: address, name, language, time zone."""

    __tablename__ = "subscriber"
    __table_args__ = NO_REUSE

    id: int = Field(default=None, primary_key=True)  #: given when it is stored
    address: str
    address_key: str = Field(unique=True)
    address_hmac: str = Field(index=True)  #: HMAC-SHA256 of the key under the pepper; suppression joins on it
    name: str = ""
    language: str = ""
    zone: str = ""
    paused_until: datetime | None = None  #: nothing of any list is mailed before
    made_at: datetime

    def is_paused(self, at: datetime) -> bool:
        """Return whether the person wants no mail at an instant."""
        return self.paused_until is not None and at < self.paused_until


RETURN_DAYS = 30  #: days in which a person can take back that they left
RETURN = timedelta(days=RETURN_DAYS)


class Subscription(SQLModel, table=True):
    """A subscriber's membership of one list, with the evidence of consent."""

    __tablename__ = "subscription"
    __table_args__ = (UniqueConstraint("mlist_id", "subscriber_id"), NO_REUSE)

    id: int = Field(default=None, primary_key=True)  #: given when it is stored
    mlist_id: int = Field(foreign_key="mlist.id")
    subscriber_id: int = Field(foreign_key="subscriber.id", ondelete="CASCADE", index=True)
    state: SubscriptionState = Field(sa_type=enum_type(SubscriptionState))
    evidence: str  #: where, when and how consent was given, in words
    import_id: int | None = Field(default=None, foreign_key="import.id", index=True)
    made_at: datetime
    active_at: datetime | None = None
    left_at: datetime | None = None

    def returns_until(self, now: datetime) -> datetime | None:
        """Time until which a person who left can resume with one click; None: they cannot."""
        if self.state is not SubscriptionState.UNSUBSCRIBED or self.left_at is None or now - self.left_at > RETURN:
            return None
        return self.left_at + RETURN


class Import(SQLModel, table=True):
    """One run of the importer, so that it can be looked up and undone."""

    __tablename__ = "import"

    id: int = Field(default=None, primary_key=True)  #: given when it is stored
    mlist_id: int = Field(foreign_key="mlist.id")
    file: str
    made_at: datetime
    added: int = 0
    rejected: int = 0
    undone_at: datetime | None = None


class Suppression(SQLModel, table=True):
    """Never mail this address; outlives the subscriber."""

    __tablename__ = "suppression"

    address_hmac: str = Field(primary_key=True)
    address: str | None = None  #: until erasure
    reason: str
    made_at: datetime
    may_return: bool = False  #: the person alone can lift it, by confirming a sign-up: they only left
