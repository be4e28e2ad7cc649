"""Imports: many people at once by plain INSERTs, with the former values of what they change."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlmodel import Session, SQLModel, col, select
from sqlmodel.sql.sqltypes import UTCDateTime

from digest.errors import NotFound
from digest.model.signup import Consent
from digest.model.states import SubscriptionState
from digest.model.subscriber import Import, MailingList

_SUBSCRIBERS = SQLModel.metadata.tables["subscriber"]
_SUBSCRIPTIONS = SQLModel.metadata.tables["subscription"]
_SUPPRESSIONS = SQLModel.metadata.tables["suppression"]
_CHANGES = SQLModel.metadata.tables["import_change"]

# Built once, with their lists as parameters: a statement is part of a reference cycle, so that one for each batch would keep
# the batch's strings until the collector comes by (150 MB for a million lines).
_KNOWN = (
    sa.select(
        _SUBSCRIBERS.c.address_key,
        _SUBSCRIBERS.c.id,
        _SUBSCRIPTIONS.c.id,
        _SUBSCRIPTIONS.c.state,
        _SUBSCRIBERS.c.name,
        _SUBSCRIBERS.c.language,
        _SUBSCRIBERS.c.zone,
        _SUBSCRIBERS.c.revision,
        _SUBSCRIBERS.c.import_id,
    )
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
_TAKEN_OFF = (
    sa.select(_SUBSCRIPTIONS.c.id)
    .join_from(_SUBSCRIPTIONS, _CHANGES, _CHANGES.c.subscription_id == _SUBSCRIPTIONS.c.id)
    .where(
        _SUBSCRIPTIONS.c.id.in_(sa.bindparam("ids", expanding=True)),
        _SUBSCRIPTIONS.c.revision == _CHANGES.c.revision,
        _SUBSCRIPTIONS.c.state == SubscriptionState.UNSUBSCRIBED,
    )
)
_NUMBERS = sa.select(_SUBSCRIBERS.c.address_key, _SUBSCRIBERS.c.id).where(
    _SUBSCRIBERS.c.address_key.in_(sa.bindparam("keys", expanding=True))
)


class Known(NamedTuple):
    """Stored facts about an address; all are None for a new one."""

    subscriber_id: int | None = None
    subscription_id: int | None = None
    state: SubscriptionState | None = None  #: on the list in question
    name: str = ""
    language: str = ""
    zone: str = ""
    revision: int = 0  #: of the subscriber
    import_id: int | None = None  #: that made the subscriber


UNKNOWN = Known()


def known(tx: Session, mlist_id: int, keys: Sequence[str]) -> dict[str, Known]:
    """Return those of `keys` that are subscribers, with their subscription to a list."""
    found = tx.connection().execute(_KNOWN, {"keys": keys, "mlist": mlist_id})
    return {key: Known(*facts) for key, *facts in found}


def taken_off(tx: Session, subscriptions: Sequence[int]) -> set[int]:
    """Return those subscriptions that a sync ended and that nobody changed since: their people did not leave."""
    return set(tx.connection().execute(_TAKEN_OFF, {"ids": subscriptions}).scalars())


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
    wanted: str
    muted: str


def add_people(tx: Session, people: Sequence[NewSubscriber], made: Import) -> dict[str, int]:
    """Store the new subscribers of an import; return their numbers by address key."""
    if not people:
        return {}
    shared = (_as_stored(tx)(made.made_at), made.id, 0)
    columns = (*NewSubscriber._fields, "made_at", "import_id", "revision")
    _insert(tx, _SUBSCRIBERS, columns, [(*person, *shared) for person in people])
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
            tie.wanted,
            tie.muted,
            made.mlist_id,
            made.id,
            0,
        )
        for tie in ties
    ]
    _insert(tx, _SUBSCRIPTIONS, (*NewSubscription._fields, "mlist_id", "import_id", "revision"), rows)


def _insert(tx: Session, table: sa.Table, columns: Sequence[str], rows: Sequence[tuple[object, ...]]) -> None:
    """Run a plain INSERT for many rows in the driver: SQLAlchemy's own work for each row would double the time."""
    connection = tx.connection()
    marks = ", ".join(["?" if connection.dialect.paramstyle == "qmark" else "%s"] * len(columns))
    connection.exec_driver_sql(f"INSERT INTO {table.name} ({', '.join(columns)}) VALUES ({marks})", list(rows))  # noqa: S608


def _as_stored(tx: Session) -> Callable[[datetime], object]:
    """Return the conversion of times for the driver, so that rows of an import compare with all others."""
    dialect = tx.connection().dialect
    convert = UTCDateTime().dialect_impl(dialect).bind_processor(dialect) or (lambda instant: instant)
    return lru_cache(maxsize=8)(convert)  # Most rows of an import have the same time.


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
        # What an import makes and then changes by a later line is its own all the same.
        revision=_SUBSCRIPTIONS.c.revision
        + sa.case((_SUBSCRIPTIONS.c.import_id == sa.bindparam("import", type_=sa.Integer()), 0), else_=1),
    )
)


