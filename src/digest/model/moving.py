"""Move: a reader asks that their mail go to another address, which both addresses confirm."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from digest.model.columns import NO_REUSE


class Move(SQLModel, table=True):
    """A change of address. Nothing changes before both addresses have confirmed it; one that was made is kept as evidence."""

    __tablename__ = "move"
    __table_args__ = NO_REUSE

    id: int = Field(default=None, primary_key=True)  #: given when it is stored; in the links of its mails
    subscriber_id: int = Field(foreign_key="subscriber.id", ondelete="CASCADE", index=True)
    address: str  #: the new one
    address_key: str
    address_hmac: str
    old_hmac: str  #: of the address that the person had
    asked_at: datetime
    expires_at: datetime
    new_confirmed_at: datetime | None = None
    old_confirmed_at: datetime | None = None
    made_at: datetime | None = None  #: when the address was changed

    def is_open(self, at: datetime) -> bool:
        """Return whether it can still be confirmed or stopped."""
        return self.made_at is None and at < self.expires_at
