"""Imports: many people at once by plain INSERTs, and undoing it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlmodel import Session, SQLModel, col, select
from sqlmodel.sql.sqltypes import UTCDateTime

from digest.errors import Conflict, NotFound
from digest.model.delivery import Delivery
from digest.model.states import SubscriptionState
from digest.model.subscriber import Import, Subscriber, Subscription

_SUBSCRIBERS = SQLModel.metadata.tables["subscriber"]
_SUBSCRIPTIONS = SQLModel.metadata.tables["subscription"]
_SUPPRESSIONS = SQLModel.metadata.tables["suppression"]

# Built once, with their lists as parameters: a statement is part of a reference cycle, so that one for each batch would keep
# the batch's strings until the collector comes by (150 MB for a million lines).
_KNOWN = (
    sa.select(_SUBSCRIBERS.c.address_key, _SUBSCRIBERS.c.id, _SUBSCRIPTIONS.c.id, _SUBSCRIPTIONS.c.state)
    .join_from(
        _SUBSCRIBERS,
        _SUBSCRIPTIONS,
        sa.and_(_SUBSCRIPTIONS.c.subscriber_id == _SUBSCRIBERS.c.id, _SUBSCRIPTIONS.c.mlist_id == sa.bindparam("mlist")),
        isouter=True,
    )
    .where(_SUBSCRIBERS.c.address_key.in_(sa.bindparam("keys", expanding=True)))
)
_SUPPRESSED = sa.select(_SUPPRESSIONS.c.address_hmac, _SUPPRESSIONS.c.address.is_(None)).where(
    _SUPPRESSIONS.c.address_hmac.in_(sa.bindparam("hmacs", expanding=True))
)
_NUMBERS = sa.select(_SUBSCRIBERS.c.address_key, _SUBSCRIBERS.c.id).where(
    _SUBSCRIBERS.c.address_key.in_(sa.bindparam("keys", expanding=True))
)


@dataclass(frozen=True, slots=True)
class Known:
    """Stored facts about an address; all are None for a new one."""

    subscriber_id: int | None = None
    subscription_id: int | None = None
    state: SubscriptionState | None = None  #: on the list in question


def known(tx: Session, mlist_id: int, keys: Sequence[str]) -> dict[str, Known]:
    """Return those of `keys` that are subscribers, with their subscription to a list."""
    found = tx.connection().execute(_KNOWN, {"keys": keys, "mlist": mlist_id})
    return {key: Known(person, tie, state) for key, person, tie, state in found}


def suppressed(tx: Session, hmacs: Iterable[str]) -> dict[str, bool]:
    """Return those of `hmacs` that are suppressed, with True for an address that was forgotten."""
    return {hmac: bool(erased) for hmac, erased in tx.connection().execute(_SUPPRESSED, {"hmacs": list(hmacs)})}


class NewSubscriber(NamedTuple):
    """A row of `subscriber`."""

    address: str
    address_key: str
    address_hmac: str
    name: str
    language: str
    zone: str


class NewSubscription(NamedTuple):
    """A row of `subscription`."""

    subscriber_id: int
    state: SubscriptionState
    evidence: str
    made_at: datetime
    active_at: datetime | None
    left_at: datetime | None


def add_people(tx: Session, people: Sequence[NewSubscriber], *, at: datetime) -> dict[str, int]:
    """Store new subscribers; return their numbers by address key."""
    if not people:
        return {}
    made_at = _as_stored(tx)(at)
    _insert(tx, _SUBSCRIBERS, (*NewSubscriber._fields, "made_at"), [(*person, made_at) for person in people])
    keys = [person.address_key for person in people]
    return {row.address_key: row.id for row in tx.connection().execute(_NUMBERS, {"keys": keys})}


def add_subscriptions(tx: Session, ties: Sequence[NewSubscription], made: Import) -> None:
    """Store the new subscriptions of an import."""
    if not ties:
        return
    stored = _as_stored(tx)
    rows = [
        (
            tie.subscriber_id,
            tie.state.value,
            tie.evidence,
            stored(tie.made_at),
            stored(tie.active_at) if tie.active_at else None,
            stored(tie.left_at) if tie.left_at else None,
            made.mlist_id,
            made.id,
        )
        for tie in ties
    ]
    _insert(tx, _SUBSCRIPTIONS, (*NewSubscription._fields, "mlist_id", "import_id"), rows)


def _insert(tx: Session, table: sa.Table, columns: Sequence[str], rows: Sequence[tuple[object, ...]]) -> None:
    """Run a plain INSERT for many rows in the driver: SQLAlchemy's own work for each row would double the time."""
    connection = tx.connection()
    marks = ", ".join(["?" if connection.dialect.paramstyle == "qmark" else "%s"] * len(columns))
    connection.exec_driver_sql(f"INSERT INTO {table.name} ({', '.join(columns)}) VALUES ({marks})", list(rows))  # noqa: S608


def _as_stored(tx: Session) -> Callable[[datetime], object]:
    """Return the conversion of times for the driver, so that rows of an import compare with all others."""
    dialect = tx.connection().dialect
    return UTCDateTime().dialect_impl(dialect).bind_processor(dialect) or (lambda instant: instant)


_CHANGE = (
    sa.update(_SUBSCRIPTIONS)
    .where(_SUBSCRIPTIONS.c.id == sa.bindparam("row"))
    .values(
        state=sa.bindparam("new_state", type_=_SUBSCRIPTIONS.c.state.type),
        active_at=sa.func.coalesce(
            sa.bindparam("new_active_at", type_=_SUBSCRIPTIONS.c.active_at.type), _SUBSCRIPTIONS.c.active_at
        ),
        left_at=sa.bindparam("new_left_at", type_=_SUBSCRIPTIONS.c.left_at.type),
        evidence=_SUBSCRIPTIONS.c.evidence + "; " + sa.bindparam("more_evidence", type_=sa.String()),
    )
)


def change_subscriptions(tx: Session, changes: Sequence[Mapping[str, Any]]) -> None:
    """Change subscriptions; each change has `row`, `new_state`, `new_active_at`, `new_left_at` and `more_evidence`."""
    if changes:
        tx.connection().execute(_CHANGE, changes)


def add_suppressions(tx: Session, entries: Sequence[Mapping[str, Any]]) -> None:
    """Store suppressions that are not there yet, a mapping of columns each."""
    if entries:
        tx.connection().execute(sa.insert(_SUPPRESSIONS), entries)


def get(tx: Session, import_id: int) -> Import:
    """Return an import by number. Raises NotFound."""
    found = tx.get(Import, import_id)
    if found is None:
        raise NotFound("import", import_id)
    return found


def undo(tx: Session, done: Import, *, at: datetime) -> int:
    """
    Remove the subscriptions that an import made and that nothing was sent to since; return how many.

    People who were imported as unsubscribed or suppressed stay so.
    """
    if done.undone_at:
        raise Conflict(f"import {done.id} was undone already")
    mailed = select(Delivery.subscription_id)
    mine = select(Subscription).where(Subscription.import_id == done.id, Subscription.state != SubscriptionState.UNSUBSCRIBED)
    ties = tx.exec(mine.where(col(Subscription.id).not_in(mailed))).all()
    people = {tie.subscriber_id for tie in ties}
    for tie in ties:
        tx.delete(tie)
    tx.flush()
    for person in people:
        held = tx.exec(select(Subscription.id).where(Subscription.subscriber_id == person).limit(1)).first()
        if held is None:
            tx.delete(tx.get_one(Subscriber, person))
    done.undone_at = at
    tx.add(done)
    tx.flush()
    return len(ties)
