"""
Limits of a polite fetcher per host: few concurrent requests, a pause between them, robots.txt
(RFC 9309), and the server's Retry-After and Cache-Control (RFC 9110 §10.2.3, RFC 9111 §5.2.2.1).
"""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from protego import Protego

AT_ONCE, PAUSE_S = 2, 0.25  #: requests to one public host at a time, and seconds between them
AT_ONCE_OWN = 4  #: to one of our own, without a pause
LONGEST_DELAY_S = 10.0  #: of a robots.txt's Crawl-delay; a longer one is not waited for
AGENT = "digest"  #: our product token in robots.txt
NOBODY = "User-agent: *\nDisallow: /"  #: rules to assume for an unreachable robots.txt (RFC 9309 §2.3.1.4)
MAX_WAIT = timedelta(days=7)

#: Fetches one URL; returns status and text, or None without a response.
Get = Callable[[str], Awaitable[tuple[int, str] | None]]


class Gate:
    """Rate limits of one host during one collection; for use by one event loop."""

    def __init__(self, *, hurried: bool) -> None:
        self._slots = asyncio.Semaphore(AT_ONCE_OWN if hurried else AT_ONCE)
        self._pause = 0.0 if hurried else PAUSE_S
        self._rules: asyncio.Task[Protego] | None = None
        self.wait: timedelta | None = None  #: the delay that the host has asked for

    @asynccontextmanager
    async def entered(self) -> AsyncIterator[None]:
        """Hold one of the host's request slots; a request may be made inside the context."""
        async with self._slots:
            yield
            if self._pause:
                await asyncio.sleep(self._pause)

    async def allows(self, url: str, get: Get) -> bool:
        """True if the host's robots.txt permits fetching this URL; it is fetched once."""
        if self._rules is None:
            self._rules = asyncio.ensure_future(_rules(url, get))
        rules = await self._rules
        delay = rules.crawl_delay(AGENT)
        if delay:
            self._pause = max(self._pause, min(float(delay), LONGEST_DELAY_S))
        return bool(rules.can_fetch(url, AGENT))


async def _rules(url: str, get: Get) -> Protego:
    parts = urlsplit(url)
    found = await get(f"{parts.scheme}://{parts.netloc}/robots.txt")
    if found is None or found[0] >= 500:
        return Protego.parse(NOBODY)
    return Protego.parse(found[1] if found[0] == 200 else "")


def host(url: str) -> str:
    """Return the host and port of a URL, the key of its Gate."""
    return urlsplit(url).netloc.rpartition("@")[2].lower()


def retry_after(headers: Mapping[str, str], *, now: datetime) -> timedelta | None:
    """Parse Retry-After (seconds or a date) into a delay; None without one."""
    said = headers.get("Retry-After", "").strip()
    try:
        wait = timedelta(seconds=int(said)) if said.isdecimal() else parsedate_to_datetime(said).replace(tzinfo=UTC) - now
    except (ValueError, OverflowError):
        return None
    return min(max(wait, timedelta(0)), MAX_WAIT)


def fresh_for(headers: Mapping[str, str]) -> timedelta | None:
    """Return the freshness lifetime of a response, by Cache-Control; None without one."""
    found = re.search(r"\bmax-age=(\d{1,9})", headers.get("Cache-Control", ""), re.IGNORECASE)
    return timedelta(seconds=int(found[1])) if found else None
