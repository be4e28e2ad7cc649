"""
The ledger: one row an issue and subscriber. Claims and results are grouped statements that
repeat the old state in their WHERE, so a row changes hands once whoever else is running.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy import func
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel, col, select
from sqlmodel.sql.sqltypes import UTCDateTime

from digest.errors import NotFound
from digest.model.delivery import Attempt, Claimed, Counts, Delivery, IssueShare, Result
from digest.model.issue import Issue
from digest.model.states import OPEN, DeliveryState, IssueState, Skip, SubscriptionState
from digest.model.subscriber import Subscriber, Subscription, Suppression

_D = DeliveryState


def queue(tx: Session, share: IssueShare, *, mlist_id: int, joined_by: datetime, after: int, limit: int) -> tuple[int, int]:
    """
    Write a queued row for the next `limit` active readers of a list with subscriber number above `after`.

    `share` has what all rows have in common. Readers that have a row, or one in the same period,
    get no second. Returns (last subscriber number looked at or 0, rows written).
    """
    # Along the index of (list, subscriber), so that a batch costs the same wherever it begins.
    readers = (
        sa.select(col(Subscription.subscriber_id).label("id"), col(Subscription.id).label("tie"))
        .where(
            col(Subscription.mlist_id) == mlist_id,
            col(Subscription.subscriber_id) > after,
            col(Subscription.state) == SubscriptionState.ACTIVE,
            col(Subscription.active_at) <= joined_by,
        )
        .order_by(col(Subscription.subscriber_id))
        .limit(limit)
    ).subquery()
    last = tx.execute(sa.select(func.max(readers.c.id))).scalar()
    if last is None:
        return 0, 0
    shared = ("issue_id", "newsletter_id", "period", "key_id", "picks")
    columns = [
        *shared,
        "rendition_id",
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
        _rendition(share),
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


def _rendition(share: IssueShare) -> sa.ColumnElement[int]:
    own = sa.literal(share.rendition_id)
    cases = [(col(Subscriber.language) == code, sa.literal(made)) for code, made in share.by_language.items()]
    return sa.case(*cases, else_=own) if cases else own


def _count(result: object) -> int:
    """How many rows a statement touched."""
    return int(result.rowcount) if isinstance(result, sa.CursorResult) else 0


def claim(tx: Session, issue_id: int, *, owner: str, now: datetime, limit: int) -> tuple[Sequence[Claimed], int]:
    """
    Take up to `limit` due deliveries of an issue for `owner`.

    Due: queued or deferred, with its time come; what was never tried comes first. Rows whose reader left or is suppressed become
    `skipped` in the same transaction. Returns (claimed rows, rows passed by).
    """
    ids: list[int] = []
    for due in (_queued(issue_id, now), _deferred(issue_id, now)):  # two searches: OR would sort all rows of the issue
        pick = (
            sa.select(col(Delivery.id))
            .where(due, _sending(issue_id))
            .order_by(col(Delivery.tries), col(Delivery.id))
            .limit(limit - len(ids))
        )
        ids += tx.execute(pick.with_for_update(skip_locked=True) if _server(tx) else pick).scalars()
    if not ids:
        return (), 0
    passed = _pass_by(tx, ids)
    update = (
        sa.update(Delivery)
        .where(col(Delivery.id).in_(ids), col(Delivery.state).in_([_D.QUEUED, _D.DEFERRED]))
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


def _queued(issue_id: int, now: datetime) -> sa.ColumnElement[bool]:
    rested = sa.or_(col(Delivery.next_at).is_(None), col(Delivery.next_at) <= now)
    return sa.and_(col(Delivery.issue_id) == issue_id, col(Delivery.state) == _D.QUEUED, rested)


def _deferred(issue_id: int, now: datetime) -> sa.ColumnElement[bool]:
    return sa.and_(col(Delivery.issue_id) == issue_id, col(Delivery.state) == _D.DEFERRED, col(Delivery.next_at) <= now)


def _sending(issue_id: int) -> sa.ColumnElement[bool]:
    """An issue that was held or cancelled hands nothing out, whoever is in the middle of sending it."""
    return sa.exists().where(col(Issue.id) == issue_id, col(Issue.state) == IssueState.SENDING)


def _never() -> sa.ColumnElement[bool]:
    return sa.exists().where(col(Suppression.address_hmac) == Delivery.address_hmac)


def _active() -> sa.ColumnElement[bool]:
    return sa.exists().where(
        col(Subscription.id) == Delivery.subscription_id, col(Subscription.state) == SubscriptionState.ACTIVE
    )


def _server(tx: Session) -> bool:
    return tx.get_bind().dialect.name != "sqlite"


def _pass_by(tx: Session, ids: Sequence[int]) -> int:
    mine = sa.and_(col(Delivery.id).in_(ids), col(Delivery.state).in_([_D.QUEUED, _D.DEFERRED]))
    skip = sa.update(Delivery).values(state=_D.SKIPPED, next_at=None)
    passed = tx.execute(skip.where(mine, _never()).values(reason=Skip.SUPPRESSED.value)).rowcount  # type: ignore[attr-defined]
    passed += tx.execute(skip.where(mine, sa.not_(_active())).values(reason=Skip.LEFT.value)).rowcount  # type: ignore[attr-defined]
    return int(passed)


def _claimed_columns() -> Sequence[sa.ColumnElement[object]]:
    d = Delivery
    return [col(c) for c in (d.id, d.subscription_id, d.rendition_id, d.address, d.name, d.key_id, d.picks, d.dated_at, d.tries)]  # type: ignore[misc]


def _claimed(row: Sequence[object]) -> Claimed:
    names = ("delivery_id", "subscription_id", "rendition_id", "address", "name", "key_id", "picks", "dated_at", "tries")
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
        tries=delivery.tries,
    )


def record(tx: Session, results: Sequence[Result], *, owner: str) -> int:
    """
    Write what became of an owner's claims, with their attempts and suppressions.

    Rows that are no longer the owner's are left alone; how many were.
    """
    if not results:
        return 0
    table = SQLModel.metadata.tables["delivery"]
    update = (
        sa.update(table)
        .where(table.c.id == sa.bindparam("row"), table.c.state == _D.SENDING, table.c.owner == owner)
        .values(
            state=sa.bindparam("new_state", type_=table.c.state.type),
            reply=sa.bindparam("new_reply"),
            reason=sa.bindparam("new_reason"),
            next_at=sa.bindparam("new_next_at", type_=table.c.next_at.type),
            sent_at=sa.bindparam("new_sent_at", type_=table.c.sent_at.type),
            tries=table.c.tries + sa.bindparam("more_tries"),
            owner=None,
        )
    )
    mine = frozenset(owned(tx, owner))
    written = [result for result in results if result.delivery_id in mine]
    if not written:
        return 0
    tx.connection().execute(update, [_values(result) for result in written])
    tx.add_all(_attempt(result, result.at) for result in written if result.attempt and result.at)
    _suppress(tx, [result for result in written if result.suppresses])
    tx.flush()
    return len(written)


def _values(result: Result) -> dict[str, object]:
    return {
        "row": result.delivery_id,
        "new_state": result.state,
        "new_reply": result.reply,
        "new_reason": result.reason,
        "new_next_at": result.next_at,
        "new_sent_at": result.at if result.state is _D.SENT else None,
        "more_tries": int(result.attempt),
    }


def _attempt(result: Result, at: datetime) -> Attempt:
    code = result.reply.partition(" ")[0]
    return Attempt(
        delivery_id=result.delivery_id,
        at=at,
        stage=result.stage,
        code=int(code) if code.isdigit() else None,
        text=result.reply,
    )


def _suppress(tx: Session, results: Sequence[Result]) -> None:
    """Addresses that are blamed are never mailed again."""
    for result in results:
        row = tx.get_one(Delivery, result.delivery_id, populate_existing=True)
        if result.at and tx.get(Suppression, row.address_hmac) is None:
            reason = f"refused: {result.reply}"[:300]
            tx.add(Suppression(address_hmac=row.address_hmac, address=row.address, reason=reason, made_at=result.at))


def departed(tx: Session, ids: Sequence[int]) -> frozenset[int]:
    """Which of these deliveries' readers have left or are suppressed by now."""
    return frozenset(
        tx.execute(sa.select(col(Delivery.id)).where(col(Delivery.id).in_(ids), sa.or_(_never(), sa.not_(_active())))).scalars()
    )


