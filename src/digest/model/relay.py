"""Limits of a relay that were observed."""

from datetime import datetime

from sqlmodel import Field, SQLModel


class RelayLimits(SQLModel, table=True):
    """Limits of a relay that its refusals have shown."""

    __tablename__ = "relay_limits"

    name: str = Field(primary_key=True)  #: host and port
    connections: int  #: at a time
    messages: int  #: a connection; 0 = any number
    seen_at: datetime
