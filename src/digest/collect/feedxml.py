"""
Correct feedparser for our use: the elements that are text, the dates, and a denial of service.

It keeps `media:description` (a picture's alternative text) and `media:title` as an entry's text and
title, reads the date of a prefix of what it is given, cuts an address in an author's name after four
letters of its last label, and takes time in the square of the attributes of one element. It has no
hook for any of that, so its two parsers are subclassed here and replaced.
"""

import io
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import feedparser
from feedparser import api, mixin

from digest.collect.bounds import CROWDED, MAX_ATTRIBUTES, is_crowded
from digest.collect.people import without_address
from digest.errors import ParseError


class _Corrected:
    """Overrides for both parsers."""

    def _start_media_title(self, _attributes: Any) -> None:
        self.push("media_title", 1)  # type: ignore[attr-defined]

    def _end_media_title(self) -> None:
        self.pop("media_title")  # type: ignore[attr-defined]

    def _start_media_description(self, _attributes: Any) -> None:
        self.push("media_description", 1)  # type: ignore[attr-defined]

    def _end_media_description(self) -> None:
        self.pop("media_description")  # type: ignore[attr-defined]

    # Dates stay unparsed; `dates` parses them. feedparser's aliases call these methods.

    def _end_published(self) -> None:
        self.pop("published")  # type: ignore[attr-defined]

    _end_issued = _end_pubdate = _end_published

    def _end_updated(self) -> None:
        self.pop("updated")  # type: ignore[attr-defined]

    _end_modified = _end_lastbuilddate = _end_updated

    def _end_created(self) -> None:
        self.pop("created")  # type: ignore[attr-defined]

    def _sync_author_detail(self, key: str = "author") -> None:
        """Parse the name of an author who is given as text, such as `ann@example.org (Ann Other)`."""
        context = self._get_context()  # type: ignore[attr-defined]
        people = context.get(f"{key}s") or []
        if people and not people[-1] and context.get(key):
            people[-1]["name"] = without_address(context[key])

    def unknown_starttag(self, tag: str, attributes: Sequence[tuple[str, str]]) -> None:
        if len(attributes) > MAX_ATTRIBUTES:
            raise _crowded()
        super().unknown_starttag(tag, attributes)  # type: ignore[misc]

    def track_namespace(self, prefix: str, uri: str) -> None:
        if len(self.namespaces_in_use) > MAX_ATTRIBUTES:  # type: ignore[attr-defined]
            raise _crowded()
        super().track_namespace(prefix, uri)  # type: ignore[misc]


def _crowded() -> ParseError:
    return ParseError("the feed", CROWDED)


#: It resolves the base address of every element, mostly the same one: a quarter of its time.
mixin.make_safe_absolute_uri = lru_cache(256)(mixin.make_safe_absolute_uri)
api.StrictFeedParser = type("StrictFeedParser", (_Corrected, api.StrictFeedParser), {})
api.LooseFeedParser = type("LooseFeedParser", (_Corrected, api.LooseFeedParser), {})


def parse(body: bytes, *, url: str, content_type: str) -> Any:
    """
    Parse a feed with feedparser; markup is not sanitised, dates stay text.

    Raises:
        ParseError: an element has too many attributes.
    """
    if is_crowded(body):
        raise _crowded()
    headers = {"content-type": content_type or "application/xml"}
    if url:
        headers["content-location"] = url
    # An open stream: given bytes or a name, feedparser opens the *file* or URL of that name.
    return feedparser.parse(io.BytesIO(body), response_headers=headers, sanitize_html=False, resolve_relative_uris=False)
