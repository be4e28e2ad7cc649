"""Lists, subscribers, their subscriptions, imports and suppressions."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import func
from sqlmodel import Session, col, delete, select
from sqlmodel.sql.expression import SelectOfScalar

from digest.errors import BadInput, Conflict, NotFound
from digest.model.states import SubscriptionState, move
from digest.model.subscriber import Import, MailingList, Subscriber, Subscription, Suppression
from digest.store import directory

_HAS_LANGUAGE = sa.literal_column("subscriber.language") != sa.literal_column("''")  # as the index says


def add_list(tx: Session, mlist: MailingList) -> MailingList:
    """Store a list. Raises Conflict where the name is taken."""
    if tx.exec(select(MailingList).where(MailingList.name == mlist.name)).first():
        raise Conflict(f"there is a list {mlist.name} already", code="list_exists")
    tx.add(mlist)
    tx.flush()
    return mlist


def find_list(tx: Session, name: str) -> MailingList | None:
    """Return a list by name; None where there is none."""
    return tx.exec(select(MailingList).where(MailingList.name == name)).first()


def get_list(tx: Session, name: str) -> MailingList:
    """Return a list by name; an empty name means the only one. Raises NotFound, or BadInput where there are several."""
    found = lists(tx)
    have = ", ".join(m.name for m in found)
    if not name and len(found) > 1:
        raise BadInput(f"there are {len(found)} lists: {have}", code="which_list")
    by_name = found[0] if not name and found else find_list(tx, name)
    if by_name is None:
        raise NotFound("list", name or "yet", known=have, code="no_list" if have else "no_lists", name=name or "NAME")
    return by_name


def list_by_id(tx: Session, mlist_id: int) -> MailingList:
    """Return a list by number."""
    return tx.get_one(MailingList, mlist_id)


def lists(tx: Session) -> Sequence[MailingList]:
    """Return all lists, by name."""
    return tx.exec(select(MailingList).order_by(col(MailingList.name))).all()


def count_left(tx: Session, mlist_id: int) -> int:
    """Count those who left a list, by the index of those who are not active."""
    not_active = sa.literal_column("subscription.state") != sa.literal_column("'active'")  # as the index says
    left = (Subscription.mlist_id == mlist_id, Subscription.state == SubscriptionState.UNSUBSCRIBED, not_active)
    return tx.exec(select(func.count()).select_from(Subscription).where(*left)).one()


def count(tx: Session) -> int:
    """Count the people, on whatever list."""
    return int(tx.exec(select(func.count()).select_from(Subscriber)).one())


def count_by_state(tx: Session, mlist_id: int) -> Mapping[SubscriptionState, int]:
    """Count the subscriptions of a list by state; the active ones, nearly all, as what the others leave, which indexes count."""
    of_list = Subscription.mlist_id == mlist_id
    ended = sa.literal_column("subscription.state") != sa.literal_column("'active'")  # as the index of the others says
    query = select(Subscription.state, func.count()).where(of_list, ended).group_by(col(Subscription.state))
    counts = {SubscriptionState(state): count for state, count in tx.exec(query)}
    total = int(tx.exec(select(func.count()).select_from(Subscription).where(of_list)).one())
    return counts | {SubscriptionState.ACTIVE: total - sum(counts.values())}


def any_reader(tx: Session, mlist_id: int) -> bool:
    """Return whether anybody on a list would be mailed."""
    return tx.exec(_mailed(select(Subscription.id), mlist_id).limit(1)).first() is not None


def count_readers(tx: Session, mlist_id: int) -> int:
    """Count the people on a list who would be mailed: their subscription is active, their address not suppressed."""
    return count_by_state(tx, mlist_id)[SubscriptionState.ACTIVE] - count_suppressed(tx, mlist_id)


def count_suppressed(tx: Session, mlist_id: int) -> int:
    """Count the people on a list whose subscription is active, and whose address is never mailed."""
    never = select(Subscriber.id).where(col(Subscriber.address_hmac).in_(select(Suppression.address_hmac)))
    query = select(func.count()).select_from(Subscription)
    barred = query.where(
        Subscription.mlist_id == mlist_id,
        Subscription.state == SubscriptionState.ACTIVE,
        col(Subscription.subscriber_id).in_(never),
    )
    return int(tx.exec(barred).one())


def _mailed(query: SelectOfScalar[Any], mlist_id: int) -> SelectOfScalar[Any]:
    return (
        query.select_from(Subscription)
        .join(Subscriber, col(Subscriber.id) == Subscription.subscriber_id)
        .join(Suppression, col(Suppression.address_hmac) == Subscriber.address_hmac, isouter=True)
        .where(
            Subscription.mlist_id == mlist_id,
            Subscription.state == SubscriptionState.ACTIVE,
            col(Suppression.address_hmac).is_(None),
        )
    )


def languages(tx: Session, mlist_id: int) -> Sequence[str]:
    """
    Return the languages of a list's active readers, as they were given; without those who gave none.

    Of each language that anybody has, the first such reader: of a million, a handful of rows is read.
    """
    reader = (
        select(Subscriber.id)
        .join(Subscription, col(Subscription.subscriber_id) == col(Subscriber.id))
        .where(Subscription.mlist_id == mlist_id, Subscription.state == SubscriptionState.ACTIVE, _HAS_LANGUAGE)
        .limit(1)
    )
    return [
        language
        for language in directory.languages(tx)
        if tx.exec(reader.where(col(Subscriber.language) == language)).first() is not None
    ]


def longest_name(tx: Session, mlist_id: int) -> str:
    """Return the longest name among a list's active readers; empty where none has one."""
    query = (
        select(Subscriber.name)
        .join(Subscription, col(Subscription.subscriber_id) == col(Subscriber.id))
        .where(Subscription.mlist_id == mlist_id, Subscription.state == SubscriptionState.ACTIVE)
        .order_by(func.length(Subscriber.name).desc())
    )
    return tx.exec(query.limit(1)).first() or ""


