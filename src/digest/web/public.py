"""
The pages for readers: a mail's own page, the dropped texts in it, and the way out.

GET and HEAD only ever show; a POST with the one-click body or the form's own field acts (RFC
8058). No cookies, no script; forged links get a plain page that there is nothing here.
"""

import html
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from types import MappingProxyType

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from digest import log, make
from digest.context import Context
from digest.errors import ComposeError, DigestError, NotFound
from digest.languages import SOURCE, Language, best, is_rtl, load, shipped, tag
from digest.model.article import Article
from digest.model.states import SubscriptionState
from digest.model.subscriber import MailingList, Subscriber, Subscription
from digest.model.tokens import Purpose, verify
from digest.store import deliveries, subscribers
from digest.store.engine import Database
from digest.web.one_click import TooLarge, asks_to_leave
from digest.web.threads import Threads

THREADS = 8  #: requests that use the database at once
DATABASE_S = 2.0  #: for a lock or a statement
REQUEST_S = 3.0  #: for all that a request does with the database, its wait for a thread included
HEALTH_S = 1.5
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src https:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex",
}
NOT_NOW = {"Retry-After": "60", "Cache-Control": "no-store"}
PAGE = """<!DOCTYPE html>
<html lang="{lang}" dir="{dir}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>{title}</title>
<style>:root{{color-scheme:light dark}}body{{margin:0;background:#f3f1ec;color:#1c1b19;font:17px/1.6 -apple-system,'Segoe UI',Roboto,Arial,sans-serif}}
main{{max-width:544px;margin:8vh auto;padding:26px 28px;background:#fff;border-top:4px solid #a3262a}}h1{{font:bold 28px/34px Georgia,serif;margin:0 0 12px}}
a{{color:inherit}}button{{font:inherit;font-weight:bold;padding:12px 24px;border:0;border-radius:6px;background:#a3262a;color:#fff;cursor:pointer}}
@media(prefers-color-scheme:dark){{body{{background:#121110;color:#ebe8e2}}main{{background:#1b1a18;border-color:#ff9c92}}button{{background:#ff9c92;color:#2a0a08}}}}</style></head>
<body><main><h1>{title}</h1>{body}</main></body></html>
"""


def app(ctx: Context) -> FastAPI:
    """The pages over a working context. Its database is opened anew, with a short time limit for each request."""
    patient = replace(ctx, db=Database(ctx.db.url, timeout_s=DATABASE_S))
    threads = Threads(THREADS, name="page", timeout_s=REQUEST_S)
    health = Threads(1, name="health", timeout_s=HEALTH_S)

    @asynccontextmanager
    async def running(_pages: FastAPI) -> AsyncIterator[None]:
        yield
        threads.close()
        health.close()
        patient.db.close()

    # Without redirects from `/u/TOKEN/` to `/u/TOKEN`: they name the Host of the request, and a one-click POST is not repeated.
    pages = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False, lifespan=running)

    @pages.api_route("/u/{token}", methods=["GET", "HEAD", "POST"])
    @pages.api_route("/u/{token}/", methods=["GET", "HEAD", "POST"])
    async def unsubscribe(token: str, request: Request) -> Response:
        if verify(token, Purpose.UNSUBSCRIBE, ctx.settings.secret_keys) is None:
            return _nothing_here(request)  # before a byte of the body is read
        if request.method != "POST":
            return await threads.run(_show_unsubscribe, patient, token, request)
        return await threads.run(_unsubscribe, patient, token, request, await asks_to_leave(request))

    @pages.api_route("/view/{token}", methods=["GET", "HEAD"])
    @pages.api_route("/view/{token}/", methods=["GET", "HEAD"])
    async def view(token: str, request: Request) -> Response:
        return await threads.run(_view, patient, token, request)

    @pages.api_route("/view/{token}/{number}", methods=["GET", "HEAD"])
    async def read(token: str, number: str, request: Request) -> Response:
        return await threads.run(_read, patient, token, number, request)

    @pages.api_route("/healthz", methods=["GET", "HEAD"])
    async def healthz() -> Response:
        try:
            await health.run(_ask, patient)
        except DigestError as problem:
            log.get().warning("page.unavailable", error=str(problem))  # not in the answer: it names hosts
            return JSONResponse({"ok": False}, status_code=503, headers=NOT_NOW)
        return JSONResponse({"ok": True}, headers={"Cache-Control": "no-store"})

    pages.add_exception_handler(DigestError, _not_now)
    pages.add_exception_handler(TooLarge, _too_large)
    pages.add_exception_handler(ClientDisconnect, _hung_up)
    pages.add_exception_handler(404, _missing)
    pages.add_exception_handler(405, _wrong_method)
    return pages


def _read(ctx: Context, token: str, number: str, request: Request) -> Response:
    delivery_id = verify(token, Purpose.VIEW, ctx.settings.secret_keys)
    if delivery_id is None or not (number.isascii() and number.isdecimal() and len(number) < 5):
        return _nothing_here(request)
    try:
        article = make.article(ctx, delivery_id, number=int(number))
    except NotFound:
        return _nothing_here(request)
    return _article(_language(request), article, whole=f"/view/{token}")


def _ask(ctx: Context) -> None:
    with ctx.db.read() as tx:
        subscribers.lists(tx)


