"""LeaveReason: why a reader left a list, where they said so."""

from datetime import datetime
from enum import StrEnum

from sqlmodel import Field, SQLModel

from digest.model.columns import NO_REUSE, enum_type

TEXT_MAX = 500  #: characters of a reader's own words


class Reason(StrEnum):
    """Reason that a reader chose."""

    TOO_MUCH = "too much"  #: more mail than they read
    NOT_FOR_ME = "not for me"  #: other stories than they want
    NEVER_ASKED = "never asked"  #: somebody else put them on the list
    OTHER = "other"  #: none of these, or only words of their own


class LeaveReason(SQLModel, table=True):
    """Reason for which a reader left a list: the last that they gave, until they come back or are forgotten."""

    __tablename__ = "leave_reason"
    __table_args__ = NO_REUSE

    id: int = Field(default=None, primary_key=True)  #: given when it is stored
    subscription_id: int = Field(foreign_key="subscription.id", ondelete="CASCADE", unique=True)
    mlist_id: int = Field(foreign_key="mlist.id", ondelete="CASCADE", index=True)
    reason: Reason = Field(sa_type=enum_type(Reason))
    text: str = ""  #: the reader's own words
    at: datetime