def remove_list(tx: Session, mlist: MailingList) -> None:
    """Delete a list that nothing refers to. Raises Conflict."""
    held = tx.exec(select(func.count()).select_from(Subscription).where(Subscription.mlist_id == mlist.id)).one()
    if held:
        raise Conflict(
            f"list {mlist.name} has {held} subscriptions, and they are evidence of consent; it stays", code="list_has_people"
        )
    for made in tx.exec(select(Import).where(Import.mlist_id == mlist.id)):
        tx.delete(made)
    tx.delete(mlist)
    tx.flush()


def find(tx: Session, address_key: str) -> Subscriber | None:
    """Return a subscriber by address key; None where there is none."""
    return tx.exec(select(Subscriber).where(Subscriber.address_key == address_key)).first()


def get(tx: Session, address_key: str) -> Subscriber:
    """Return a subscriber by address key. Raises NotFound."""
    found = find(tx, address_key)
    if found is None:
        raise NotFound("subscriber", address_key)
    return found


def by_id(tx: Session, number: int) -> Subscriber:
    """Return a subscriber by number."""
    return tx.get_one(Subscriber, number)


def numbered(tx: Session, number: int) -> Subscriber:
    """Return a subscriber by number. Raises NotFound."""
    found = tx.get(Subscriber, number)
    if found is None:
        raise NotFound("subscriber", number)
    return found


def by_hmac(tx: Session, address_hmac: str) -> Subscriber | None:
    """Return a subscriber by the keyed hash of their address; None where there is none."""
    return tx.exec(select(Subscriber).where(Subscriber.address_hmac == address_hmac)).first()


def any_one(tx: Session) -> Subscriber | None:
    """Return the first subscriber; None where there is none."""
    return tx.exec(select(Subscriber).order_by(col(Subscriber.id)).limit(1)).first()


