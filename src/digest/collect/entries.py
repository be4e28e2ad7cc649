"""Parse the dates of entries and select the newest, for feeds of all formats."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from heapq import nlargest
from typing import Any

from digest.collect.dates import order_of, read
from digest.model.words import language_of

MAX_ENTRIES = 10_000
TOLD_BY = 20  #: titles by which the language of a feed that names none is detected


@dataclass(frozen=True, slots=True)
class Dated:
    """An entry in its format's own form, with its dates parsed."""

    item: Any
    published_at: datetime | None
    updated_at: datetime | None


def clock(
    texts: Sequence[str], *, language: str, titles: Sequence[str], now: datetime | None
) -> Callable[[str], datetime | None]:
    """Return the date parser of one feed: `texts` are all its dates; `titles` are used to detect the language if none is named."""
    spoken = language or language_of(" ".join(titles))
    order = order_of(texts, language=spoken, latest=now)
    return lambda text: read(text, order=order, language=spoken, latest=now) if text else None


def newest(entries: Sequence[Dated]) -> Sequence[Dated]:
    """Select the newest MAX_ENTRIES in the feed's order; of undated ones the first, since feeds begin with the newest."""
    if len(entries) <= MAX_ENTRIES:
        return entries

    def age(place: int) -> tuple[float, int]:
        when = entries[place].published_at or entries[place].updated_at
        return (when.timestamp() if when else 0.0, -place)

    return [entries[place] for place in sorted(nlargest(MAX_ENTRIES, range(len(entries)), key=age))]
