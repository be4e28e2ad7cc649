"""Growth: how many subscriptions began and ended, day by day, told by the rows that are there now."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col
from sqlmodel.sql.sqltypes import UTCDateTime

from digest.model.states import SubscriptionState
from digest.model.subscriber import Subscription

_began_at: sa.ColumnElement[datetime] = sa.literal_column(
    "coalesce(subscription.active_at, subscription.made_at)", type_=UTCDateTime()
)  # as the index says


@dataclass(frozen=True, slots=True, kw_only=True)
class DailyCounts:
    """Numbers of subscriptions that began, or ended: before the first day (UTC), and on each day from then on."""

    before: int
    days: Mapping[date, int]


def began(tx: Session, first: date, last: date) -> DailyCounts:
    """
    Count the subscriptions that began, whether or not they have ended; without those that wait.

    `last`: today, after which none began.
    """
    waiting = _inactive(tx, SubscriptionState.PENDING, _began_at, first)
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    # An index counts between two times without a look at rows; to group by the day of each takes ten times as long.
    counts = {day: _count(tx, _began_at >= _midnight(day), _began_at < _midnight(day + timedelta(days=1))) for day in days}
    return DailyCounts(
        before=_count(tx) - sum(counts.values()) - waiting.before,
        days={day: count - waiting.days.get(day, 0) for day, count in counts.items()},
    )


def ended(tx: Session, first: date) -> DailyCounts:
    """Count the subscriptions that ended."""
    return _inactive(tx, SubscriptionState.UNSUBSCRIBED, col(Subscription.left_at), first)


def _inactive(tx: Session, state: SubscriptionState, at: Any, first: date) -> DailyCounts:
    """Count the subscriptions in a state that is not `active`, by the day of a column of theirs."""
    is_inactive = sa.literal_column("subscription.state") != sa.literal_column("'active'")  # as the index of the others says
    only, midnight, day = (is_inactive, col(Subscription.state) == state), _midnight(first), sa.func.date(at)
    rows = tx.connection().execute(
        sa.select(day, sa.func.count()).select_from(Subscription).where(*only, at >= midnight).group_by(day)
    )
    return DailyCounts(
        before=_count(tx, *only, at < midnight), days={date.fromisoformat(str(told)[:10]): count for told, count in rows}
    )


def _count(tx: Session, *only: sa.ColumnElement[bool]) -> int:
    return int(tx.connection().execute(sa.select(sa.func.count()).select_from(Subscription).where(*only)).scalar_one())


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
