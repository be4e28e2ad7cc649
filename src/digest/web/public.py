"""
The pages for readers: a mail's own page, and the way out.

GET and HEAD only ever show; a POST with the one-click body or the form's own field acts (RFC
8058). No cookies, no script; forged links get a plain page that there is nothing here.
"""

import html

from fastapi import FastAPI, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, JSONResponse, Response

from digest import make
from digest.context import Context
from digest.errors import DigestError, NotFound
from digest.model.states import SubscriptionState
from digest.model.subscriber import MailingList, Subscription
from digest.model.tokens import Purpose, verify
from digest.store import deliveries, subscribers

MAX_BODY = 64_000  #: bytes of a form
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src https:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex",
}
PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>{title}</title>
<style>:root{{color-scheme:light dark}}body{{margin:0;background:#f3f1ec;color:#1c1b19;font:17px/1.6 -apple-system,'Segoe UI',Roboto,Arial,sans-serif}}
main{{max-width:544px;margin:8vh auto;padding:26px 28px;background:#fff;border-top:4px solid #a3262a}}h1{{font:bold 28px/34px Georgia,serif;margin:0 0 12px}}
button{{font:inherit;font-weight:bold;padding:12px 24px;border:0;border-radius:6px;background:#a3262a;color:#fff;cursor:pointer}}
@media(prefers-color-scheme:dark){{body{{background:#121110;color:#ebe8e2}}main{{background:#1b1a18;border-color:#ff9c92}}button{{background:#ff9c92;color:#2a0a08}}}}</style></head>
<body><main><h1>{title}</h1>{body}</main></body></html>
"""
FORM = """<p>You will get no more mail from the list <strong>{name}</strong>.</p>
<form method="post"><input type="hidden" name="List-Unsubscribe" value="One-Click"><button>Unsubscribe</button></form>"""


def app(ctx: Context) -> FastAPI:
    """The pages over a working context."""
    pages = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)

    @pages.api_route("/u/{token}", methods=["GET", "HEAD"])
    def show_unsubscribe(token: str) -> Response:
        found = _subscription(ctx, token)
        if found is None:
            return _nothing_here()
        tie, mlist = found
        name = html.escape(mlist.title or mlist.name)
        if tie.state is SubscriptionState.UNSUBSCRIBED:
            return _page("You are unsubscribed", f"<p>You get no more mail from the list <strong>{name}</strong>.</p>")
        return _page("Unsubscribe?", FORM.format(name=name))

    @pages.post("/u/{token}")
    async def unsubscribe(token: str, request: Request) -> Response:
        if verify(token, Purpose.UNSUBSCRIBE, ctx.settings.secret_keys) is None:
            return _nothing_here()  # before a byte of the body is read
        if not _small(request.headers.get("content-length", "")):
            return _page("Too large", "<p>Nothing was changed.</p>", status=413)
        form = await request.form(max_files=0, max_fields=20)
        return await run_in_threadpool(_unsubscribe, ctx, token, form.get("List-Unsubscribe") == "One-Click")

    @pages.api_route("/view/{token}", methods=["GET", "HEAD"])
    def view(token: str) -> Response:
        number = verify(token, Purpose.VIEW, ctx.settings.secret_keys)
        if number is None:
            return _nothing_here()
        try:
            with ctx.db.read() as tx:
                delivery = deliveries.get(tx, number)
        except NotFound:
            return _nothing_here()
        return HTMLResponse(make.page(ctx, delivery), headers=HEADERS)

    @pages.get("/healthz")
    def healthz() -> Response:
        try:
            with ctx.db.read() as tx:
                subscribers.lists(tx)
        except DigestError as problem:
            return JSONResponse({"ok": False, "error": str(problem)}, status_code=503)
        return JSONResponse({"ok": True})

    @pages.exception_handler(DigestError)
    def trouble(_request: Request, _problem: Exception) -> Response:
        return _page(
            "Not now", "<p>Something is wrong here. Nothing was changed; please try again in some minutes.</p>", status=503
        )

    @pages.exception_handler(404)
    def missing(_request: Request, _problem: Exception) -> Response:
        return _nothing_here()

    return pages


def _small(length: str) -> bool:
    return length.isdecimal() and len(length) < 10 and int(length) <= MAX_BODY


def _unsubscribe(ctx: Context, token: str, one_click: bool) -> Response:
    found = _subscription(ctx, token)
    if found is None:
        return _nothing_here()
    if not one_click:
        return _page("Unsubscribe?", FORM.format(name=html.escape(found[1].title or found[1].name)), status=400)
    with ctx.db.begin() as tx:
        subscribers.leave(tx, tx.get_one(Subscription, found[0].id), at=ctx.clock())
    return _page("You are unsubscribed", "<p>You get no more mail from this list. Nothing else is needed.</p>")


def _subscription(ctx: Context, token: str) -> tuple[Subscription, MailingList] | None:
    number = verify(token, Purpose.UNSUBSCRIBE, ctx.settings.secret_keys)
    if number is None:
        return None
    with ctx.db.read() as tx:
        return subscribers.subscription_by_id(tx, number)


def _page(title: str, body: str, *, status: int = 200) -> Response:
    return HTMLResponse(PAGE.format(title=title, body=body), status_code=status, headers=HEADERS)


def _nothing_here() -> Response:
    return _page(
        "There is nothing here", "<p>The link is not one of ours, or what it led to is gone. Nothing was changed.</p>", status=404
    )
