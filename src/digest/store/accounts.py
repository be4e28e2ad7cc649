"""Accounts of the admin pages, their passkeys and recovery codes, where they are logged in, and links that work once."""

from collections.abc import Iterable, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, delete, select, update

from digest.errors import Conflict, NotFound
from digest.model.account import Account, Identity, Login, Passkey, RecoveryCode, Role, WelcomeLink
from digest.store.claims import touched

# --- accounts --------------------------------------------------------------------------------


def any_one(tx: Session) -> bool:
    """Return whether there is an account."""
    return tx.exec(select(Account.id).limit(1)).first() is not None


def every(tx: Session) -> Sequence[Account]:
    """Return all accounts, by name."""
    return tx.exec(select(Account).order_by(col(Account.name), col(Account.id))).all()


def get(tx: Session, account_id: int) -> Account:
    """Return an account by number. Raises NotFound."""
    found = tx.get(Account, account_id)
    if found is None:
        raise NotFound("account", account_id)
    return found


def find(tx: Session, address_key: str) -> Account | None:
    """Return the account of an address; None where there is none."""
    return tx.exec(select(Account).where(Account.address_key == address_key)).first()


def add(tx: Session, account: Account) -> Account:
    """Store an account. Raises Conflict where the address has one."""
    if find(tx, account.address_key) is not None:
        raise Conflict(f"{account.address} has an account already", code="account_exists", address=account.address)
    tx.add(account)
    tx.flush()
    return account


def count_owners(tx: Session) -> int:
    """Count the accounts whose role is owner, and lock them, so that two transactions do not each leave the other's alone."""
    return len(tx.exec(select(Account.id).where(Account.role == Role.OWNER).with_for_update()).all())


def remove(tx: Session, account: Account) -> None:
    """Delete an account with all that belongs to it."""
    tx.delete(account)
    tx.flush()


def take_code_step(tx: Session, account: Account, step: int) -> bool:
    """Record that the code of a time step was used; False: it, or a later one, was used before."""
    changed = update(Account).where(col(Account.id) == account.id, col(Account.code_step) < step).values(code_step=step)
    return touched(tx.execute(changed)) == 1


# --- passkeys and recovery codes -------------------------------------------------------------


def passkeys(tx: Session, account_id: int) -> Sequence[Passkey]:
    """Return the passkeys of an account, oldest first."""
    return tx.exec(select(Passkey).where(Passkey.account_id == account_id).order_by(col(Passkey.id))).all()


def passkey(tx: Session, credential: str) -> Passkey | None:
    """Return a passkey by its credential's id; None where there is none."""
    return tx.exec(select(Passkey).where(Passkey.credential == credential)).first()


def remove_passkeys(tx: Session, account_id: int, *, number: int | None = None) -> int:
    """Delete one passkey of an account, or all; return how many there were."""
    query = delete(Passkey).where(col(Passkey.account_id) == account_id)
    return touched(tx.execute(query if number is None else query.where(col(Passkey.id) == number)))


def set_recovery_codes(tx: Session, account_id: int, hashes: Iterable[str]) -> None:
    """Replace the recovery codes of an account."""
    tx.execute(delete(RecoveryCode).where(col(RecoveryCode.account_id) == account_id))
    tx.add_all(RecoveryCode(account_id=account_id, code_hash=one) for one in hashes)
    tx.flush()


def count_recovery_codes(tx: Session, account_id: int) -> int:
    """Count the recovery codes that are left."""
    query = select(sa.func.count()).select_from(RecoveryCode)
    return int(tx.exec(query.where(RecoveryCode.account_id == account_id)).one())


def take_recovery_code(tx: Session, account_id: int, code_hash: str) -> bool:
    """Delete a recovery code that is used; False: there is no such one."""
    query = delete(RecoveryCode).where(col(RecoveryCode.account_id) == account_id, col(RecoveryCode.code_hash) == code_hash)
    return touched(tx.execute(query)) == 1


# --- identities at OpenID providers ----------------------------------------------------------


