"""Growth: how many subscriptions began and ended, day by day, told by the rows that are there now."""

from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from digest.model.states import SubscriptionState
from digest.model.subscriber import Subscription

_BEGAN: sa.ColumnElement[datetime] = sa.literal_column(
    "coalesce(subscription.active_at, subscription.made_at)"
)  # as the index says


def began(tx: Session) -> Mapping[date, int]:
    """Count by day (UTC) the subscriptions that began then, whether or not they have ended; without those that wait."""
    day = sa.func.date(_BEGAN)
    counts = Counter(_days(tx, sa.select(day, sa.func.count()).select_from(Subscription).group_by(day)))
    waiting = sa.select(day, sa.func.count()).select_from(Subscription).where(*_ended(SubscriptionState.PENDING)).group_by(day)
    counts.subtract(_days(tx, waiting))
    return counts


def ended(tx: Session) -> Mapping[date, int]:
    """Count by day (UTC) the subscriptions that ended then."""
    day = sa.func.date(col(Subscription.left_at))
    query = sa.select(day, sa.func.count()).select_from(Subscription)
    return _days(tx, query.where(*_ended(SubscriptionState.UNSUBSCRIBED), col(Subscription.left_at).is_not(None)).group_by(day))


def _ended(state: SubscriptionState) -> tuple[sa.ColumnElement[bool], ...]:
    active = sa.literal_column("subscription.state") != sa.literal_column("'active'")  # as the index of the others says
    return active, col(Subscription.state) == state


def _days(tx: Session, query: sa.Select[Any]) -> dict[date, int]:
    found: dict[date, int] = {}
    for day, count in tx.connection().execute(query):
        if day is not None:
            at = day if isinstance(day, date) and not isinstance(day, datetime) else date.fromisoformat(str(day)[:10])
            found[at] = count
    return found
