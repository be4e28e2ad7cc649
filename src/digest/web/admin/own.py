"""The page of one's own account: how one logs in, and where one is logged in."""

import json

from fastapi.responses import Response

from digest.errors import BadInput, Conflict
from digest.model.account import PASSWORD_MIN, Permission
from digest.services import accounts, credentials, identities, passkeys
from digest.web.admin import rendering, words
from digest.web.admin.entrance import app_of, given_app, site
from digest.web.admin.gate import as_json, redirect
from digest.web.admin.visit import Route, Visit

LOOK = Permission.LOOK  #: of everybody who is logged in: one's own account is one's own


def _page(visit: Visit) -> Response:
    title = visit.spoken.gettext("Your account")
    means = words.role_means(visit.spoken, visit.me.role)
    ways, provider = credentials.ways(visit.ctx, visit.me), identities.offered(visit.ctx)
    return rendering.page(visit, "me", title, ways=ways, means=means, provider=provider)


def _password_page(visit: Visit, *, problem: str = "", status: int = 200) -> Response:
    """Show the form of a new password; with an app to pair where there is none yet, or another one is asked for."""
    has_app = credentials.ways(visit.ctx, visit.me).has_password
    with_app = not has_app or visit.request.query_params.get("app") == "new"
    title = visit.spoken.gettext("A new password")
    about = app_of(visit, visit.me.address) if with_app else {}
    return rendering.page(
        visit, "password", title, status=status, problem=problem, with_app=with_app, least=PASSWORD_MIN, **about
    )


def _set_password(visit: Visit) -> Response:
    app = given_app(visit) if "secret" in visit.fields else None
    try:
        codes = credentials.set_password(visit.ctx, visit.me, password=visit.fields.get("password", ""), app=app)
    except (BadInput, Conflict) as problem:
        return _password_page(visit, problem=words.problem(visit.spoken, problem), status=422)
    return _show_codes(visit, codes) if codes else redirect("/admin/me")


def _new_codes(visit: Visit) -> Response:
    return _show_codes(visit, credentials.new_recovery_codes(visit.ctx, visit.me))


def _show_codes(visit: Visit, codes: object) -> Response:
    return rendering.page(visit, "codes", visit.spoken.gettext("Keep these codes"), codes=codes, back="/admin/me")


def _passkey_options(visit: Visit) -> Response:
    me = visit.me
    key = accounts.address_key(me.address)
    options = passkeys.options_to_make(visit.ctx, site(visit), address_key=key, address=me.address, name=me.name)
    return as_json(json.loads(options))


def _add_passkey(visit: Visit) -> Response:
    made = passkeys.made(visit.ctx, site(visit), visit.fields.get("credential", ""))
    credentials.add_passkey(visit.ctx, visit.me, made, name=visit.fields.get("name", ""))
    return as_json({"next": "/admin/me"})


def _remove_passkey(visit: Visit) -> Response:
    credentials.remove_passkey(visit.ctx, visit.me, visit.number())
    return redirect("/admin/me")


def _end_login(visit: Visit) -> Response:
    credentials.end_logins(visit.ctx, visit.me, number=visit.number())
    return redirect("/admin/me")


def _end_others(visit: Visit) -> Response:
    credentials.end_logins(visit.ctx, visit.me)
    return redirect("/admin/me")


ROUTES = (
    Route(method="GET", path="/admin/me", needs=LOOK, act=_page),
    Route(method="GET", path="/admin/me/password", needs=LOOK, act=_password_page, is_fresh=True),
    Route(method="POST", path="/admin/me/password", needs=LOOK, act=_set_password, is_fresh=True),
    Route(method="POST", path="/admin/me/codes", needs=LOOK, act=_new_codes, is_fresh=True),
    Route(method="POST", path="/admin/me/passkeys/options", needs=LOOK, act=_passkey_options, is_json=True, is_fresh=True),
    Route(method="POST", path="/admin/me/passkeys", needs=LOOK, act=_add_passkey, is_json=True, is_fresh=True),
    Route(method="POST", path="/admin/me/passkeys/{number}/remove", needs=LOOK, act=_remove_passkey, is_fresh=True),
    Route(method="POST", path="/admin/me/logins/{number}/end", needs=LOOK, act=_end_login),
    Route(method="POST", path="/admin/me/logins/end", needs=LOOK, act=_end_others),
)
