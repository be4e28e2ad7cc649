"""
The pages for readers: a mail's own page, the dropped texts in it, and the way out.

GET and HEAD only ever show; a POST with the one-click body or the form's own field acts (RFC
8058). No cookies, no script; forged links get a plain page that there is nothing here.
"""

import html

from fastapi import FastAPI, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, JSONResponse, Response

from digest import make
from digest.context import Context
from digest.errors import ComposeError, DigestError, NotFound
from digest.languages import SOURCE, Language, best, is_rtl, load, shipped, tag
from digest.model.article import Article
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
<html lang="{lang}" dir="{dir}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>{title}</title>
<style>:root{{color-scheme:light dark}}body{{margin:0;background:#f3f1ec;color:#1c1b19;font:17px/1.6 -apple-system,'Segoe UI',Roboto,Arial,sans-serif}}
main{{max-width:544px;margin:8vh auto;padding:26px 28px;background:#fff;border-top:4px solid #a3262a}}h1{{font:bold 28px/34px Georgia,serif;margin:0 0 12px}}
a{{color:inherit}}button{{font:inherit;font-weight:bold;padding:12px 24px;border:0;border-radius:6px;background:#a3262a;color:#fff;cursor:pointer}}
@media(prefers-color-scheme:dark){{body{{background:#121110;color:#ebe8e2}}main{{background:#1b1a18;border-color:#ff9c92}}button{{background:#ff9c92;color:#2a0a08}}}}</style></head>
<body><main><h1>{title}</h1>{body}</main></body></html>
"""


def app(ctx: Context) -> FastAPI:
    """The pages over a working context."""
    pages = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)

    @pages.api_route("/u/{token}", methods=["GET", "HEAD"])
    def show_unsubscribe(token: str, request: Request) -> Response:
        found = _subscription(ctx, token)
        if found is None:
            return _nothing_here(request)
        tie, mlist, spoken = found
        language = _language(request, spoken)
        if tie.state is SubscriptionState.UNSUBSCRIBED:
            return _left(language, mlist)
        return _asked(language, mlist)

    @pages.post("/u/{token}")
    async def unsubscribe(token: str, request: Request) -> Response:
        if verify(token, Purpose.UNSUBSCRIBE, ctx.settings.secret_keys) is None:
            return _nothing_here(request)  # before a byte of the body is read
        if not _small(request.headers.get("content-length", "")):
            language = _language(request)
            return _page(language, language.gettext("Too large"), language.gettext("Nothing was changed."), status=413)
        form = await request.form(max_files=0, max_fields=20)
        return await run_in_threadpool(_unsubscribe, ctx, token, request, form.get("List-Unsubscribe") == "One-Click")

    @pages.api_route("/view/{token}", methods=["GET", "HEAD"])
    def view(token: str, request: Request) -> Response:
        number = verify(token, Purpose.VIEW, ctx.settings.secret_keys)
        if number is None:
            return _nothing_here(request)
        try:
            with ctx.db.read() as tx:
                delivery = deliveries.get(tx, number)
            return HTMLResponse(make.page(ctx, delivery), headers=HEADERS)
        except (NotFound, ComposeError):  # a ComposeError: an earlier version printed it
            return _nothing_here(request)

    @pages.api_route("/view/{token}/{number}", methods=["GET", "HEAD"])
    def read(token: str, number: str, request: Request) -> Response:
        delivery_id = verify(token, Purpose.VIEW, ctx.settings.secret_keys)
        if delivery_id is None or not (number.isascii() and number.isdecimal() and len(number) < 5):
            return _nothing_here(request)
        try:
            article = make.article(ctx, delivery_id, number=int(number))
        except NotFound:
            return _nothing_here(request)
        return _article(_language(request), article, whole=f"/view/{token}")

    @pages.get("/healthz")
    def healthz() -> Response:
        try:
            with ctx.db.read() as tx:
                subscribers.lists(tx)
        except DigestError as problem:
            return JSONResponse({"ok": False, "error": str(problem)}, status_code=503)
        return JSONResponse({"ok": True})

    @pages.exception_handler(DigestError)
    def trouble(request: Request, _problem: Exception) -> Response:
        language = _language(request)
        said = language.gettext("Something is wrong here. Nothing was changed; please try again in some minutes.")
        return _page(language, language.gettext("Not now"), said, status=503)

    @pages.exception_handler(404)
    def missing(request: Request, _problem: Exception) -> Response:
        return _nothing_here(request)

    return pages


def _small(length: str) -> bool:
    return length.isdecimal() and len(length) < 10 and int(length) <= MAX_BODY


def _unsubscribe(ctx: Context, token: str, request: Request, one_click: bool) -> Response:
    found = _subscription(ctx, token)
    if found is None:
        return _nothing_here(request)
    tie, mlist, spoken = found
    if not one_click:
        return _asked(_language(request, spoken), mlist, status=400)
    with ctx.db.begin() as tx:
        subscribers.leave(tx, tx.get_one(Subscription, tie.id), at=ctx.clock())
    return _left(_language(request, spoken), mlist)


def _subscription(ctx: Context, token: str) -> tuple[Subscription, MailingList, str] | None:
    number = verify(token, Purpose.UNSUBSCRIBE, ctx.settings.secret_keys)
    if number is None:
        return None
    with ctx.db.read() as tx:
        return subscribers.subscription_by_id(tx, number)


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


def _page(language: Language, title: str, said: str, *, more: str = "", status: int = 200) -> Response:
    """A page of one sentence; `more` is markup of ours."""
    body = f"<p>{html.escape(said)}</p>{more}"
    page = PAGE.format(lang=language.tag, dir=language.direction, title=html.escape(title), body=body)
    return HTMLResponse(
        page, status_code=status, headers={**HEADERS, "Content-Language": language.tag, "Vary": "Accept-Language"}
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
