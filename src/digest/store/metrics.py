"""Counts of metrics that are kept in the database, and figures that are read for metrics alone."""

import json
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy import func
from sqlmodel import Session, col, select

from digest.model.bounce import Bounce, Effect
from digest.model.delivery import Delivery
from digest.model.metric import Counts, Key, MetricCount
from digest.model.states import DeliveryState

FIRST_MAILS = 64  #: deliveries among which the first mail of an issue is looked for
_ADD = sa.text(
    """
    INSERT INTO metric_count (series, labels, holder, value) VALUES (:series, :labels, :holder, :value)
    ON CONFLICT (series, labels, holder) DO UPDATE SET value = metric_count.value + excluded.value
    """
)


def add(tx: Session, counts: Counts, *, holder: str) -> None:
    """Add to the counts of a holder, with this transaction."""
    rows = [
        {"series": series, "labels": json.dumps(labels), "holder": holder, "value": value}
        for (series, labels), value in sorted(counts.items())
        if value
    ]
    if rows:
        tx.connection().execute(_ADD, rows)


def totals(tx: Session) -> Counts:
    """Return each count over all holders."""
    query = select(MetricCount.series, MetricCount.labels, func.sum(MetricCount.value))
    rows = tx.exec(query.group_by(col(MetricCount.series), col(MetricCount.labels)))
    return {_key(series, labels): value for series, labels, value in rows}


def add_up(tx: Session) -> None:
    """Make one row of each count. Processes that go on counting have new rows afterwards."""
    gone = sa.delete(MetricCount).where(col(MetricCount.holder) != "")
    columns = (col(MetricCount.series), col(MetricCount.labels), col(MetricCount.value))
    sums: Counter[Key] = Counter()
    for series, labels, value in tx.execute(gone.returning(*columns)):
        sums[_key(series, labels)] += value
    add(tx, sums, holder="")


def _key(series: str, labels: str) -> Key:
    return series, tuple(json.loads(labels))


def bounces(tx: Session) -> Mapping[str, int]:
    """Count the reports of mails that came back by verdict, without those that repeat another."""
    query = select(Bounce.verdict, func.count()).where(col(Bounce.effect) != Effect.REPEATED)
    return dict(tx.exec(query.group_by(col(Bounce.verdict))).all())


def first_mail(tx: Session, issue_id: int) -> datetime | None:
    """Return when the first mail of an issue was accepted; of the few that were claimed first, so that a million cost no more than a hundred."""
    claimed_first = (
        select(Delivery.sent_at)
        .where(Delivery.issue_id == issue_id, Delivery.state == DeliveryState.SENT)
        .order_by(col(Delivery.tries), col(Delivery.id))
        .limit(FIRST_MAILS)
    )
    found = [at for at in tx.exec(claimed_first) if at is not None]
    return min((at if at.tzinfo else at.replace(tzinfo=UTC) for at in found), default=None)


def any_in(tx: Session, issue_id: int, state: DeliveryState) -> bool:
    """Return whether an issue has a delivery in a state."""
    return tx.exec(select(Delivery.id).where(Delivery.issue_id == issue_id, Delivery.state == state).limit(1)).first() is not None
