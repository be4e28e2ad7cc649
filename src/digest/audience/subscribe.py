"""Subscribe a person to a list on behalf of an admin."""

from datetime import datetime

from sqlmodel import Session

from digest.errors import Conflict
from digest.model.states import SubscriptionState
from digest.model.subscriber import Address, MailingList, Subscriber, Subscription
from digest.model.tokens import address_hmac
from digest.store import subscribers


def add(
    tx: Session,
    address: Address,
    *,
    mlist: MailingList,
    name: str,
    language: str,
    zone: str,
    evidence: str,
    pepper: str,
    now: datetime,
) -> Subscription:
    """
    Subscribe a person to a list; the person is made if need be.

    Raises:
        Conflict: they are on it, or left it: only they can return; or their address is never mailed.
    """
    hmac = address_hmac(address.key, pepper)
    if never := subscribers.suppression(tx, hmac):
        raise Conflict(f"{address.text} is never mailed: {never.reason}", code="suppressed", address=address.text)
    person = subscribers.find(tx, address.key)
    if person is None:
        made = Subscriber(
            address=address.text, address_key=address.key, address_hmac=hmac, name=name, language=language, zone=zone, made_at=now
        )
        person = subscribers.add(tx, made)
    tie = subscribers.subscription(tx, mlist.id, person.id)
    if tie is not None and tie.state is SubscriptionState.UNSUBSCRIBED:
        raise Conflict(
            f"{address.text} left the list {mlist.name} on {tie.left_at:%Y-%m-%d}; only they can return", code="left_list"
        )
    if tie is not None:
        raise Conflict(f"{address.text} is on the list {mlist.name} already", code="on_list")
    tie = Subscription(
        mlist_id=mlist.id, subscriber_id=person.id, state=SubscriptionState.ACTIVE, evidence=evidence, made_at=now, active_at=now
    )
    tx.add(tie)
    tx.flush()
    return tie
