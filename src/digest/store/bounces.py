"""Mails that came back, and what they say of whom."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, func, select

from digest.errors import NotFound
from digest.model.bounce import Bounce, Effect, ReturnedMail
from digest.model.delivery import Delivery
from digest.model.event import Event, EventKind
from digest.model.states import DeliveryState
from digest.store.claims import touched


def is_known(tx: Session, digest: str) -> bool:
    """Return whether a mail with this hash was counted."""
    return tx.exec(select(ReturnedMail.id).where(ReturnedMail.digest == digest)).first() is not None


def add_mail(tx: Session, mail: ReturnedMail) -> ReturnedMail:
    """Store a mail. Raises IntegrityError where another process was quicker."""
    tx.add(mail)
    tx.flush()
    return mail


def add(tx: Session, bounce: Bounce) -> Bounce:
    """Store what a mail says of one recipient."""
    tx.add(bounce)
    tx.flush()
    return bounce


def save(tx: Session, bounce: Bounce) -> None:
    """Store a change of a report."""
    tx.add(bounce)
    tx.flush()


def get(tx: Session, number: int) -> Bounce:
    """Return a report by number. Raises NotFound."""
    found = tx.get(Bounce, number)
    if found is None:
        raise NotFound("bounce", number)
    return found


def mail(tx: Session, number: int) -> ReturnedMail:
    """Return the mail with this number."""
    return tx.get_one(ReturnedMail, number)


def listed(tx: Session, *, verdict: str = "", before: int | None = None, limit: int | None = None) -> Sequence[Bounce]:
    """Return reports, newest first; of one verdict, with a number below `before`."""
    query = select(Bounce).order_by(col(Bounce.id).desc()).limit(limit)
    query = query if before is None else query.where(col(Bounce.id) < before)
    return tx.exec(query.where(Bounce.verdict == verdict) if verdict else query).all()


def of_address(tx: Session, address_hmac: str) -> Sequence[Bounce]:
    """Return the reports on an address, oldest first."""
    return tx.exec(select(Bounce).where(Bounce.address_hmac == address_hmac).order_by(col(Bounce.id))).all()


def of_issue(tx: Session, issue_id: int, *, effect: Effect, domain: str = "") -> Sequence[Bounce]:
    """Return the reports on an issue that had this effect; on one domain's readers, or on all."""
    query = select(Bounce).where(Bounce.issue_id == issue_id, Bounce.effect == effect)
    return tx.exec(query.where(Bounce.domain == domain) if domain else query).all()


def count_of_issue(tx: Session, issue_id: int, *, verdict: str, domain: str = "") -> int:
    """Count the deliveries of an issue that were reported with this verdict; those to one domain, or all."""
    query = select(func.count(sa.distinct(col(Bounce.delivery_id)))).where(Bounce.issue_id == issue_id, Bounce.verdict == verdict)
    return int(tx.exec(query.where(Bounce.domain == domain) if domain else query).one())


def handed_over(tx: Session, issue_id: int, *, domain: str = "") -> int:
    """Count the deliveries of an issue that a relay accepted, whatever came back later; those to one domain, or all."""
    query = select(func.count()).select_from(Delivery).where(Delivery.issue_id == issue_id, col(Delivery.sent_at).is_not(None))
    return int(
        tx.exec(query.where(func.lower(Delivery.address).endswith(f"@{domain}", autoescape=True)) if domain else query).one()
    )


def bounce_delivery(tx: Session, delivery_id: int, *, reason: str, reply: str) -> bool:
    """Move a sent delivery to `bounced`; False if it is in another state."""
    update = sa.update(Delivery).where(col(Delivery.id) == delivery_id, col(Delivery.state) == DeliveryState.SENT)
    return touched(tx.execute(update.values(state=DeliveryState.BOUNCED, reason=reason, reply=reply))) == 1


def is_recorded(tx: Session, kind: EventKind, noun_id: int) -> bool:
    """Return whether an event of this kind was recorded for a row."""
    query = select(Event.id).where(Event.kind == kind, Event.noun_id == noun_id).limit(1)
    return tx.exec(query).first() is not None


def forget_address(tx: Session, address_hmac: str) -> None:
    """Erase an address, what was said of it, and the mails that said so; verdicts and effects stay."""
    mine = col(Bounce.address_hmac) == address_hmac
    mails = sa.or_(
        col(ReturnedMail.id).in_(sa.select(col(Bounce.mail_id)).where(mine)), col(ReturnedMail.sender_hmac) == address_hmac
    )
    tx.execute(sa.update(ReturnedMail).where(mails).values(original=b"", sender_hmac="", forward_at=None))
    tx.execute(sa.update(Bounce).where(mine).values(address="", address_hmac="", domain="", sentence=""))


def forget_originals(tx: Session, *, before: datetime, limit: int = 1_000) -> bool:
    """Erase the originals of mails older than that; return whether there may be more."""
    old = (
        sa.select(col(ReturnedMail.id)).where(col(ReturnedMail.at) < before, func.length(ReturnedMail.original) > 0).limit(limit)
    )
    ids = tx.execute(old).scalars().all()
    tx.execute(sa.update(ReturnedMail).where(col(ReturnedMail.id).in_(ids)).values(original=b""))
    return len(ids) == limit


# --- to forward ------------------------------------------------------------------------------


def count_forwarded(tx: Session, sender_hmac: str, *, since: datetime) -> int:
    """Count the mails of a sender since then that were or will be forwarded."""
    query = select(func.count()).select_from(ReturnedMail)
    mine = query.where(ReturnedMail.sender_hmac == sender_hmac, col(ReturnedMail.at) >= since)
    return int(tx.exec(mine.where(sa.or_(col(ReturnedMail.forward_at).is_not(None), col(ReturnedMail.forward_tries) > 0))).one())


def any_to_forward(tx: Session, *, now: datetime) -> bool:
    """Return whether a mail is due to be forwarded."""
    return tx.exec(select(ReturnedMail.id).where(col(ReturnedMail.forward_at) <= now).limit(1)).first() is not None


def claim_to_forward(tx: Session, *, now: datetime, until: datetime) -> ReturnedMail | None:
    """Claim the oldest mail that is due to be forwarded; no other process claims it before `until`. None: there is none."""
    due = select(ReturnedMail).where(col(ReturnedMail.forward_at) <= now).order_by(col(ReturnedMail.id)).limit(1)
    found = tx.exec(due).first()
    if found is None:
        return None
    mine = sa.and_(col(ReturnedMail.id) == found.id, col(ReturnedMail.forward_tries) == found.forward_tries)
    claim = sa.update(ReturnedMail).where(mine).values(forward_at=until, forward_tries=ReturnedMail.forward_tries + 1)
    if touched(tx.execute(claim)) != 1:  # another process was quicker
        return None
    tx.refresh(found)
    return found


def forward_later(tx: Session, mail: ReturnedMail, *, at: datetime | None) -> None:
    """Release a claim: the mail is tried again then; None: it is done with."""
    mine = sa.and_(col(ReturnedMail.id) == mail.id, col(ReturnedMail.forward_tries) == mail.forward_tries)
    tx.execute(sa.update(ReturnedMail).where(mine).values(forward_at=at))