def _show_unsubscribe(ctx: Context, token: str, request: Request) -> Response:
    found = _subscription(ctx, token)
    if found is None:
        return _nothing_here(request)
    tie, mlist, person = found
    language = _language(request, person.language)
    return _left(language, mlist) if tie.state is SubscriptionState.UNSUBSCRIBED else _asked(language, mlist)


def _unsubscribe(ctx: Context, token: str, request: Request, one_click: bool) -> Response:
    found = _subscription(ctx, token)
    if found is None:
        return _nothing_here(request)
    tie, mlist, person = found
    if not one_click:
        return _asked(_language(request, person.language), mlist, status=400)
    with ctx.db.begin(shared=True) as tx:
        left = subscribers.leave(tx, tx.get_one(Subscription, tie.id), at=ctx.clock())
    if left:
        log.get().info("subscription.ended", subscription=tie.id, list=mlist.name, address=person.address, by="reader")
    return _left(_language(request, person.language), mlist)


def _subscription(ctx: Context, token: str) -> tuple[Subscription, MailingList, Subscriber] | None:
    number = verify(token, Purpose.UNSUBSCRIBE, ctx.settings.secret_keys)
    if number is None:
        return None
    with ctx.db.read() as tx:
        return subscribers.subscription_by_id(tx, number)


def _view(ctx: Context, token: str, request: Request) -> Response:
    number = verify(token, Purpose.VIEW, ctx.settings.secret_keys)
    if number is None:
        return _nothing_here(request)
    try:
        with ctx.db.read() as tx:
            delivery = deliveries.get(tx, number)
        return HTMLResponse(make.page(ctx, delivery), headers=HEADERS)
    except (NotFound, ComposeError):  # a ComposeError: an earlier version printed it
        return _nothing_here(request)


async def _not_now(request: Request, problem: Exception) -> Response:
    log.get().warning("page.unavailable", error=str(problem))
    language = _language(request)
    said = language.gettext("Something is wrong here; please try again in some minutes.")
    return _page(language, language.gettext("Not now"), said, status=503, headers=NOT_NOW)


async def _too_large(request: Request, _problem: Exception) -> Response:
    language = _language(request)
    return _page(language, language.gettext("Too large"), language.gettext("Nothing was changed."), status=413)


async def _hung_up(_request: Request, _problem: Exception) -> Response:
    return Response(status_code=400)  # nobody reads it


async def _missing(request: Request, _problem: Exception) -> Response:
    return _nothing_here(request)


async def _wrong_method(_request: Request, problem: Exception) -> Response:
    """In plain text: no browser asks so."""
    assert isinstance(problem, HTTPException)
    return PlainTextResponse("Method Not Allowed", status_code=405, headers={**HEADERS, **(problem.headers or {})})


def _language(request: Request, spoken: str = "") -> Language:
    """The reader's, else the first that their browser asks for and we have, else English."""
    asked = [part.partition(";")[0].strip() for part in request.headers.get("accept-language", "").split(",")[:10]]
    return load(next((found for code in (spoken, *asked) if code and (found := best(code, shipped()))), SOURCE))


def _asked(language: Language, mlist: MailingList, *, status: int = 200) -> Response:
    _ = language.gettext
    button = (
        '<form method="post"><input type="hidden" name="List-Unsubscribe" value="One-Click">'
        f"<button>{html.escape(_('Unsubscribe'))}</button></form>"
    )
    said = _("You will get no more mail from the list %(name)s.") % {"name": mlist.title or mlist.name}
    return _page(language, _("Unsubscribe?"), said, more=button, status=status)


def _left(language: Language, mlist: MailingList) -> Response:
    _ = language.gettext
    said = _("You get no more mail from the list %(name)s. Nothing else is needed.") % {"name": mlist.title or mlist.name}
    return _page(language, _("You are unsubscribed"), said)


def _page(
    language: Language,
    title: str,
    said: str,
    *,
    more: str = "",
    status: int = 200,
    headers: Mapping[str, str] = MappingProxyType({}),
) -> Response:
    """A page of one sentence; `more` is markup of ours."""
    body = f"<p>{html.escape(said)}</p>{more}"
    page = PAGE.format(lang=language.tag, dir=language.direction, title=html.escape(title), body=body)
    return HTMLResponse(
        page, status_code=status, headers={**HEADERS, "Content-Language": language.tag, "Vary": "Accept-Language", **headers}
    )


def _article(language: Language, article: Article, *, whole: str) -> Response:
    """A dropped text on a page of its own; `whole` is where the reader's whole issue is."""
    spoken = tag(article.language) or language.tag
    by = " · ".join(filter(None, (article.publisher, article.author)))
    paragraphs = [article.standfirst, *article.text.split("\n\n")]
    body = "".join(f"<p>{html.escape(text)}</p>" for text in (by, *paragraphs) if text)
    said = language.gettext("All stories of this issue")
    back = f'<p><a href="{html.escape(whole)}">{html.escape(said)}</a></p>'
    page = PAGE.format(
        lang=spoken,
        dir="rtl" if is_rtl(spoken) else "ltr",
        title=html.escape(article.headline),
        body=f'{body}<div lang="{language.tag}" dir="{language.direction}">{back}</div>',
    )
    return HTMLResponse(page, headers={**HEADERS, "Vary": "Accept-Language"})


def _nothing_here(request: Request) -> Response:
    language = _language(request)
    said = language.gettext("The link is not one of ours, or what it led to is gone. Nothing was changed.")
    return _page(language, language.gettext("There is nothing here"), said, status=404)
