"""
The ledger: one row an issue and subscriber. Claims and results are grouped statements that
repeat the old state in their WHERE, so a row changes hands once whoever else is running.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import func
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select
from sqlmodel.sql.sqltypes import UTCDateTime

from digest.errors import NotFound
from digest.model.delivery import Attempt, Claimed, Counts, Delivery, IssueShare
from digest.model.states import OPEN, DeliveryState, Skip, SubscriptionState
from digest.model.subscriber import Subscriber, Subscription, Suppression

_D = DeliveryState


def queue(tx: Session, share: IssueShare, *, mlist_id: int, joined_by: datetime, after: int, limit: int) -> tuple[int, int]:
    """
    Write a queued row for the next `limit` active readers of a list with subscriber number above `after`.

    `share` has what all rows have in common. Readers that have a row, or one in the same period,
    get no second. Returns (last subscriber number looked at or 0, rows written).
    """
    readers = (
        sa.select(Subscriber.id, Subscription.id.label("tie"))  # type: ignore[call-overload, union-attr]
        .join(Subscription, col(Subscription.subscriber_id) == Subscriber.id)
        .where(
            Subscription.mlist_id == mlist_id,
            Subscription.state == SubscriptionState.ACTIVE,
            col(Subscription.active_at) <= joined_by,
            col(Subscriber.id) > after,
        )
        .order_by(col(Subscriber.id))
        .limit(limit)
    ).subquery()
    last = tx.execute(sa.select(func.max(readers.c.id))).scalar()
    if last is None:
        return 0, 0
    shared = ("issue_id", "newsletter_id", "period", "rendition_id", "key_id", "picks")
    columns = [
        *shared,
        "state",
        "subscriber_id",
        "subscription_id",
        "address",
        "address_hmac",
        "name",
        "reason",
        "reply",
        "tries",
    ]
    rows = sa.select(
        *(sa.literal(getattr(share, name), getattr(Delivery, name).type) for name in shared),
        sa.literal(_D.QUEUED, Delivery.state.type),  # type: ignore[attr-defined]
        readers.c.id,
        readers.c.tie,
        col(Subscriber.address),
        col(Subscriber.address_hmac),
        col(Subscriber.name),
        sa.literal(""),
        sa.literal(""),
        sa.literal(0),
    ).join(Subscriber, col(Subscriber.id) == readers.c.id)
    make = sqlite.insert if tx.get_bind().dialect.name == "sqlite" else postgresql.insert
    # SQLite's grammar wants a WHERE between SELECT … JOIN and ON CONFLICT.
    insert = make(Delivery).from_select(columns, rows.where(sa.true())).on_conflict_do_nothing()
    return last, _count(tx.execute(insert))


def _count(result: object) -> int:
    """How many rows a statement touched."""
    return int(result.rowcount) if isinstance(result, sa.CursorResult) else 0


def claim(tx: Session, issue_id: int, *, owner: str, now: datetime, limit: int) -> tuple[Sequence[Claimed], int]:
    """
    Take up to `limit` due deliveries of an issue for `owner`.

    Due: queued, or deferred with its time come. Rows whose reader left or is suppressed become
    `skipped` in the same transaction. Returns (claimed rows, rows passed by).
    """
    due = sa.and_(
        col(Delivery.issue_id) == issue_id,
        sa.or_(
            col(Delivery.state) == _D.QUEUED,
            sa.and_(col(Delivery.state) == _D.DEFERRED, col(Delivery.next_at) <= now),
        ),
    )
    pick = sa.select(col(Delivery.id)).where(due).order_by(col(Delivery.id)).limit(limit)
    ids = list(tx.execute(pick.with_for_update(skip_locked=True) if _server(tx) else pick).scalars())
    if not ids:
        return (), 0
    passed = _pass_by(tx, ids)
    update = (
        sa.update(Delivery)
        .where(col(Delivery.id).in_(ids), due)
        .values(
            state=_D.SENDING,
            owner=owner,
            next_at=None,
            dated_at=func.coalesce(Delivery.dated_at, sa.literal(now, UTCDateTime())),
        )
        .returning(*_claimed_columns())
    )
    rows = tx.execute(update).all()
    return sorted((_claimed(row) for row in rows), key=lambda c: c.delivery_id), passed


def _server(tx: Session) -> bool:
    return tx.get_bind().dialect.name != "sqlite"


def _pass_by(tx: Session, ids: Sequence[int]) -> int:
    never = sa.exists().where(col(Suppression.address_hmac) == Delivery.address_hmac)
    active = sa.exists().where(
        col(Subscription.id) == Delivery.subscription_id, col(Subscription.state) == SubscriptionState.ACTIVE
    )
    mine = sa.and_(col(Delivery.id).in_(ids), col(Delivery.state).in_([_D.QUEUED, _D.DEFERRED]))
    skip = sa.update(Delivery).values(state=_D.SKIPPED, next_at=None)
    passed = tx.execute(skip.where(mine, never).values(reason=Skip.SUPPRESSED.value)).rowcount  # type: ignore[attr-defined]
    passed += tx.execute(skip.where(mine, sa.not_(active)).values(reason=Skip.LEFT.value)).rowcount  # type: ignore[attr-defined]
    return int(passed)


def _claimed_columns() -> Sequence[sa.ColumnElement[object]]:
    d = Delivery
    return [col(c) for c in (d.id, d.subscription_id, d.rendition_id, d.address, d.name, d.key_id, d.picks, d.dated_at)]  # type: ignore[misc]


def _claimed(row: Sequence[object]) -> Claimed:
    names = ("delivery_id", "subscription_id", "rendition_id", "address", "name", "key_id", "picks", "dated_at")
    return Claimed(**dict(zip(names, row, strict=True)))  # type: ignore[arg-type]


def as_claimed(delivery: Delivery, *, now: datetime) -> Claimed:
    """A stored delivery as merge's callers need it; one that was never claimed would be dated `now`."""
    assert delivery.id is not None
    return Claimed(
        delivery_id=delivery.id,
        subscription_id=delivery.subscription_id,
        rendition_id=delivery.rendition_id,
        address=delivery.address,
        name=delivery.name,
        key_id=delivery.key_id,
        picks=delivery.picks,
        dated_at=delivery.dated_at or now,
    )


