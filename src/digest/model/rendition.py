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
class Segment:
    """A part of a document that a mail contains whole or not at all."""

    pieces: Sequence[Piece]
    size: int  #: bytes before encoding, slots not counted


@dataclass(frozen=True, slots=True, kw_only=True)
class PartPlan:
    """One body part: its segments, and how they are encoded."""

    kind: str  #: `plain` or `html`
    encoding: str  #: `quoted-printable`: pieces are encoded; `base64`: pieces are UTF-8, the part is encoded once
    full_stories: int | None  #: how many of a section are printed in full, the others listed under them; None: all
    head: Segment
    opening: Segment  #: says what is in it; empty: the template has none, or an editor's note stands there
    nothing: Segment  #: stands where no story does
    sections_head: Segment  #: opens and closes all sections
    sections_tail: Segment
    sections: Sequence[Segment]  #: by section: its heading; empty: the template has none, all but the top story are briefs
    list_head: Segment  #: opens and closes the list under a section's full stories
    list_next: Segment  #: between two of its items
    list_tail: Segment
    brief_head: Segment  #: opens and closes all briefs
    brief_sections: Sequence[Segment]  #: by section: its heading among the briefs; empty: they have none
    brief_next: Segment  #: between two briefs of a section
    brief_end: Segment  #: behind the briefs of a section
    brief_tail: Segment
    more: Segment  #: says how many stories did not fit
    middle: Segment  #: between the stories and the list of references
    reader: Segment  #: what only the reader may have: links that act for them
    tail: Segment
    stories: Sequence[Sequence[Segment]]  #: by pick, then by form
    references: Sequence[Segment]  #: by pick: its line in the list of references; empty in HTML


@dataclass(frozen=True, slots=True, kw_only=True)
class PickLine:
    """Fields of a pick that the derived slots and the layout need."""

    headline: str
    short: str  #: the headline as the opening names it; empty: it cannot be shortened well
    lead: str  #: its summary in one line, for a preheader
    section: int  #: index into the rendition's sections
    form: str  #: top, full or brief: its natural form
    shapes: Sequence[str]  #: that its picture can have as a lead: wide, square
    linked: bool  #: it leads somewhere
    words: int  #: that it prints as more than a brief
    brief_words: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HeaderFrame:
    """Header fields that all mails of the rendition share."""

    sender_name: str
    sender_address: str
    reply_to: str
    list_id: str  #: whole value of List-Id; empty: a system mail, which belongs to no list
    message_domain: str
    feedback_id: str
    nonce: str
    base_url: str
    boundary: str
    dkim: Sequence[str] = ()  #: selectors of the keys that sign
    echoes: Sequence[str] = ()  #: header fields that providers give back in their events, with `%s` for the Message-ID
    leave_address: str = ""  #: whose signed forms readers may write to, to unsubscribe; empty: nobody reads it


@dataclass(frozen=True, slots=True, kw_only=True)
class DerivedTexts:
    """Texts of derived slots in the rendition's language; lists are by number, index = the number."""

    story_count: Sequence[str]
    minutes: Sequence[str]
    more: Sequence[str]
    remaining: Sequence[str]  #: how many stories the opening does not name
    end: Sequence[str]  #: that this was all, and when the next issue comes
    end_cut: str  #: the same where stories did not fit
    sentence: str  #: a headline as a sentence, `%(headline)s` in it
    other_words: int  #: words that are read beside the stories
    title: str  #: the headline where there is no story
    subject: str  #: with slots
    preheader: str  #: with slots
    filler: str  #: for a preheader that would be too short


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, weakref_slot=True)
class Rendition:
    """Everything of an issue's mails that is not the reader's. Two are equal when they are the same object."""

    language: str
    theme: str
    header: HeaderFrame
    picks: Sequence[PickLine]
    texts: DerivedTexts
    html: PartPlan
    plain: PartPlan


class RenditionRow(SQLModel, table=True):
    """A rendition as it is stored: `content` is written once and never changed."""

    __tablename__ = "rendition"
    __table_args__ = (UniqueConstraint("issue_id", "language", "theme", "format", "version"),)

    id: int = Field(default=None, primary_key=True)  #: given when it is stored
    issue_id: int = Field(foreign_key="issue.id", ondelete="CASCADE")
    language: str
    theme: str
    format: str = "full"
    version: int = 1  #: of the issue; its mails are made of the newest that there was when they were claimed
    content: bytes = Field(sa_type=sa.LargeBinary)
    made_at: datetime
