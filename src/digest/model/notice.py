"""Notice: a mail to one reader about their own subscriptions, which waits to be handed over."""

from datetime import datetime
from enum import StrEnum

from sqlmodel import Field, SQLModel

from digest.model.columns import NO_REUSE, enum_type


class NoticeKind(StrEnum):
    """Kind of a notice."""

    LINK = "link"  #: has the link to the reader's preferences, for whoever asks for it
    NEW_ADDRESS = "new address"  #: asks the address that a reader's mail is to go to whether it is theirs
    OLD_ADDRESS = "old address"  #: asks the one that it goes to now whether they want that
    GOODBYE = "goodbye"  #: says to who left that nothing more comes, where the list wants it


class Notice(SQLModel, table=True):
    """
    A mail to one reader that is outside the ledger. The row is deleted once a relay has taken or refused the mail.

    Whether anything is known about its address is looked up when the mail is due, not when it is asked for.
    """

    __tablename__ = "notice"
    __table_args__ = NO_REUSE

    id: int = Field(default=None, primary_key=True)  #: given when it is stored
    kind: NoticeKind = Field(sa_type=enum_type(NoticeKind))
    address_hmac: str
    subscription_id: int | None = None  #: that it is about; None: any of the person
    move_id: int | None = None  #: that it is about
    due_at: datetime = Field(index=True)
    attempts: int = 0  #: how often it could not be handed over
