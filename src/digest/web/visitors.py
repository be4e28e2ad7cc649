"""What a request says of its visitor: the language they read, the network they come from; and the page for links that lead nowhere."""

import ipaddress
from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network

from fastapi import Request
from fastapi.responses import Response

from digest import log
from digest.languages import SOURCE, Language, best, load, shipped
from digest.web.pages import plain

MOST_HOPS = 20  #: entries of an `X-Forwarded-For` that are looked at


def language(request: Request, spoken: str = "") -> Language:
    """The reader's, else the first that their browser asks for and we have, else English."""
    asked = [part.partition(";")[0].strip() for part in request.headers.get("accept-language", "").split(",")[:10]]
    return load(next((found for code in (spoken, *asked) if code and (found := best(code, shipped()))), SOURCE))


def nothing_here(request: Request) -> Response:
    """The same page for every link that is forged, used up or too old."""
    spoken = language(request)
    said = spoken.gettext("The link is not one of ours, or what it led to is gone. Nothing was changed.")
    return plain(spoken, spoken.gettext("There is nothing here"), said, status=404)


def address(request: Request, proxies: Sequence[IPv4Network | IPv6Network]) -> str:
    """
    The visitor's IP address: the connection's, or what trusted proxies say; empty where it is not known.

    `X-Forwarded-For` is read from its end: each proxy appends whom it was asked by, and what stands before the
    last one that is not ours can be anybody's invention.
    """
    found = request.client.host if request.client else ""
    forwarded = ",".join(request.headers.getlist("x-forwarded-for"))
    if forwarded and not _is_among(found, proxies):
        log.get().warning("proxy.untrusted", proxy=found)
        return found
    for hop in reversed([part.strip() for part in forwarded.split(",")][-MOST_HOPS:]):
        if not _is_among(found, proxies):
            break
        found = hop
    return found


def _is_among(ip: str, proxies: Sequence[IPv4Network | IPv6Network]) -> bool:
    try:
        found = ipaddress.ip_address(ip)
    except ValueError:
        return False
    return any(found in network for network in proxies)
