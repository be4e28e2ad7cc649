"""
The pages for readers: a mail's own page, the dropped texts in it, and the way out.

GET and HEAD only ever show; a POST with the one-click body or a form's own field acts (RFC
8058). No cookies, no script; forged links get a plain page that there is nothing here.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, PlainTextResponse, Response
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Receive, Scope, Send

from digest import log
from digest.errors import ComposeError, DigestError, NotFound
from digest.model.tokens import Purpose, verify
from digest.services import messages, offers
from digest.services.context import Context, with_short_waits
from digest.services.metrics import Counting
from digest.services.readiness import Pulse
from digest.web import archive, data, leaving, monitoring, moving, preferences, provider_events, signup
from digest.web.admin import routes as admin
from digest.web.api.call import PREFIX
from digest.web.one_click import TooLarge
from digest.web.pages import HEADERS, MAIL_POLICY, plain, story, stylesheet
from digest.web.request_ids import RequestIds
from digest.web.threads import Threads
from digest.web.visitors import language, nothing_here

THREADS = 8  #: requests that use the database at once
DATABASE_S = 2.0  #: for a lock or a statement
REQUEST_S = 3.0  #: for all that a request does with the database, its wait for a thread included
MONITORING_S = 1.5
ADMIN_THREADS = 3  #: of their own, so that readers do not wait for a password that is checked
ADMIN_S = 10.0
HOOK_THREADS = 2  #: of their own, since a provider posts hundreds of events at once
HOOK_S = 25.0
API_THREADS = 4  #: of their own, so that readers do not wait for an import
API_S = 25.0  #: less than the server waits for an answer
VIEW_HEADERS = {**HEADERS, "Content-Security-Policy": MAIL_POLICY}
NOT_NOW = {"Retry-After": "60", "Cache-Control": "no-store"}


def app(ctx: Context, *, pulse: Pulse | None = None) -> FastAPI:
    """
    The pages over a working context. Its database is opened anew, with a short time limit for each request.

    `pulse`: of the scheduler of this process, where it should have one.
    """
    patient = with_short_waits(ctx, timeout_s=DATABASE_S)
    threads = Threads(THREADS, name="page", timeout_s=REQUEST_S)
    staff = Threads(ADMIN_THREADS, name="admin", timeout_s=ADMIN_S)
    posted = Threads(HOOK_THREADS, name="hook", timeout_s=HOOK_S)
    programs = Threads(API_THREADS, name="api", timeout_s=API_S)
    health = Threads(2, name="health", timeout_s=MONITORING_S)
    pools = (threads, staff, posted, programs, health)

    @asynccontextmanager
    async def running(_pages: FastAPI) -> AsyncIterator[None]:
        yield
        for pool in pools:
            pool.close()
        patient.db.close()

    # Without redirects from `/u/TOKEN/` to `/u/TOKEN`: they name the Host of the request, and a one-click POST is not repeated.
    pages = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False, lifespan=running)

    @pages.api_route("/view/{token}", methods=["GET", "HEAD"])
    @pages.api_route("/view/{token}/", methods=["GET", "HEAD"])
    async def view(token: str, request: Request) -> Response:
        return await threads.run(_view, patient, token, request)

    @pages.api_route("/view/{token}/{number}", methods=["GET", "HEAD"])
    async def read(token: str, number: str, request: Request) -> Response:
        return await threads.run(_read, patient, token, number, request)

    @pages.api_route("/pages.css", methods=["GET", "HEAD"])
    async def style() -> Response:
        return stylesheet()

    @pages.api_route("/preferences.css", methods=["GET", "HEAD"])
    async def style_of_preferences() -> Response:
        return stylesheet("preferences.css")

    pages.add_middleware(RequestIds, proxies=ctx.settings.proxies)
    monitoring.add_routes(pages, patient, health, counting=Counting(ctx), pulse=pulse)
    leaving.add_routes(pages, patient, threads)
    signup.add_routes(pages, patient, threads)
    data.add_routes(pages, patient, threads)
    admin.add_routes(pages, patient, staff)
    preferences.add_routes(pages, patient, threads)
    moving.add_routes(pages, patient, threads)
    pages.mount(PREFIX, OnFirstUse(lambda: _api(patient, programs)))
    provider_events.add_routes(pages, patient, posted)
    archive.add_routes(pages, patient, threads, open_lists=lambda ctx: {offer.list: offer for offer in offers.every(ctx)})
    pages.add_exception_handler(DigestError, _not_now)
    pages.add_exception_handler(TooLarge, _too_large)
    pages.add_exception_handler(ClientDisconnect, _hung_up)
    pages.add_exception_handler(404, _missing)
    pages.add_exception_handler(405, _wrong_method)
    return pages


def _api(ctx: Context, threads: Threads) -> ASGIApp:
    from digest.web.api import app

    return app.app(ctx, threads)


class OnFirstUse:
    """An application that is made for its first request: to make that of the API takes a quarter of a second."""

    def __init__(self, make: Callable[[], ASGIApp]) -> None:
        self._make = make
        self._app: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        if self._app is None:
            self._app = self._make()
        await self._app(scope, receive, send)


def _read(ctx: Context, token: str, number: str, request: Request) -> Response:
    delivery_id = verify(token, Purpose.VIEW, ctx.settings.secret_keys)
    if delivery_id is None or not (number.isascii() and number.isdecimal() and len(number) < 5):
        return nothing_here(request)
    try:
        article, paper = messages.article(ctx, delivery_id, number=int(number))
    except NotFound:
        return nothing_here(request)
    return story(language(request), article, paper=paper, whole=f"/view/{token}")


def _view(ctx: Context, token: str, request: Request) -> Response:
    number = verify(token, Purpose.VIEW, ctx.settings.secret_keys)
    if number is None:
        return nothing_here(request)
    try:
        page = archive.with_links(ctx, messages.page(ctx, number), number, token=token)
        return HTMLResponse(page, headers=VIEW_HEADERS)
    except (NotFound, ComposeError):  # a ComposeError: an earlier version printed it
        return nothing_here(request)


async def _not_now(request: Request, problem: Exception) -> Response:
    log.get().warning("page.unavailable", error=str(problem))
    spoken = language(request)
    said = spoken.gettext("Something is wrong here; please try again in some minutes.")
    return plain(spoken, spoken.gettext("Not now"), said, status=503, headers=NOT_NOW)


async def _too_large(request: Request, _problem: Exception) -> Response:
    spoken = language(request)
    return plain(spoken, spoken.gettext("Too large"), spoken.gettext("Nothing was changed."), status=413)


async def _hung_up(_request: Request, _problem: Exception) -> Response:
    return Response(status_code=400)  # nobody reads it


async def _missing(request: Request, problem: Exception) -> Response:
    if request.scope["path"].startswith(PREFIX):  # without what would lead to a path of the API, or with a line break in it
        assert isinstance(problem, HTTPException)
        from digest.web.api.gate import of_status

        return of_status(problem)
    return nothing_here(request)


async def _wrong_method(_request: Request, problem: Exception) -> Response:
    """Answer in plain text: no browser asks so."""
    assert isinstance(problem, HTTPException)
    return PlainTextResponse("Method Not Allowed", status_code=405, headers={**HEADERS, **(problem.headers or {})})
