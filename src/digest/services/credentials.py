"""Ways in which an account logs in, and its log-ins: what its own person looks at and changes."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session

from digest.errors import Conflict, NotFound
from digest.model.account import Account
from digest.model.event import EventKind
from digest.services import accounts as account_services
from digest.services import events, passwords, secrets, welcome
from digest.services.accounts import checked_name
from digest.services.context import Place
from digest.services.login import Admitted
from digest.services.passkeys import NewPasskey, row_of
from digest.services.views.accounts import IdentityView, LoginView, PasskeyView
from digest.services.welcome import App
from digest.store import accounts


@dataclass(frozen=True, slots=True, kw_only=True)
class Ways:
    """Ways in which an account logs in, and its log-ins."""

    has_password: bool
    recovery_codes: int  #: that are left
    passkeys: tuple[PasskeyView, ...]
    identity: IdentityView | None  #: at an OpenID provider
    logins: tuple[LoginView, ...]


def ways(ctx: Place, who: Admitted) -> Ways:
    """Return how somebody logs in, and where they are logged in."""
    with ctx.db.read() as tx:
        found = accounts.logins(tx, who.account_id, now=ctx.clock())
        identity = accounts.identity_of(tx, who.account_id)
        return Ways(
            has_password=bool(accounts.get(tx, who.account_id).password_hash),
            recovery_codes=accounts.count_recovery_codes(tx, who.account_id),
            passkeys=tuple(PasskeyView.model_validate(one) for one in accounts.passkeys(tx, who.account_id)),
            identity=IdentityView.model_validate(identity) if identity else None,
            logins=tuple(LoginView.of(one, is_this=one.id == who.login_id) for one in found),
        )


def set_password(ctx: Place, who: Admitted, *, password: str, app: App | None) -> Sequence[str]:
    """
    Set a password, and the app that makes codes where one is given; end all other log-ins.

    Returns:
        New recovery codes where the app is new.

    Raises:
        BadInput: the password cannot be used (`password_…`), or the code is not the app's (`wrong_app_code`).
        Conflict: it is the first password, and needs an app.
    """
    welcome.check_password(password, address=who.address)
    hashed, step = passwords.password_hash(password), welcome.step_of(ctx, app) if app else 0
    with ctx.db.begin() as tx:
        account = accounts.get(tx, who.account_id)
        if app is None and not account.code_secret:
            raise Conflict("a password needs an app that makes codes", code="needs_app")
        account.password_hash = hashed
        tx.add(account)
        codes = welcome.set_app(ctx, tx, account, app=app, step=step) if app else ()
        tx.flush()
        accounts.end_logins(tx, account.id, but=who.login_id)
        events.record(ctx, tx, EventKind.ACCOUNT_CHANGED, account, way="password")
    return codes


def new_recovery_codes(ctx: Place, who: Admitted) -> Sequence[str]:
    """Replace the recovery codes by new ones, which are shown once."""
    codes = secrets.recovery_codes()
    with ctx.db.begin() as tx:
        account = accounts.get(tx, who.account_id)
        accounts.set_recovery_codes(tx, account.id, map(secrets.recovery_hash, codes))
        events.record(ctx, tx, EventKind.ACCOUNT_CHANGED, account, way="recovery codes")
    return codes


def add_passkey(ctx: Place, who: Admitted, new: NewPasskey, *, name: str) -> None:
    """Add a passkey. Raises BadInput where its name cannot be used."""
    named = checked_name(name)
    with ctx.db.begin() as tx:
        account = accounts.get(tx, who.account_id)
        tx.add(row_of(new, account, ctx, name=named))
        events.record(ctx, tx, EventKind.ACCOUNT_CHANGED, account, way="passkey")


def remove_passkey(ctx: Place, who: Admitted, number: int) -> None:
    """
    Remove a passkey.

    Raises:
        NotFound: the account has none of this number.
        Conflict: it is the only way in.
    """
    with ctx.db.begin() as tx:
        account = accounts.get(tx, who.account_id)
        if not accounts.remove_passkeys(tx, account.id, number=number):
            raise NotFound("passkey", number)
        _keep_a_way(ctx, tx, account)
        events.record(ctx, tx, EventKind.ACCOUNT_CHANGED, account, way="passkey removed")


def remove_identity(ctx: Place, who: Admitted) -> None:
    """
    Log in by the OpenID provider no more; end all other log-ins.

    Raises:
        NotFound: the account is not linked (`no_identity`).
        Conflict: it is the only way in.
    """
    with ctx.db.begin() as tx:
        account = accounts.get(tx, who.account_id)
        account_services.unlinked(ctx, tx, account)
        _keep_a_way(ctx, tx, account)
        accounts.end_logins(tx, account.id, but=who.login_id)


def _keep_a_way(ctx: Place, tx: Session, account: Account) -> None:
    """Refuse what leaves an account no way to log in. Raises Conflict."""
    identity = accounts.identity_of(tx, account.id)
    by_provider = identity is not None and identity.issuer == ctx.settings.oidc_issuer
    if not (account.password_hash or by_provider or accounts.passkeys(tx, account.id)):
        raise Conflict("it is the only way to log in to this account", code="last_way")


def end_logins(ctx: Place, who: Admitted, *, number: int | None = None) -> int:
    """End one log-in of the account, or all but the one that asks; return how many there were."""
    with ctx.db.begin() as tx:
        but = who.login_id if number is None else None
        ended = accounts.end_logins(tx, who.account_id, number=number, but=but)
        events.record(ctx, tx, EventKind.LOGGED_OUT, accounts.get(tx, who.account_id), logins=ended)
    return ended
