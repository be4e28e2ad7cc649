"""The way in: the log-in with its steps, and the links that let somebody in for the first time."""

import json
import re

from fastapi.responses import Response
from markupsafe import Markup

from digest.errors import BadInput, Conflict, Forbidden, TooMany
from digest.model.account import PASSWORD_MIN, Permission
from digest.services import accounts, identities, login, passkeys, passwords, welcome
from digest.services.passkeys import Site
from digest.services.welcome import App, Applicant, Welcome
from digest.web.admin import rendering, words
from digest.web.admin.gate import as_json, enter, leave, origin, redirect
from digest.web.admin.visit import Route, Visit

_PATH = re.compile(r"/admin/[a-z0-9/-]*")


# --- logging in ------------------------------------------------------------------------------


def log_in_page(visit: Visit, *, problem: str = "", status: int = 200) -> Response:
    """Show every way to log in."""
    if not accounts.any_one(visit.ctx):
        return rendering.message(visit, "no_accounts", status=403)
    title = visit.spoken.gettext("Log in to %(host)s") % {"host": site(visit).host}
    given = visit.fields.get("address", "")[:320]
    provider = identities.offered(visit.ctx)
    return rendering.page(
        visit, "log_in", title, status=status, problem=problem, given=given, next=next_page(visit), provider=provider
    )


def _log_in(visit: Visit) -> Response:
    """Check the password, and ask for the code."""
    address, password = visit.fields.get("address", ""), visit.fields.get("password", "")
    try:
        entered = login.by_password(visit.ctx, address, password, visit.visitor)
    except (Forbidden, TooMany) as problem:
        return log_in_page(visit, problem=words.problem(visit.spoken, problem), status=_status(problem))
    return enter(visit, redirect(f"/admin/login/code?next={next_page(visit)}"), entered)


def _code_page(visit: Visit, *, problem: str = "", status: int = 200) -> Response:
    login.may_give_code(visit.ctx, visit.token)
    title = visit.spoken.gettext("One code more")
    return rendering.page(visit, "code", title, status=status, problem=problem, next=next_page(visit))


def _take_code(visit: Visit) -> Response:
    try:
        entered = login.by_code(visit.ctx, visit.token, visit.fields.get("code", "")[:100], visit.visitor)
    except (Forbidden, TooMany) as problem:
        if problem.code == "not_logged_in":
            raise
        return _code_page(visit, problem=words.problem(visit.spoken, problem), status=_status(problem))
    return enter(visit, redirect(next_page(visit)), entered)


def _passkey_options(visit: Visit) -> Response:
    return as_json(json.loads(passkeys.options_to_log_in(visit.ctx, site(visit))))


def _passkey(visit: Visit) -> Response:
    entered = passkeys.log_in(visit.ctx, site(visit), visit.fields.get("credential", ""), visit.visitor)
    return enter(visit, as_json({"next": next_page(visit)}), entered)


def _log_out(visit: Visit) -> Response:
    login.log_out(visit.ctx, visit.token)
    return leave(visit, redirect("/admin/login"))


def _status(problem: Forbidden | TooMany) -> int:
    return 429 if isinstance(problem, TooMany) else 403


def is_inside(visit: Visit) -> bool:
    """Return whether this browser is logged in already, and logs in again since that must be recent."""
    try:
        login.admit(visit.ctx, visit.token, needs=Permission.LOOK, ip=visit.visitor.ip)
    except Forbidden:
        return False
    return True


def next_page(visit: Visit) -> str:
    """Return where a log-in leads: a page of ours, whatever was asked for."""
    asked = visit.fields.get("next") or visit.request.query_params.get("next", "")
    return asked if _PATH.fullmatch(asked) else "/admin/"


# --- the first time --------------------------------------------------------------------------


def _welcome_page(visit: Visit, *, problem: str = "", status: int = 200) -> Response:
    """Show the form: of a passkey, or of password and app where the address asks for these."""
    found = welcome.look(visit.ctx, _token(visit))
    _ = visit.spoken.gettext
    title = _("Make the first account") if found.is_first else _("Welcome, %(name)s") % {"name": found.name}
    given = {name: visit.fields.get(name, "")[:320] for name in ("name", "address")}
    with_password = visit.request.query_params.get("with") == "password"
    about = app_of(visit, found.address or given["address"]) if with_password else {}
    return rendering.page(
        visit,
        "welcome_password" if with_password else "welcome",
        title,
        status=status,
        found=found,
        given=given,
        problem=problem,
        token=_token(visit),
        least=PASSWORD_MIN,
        **about,
    )


