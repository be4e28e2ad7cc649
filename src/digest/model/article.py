"""Entry, Page, Article, Story and Kin: what was read, what is stored, what happened, and what tells of the same."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """An article as it could be read from one page, dropped text or mail; empty where it does not say."""

    title: str = ""
    standfirst: str = ""
    text: str = ""  #: paragraphs, an empty line between two
    author: str = ""
    publisher: str = ""
    published_at: datetime | None = None
    language: str = ""  #: BCP 47
    section: str = ""  #: the part of its paper that it stands in, as the page names it
    image: str = ""
    url: str = ""

    @property
    def word_count(self) -> int:
        """Words; in scripts without spaces two characters count as one."""
        return count_words(self.text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One item as a source gave it, cleaned of markup where it says text; never stored."""

    guid: str
    title: str = ""
    link: str = ""
    published_at: datetime | None = None
    updated_at: datetime | None = None
    summary: str = ""  #: plain text
    content: str = ""  #: plain text, paragraphs
    authors: tuple[str, ...] = ()
    image: str = ""
    tags: tuple[str, ...] = ()
    publisher: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A feed as it was read: entries in its own order."""

    title: str = ""
    link: str = ""
    language: str = ""
    entries: Sequence[Entry] = field(default=())


class Article(SQLModel, table=True):
    """One stored item, cleaned."""

    __tablename__ = "article"
    __table_args__ = (UniqueConstraint("source_id", "guid"), Index("ix_article_canonical_url", "canonical_url"))

    id: int | None = Field(default=None, primary_key=True)
    source_id: int = Field(foreign_key="source.id", ondelete="CASCADE")
    story_id: int | None = Field(default=None, foreign_key="story.id", index=True)
    guid: str
    headline: str
    standfirst: str = ""
    text: str = ""
    author: str = ""
    publisher: str = ""
    topic: str = ""
    url: str = ""  #: what a reader follows; empty for a dropped text without one
    canonical_url: str | None = None  #: what tells two articles apart; None for a dropped text without one
    fingerprint: str = Field(index=True)  #: the same for the same content, whatever its spacing and case
    language: str = ""
    image: str = ""
    published_at: datetime | None = None  #: None: undated, or a date that cannot be true
    first_seen_at: datetime = Field(index=True)
    hidden: bool = False
    pinned: bool = False

    @property
    def word_count(self) -> int:
        """Words of the text, or of the standfirst where there is no text."""
        return count_words(self.text or self.standfirst)


class Story(SQLModel, table=True):
    """One happening, told by one or more articles; it keeps its identity over days."""

    __tablename__ = "story"

    id: int | None = Field(default=None, primary_key=True)
    lead_id: int | None = Field(default=None, index=True)  #: the article that is linked
    first_seen_at: datetime = Field(index=True)
    predecessor_id: int | None = Field(default=None, foreign_key="story.id")  #: the story that this one develops


#: Characters of a text that grouping compares; news says first what happened.
COMPARED = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class Kin:
    """What of an article says which story it tells."""

    article_id: int
    canonical_url: str | None
    fingerprint: str
    publisher: str = ""  #: empty: not known
    headline: str = ""
    text: str = ""  #: its first COMPARED characters
    at: datetime | None = None  #: when it was published
    language: str = ""
    story_id: int | None = None  #: known for what was grouped before


def count_words(text: str) -> int:
    """Words of a text; Chinese, Japanese and Thai characters count half a word each."""
    unspaced = sum(1 for c in text if "\u0e00" <= c <= "\u0e7f" or "\u3040" <= c <= "\u30ff" or "\u4e00" <= c <= "\u9fff")
    spaced = sum(1 for word in text.split() if not ("\u3040" <= word[0] <= "\u30ff" or "\u4e00" <= word[0] <= "\u9fff"))
    return spaced + unspaced // 2
