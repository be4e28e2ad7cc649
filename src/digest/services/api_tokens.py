"""
Tokens: how programs act for an account, within some scopes and for some time.

A token never allows more than its account may do at that moment: another role takes effect with the next request.
`admit` is the one way from a request of a program to a use case.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from digest.errors import BadInput, Forbidden
from digest.model.account import Account
from digest.model.api import DAYS, MOST_DAYS, PERMISSION_OF, PREFIX, ApiToken, Scope
from digest.model.event import Actor, EventKind
from digest.services import accounts, events, login, secrets
from digest.services.context import Context, Place
from digest.services.login import SEEN_EVERY
from digest.services.views.api import ApiTokenView
from digest.store import api


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """A new token with its secret, which is shown once."""

    token: ApiTokenView
    secret: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Admitted:
    """A request of a program that may go on: the context for its use case, and the token."""

    ctx: Context
    token_id: int


def add(ctx: Place, account: str, *, name: str, scopes: Collection[Scope], days: int = DAYS) -> Added:
    """
    Make a token of an account, by its address or number.

    Raises:
        NotFound: there is no such account.
        BadInput: no scope or no name is given, the time is too long, or the account may not do what a scope allows.
    """
    if not 1 <= days <= MOST_DAYS:
        raise BadInput(f"a token is good for 1 to {MOST_DAYS} days", code="bad_token_days")
    if not scopes:
        raise BadInput("a token needs a scope", code="no_scope")
    secret, now = PREFIX + secrets.token(), ctx.clock()
    with ctx.db.begin() as tx:
        owner = accounts.of_key(tx, account)
        refused = [scope for scope in Scope if scope in scopes and PERMISSION_OF[scope] not in owner.permissions]
        if refused:
            raise BadInput(f"the account of {owner.address} may not do what {' and '.join(refused)} would allow", code="scope")
        made = ApiToken(
            account_id=owner.id,
            name=accounts.checked_name(name),
            token_hash=secrets.token_hash(secret),
            scopes=[scope.value for scope in Scope if scope in scopes],
            made_at=now,
            expires_at=now + timedelta(days=days),
        )
        api.add(tx, made)
        events.record(ctx, tx, EventKind.API_TOKEN_ADDED, made, account=owner.id, name=made.name, scopes=made.scopes, days=days)
    return Added(token=_view(made, owner), secret=secret)


def every(ctx: Place) -> Sequence[ApiTokenView]:
    """Return all tokens, oldest first; those that have expired too."""
    with ctx.db.read() as tx:
        return [_view(*row) for row in api.every(tx)]


def revoke(ctx: Place, number: int) -> str:
    """Forget a token, which works no more from now on; return its name. Raises NotFound."""
    with ctx.db.begin() as tx:
        found = api.get(tx, number)
        events.record(ctx, tx, EventKind.API_TOKEN_REVOKED, found, account=found.account_id, name=found.name)
        api.remove(tx, found)
    return found.name


def admit(ctx: Context, secret: str, *, needs: Scope, ip: str) -> Admitted:
    """
    Look up the token of a request, and let it do what needs this scope.

    Raises:
        Forbidden: `not_authenticated`: there is no such token, or it has expired; `scope`: it lacks the scope;
            `not_permitted`: the role of its account does not allow it any more.
    """
    now = ctx.clock()
    with ctx.db.read() as tx:
        found = api.find(tx, secrets.token_hash(secret)) if secret.startswith(PREFIX) else None
    if found is None or found[0].expires_at <= now:
        raise Forbidden("the request has no token that is good", code="not_authenticated")
    token, account = found
    if needs not in token.scopes:
        raise Forbidden(f"the token lacks the scope {needs}", code="scope", scope=needs.value)
    if PERMISSION_OF[needs] not in account.permissions:
        raise Forbidden(
            f"the role {account.role} does not allow to {PERMISSION_OF[needs]}", code="not_permitted", role=account.role.value
        )
    if token.used_at is None or now - token.used_at >= SEEN_EVERY:
        with ctx.db.begin() as tx:
            api.used(tx, token.id, at=now)
    return Admitted(ctx=_acting(ctx, token, account, ip), token_id=token.id)


def _acting(ctx: Context, token: ApiToken, account: Account, ip: str) -> Context:
    """Return the context in which a program does something for an account."""
    acting = login.acting(ctx, account, ip)
    return replace(acting, actor=Actor.API, person=replace(acting.person, name=f"{account.name} ({token.name})"))


def _view(token: ApiToken, account: Account) -> ApiTokenView:
    return ApiTokenView.of(token, account=account.address)
