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
    part: int = 0  #: several parts of one issue share it by their claims

    @property
    def name(self) -> str:
        """The same for the same job."""
        return f"{self.kind} {','.join(map(str, self.numbers))} {self.part}"


class Lease(SQLModel, table=True):
    """Who leads among many processes, and until when."""

    __tablename__ = "lease"

    name: str = Field(primary_key=True)
    holder: str
    until: datetime = Field(sa_type=sa.DateTime(timezone=True))
