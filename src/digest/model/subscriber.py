"""MailingList, Subscriber, Subscription, Import and Suppression: people, and what they agreed to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Index, UniqueConstraint, event
from sqlalchemy.orm import Session, object_session
from sqlmodel import Field, SQLModel

from digest.model.columns import NO_REUSE, enum_type
from digest.model.states import ListAccess, SubscriptionState

#: Of the rows that an index has. Those by expressions are in migration 0024 alone.
_HAS_LANGUAGE, _IS_NOT_ACTIVE, _WANTS = sa.text("language <> ''"), sa.text("state <> 'active'"), sa.text("wanted <> ''")


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
    goodbye: bool = False  #: who leaves is mailed that nothing more comes
    made_at: datetime


class Subscriber(SQLModel, table=True):
    """A person: address, name, language, time zone."""

    __tablename__ = "subscriber"
    __table_args__ = (
        Index("ix_subscriber_language", "language", sqlite_where=_HAS_LANGUAGE, postgresql_where=_HAS_LANGUAGE),
        NO_REUSE,
    )

    id: int = Field(default=None, primary_key=True)  #: given when it is stored
    address: str
    address_key: str = Field(unique=True)
    address_hmac: str = Field(index=True)  #: HMAC-SHA256 of the key under the pepper; suppression joins on it
    name: str = ""
    language: str = ""
    zone: str = ""
    paused_until: datetime | None = None  #: nothing of any list is mailed before
    made_at: datetime
    import_id: int | None = None  #: the import that made the person; no foreign key: they outlive it
    revision: int = 0  #: number of changes since the row was made

    def is_paused(self, at: datetime) -> bool:
        """Return whether the person wants no mail at an instant."""
        return self.paused_until is not None and at < self.paused_until


WANTED, MUTED = "wanted", "muted"  #: wishes for a topic; the third, none in particular, is an empty text


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicChoice:
    """Topics that a reader wants, and those they never want; neither: all stories are for them."""

    wanted: tuple[str, ...] = ()
    muted: tuple[str, ...] = ()

    @classmethod
    def of(cls, wanted: str, muted: str) -> "TopicChoice":
        """Make one of its stored form: a topic a line."""
        return cls(wanted=tuple(filter(None, wanted.split("\n"))), muted=tuple(filter(None, muted.split("\n"))))

    @classmethod
    def of_wishes(cls, wishes: Mapping[str, str]) -> "TopicChoice":
        """Make one of the wish for each topic."""
        wanted, muted = (tuple(topic for topic, wish in wishes.items() if wish == kind) for kind in (WANTED, MUTED))
        return cls(wanted=wanted, muted=muted)

    def wish(self, topic: str) -> str:
        """Return the wish for a topic, however it is spelt."""
        key = topic.casefold()
        if any(key == one.casefold() for one in self.wanted):
            return WANTED
        return MUTED if any(key == one.casefold() for one in self.muted) else ""

    def among(self, topics: Sequence[str]) -> "TopicChoice":
        """Return what of it is about these topics, in their spelling."""
        return TopicChoice.of_wishes({topic: self.wish(topic) for topic in topics})

    @property
    def stored(self) -> tuple[str, str]:
        """Stored form: a topic a line."""
        return "\n".join(self.wanted), "\n".join(self.muted)


ALL_TOPICS = TopicChoice()  #: of who has chosen nothing


RETURN_DAYS = 30  #: days in which a person can take back that they left
RETURN = timedelta(days=RETURN_DAYS)


class Subscription(SQLModel, table=True):
    """A subscriber's membership of one list, with the evidence of consent."""

    __tablename__ = "subscription"
    __table_args__ = (
        UniqueConstraint("mlist_id", "subscriber_id"),
        Index(
            "ix_subscription_state",
            "state",
            "mlist_id",
            "subscriber_id",
            sqlite_where=_IS_NOT_ACTIVE,
            postgresql_where=_IS_NOT_ACTIVE,
        ),
        # Of those who have chosen, so that who wants a topic is found without a look at all rows.
        Index("ix_subscription_wanted", "subscriber_id", sqlite_where=_WANTS, postgresql_where=_WANTS),
        NO_REUSE,
    )

    id: int = Field(default=None, primary_key=True)  #: given when it is stored
    mlist_id: int = Field(foreign_key="mlist.id")
    subscriber_id: int = Field(foreign_key="subscriber.id", ondelete="CASCADE", index=True)
    state: SubscriptionState = Field(sa_type=enum_type(SubscriptionState))
    evidence: str  #: where, when and how consent was given, in words
    import_id: int | None = Field(default=None, foreign_key="import.id", index=True)
    made_at: datetime
    active_at: datetime | None = None
    left_at: datetime | None = None
    wanted: str = ""  #: topics, a line each; empty: all
    muted: str = ""  #: topics that never come, a line each
    revision: int = 0  #: number of changes since the row was made

    @property
    def topics(self) -> TopicChoice:
        """Topics that the reader has chosen."""
        return TopicChoice.of(self.wanted, self.muted)

    def returns_until(self, now: datetime) -> datetime | None:
        """Time until which a person who left can resume with one click; None: they cannot."""
        if self.state is not SubscriptionState.UNSUBSCRIBED or self.left_at is None or now - self.left_at > RETURN:
            return None
        return self.left_at + RETURN


@event.listens_for(Subscriber, "before_update")
@event.listens_for(Subscription, "before_update")
def _count_revision(_mapper: object, _connection: object, row: Subscriber | Subscription) -> None:
    """Count a change, whoever makes it, so that the undo of an import can tell what was changed since."""
    session: Session | None = object_session(row)
    if session is not None and session.is_modified(row, include_collections=False):
        row.revision += 1


class Import(SQLModel, table=True):
    """One run of the importer or of a sync, so that it can be looked up and undone."""

    __tablename__ = "import"

    id: int = Field(default=None, primary_key=True)  #: given when it is stored
    mlist_id: int = Field(foreign_key="mlist.id")
    file: str
    made_at: datetime
    added: int = 0
    changed: int = 0  #: lines that changed a person
    ended: int = 0  #: subscriptions that a sync ended, since the file has no line for them
    rejected: int = 0
    finished_at: datetime | None = None  #: None: it was interrupted, or is running
    undone_at: datetime | None = None


class ImportChange(SQLModel, table=True):
    """The former values of a row that an import changed, so that they can be restored."""

    __tablename__ = "import_change"

    id: int = Field(default=None, primary_key=True)  #: given when it is stored
    import_id: int = Field(foreign_key="import.id", ondelete="CASCADE", index=True)
    subscriber_id: int = Field(foreign_key="subscriber.id", ondelete="CASCADE", index=True)
    subscription_id: int | None = Field(default=None, foreign_key="subscription.id", ondelete="CASCADE", index=True)
    #: None: the person themselves were changed
    before: dict[str, Any] = Field(sa_type=sa.JSON)  #: the columns that were changed
    revision: int  #: of the row, after the change


class Suppression(SQLModel, table=True):
    """Never mail this address; outlives the subscriber."""

    __tablename__ = "suppression"
    __table_args__ = (Index("ix_suppression_made_at", "made_at", "address_hmac"),)

    address_hmac: str = Field(primary_key=True)
    address: str | None = None  #: until erasure
    reason: str
    made_at: datetime
    may_return: bool = False  #: the person alone can lift it, by confirming a sign-up: they only left
