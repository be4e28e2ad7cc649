"""
Fetcher for URLs: many concurrently, within budgets, never on a private network.

asyncio is used only here, behind a synchronous call. The address is checked when the socket
is made, after resolution and again at every redirect, so that neither DNS rebinding
nor a redirect leads to a private address.
"""

import asyncio
import queue
import ssl
import threading
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import aiohttp

from digest import __version__
from digest.collect.courtesy import Gate, fresh_for, host, retry_after
from digest.collect.decode import UNFIT
from digest.collect.disk import MAX_BYTES, DiskFetcher
from digest.collect.guard import guarded, opened, worded
from digest.errors import FetchError
from digest.model.ports import Fetched, Request

CONNECT_S, TOTAL_S = 10.0, 30.0
SLOW_AFTER_S, SLOWEST = 5.0, 1024  #: after so many seconds of a body, the minimum is this many bytes a second
REDIRECTS = 5
AT_ONCE = 50
ROBOTS_MAX = 500_000  #: bytes of a robots.txt that are read (RFC 9309 §2.5)
UNSAID = timedelta(hours=1)  #: delay after "too many requests" without a Retry-After
REDIRECTING = frozenset({301, 302, 303, 307, 308})
FOR_GOOD = frozenset({301, 308})
_ACCEPT = "application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, text/html;q=0.8, */*;q=0.5"


class WebFetcher:
    """Fetch URLs over HTTP and files from disk."""

    def __init__(self, *, user_agent: str, ca_file: Path | None = None) -> None:
        self._user_agent = user_agent
        self._ca_file = ca_file

    def fetch_all(self, wanted: Sequence[Request]) -> Iterator[tuple[Request, Fetched | FetchError]]:
        """Implement `Fetcher.fetch_all`."""
        files = [request for request in wanted if not is_url(request.location)]
        urls = [request for request in wanted if is_url(request.location)]
        yield from DiskFetcher().fetch_all(files)
        if urls:
            yield from self._fetch_urls(urls)

    def _fetch_urls(self, wanted: Sequence[Request]) -> Iterator[tuple[Request, Fetched | FetchError]]:
        """Run the event loop in a thread and yield results as they arrive."""
        results: queue.SimpleQueue[tuple[Request, Fetched | FetchError] | BaseException] = queue.SimpleQueue()

        def run() -> None:
            try:
                asyncio.run(self._all(wanted, results))
            except BaseException as problem:
                results.put(problem)

        thread = threading.Thread(target=run, name="fetch", daemon=True)
        thread.start()
        for _ in wanted:
            result = results.get()
            if isinstance(result, BaseException):
                raise result
            yield result
        thread.join()

    async def _all(
        self, wanted: Sequence[Request], results: queue.SimpleQueue[tuple[Request, Fetched | FetchError] | BaseException]
    ) -> None:
        slots = asyncio.Semaphore(AT_ONCE)
        strict, free = self._session(private=False), self._session(private=True)
        gates: dict[tuple[str, bool], Gate] = {}
        async with strict, free:

            async def one(request: Request) -> None:
                try:
                    await answered(request)
                except Exception as problem:  # a failure at one server must not stop the others
                    results.put((request, FetchError(request.location, worded(problem, waited_s=TOTAL_S))))

            async def answered(request: Request) -> None:
                door = (host(request.location), request.allow_private)
                gate = gates.setdefault(door, Gate(hurried=request.allow_private))
                async with (
                    gate.entered(),
                    slots,
                ):  # in this order, so that a request that waits for its host takes no slot from others
                    results.put((request, await _fetch_if_permitted(free if request.allow_private else strict, request, gate)))

            await asyncio.gather(*(one(request) for request in wanted))

    def _session(self, *, private: bool) -> aiohttp.ClientSession:
        trust = ssl.create_default_context()
        if self._ca_file is not None:
            trust.load_verify_locations(cafile=self._ca_file)
        connector = aiohttp.TCPConnector(limit=AT_ONCE, ssl=trust, socket_factory=opened if private else guarded)
        timeout = aiohttp.ClientTimeout(total=TOTAL_S, sock_connect=CONNECT_S)
        headers = {"User-Agent": self._user_agent, "Accept": _ACCEPT}
        return aiohttp.ClientSession(connector=connector, timeout=timeout, headers=headers, cookie_jar=aiohttp.DummyCookieJar())


def user_agent(*contacts: str) -> str:
    """Build the User-Agent: program, version, and the operator's contacts."""
    said = "; ".join(f"+{contact}" for contact in contacts)
    return f"digest/{__version__} ({said})" if said else f"digest/{__version__}"


def is_url(location: str) -> bool:
    """True if a location is an http(s) URL."""
    return location.lower().startswith(("http://", "https://"))


async def _fetch_if_permitted(session: aiohttp.ClientSession, request: Request, gate: Gate) -> Fetched | FetchError:
    """Fetch a request, unless the host has asked us to wait or its robots.txt forbids it."""
    if gate.wait:
        return FetchError(
            request.location, "has a host that asks us to wait; it is asked again later", wait=gate.wait, asked=False
        )
    if request.robots and not await gate.allows(request.location, partial(_small, session)):
        return FetchError(request.location, "may not be read: the site's robots.txt keeps programs out, or could not be had")
    found = await _one(session, request)
    if isinstance(found, FetchError) and found.wait:
        gate.wait = max(gate.wait or found.wait, found.wait)
    return found