def _accept_password(visit: Visit) -> Response:
    """Let somebody in, and show the recovery codes, this once."""
    app = given_app(visit)
    try:
        accepted = welcome.by_password(
            visit.ctx,
            _token(visit),
            _applicant(visit),
            password=visit.fields.get("password", ""),
            app=app,
            visitor=visit.visitor,
        )
    except (BadInput, Conflict) as problem:
        return _welcome_page(visit, problem=words.problem(visit.spoken, problem), status=422)
    title = visit.spoken.gettext("Keep these codes")
    answer = rendering.page(visit, "codes", title, codes=accepted.recovery_codes, back="/admin/")
    return enter(visit, answer, accepted.entered)


def _welcome_options(visit: Visit) -> Response:
    found = welcome.look(visit.ctx, _token(visit))
    who = _named(found, _applicant(visit))
    key = accounts.address_key(who.address)
    options = passkeys.options_to_make(visit.ctx, site(visit), address_key=key, address=who.address, name=who.name)
    return as_json(json.loads(options))


def _accept_passkey(visit: Visit) -> Response:
    made = passkeys.made(visit.ctx, site(visit), visit.fields.get("credential", ""))
    accepted = welcome.by_passkey(visit.ctx, _token(visit), _applicant(visit), passkey=made, visitor=visit.visitor)
    return enter(visit, as_json({"next": "/admin/"}), accepted.entered)


def _named(found: Welcome, given: Applicant) -> Applicant:
    return given if found.is_first else Applicant(name=found.name, address=found.address)


def _applicant(visit: Visit) -> Applicant:
    return Applicant(name=visit.fields.get("name", ""), address=visit.fields.get("address", ""))


def _token(visit: Visit) -> str:
    return str(visit.request.path_params["token"])


# --- shared ----------------------------------------------------------------------------------


def site(visit: Visit) -> Site:
    """Return the site that passkeys are made for."""
    return Site(origin=origin(visit), visitor=visit.token)


def given_app(visit: Visit) -> App:
    """Return what a form says of an app that makes codes."""
    return App(secret=visit.fields.get("secret", ""), code=visit.fields.get("code", ""))


def app_of(visit: Visit, address: str) -> dict[str, object]:
    """Return the values of a template that pairs an app: a secret, the one shown before where there is one, and its QR code."""
    import segno  # by the few who pair an app

    given = visit.fields.get("secret", "")
    secret = given if passwords.is_code_secret(given) else passwords.code_secret()
    uri = passwords.code_address(secret, address=address or site(visit).host, issuer=site(visit).host)
    picture = segno.make(uri, micro=False).svg_inline(scale=4, border=2, svgclass="qr", lineclass=None, omitsize=True)
    return {"secret": secret, "picture": Markup(picture)}  # noqa: S704  # made of an address that is encoded


ROUTES = (
    Route(method="GET", path="/admin/login", needs=None, act=log_in_page),
    Route(method="POST", path="/admin/login", needs=None, act=_log_in),
    Route(method="GET", path="/admin/login/code", needs=None, act=_code_page),
    Route(method="POST", path="/admin/login/code", needs=None, act=_take_code),
    Route(method="POST", path="/admin/login/passkey/options", needs=None, act=_passkey_options, is_json=True),
    Route(method="POST", path="/admin/login/passkey", needs=None, act=_passkey, is_json=True),
    Route(method="POST", path="/admin/logout", needs=Permission.LOOK, act=_log_out),
    Route(method="GET", path="/admin/welcome/{token}", needs=None, act=_welcome_page),
    Route(method="POST", path="/admin/welcome/{token}", needs=None, act=_accept_password),
    Route(method="POST", path="/admin/welcome/{token}/passkey/options", needs=None, act=_welcome_options, is_json=True),
    Route(method="POST", path="/admin/welcome/{token}/passkey", needs=None, act=_accept_passkey, is_json=True),
)
