"""What feeds of all formats share: how the dates of their entries are read, and which entries are kept."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from heapq import nlargest
from typing import Any

from digest.collect.dates import order_of, read
from digest.model.words import language_of

MAX_ENTRIES = 10_000
TOLD_BY = 20  #: titles that tell the language of a feed that names none


@dataclass(frozen=True, slots=True)
class Dated:
    """An entry as its format has it, with its dates read."""

    item: Any
    published_at: datetime | None
    updated_at: datetime | None


def clock(
    texts: Sequence[str], *, language: str, titles: Sequence[str], now: datetime | None
) -> Callable[[str], datetime | None]:
    """How one feed's dates are read: `texts` are all of them, `titles` tell its language where it names none."""
    spoken = language or language_of(" ".join(titles))
    order = order_of(texts, language=spoken, latest=now)
    return lambda text: read(text, order=order, language=spoken, latest=now) if text else None


def newest(entries: Sequence[Dated]) -> Sequence[Dated]:
    """The newest MAX_ENTRIES in the feed's order; of undated ones the first, since feeds begin with the newest."""
    if len(entries) <= MAX_ENTRIES:
        return entries

    def age(place: int) -> tuple[float, int]:
        when = entries[place].published_at or entries[place].updated_at
        return (when.timestamp() if when else 0.0, -place)

    return [entries[place] for place in sorted(nlargest(MAX_ENTRIES, range(len(entries)), key=age))]
