"""Tallies: how the deliveries of an issue stand by state, for pages that many look at again and again."""

import time
from collections.abc import Callable
from typing import TypeVar, cast

from sqlmodel import Session

from digest.model.delivery import Counts
from digest.store import deliveries

T = TypeVar("T")
SHARE = 20  #: a count is kept for so many times as long as it took, so that pages spend a twentieth of a processor on it


class Tallies:
    """Counts by issue. A count of a million rows takes a fifth of a second and is kept for four; a small one is as good as new."""

    def __init__(self) -> None:
        self._kept: dict[int, tuple[float, Counts]] = {}
        self._others: dict[str, tuple[float, object]] = {}

    def of(self, tx: Session, issue_id: int, *, least_s: float = 0.0) -> Counts:
        """Return the deliveries of an issue by state, counted a moment ago; a new count is kept for `least_s` at least."""
        until, counts = self._kept.get(issue_id, (0.0, {}))
        began = time.monotonic()
        if began >= until:
            counts = deliveries.counts(tx, issue_id)
            took = time.monotonic() - began
            self._kept[issue_id] = (began + max(least_s, took * (1 + SHARE)), counts)
        return counts

    def kept(self, what: str, count: Callable[[], T]) -> T:
        """Return another count by its name, made a moment ago."""
        until, found = self._others.get(what, (0.0, None))
        began = time.monotonic()
        if began >= until:
            found = count()
            self._others[what] = (began + (time.monotonic() - began) * (1 + SHARE), found)
        return cast(T, found)

    def forget_other(self, what: str) -> None:
        """Count something anew at the next look."""
        self._others.pop(what, None)

    def forget(self, issue_id: int) -> None:
        """Count an issue anew at the next look: a person has just changed it."""
        self._kept.pop(issue_id, None)