def add(tx: Session, subscriber: Subscriber) -> Subscriber:
    """Store a person. Raises Conflict where the address is taken."""
    if find(tx, subscriber.address_key):
        raise Conflict(f"{subscriber.address} is a subscriber already")
    tx.add(subscriber)
    tx.flush()
    return subscriber


def subscription(tx: Session, mlist_id: int, subscriber_id: int) -> Subscription | None:
    """Return the subscription of a person to a list."""
    query = select(Subscription).where(Subscription.mlist_id == mlist_id, Subscription.subscriber_id == subscriber_id)
    return tx.exec(query).first()


def subscriptions_of(tx: Session, subscriber_id: int) -> Sequence[tuple[Subscription, MailingList]]:
    """Return a person's subscriptions with their lists."""
    query = select(Subscription, MailingList).join(MailingList, col(MailingList.id) == Subscription.mlist_id)
    return tx.exec(query.where(Subscription.subscriber_id == subscriber_id).order_by(col(MailingList.name))).all()


def subscription_by_id(tx: Session, number: int) -> tuple[Subscription, MailingList, Subscriber] | None:
    """Return a subscription with its list and its reader; None where there is none any more."""
    query = (
        select(Subscription, MailingList, Subscriber)
        .join(MailingList, col(MailingList.id) == Subscription.mlist_id)
        .join(Subscriber, col(Subscriber.id) == Subscription.subscriber_id)
    )
    return tx.exec(query.where(Subscription.id == number)).first()


def leave(tx: Session, tie: Subscription, *, at: datetime) -> bool:
    """End a subscription; False if it had ended already. Idempotent."""
    if tie.state is SubscriptionState.UNSUBSCRIBED:
        return False
    tie.state = move(tie.state, SubscriptionState.UNSUBSCRIBED, what="the subscription")
    tie.left_at = at
    tx.add(tie)
    tx.flush()
    return True


def come_back(tx: Session, tie: Subscription, *, at: datetime) -> bool:
    """Resume an ended subscription; False if it is too late, or nothing may be mailed to the person. Idempotent."""
    person = tx.get_one(Subscriber, tie.subscriber_id)
    if tie.returns_until(at) is None or suppression(tx, person.address_hmac) is not None:
        return False
    tie.state = move(tie.state, SubscriptionState.ACTIVE, what="the subscription")
    tie.evidence = (
        f"{tie.evidence}; left {tie.left_at:%Y-%m-%d %H:%M} UTC and took it back with the link of a mail, {at:%Y-%m-%d %H:%M} UTC"
    )
    tie.active_at, tie.left_at = at, None
    tx.add(tie)
    tx.flush()
    return True


def reinstate(tx: Session, tie: Subscription, *, at: datetime, why: str) -> None:
    """Resume a subscription that was ended without the person; `why` goes to its evidence."""
    tie.state = move(tie.state, SubscriptionState.ACTIVE, what="the subscription")
    tie.evidence = f"{tie.evidence}; ended {tie.left_at:%Y-%m-%d %H:%M} UTC, and {why}, {at:%Y-%m-%d %H:%M} UTC"
    tie.active_at, tie.left_at = at, None
    tx.add(tie)
    tx.flush()


def page(
    tx: Session, *, mlist_id: int | None = None, after: int = 0, limit: int = 1000
) -> Sequence[tuple[Subscriber, Subscription | None, str]]:
    """Return subscribers with a number above `after`, each with each subscription and its list's name; `limit` people at most."""
    people = select(Subscriber.id).where(col(Subscriber.id) > after).order_by(col(Subscriber.id)).limit(limit)
    if mlist_id is not None:
        people = people.join(Subscription, col(Subscription.subscriber_id) == Subscriber.id).where(
            Subscription.mlist_id == mlist_id
        )
    query = (
        select(Subscriber, Subscription, MailingList.name)
        .join(Subscription, col(Subscription.subscriber_id) == Subscriber.id, isouter=True)
        .join(MailingList, col(MailingList.id) == Subscription.mlist_id, isouter=True)
        .where(col(Subscriber.id).in_(people))
        .order_by(col(Subscriber.id), col(MailingList.name))
    )
    if mlist_id is not None:
        query = query.where(Subscription.mlist_id == mlist_id)
    return [(person, tie, name or "") for person, tie, name in tx.exec(query)]


