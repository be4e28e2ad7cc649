"""Parse JSON Feed 1.0 and 1.1 (jsonfeed.org/version/1.1), which feedparser 6.0.14 does not support."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from digest.collect import images, people, pictures
from digest.collect.decode import UNFIT
from digest.collect.entries import TOLD_BY, Dated, clock, newest
from digest.collect.markup import line, to_text
from digest.collect.urls import host, web_link
from digest.errors import ParseError
from digest.model.article import Entry, Feed


def parse(body: bytes, *, where: str, url: str = "", now: datetime | None = None) -> Feed:
    """
    Parse a JSON Feed: titles and texts are literal, values of the wrong type count as missing.

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
    items = [item for item in raw["items"] if isinstance(item, dict)]
    said = [(_text(item, "date_published"), _text(item, "date_modified")) for item in items]
    read = clock(
        [date for pair in said for date in pair],
        language=_text(raw, "language"),
        titles=[_text(item, "title") for item in items[:TOLD_BY]],
        now=now,
    )
    dated = [Dated(item, read(published), read(updated)) for item, (published, updated) in zip(items, said, strict=True)]
    entries = [_entry(one, raw, base) for one in newest(dated)]
    return Feed(
        title=line(_text(raw, "title")),
        link=web_link(_text(raw, "home_page_url"), base),
        language=_text(raw, "language"),
        entries=tuple(entries),
    )


def _entry(dated: Dated, feed: Mapping[str, Any], base: str) -> Entry:
    item = dated.item
    attached = [{**one, "href": one.get("url")} for one in _list(item, "attachments") if isinstance(one, dict)]
    link = web_link(_text(item, "url") or _text(item, "external_url"), base) or pictures.enclosed({"enclosures": attached}, base)
    markup = _text(item, "content_html")
    content = to_text(markup) if markup else _text(item, "content_text").strip()
    title = line(_text(item, "title"))
    named = {"image": {"href": _text(item, "image") or _text(item, "banner_image")}, "enclosures": _typed(attached)}
    image = pictures.of_entry(named, markup, base, place=link)
    return Entry(
        guid=_text(item, "id") or link or title or content[:200],
        title=title,
        link=link,
        published_at=dated.published_at,
        updated_at=dated.updated_at,
        summary=line(_text(item, "summary")),
        content=content,
        authors=_authors(item) or _authors(feed),
        image=image,
        image_info=images.of_entry(named, markup, image, base, place=link),
        tags=tuple(line(tag) for tag in _list(item, "tags") if isinstance(tag, str)),
        publisher=line(_text(feed, "title")) or host(base),
        language=_text(item, "language") or _text(feed, "language"),
    )


def _typed(attached: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
    """Return attachments with their type under feedparser's name for it."""
    return [{**one, "type": one.get("mime_type") or ""} for one in attached]


def _text(holder: Mapping[str, Any], key: str) -> str:
    """Return a text value; numbers are accepted too, since ids are often written as such."""
    value = holder.get(key)
    if isinstance(value, bool) or value is None:
        return ""
    return UNFIT.sub("", str(value)) if isinstance(value, str | int | float) else ""


def _list(holder: Mapping[str, Any], key: str) -> Sequence[Any]:
    value = holder.get(key)
    return value if isinstance(value, list) else ()


def _authors(holder: Mapping[str, Any]) -> tuple[str, ...]:
    named = _list(holder, "authors") or [holder.get("author")]  # `author` is version 1.0
    return people.names(_text(person, "name") for person in named if isinstance(person, dict))
