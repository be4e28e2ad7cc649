"""Parse single fields of a person, as they are typed or written in a file."""

import csv
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache

from digest import languages, zones
from digest.errors import BadInput


class Unfit(BadInput):
    """A field's value cannot be used; `reason` continues the sentence that begins with `value`."""

    def __init__(self, field: str, value: str, reason: str) -> None:
        super().__init__(f"{field} {value!r} {reason}")
        self.field, self.value, self.reason = field, value, reason


@lru_cache(maxsize=1024)
def zone(text: str) -> str:
    """
    Look up a time zone by its name in any case; returns the zone database's spelling, empty for an empty text.

    Raises:
        Unfit: there is no such zone.
    """
    known = zones.find(text) if text else ""
    if known is None:
        raise Unfit("zone", text, "is no time zone; write one like Europe/Berlin, or nothing")
    return known


@lru_cache(maxsize=1024)
def language(text: str) -> str:
    """
    Look up a language by its code or name; returns a BCP 47 tag, empty for an empty text.

    Raises:
        Unfit: there is no such language.
    """
    if not text:
        return ""
    known = languages.tag(text) or languages.by_name(text)
    if known is None:
        raise Unfit("language", text, "is no language; write its code, such as en or pt-BR, or nothing")
    return known


@lru_cache(maxsize=4096)
def tags(text: str) -> tuple[str, ...]:
    """Split a cell of tags: a JSON array, or with commas between, each quoted or not; none twice."""
    try:
        value = json.loads(text) if text.startswith("[") else None
    except (ValueError, RecursionError):
        value = None
    found = [_as_text(tag) for tag in value] if isinstance(value, list) else _split(text)
    return tuple(dict.fromkeys(filter(None, map(one_line, found))))


def _as_text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _split(text: str) -> Sequence[str]:
    plain = " ".join(text.splitlines())
    try:
        return next(csv.reader([plain], skipinitialspace=True), [])
    except csv.Error:
        return plain.split(",")


def instant(text: str) -> datetime | None:
    """Parse a date or time in ISO 8601, in UTC if it names no zone; None if it is neither."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)


def printable(text: str) -> str:
    """Replace lone surrogates by `?`, so that any terminal and any file can show the text."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def one_line(text: str) -> str:
    """Return a typed text without line breaks, double spaces and lone surrogates, as an import reads it from a file too."""
    return " ".join(printable(text).split())
