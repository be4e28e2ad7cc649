"""
Events: rows that are added with the change they record, and read in the order in which they were added.

On a server, transactions that run side by side may commit in another order than that of their numbers, and
whoever reads on from a number would miss what is committed late. So each writer holds a lock that all writers
share, and `since` waits for those that are in the middle.
"""

from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, SQLModel, col, select

from digest import log
from digest.model.delivery import Delivery
from digest.model.event import REASON_MAX, Actor, Event, EventKind
from digest.store.engine import is_shared

#: The number of the lock is arbitrary; it only has to be ours.
_WRITING = sa.text("SELECT pg_advisory_xact_lock_shared(7302841936)")
_READING = sa.text("SELECT pg_advisory_xact_lock(7302841936)")
_DELIVERY = SQLModel.metadata.tables[str(Delivery.__tablename__)]
BATCH = 5_000  #: rows a statement


def add(tx: Session, events: Iterable[Event]) -> None:
    """Store events with this transaction; addresses in their facts, such as replies of servers name, are masked."""
    rows = [{**event.model_dump(exclude={"id"}), "facts": _masked(event.facts)} for event in events]
    if not rows:
        return
    if is_shared(tx):
        tx.execute(_WRITING)
    tx.connection().execute(sa.insert(Event), rows)


def _masked(facts: Mapping[str, object]) -> dict[str, object]:
    return {name: log.mask(value) if isinstance(value, str) else value for name, value in facts.items()}


def add_bounced(tx: Session, deliveries: Sequence[int], *, at: datetime, actor: Actor) -> None:
    """Store an event for each of these deliveries, which have just bounced: with the numbers of issue and reader, reason and reply."""
    names = ("id", "issue_id", "newsletter_id", "subscriber_id", "reason", "reply")  # no more of a row is read
    query = sa.select(*(_DELIVERY.c[name] for name in names))
    for start in range(0, len(deliveries), BATCH):
        rows = tx.execute(query.where(_DELIVERY.c.id.in_(deliveries[start : start + BATCH]))).mappings()
        add(tx, [_bounced(row, at, actor) for row in rows])


def _bounced(row: sa.RowMapping, at: datetime, actor: Actor) -> Event:
    return Event(
        at=at,
        kind=EventKind.BOUNCED,
        actor=actor,
        noun="delivery",
        noun_id=row["id"],
        newsletter_id=row["newsletter_id"],
        facts={
            "issue": row["issue_id"],
            "subscriber": row["subscriber_id"],
            "reason": row["reason"][:REASON_MAX],
            "reply": row["reply"][:REASON_MAX],
        },
    )


# --- to read ---------------------------------------------------------------------------------


def since(tx: Session, after: int, *, kinds: Collection[EventKind] = (), limit: int) -> Sequence[Event]:
    """Return the events with a number above `after`, oldest first: of these kinds, or of all. On a server it must be a writing transaction."""
    if is_shared(tx):
        tx.execute(_READING)
    query = select(Event).where(col(Event.id) > after).order_by(col(Event.id)).limit(limit)
    return tx.exec(query.where(col(Event.kind).in_(kinds)) if kinds else query).all()


def by_ids(tx: Session, numbers: Collection[int]) -> Sequence[Event]:
    """Return the events with these numbers; those that are not kept any more are left out."""
    return tx.exec(select(Event).where(col(Event.id).in_(numbers))).all()


