"""Sign-ups that are not confirmed yet, and the evidence of consent."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, delete, select

from digest.model.signup import REMIND_AFTER, Consent, Letter, SignUp
from digest.model.subscriber import Address, MailingList


def open_one(tx: Session, mlist_id: int, address_hmac: str, *, now: datetime) -> SignUp | None:
    """Return the request of this address for a list that is not yet confirmed."""
    query = select(SignUp).where(
        SignUp.mlist_id == mlist_id,
        SignUp.address_hmac == address_hmac,
        col(SignUp.confirmed_at).is_(None),
        col(SignUp.expires_at) > now,
    )
    return tx.exec(query.order_by(col(SignUp.id))).first()


def add(tx: Session, mlist_id: int, address: Address, address_hmac: str, *, now: datetime, until: datetime) -> SignUp:
    """Store a request that waits for nothing yet."""
    made = SignUp(
        mlist_id=mlist_id,
        address=address.text,
        address_key=address.key,
        address_hmac=address_hmac,
        asked_at=now,
        expires_at=until,
    )
    tx.add(made)
    tx.flush()
    return made


def get(tx: Session, number: int) -> SignUp | None:
    """Return a request by number; None where it has expired and is gone."""
    return tx.get(SignUp, number)


def due(tx: Session, *, now: datetime, limit: int) -> Sequence[SignUp]:
    """Return the requests whose mail is due, the longest waiting first."""
    query = select(SignUp).where(col(SignUp.letter).is_not(None), col(SignUp.letter_at) <= now)
    return tx.exec(query.order_by(col(SignUp.letter_at), col(SignUp.id)).limit(limit)).all()


def any_due(tx: Session, *, now: datetime) -> bool:
    """Return whether a mail is due."""
    query = select(SignUp.id).where(col(SignUp.letter).is_not(None), col(SignUp.letter_at) <= now).limit(1)
    return tx.exec(query).first() is not None


def count_open(tx: Session, mlist_id: int, *, now: datetime) -> int:
    """Count the requests that are not yet confirmed."""
    query = select(sa.func.count()).select_from(SignUp)
    return int(
        tx.exec(query.where(SignUp.mlist_id == mlist_id, col(SignUp.confirmed_at).is_(None), col(SignUp.expires_at) > now)).one()
    )


def remind(tx: Session, *, now: datetime, limit: int) -> int:
    """Schedule a reminder for requests that got one mail a day ago and were neither confirmed nor repeated; return how many."""
    query = select(SignUp).where(
        col(SignUp.confirmed_at).is_(None),
        col(SignUp.letter).is_(None),
        SignUp.mails == 1,
        col(SignUp.mailed_at) <= now - REMIND_AFTER,
        col(SignUp.expires_at) > now,
    )
    rows = tx.exec(query.limit(limit)).all()
    for row in rows:
        row.letter, row.letter_at = Letter.REMINDER, now
        tx.add(row)
    tx.flush()
    return len(rows)


def forget_expired(tx: Session, *, now: datetime) -> int:
    """Delete requests that expired, and the evidence of those that were never confirmed; return how many those were."""
    expired = col(SignUp.expires_at) <= now
    unconfirmed = select(SignUp.id).where(expired, col(SignUp.confirmed_at).is_(None))
    tx.execute(delete(Consent).where(col(Consent.signup_id).in_(unconfirmed)))
    count = tx.execute(delete(SignUp).where(expired, col(SignUp.confirmed_at).is_(None))).rowcount  # type: ignore[attr-defined]
    tx.execute(delete(SignUp).where(expired))
    return int(count)


def forget_address(tx: Session, address_hmac: str) -> None:
    """Delete requests and evidence of an address."""
    tx.execute(delete(Consent).where(col(Consent.address_hmac) == address_hmac))
    tx.execute(delete(SignUp).where(col(SignUp.address_hmac) == address_hmac))


def of_address(tx: Session, address_hmac: str) -> Sequence[tuple[SignUp, MailingList]]:
    """Return the requests of an address with their lists, oldest first."""
    query = select(SignUp, MailingList).join(MailingList, col(MailingList.id) == SignUp.mlist_id)
    return tx.exec(query.where(SignUp.address_hmac == address_hmac).order_by(col(SignUp.id))).all()


def add_consent(tx: Session, consent: Consent) -> None:
    """Store evidence of consent."""
    tx.add(consent)
    tx.flush()


def consents(tx: Session, address_hmac: str) -> Sequence[Consent]:
    """Return the evidence of an address, oldest first."""
    return tx.exec(select(Consent).where(Consent.address_hmac == address_hmac).order_by(col(Consent.id))).all()
