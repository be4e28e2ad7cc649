"""
A source's bytes become articles, ready to be stored. What is broken stays local: one bad
file of a folder, one bad entry of a feed is named, the others go on.
"""

import hashlib
import re
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from digest.collect import extract, feeds, folder
from digest.collect.disk import read_file
from digest.collect.urls import canonical, web_link
from digest.errors import CollectError
from digest.model.article import Article, Entry, Page
from digest.model.ports import Fetcher
from digest.model.source import Source
from digest.model.states import SourceKind

#: Clocks differ and zones are forgotten; a date further ahead than this is not believed.
FUTURE_TOLERANCE = timedelta(hours=14)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """What a source gave: articles not yet stored, and what could not be read."""

    articles: Sequence[Article]
    problems: Sequence[str] = ()


def gather(source: Source, fetcher: Fetcher, *, known: Collection[str], now: datetime) -> Gathered:
    """
    Read a source. `known` are guids that it gave before: files among them are not read again.

    Raises:
        CollectError: the source as a whole could not be read.
    """
    if source.kind is SourceKind.FOLDER:
        return _folder(source, known=known, now=now)
    fetched = fetcher.fetch(source.location)
    if source.kind is SourceKind.PAGE:
        page = extract.read_page(fetched.body, where=source.location, url=fetched.url)
        return Gathered(articles=(from_page(page, source, guid=_digest(fetched.body), now=now),))
    feed = feeds.parse(fetched.body, where=source.location, url=fetched.url, content_type=fetched.content_type)
    articles = [from_entry(entry, source, now=now) for entry in feed.entries if entry.title or entry.summary or entry.content]
    return Gathered(articles=articles)


def _folder(source: Source, *, known: Collection[str], now: datetime) -> Gathered:
    articles: list[Article] = []
    problems: list[str] = []
    for path in folder.files(Path(source.location)):
        try:
            raw = read_file(path)
            guid = _digest(raw)
            if guid in known:
                continue
            page = extract.read_page(raw, where=path.name)
        except CollectError as problem:
            problems.append(f"{path.name}: {problem.reason}")
            continue
        articles.append(from_page(page, source, guid=guid, now=now))
    return Gathered(articles=articles, problems=problems)


def from_page(page: Page, source: Source, *, guid: str, now: datetime) -> Article:
    """A page as an article of its source."""
    assert source.id is not None
    headline = page.title or first_words(page.standfirst or page.text)
    return Article(
        source_id=source.id,
        guid=guid,
        headline=headline,
        standfirst=page.standfirst,
        text=page.text,
        author=page.author,
        publisher=page.publisher or source.name,
        topic=source.topic,
        url=page.url,
        canonical_url=canonical(page.url) or None,
        fingerprint=fingerprint(headline, page.text or page.standfirst, guid),
        language=page.language,
        image=page.image,
        published_at=believable(page.published_at, now),
        first_seen_at=now,
    )


def from_entry(entry: Entry, source: Source, *, now: datetime) -> Article:
    """A feed's entry as an article of its source."""
    assert source.id is not None
    text = entry.content or entry.summary
    headline = entry.title or first_words(text)
    link = web_link(entry.link)
    return Article(
        source_id=source.id,
        guid=entry.guid,
        headline=headline,
        standfirst=" ".join(entry.summary.split()) if entry.summary != entry.content else "",
        text=entry.content,
        author=", ".join(entry.authors),
        publisher=entry.publisher or source.name,
        topic=source.topic,
        url=link,
        canonical_url=canonical(link) or None,
        fingerprint=fingerprint(headline, text, f"{source.id} {entry.guid}"),
        language=entry.language,
        image=entry.image,
        published_at=believable(entry.published_at or entry.updated_at, now),
        first_seen_at=now,
    )


def believable(date: datetime | None, now: datetime) -> datetime | None:
    """A date that can be true: one slightly ahead is now, one far ahead is none."""
    if date is None or date > now + FUTURE_TOLERANCE:
        return None
    return min(date, now)


def fingerprint(headline: str, text: str, guid: str) -> str:
    """The same for the same content whatever its case, spacing and punctuation; without a text, of the guid."""
    if not text.strip():
        return _digest(guid.encode())
    folded = unicodedata.normalize("NFKC", f"{headline}\n{text}").casefold()
    return _digest(re.sub(r"[\W_]+", " ", folded).strip().encode("utf-8", "replace"))


def first_words(text: str, limit: int = 80) -> str:
    """The beginning of a text as a headline for what has none."""
    line = " ".join(text.split())
    if len(line) <= limit:
        return line
    cut = line[: limit - 1]
    return (cut.rpartition(" ")[0] or cut).rstrip(" ,;:–-") + "…"


def _digest(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()