def settle_unsure(tx: Session, ids: Sequence[int], *, as_sent: bool, at: datetime) -> int:
    """A person says what became of unsure deliveries: sent, or to be sent again; how many were."""
    values = {"state": _D.SENT, "sent_at": at, "reason": "settled as sent by hand"} if as_sent else {"state": _D.QUEUED}
    update = sa.update(Delivery).where(col(Delivery.id).in_(ids), col(Delivery.state) == _D.UNSURE).values(**values)
    return _count(tx.execute(update))


def cancel_waiting(tx: Session, issue_id: int) -> int:
    """Deliveries of an issue that nobody has claimed are called off; how many."""
    waiting = sa.and_(col(Delivery.issue_id) == issue_id, col(Delivery.state).in_([_D.QUEUED, _D.DEFERRED]))
    return _count(tx.execute(sa.update(Delivery).where(waiting).values(state=_D.CANCELLED, next_at=None)))


def forget_unclaimed(tx: Session, issue_id: int) -> None:
    """Rows of an issue whose queueing was never finished go; none of them can have been claimed."""
    tx.execute(sa.delete(Delivery).where(col(Delivery.issue_id) == issue_id, col(Delivery.state) == _D.QUEUED))


def try_at_once(tx: Session, issue_id: int) -> None:
    """What went back to the queue with a reply is as if it had never been tried: a person has mended the cause."""
    mine = sa.and_(col(Delivery.issue_id) == issue_id, col(Delivery.state) == _D.QUEUED)
    tx.execute(sa.update(Delivery).where(mine).values(next_at=None, tries=0))


def give_up(tx: Session, issue_id: int) -> int:
    """What nobody took in two days comes back, with the last reply; how many."""
    waiting = sa.and_(col(Delivery.issue_id) == issue_id, col(Delivery.state).in_([_D.QUEUED, _D.DEFERRED]))
    reason = sa.literal("given up after 48 hours; last: ") + func.coalesce(Delivery.reply, "")
    return _count(tx.execute(sa.update(Delivery).where(waiting).values(state=_D.BOUNCED, next_at=None, reason=reason)))


def next_due(tx: Session, issue_id: int) -> datetime | None:
    """When the first waiting delivery of an issue is tried again."""
    query = select(func.min(Delivery.next_at)).where(
        Delivery.issue_id == issue_id, col(Delivery.state).in_([_D.DEFERRED, _D.QUEUED])
    )
    found = tx.exec(query).one()
    return found if found is None or found.tzinfo else found.replace(tzinfo=UTC)


def any_due(tx: Session, issue_id: int, *, now: datetime) -> bool:
    """Whether a delivery of the issue waits to be claimed."""
    return (
        tx.execute(sa.select(col(Delivery.id)).where(sa.or_(_queued(issue_id, now), _deferred(issue_id, now))).limit(1)).first()
        is not None
    )


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
