"""Visitors: the language and the IP address of a request, and the page for invalid links."""

import ipaddress
from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network

from fastapi import Request
from fastapi.responses import Response

from digest import log
from digest.languages import SOURCE, Language, best, load, shipped
from digest.web.pages import plain

MOST_HOPS = 20  #: entries of an `X-Forwarded-For` that are looked at


def languages(request: Request) -> Sequence[str]:
    """Return the languages that a browser asks for, in its order."""
    asked = request.headers.get("accept-language", "").split(",")[:10]
    return [code for part in asked if (code := part.partition(";")[0].strip())]


def language(request: Request, spoken: str = "") -> Language:
    """Choose the reader's language, else the first that their browser asks for and we have, else English."""
    wanted = (spoken, *languages(request))
    return load(next((found for code in wanted if code and (found := best(code, shipped()))), SOURCE))


def nothing_here(request: Request) -> Response:
    """Return the page for invalid links, the same for one that is forged, used or expired."""
    spoken = language(request)
    said = spoken.gettext("The link is not one of ours, or what it led to is gone. Nothing was changed.")
    return plain(spoken, spoken.gettext("There is nothing here"), said, status=404)


def nothing_public(request: Request) -> Response:
    """Return the front page of a place that publishes nothing: whoever comes to it followed no link."""
    spoken = language(request)
    said = spoken.gettext("The newsletters of this place come by mail alone. The links in their mails lead to their pages.")
    return plain(spoken, spoken.gettext("Nothing is published here"), said, status=404)


def address(request: Request, proxies: Sequence[IPv4Network | IPv6Network]) -> str:
    """
    Return the visitor's IP address: the connection's, or the one that trusted proxies report; empty where it is unknown.

    `X-Forwarded-For` is read from its end: each proxy appends the address of its client, and everything before the
    last address that is not a trusted proxy can be forged.
    """
    found = request.client.host if request.client else ""
    forwarded = ",".join(request.headers.getlist("x-forwarded-for"))
    if forwarded and not is_among(found, proxies):
        log.get().warning("proxy.untrusted", proxy=found)
        return found
    for hop in reversed([part.strip() for part in forwarded.split(",")][-MOST_HOPS:]):
        if not is_among(found, proxies):
            break
        found = hop
    return found


def is_among(ip: str, proxies: Sequence[IPv4Network | IPv6Network]) -> bool:
    """Return whether an IP address is of one of these networks."""
    try:
        found = ipaddress.ip_address(ip)
    except ValueError:
        return False
    return any(found in network for network in proxies)
