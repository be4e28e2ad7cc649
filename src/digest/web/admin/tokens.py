"""The pages of API tokens: which program may do what, for whom and how long; a new one is shown once."""

from fastapi.responses import Response

from digest.errors import BadInput, NotFound
from digest.model.account import Permission
from digest.model.api import DAYS, MOST_DAYS, Scope
from digest.services import accounts, api_tokens
from digest.services.views.api import ApiTokenView
from digest.web.admin import rendering, token_words, words
from digest.web.admin.gate import redirect
from digest.web.admin.visit import Route, Visit

NEEDS = Permission.ACCOUNTS
_TEXT_MAX = 100  #: characters of a field


def _list(visit: Visit) -> Response:
    found, now = api_tokens.every(visit.ctx), visit.ctx.clock()
    return rendering.page(visit, "tokens", visit.spoken.gettext("API tokens"), tokens=found, now=now)


def _new(visit: Visit, *, problem: str = "", status: int = 200) -> Response:
    given = {name: visit.fields.get(name, "")[:_TEXT_MAX] for name in ("name", "account", "days", *Scope)}
    return rendering.page(
        visit,
        "token_new",
        visit.spoken.gettext("Make an API token"),
        status=status,
        given=given,
        accounts=accounts.every(visit.ctx),
        scopes=token_words.scopes(visit.spoken),
        usual_days=DAYS,
        most_days=MOST_DAYS,
        problem=problem,
    )


def _add(visit: Visit) -> Response:
    """Make a token and show it, this once: only its hash is kept."""
    fields = visit.fields
    try:
        made = api_tokens.add(
            visit.ctx,
            fields.get("account", ""),
            name=fields.get("name", ""),
            scopes=[scope for scope in Scope if scope.value in fields],
            days=_days(fields.get("days", "")),
        )
    except (BadInput, NotFound) as problem:
        return _new(visit, problem=words.problem(visit.spoken, problem), status=422)
    return rendering.page(visit, "token_secret", visit.spoken.gettext("Give the program this token"), made=made)


def _days(text: str) -> int:
    """Return a typed number of days; 0, which no token is good for, where it is none."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 5 else 0


def _ask_revoke(visit: Visit) -> Response:
    title = visit.spoken.gettext("Revoke this token?")
    return rendering.page(visit, "token_revoke", title, found=_token(visit))


def _revoke(visit: Visit) -> Response:
    api_tokens.revoke(visit.ctx, visit.number())
    return redirect("/admin/tokens")


def _token(visit: Visit) -> ApiTokenView:
    """Return the token of the path. Raises NotFound."""
    number = visit.number()
    found = next((token for token in api_tokens.every(visit.ctx) if token.id == number), None)
    if found is None:
        raise NotFound("token", number)
    return found


ROUTES = (
    Route(method="GET", path="/admin/tokens", needs=NEEDS, act=_list),
    Route(method="GET", path="/admin/tokens/new", needs=NEEDS, act=_new, is_fresh=True),
    Route(method="POST", path="/admin/tokens/new", needs=NEEDS, act=_add, is_fresh=True),
    Route(method="GET", path="/admin/tokens/{number}/revoke", needs=NEEDS, act=_ask_revoke),
    Route(method="POST", path="/admin/tokens/{number}/revoke", needs=NEEDS, act=_revoke),
)
