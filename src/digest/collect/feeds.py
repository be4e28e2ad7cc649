"""
Parse feeds: RSS 0.9x, 1.0 and 2.0 and Atom by feedparser (`feedxml`), JSON Feed 1.1 by `jsonfeed`.

Where a format says that a field is text (Atom's `type="text"`, JSON Feed) it is literal; else it may
hold HTML.
"""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from digest.collect import feedxml, images, jsonfeed, people, pictures
from digest.collect.decode import UNFIT
from digest.collect.entries import TOLD_BY, Dated, clock, newest
from digest.collect.markup import decoded, has_elements, is_surely_html, line, one_line, tidy, to_text
from digest.collect.urls import host, web_link
from digest.errors import ParseError
from digest.model.article import Entry, Feed

_PERIODS = {
    "hourly": timedelta(hours=1),
    "daily": timedelta(days=1),
    "weekly": timedelta(days=7),
    "monthly": timedelta(days=30),
    "yearly": timedelta(days=365),
}


def parse(body: bytes, *, where: str, url: str = "", content_type: str = "", now: datetime | None = None) -> Feed:
    """
    Parse a feed. `url` is the base of relative links; `where` names the source in errors. Of two
    readings of a date the one that is not later than `now` is taken.

    Raises:
        ParseError: it is empty, a web page, or nothing that is a feed.
    """
    if not body.strip():
        raise ParseError(where, "is empty")
    if body.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"{"):
        return jsonfeed.parse(body, where=where, url=url, now=now)
    try:
        parsed = feedxml.parse(body, url=url, content_type=content_type)
    except ParseError as problem:
        raise ParseError(where, problem.reason) from problem
    if not parsed.entries and not parsed.version:
        raise ParseError(where, _not_a_feed_reason(body))
    base = url or web_link(parsed.feed.get("link", ""))
    said = [_dates(raw) for raw in parsed.entries]
    read = clock(
        [date for pair in said for date in pair],
        language=one_line(parsed.feed.get("language") or ""),
        titles=[str(raw.get("title") or "") for raw in parsed.entries[:TOLD_BY]],
        now=now,
    )
    literal = str(parsed.version).startswith("atom")
    dated = [Dated(raw, read(published), read(updated)) for raw, (published, updated) in zip(parsed.entries, said, strict=True)]
    entries = [_entry(one, parsed.feed, base, literal=literal) for one in newest(dated)]
    return Feed(
        title=_line(parsed.feed, "title", literal=literal),
        link=web_link(parsed.feed.get("link", ""), base),
        language=one_line(parsed.feed.get("language", "") or ""),
        entries=tuple(entries),
        every=_least_interval(parsed.feed),
    )


def _least_interval(feed: Any) -> timedelta | None:
    """Return the feed's least interval between reads: RSS's ttl in minutes, or the syndication module's period and frequency."""
    ttl = str(feed.get("ttl") or "")
    period = _PERIODS.get(str(feed.get("sy_updateperiod") or feed.get("updateperiod") or "").strip().lower())
    frequency = str(feed.get("sy_updatefrequency") or feed.get("updatefrequency") or "1").strip()
    if ttl.isdecimal() and len(ttl) < 7:
        return timedelta(minutes=int(ttl))
    return period / max(1, int(frequency)) if period and frequency.isdecimal() and len(frequency) < 7 else None


def _not_a_feed_reason(body: bytes) -> str:
    if re.search(rb"<!doctype html|<html|<body", body[:2000], re.IGNORECASE):
        return "is a web page, not a feed; add its feed instead, or the page itself with `--kind page`"
    return "is not a feed; digest reads RSS, Atom, RDF and JSON Feed"


def _entry(dated: Dated, feed: Any, base: str, *, literal: bool) -> Entry:
    raw = dated.item
    said = one_line(str(raw.get("link") or ""))
    # A link that is not http(s) is kept as it is written; no article uses it.
    link = web_link(said, base) or said or pictures.enclosed(raw, base)
    parts = [part for part in raw.get("content", ()) if isinstance(part, Mapping)]
    summary = _text(raw.get("summary") or "", raw.get("summary_detail"), literal=literal)
    content = "\n\n".join(filter(None, (_text(part.get("value") or "", part, literal=literal) for part in parts)))
    title = _line(raw, "title", literal=literal) or (one_line(raw.get("media_title") or "") if not summary + content else "")
    markup = "\n".join(str(part.get("value") or "") for part in parts) or raw.get("summary") or ""
    place = web_link(str((parts or [raw.get("summary_detail") or {}])[0].get("base") or ""))  # xml:base
    image = pictures.of_entry(raw, markup, base, place=place or link)
    return Entry(
        guid=UNFIT.sub("", str(raw.get("id") or "")) or link or title or summary[:200],
        title=title,
        link=link,
        published_at=dated.published_at,
        updated_at=dated.updated_at,
        summary=summary,
        content=content,
        authors=_authors(raw),
        image=image,
        image_info=images.of_entry(raw, markup, image, base, place=place or link),
        tags=tuple(dict.fromkeys(one_line(tag.get("term") or "") for tag in raw.get("tags", ()) if tag.get("term"))),
        publisher=one_line(raw.get("source", {}).get("title", "") or "") or _line(feed, "title", literal=literal) or host(base),
        language=one_line((raw.get("content") or [{}])[0].get("language") or feed.get("language") or ""),
    )


def _line(holder: Any, key: str, *, literal: bool) -> str:
    """Return a title; literal if Atom declares it as text."""
    text = str(holder.get(key) or "")
    return line(text) if literal and _is_plain(holder.get(f"{key}_detail")) else one_line(text)


def _text(markup: str, detail: Any, *, literal: bool) -> str:
    """Return a text by paragraphs; literal if Atom declares it so and it is not surely HTML; text that only mentions tags is not HTML."""
    if literal and _is_plain(detail) and not is_surely_html(markup):
        return tidy(markup)
    return to_text(markup) if has_elements(markup) else tidy(decoded(markup))


def _is_plain(detail: Any) -> bool:
    return isinstance(detail, Mapping) and detail.get("type") == "text/plain"


def _authors(raw: Any) -> tuple[str, ...]:
    return people.names([author.get("name") or "" for author in raw.get("authors", ()) if author] or [raw.get("author") or ""])


def _dates(raw: Any) -> tuple[str, str]:
    """Return an entry's unparsed dates of publication and last change. dict.get: feedparser's own falls back to another date."""
    return str(dict.get(raw, "published") or dict.get(raw, "created") or ""), str(dict.get(raw, "updated") or "")
