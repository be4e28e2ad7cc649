"""What relays were given on the days of their warm-up."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import func
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from digest.model.delivery import Delivery
from digest.model.issue import Issue
from digest.model.states import DeliveryState, IssueState, Skip
from digest.model.subscriber import Subscription
from digest.model.warmup import REASON, RelayDay, Standing
from digest.store.claims import touched
from digest.store.engine import is_shared

_D = DeliveryState
BATCH = 5_000  #: rows a transaction

Position = tuple[int, int]  #: of a delivery along the index: its tries and its number
Schedules = Mapping[str, Sequence[int]]  #: messages on each day, by relay


def standings(tx: Session, schedules: Schedules, *, day: str) -> Sequence[Standing]:
    """Return how far each relay is on a day."""
    rows = tx.exec(select(RelayDay).where(col(RelayDay.relay).in_(list(schedules)), RelayDay.day == day)).all()
    given = {row.relay: (row.number, row.given) for row in rows}
    return [_standing(name, schedules, *(given.get(name) or (_number(tx, name, day), 0))) for name in schedules]


def locked(tx: Session, schedules: Schedules, *, day: str) -> Sequence[Standing]:
    """Return the same, and keep other processes from changing it until the transaction ends."""
    from sqlalchemy.dialects import postgresql, sqlite  # slow to load, and nothing that only reads needs it

    make = postgresql.insert if is_shared(tx) else sqlite.insert
    for name in sorted(schedules):  # in one order, so that two processes never wait for each other
        new = {"relay": name, "day": day, "number": _number(tx, name, day), "given": 0}
        tx.execute(make(RelayDay).values(**new).on_conflict_do_nothing())
    mine = sa.select(col(RelayDay.relay), col(RelayDay.number), col(RelayDay.given))
    mine = mine.where(col(RelayDay.relay).in_(list(schedules)), col(RelayDay.day) == day).order_by(col(RelayDay.relay))
    return [_standing(name, schedules, number, given) for name, number, given in tx.execute(mine.with_for_update())]


def give(tx: Session, relay: str, *, day: str, count: int) -> None:
    """Add to what a relay was given on a day; a negative count takes back what it was not given after all."""
    row = sa.and_(col(RelayDay.relay) == relay, col(RelayDay.day) == day)
    tx.execute(sa.update(RelayDay).where(row).values(given=RelayDay.given + count))


def _number(tx: Session, relay: str, day: str) -> int:
    """Return the number of a day: days on which nothing was given do not count."""
    before = sa.and_(col(RelayDay.relay) == relay, col(RelayDay.day) < day, col(RelayDay.given) > 0)
    return int(tx.execute(sa.select(func.count()).select_from(RelayDay).where(before)).scalar_one()) + 1


def _standing(name: str, schedules: Schedules, number: int, given: int) -> Standing:
    return Standing(relay=name, schedule=schedules[name], number=number, given=given)


# --- deliveries that wait ----------------------------------------------------------------------


def _due(issue_id: int, now: datetime) -> sa.ColumnElement[bool]:
    come = sa.or_(col(Delivery.next_at).is_(None), col(Delivery.next_at) <= now)
    return sa.and_(col(Delivery.issue_id) == issue_id, col(Delivery.state) == _D.QUEUED, come)


def first(tx: Session, issue_id: int, *, now: datetime, limit: int, imported_last: bool) -> Sequence[int]:
    """Return the numbers of the due deliveries that go first: to those who joined last, where wanted those of imports at the end."""
    order = [col(Subscription.active_at).desc(), col(Delivery.id)]
    if imported_last:
        order.insert(0, sa.case((col(Subscription.import_id).is_(None), 0), else_=1).asc())
    query = sa.select(col(Delivery.id)).join(Subscription, col(Subscription.id) == Delivery.subscription_id)
    return tx.execute(query.where(_due(issue_id, now)).order_by(*order).limit(limit)).scalars().all()


def due_after(tx: Session, issue_id: int, *, now: datetime, after: Position) -> Sequence[Position]:
    """Return the next due deliveries of an issue that follow `after` along the index of (tries, number), a batch of them."""
    tries, number = after
    query = (
        sa.select(col(Delivery.tries), col(Delivery.id))
        .where(_due(issue_id, now))
        .order_by(col(Delivery.tries), col(Delivery.id))
    )
    # Two queries, since SQLite uses no more than `tries` of the index for a pair.
    same = tx.execute(query.where(col(Delivery.tries) == tries, col(Delivery.id) > number).limit(BATCH)).all()
    more = tx.execute(query.where(col(Delivery.tries) > tries).limit(BATCH - len(same))).all()
    return [(row[0], row[1]) for row in (*same, *more)]


def postpone(tx: Session, ids: Sequence[int], *, until: datetime, reason: str) -> int:
    """Have these deliveries wait, as far as nobody has claimed them meanwhile; return how many."""
    mine = sa.and_(col(Delivery.id).in_(ids), col(Delivery.state) == _D.QUEUED)
    return touched(tx.execute(sa.update(Delivery).where(mine).values(next_at=until, reason=reason)))


def older_waiting(tx: Session, issue: Issue) -> Sequence[Issue]:
    """Return the earlier issues of the same newsletter that have not gone to everybody."""
    query = select(Issue).where(Issue.newsletter_id == issue.newsletter_id, Issue.state == IssueState.SENDING)
    return tx.exec(query.where(Issue.due_at < issue.due_at)).all()


def supersede(tx: Session, older: Issue, newer: Issue) -> int:
    """Skip deliveries of an issue that wait for a warm-up and whose readers get a newer one; return how many, at most a batch."""
    theirs = aliased(Delivery)
    gets_newer = sa.exists().where(
        col(theirs.issue_id) == newer.id,
        col(theirs.subscriber_id) == col(Delivery.subscriber_id),
        col(theirs.state).in_([_D.QUEUED, _D.SENDING, _D.SENT, _D.DEFERRED, _D.UNSURE]),
    )
    waits = sa.and_(col(Delivery.issue_id) == older.id, col(Delivery.state) == _D.QUEUED, col(Delivery.reason).startswith(REASON))
    ids = tx.execute(sa.select(col(Delivery.id)).where(waits, gets_newer).limit(BATCH)).scalars().all()
    passed = sa.update(Delivery).where(col(Delivery.id).in_(ids), col(Delivery.state) == _D.QUEUED)
    return touched(tx.execute(passed.values(state=_D.SKIPPED, next_at=None, reason=Skip.NEWER.value)))
