"""Reports of what came back, as pages list and count them: each query goes along one index, with a million reports too."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, func, select

from digest.model.bounce import Bounce, Chosen, Effect


def page(tx: Session, chosen: Chosen, *, after: int | None, limit: int) -> Sequence[Bounce]:
    """Return reports that pass the filters, newest first, older than the one with number `after`."""
    query = select(Bounce).order_by(col(Bounce.id).desc()).limit(limit)
    if after is not None:
        query = query.where(col(Bounce.id) < after)
    for column, value in (
        (Bounce.verdict, chosen.verdict),
        (Bounce.reason, chosen.reason),
        (Bounce.domain, chosen.domain),
        (Bounce.newsletter_id, chosen.newsletter_id),
        (Bounce.effect, chosen.effect),
        (Bounce.address_hmac, chosen.address_hmac),
    ):
        if value:
            query = query.where(col(column) == value)
    return tx.exec(query).all()


def of_delivery(tx: Session, delivery_id: int) -> Sequence[Bounce]:
    """Return the reports on a delivery, oldest first."""
    return tx.exec(select(Bounce).where(Bounce.delivery_id == delivery_id).order_by(col(Bounce.id))).all()


def counts(tx: Session, *, since: datetime, until: datetime) -> Sequence[tuple[str, str, str, int]]:
    """Count the reports of a span of time by verdict, reason and domain."""
    by = (col(Bounce.verdict), col(Bounce.reason), col(Bounce.domain))
    span = sa.and_(col(Bounce.at) >= since, col(Bounce.at) < until)
    return [
        (verdict, reason, domain, count)
        for verdict, reason, domain, count in tx.execute(sa.select(*by, func.count()).where(span).group_by(*by))
    ]


def held(tx: Session, *, issue_id: int | None = None) -> Sequence[tuple[int, str, int]]:
    """Count the reports that wait for a person, by issue and domain; of one issue, or of all."""
    by = (col(Bounce.issue_id), col(Bounce.domain))
    waits = col(Bounce.effect) == sa.literal_column(
        f"'{Effect.HELD.value}'"
    )  # SQLite takes the partial index for a literal alone
    query = sa.select(*by, func.count()).where(waits, col(Bounce.issue_id).is_not(None))
    query = query.group_by(*by).order_by(*by)
    return [
        (number, domain, count)
        for number, domain, count in tx.execute(query.where(col(Bounce.issue_id) == issue_id) if issue_id else query)
    ]