def identity(tx: Session, issuer: str, subject: str) -> Identity | None:
    """Return the identity of a provider's subject; None: no account is linked to it."""
    return tx.exec(select(Identity).where(Identity.issuer == issuer, Identity.subject == subject)).first()


def identity_of(tx: Session, account_id: int) -> Identity | None:
    """Return the identity that an account logs in as; None where it has none."""
    return tx.exec(select(Identity).where(Identity.account_id == account_id)).first()


def set_identity(tx: Session, identity: Identity) -> None:
    """Link an account to an identity, in place of the one that it had."""
    remove_identity(tx, identity.account_id)
    tx.add(identity)
    tx.flush()


def remove_identity(tx: Session, account_id: int) -> bool:
    """Delete the identity of an account; False: it has none."""
    return touched(tx.execute(delete(Identity).where(col(Identity.account_id) == account_id))) == 1


# --- log-ins ---------------------------------------------------------------------------------


def add_login(tx: Session, login: Login) -> Login:
    """Store a log-in."""
    tx.add(login)
    tx.flush()
    return login


def login(tx: Session, token_hash: str) -> tuple[Login, Account] | None:
    """Return the log-in of a token and its account; None where there is none."""
    query = select(Login, Account).join(Account, col(Account.id) == Login.account_id)
    return tx.exec(query.where(Login.token_hash == token_hash)).first()


def logins(tx: Session, account_id: int, *, now: datetime) -> Sequence[Login]:
    """Return where an account is logged in, the last used first."""
    query = select(Login).where(Login.account_id == account_id, col(Login.is_open).is_(True), col(Login.expires_at) > now)
    return tx.exec(query.order_by(col(Login.seen_at).desc(), col(Login.id).desc())).all()


def saw(tx: Session, number: int, *, at: datetime) -> None:
    """Record when a log-in was last used."""
    tx.execute(update(Login).where(col(Login.id) == number).values(seen_at=at))


def end_logins(tx: Session, account_id: int, *, number: int | None = None, but: int | None = None) -> int:
    """Delete log-ins of an account: one by its number, all `but` one, or all; return how many there were."""
    query = delete(Login).where(col(Login.account_id) == account_id)
    if number is not None:
        query = query.where(col(Login.id) == number)
    if but is not None:
        query = query.where(col(Login.id) != but)
    return touched(tx.execute(query))


def forget_expired(tx: Session, *, now: datetime) -> None:
    """Delete log-ins and links that have expired."""
    tx.execute(delete(Login).where(col(Login.expires_at) <= now))
    tx.execute(delete(WelcomeLink).where(col(WelcomeLink.expires_at) <= now))


# --- links -----------------------------------------------------------------------------------


def set_link(tx: Session, account_id: int | None, token_hash: str, *, until: datetime) -> None:
    """Store a link of an account, or the one that makes the first; an earlier one works no more."""
    tx.execute(delete(WelcomeLink).where(_of(account_id)))
    tx.add(WelcomeLink(account_id=account_id, token_hash=token_hash, expires_at=until))
    tx.flush()


def link(tx: Session, token_hash: str) -> WelcomeLink | None:
    """Return a link by its token; None where there is none."""
    return tx.exec(select(WelcomeLink).where(WelcomeLink.token_hash == token_hash)).first()


def has_link(tx: Session, account_id: int, *, now: datetime) -> bool:
    """Return whether a link of an account still works."""
    query = select(WelcomeLink.id).where(WelcomeLink.account_id == account_id, col(WelcomeLink.expires_at) > now)
    return tx.exec(query).first() is not None


def use_link(tx: Session, found: WelcomeLink) -> bool:
    """Delete a link that is used; False: somebody else used it first."""
    return touched(tx.execute(delete(WelcomeLink).where(col(WelcomeLink.id) == found.id))) == 1


def _of(account_id: int | None) -> sa.ColumnElement[bool]:
    return col(WelcomeLink.account_id).is_(None) if account_id is None else col(WelcomeLink.account_id) == account_id
