"""Entry, Page, Article, Story, Kin and Group: values read from sources, stored articles, and their grouping into stories."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageInfo:
    """Metadata of an article's image, as its source gives it; empty or 0 where it gives none."""

    alt: str = ""
    caption: str = ""
    credit: str = ""
    width: int = 0  #: px
    height: int = 0

    @property
    def told(self) -> dict[str, Any]:
        """Non-empty fields by name, the form in which they are stored."""
        return {name: value for name, value in asdict(self).items() if value}


UNTOLD = ImageInfo()  #: nothing is said of it


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
    image_info: ImageInfo = UNTOLD
    url: str = ""
    is_free: bool | None = None  #: everybody may read it; None: it does not say

    @property
    def word_count(self) -> int:
        """Number of words; in scripts without spaces two characters count as one."""
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
    image_info: ImageInfo = UNTOLD
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
    every: timedelta | None = None  #: how often it asks to be read at most


class Article(SQLModel, table=True):
    """One stored item, cleaned."""

    __tablename__ = "article"
    __table_args__ = (
        UniqueConstraint("source_id", "guid"),
        Index("ix_article_canonical_url", "canonical_url"),
        Index("ix_article_source_canonical_url", "source_id", "canonical_url"),
        Index("ix_article_source_fingerprint", "source_id", "fingerprint"),
    )

    id: int = Field(default=None, primary_key=True)  #: given when it is stored
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
    image_info: dict[str, Any] = Field(default_factory=dict, sa_type=sa.JSON)  #: an ImageInfo, without what is empty
    published_at: datetime | None = None  #: None: undated, or a date that cannot be true
    first_seen_at: datetime = Field(index=True)
    settles_at: datetime  #: from then on it is taken for finished; moved on while it changes
    revised_at: datetime | None = None  #: when it was last changed so much that a reader would notice
    tags: str = ""  #: what its source files it under, a line each
    hidden: bool = False
    pinned: bool = False
    file: str = ""  #: the dropped file that it came from, as its folder names it
    withdrawn_at: datetime | None = None  #: its source has taken it back: the file is gone, or its place in the feed
    is_free: bool | None = None  #: everybody may read it; None: its page does not say, or was not read

    @property
    def word_count(self) -> int:
        """Number of words of the text, or of the standfirst where there is no text."""
        return count_words(self.text or self.standfirst)


SETTLED_AFTER = timedelta(hours=2)  #: from when it was first seen, an article is taken for finished whatever still changes
SLIGHT, NEARLY = 0.75, 0.9  #: texts that share this much of their words differ slightly; hardly
REWRITTEN = 0.5  #: texts that share fewer of their words are not edits of one another
LATER = timedelta(hours=1)  #: between two articles that a feed gives the same guid
REPEATED = timedelta(days=2)  #: the same words again after this are said again, not the same article


def same_matter(one: str, other: str) -> bool:
    """Return whether two headlines share most of their words: one is an edit of the other, not another article."""
    return shared(one, other) >= 0.6


def same_time(one: "Article", other: "Article") -> bool:
    """Return whether two similar texts can be one article: published at about the same time, as far as that is known."""
    if one.published_at and other.published_at:
        return abs(one.published_at - other.published_at) <= REPEATED
    return abs(one.first_seen_at - other.first_seen_at) <= 7 * REPEATED


def same_text(one: "Article", other: "Article") -> bool:
    """Return whether one text is the other with a few words changed."""
    return shared(one.text or one.standfirst, other.text or other.standfirst) >= NEARLY


def replaces(found: "Article", known: "Article") -> bool:
    """
    Return whether a source now gives another article under the guid and address of one that it gave before.

    A daily briefing does this: headline, text and date are all new. An edit leaves one of them unchanged.
    """
    if not (found.published_at and known.published_at) or abs(found.published_at - known.published_at) < LATER:
        return False
    texts = [(article.text or article.standfirst).strip() for article in (found, known)]
    return not same_matter(found.headline, known.headline) and (not all(texts) or shared(*texts) < REWRITTEN)


