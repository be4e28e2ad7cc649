"""A job: something that any process of this place can do, named so that it is not done twice at once for nothing."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import Field, SQLModel


class JobKind(StrEnum):
    """What there is to do elsewhere."""

    COLLECT = "collect"  #: read sources, by their numbers
    DELIVER = "deliver"  #: send what is due of an issue, by its number


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What is to be done, and for which rows. The rows stay the truth: a job lost or run twice does no harm."""

    kind: JobKind
    numbers: tuple[int, ...]
    part: int = 0  #: of an issue, whose parts share it by their claims; of the sources, the block that their numbers are in

    @property
    def name(self) -> str:
        """The same for the same work, whichever of a block's sources are due."""
        return f"collect {self.part}" if self.kind is JobKind.COLLECT else f"deliver {self.numbers[0]} {self.part}"


class Lease(SQLModel, table=True):
    """Who leads among many processes, and until when."""

    __tablename__ = "lease"

    name: str = Field(primary_key=True)
    holder: str
    until: datetime = Field(sa_type=sa.DateTime(timezone=True))
