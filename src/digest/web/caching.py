"""
Conditional requests (RFC 9110, 13): an answer that the client has already is not sent again.

The entity tag is a hash of the body, so that two processes give the same one and nothing has to be remembered.
"""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from email.utils import format_datetime, parsedate_to_datetime

from fastapi import Request
from fastapi.responses import Response

REVALIDATED = "public, no-cache"  #: shared caches may keep it and must ask each time: what is withdrawn is gone at once


def answer(
    request: Request, body: bytes, *, media_type: str, changed_at: datetime | None, headers: Mapping[str, str]
) -> Response:
    """
    Make the response, or 304 where the client has this body.

    `changed_at` becomes Last-Modified; without it a date in the request is not believed.
    """
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    dated = {"Last-Modified": format_datetime(changed_at, usegmt=True)} if changed_at else {}
    known = {"ETag": tag, **dated, **headers}
    if _is_known(request, tag, changed_at):
        return Response(status_code=304, headers=known)
    return Response(body, media_type=media_type, headers=known)


def _is_known(request: Request, tag: str, changed_at: datetime | None) -> bool:
    tags = request.headers.get("if-none-match")
    if tags is not None:  # then a date counts for nothing (RFC 9110, 13.2.2)
        return any(one.strip() == "*" or one.strip().removeprefix("W/") == tag for one in tags.split(","))
    since = request.headers.get("if-modified-since", "")
    try:
        return changed_at is not None and changed_at.replace(microsecond=0) <= parsedate_to_datetime(since)
    except (TypeError, ValueError):  # no date, or one without a zone
        return False
