"""
Turn a source's bytes into articles, ready to be stored. Faults stay local: one bad
file of a folder, one bad entry of a feed is reported, the others are read.
"""

import hashlib
import re
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from digest.collect import apart, folder
from digest.collect.disk import read_file
from digest.collect.markup import line
from digest.collect.urls import canonical, host, web_link
from digest.errors import CollectError, ParseError
from digest.model.article import Article, Entry, Page
from digest.model.ports import Fetched
from digest.model.source import Source
from digest.model.states import SourceKind
from digest.model.words import language_of

HEADLINE_MAX, STANDFIRST_MAX, NAME_MAX = 300, 2000, 100  #: characters
FIRST_WORDS_MAX = 80  #: characters of a headline that is made of a text's first words
OPENING_MIN, OPENING_MAX = 18, 110  #: characters of one that is its first sentence
TAGS_MAX = 20
GUID_MAX = 500  #: characters; a longer one is stored as its hash
AT_ONCE = timedelta(0)
#: Clocks differ and zones are omitted; a date further in the future than this is ignored.
FUTURE_TOLERANCE = timedelta(hours=14)
#: Certain end of a text's first sentence: a stop behind a year or a word that is hardly an abbreviation, or another mark.
_SENTENCE_END = re.compile(
    r"(?:(?<=\d{4})\.|(?<=[^\W\d_]{5})\.|(?<=[\s'’-][^\W\d_A-ZÀ-Þ]{3})\.|(?<=\s[^\W\d_A-ZÀ-Þ]{4})\.|[!?…؟।])[\"'”’»)\]]*(?=\s+[^\Wa-z_])|[。！？](?![」』”])"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """Result of reading a source: articles not yet stored, and problems."""

    articles: Sequence[Article]
    problems: Sequence[str] = ()
    every: timedelta | None = None  #: least interval between reads that the feed asks for
    files: frozenset[str] = frozenset()  #: of a folder: the guids of its files
    unread: frozenset[str] = frozenset()  #: of a folder: the names of files that could not be read


def gather(source: Source, fetched: Fetched, *, now: datetime, settle: timedelta = AT_ONCE) -> Gathered:
    """
    Parse a fetched feed or page. Its articles are settled `settle` after now, unless they are older than that.

    Raises:
        CollectError: it is not of the source's kind.
    """
    if source.kind is SourceKind.PAGE:
        page = apart.read_page(fetched.body, where=source.location, url=fetched.url)
        return Gathered(articles=(from_page(page, source, guid=_digest(fetched.body), now=now, settle=settle),))
    feed = apart.parse_feed(fetched.body, where=source.location, url=fetched.url, content_type=fetched.content_type, now=now)
    articles = [
        from_entry(entry, source, now=now, settle=settle)
        for entry in feed.entries
        if line(entry.title or entry.summary or entry.content)
    ]
    return Gathered(articles=articles, every=feed.every)


def gather_folder(source: Source, *, known: Collection[str], now: datetime, home: Path = Path()) -> Gathered:
    """
    Read a folder, whose path is relative to `home`. `known` are guids of earlier reads: these files are not read again.

    Raises:
        CollectError: the folder as a whole could not be read.
    """
    articles: list[Article] = []
    problems: list[str] = []
    there: set[str] = set()
    unread: set[str] = set()
    place = home / source.location
    for path in folder.files(place):
        name = path.relative_to(place).as_posix()
        try:
            raw = read_file(path)
            guid = _digest(raw)
            there.add(guid)
            if guid in known:
                continue
            for number, page in enumerate(apart.read_pages(raw, where=path.name)):
                articles.append(from_page(page, source, guid=f"{guid}#{number}" if number else guid, now=now, file=name))
        except CollectError as problem:
            problems.append(f"{path.name}: {problem.reason}")
            unread.add(name)
        except Exception as problem:  # a fault in one file must not stop the others
            problems.append(f"{path.name}: could not be understood ({type(problem).__name__})")
            unread.add(name)
    problems += filter(None, [folder.not_given(place)])
    return Gathered(articles=articles, problems=problems, files=frozenset(there), unread=frozenset(unread))


def from_page(page: Page, source: Source, *, guid: str, now: datetime, settle: timedelta = AT_ONCE, file: str = "") -> Article:
    """Convert a page to an article of its source."""
    headline = fitting(page.title, HEADLINE_MAX) or opening(page.standfirst or page.text)
    if not headline:
        raise ParseError(source.location, "holds no article")
    return Article(
        source_id=source.id,
        guid=guid,
        headline=headline,
        standfirst=fitting(page.standfirst, STANDFIRST_MAX),
        text=page.text,
        author=fitting(page.author, NAME_MAX),
        publisher=fitting(page.publisher, NAME_MAX) or source.name,
        topic=source.topic,
        url=page.url,
        canonical_url=canonical(page.url) or None,
        fingerprint=fingerprint(headline, page.text or page.standfirst, guid),
        language=language(page.language) or language_of(f"{headline}\n{page.text}"),
        image=page.image,
        image_info=page.image_info.told,
        is_free=page.is_free,
        tags=fitting(page.section, NAME_MAX),
        published_at=(published := believable(page.published_at, now)),
        first_seen_at=now,
        settles_at=settles(published, now, settle),
        file=file,
    )


def from_entry(entry: Entry, source: Source, *, now: datetime, settle: timedelta = AT_ONCE) -> Article:
    """Convert a feed's entry to an article of its source."""
    text = entry.content or entry.summary
    headline = fitting(entry.title, HEADLINE_MAX) or opening(text)
    standfirst = fitting(entry.summary, STANDFIRST_MAX)
    link = web_link(entry.link)
    return Article(
        source_id=source.id,
        guid=entry.guid if len(entry.guid) <= GUID_MAX else _digest(entry.guid.encode("utf-8", "replace")),
        headline=headline,
        # A short post without a title is its own headline; it is not repeated.
        standfirst="" if entry.summary == entry.content or standfirst == headline else standfirst,
        text=entry.content,
        author=fitting(", ".join(entry.authors), NAME_MAX),
        publisher=fitting(entry.publisher, NAME_MAX) or source.name,
        topic=source.topic,
        url=link,
        canonical_url=canonical(link) or None,
        fingerprint=fingerprint(headline, text, f"{source.id} {entry.guid}"),
        language=language(entry.language) or language_of(f"{headline}\n{text}"),
        image=entry.image,
        image_info=entry.image_info.told,
        tags="\n".join(filter(None, (fitting(tag, NAME_MAX) for tag in entry.tags[:TAGS_MAX]))),
        published_at=(published := believable(entry.published_at or entry.updated_at, now)),
        first_seen_at=now,
        settles_at=settles(published, now, settle),
    )


def settles(published: datetime | None, now: datetime, settle: timedelta) -> datetime:
    """Return the time at which an article first seen now is settled: now if it is undated or was published long enough ago."""
    return now if published is None or now - published >= settle else now + settle


def fitting(text: str, limit: int) -> str:
    """Shorten a text to one visible line of at most `limit` characters, cut between words; a URL becomes its host."""
    plain = line(text)
    if re.fullmatch(r"(?:https?://|www\.)\S+", plain):
        plain = host(plain if "://" in plain else f"http://{plain}")
    return first_words(plain, limit)


def language(text: str) -> str:
    """Normalise a BCP 47 tag; empty if the text is none."""
    tag = text.strip().replace("_", "-")
    return tag if re.fullmatch(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3}", tag) else ""


def believable(date: datetime | None, now: datetime) -> datetime | None:
    """Correct a date in the future: one slightly ahead becomes now, one far ahead None."""
    if date is None or date > now + FUTURE_TOLERANCE:
        return None
    return min(date, now)


def fingerprint(headline: str, text: str, guid: str) -> str:
    """Hash the content, ignoring case, spacing and punctuation; without a text, hash the guid."""
    if not text.strip():
        return _digest(guid.encode())
    folded = unicodedata.normalize("NFKC", f"{headline}\n{text}").casefold()
    return _digest(re.sub(r"[\W_]+", " ", folded).strip().encode("utf-8", "replace"))


def opening(text: str) -> str:
    """Make a headline for a text that has none: its first sentence if that is complete, else its first words."""
    words = " ".join(text.split())
    end = next((m.end() for m in _SENTENCE_END.finditer(words, 0, OPENING_MAX) if m.end() >= OPENING_MIN), None)
    return words[:end] if end and len(words) > FIRST_WORDS_MAX else first_words(words, FIRST_WORDS_MAX)


def first_words(text: str, limit: int) -> str:
    """Shorten a text, cut between words."""
    words = " ".join(text.split())
    if len(words) <= limit:
        return words
    cut = words[: limit - 1]
    return (cut.rpartition(" ")[0] or cut).rstrip(" ,;:–-") + "…"


def _digest(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()
