"""Tokens of programs, and the answers to their requests that may come twice."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, delete, select, update

from digest.errors import NotFound
from digest.model.account import Account
from digest.model.api import Answered, ApiToken
from digest.store.claims import touched

# --- tokens ----------------------------------------------------------------------------------


def add(tx: Session, token: ApiToken) -> ApiToken:
    """Store a token."""
    tx.add(token)
    tx.flush()
    return token


def every(tx: Session) -> Sequence[tuple[ApiToken, Account]]:
    """Return all tokens with their accounts, oldest first."""
    query = select(ApiToken, Account).join(Account, col(Account.id) == ApiToken.account_id)
    return tx.exec(query.order_by(col(ApiToken.id))).all()


def get(tx: Session, number: int) -> ApiToken:
    """Return a token by number. Raises NotFound."""
    found = tx.get(ApiToken, number)
    if found is None:
        raise NotFound("token", number)
    return found


def find(tx: Session, token_hash: str) -> tuple[ApiToken, Account] | None:
    """Return the token with this hash and its account; None where there is none."""
    query = select(ApiToken, Account).join(Account, col(Account.id) == ApiToken.account_id)
    return tx.exec(query.where(ApiToken.token_hash == token_hash)).first()


def used(tx: Session, number: int, *, at: datetime) -> None:
    """Record when a token was last used."""
    tx.execute(update(ApiToken).where(col(ApiToken.id) == number).values(used_at=at))


def remove(tx: Session, token: ApiToken) -> None:
    """Delete a token, with the answers that are kept for it."""
    tx.delete(token)
    tx.flush()


def remove_of(tx: Session, account_id: int) -> int:
    """Delete the tokens of an account; return how many there were."""
    return touched(tx.execute(delete(ApiToken).where(col(ApiToken.account_id) == account_id)))


# --- answers ---------------------------------------------------------------------------------


def answered(tx: Session, token_id: int, key: str) -> Answered | None:
    """Return the request that came with this key; None where none did."""
    return tx.exec(select(Answered).where(Answered.token_id == token_id, Answered.key == key)).first()


def add_answer(tx: Session, row: Answered) -> Answered:
    """Store that a request is being answered."""
    tx.add(row)
    tx.flush()
    return row


def forget_answer(tx: Session, row: Answered) -> None:
    """Delete one of them."""
    tx.delete(row)
    tx.flush()


def forget_answers(tx: Session, *, before: datetime | None = None) -> int:
    """Delete the answers to requests that began then or before, or all that are complete; return how many."""
    old = col(Answered.begun_at) <= before if before else col(Answered.status).is_not(None)
    return touched(tx.execute(delete(Answered).where(old)))
