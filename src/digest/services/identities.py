"""
Log-in by an OpenID provider: whose account a person there is, and the state of a request that is on its way.

Nothing is stored while a person is at the provider. The state names its time and purpose and is signed for the browser
that began; nonce and PKCE verifier follow from it and from a secret key. Once the browser is logged in it has another
token, and the state is worth nothing.
"""

import base64
import hashlib
import hmac
import secrets as chance
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeVar

from sqlmodel import Session

from digest import log
from digest.audience.address import parse
from digest.audience.signup import kept
from digest.errors import BadAddress, Conflict, Forbidden, NotFound, ProviderDown
from digest.model.account import FRESH, Account, Identity
from digest.model.event import EventKind
from digest.oidc.id_token import Identified
from digest.oidc.provider import Authorization, Provider
from digest.services import events
from digest.services.context import Context
from digest.services.login import Admitted, Entered, Visitor, acting, count_try, opened
from digest.store import accounts

R = TypeVar("R")
STATE_LASTS_S = 600
HEAD, MAC = 25, 32  #: octets of a state: time (8), chance (16) and purpose (1); its signature


class Purpose(StrEnum):
    """Purpose for which a person is led to the provider."""

    LOG_IN = "i"
    LINK = "l"  #: to log in as whom they are there from now on


@dataclass(frozen=True, slots=True, kw_only=True)
class Traveller:
    """A browser that is led to the provider and comes back."""

    token: str = field(repr=False)  #: of its cookie
    redirect_uri: str  #: where the provider leads it back to


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """The provider, as a page offers it."""

    name: str
    is_down: bool  #: it did not answer a moment ago


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """A request that began in this browser: what for, and the page that was asked for."""

    purpose: Purpose
    back: str
    authorization: Authorization


def offered(ctx: Context) -> Offered | None:
    """Return the provider as pages offer it; None where none is set."""
    return Offered(name=ctx.settings.oidc_label, is_down=ctx.provider.is_down) if ctx.provider else None


# --- to the provider -------------------------------------------------------------------------


def leads_to(ctx: Context, browser: Traveller, purpose: Purpose, *, back: str, is_inside: bool = False) -> str:
    """
    Return the address at the provider that a browser is led to; `back`: the page that it is led to in the end.

    Whoever `is_inside` already logs in again because that must be recent, so the provider is asked to look at them anew.

    Raises:
        NotFound: no provider is set.
        ProviderDown: it cannot be asked.
    """
    key = ctx.settings.secret_keys[0]
    head = int(ctx.clock().timestamp()).to_bytes(8, "big") + chance.token_bytes(16) + purpose.encode()
    body = head + back.encode()
    state = _text(body + _mac(key, "state", body, browser))
    wanted = _authorization(key, state, browser, max_age_s=int(FRESH.total_seconds()) if is_inside else None)
    return _logged(lambda: _provider(ctx).authorization_url(wanted))


def begun(ctx: Context, browser: Traveller, state: str) -> Begun:
    """Return what a request was for, by the state that comes back. Raises Forbidden: `oidc_state`: not this browser's, or too old."""
    try:
        raw = base64.urlsafe_b64decode(state.encode("ascii") + b"=" * (-len(state) % 4))
    except ValueError:
        raw = b""
    body, mac = raw[:-MAC], raw[-MAC:]
    age_s = ctx.clock().timestamp() - int.from_bytes(body[:8], "big")
    for key in ctx.settings.secret_keys:
        if len(body) >= HEAD and hmac.compare_digest(mac, _mac(key, "state", body, browser)) and 0 <= age_s <= STATE_LASTS_S:
            return Begun(
                purpose=Purpose(body[HEAD - 1 : HEAD].decode()),
                back=body[HEAD:].decode(),
                authorization=_authorization(key, state, browser),
            )
    raise Forbidden("the log-in did not begin in this browser, or took too long", code="oidc_state")


def _authorization(key: str, state: str, browser: Traveller, *, max_age_s: int | None = None) -> Authorization:
    return Authorization(
        redirect_uri=browser.redirect_uri,
        state=state,
        nonce=_text(_mac(key, "nonce", state.encode(), browser)),
        verifier=_text(_mac(key, "verifier", state.encode(), browser)),
        max_age_s=max_age_s,
    )


def _mac(key: str, use: str, body: bytes, browser: Traveller) -> bytes:
    said = f"oidc {use}\0{browser.token}\0{browser.redirect_uri}\0".encode() + body
    return hmac.new(key.encode(), said, hashlib.sha256).digest()


