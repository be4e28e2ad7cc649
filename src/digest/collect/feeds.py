"""
Feeds: RSS 0.9x, 1.0 and 2.0 and Atom through feedparser, JSON Feed 1.1 by a small parser of ours.

feedparser is handed an open stream: given bytes or a name it opens the *file* or URL of that name.
"""

import calendar
import io
import re
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import feedparser

from digest.collect import jsonfeed
from digest.collect.decode import UNFIT
from digest.collect.markup import first_image, one_line, to_text
from digest.collect.urls import host, web_link
from digest.errors import ParseError
from digest.model.article import Entry, Feed

MAX_ENTRIES = 10_000
_PERIODS = {
    "hourly": timedelta(hours=1),
    "daily": timedelta(days=1),
    "weekly": timedelta(days=7),
    "monthly": timedelta(days=30),
    "yearly": timedelta(days=365),
}


def parse(body: bytes, *, where: str, url: str = "", content_type: str = "") -> Feed:
    """
    Read a feed. `url` is what relative links count from; `where` names the source in errors.

    Raises:
        ParseError: it is empty, a web page, or nothing that is a feed.
    """
    if not body.strip():
        raise ParseError(where, "is empty")
    if body.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"{"):
        return jsonfeed.parse(body, where=where, url=url)
    headers = {"content-type": content_type or "application/xml"}
    if url:
        headers["content-location"] = url
    parsed = feedparser.parse(io.BytesIO(body), response_headers=headers, sanitize_html=True, resolve_relative_uris=True)
    if not parsed.entries and not parsed.version:
        raise ParseError(where, _why_not(body))
    base = url or web_link(parsed.feed.get("link", ""))
    entries = [_entry(raw, parsed.feed, base) for raw in parsed.entries[:MAX_ENTRIES]]
    return Feed(
        title=one_line(parsed.feed.get("title", "")),
        link=web_link(parsed.feed.get("link", ""), base),
        language=one_line(parsed.feed.get("language", "") or ""),
        entries=tuple(entries),
        every=_every(parsed.feed),
    )


def _every(feed: Any) -> timedelta | None:
    """How often a feed asks to be read at most: RSS's ttl in minutes, the syndication module's period and frequency."""
    ttl = str(feed.get("ttl") or "")
    period = _PERIODS.get(str(feed.get("sy_updateperiod") or feed.get("updateperiod") or "").strip().lower())
    frequency = str(feed.get("sy_updatefrequency") or feed.get("updatefrequency") or "1").strip()
    if ttl.isdecimal() and len(ttl) < 7:
        return timedelta(minutes=int(ttl))
    return period / max(1, int(frequency)) if period and frequency.isdecimal() and len(frequency) < 7 else None


def _why_not(body: bytes) -> str:
    if re.search(rb"<!doctype html|<html|<body", body[:2000], re.IGNORECASE):
        return "is a web page, not a feed; add its feed instead, or the page itself with `--kind page`"
    return "is not a feed; digest reads RSS, Atom, RDF and JSON Feed"


def _entry(raw: Any, feed: Any, base: str) -> Entry:
    said = one_line(str(raw.get("link") or ""))
    link = web_link(said, base) or said  # one that leads nowhere is shown as it is written; no article takes it over
    summary_markup = raw.get("summary", "") or ""
    content_markup = "\n".join(part.get("value", "") for part in raw.get("content", ()) if isinstance(part, Mapping))
    summary, content = _as_text(summary_markup), _as_text(content_markup)
    title = one_line(raw.get("title", ""))
    return Entry(
        guid=UNFIT.sub("", str(raw.get("id") or "")) or link or title or summary[:200],
        title=title,
        link=link,
        published_at=_date(raw.get("published_parsed") or raw.get("created_parsed")),
        # dict.get: feedparser's own falls back to the date of publication
        updated_at=_date(dict.get(raw, "updated_parsed")),
        summary=summary,
        content=content,
        authors=_authors(raw),
        image=_image(raw, base) or first_image(content_markup or summary_markup, link or base),
        tags=tuple(dict.fromkeys(one_line(tag.get("term") or "") for tag in raw.get("tags", ()) if tag.get("term"))),
        publisher=one_line(raw.get("source", {}).get("title", "") or feed.get("title", "")) or host(base),
        language=one_line((raw.get("content") or [{}])[0].get("language") or feed.get("language") or ""),
    )


def _as_text(markup: str) -> str:
    return to_text(markup) if markup else ""


def _authors(raw: Any) -> tuple[str, ...]:
    named = [author.get("name", "") for author in raw.get("authors", ()) if author]
    return tuple(dict.fromkeys(name for name in map(one_line, named or [raw.get("author", "")]) if name))


def _image(raw: Any, base: str) -> str:
    media: Sequence[Mapping[str, Any]] = [
        *raw.get("media_content", ()),
        *({**e, "url": e.get("href", "")} for e in raw.get("enclosures", ())),
        *({**t, "type": "image/"} for t in raw.get("media_thumbnail", ())),
    ]
    for item in media:
        kind = str(item.get("type") or item.get("medium") or "")
        if kind.startswith("image") and (link := web_link(str(item.get("url", "")), base)):
            return link
    return ""


def _date(parsed: time.struct_time | None) -> datetime | None:
    """feedparser's UTC tuple as an aware instant; None where the year cannot be one of a calendar."""
    try:
        return datetime.fromtimestamp(calendar.timegm(parsed), UTC) if parsed else None
    except (ValueError, OverflowError, OSError):
        return None