def latest(
    tx: Session, *, newsletter_id: int | None = None, kind: EventKind | None = None, limit: int | None = None
) -> Sequence[Event]:
    """Return the newest events, newest first: of a newsletter, of a kind."""
    query = select(Event).order_by(col(Event.id).desc()).limit(limit)
    if newsletter_id is not None:
        query = query.where(Event.newsletter_id == newsletter_id)
    if kind is not None:
        query = query.where(Event.kind == kind)
    return tx.exec(query).all()


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Choice of events; an empty value chooses all."""

    by_persons: bool = False  #: only what a person did
    person: str = ""
    nouns: Collection[str] = ()
    since: datetime | None = None
    until: datetime | None = None


def page(tx: Session, wanted: Wanted, *, before: int | None, limit: int) -> Sequence[Event]:
    """Return the chosen events with a number below `before`, newest first."""
    query = select(Event).order_by(col(Event.id).desc()).limit(limit)
    if before is not None:
        query = query.where(col(Event.id) < before)
    if wanted.person:
        query = query.where(Event.person == wanted.person)
    if wanted.by_persons or wanted.person:
        query = query.where(sa.literal_column("event.person") != sa.literal_column("''"))  # as the index says
    if wanted.nouns:
        query = query.where(col(Event.noun).in_(wanted.nouns))
    if wanted.since is not None:
        query = query.where(col(Event.at) >= wanted.since)
    if wanted.until is not None:
        query = query.where(col(Event.at) < wanted.until)
    return tx.exec(query).all()


def persons(tx: Session) -> Sequence[str]:
    """Return the names of the persons behind events, a step through the index for each."""
    found: list[str] = []
    query = select(Event.person).where(sa.literal_column("event.person") != sa.literal_column("''"))
    query = query.order_by(col(Event.person)).limit(1)
    while name := tx.exec(query.where(col(Event.person) > (found[-1] if found else ""))).first():
        found.append(name)
    return found


def newest(tx: Session) -> int:
    """Return the number of the newest event; 0 where there is none."""
    return tx.exec(select(sa.func.max(Event.id))).one() or 0


def numbers_at(tx: Session, times: Iterable[datetime]) -> Sequence[int]:
    """
    Return for each time the number from which on events happened then or later.

    A later event has a higher number, give or take transactions side by side, so that days are told by the numbers alone.
    """
    first, last = tx.exec(select(sa.func.min(Event.id), sa.func.max(Event.id))).one()
    if first is None:
        return [0 for _ in times]
    query = select(Event.at).where(col(Event.id) >= sa.bindparam("number")).order_by(col(Event.id)).limit(1)

    def at(number: int) -> datetime:
        return tx.exec(query, params={"number": number}).one()

    numbers = range(first, last + 1)
    return [first + bisect_left(numbers, time, key=at) for time in times]


def count_kinds(tx: Session, kinds: Collection[EventKind], *, first: int, end: int) -> int:
    """Count the events of these kinds whose numbers are `first` or higher and below `end`."""
    query = select(sa.func.count()).select_from(Event).where(col(Event.kind).in_(kinds))
    return tx.exec(query.where(col(Event.id) >= first, col(Event.id) < end)).one()


def of_kind(tx: Session, kind: EventKind, *, first: int, end: int) -> Iterator[Mapping[str, Any]]:
    """Yield the facts of the events of a kind whose numbers are `first` or higher and below `end`."""
    query = select(Event.facts).where(Event.kind == kind, col(Event.id) >= first, col(Event.id) < end)
    yield from tx.exec(query.order_by(col(Event.id)))


# --- telling the admins ----------------------------------------------------------------------


def any_to_tell(tx: Session, *, now: datetime) -> bool:
    """Return whether an event is due to be mailed to the admins."""
    return tx.exec(select(Event.id).where(_due(now)).limit(1)).first() is not None


def claim_to_tell(tx: Session, *, now: datetime, until: datetime) -> Event | None:
    """
    Claim the oldest event that is due to be mailed; no other process claims it before `until`.

    None: there is none, or another process claimed it first.
    """
    found = tx.exec(select(Event).where(_due(now)).order_by(col(Event.id)).limit(1)).first()
    if found is None:
        return None
    took = sa.update(Event).where(col(Event.id) == found.id, col(Event.tell_tries) == found.tell_tries, _due(now))
    result = tx.connection().execute(took.values(tell_at=until, tell_tries=found.tell_tries + 1))
    if result.rowcount != 1:
        return None
    tx.refresh(found)
    return found


def keep_claim(tx: Session, event: Event, *, until: datetime) -> bool:
    """Extend a claim; False: it had expired, and another process has the event now."""
    return _change_claimed(tx, event, tell_at=until)


def told(tx: Session, event: Event) -> None:
    """Store the admins' addresses that have been handled, as the event has them."""
    _change_claimed(tx, event, told=event.told)


def all_told(tx: Session, event: Event, *, at: datetime) -> None:
    """Mark an event as mailed to every admin."""
    _change_claimed(tx, event, tell_at=None, told_at=at)


def tell_later(tx: Session, event: Event, *, at: datetime) -> None:
    """Release a claim; the event is tried again then."""
    _change_claimed(tx, event, tell_at=at)


def give_up_telling(tx: Session, *, before: datetime) -> Sequence[Event]:
    """Give up mailing the admins older events; return these."""
    old = tx.exec(select(Event).where(col(Event.tell_at).is_not(None), col(Event.at) < before)).all()
    for event in old:
        event.tell_at = None
    tx.flush()
    return old


def _due(now: datetime) -> sa.ColumnElement[bool]:
    return sa.and_(col(Event.tell_at).is_not(None), col(Event.tell_at) <= now)


def _change_claimed(tx: Session, event: Event, **values: object) -> bool:
    mine = sa.update(Event).where(col(Event.id) == event.id, col(Event.tell_tries) == event.tell_tries)
    return tx.connection().execute(mine.where(col(Event.tell_at).is_not(None)).values(**values)).rowcount == 1
