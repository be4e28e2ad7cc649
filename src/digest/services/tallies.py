"""Tallies: counts of many rows, such as the deliveries of an issue by state, for pages that many look at again and again."""

import time
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from sqlmodel import Session

from digest.model.delivery import Counts
from digest.store import deliveries

T = TypeVar("T")
SHARE = 20  #: a count is kept for so many times as long as it took, so that pages spend a twentieth of a processor on it


class Tallies:
    """Counts by what is counted. A count of a million rows takes a fifth of a second and is kept for four; a small one is as good as new."""

    def __init__(self) -> None:
        self._kept: dict[Hashable, tuple[float, Any]] = {}

    def of(self, tx: Session, issue_id: int) -> Counts:
        """Return the deliveries of an issue by state, counted a moment ago."""
        return self.kept(issue_id, lambda: deliveries.counts(tx, issue_id))

    def kept(self, key: Hashable, count: Callable[[], T], *, least_s: float = 0.0) -> T:
        """Return a count, made a moment ago or now; a new one is kept for `least_s` at least. Who keeps it longer has a key of its own."""
        until, counts = self._kept.get(key, (0.0, None))
        began = time.monotonic()
        if began >= until:
            counts = count()
            took = time.monotonic() - began
            self._kept[key] = (began + max(least_s, took * (1 + SHARE)), counts)
        return counts  # type: ignore[no-any-return]  # what was kept under a key has the type of its count

    def forget(self, key: Hashable) -> None:
        """Count an issue, or something else, anew at the next look: a person has just changed it."""
        self._kept.pop(key, None)