def record_sent(tx: Session, ids: Sequence[int], *, owner: str, at: datetime, reply: str) -> int:
    """The next hop answered 250 to these; how many were the owner's to say so of."""
    return _finish(tx, ids, owner, state=_D.SENT, sent_at=at, reply=reply)


def give_back(tx: Session, ids: Sequence[int], *, owner: str) -> int:
    """Untouched: back to the queue."""
    return _finish(tx, ids, owner, state=_D.QUEUED)


def record_unsure(tx: Session, ids: Sequence[int], *, owner: str) -> int:
    """Their content was ended and no answer is on record."""
    return _finish(tx, ids, owner, state=_D.UNSURE)


def record_skipped(tx: Session, ids: Sequence[int], *, owner: str, reason: Skip) -> int:
    """Not to be sent to these readers after all."""
    return _finish(tx, ids, owner, state=_D.SKIPPED, reason=reason.value)


def add_attempt(tx: Session, attempt: Attempt) -> None:
    """Keep a failed or unclear try."""
    tx.add(attempt)


def _finish(tx: Session, ids: Sequence[int], owner: str, **values: object) -> int:
    if not ids:
        return 0
    mine = sa.and_(col(Delivery.id).in_(ids), col(Delivery.state) == _D.SENDING, col(Delivery.owner) == owner)
    return int(tx.execute(sa.update(Delivery).where(mine).values(owner=None, **values)).rowcount)  # type: ignore[attr-defined]


def owned(tx: Session, owner: str) -> Sequence[int]:
    """The deliveries that an owner has claimed and not finished."""
    query = select(Delivery.id).where(Delivery.owner == owner, Delivery.state == _D.SENDING)
    return [number for number in tx.exec(query) if number is not None]


def owners(tx: Session) -> frozenset[str]:
    """Every owner that has deliveries claimed."""
    return frozenset(
        owner for owner in tx.exec(select(Delivery.owner).where(col(Delivery.owner).is_not(None)).distinct()) if owner
    )


def counts(tx: Session, issue_id: int) -> Counts:
    """Deliveries of an issue by state."""
    query = select(Delivery.state, func.count()).where(Delivery.issue_id == issue_id).group_by(col(Delivery.state))
    return {DeliveryState(state): count for state, count in tx.exec(query)}


def any_open(tx: Session, issue_id: int) -> bool:
    """Whether a delivery of the issue still has its outcome to come."""
    query = select(Delivery.id).where(Delivery.issue_id == issue_id, col(Delivery.state).in_(OPEN)).limit(1)
    return tx.exec(query).first() is not None


def get(tx: Session, delivery_id: int) -> Delivery:
    """By number. Raises NotFound."""
    found = tx.get(Delivery, delivery_id)
    if found is None:
        raise NotFound("delivery", delivery_id, "`digest deliveries list` shows them")
    return found


def listed(
    tx: Session, *, issue_id: int | None = None, state: DeliveryState | None = None, limit: int = 50
) -> Sequence[Delivery]:
    """Newest first; of one issue, in one state."""
    query = select(Delivery).order_by(col(Delivery.id).desc()).limit(limit)
    if issue_id is not None:
        query = query.where(Delivery.issue_id == issue_id)
    if state is not None:
        query = query.where(Delivery.state == state)
    return tx.exec(query).all()


def of_subscriber(tx: Session, subscriber_id: int, *, limit: int = 10) -> Sequence[Delivery]:
    """What went to one person, newest first."""
    return tx.exec(
        select(Delivery).where(Delivery.subscriber_id == subscriber_id).order_by(col(Delivery.id).desc()).limit(limit)
    ).all()


def reasons(tx: Session, issue_id: int) -> Iterator[tuple[str, int]]:
    """Why deliveries of an issue were passed by, with how many."""
    query = select(Delivery.reason, func.count()).where(Delivery.issue_id == issue_id, Delivery.state == _D.SKIPPED)
    yield from tx.exec(query.group_by(col(Delivery.reason)))
