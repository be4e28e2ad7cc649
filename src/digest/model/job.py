"""Jobs: work that any process of an installation can do, named so that the same work is not done twice at once."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import Field, SQLModel


class JobKind(StrEnum):
    """Kind of a job."""

    COLLECT = "collect"  #: read sources, by their numbers
    DELIVER = "deliver"  #: send what is due of an issue, by its number


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """Work to do, and the rows that it is for. The rows stay the truth: a job lost or run twice does no harm."""

    kind: JobKind
    numbers: tuple[int, ...]
    part: int = 0  #: of an issue, whose parts share it by their claims; of the sources, the block that their numbers are in

    @property
    def name(self) -> str:
        """Name that is equal for equal work, whichever of a block's sources are due."""
        return f"collect {self.part}" if self.kind is JobKind.COLLECT else f"deliver {self.numbers[0]} {self.part}"


class Lease(SQLModel, table=True):
    """Lease of the process that leads: its holder and its expiry."""

    __tablename__ = "lease"

    name: str = Field(primary_key=True)
    holder: str
    until: datetime = Field(sa_type=sa.DateTime(timezone=True))
