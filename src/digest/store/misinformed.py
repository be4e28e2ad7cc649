"""Readers who got a wrong version of an issue, as rows, and the deliveries of its correction to them."""

from collections.abc import Collection, Sequence
from datetime import datetime

import sqlalchemy as sa
import sqlalchemy.orm
from sqlmodel import Session, col

from digest.model.delivery import Delivery
from digest.model.subscriber import Subscriber
from digest.store.claims import may_be_mailed, touched
from digest.store.engine import is_shared
from digest.store.versions import GOT


def _got(issue_id: int, versions: Collection[int], now: datetime) -> sa.ColumnElement[bool]:
    """Return the condition that a delivery of one of these versions was handed over, or perhaps, to a reader who may still be mailed."""
    mine = (col(Delivery.issue_id) == issue_id, col(Delivery.state).in_(GOT), col(Delivery.version).in_(versions))
    return sa.and_(*mine, may_be_mailed(now))


def counts(tx: Session, issue_id: int, versions: Collection[int], *, now: datetime) -> Sequence[tuple[int, bytes, int]]:
    """Count the readers who got one of these versions and may still be mailed: version, picks and how many got these."""
    got = (col(Delivery.version), col(Delivery.picks))
    query = sa.select(*got, sa.func.count()).where(_got(issue_id, versions, now)).group_by(*got)
    return [(version, picks, count) for version, picks, count in tx.execute(query)]


def following(
    tx: Session, issue_id: int, versions: Collection[int], *, now: datetime, after: int, limit: int
) -> Sequence[sa.RowMapping]:
    """
    Return such readers with a subscriber number above `after`, in its order: how they are mailed now, and what they got.

    A row has subscriber_id, subscription_id, version, picks, address, address_hmac, name and language.
    """
    person = sa.orm.aliased(Subscriber)  # the conditions have a subscriber of their own
    query = (
        sa.select(
            *(col(getattr(Delivery, name)) for name in ("subscriber_id", "subscription_id", "version", "picks")),
            *(col(getattr(person, name)) for name in ("address", "address_hmac", "name", "language")),
        )
        .join(person, col(person.id) == Delivery.subscriber_id)
        .where(_got(issue_id, versions, now), col(Delivery.subscriber_id) > after)
    )
    return tx.execute(query.order_by(col(Delivery.subscriber_id)).limit(limit)).mappings().all()


def queue(tx: Session, rows: Sequence[dict[str, object]]) -> int:
    """Write deliveries; a reader who has one of this issue or period gets no second. Returns how many were written."""
    if not rows:
        return 0
    from sqlalchemy.dialects import postgresql, sqlite  # slow to load, and nothing that only reads needs it

    make = postgresql.insert if is_shared(tx) else sqlite.insert
    return touched(tx.execute(make(Delivery).on_conflict_do_nothing(), rows))
