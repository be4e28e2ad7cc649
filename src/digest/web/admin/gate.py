"""
The gate of the admin pages: what is checked before a handler runs.

A route says which permission it needs, or that it needs none. Forms are taken from our own pages alone: by what
the browser says of the site that sent them, and by a token that only our page knows.
"""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from urllib.parse import urlsplit

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response

from digest.errors import BadInput, Conflict, DigestError, Forbidden, NotFound, TooMany
from digest.languages import ADMIN_DOMAIN, SOURCE, Language, best, load, shipped
from digest.model.account import LOGIN_LASTS
from digest.services import accounts, login, secrets
from digest.services.context import Context
from digest.services.login import Entered
from digest.services.tallies import Tallies
from digest.web.admin import rendering, words
from digest.web.admin.visit import Route, Visit
from digest.web.one_click import MAX_BODY, NotAForm, form_with_files
from digest.web.threads import Threads
from digest.web.visitors import languages

COOKIE, LOCAL_COOKIE = "__Host-digest", "digest"
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


def add_routes(app: FastAPI, ctx: Context, threads: Threads, routes: tuple[Route, ...]) -> None:
    """Add the routes to the application, each behind the gate. A page takes the request as it is, so it needs nothing of FastAPI's routes."""
    tallies = Tallies()
    for route in routes:
        app.add_route(
            route.path, _endpoint(ctx, threads, tallies, route), methods=[route.method], name=f"{route.method} {route.path}"
        )


def _endpoint(ctx: Context, threads: Threads, tallies: Tallies, route: Route) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        visit = Visit(
            ctx=ctx,
            request=request,
            spoken=language(request),
            token=request.cookies.get(_cookie(ctx), "") or secrets.token(),
            fields={},
            files={},
            threads=threads,
            tallies=tallies,
        )
        if route.most_bytes > MAX_BODY and (refusal := await threads.run(_refused_unread, visit, route)) is not None:
            return refusal
        if route.method == "POST":
            visit = await _with_form(visit, route)
        running = threads if route.most_s is None else threads.within(route.most_s)
        return await running.run(_serve, visit, route)

    return answer


async def _with_form(visit: Visit, route: Route) -> Visit:
    try:
        pairs, files = await form_with_files(visit.request, most_bytes=route.most_bytes)
    except NotAForm:
        return visit  # without the token of a form it is refused
    return replace(visit, fields=dict(pairs), files=files)


def _refused_unread(visit: Visit, route: Route) -> Response | None:
    """Return the refusal of a visitor who may not send a large form; None: it is read."""
    try:
        if route.needs is not None:
            login.admit(visit.ctx, visit.token, needs=route.needs, ip=visit.visitor.ip)
    except DigestError as problem:
        return _refusal(visit, route, problem)
    return None


def _serve(visit: Visit, route: Route) -> Response:
    if not _is_safe_place(visit):
        return rendering.message(visit, "unsafe_host", status=403)
    try:
        answer = route.act(_checked(visit, route))
    except DigestError as problem:
        answer = _refusal(visit, route, problem)
    if (
        _cookie(visit.ctx) not in visit.request.cookies
        and answer.media_type == "text/html"
        and "set-cookie" not in answer.headers
    ):
        _set_cookie(visit, answer, visit.token, lasts_s=None)
    return answer


def _checked(visit: Visit, route: Route) -> Visit:
    """Return the visit as its handler gets it. Raises Forbidden."""
    if route.method == "POST":
        token = visit.fields.get("form", "")
        if not _is_own_form(visit.request, origin(visit)) or not secrets.is_form_token(
            token, visit.token, visit.ctx.settings.secret_keys
        ):
            raise Forbidden("the form did not come from our own page", code="foreign_form")
    if route.needs is None:
        return visit
    who = login.admit(visit.ctx, visit.token, needs=route.needs, ip=visit.visitor.ip)
    if route.is_fresh and not who.is_fresh:
        raise Forbidden("this needs a log-in that is a few minutes old at the most", code="not_fresh")
    return replace(visit, ctx=who.ctx, who=who)


def _refusal(visit: Visit, route: Route, problem: DigestError) -> Response:
    """Answer what a handler or the gate refused. What is nobody's fault goes on to the application."""
    statuses = {Forbidden: 403, NotFound: 404, TooMany: 429, Conflict: 409, BadInput: 422}
    status = next((code for kind, code in statuses.items() if isinstance(problem, kind)), 0)
    if not status:
        raise problem
    if route.is_json:
        return as_json({"problem": words.problem(visit.spoken, problem)}, status=status)
    if problem.code == "not_logged_in" and not accounts.any_one(visit.ctx):
        return rendering.message(visit, "no_accounts", status=403)
    if problem.code in ("not_logged_in", "not_fresh"):
        back = visit.request.url.path if route.method == "GET" else ""
        return redirect(f"/admin/login?next={back}" if back and back != "/admin/" else "/admin/login")
    return rendering.message(visit, problem.code, status=status, problem=problem)


# --- where from ------------------------------------------------------------------------------


def origin(visit: Visit) -> str:
    """Return the origin of our pages: that of DIGEST_BASE_URL, or where the browser is on a machine without one."""
    base = urlsplit(visit.ctx.settings.base_url)
    return f"https://{base.netloc}" if base.scheme == "https" else f"http://{visit.request.headers.get('host', '')}"


def _is_safe_place(visit: Visit) -> bool:
    """Return whether a cookie is safe here: behind TLS, or on this machine."""
    return _is_secure(visit.ctx) or urlsplit(origin(visit)).hostname in _LOOPBACK


def _is_secure(ctx: Context) -> bool:
    return ctx.settings.base_url.startswith("https://")


def _is_own_form(request: Request, ours: str) -> bool:
    """Return whether the browser says that our own page sent the form; all browsers say one of the two."""
    site, sender = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    return (site, sender) != (None, None) and site in (None, "same-origin") and sender in (None, ours)


def language(request: Request) -> Language:
    """Choose the first language that the browser asks for and the admin pages speak, else English."""
    found = (best(code, shipped(ADMIN_DOMAIN)) for code in languages(request))
    return load(next(filter(None, found), SOURCE), ADMIN_DOMAIN)


# --- answers ---------------------------------------------------------------------------------


def redirect(path: str) -> Response:
    """Lead the browser to another page of ours."""
    return RedirectResponse(path, status_code=303, headers=rendering.HEADERS)


def as_json(value: object, *, status: int = 200) -> Response:
    """Answer a script."""
    return JSONResponse(value, status_code=status, headers={**rendering.HEADERS, "Cache-Control": "no-store"})


def enter(visit: Visit, answer: Response, entered: Entered) -> Response:
    """Have the browser keep the token of a log-in, in place of the one that it had before."""
    lasts_s = int(LOGIN_LASTS.total_seconds()) if entered.is_open else None
    _set_cookie(visit, answer, entered.token, lasts_s=lasts_s)
    return answer


def leave(visit: Visit, answer: Response) -> Response:
    """Have the browser forget its token."""
    _set_cookie(visit, answer, "", lasts_s=0)
    return answer


def _set_cookie(visit: Visit, answer: Response, token: str, *, lasts_s: int | None) -> None:
    secure = _is_secure(visit.ctx)
    answer.set_cookie(_cookie(visit.ctx), token, max_age=lasts_s, path="/", secure=secure, httponly=True, samesite="lax")


def _cookie(ctx: Context) -> str:
    """Name of the cookie. `__Host-` binds it to this host and to TLS, which a machine of one's own does not have."""
    return COOKIE if _is_secure(ctx) else LOCAL_COOKIE
