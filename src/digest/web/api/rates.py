"""Rates: how often a program may ask, counted in this process. A window of a minute begins with its first request."""

import threading
from dataclasses import dataclass
from datetime import datetime, timedelta

WINDOW = timedelta(minutes=1)
OF_TOKEN, OF_NETWORK = 600, 60  #: requests a window: with a token, and without a good one
MOST_KEYS = 10_000  #: that are counted at once; beyond that windows that are over are forgotten


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Remainder of a window after a request was counted."""

    quota: int
    remaining: int
    reset: timedelta  #: until the window is over
    is_over: bool  #: the request was one too many

    @property
    def headers(self) -> dict[str, str]:
        """Headers that say so (draft-ietf-httpapi-ratelimit-headers)."""
        seconds = max(1, int(self.reset.total_seconds()))
        return {
            "RateLimit-Policy": f'"default";q={self.quota};w={int(WINDOW.total_seconds())}',
            "RateLimit": f'"default";r={self.remaining};t={seconds}',
        }


class Rates:
    """Windows by key. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._windows: dict[str, tuple[datetime, int]] = {}

    def count(self, key: str, *, quota: int, now: datetime) -> Standing:
        """Count a request."""
        with self._lock:
            begun, used = self._windows.get(key, (now, 0))
            if not begun <= now < begun + WINDOW:
                begun, used = now, 0
            if key not in self._windows and len(self._windows) >= MOST_KEYS:
                self._windows = {known: value for known, value in self._windows.items() if now < value[0] + WINDOW}
            self._windows[key] = (begun, used + 1)
        return Standing(quota=quota, remaining=max(0, quota - used - 1), reset=begun + WINDOW - now, is_over=used >= quota)
