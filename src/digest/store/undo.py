"""Undo of an import: what it made and changed, what was changed or mailed since, and the way back, a page at a time."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlmodel import Session, col, delete, select

from digest.model.delivery import Delivery
from digest.model.newsletter import Newsletter
from digest.model.states import SubscriptionState
from digest.model.subscriber import Import, ImportChange, Subscriber, Subscription


class Made(NamedTuple):
    """A subscription that the import made."""

    id: int
    subscriber_id: int
    address: str
    state: SubscriptionState
    revision: int
    mailed: bool  #: there is a delivery for it


class Changed(NamedTuple):
    """A row that the import changed."""

    id: int  #: of the change
    subscriber_id: int
    subscription_id: int | None  #: None: it is the person
    address: str
    before: dict[str, Any]
    untouched: bool  #: nobody changed it since
    mailed: bool  #: there is a delivery for the subscription


# By newsletter and subscriber, which is an index of deliveries; there is none by subscription.
_MAILED = (
    sa.exists()
    .where(col(Delivery.newsletter_id) == Newsletter.id)
    .where(col(Delivery.subscriber_id) == Subscription.subscriber_id)
    .where(col(Delivery.subscription_id) == Subscription.id)
    .correlate(Subscription)
)


def made(tx: Session, import_id: int, *, after: int, limit: int) -> Sequence[Made]:
    """Return the subscriptions that an import made, with numbers above `after`."""
    query = (
        sa.select(
            col(Subscription.id),
            col(Subscription.subscriber_id),
            col(Subscriber.address),
            col(Subscription.state),
            col(Subscription.revision),
            _MAILED,
        )
        .join(Subscriber, col(Subscriber.id) == Subscription.subscriber_id)
        .where(col(Subscription.import_id) == import_id, col(Subscription.id) > after)
        .order_by(col(Subscription.id))
        .limit(limit)
    )
    return [Made._make(row) for row in tx.connection().execute(query)]


def changed(tx: Session, import_id: int, *, after: int, limit: int) -> Sequence[Changed]:
    """Return the rows that an import changed, by changes with numbers above `after`."""
    revision = sa.case((col(ImportChange.subscription_id).is_(None), Subscriber.revision), else_=Subscription.revision)
    query = (
        sa.select(
            col(ImportChange.id),
            col(ImportChange.subscriber_id),
            col(ImportChange.subscription_id),
            col(Subscriber.address),
            col(ImportChange.before),
            revision == ImportChange.revision,
            _MAILED,
        )
        .join(Subscriber, col(Subscriber.id) == ImportChange.subscriber_id)
        .join(Subscription, col(Subscription.id) == ImportChange.subscription_id, isouter=True)
        .where(col(ImportChange.import_id) == import_id, col(ImportChange.id) > after)
        .order_by(col(ImportChange.id))
        .limit(limit)
    )
    return [Changed._make(row) for row in tx.connection().execute(query)]


def remove(tx: Session, subscriptions: Sequence[Made]) -> None:
    """Delete subscriptions, and those of their people whom a taken-back import made, nobody changed, and no list has."""
    tx.exec(delete(Subscription).where(col(Subscription.id).in_([tie.id for tie in subscriptions])))
    undone = select(Import.id).where(col(Import.undone_at).is_not(None))
    on_a_list = sa.exists().where(col(Subscription.subscriber_id) == Subscriber.id).correlate(Subscriber)
    tx.exec(
        delete(Subscriber).where(
            col(Subscriber.id).in_([tie.subscriber_id for tie in subscriptions]),
            col(Subscriber.import_id).in_(undone),
            col(Subscriber.revision) == 0,
            ~on_a_list,
        )
    )


def restore(tx: Session, changes: Sequence[Changed]) -> None:
    """Give rows their former values back, and the revision that they had."""
    for change in changes:
        values = {name: _value(name, value) for name, value in change.before.items()}
        table: type[Subscriber | Subscription] = Subscriber if change.subscription_id is None else Subscription
        number = change.subscription_id or change.subscriber_id
        tx.execute(sa.update(table).where(col(table.id) == number).values(**values, revision=table.revision - 1))
    tx.exec(delete(ImportChange).where(col(ImportChange.id).in_([change.id for change in changes])))


def _value(name: str, value: Any) -> Any:
    if name == "state":
        return SubscriptionState(value)
    return datetime.fromisoformat(value) if value and name in ("active_at", "left_at") else value
