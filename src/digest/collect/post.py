"""
Poster: sends messages to addresses that a person named, many at once, with the guard of sources.

asyncio is used behind a synchronous call, as in the fetcher. No redirect is followed, and of an answer only the status counts.
"""

import asyncio
import ssl
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp

from digest.collect.guard import guarded, opened, worded

TOTAL_S, CONNECT_S = 15.0, 5.0
AT_ONCE = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    """A message to be sent."""

    url: str
    body: bytes = field(repr=False)
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    allow_private: bool = False  #: a private address and any port are fine


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """Outcome of a message: the status of the answer, None where there was none, and what went wrong."""

    status: int | None
    problem: str = ""

    @property
    def is_taken(self) -> bool:
        """True where the address took the message."""
        return self.status is not None and 200 <= self.status < 300


class WebPoster:
    """Send messages over HTTP."""

    def __init__(self, *, user_agent: str, ca_file: Path | None = None) -> None:
        self._user_agent = user_agent
        self._ca_file = ca_file

    def post_all(self, wanted: Sequence[Posting]) -> Sequence[Posted]:
        """Send messages, and return what became of each, in their order."""
        return asyncio.run(self._all(wanted))

    async def _all(self, wanted: Sequence[Posting]) -> Sequence[Posted]:
        strict, free = self._session(private=False), self._session(private=True)
        async with strict, free:
            return await asyncio.gather(*(_one(free if posting.allow_private else strict, posting) for posting in wanted))

    def _session(self, *, private: bool) -> aiohttp.ClientSession:
        trust = ssl.create_default_context()
        if self._ca_file is not None:
            trust.load_verify_locations(cafile=self._ca_file)
        connector = aiohttp.TCPConnector(limit=AT_ONCE, ssl=trust, socket_factory=opened if private else guarded)
        timeout = aiohttp.ClientTimeout(total=TOTAL_S, sock_connect=CONNECT_S)
        headers = {"User-Agent": self._user_agent, "Content-Type": "application/json"}
        return aiohttp.ClientSession(connector=connector, timeout=timeout, headers=headers, cookie_jar=aiohttp.DummyCookieJar())


async def _one(session: aiohttp.ClientSession, posting: Posting) -> Posted:
    try:
        async with session.post(posting.url, data=posting.body, headers=dict(posting.headers), allow_redirects=False) as answer:
            problem = "" if 200 <= answer.status < 300 else f"answers {answer.status}"
            return Posted(status=answer.status, problem=problem)
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as problem:
        return Posted(status=None, problem=worded(problem, waited_s=TOTAL_S))