async def _small(session: aiohttp.ClientSession, url: str) -> tuple[int, str] | None:
    """Fetch a small file; returns status and text, None without a response."""
    try:
        async with session.get(url, max_redirects=REDIRECTS) as answer:
            body = bytearray()
            async for chunk in answer.content.iter_chunked(65536):
                body += chunk
                if len(body) > ROBOTS_MAX:
                    break
            return answer.status, bytes(body[:ROBOTS_MAX]).decode("utf-8", "replace")
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError):
        return None


async def _one(session: aiohttp.ClientSession, request: Request) -> Fetched | FetchError:
    """Fetch a request, following redirects. The source's own headers are not sent to other origins: they may hold secrets."""
    conditions = {"If-None-Match": request.etag, "If-Modified-Since": request.last_modified}
    url, hops = request.location, list[int]()
    try:
        async with asyncio.timeout(TOTAL_S):
            while len(hops) <= REDIRECTS:
                own = dict(request.headers if _same_origin(url, request.location) else _cross_origin(request.headers))
                headers = {name: value for name, value in conditions.items() if value} | own
                async with session.get(url, headers=headers, allow_redirects=False) as answer:
                    target = answer.headers.get("Location", "")
                    if answer.status not in REDIRECTING or not target:
                        return await _read(answer, request, hops)
                    hops.append(answer.status)
                    url = urljoin(url, target)
            return FetchError(request.location, f"redirects more than {REDIRECTS} times")
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError, asyncio.IncompleteReadError) as problem:
        return FetchError(request.location, worded(problem, waited_s=TOTAL_S), code=_code(problem))


def _cross_origin(headers: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Return the headers that may be sent to another origin."""
    return ((name, value) for name, value in headers if name.lower() == "user-agent")


def _same_origin(one: str, other: str) -> bool:
    """Compare scheme, host and port (RFC 6454)."""
    a, b = urlsplit(one), urlsplit(other)
    ports = [parts.port or (443 if parts.scheme == "https" else 80) for parts in (a, b)]
    return (a.scheme, a.hostname, ports[0]) == (b.scheme, b.hostname, ports[1])


async def _read(answer: aiohttp.ClientResponse, request: Request, hops: Sequence[int]) -> Fetched | FetchError:
    etag, modified = (_plain(answer.headers.get(name, "")) for name in ("ETag", "Last-Modified"))
    moved = _permanent_url(answer, request, hops)
    if answer.status == 304:
        return Fetched(
            url=str(answer.url),
            etag=etag or request.etag,
            last_modified=modified or request.last_modified,
            unchanged=True,
            moved_to=moved,
            fresh_for=fresh_for(answer.headers),
        )
    if answer.status != 200:
        wait = retry_after(answer.headers, now=datetime.now(UTC)) if answer.status in (429, 503) else None
        if answer.status == 429 and wait is None:
            wait = UNSAID
        gone = answer.status == 410
        return FetchError(
            request.location,
            _status(answer.status, answer.reason or ""),
            gone=gone,
            wait=wait,
            code="source_missing" if gone or answer.status == 404 else "",
        )
    body = bytearray()
    begun = asyncio.get_running_loop().time()
    async for chunk in answer.content.iter_chunked(65536):
        body += chunk
        took = asyncio.get_running_loop().time() - begun
        if took > SLOW_AFTER_S and len(body) < SLOWEST * took:
            return FetchError(request.location, f"sends less than {SLOWEST} bytes a second; it was not waited for")
        if len(body) > MAX_BYTES:
            return FetchError(request.location, f"is larger than {MAX_BYTES // 1_000_000} MB; it was not read")
    return Fetched(
        url=str(answer.url),
        content_type=answer.headers.get("Content-Type", ""),
        body=bytes(body),
        etag=etag,
        last_modified=modified,
        moved_to=moved,
        fresh_for=fresh_for(answer.headers),
    )


def _plain(value: str) -> str:
    """Return a header's value if it can be sent back unchanged; empty if it is not ASCII."""
    return value if value.isascii() else ""


def _permanent_url(answer: aiohttp.ClientResponse, request: Request, hops: Sequence[int]) -> str:
    """Return the new URL after a permanent redirect; not a front page, the usual target for lost pages, nor away from its log-in."""
    old, new = urlsplit(request.location), urlsplit(str(answer.url))
    for_good = hops and all(status in FOR_GOOD for status in hops)
    lost = new.path in ("", "/") and not new.query and old.path not in ("", "/")
    leaves = bool(old.username) or (request.headers and not _same_origin(str(answer.url), request.location))
    return str(answer.url) if for_good and not lost and not leaves else ""


def _status(status: int, reason: str) -> str:
    said = {
        401: "wants a log-in",
        403: "refuses us",
        404: "is not there; check the address, or remove the source",
        410: "is gone for good; it is paused until it is removed",
        429: "says that we ask too often; it is asked again later",
    }
    text = said.get(status) or (
        "has trouble of its own; it is asked again later" if status >= 500 else f"answers {reason or 'oddly'}"
    )
    return UNFIT.sub("", f"{text} ({status})")


def _code(problem: BaseException) -> str:
    return "certificate" if isinstance(problem, aiohttp.ClientConnectorCertificateError | ssl.CertificateError) else ""
