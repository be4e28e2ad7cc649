"""
Parsing of the body of a one-click unsubscribe request (RFC 8058).

The pair `List-Unsubscribe=One-Click` comes urlencoded or as multipart, with or without a length,
and from some senders in another case, twice, or without a Content-Type.
"""

import logging
from collections.abc import Awaitable, Callable, Mapping
from enum import Enum
from typing import cast

from fastapi import Request
from starlette.exceptions import HTTPException
from starlette.types import Message

MAX_BODY = 64_000  #: bytes, however they are framed
MAX_FIELDS = 20
_FORM = (b"content-type", b"application/x-www-form-urlencoded")

logging.getLogger("python_multipart").setLevel(logging.ERROR)  # its warnings are about what clients send


class ReaderRequest(Enum):
    """Request of a reader, made by a POST to the unsubscribe address."""

    LEAVE = "leave"
    RETURN = "return"  #: take back that they left, by the form of our page
    PAUSE = "pause"  #: not to leave, but to be mailed nothing for some time
    EXPLAIN = "explain"  #: to say why they left
    NOTHING = "nothing"


#: The pair of a body that makes a request; leaving comes first, whatever else stands beside it.
_REQUESTS = {
    ("list-unsubscribe", "one-click"): ReaderRequest.LEAVE,
    ("return", "yes"): ReaderRequest.RETURN,
    ("pause", "yes"): ReaderRequest.PAUSE,
    ("explain", "yes"): ReaderRequest.EXPLAIN,
}


class TooLarge(Exception):
    """The body is larger than any form of ours."""


class NotAForm(Exception):
    """The body is not in the format that its Content-Type names."""


async def asked_for(request: Request) -> tuple[ReaderRequest, Mapping[str, str]]:
    """
    Read what the body asks for, and its fields: to leave where it holds the pair. A body that is broken asks for nothing.

    Raises:
        TooLarge: by its length as stated, or counted while it is read.
        ClientDisconnect: the client hung up before the body's end.
    """
    try:
        pairs = await form_pairs(request)
    except NotAForm:
        return ReaderRequest.NOTHING, {}
    said = {(name.strip().lower(), value.strip().lower()) for name, value in pairs}
    return next((asked for pair, asked in _REQUESTS.items() if pair in said), ReaderRequest.NOTHING), dict(pairs)


async def form_pairs(request: Request, *, most: int = MAX_FIELDS) -> list[tuple[str, str]]:
    """
    Read the fields of a form, urlencoded or multipart, without its files; one with more than `most` is broken.

    Raises:
        NotAForm: the body is broken.
        TooLarge: by its length as stated, or counted while it is read.
        ClientDisconnect: the client hung up before the body's end.
    """
    return (await form_with_files(request, most=most))[0]


async def form_with_files(
    request: Request, *, most: int = MAX_FIELDS, most_bytes: int = MAX_BODY
) -> tuple[list[tuple[str, str]], dict[str, tuple[str, bytes]]]:
    """Read the fields of a form, and its files: name and content by the name of the field. Raises as `form_pairs`."""
    length = request.headers.get("content-length", "")
    if length.isdecimal() and (len(length) > 9 or int(length) > most_bytes):
        raise TooLarge
    scope = request.scope
    if not request.headers.get("content-type"):
        scope = {**scope, "headers": [_FORM, *(header for header in scope["headers"] if header[0] != b"content-type")]}
    try:
        form = await Request(scope, _counted(request.receive, most_bytes)).form(max_files=MAX_FIELDS, max_fields=most)
    except HTTPException as problem:
        raise NotAForm from problem
    pairs = [(name, value) for name, value in form.multi_items() if isinstance(value, str)]
    files = {name: (value.filename or "", await value.read()) for name, value in form.multi_items() if not isinstance(value, str)}
    await form.close()  # the temporary files of a multipart body
    return pairs, files


def _counted(receive: Callable[[], Awaitable[Message]], most_bytes: int) -> Callable[[], Awaitable[Message]]:
    read = 0

    async def counting() -> Message:
        nonlocal read
        message = await receive()
        read += len(cast(bytes, message.get("body", b"")))
        if read > most_bytes:
            raise TooLarge
        return message

    return counting
