"""
Logging in to the admin pages, and what a request of a logged-in browser may do.

`admit` is the one way from a request to a use case: it looks the log-in up, compares what the page needs with what
the account may do, and returns the context in which the use case records who did it.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import limits
from limits.strategies import FixedWindowRateLimiter
from sqlmodel import Session

from digest import log
from digest.audience.address import parse
from digest.audience.signup import kept, network
from digest.errors import BadAddress, Forbidden, TooMany
from digest.model.account import CODE_STEP_LASTS, LOGIN_LASTS, Account, Login, Permission, Role, is_fresh, is_live
from digest.model.event import Actor, EventKind, Person
from digest.model.tokens import address_hmac
from digest.services import events, passwords, secrets
from digest.services.context import Context
from digest.store import accounts
from digest.store.rates import Counters

TRIES = 10  #: wrong passwords or codes that an account may have in a window
WINDOW_MINUTES = 15
OF_ACCOUNT = limits.parse(f"{TRIES}/{WINDOW_MINUTES} minutes")
OF_NETWORK = limits.parse(f"100/{WINDOW_MINUTES} minutes")
SEEN_EVERY = timedelta(minutes=5)  #: how exactly the last use of a log-in is kept: a page should not cost a write


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """The browser that asks: its address, and a short name of it."""

    ip: str
    browser: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entered:
    """The token of a log-in, for the cookie; not yet `is_open`: the code of the app is asked for next."""

    token: str
    is_open: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Admitted:
    """A request that may go on: the context for its use case, and who asks."""

    ctx: Context
    account_id: int
    login_id: int
    name: str
    address: str
    role: Role
    permissions: frozenset[Permission]
    since: datetime  #: of the log-in
    is_fresh: bool  #: recent enough to change how the account logs in


# --- to get in -------------------------------------------------------------------------------


def by_password(ctx: Context, address: str, password: str, visitor: Visitor) -> Entered:
    """
    Check address and password. An address without an account gets the same answer after the same work.

    Raises:
        Forbidden: `wrong_login`.
        TooMany: the account or the network had too many tries.
    """
    key = _key_of(ctx, address)
    count_try(ctx, key, visitor)
    with ctx.db.read() as tx:
        found = _find(tx, address)
    if not passwords.is_password(password, found.password_hash if found else "") or found is None:
        raise _refused(ctx, found, key, visitor)
    with ctx.db.begin() as tx:
        account = accounts.get(tx, found.id)
        return _enter(ctx, tx, account, visitor, is_open=False)


def by_code(ctx: Context, token: str, code: str, visitor: Visitor) -> Entered:
    """
    Check the code of the app, or a recovery code, after the password; each works once.

    Raises:
        Forbidden: `wrong_code`, or `not_logged_in` where the password was given too long ago.
        TooMany: the account or the network had too many tries.
    """
    half = may_give_code(ctx, token)
    key = _key_of(ctx, half.address)
    count_try(ctx, key, visitor)
    with ctx.db.begin() as tx:
        account = _half_open(ctx, tx, token)
        if _takes(ctx, tx, account, code):
            _end(tx, token)
            return opened(ctx, tx, account, visitor)
    raise _refused(ctx, half, key, visitor, code="wrong_code")


def may_give_code(ctx: Context, token: str) -> Account:
    """Return the account whose password was given with this token, while its code may be given. Raises Forbidden."""
    with ctx.db.read() as tx:
        return _half_open(ctx, tx, token)


def _half_open(ctx: Context, tx: Session, token: str) -> Account:
    found = accounts.login(tx, secrets.token_hash(token))
    if found is None or found[0].is_open or not is_live(found[0], ctx.clock()):
        raise Forbidden("the password was given too long ago", code="not_logged_in")
    return found[1]


def opened(ctx: Context, tx: Session, account: Account, visitor: Visitor, *, proved_at: datetime | None = None) -> Entered:
    """Log an account in, within a transaction, once it has shown who it is; `proved_at`: that was not just now."""
    account.logged_in_at = ctx.clock()
    tx.add(account)
    FixedWindowRateLimiter(Counters(tx, ctx.clock())).clear(OF_ACCOUNT, "login", _key_of(ctx, account.address))
    entered = _enter(ctx, tx, account, visitor, is_open=True, proved_at=proved_at)
    events.record(acting(ctx, account, visitor.ip), tx, EventKind.LOGGED_IN, account)
    return entered


def acting(ctx: Context, account: Account, ip: str) -> Context:
    """Return the context in which an account does something from this address."""
    person = Person(name=account.name, account_id=account.id, ip=kept(ip, ctx.settings.ip_policy))
    return replace(ctx, actor=Actor.ACCOUNT, person=person)


def _enter(
    ctx: Context, tx: Session, account: Account, visitor: Visitor, *, is_open: bool, proved_at: datetime | None = None
) -> Entered:
    token, now = secrets.token(), ctx.clock()
    accounts.forget_expired(tx, now=now)
    accounts.add_login(
        tx,
        Login(
            account_id=account.id,
            token_hash=secrets.token_hash(token),
            is_open=is_open,
            made_at=now,
            proved_at=min(proved_at, now) if proved_at else None,
            seen_at=now,
            expires_at=now + (LOGIN_LASTS if is_open else CODE_STEP_LASTS),
            ip=kept(visitor.ip, ctx.settings.ip_policy),
            browser=visitor.browser,
        ),
    )
    return Entered(token=token, is_open=is_open)


def _takes(ctx: Context, tx: Session, account: Account, code: str) -> bool:
    secret = passwords.opened(account.code_secret, ctx.settings.secret_keys) if account.code_secret else ""
    step = passwords.step_of_code(secret, code, ctx.clock()) if secret else None
    if step is not None:
        return accounts.take_code_step(tx, account, step)
    return accounts.take_recovery_code(tx, account.id, secrets.recovery_hash(code))


# --- limits ----------------------------------------------------------------------------------


def count_try(ctx: Context, account_key: str, visitor: Visitor) -> None:
    """Count a try of an account and of a network, before it is looked at. Raises TooMany. No key: the account is not known yet."""
    counted = [(OF_ACCOUNT, "login", account_key), (OF_NETWORK, "network", network(visitor.ip))]
    with ctx.db.begin() as tx:
        limiter = FixedWindowRateLimiter(Counters(tx, ctx.clock()))
        for item, name, key in counted:
            if key and not limiter.hit(item, name, key):
                ends = datetime.fromtimestamp(limiter.get_window_stats(item, name, key).reset_time, UTC)
                raise TooMany(str(item), wait=max(ends - ctx.clock(), timedelta(seconds=1)))


def _refused(ctx: Context, account: Account | None, key: str, visitor: Visitor, *, code: str = "wrong_login") -> Forbidden:
    """Return the error of a wrong try; the one that locks an account is recorded."""
    seen = kept(visitor.ip, ctx.settings.ip_policy)
    with ctx.db.begin() as tx:
        left = FixedWindowRateLimiter(Counters(tx, ctx.clock())).get_window_stats(OF_ACCOUNT, "login", key).remaining
        if account is not None and not left:
            events.record(
                ctx, tx, EventKind.LOGIN_LOCKED, account, actor=Actor.ACCOUNT, tries=TRIES, minutes=WINDOW_MINUTES, network=seen
            )
    log.get().warning("login.refused", code=code, network=seen)
    return Forbidden("address, password or code is wrong", code=code)


def _key_of(ctx: Context, address: str) -> str:
    """Return what the tries of an account are counted by; the same for every spelling of its address."""
    try:
        key = parse(address).key
    except BadAddress:
        key = address.strip().casefold()[:320]
    return address_hmac(key, ctx.settings.pepper)


def _find(tx: Session, address: str) -> Account | None:
    try:
        return accounts.find(tx, parse(address).key)
    except BadAddress:
        return None


# --- inside ----------------------------------------------------------------------------------


def admit(ctx: Context, token: str, *, needs: Permission, ip: str) -> Admitted:
    """
    Look up the log-in of a request, and let it do what needs this permission.

    Raises:
        Forbidden: `not_logged_in`, or `not_permitted`: the role of the account does not allow it.
    """
    now = ctx.clock()
    with ctx.db.read() as tx:
        found = accounts.login(tx, secrets.token_hash(token)) if token else None
    if found is None or not found[0].is_open or not is_live(found[0], now):
        raise Forbidden("nobody is logged in with this browser", code="not_logged_in")
    login, account = found
    if needs not in account.permissions:
        raise Forbidden(f"the role {account.role} does not allow to {needs}", code="not_permitted", role=account.role.value)
    if now - login.seen_at >= SEEN_EVERY:
        with ctx.db.begin() as tx:
            accounts.saw(tx, login.id, at=now)
    return Admitted(
        ctx=acting(ctx, account, ip),
        account_id=account.id,
        login_id=login.id,
        name=account.name,
        address=account.address,
        role=account.role,
        permissions=account.permissions,
        since=login.made_at,
        is_fresh=is_fresh(login, now),
    )


def log_out(ctx: Context, token: str) -> None:
    """End the log-in of this browser. Idempotent."""
    with ctx.db.begin() as tx:
        _end(tx, token)


def _end(tx: Session, token: str) -> None:
    found = accounts.login(tx, secrets.token_hash(token))
    if found is not None:
        accounts.end_logins(tx, found[1].id, number=found[0].id)
