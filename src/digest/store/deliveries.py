"""The ledger: one row per issue and subscriber. `claims` has the statements that claim and record rows."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import func
from sqlmodel import Session, col, select
from sqlmodel.sql.sqltypes import UTCDateTime

from digest.errors import Gone, NotFound
from digest.model.delivery import Attempt, Claimed, Counts, Delivery, IssueShare
from digest.model.event import Actor
from digest.model.issue import GIVE_UP_REASON, Issue
from digest.model.newsletter import Newsletter
from digest.model.states import OPEN, DeliveryState, Skip, SubscriptionState
from digest.model.subscriber import Subscriber, Subscription
from digest.store import events
from digest.store.claims import may_be_mailed, touched
from digest.store.engine import is_shared

_D = DeliveryState


def queue(
    tx: Session, share: IssueShare, *, mlist_id: int, joined_by: datetime, now: datetime, after: int, limit: int
) -> tuple[int, int]:
    """
    Write a queued row for the next `limit` active readers of a list with subscriber number above `after`.

    `share` has what all rows have in common. Readers that have a row, or one in the same period,
    get no second; those who pause get one that is skipped. Who joined after `joined_by` waits for the
    next issue, unless the time is still to come: the clock was ahead then. Returns (last subscriber
    number looked at or 0, rows written).
    """
    # Along the index of (list, subscriber), so that a batch costs the same wherever it begins.
    readers = (
        sa.select(col(Subscription.subscriber_id).label("id"), col(Subscription.id).label("tie"))
        .where(
            col(Subscription.mlist_id) == mlist_id,
            col(Subscription.subscriber_id) > after,
            col(Subscription.state) == SubscriptionState.ACTIVE,
            sa.or_(col(Subscription.active_at) <= joined_by, col(Subscription.active_at) > now),
        )
        .order_by(col(Subscription.subscriber_id))
        .limit(limit)
    ).subquery()
    last = tx.execute(sa.select(func.max(readers.c.id))).scalar()
    if last is None:
        return 0, 0
    shared = ("issue_id", "newsletter_id", "period", "key_id", "picks")
    own = "rendition_id state subscriber_id subscription_id address address_hmac name reason reply relay tries version".split()
    paused = col(Subscriber.paused_until) > now
    rows = sa.select(
        *(sa.literal(getattr(share, name), getattr(Delivery, name).type) for name in shared),
        _rendition(share),
        _either(_D.SKIPPED, _D.QUEUED, Delivery.state.type, paused),  # type: ignore[attr-defined]
        readers.c.id,
        readers.c.tie,
        col(Subscriber.address),
        col(Subscriber.address_hmac),
        col(Subscriber.name),
        _either(Skip.PAUSED.value, "", sa.String(), paused),
        sa.literal(""),
        sa.literal(""),
        sa.literal(0),
        sa.literal(0),
    ).join(Subscriber, col(Subscriber.id) == readers.c.id)
    from sqlalchemy.dialects import postgresql, sqlite  # slow to load, and nothing that only reads needs it

    make = postgresql.insert if is_shared(tx) else sqlite.insert
    # SQLite's grammar wants a WHERE between SELECT … JOIN and ON CONFLICT.
    insert = make(Delivery).from_select([*shared, *own], rows.where(sa.true())).on_conflict_do_nothing()
    return last, touched(tx.execute(insert))


def _either(yes: object, no: object, type_: sa.types.TypeEngine[Any], condition: sa.ColumnElement[bool]) -> sa.ColumnElement[Any]:
    return sa.case((condition, sa.literal(yes, type_)), else_=sa.literal(no, type_))


def queue_one(tx: Session, delivery: Delivery) -> bool:
    """Write the queued row of one reader; return False where they have one of this issue or period."""
    theirs = select(Delivery.id).where(
        Delivery.newsletter_id == delivery.newsletter_id, Delivery.subscriber_id == delivery.subscriber_id
    )
    had = sa.or_(col(Delivery.period) == delivery.period, col(Delivery.issue_id) == delivery.issue_id)
    if tx.exec(theirs.where(had).limit(1)).first() is not None:
        return False
    tx.add(delivery)
    tx.flush()
    return True


def _rendition(share: IssueShare) -> sa.ColumnElement[int]:
    own = sa.literal(share.rendition_id)
    cases = [(col(Subscriber.language) == code, sa.literal(made)) for code, made in share.by_language.items()]
    return sa.case(*cases, else_=own) if cases else own


def _queued(issue_id: int, now: datetime) -> sa.ColumnElement[bool]:
    rested = sa.or_(col(Delivery.next_at).is_(None), col(Delivery.next_at) <= now)
    return sa.and_(col(Delivery.issue_id) == issue_id, col(Delivery.state) == _D.QUEUED, rested)


def _deferred(issue_id: int, now: datetime) -> sa.ColumnElement[bool]:
    return sa.and_(col(Delivery.issue_id) == issue_id, col(Delivery.state) == _D.DEFERRED, col(Delivery.next_at) <= now)


def as_claimed(delivery: Delivery, *, now: datetime) -> Claimed:
    """Return a stored delivery as the callers of `merge` need it; one that was never claimed is dated `now`."""
    return Claimed(
        delivery_id=delivery.id,
        subscription_id=delivery.subscription_id,
        rendition_id=delivery.rendition_id,
        address=delivery.address,
        name=delivery.name,
        key_id=delivery.key_id,
        picks=delivery.picks,
        dated_at=delivery.dated_at or now,
        tries=delivery.tries,
        relay=delivery.relay,
    )


def settle_unsure(tx: Session, ids: Sequence[int], *, as_sent: bool, at: datetime) -> int:
    """Settle unsure deliveries as a person decided: sent, or to be sent again; return how many there were."""
    values = {"state": _D.SENT, "sent_at": at, "reason": "settled as sent by hand"} if as_sent else {"state": _D.QUEUED}
    update = sa.update(Delivery).where(col(Delivery.id).in_(ids), col(Delivery.state) == _D.UNSURE).values(**values, owner=None)
    return touched(tx.execute(update))


def retry_bounced(tx: Session, issue_id: int, ids: Sequence[int] = (), *, now: datetime) -> tuple[int, int]:
    """
    Queue bounced deliveries of an issue again: these, or all of them.

    Returns (how many, how many stay as they are since their reader has left, pauses or is suppressed).
    """
    bounced = sa.and_(col(Delivery.issue_id) == issue_id, col(Delivery.state) == _D.BOUNCED)
    if ids:
        bounced = sa.and_(bounced, col(Delivery.id).in_(ids))
    values = {"state": _D.QUEUED, "tries": 0, "next_at": None, "reason": "", "owner": None}
    count = touched(tx.execute(sa.update(Delivery).where(bounced, may_be_mailed(now)).values(**values)))
    return count, int(tx.execute(sa.select(func.count()).select_from(Delivery).where(bounced)).scalar_one())


def cancel_waiting(tx: Session, issue_id: int) -> int:
    """Cancel the deliveries of an issue that nobody has claimed; return how many."""
    waiting = sa.and_(col(Delivery.issue_id) == issue_id, col(Delivery.state).in_([_D.QUEUED, _D.DEFERRED]))
    return touched(tx.execute(sa.update(Delivery).where(waiting).values(state=_D.CANCELLED, next_at=None)))


def queue_cancelled(tx: Session, issue_id: int, *, now: datetime) -> int:
    """Queue the cancelled deliveries of an issue again whose readers may be mailed; return how many."""
    cancelled = sa.and_(col(Delivery.issue_id) == issue_id, col(Delivery.state) == _D.CANCELLED)
    return touched(
        tx.execute(sa.update(Delivery).where(cancelled, may_be_mailed(now)).values(state=_D.QUEUED, tries=0, owner=None))
    )


def forget_unclaimed(tx: Session, issue_id: int) -> None:
    """Delete the rows of an issue whose queueing was never finished; none of them can have been claimed."""
    unclaimed = col(Delivery.state).in_([_D.QUEUED, _D.SKIPPED, _D.CANCELLED])
    tx.execute(sa.delete(Delivery).where(col(Delivery.issue_id) == issue_id, unclaimed))


def try_at_once(tx: Session, issue_id: int) -> None:
    """Reset the tries of deliveries that a reply returned to the queue: a person has corrected the cause."""
    mine = sa.and_(col(Delivery.issue_id) == issue_id, col(Delivery.state) == _D.QUEUED)
    tx.execute(sa.update(Delivery).where(mine).values(next_at=None, tries=0))


def give_up(tx: Session, issue_id: int, *, at: datetime) -> int:
    """Bounce the deliveries that no relay accepted in two days, with the last reply and an event for each; return how many."""
    waiting = sa.and_(col(Delivery.issue_id) == issue_id, col(Delivery.state).in_([_D.QUEUED, _D.DEFERRED]))
    reason = sa.literal(GIVE_UP_REASON) + func.coalesce(Delivery.reply, "")
    back = sa.update(Delivery).where(waiting).values(state=_D.BOUNCED, next_at=None, reason=reason).returning(col(Delivery.id))
    bounced = tx.execute(back).scalars().all()
    events.add_bounced(tx, bounced, at=at, actor=Actor.SCHEDULER)
    return len(bounced)


def next_due(tx: Session, issue_id: int) -> datetime | None:
    """Return the time at which the first waiting delivery of an issue is tried again."""
    query = select(func.min(Delivery.next_at)).where(
        Delivery.issue_id == issue_id, col(Delivery.state).in_([_D.DEFERRED, _D.QUEUED])
    )
    found = tx.exec(query).one()
    return found if found is None or found.tzinfo else found.replace(tzinfo=UTC)


def any_of(tx: Session, issue_id: int) -> bool:
    """Return whether an issue has a delivery."""
    return tx.exec(select(Delivery.id).where(Delivery.issue_id == issue_id).limit(1)).first() is not None


def any_due(tx: Session, issue_id: int, *, now: datetime) -> bool:
    """Return whether a delivery of the issue is due to be claimed."""
    return (
        tx.execute(sa.select(col(Delivery.id)).where(sa.or_(_queued(issue_id, now), _deferred(issue_id, now))).limit(1)).first()
        is not None
    )


def sent_through(tx: Session, relay: str, *, since: datetime) -> int:
    """Count the messages that a relay has accepted since then; issues due more than three days before that are not counted."""
    recent = sa.select(col(Issue.id)).where(col(Issue.due_at) >= since - timedelta(days=3))
    query = sa.select(func.count()).where(
        col(Delivery.issue_id).in_(recent),
        col(Delivery.state) == _D.SENT,
        col(Delivery.relay) == relay,
        col(Delivery.sent_at) >= sa.literal(since, UTCDateTime()),
    )
    return int(tx.execute(query).scalar_one())


def counts(tx: Session, issue_id: int) -> Counts:
    """Count the deliveries of an issue by state."""
    query = select(Delivery.state, func.count()).where(Delivery.issue_id == issue_id).group_by(col(Delivery.state))
    return {DeliveryState(state): count for state, count in tx.exec(query)}


def count_unsure(tx: Session, issue_id: int) -> int:
    """Count the deliveries of an issue that are unsure."""
    query = select(func.count()).select_from(Delivery).where(Delivery.issue_id == issue_id, Delivery.state == _D.UNSURE)
    return int(tx.exec(query).one())


def count_in(tx: Session, state: DeliveryState) -> int:
    """Count the deliveries in a state, of all issues."""
    return tx.exec(select(func.count()).select_from(Delivery).where(Delivery.state == state)).one()


def any_open(tx: Session, issue_id: int) -> bool:
    """Return whether a delivery of the issue has no final outcome yet."""
    query = select(Delivery.id).where(Delivery.issue_id == issue_id, col(Delivery.state).in_(OPEN)).limit(1)
    return tx.exec(query).first() is not None


def find(tx: Session, delivery_id: int) -> Delivery | None:
    """Return a delivery by number; None if there is none."""
    return tx.get(Delivery, delivery_id)


def get(tx: Session, delivery_id: int) -> Delivery:
    """Return a delivery by number. Raises NotFound."""
    found = find(tx, delivery_id)
    if found is None:
        raise NotFound("delivery", delivery_id)
    return found


def with_reader(tx: Session, delivery_id: int) -> Delivery:
    """Return a delivery by number, to make its mail. Raises NotFound, or Gone where its reader was erased."""
    found = get(tx, delivery_id)
    if not found.address:
        raise Gone("mail", f"of delivery {delivery_id} any more: its reader was erased")
    return found


def listed(
    tx: Session,
    *,
    issue_id: int | None = None,
    state: DeliveryState | None = None,
    before: int | None = None,
    limit: int | None = 50,
) -> Sequence[Delivery]:
    """Return deliveries, newest first; of one issue, in one state, with a number below `before`."""
    query = select(Delivery).order_by(col(Delivery.id).desc()).limit(limit)
    if before is not None:
        query = query.where(col(Delivery.id) < before)
    if issue_id is not None:
        query = query.where(Delivery.issue_id == issue_id)
    if state is not None:
        query = query.where(Delivery.state == state)
    return tx.exec(query).all()


def following(
    tx: Session, issue_id: int, *, state: DeliveryState | None, last: Delivery | None, limit: int
) -> Sequence[Delivery]:
    """Return deliveries of an issue that follow `last` along an index: those of a state by tries, or all by subscriber."""
    query = select(Delivery).where(Delivery.issue_id == issue_id).limit(limit)
    if state is None:
        query = query.order_by(col(Delivery.subscriber_id))
        return tx.exec(query.where(col(Delivery.subscriber_id) > last.subscriber_id) if last else query).all()
    query = query.where(Delivery.state == state).order_by(col(Delivery.tries), col(Delivery.id))
    if last is None:
        return tx.exec(query).all()
    # Two queries, since SQLite uses no more than `tries` of the index for a pair, and read 900,000 rows to the page in the middle.
    same = tx.exec(query.where(Delivery.tries == last.tries, col(Delivery.id) > last.id)).all()
    return [*same, *tx.exec(query.where(col(Delivery.tries) > last.tries).limit(limit - len(same)))]


def account_rows(tx: Session, issue_id: int, *, after: int, limit: int) -> tuple[Sequence[Sequence[object]], int]:
    """
    Return what became of the deliveries of an issue to the next subscribers above the number `after`, and the last number; 0 at the end.

    A row has number, address, state, reason, reply, relay, tries, when it was sent, when it is tried next, and its version.
    """
    names = ("id", "address", "state", "reason", "reply", "relay", "tries", "sent_at", "next_at", "version")
    query = sa.select(col(Delivery.subscriber_id), *(getattr(Delivery, name) for name in names))
    query = query.where(col(Delivery.issue_id) == issue_id, col(Delivery.subscriber_id) > after)
    rows = tx.execute(query.order_by(col(Delivery.subscriber_id)).limit(limit)).all()
    return [tuple(row)[1:] for row in rows], rows[-1][0] if len(rows) == limit else 0


def ids_in_state(tx: Session, issue_id: int, state: DeliveryState) -> Sequence[int]:
    """Return the numbers of the deliveries of an issue that are in a state."""
    query = select(Delivery.id).where(Delivery.issue_id == issue_id, Delivery.state == state)
    return tx.exec(query.order_by(col(Delivery.id))).all()


def attempts(tx: Session, delivery_id: int) -> Sequence[Attempt]:
    """Return the failed and unclear tries of a delivery, oldest first."""
    return tx.exec(select(Attempt).where(Attempt.delivery_id == delivery_id).order_by(col(Attempt.id))).all()


def of_subscriber(tx: Session, subscriber_id: int, *, limit: int | None = 10) -> Sequence[Delivery]:
    """Return the deliveries to one person, newest first."""
    query = select(Delivery).where(
        col(Delivery.newsletter_id).in_(select(Newsletter.id)),  # so that the unique index that begins with it is used
        Delivery.subscriber_id == subscriber_id,
    )
    return tx.exec(query.order_by(col(Delivery.id).desc()).limit(limit)).all()


def reasons(tx: Session, issue_id: int) -> Iterator[tuple[str, int]]:
    """Yield the reasons for which deliveries of an issue were skipped, each with its count."""
    query = select(Delivery.reason, func.count()).where(Delivery.issue_id == issue_id, Delivery.state == _D.SKIPPED)
    yield from tx.exec(query.group_by(col(Delivery.reason)))
