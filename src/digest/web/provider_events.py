"""
The webhooks that mail providers post to: what came back, in events instead of mails.

Whoever posts is checked by `services/provider_events` before anything is done. Until then a request may be anybody's: what is kept of
the bodies of all of them together is bounded.
"""

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response

from digest.errors import BadInput, FetchError, Forbidden, NotFound
from digest.services import provider_events
from digest.services.context import Context
from digest.web.threads import Threads

MAX_BODY = 1_000_000  #: bytes; SendGrid posts up to 768 KiB, SNS 256
MAX_BODIES = 16_000_000  #: bytes of all bodies that are read at once
_HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


class _Refused(Exception):
    """A body that is not read to its end; `status` says why."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status


class _Reader:
    """Reads bodies within the bounds."""

    def __init__(self) -> None:
        self._held = 0  #: bytes

    async def read(self, request: Request) -> bytes:
        """Read a body. Raises _Refused, or starlette's ClientDisconnect."""
        length = request.headers.get("content-length", "")
        if length.isdecimal() and (len(length) > 9 or int(length) > MAX_BODY):
            raise _Refused(413, "the body is too large")
        body = bytearray()
        try:
            async for piece in request.stream():
                body += piece
                self._held += len(piece)
                if len(body) > MAX_BODY:
                    raise _Refused(413, "the body is too large")
                if self._held > MAX_BODIES:
                    raise _Refused(503, "too much is posted at once")
            return bytes(body)
        finally:
            self._held -= len(body)


def add_routes(app: FastAPI, ctx: Context, threads: Threads) -> None:
    """Add the webhooks to the application."""
    reader = _Reader()

    @app.post("/hooks/{provider}")
    async def bounces(provider: str, request: Request) -> Response:
        try:
            provider_events.check_known(ctx, provider)
            body = await reader.read(request)
            found = await threads.run(provider_events.take, ctx, provider, headers=dict(request.headers), body=body)
        except NotFound:
            return _answer(404, "there is no such webhook")
        except Forbidden:
            return _answer(403, "the signature, the secret or the time of the request is wrong")
        except BadInput as problem:
            return _answer(400, str(problem))
        except FetchError:
            return _answer(503, "the certificate of the signature cannot be fetched")
        except _Refused as problem:
            return _answer(problem.status, str(problem))
        return JSONResponse(found.model_dump(), headers=_HEADERS)


def _answer(status: int, detail: str) -> Response:
    return JSONResponse({"detail": detail}, status_code=status, headers=_HEADERS)
