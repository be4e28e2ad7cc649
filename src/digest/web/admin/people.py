"""The pages of accounts: who may log in, with which role."""

from fastapi.responses import Response

from digest.errors import BadInput, Conflict
from digest.model.account import Permission, Role
from digest.services import accounts
from digest.services.accounts import Invited
from digest.services.views.accounts import AccountView
from digest.web.admin import rendering, words
from digest.web.admin.gate import redirect
from digest.web.admin.visit import Route, Visit

NEEDS = Permission.ACCOUNTS


def _list(visit: Visit) -> Response:
    found = accounts.every(visit.ctx)
    names = {role: words.role(visit.spoken, role) for role in Role}
    provider = visit.ctx.settings.oidc_label
    title = visit.spoken.gettext("Accounts")
    return rendering.page(visit, "accounts", title, accounts=found, names=names, provider=provider)


def _new(visit: Visit, *, problem: str = "", status: int = 200) -> Response:
    given = {name: visit.fields.get(name, "")[:320] for name in ("name", "address", "role", "sends")}
    title = visit.spoken.gettext("Let somebody in")
    return rendering.page(visit, "account_new", title, status=status, given=given, problem=problem, **_roles(visit))


def _add(visit: Visit) -> Response:
    fields = visit.fields
    try:
        made = accounts.add(
            visit.ctx,
            fields.get("address", ""),
            name=fields.get("name", ""),
            role=_role(fields.get("role", "")),
            sends="sends" in fields,
        )
    except (BadInput, Conflict) as problem:
        return _new(visit, problem=words.problem(visit.spoken, problem), status=422)
    return _show_link(visit, made)


def _show(visit: Visit, *, problem: str = "", status: int = 200) -> Response:
    found = _account(visit)
    return rendering.page(visit, "account", found.name, status=status, account=found, problem=problem, **_roles(visit))


def _change(visit: Visit) -> Response:
    fields = visit.fields
    try:
        role = _role(fields.get("role", ""))
        accounts.change(visit.ctx, _key(visit), name=fields.get("name", ""), role=role, sends="sends" in fields)
    except (BadInput, Conflict) as problem:
        return _show(visit, problem=words.problem(visit.spoken, problem), status=422)
    return redirect("/admin/accounts")


def _ask_reset(visit: Visit) -> Response:
    found = _account(visit)
    title = visit.spoken.gettext("Reset the account of %(name)s?") % {"name": found.name}
    return rendering.page(visit, "account_reset", title, account=found)


def _reset(visit: Visit) -> Response:
    return _show_link(visit, accounts.reset(visit.ctx, _key(visit)))


def _unlink(visit: Visit) -> Response:
    accounts.unlink(visit.ctx, _key(visit))
    return redirect(f"/admin/accounts/{visit.number()}")


def _ask_remove(visit: Visit) -> Response:
    found = _account(visit)
    title = visit.spoken.gettext("Remove the account of %(name)s?") % {"name": found.name}
    return rendering.page(visit, "account_remove", title, account=found)


def _remove(visit: Visit) -> Response:
    accounts.remove(visit.ctx, _key(visit))
    return redirect("/admin/accounts")


def _show_link(visit: Visit, made: Invited) -> Response:
    """Show the link, this once: only its hash is kept."""
    title = visit.spoken.gettext("Give %(name)s this link") % {"name": made.account.name}
    return rendering.page(visit, "account_link", title, invited=made)


def _roles(visit: Visit) -> dict[str, object]:
    return {"roles": [(role.value, words.role(visit.spoken, role), words.role_means(visit.spoken, role)) for role in Role]}


def _role(text: str) -> Role:
    try:
        return Role(text)
    except ValueError as problem:
        raise BadInput("there is no such role", code="no_role") from problem


def _account(visit: Visit) -> AccountView:
    return accounts.show(visit.ctx, _key(visit))


def _key(visit: Visit) -> str:
    return str(visit.number())


ROUTES = (
    Route(method="GET", path="/admin/accounts", needs=NEEDS, act=_list),
    Route(method="GET", path="/admin/accounts/new", needs=NEEDS, act=_new, is_fresh=True),
    Route(method="POST", path="/admin/accounts/new", needs=NEEDS, act=_add, is_fresh=True),
    Route(method="GET", path="/admin/accounts/{number}", needs=NEEDS, act=_show, is_fresh=True),
    Route(method="POST", path="/admin/accounts/{number}", needs=NEEDS, act=_change, is_fresh=True),
    Route(method="GET", path="/admin/accounts/{number}/reset", needs=NEEDS, act=_ask_reset, is_fresh=True),
    Route(method="POST", path="/admin/accounts/{number}/reset", needs=NEEDS, act=_reset, is_fresh=True),
    Route(method="POST", path="/admin/accounts/{number}/unlink", needs=NEEDS, act=_unlink, is_fresh=True),
    Route(method="GET", path="/admin/accounts/{number}/remove", needs=NEEDS, act=_ask_remove, is_fresh=True),
    Route(method="POST", path="/admin/accounts/{number}/remove", needs=NEEDS, act=_remove, is_fresh=True),
)