def vanished(before: Sequence[int], now: Sequence[int], dates: Mapping[int, datetime | None]) -> Sequence[int]:
    """
    Return the articles that a feed has withdrawn: missing from between others that it still lists.

    `before` and `now` are the numbers of its articles in its order. An article that has
    scrolled off an end is not withdrawn. Where the dates do not show that the feed is chronological (a
    list of the most read articles is not), an article may have left to make room for a new one: then
    nothing counts as withdrawn if a new one has come.
    """
    places = {number: place for place, number in enumerate(now)}
    known = [dates[number] for number in before]
    times = [when for when in known if when]
    ordered = len(times) == len(known) and (times == sorted(times) or times == sorted(times, reverse=True))
    if not ordered and set(now) - set(before):
        return ()
    found, first = [], len(now)
    lasts = [-1] * (len(before) + 1)  # of each place, the last place now of whatever stood behind
    for i in range(len(before) - 1, -1, -1):
        lasts[i] = max(lasts[i + 1], places.get(before[i], -1))
    for i, number in enumerate(before):
        if number not in places and first < lasts[i + 1]:
            found.append(number)
        first = min(first, places.get(number, len(now)))
    return found


def revise(article: Article, found: Article, *, now: datetime, settle: timedelta) -> bool:
    """
    Update a stored article from what its source gives now; return whether anything changed.

    What is gone is kept (a feed may cut its texts short later). While it changes it settles
    later, SETTLED_AFTER at the latest; a large change after that makes it revised.
    """
    text = found.text or article.text
    standfirst = found.standfirst or article.standfirst
    before = (article.headline, article.standfirst, article.text)
    if before == (found.headline, standfirst, text) and found.url in ("", article.url):
        return False
    if now < article.settles_at:
        article.settles_at = min(now + settle, article.first_seen_at + SETTLED_AFTER)
    elif shared(" ".join(before), f"{found.headline} {standfirst} {text}") < SLIGHT:
        article.revised_at = now
    article.headline, article.standfirst, article.text = found.headline, standfirst, text
    article.fingerprint = found.fingerprint if found.text or not article.text else article.fingerprint
    if found.url and found.url != article.url:  # a link that was mended, or a site that moved
        article.url, article.canonical_url = found.url, found.canonical_url
    article.author = found.author or article.author
    if found.image and found.image.replace("http:", "https:", 1) != article.image:  # else it was found over https since
        article.image, article.image_info = found.image, found.image_info
    article.tags = found.tags or article.tags
    article.is_free = article.is_free if found.is_free is None else found.is_free
    return True


def shared(one: str, other: str) -> float:
    """Return the share of words that two texts have in common (Dice coefficient); 1 for two empty ones."""
    a, b = Counter(one.casefold().split()), Counter(other.casefold().split())
    total = sum(a.values()) + sum(b.values())
    return 2 * sum((a & b).values()) / total if total else 1.0


class Story(SQLModel, table=True):
    """One happening, told by one or more articles; it keeps its identity over days."""

    __tablename__ = "story"

    id: int = Field(default=None, primary_key=True)  #: given when it is stored
    lead_id: int | None = Field(default=None, index=True)  #: the article that is linked
    first_seen_at: datetime = Field(index=True)
    predecessor_id: int | None = Field(default=None, foreign_key="story.id")  #: the story that this one develops


#: Characters of a text that grouping compares; news says first what happened.
COMPARED = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class Kin:
    """Fields of an article that decide which story it belongs to."""

    article_id: int
    canonical_url: str | None
    fingerprint: str
    publisher: str = ""  #: empty: not known
    headline: str = ""
    text: str = ""  #: its first COMPARED characters
    at: datetime | None = None  #: when it was published
    language: str = ""
    story_id: int | None = None  #: known for what was grouped before


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """New articles of one story: an existing story, or a new one and its predecessor."""

    story_id: int | None
    articles: Sequence[int]
    predecessor_id: int | None = None


#: Characters of scripts that put no spaces between words.
_UNSPACED = re.compile("[\u0e00-\u0e7f\u3040-\u30ff\u4e00-\u9fff]")


def count_words(text: str) -> int:
    """Count the words of a text; Chinese, Japanese and Thai characters count half a word each."""
    unspaced = len(_UNSPACED.findall(text))
    if not unspaced:  # as of most texts, of which a desk counts thousands
        return len(text.split())
    spaced = sum(1 for word in text.split() if not ("\u3040" <= word[0] <= "\u30ff" or "\u4e00" <= word[0] <= "\u9fff"))
    return spaced + unspaced // 2
