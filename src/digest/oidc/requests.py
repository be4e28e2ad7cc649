"""Requests to an OpenID provider: no redirect is followed, and size and time of an answer are bounded."""

import asyncio
import json
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from digest.errors import ProviderDown

if TYPE_CHECKING:
    import aiohttp

CONNECT_S = 3.0
MAX_BYTES = 1 << 20  #: of an answer, after decompression


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Answer of a provider: its status, and the JSON object of its body."""

    status: int
    document: Mapping[str, object] = field(repr=False)  #: may hold tokens


def is_secure(url: str) -> bool:
    """Return whether a URL is https, or leads to this machine."""
    try:
        parts = urlsplit(url)
        return bool(parts.hostname) and (
            parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(parts.hostname or ""))
        )
    except ValueError:
        return False


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def ask(url: str, *, trust: ssl.SSLContext, until: float, body: str | None = None, headers: Mapping[str, str]) -> Answer:
    """
    Make one request, a POST where it has a body; `until`: when it must have ended, as `time.monotonic` counts.

    Raises:
        ProviderDown: there was no answer in time, it was too large, or is no JSON object.
    """
    return asyncio.run(_ask(url, trust, until, body, headers))


async def _ask(url: str, trust: ssl.SSLContext, until: float, body: str | None, headers: Mapping[str, str]) -> Answer:
    import aiohttp

    where = urlsplit(url).hostname or ""
    timeout = aiohttp.ClientTimeout(total=max(0.1, until - time.monotonic()), sock_connect=CONNECT_S)
    try:
        async with (
            aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(ssl=trust), timeout=timeout, cookie_jar=aiohttp.DummyCookieJar()
            ) as session,
            session.request(
                "GET" if body is None else "POST", url, data=body, headers=dict(headers), allow_redirects=False
            ) as answer,
        ):
            return Answer(status=answer.status, document=_object(await _bounded(answer, where), where))
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as problem:
        raise ProviderDown(f"{where} cannot be asked now ({type(problem).__name__})") from problem


async def _bounded(answer: "aiohttp.ClientResponse", where: str) -> bytes:
    found = bytearray()
    async for chunk in answer.content.iter_chunked(65_536):
        found += chunk
        if len(found) > MAX_BYTES:
            raise ProviderDown(f"{where} answers with more than {MAX_BYTES} octets")
    return bytes(found)


def _object(body: bytes, where: str) -> Mapping[str, object]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise ProviderDown(f"{where} answers with something that is no JSON object")
    return found
