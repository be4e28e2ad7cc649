"""JSON Feed 1.0 and 1.1 (jsonfeed.org/version/1.1). feedparser 6.0.14 reads no entry of one."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from digest.collect.decode import UNFIT
from digest.collect.markup import first_image, one_line, to_text
from digest.collect.urls import host, web_link
from digest.errors import ParseError
from digest.model.article import Entry, Feed

MAX_ENTRIES = 10_000


def parse(body: bytes, *, where: str, url: str = "") -> Feed:
    """
    Read a JSON Feed. What is of the wrong type counts as missing.

    Raises:
        ParseError: not JSON, or JSON that is no feed.
    """
    try:
        raw = json.loads(body.decode("utf-8-sig", "replace"))
    except (ValueError, RecursionError) as problem:
        raise ParseError(where, f"is not valid JSON ({problem})") from problem
    if not isinstance(raw, dict) or not isinstance(raw.get("items"), list):
        raise ParseError(where, "is JSON, but not a JSON Feed: it has no `items`")
    base = url or web_link(_text(raw, "feed_url") or _text(raw, "home_page_url"))
    entries = [_entry(item, raw, base) for item in raw["items"][:MAX_ENTRIES] if isinstance(item, dict)]
    return Feed(
        title=one_line(_text(raw, "title")),
        link=web_link(_text(raw, "home_page_url"), base),
        language=_text(raw, "language"),
        entries=tuple(entries),
    )


def _entry(item: Mapping[str, Any], feed: Mapping[str, Any], base: str) -> Entry:
    link = web_link(_text(item, "url") or _text(item, "external_url"), base)
    markup = _text(item, "content_html")
    content = to_text(markup) if markup else _text(item, "content_text").strip()
    title = one_line(_text(item, "title"))
    return Entry(
        guid=_text(item, "id") or link or title or content[:200],
        title=title,
        link=link,
        published_at=_date(_text(item, "date_published")),
        updated_at=_date(_text(item, "date_modified")),
        summary=one_line(_text(item, "summary")),
        content=content,
        authors=_authors(item) or _authors(feed),
        image=web_link(_text(item, "image") or _text(item, "banner_image"), base) or first_image(markup, link or base),
        tags=tuple(one_line(tag) for tag in _list(item, "tags") if isinstance(tag, str)),
        publisher=one_line(_text(feed, "title")) or host(base),
        language=_text(item, "language") or _text(feed, "language"),
    )


def _text(holder: Mapping[str, Any], key: str) -> str:
    """A text value; numbers are taken too, since ids are often written as such."""
    value = holder.get(key)
    if isinstance(value, bool) or value is None:
        return ""
    return UNFIT.sub("", str(value)) if isinstance(value, str | int | float) else ""


def _list(holder: Mapping[str, Any], key: str) -> Sequence[Any]:
    value = holder.get(key)
    return value if isinstance(value, list) else ()


def _authors(holder: Mapping[str, Any]) -> tuple[str, ...]:
    people = _list(holder, "authors") or [holder.get("author")]  # `author` is version 1.0
    return tuple(name for p in people if isinstance(p, dict) and (name := one_line(_text(p, "name"))))


def _date(text: str) -> datetime | None:
    """RFC 3339; a date without a zone is taken as UTC."""
    try:
        found = datetime.fromisoformat(text)
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
