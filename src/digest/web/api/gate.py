"""
The gate of the API: what is checked before a handler runs, in this order.

The token and its scope; how often it asks; the size and the kind of the body; the idempotency key; whether the thing is
still as the program last saw it. Then FastAPI checks what the request holds, and the handler runs in a thread.
"""

import asyncio
import hashlib
import inspect
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import Message

from digest import log
from digest.errors import DigestError, Forbidden, TooMany
from digest.services import api_tokens, idempotency
from digest.services.context import Context
from digest.services.limiting import network
from digest.web.api import problems
from digest.web.api.call import PREFIX, Call, Page, Route
from digest.web.api.rates import OF_NETWORK, OF_TOKEN, WINDOW, Rates, Standing
from digest.web.threads import Threads
from digest.web.visitors import address

Handle = Callable[[Request], Awaitable[Response]]
_KEPT_HEADERS = ("content-type", "location", "link")  #: of an answer that is given again


@dataclass(frozen=True, slots=True, kw_only=True)
class _Admitted:
    """A request that may go on."""

    ctx: Context
    token_id: int | None


class Refused(Exception):
    """The request is answered with this, and goes no further."""

    def __init__(self, answer: Response) -> None:
        super().__init__()
        self.answer = answer


class Gate:
    """Checks and state that all routes share."""

    def __init__(self, ctx: Context, threads: Threads) -> None:
        self._ctx = ctx
        self._threads = threads
        self._rates = Rates()
        self._shown: dict[str, Handle] = {}  # what answers the GET of a path
        self._conditional = asyncio.Lock()

    def endpoint(self, route: Route) -> Callable[..., Awaitable[object]]:
        """Return the function that FastAPI gives what the request holds: it runs the handler in a thread."""

        async def run(request: Request, response: Response, **values: Any) -> object:
            answer = await self._threads.run(route.act, request.state.call, **values)
            if route.location:
                response.headers["Location"] = self._ctx.settings.base_url.rstrip("/") + PREFIX + _filled(route.location, answer)
            if isinstance(answer, Page) and answer.next:
                response.headers["Link"] = f'<{answer.next}>; rel="next"'
            return answer

        given = inspect.signature(route.act)
        own = list(inspect.signature(run).parameters.values())[:2]
        wanted = [parameter.replace(kind=parameter.KEYWORD_ONLY) for parameter in list(given.parameters.values())[1:]]
        run.__signature__ = given.replace(parameters=[*own, *wanted])  # type: ignore[attr-defined]
        run.__doc__ = inspect.getdoc(route.act)
        return run

    async def answer(self, request: Request, route: Route, handle: Handle) -> Response:
        """Answer a request, whatever is wrong with it."""
        standing: Standing | None = None
        try:
            admitted = await self._threads.run(self._admit, request, route)
            standing = self._count(request, admitted.token_id)
            answer = await self._go_on(request, route, admitted, handle)
        except Refused as refused:
            answer = refused.answer
        except RequestValidationError as problem:
            answer = problems.of_validation(problem)
        except HTTPException as problem:
            answer = of_status(problem)
        except DigestError as problem:
            answer = problems.of_error(problem)
            if answer.status_code == 503:
                log.get().warning("page.unavailable", error=str(problem))  # not in the answer: it names hosts
        except ClientDisconnect:
            return Response(status_code=400)  # nobody reads it
        except Exception as problem:  # the top: a program is answered with a document, whatever happened
            log.get().error("api.failed", error=f"{type(problem).__name__}: {problem}", where=log.place(problem))
            answer = problems.made(500, "an error that nobody foresaw; the log of the server has more", code="unforeseen")
        answer.headers.update({**problems.HEADERS, **(standing.headers if standing else {})})
        return answer

    # --- before the handler ------------------------------------------------------------------

    def _admit(self, request: Request, route: Route) -> _Admitted:
        if route.needs is None:
            return _Admitted(ctx=self._ctx, token_id=None)
        ip = address(request, self._ctx.settings.proxies)
        scheme, _, secret = request.headers.get("authorization", "").partition(" ")
        try:
            found = api_tokens.admit(self._ctx, secret.strip() if scheme.lower() == "bearer" else "", needs=route.needs, ip=ip)
        except Forbidden as problem:
            if problem.code == "not_authenticated":
                self._count(request, None)
            raise
        return _Admitted(ctx=found.ctx, token_id=found.token_id)

    def _count(self, request: Request, token_id: int | None) -> Standing:
        """Count a request of a token, or of a network where there is none. Raises Refused where it is one too many."""
        ip = address(request, self._ctx.settings.proxies)
        key, quota = (f"token {token_id}", OF_TOKEN) if token_id else (f"network {network(ip)}", OF_NETWORK)
        standing = self._rates.count(key, quota=quota, now=self._ctx.clock())
        if standing.is_over:
            answer = problems.of_error(TooMany(f"{quota}/minute", wait=min(standing.reset, WINDOW)))
            answer.headers.update(standing.headers)
            raise Refused(answer)
        return standing

    async def _go_on(self, request: Request, route: Route, admitted: _Admitted, handle: Handle) -> Response:
        body = await _body(request, route) if route.changes else b""
        again = Request(request.scope, _replayed(body))
        again.state.call = Call(ctx=admitted.ctx, request=again, body=body)
        if not route.changes:
            return _tagged(request, await handle(again))
        if "if-match" not in request.headers:
            return await self._once(again, admitted, body, handle)
        async with self._conditional:
            await self._check_unchanged(again, route)
            return await self._once(again, admitted, body, handle)

    async def _once(self, request: Request, admitted: _Admitted, body: bytes, handle: Handle) -> Response:
        """Carry a request out, or answer as before where it came before."""
        key = request.headers.get("idempotency-key")
        if key is None or admitted.token_id is None:
            return await handle(request)
        asked = hashlib.sha256(f"{request.method} {request.url.path}?{request.url.query}\n".encode() + body).hexdigest()
        kept = await self._threads.run(idempotency.begin, self._ctx, admitted.token_id, key, request_hash=asked)
        if kept is not None:
            return Response(kept.body, kept.status, headers={**kept.headers, "Idempotency-Replayed": "true"})
        try:
            answer = await handle(request)
        except RequestValidationError as problem:
            answer = problems.of_validation(problem)
        except DigestError as problem:
            answer = problems.of_error(problem)
        if answer.status_code < 500:  # else it is not known what was done; the key is free again in a minute
            headers = {name: value for name, value in answer.headers.items() if name in _KEPT_HEADERS}
            await self._threads.run(
                idempotency.finish,
                self._ctx,
                admitted.token_id,
                key,
                status=answer.status_code,
                headers=headers,
                body=bytes(answer.body).decode(),
            )
        return answer

    async def _check_unchanged(self, request: Request, route: Route) -> None:
        """Compare what `If-Match` says with the thing as it is. Raises Refused (412)."""
        wanted = [tag.strip() for tag in request.headers["if-match"].split(",")]
        show = self._shown.get(route.path)
        found = ""
        if show is not None:
            seen = Request({**request.scope, "method": "GET", "query_string": b""}, _replayed(b""))
            found = _tag_of(await show(seen))
        if found not in wanted and not (found and "*" in wanted):
            said = "it is not as it was when you read it; read it again"
            raise Refused(problems.made(412, said, code="changed_meanwhile"))

    def knows(self, path: str, handle: Handle) -> None:
        """Note what answers the GET of a path."""
        self._shown[path] = handle


