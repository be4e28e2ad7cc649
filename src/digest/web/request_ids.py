"""
Request ids: what is logged of a request has its id, and so has the answer, in `X-Request-ID`.

A trusted proxy may give the id, so that its log and ours name a request alike. Nobody else's is believed: it would stand in
the log as they wrote it.
"""

import re
import secrets
from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from digest import log
from digest.web.visitors import is_among

HEADER = b"x-request-id"
_FIT = re.compile(rb"[A-Za-z0-9._-]{8,64}")


class RequestIds:
    """Middleware that gives each request its id."""

    def __init__(self, app: ASGIApp, *, proxies: Sequence[IPv4Network | IPv6Network]) -> None:
        self._app = app
        self._proxies = proxies

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = self._given(scope) or secrets.token_hex(8).encode()

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), (HEADER, request_id)]
            await send(message)

        log.bind(request=request_id.decode())  # to the end of the request's task, the server's own messages included
        await self._app(scope, receive, answer)

    def _given(self, scope: Scope) -> bytes:
        given: bytes = next((value for name, value in scope["headers"] if name == HEADER), b"")
        client = (scope.get("client") or ("",))[0]
        return given if _FIT.fullmatch(given) and is_among(client, self._proxies) else b""