def pages(tx: Session, *, mlist_id: int | None = None) -> Iterator[Sequence[tuple[Subscriber, Subscription | None, str]]]:
    """Yield every subscriber, a page at a time, so that memory stays constant."""
    after = 0
    while rows := page(tx, mlist_id=mlist_id, after=after):
        yield rows
        after = rows[-1][0].id
        tx.expunge_all()


def each(tx: Session, *, mlist_id: int | None = None) -> Iterator[tuple[Subscriber, Subscription | None, str]]:
    """Yield every subscriber with each subscription."""
    for rows in pages(tx, mlist_id=mlist_id):
        yield from rows


def one(tx: Session, mlist_id: int, address_key: str) -> Iterator[tuple[Subscriber, Subscription | None, str]]:
    """Yield the subscriber with this address key as `each` does, if they are on the list."""
    person = find(tx, address_key)
    if person is not None:
        yield person, subscription(tx, mlist_id, person.id), ""


def remove(tx: Session, subscriber: Subscriber, *, at: datetime) -> None:
    """
    Delete the person. Sent deliveries stay in the ledger; queued ones are skipped when they are claimed.

    For those who left or are suppressed the keyed hash stays, so that no import and no `add` subscribes them again;
    who left can still return by confirming a sign-up.
    """
    left = select(Subscription).where(
        Subscription.subscriber_id == subscriber.id, Subscription.state == SubscriptionState.UNSUBSCRIBED
    )
    entry = tx.get(Suppression, subscriber.address_hmac)
    if entry is not None:
        entry.address = None
        tx.add(entry)
    elif tx.exec(left.limit(1)).first() is not None:
        suppress(
            tx,
            Suppression(address_hmac=subscriber.address_hmac, reason="left, and was then removed", made_at=at, may_return=True),
        )
    tx.exec(delete(Subscription).where(col(Subscription.subscriber_id) == subscriber.id))
    tx.delete(subscriber)
    tx.flush()


def suppression(tx: Session, address_hmac: str) -> Suppression | None:
    """Return the suppression of an address; None if it may be mailed."""
    return tx.get(Suppression, address_hmac)


def bars(tx: Session, address_hmac: str) -> bool:
    """Return whether a suppression keeps all mail from an address, and its person cannot lift it by confirming a sign-up."""
    found = suppression(tx, address_hmac)
    return found is not None and not found.may_return


def suppress(tx: Session, entry: Suppression) -> bool:
    """Suppress an address; False if it was suppressed already."""
    if tx.get(Suppression, entry.address_hmac):
        return False
    tx.add(entry)
    tx.flush()
    return True


def unsuppress(tx: Session, address_hmac: str) -> bool:
    """Remove a suppression; False if there was none."""
    entry = tx.get(Suppression, address_hmac)
    if entry is None:
        return False
    tx.delete(entry)
    tx.flush()
    return True


def suppressions(tx: Session, *, after: tuple[datetime, str] | None = None, limit: int | None = None) -> Sequence[Suppression]:
    """Return the suppressions that follow the one with this time and keyed hash, newest first; or all."""
    at, hmac = col(Suppression.made_at), col(Suppression.address_hmac)
    query = select(Suppression).order_by(at.desc(), hmac.desc()).limit(limit)
    if after is not None:
        query = query.where((at < after[0]) | ((at == after[0]) & (hmac < after[1])))
    return tx.exec(query).all()


def suppressions_after(tx: Session, address_hmac: str, *, limit: int) -> Sequence[Suppression]:
    """Return suppressions in the order of their keyed hashes, those that follow one."""
    query = select(Suppression).where(col(Suppression.address_hmac) > address_hmac)
    return tx.exec(query.order_by(col(Suppression.address_hmac)).limit(limit)).all()
