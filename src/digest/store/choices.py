"""The topics that readers have chosen, and the queued deliveries that they narrow."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlmodel import Session, col, select

from digest.model.delivery import Delivery
from digest.model.states import DeliveryState, Skip, SubscriptionState
from digest.model.subscriber import Subscription, TopicChoice

_UNTOUCHED = sa.and_(col(Delivery.state) == DeliveryState.QUEUED, col(Delivery.dated_at).is_(None))


def of_readers(tx: Session, mlist_id: int, *, after: int, until: int) -> Sequence[tuple[int, TopicChoice]]:
    """Return the active readers of a list with a subscriber number in `after` < number ≤ `until` who chose topics, each with the choice."""
    query = select(Subscription.subscriber_id, Subscription.wanted, Subscription.muted).where(
        Subscription.mlist_id == mlist_id,
        col(Subscription.subscriber_id) > after,
        col(Subscription.subscriber_id) <= until,
        Subscription.state == SubscriptionState.ACTIVE,
        sa.or_(col(Subscription.wanted) != "", col(Subscription.muted) != ""),
    )
    return [(number, TopicChoice.of(wanted, muted)) for number, wanted, muted in tx.exec(query)]


def wants(topic: str) -> sa.ColumnElement[bool]:
    """Return the condition that a subscription names a topic among those that its reader wants, however it is spelt."""
    lines = sa.literal("\n").concat(sa.func.lower(col(Subscription.wanted))).concat("\n")
    spellings = dict.fromkeys([topic.lower(), "".join(c.lower() if c.isascii() else c for c in topic)])  # as SQLite has it
    has_some = sa.literal_column("subscription.wanted") != sa.literal_column("''")  # as the index says
    return sa.and_(has_some, sa.or_(*(lines.contains(f"\n{one}\n", autoescape=True) for one in spellings)))


def narrow(tx: Session, issue_id: int, subscribers: Sequence[int], picks: bytes) -> None:
    """Give deliveries of an issue that were never claimed these picks; where there are none, skip them."""
    values: dict[str, object] = {"picks": picks}
    if not any(picks):
        values |= {"state": DeliveryState.SKIPPED, "reason": Skip.TOPICS.value}
    mine = sa.and_(col(Delivery.issue_id) == issue_id, col(Delivery.subscriber_id).in_(subscribers), _UNTOUCHED)
    tx.execute(sa.update(Delivery).where(mine).values(**values))


def waiting_issues(tx: Session, subscriber_id: int, newsletter_ids: Sequence[int]) -> Sequence[int]:
    """Return the issues of these newsletters that are queued for a reader and were never claimed."""
    query = select(Delivery.issue_id).where(
        col(Delivery.newsletter_id).in_(newsletter_ids), Delivery.subscriber_id == subscriber_id, _UNTOUCHED
    )
    return tx.exec(query).all()
