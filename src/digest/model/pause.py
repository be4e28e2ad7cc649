"""SendingPause: a recipient domain or a relay that is given no mail for a while, since mails came back as refused."""

from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from digest.model.columns import NO_REUSE, enum_type

FIRST, LONGEST = timedelta(minutes=10), timedelta(hours=4)  #: how long it lasts, doubling while the refusals go on
PACED = "paced"  #: reason of a delivery that waits for its domain
FORGOTTEN = timedelta(days=4)  #: after the end of a pause; the next one is a first one again. Longer than a weekend


class PauseKind(StrEnum):
    """Kind of what is paused."""

    DOMAIN = "domain"  #: a recipient domain, or a family of them
    RELAY = "relay"


class SendingPause(SQLModel, table=True):
    """A pause of a domain or a relay; a row whose time is over is kept for the length of the next one."""

    __tablename__ = "sending_pause"
    __table_args__ = (UniqueConstraint("kind", "name"), NO_REUSE)

    id: int = Field(default=None, primary_key=True)  #: given when it is stored
    kind: PauseKind = Field(sa_type=enum_type(PauseKind))
    name: str  #: the family, such as `gmail`, or the domain; of a relay host and port
    began_at: datetime
    until: datetime
    times: int = 1  #: pauses, one soon after another
    reason: str
    relay: str = ""  #: of a domain: the relay whose mail it refused


def length(times: int) -> timedelta:
    """Return how long the pause lasts that is one of so many, soon after another."""
    return min(FIRST * (1 << min(times - 1, 10)), LONGEST)
