"""The links that let a person in: they make the first owner, or set how the person of an account logs in. Each works once."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from digest.audience.address import parse
from digest.errors import BadInput, Gone, NotFound
from digest.model.account import Account, Role, WelcomeLink, password_problem
from digest.model.event import EventKind
from digest.services import accounts as account_services
from digest.services import events, passwords, secrets
from digest.services.context import Context, Place
from digest.services.login import Entered, Visitor, acting, opened
from digest.services.passkeys import NewPasskey, row_of
from digest.store import accounts


@dataclass(frozen=True, slots=True, kw_only=True)
class Welcome:
    """Person whom a link lets in; the first owner is not known yet."""

    is_first: bool
    name: str
    address: str
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """A secret that an app makes codes from, and a code that shows that it does."""

    secret: str
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Applicant:
    """Name and address that the first owner gives; for an account that is there they count for nothing."""

    name: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """A log-in, and the codes for the day on which the app is lost; they are shown once."""

    entered: Entered
    recovery_codes: tuple[str, ...]


def look(ctx: Place, token: str) -> Welcome:
    """Return who a link lets in. Raises NotFound where it is not ours, used or expired."""
    with ctx.db.read() as tx:
        found, account = _link(ctx, tx, token)
    return Welcome(
        is_first=account is None,
        name=account.name if account else "",
        address=account.address if account else "",
        until=found.expires_at,
    )


def by_password(ctx: Context, token: str, given: Applicant, *, password: str, app: App, visitor: Visitor) -> Accepted:
    """
    Use a link to log in with a password and the codes of an app from now on, and log in.

    Raises:
        NotFound: the link is not ours, used or expired.
        BadInput: the password cannot be used (`password_…`), or the code is not the app's (`wrong_app_code`).
        BadAddress: what the first owner gave is no mail address.
    """
    with ctx.db.read() as tx:
        _, known = _link(ctx, tx, token)
    address = known.address if known else parse(given.address).text
    hashed, step = checked(ctx, password, app, address=address)
    with ctx.db.begin() as tx:
        account = _use(ctx, tx, token, given)
        codes = set_password(ctx, tx, account, hashed=hashed, app=app, step=step)
        return _accept(ctx, tx, account, visitor, codes)


def by_passkey(ctx: Context, token: str, given: Applicant, *, passkey: NewPasskey, visitor: Visitor) -> Accepted:
    """
    Use a link to log in with a passkey from now on, and log in.

    Raises:
        NotFound: the link is not ours, used or expired.
        BadAddress: what the first owner gave is no mail address.
    """
    with ctx.db.begin() as tx:
        account = _use(ctx, tx, token, given)
        tx.add(row_of(passkey, account, ctx, name=visitor.browser or "passkey"))
        tx.flush()
        return _accept(ctx, tx, account, visitor, ())


def checked(ctx: Place, password: str, app: App, *, address: str) -> tuple[str, int]:
    """Return the hash of a new password, and the time step of the app's code. Raises BadInput."""
    check_password(password, address=address)
    return passwords.password_hash(password), step_of(ctx, app)


def check_password(password: str, *, address: str) -> None:
    """Check that a new password will do. Raises BadInput."""
    if problem := password_problem(password, address=address):
        raise BadInput("the password cannot be used", code=problem)


def step_of(ctx: Place, app: App) -> int:
    """Return the time step of an app's code. Raises BadInput where it is not the code of its secret."""
    step = passwords.step_of_code(app.secret, app.code, ctx.clock()) if passwords.is_code_secret(app.secret) else None
    if step is None:
        raise BadInput("the code is not the one that the app shows", code="wrong_app_code")
    return step


def set_password(ctx: Place, tx: Session, account: Account, *, hashed: str, app: App, step: int) -> tuple[str, ...]:
    """Store password and app of an account; return its new recovery codes."""
    account.password_hash = hashed
    return set_app(ctx, tx, account, app=app, step=step)


def set_app(ctx: Place, tx: Session, account: Account, *, app: App, step: int) -> tuple[str, ...]:
    """Store the app of an account; return its new recovery codes."""
    account.code_secret, account.code_step = passwords.sealed(app.secret, ctx.settings.secret_keys), step
    tx.add(account)
    codes = secrets.recovery_codes()
    accounts.set_recovery_codes(tx, account.id, map(secrets.recovery_hash, codes))
    return tuple(codes)


def _link(ctx: Place, tx: Session, token: str) -> tuple[WelcomeLink, Account | None]:
    found = accounts.link(tx, secrets.token_hash(token))
    if found is None or found.expires_at <= ctx.clock() or (found.account_id is None and accounts.any_one(tx)):
        raise NotFound("link", "like this", code="no_welcome_link")
    return found, accounts.get(tx, found.account_id) if found.account_id else None


def _use(ctx: Context, tx: Session, token: str, given: Applicant) -> Account:
    """Use up a link; return its account, which is made if it is the first."""
    found, account = _link(ctx, tx, token)
    if not accounts.use_link(tx, found):
        raise Gone("link", "like this", code="no_welcome_link")
    if account is not None:
        return account
    made = account_services.stored(tx, given.address, name=given.name, role=Role.OWNER, now=ctx.clock())
    events.record(acting(ctx, made, ""), tx, EventKind.ACCOUNT_ADDED, made, role=made.role.value, sends=False)
    return made


def _accept(ctx: Context, tx: Session, account: Account, visitor: Visitor, codes: tuple[str, ...]) -> Accepted:
    way = "password" if codes else "passkey"
    events.record(acting(ctx, account, visitor.ip), tx, EventKind.ACCOUNT_CHANGED, account, way=way)
    return Accepted(entered=opened(ctx, tx, account, visitor), recovery_codes=codes)
