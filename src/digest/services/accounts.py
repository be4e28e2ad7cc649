"""
Accounts: who may log in to the admin pages, and the links by which a person sets how.

Nobody but a person knows their password: whoever adds or resets an account gets a link to pass on, which works once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from digest.audience.address import parse
from digest.errors import BadInput, Conflict, NotFound
from digest.model.account import FIRST_LINK_LASTS, LINK_LASTS, NAME_MAX, Account, Role
from digest.model.event import EventKind
from digest.services import events, secrets
from digest.services.context import LOCAL_URL, Place
from digest.services.views.accounts import AccountView
from digest.store import accounts, api


@dataclass(frozen=True, slots=True, kw_only=True)
class Invited:
    """An account with the link by which its person sets how they log in."""

    account: AccountView
    link: str
    until: datetime


# --- to look at ------------------------------------------------------------------------------


def any_one(ctx: Place) -> bool:
    """Return whether anybody has an account."""
    with ctx.db.read() as tx:
        return accounts.any_one(tx)


def every(ctx: Place) -> Sequence[AccountView]:
    """Return all accounts, by name."""
    with ctx.db.read() as tx:
        return [_view(tx, account, ctx.clock()) for account in accounts.every(tx)]


def show(ctx: Place, key: str) -> AccountView:
    """Return an account by its address or number. Raises NotFound."""
    with ctx.db.read() as tx:
        return _view(tx, of_key(tx, key), ctx.clock())


def address_key(address: str) -> str:
    """Return what an address is compared by. Raises BadAddress."""
    return parse(address).key


def of_key(tx: Session, key: str) -> Account:
    """Return an account by its address or number, within a transaction. Raises BadAddress, or NotFound."""
    if key.isascii() and key.isdecimal() and len(key) < 18:
        return accounts.get(tx, int(key))
    found = accounts.find(tx, parse(key).key)
    if found is None:
        raise NotFound("account", key)
    return found


def _view(tx: Session, account: Account, now: datetime) -> AccountView:
    identity = accounts.identity_of(tx, account.id)
    return AccountView(
        id=account.id,
        address=account.address,
        name=account.name,
        role=account.role,
        sends=account.sends or account.role is Role.OWNER,
        has_password=bool(account.password_hash),
        passkeys=len(accounts.passkeys(tx, account.id)),
        identity=(identity.address or identity.subject) if identity else "",
        is_invited=accounts.has_link(tx, account.id, now=now),
        made_at=account.made_at,
        logged_in_at=account.logged_in_at,
    )


# --- to change -------------------------------------------------------------------------------


def add(ctx: Place, address: str, *, name: str, role: Role, sends: bool = False) -> Invited:
    """
    Store an account, and make the link that lets its person in.

    Raises:
        BadAddress: it is no mail address.
        BadInput: the name cannot be used, or it is a viewer who should send.
        Conflict: the address has an account.
    """
    with ctx.db.begin() as tx:
        account = stored(tx, address, name=name, role=role, now=ctx.clock(), sends=sends)
        events.record(ctx, tx, EventKind.ACCOUNT_ADDED, account, role=role.value, sends=account.sends)
        return _invite(ctx, tx, account)


def stored(tx: Session, address: str, *, name: str, role: Role, now: datetime, sends: bool = False) -> Account:
    """Store an account within a transaction. Raises as `add` does."""
    parsed = parse(address)
    _check_sends(role, sends=sends)
    named = checked_name(name or parsed.text.partition("@")[0])
    made = Account(address=parsed.text, address_key=parsed.key, name=named, role=role, sends=sends, made_at=now)
    return accounts.add(tx, made)


def checked_name(name: str) -> str:
    """Return the name of a person or passkey, with its spaces collapsed. Raises BadInput where it is empty, long or holds control characters."""
    plain = " ".join(name.split())
    if not plain or len(plain) > NAME_MAX or not plain.isprintable():
        raise BadInput(f"a name has 1 to {NAME_MAX} characters that can be printed", code="bad_account_name")
    return plain


def _check_sends(role: Role, *, sends: bool) -> None:
    if sends and role is Role.VIEWER:
        raise BadInput("a viewer changes nothing, and cannot send", code="viewer_sends")


def change(ctx: Place, key: str, *, name: str | None = None, role: Role | None = None, sends: bool | None = None) -> AccountView:
    """
    Change an account. With another role, or another right to send, its person has to log in again.

    Raises:
        NotFound: there is no such account.
        BadInput: the name cannot be used, or it is a viewer who should send.
        Conflict: it is the last owner.
    """
    with ctx.db.begin() as tx:
        account = of_key(tx, key)
        before = account.permissions
        if role is not None and role is not account.role:
            _keep_an_owner(tx, account)
            account.role = role
            account.sends = account.sends and role is Role.EDITOR
        if sends is not None:
            _check_sends(account.role, sends=sends)
            account.sends = sends and account.role is Role.EDITOR
        if name is not None:
            account.name = checked_name(name)
        tx.add(account)
        tx.flush()
        if account.permissions != before:
            accounts.end_logins(tx, account.id)
        events.record(ctx, tx, EventKind.ACCOUNT_CHANGED, account, role=account.role.value, sends=account.sends)
        return _view(tx, account, ctx.clock())


def reset(ctx: Place, key: str) -> Invited:
    """
    Remove every way to log in to an account, end its log-ins and tokens, and make the link that sets new ones. Raises NotFound.

    Whoever has taken over its password, passkey or account at an OpenID provider is out at once.
    """
    with ctx.db.begin() as tx:
        account = of_key(tx, key)
        account.password_hash = account.code_secret = ""
        account.links_by_address = False
        tx.add(account)
        accounts.remove_passkeys(tx, account.id)
        accounts.remove_identity(tx, account.id)
        accounts.set_recovery_codes(tx, account.id, [])
        accounts.end_logins(tx, account.id)
        api.remove_of(tx, account.id)
        events.record(ctx, tx, EventKind.ACCOUNT_RESET, account)
        return _invite(ctx, tx, account)


def unlink(ctx: Place, key: str) -> AccountView:
    """
    Have an account log in by the OpenID provider no more, and end its log-ins. Only its own person can link it again.

    Raises:
        NotFound: there is no such account, or it is not linked (`no_identity`).
    """
    with ctx.db.begin() as tx:
        account = of_key(tx, key)
        unlinked(ctx, tx, account)
        accounts.end_logins(tx, account.id)
        return _view(tx, account, ctx.clock())


def unlinked(ctx: Place, tx: Session, account: Account) -> None:
    """Remove the link of an account to an OpenID provider, within a transaction. Raises NotFound (`no_identity`)."""
    if not accounts.remove_identity(tx, account.id):
        raise NotFound("link", f"of {account.address} to an OpenID provider", code="no_identity")
    account.links_by_address = False
    tx.add(account)
    events.record(ctx, tx, EventKind.ACCOUNT_CHANGED, account, way="provider removed")


def remove(ctx: Place, key: str) -> None:
    """
    Forget an account; what its person did stays recorded.

    Raises:
        NotFound: there is no such account.
        Conflict: it is the last owner.
    """
    with ctx.db.begin() as tx:
        account = of_key(tx, key)
        _keep_an_owner(tx, account)
        events.record(ctx, tx, EventKind.ACCOUNT_REMOVED, account, role=account.role.value)
        accounts.remove(tx, account)


def _keep_an_owner(tx: Session, account: Account) -> None:
    if account.role is Role.OWNER and accounts.count_owners(tx) == 1:
        raise Conflict(f"{account.address} is the last owner; make another account an owner first", code="last_owner")


# --- links -----------------------------------------------------------------------------------


def first_link(ctx: Place, base_url: str) -> str | None:
    """Make the link that makes the first owner, for an hour; one made before works no more. None: there is an account."""
    token = secrets.token()
    with ctx.db.begin() as tx:
        if accounts.any_one(tx):
            return None
        accounts.set_link(tx, None, secrets.token_hash(token), until=ctx.clock() + FIRST_LINK_LASTS)
    return _address_of(base_url, token)


def _invite(ctx: Place, tx: Session, account: Account) -> Invited:
    token, now = secrets.token(), ctx.clock()
    accounts.set_link(tx, account.id, secrets.token_hash(token), until=now + LINK_LASTS)
    link = _address_of(ctx.settings.base_url or LOCAL_URL, token)
    return Invited(account=_view(tx, account, now), link=link, until=now + LINK_LASTS)


def _address_of(base_url: str, token: str) -> str:
    return f"{base_url.rstrip('/')}/admin/welcome/{token}"