class Change(NamedTuple):
    """Another state of a subscription."""

    subscription_id: int
    state: SubscriptionState
    at: datetime  #: from when on it is active, or when the person left
    evidence: str  #: to be added
    reversible: bool  #: an undo of the import restores the former state


def change_subscriptions(tx: Session, changes: Sequence[Change], made: Import) -> None:
    """Change subscriptions, and keep the former values of those whose change is reversible."""
    if not changes:
        return
    _keep_former(tx, [change.subscription_id for change in changes if change.reversible], made)
    values = [
        {
            "row": change.subscription_id,
            "import": made.id,
            "new_state": change.state,
            "new_active_at": change.at if change.state is SubscriptionState.ACTIVE else None,
            "new_left_at": change.at if change.state is SubscriptionState.UNSUBSCRIBED else None,
            "more_evidence": change.evidence,
        }
        for change in changes
    ]
    tx.connection().execute(_CHANGE, values)


_FORMER = sa.select(
    _SUBSCRIPTIONS.c.id,
    _SUBSCRIPTIONS.c.subscriber_id,
    _SUBSCRIPTIONS.c.revision,
    _SUBSCRIPTIONS.c.state,
    _SUBSCRIPTIONS.c.active_at,
    _SUBSCRIPTIONS.c.left_at,
    _SUBSCRIPTIONS.c.evidence,
).where(
    _SUBSCRIPTIONS.c.id.in_(sa.bindparam("ids", expanding=True)),
    sa.func.coalesce(_SUBSCRIPTIONS.c.import_id, 0) != sa.bindparam("import"),
)


def _keep_former(tx: Session, subscriptions: Sequence[int], made: Import) -> None:
    found = tx.connection().execute(_FORMER, {"ids": subscriptions, "import": made.id})
    rows = [
        {
            "import_id": made.id,
            "subscriber_id": row.subscriber_id,
            "subscription_id": row.id,
            "before": {
                "state": row.state.value,
                "active_at": row.active_at.isoformat() if row.active_at else None,
                "left_at": row.left_at.isoformat() if row.left_at else None,
                "evidence": row.evidence,
            },
            "revision": row.revision + 1,
        }
        for row in found
    ]
    if rows:
        tx.connection().execute(sa.insert(_CHANGES), rows)


_RENAME = (
    sa.update(_SUBSCRIBERS)
    .where(_SUBSCRIBERS.c.id == sa.bindparam("row"))
    .values(
        name=sa.bindparam("new_name", type_=sa.String()),
        language=sa.bindparam("new_language", type_=sa.String()),
        zone=sa.bindparam("new_zone", type_=sa.String()),
        revision=sa.bindparam("new_revision", type_=sa.Integer()),
    )
)


def change_people(tx: Session, changes: Sequence[tuple[Known, Mapping[str, str]]], made: Import) -> None:
    """Change names, languages and zones of known people, and keep the former values."""
    if not changes:
        return
    values = [
        {
            "row": known.subscriber_id,
            "new_name": facts.get("name", known.name),
            "new_language": facts.get("language", known.language),
            "new_zone": facts.get("zone", known.zone),
            "new_revision": known.revision + 1,
        }
        for known, facts in changes
    ]
    former = [
        {
            "import_id": made.id,
            "subscriber_id": known.subscriber_id,
            "subscription_id": None,
            "before": {field: getattr(known, field) for field in facts},
            "revision": known.revision + 1,
        }
        for known, facts in changes
    ]
    tx.connection().execute(_RENAME, values)
    tx.connection().execute(sa.insert(_CHANGES), former)


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


class Member(NamedTuple):
    """A subscription that is active or pending."""

    id: int
    address_key: str
    asked: bool  #: the person asked for the list themselves


def members(tx: Session, mlist: MailingList, *, after: int, limit: int) -> Sequence[Member]:
    """Return the subscriptions of a list that have not ended, with numbers above `after`."""
    asked = sa.exists().where(col(Consent.address_hmac) == _SUBSCRIBERS.c.address_hmac).where(col(Consent.mlist) == mlist.name)
    query = (
        sa.select(_SUBSCRIPTIONS.c.id, _SUBSCRIBERS.c.address_key, asked)
        .join_from(_SUBSCRIPTIONS, _SUBSCRIBERS, _SUBSCRIBERS.c.id == _SUBSCRIPTIONS.c.subscriber_id)
        .where(
            _SUBSCRIPTIONS.c.mlist_id == mlist.id,
            _SUBSCRIPTIONS.c.state != SubscriptionState.UNSUBSCRIBED,
            _SUBSCRIPTIONS.c.id > after,
        )
        .order_by(_SUBSCRIPTIONS.c.id)
        .limit(limit)
    )
    return [Member._make(row) for row in tx.connection().execute(query)]


def all_of(tx: Session) -> Sequence[tuple[Import, str]]:
    """Return all imports with the names of their lists, newest first."""
    query = select(Import, MailingList.name).join(MailingList, col(MailingList.id) == Import.mlist_id)
    return tx.exec(query.order_by(col(Import.id).desc())).all()