class GuardedRoute(APIRoute):
    """A route of FastAPI behind the gate."""

    def __init__(self, gate: Gate, route: Route, **options: Any) -> None:
        self._gate, self._answered = gate, route
        super().__init__(route.path, gate.endpoint(route), methods=[route.method], status_code=route.status, **options)

    def get_route_handler(self) -> Callable[[Request], Any]:
        """See FastAPI."""
        handle = super().get_route_handler()
        if not self._answered.changes:
            self._gate.knows(self._answered.path, handle)

        async def guarded(request: Request) -> Response:
            return await self._gate.answer(request, self._answered, handle)

        return guarded


def of_status(problem: HTTPException) -> Response:
    """Answer a request that no route takes, or whose body is broken."""
    codes = {404: "no_route", 405: "wrong_method", 413: "too_large", 400: "bad_body"}
    said = {404: "there is nothing at this path", 405: "this path does not take this method"}
    detail = said.get(problem.status_code, str(problem.detail))
    code = codes.get(problem.status_code, "http")
    return problems.made(problem.status_code, detail, code=code, headers=problem.headers)


# --- bodies ----------------------------------------------------------------------------------


async def _body(request: Request, route: Route) -> bytes:
    """Read the body. Raises Refused where it is too large, or of a kind that the route does not take."""
    length = request.headers.get("content-length", "")
    read = bytearray()
    if not (length.isdecimal() and (len(length) > 9 or int(length) > route.max_bytes)):
        async for chunk in request.stream():
            read += chunk
            if len(read) > route.max_bytes:
                break
        else:
            kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
            if read and kind not in route.takes:
                said = f"a body of this path is {' or '.join(route.takes)}"
                raise Refused(problems.made(415, said, code="media_type", headers={"Accept": ", ".join(route.takes)}))
            return bytes(read)
    raise Refused(problems.made(413, f"a body of this path has at most {route.max_bytes} bytes", code="too_large"))


def _replayed(body: bytes) -> Callable[[], Awaitable[Message]]:
    """Return what gives a body that was read before once more."""

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


# --- answers ---------------------------------------------------------------------------------


def _filled(location: str, answer: object) -> str:
    return re.sub(r"\{(\w+)\}", lambda found: quote(str(getattr(answer, found[1])), safe=""), location)


def _tag_of(answer: Response) -> str:
    return f'"{hashlib.sha256(bytes(answer.body)).hexdigest()[:32]}"'


def _tagged(request: Request, answer: Response) -> Response:
    """Say by a tag what the answer is, or that it is what the program has (RFC 9110 §13)."""
    tag = _tag_of(answer)
    answer.headers["ETag"] = tag
    if tag not in [known.strip().removeprefix("W/") for known in request.headers.get("if-none-match", "").split(",")]:
        return answer
    return Response(status_code=304, headers={"ETag": tag})
