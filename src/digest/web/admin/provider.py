"""
The log-in by an OpenID provider: the way there and back, and the link of one's own account to a person there.

A form leads to a page that leads on by itself: browsers hold a form to `form-action`, redirects included, which is our own
site alone.
"""

from fastapi.responses import Response

from digest.errors import BadInput, Conflict, Forbidden, ProviderDown, TooMany
from digest.model.account import Permission
from digest.services import credentials, identities
from digest.services.identities import Purpose, Traveller
from digest.web.admin import rendering, words
from digest.web.admin.entrance import is_inside, log_in_page, next_page
from digest.web.admin.gate import enter, origin, redirect
from digest.web.admin.visit import Route, Visit

LOOK = Permission.LOOK
BACK = "/admin/login/provider/back"  #: the redirect URI that the provider must know


def _begin(visit: Visit) -> Response:
    """Lead somebody to the provider to log in there."""
    back = next_page(visit)
    try:
        url = identities.leads_to(visit.ctx, _traveller(visit), Purpose.LOG_IN, back=back, is_inside=is_inside(visit))
    except ProviderDown as problem:
        return log_in_page(visit, problem=_words(visit, problem), status=503)
    return _lead(visit, url)


def _back(visit: Visit) -> Response:
    """Log in whom the provider identifies; lead on to the page of one's account what was begun there."""
    query = visit.request.query_params
    try:
        begun = identities.begun(visit.ctx, _traveller(visit), query.get("state", ""))
        if begun.purpose is Purpose.LINK:
            return redirect(f"/admin/me/provider/back?{visit.request.url.query}")
        entered = identities.log_in(visit.ctx, begun, query, visit.visitor)
    except (Forbidden, TooMany, ProviderDown) as problem:
        return log_in_page(visit, problem=_words(visit, problem), status=_status(problem))
    return enter(visit, redirect(begun.back), entered)


def _begin_link(visit: Visit) -> Response:
    try:
        return _lead(visit, identities.leads_to(visit.ctx, _traveller(visit), Purpose.LINK, back="/admin/me", is_inside=True))
    except ProviderDown as problem:
        return _unlinked(visit, problem)


def _link(visit: Visit) -> Response:
    query = visit.request.query_params
    try:
        begun = identities.begun(visit.ctx, _traveller(visit), query.get("state", ""))
        identities.link(visit.ctx, visit.me, begun, query)
    except (Forbidden, Conflict, ProviderDown) as problem:
        return _unlinked(visit, problem)
    return redirect("/admin/me")


def _remove(visit: Visit) -> Response:
    credentials.remove_identity(visit.ctx, visit.me)
    return redirect("/admin/me")


def _lead(visit: Visit, url: str) -> Response:
    name = visit.ctx.settings.oidc_label
    return rendering.page(visit, "provider", visit.spoken.gettext("Go on to %(name)s") % {"name": name}, url=url, name=name)


def _unlinked(visit: Visit, problem: Forbidden | Conflict | ProviderDown) -> Response:
    worded = BadInput(_words(visit, problem), code=f"{problem.code}_link")  # the provider's name is in its words
    status = 422 if isinstance(problem, Forbidden) else _status(problem)  # 403 is for who may not do this at all
    return rendering.message(visit, worded.code, status=status, problem=worded)


def _words(visit: Visit, problem: Forbidden | Conflict | ProviderDown | TooMany) -> str:
    return words.problem(visit.spoken, problem).replace("%(provider)s", visit.ctx.settings.oidc_label)


def _status(problem: Forbidden | Conflict | ProviderDown | TooMany) -> int:
    statuses = {TooMany: 429, ProviderDown: 503, Conflict: 409}
    return next((status for kind, status in statuses.items() if isinstance(problem, kind)), 403)


def _traveller(visit: Visit) -> Traveller:
    return Traveller(token=visit.token, redirect_uri=origin(visit) + BACK)


ROUTES = (
    Route(method="POST", path="/admin/login/provider", needs=None, act=_begin),
    Route(method="GET", path=BACK, needs=None, act=_back),
    Route(method="POST", path="/admin/me/provider", needs=LOOK, act=_begin_link, is_fresh=True),
    Route(method="GET", path="/admin/me/provider/back", needs=LOOK, act=_link, is_fresh=True),
    Route(method="POST", path="/admin/me/provider/remove", needs=LOOK, act=_remove, is_fresh=True),
)