def _text(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


# --- back from it ----------------------------------------------------------------------------


def log_in(ctx: Context, begun: Begun, response: Mapping[str, str], visitor: Visitor) -> Entered:
    """
    Log in as whom the response of the provider identifies.

    An identity that no account is linked to is linked to the account of the address that the provider has verified.

    Raises:
        Forbidden: `wrong_identity`, `oidc_refused`, or `no_linked_account`: nobody here is linked to this person.
        ProviderDown: the provider cannot be asked.
        TooMany: the network had too many tries.
    """
    count_try(ctx, "", visitor)
    identified = _identified(ctx, begun, response)
    with ctx.db.read() as tx:
        is_known = accounts.identity(tx, identified.issuer, identified.subject) is not None
    found = identified if is_known else _logged(lambda: _provider(ctx).with_address(identified))
    with ctx.db.begin() as tx:
        account = _account_of(ctx, tx, found, visitor)
        return opened(ctx, tx, account, visitor, proved_at=found.authenticated_at)


def link(ctx: Context, who: Admitted, begun: Begun, response: Mapping[str, str]) -> None:
    """
    Link the account of somebody who is logged in to whom the response identifies, in place of the identity that it had.

    Raises:
        Forbidden: `wrong_identity`, `oidc_refused`, or `oidc_state`: the response is for something else.
        Conflict: another account is linked to this person (`identity_taken`).
        ProviderDown: the provider cannot be asked.
    """
    if begun.purpose is not Purpose.LINK:
        raise Forbidden("the response is of a log-in, and not of a link", code="oidc_state")
    identified = _identified(ctx, begun, response)
    found = _logged(lambda: _provider(ctx).with_address(identified))
    with ctx.db.begin() as tx:
        known = accounts.identity(tx, found.issuer, found.subject)
        if known is not None and known.account_id != who.account_id:
            raise Conflict("this person at the provider is linked to another account", code="identity_taken")
        _link(ctx, tx, accounts.get(tx, who.account_id), found)


def _identified(ctx: Context, begun: Begun, response: Mapping[str, str]) -> Identified:
    """Return whom the provider's response identifies. Raises Forbidden, ProviderDown."""
    if "error" in response or not response.get("code"):
        raise Forbidden("the provider did not log this person in", code="oidc_refused")
    return _logged(lambda: _provider(ctx).exchange(response["code"], begun.authorization, issuer=response.get("iss", "")))


def _account_of(ctx: Context, tx: Session, found: Identified, visitor: Visitor) -> Account:
    """Return the account of an identity, which is linked to it if it may be. Raises Forbidden (`no_linked_account`)."""
    known = accounts.identity(tx, found.issuer, found.subject)
    if known is not None:
        known.used_at = ctx.clock()
        tx.add(known)
        return accounts.get(tx, known.account_id)
    account = _by_address(tx, found)
    if account is None:  # said to nobody but who has logged in at the provider
        log.get().warning("login.refused", code="no_linked_account", network=kept(visitor.ip, ctx.settings.ip_policy))
        raise Forbidden("no account is linked to this person", code="no_linked_account")
    _link(acting(ctx, account, visitor.ip), tx, account, found)
    return account


def _by_address(tx: Session, found: Identified) -> Account | None:
    """Return the account that an identity may be linked to by its address: one that this provider is not linked to, and never was."""
    if not found.is_verified:
        return None
    try:
        account = accounts.find(tx, parse(found.address).key)
    except BadAddress:
        return None
    if account is None or not account.links_by_address:
        return None
    linked = accounts.identity_of(tx, account.id)
    return account if linked is None or linked.issuer != found.issuer else None


def _link(ctx: Context, tx: Session, account: Account, found: Identified) -> None:
    accounts.set_identity(
        tx,
        Identity(
            account_id=account.id,
            issuer=found.issuer,
            subject=found.subject,
            address=found.address[:320],
            made_at=ctx.clock(),
            used_at=ctx.clock(),
        ),
    )
    events.record(ctx, tx, EventKind.ACCOUNT_CHANGED, account, way="provider")


def _logged(act: Callable[[], R]) -> R:
    """Do something with the provider; log why it failed, which the operator must know and the visitor need not."""
    try:
        return act()
    except (ProviderDown, Forbidden) as problem:
        log.get().warning("provider.failed", code=problem.code, reason=str(problem))
        raise


def _provider(ctx: Context) -> Provider:
    if ctx.provider is None:
        raise NotFound("provider", "for logging in", code="no_page")
    return ctx.provider
