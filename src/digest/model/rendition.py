"""
Rendition: an issue rendered for one language, theme and format, cut into segments.

Immutable and stored. Everything that is the issue's is in it; what is the reader's comes
with the delivery. A piece is either encoded bytes or the name of a slot.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

#: What a segment is made of: bytes that start and end at column 0, or a slot by name.
Piece = bytes | str


@dataclass(frozen=True, slots=True, kw_only=True)
class PartPlan:
    """One body part: its pieces by segment, and how they are encoded."""

    kind: str  #: `plain` or `html`
    encoding: str  #: `quoted-printable`: pieces are encoded; `base64`: pieces are UTF-8, the part is encoded once
    head: Sequence[Piece]
    tail: Sequence[Piece]
    sections: Sequence[Sequence[Piece]]  #: by section: its heading
    brief_head: Sequence[Piece]
    brief_tail: Sequence[Piece]
    stories: Sequence[Sequence[Sequence[Piece]]]  #: by pick: top, full, brief
    middle: Sequence[Piece]  #: between the stories and the list of references
    references: Sequence[Sequence[Piece]]  #: by pick: its line in the list of references; empty in HTML
    sizes: Sequence[Sequence[int]]  #: by pick: bytes of top, full, brief before encoding
    frame_size: int  #: bytes of all the rest before encoding


@dataclass(frozen=True, slots=True, kw_only=True)
class PickLine:
    """What of a pick the derived slots and the layout need."""

    headline: str
    lead: str  #: its summary in one line, for a preheader
    section: int  #: index into the rendition's sections
    form: str  #: top, full or brief: its natural form
    minutes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HeaderFrame:
    """Header fields that all mails of the rendition share."""

    sender_name: str
    sender_address: str
    reply_to: str
    list_id: str  #: whole value of List-Id
    message_domain: str
    feedback_id: str
    nonce: str
    base_url: str
    boundary: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DerivedTexts:
    """Texts of derived slots by number, in the rendition's language; index = the number."""

    story_count: Sequence[str]
    minutes: Sequence[str]
    more: Sequence[str]
    subject: str  #: with `{headline}`
    filler: str  #: for a preheader that would be too short


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendition:
    """Everything of an issue's mails that is not the reader's."""

    language: str
    theme: str
    header: HeaderFrame
    picks: Sequence[PickLine]
    texts: DerivedTexts
    html: PartPlan
    plain: PartPlan


class RenditionRow(SQLModel, table=True):
    """A rendition as it is kept: `content` is written once and never changed."""

    __tablename__ = "rendition"
    __table_args__ = (UniqueConstraint("issue_id", "language", "theme", "format"),)

    id: int | None = Field(default=None, primary_key=True)
    issue_id: int = Field(foreign_key="issue.id", ondelete="CASCADE")
    language: str
    theme: str
    format: str = "full"
    content: bytes = Field(sa_type=sa.LargeBinary)
    made_at: datetime
