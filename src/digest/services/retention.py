"""
Retention: personal data goes when its time is over, a batch a transaction.

It touches nothing that a promise needs: of those who left a keyed hash stays, so that no import and no admin brings
them back, and they themselves can return by signing up again.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlmodel import Session

from digest import log
from digest.model.event import Event, EventKind
from digest.model.retention import Kind
from digest.model.subscriber import Subscriber
from digest.services import events, uploads
from digest.services.context import Place
from digest.services.views.people import RetentionLine
from digest.store import held, retention, subscribers

FOUND = 2_000  #: rows that one search finds: it reads a whole table
ROWS, PEOPLE = 2_000, 10  #: that one transaction removes: a person may have a thousand deliveries
LEFT = "left, and was then forgotten"


def plan(ctx: Place) -> Sequence[RetentionLine]:
    """Return for each kind how long it is kept, and how many rows a run would remove now."""
    with ctx.db.read() as tx:
        return [
            _line(ctx, kind, retention.count(tx, kind, before=before) if (before := _before(ctx, kind)) else 0) for kind in Kind
        ]


def apply(ctx: Place) -> Sequence[RetentionLine]:
    """Remove what is older than it is kept for; return how many rows of each kind. It can be repeated and interrupted at any time."""
    uploads.sweep(ctx)
    done = [_line(ctx, kind, _remove_all(ctx, kind, before) if (before := _before(ctx, kind)) else 0) for kind in Kind]
    log.get().info("retention.applied", **{str(line.what): line.rows for line in done})
    return done


def _before(ctx: Place, kind: Kind) -> datetime | None:
    """Return the time before which rows of a kind are too old; None: they are kept for ever."""
    days = ctx.settings.days_kept.get(kind)
    return None if days is None else ctx.clock() - timedelta(days=days)


def _line(ctx: Place, kind: Kind, rows: int) -> RetentionLine:
    return RetentionLine(what=kind, days=ctx.settings.days_kept.get(kind), rows=rows)


def _remove_all(ctx: Place, kind: Kind, before: datetime) -> int:
    removed = 0
    size = PEOPLE if kind in (Kind.PENDING, Kind.DEPARTED) else ROWS
    while True:
        with ctx.db.read() as tx:
            numbers = retention.due(tx, kind, before=before, limit=FOUND)
        if not numbers:
            return removed
        for start in range(0, len(numbers), size):
            removed += _remove_batch(ctx, kind, numbers[start : start + size], before)


def _remove_batch(ctx: Place, kind: Kind, numbers: Sequence[int], before: datetime) -> int:
    """Remove some rows in a transaction of their own, and record that; return how many were still to go."""
    with ctx.db.read() as tx:  # the long search, before others have to wait
        happened = held.events_about(tx, numbers) if kind is Kind.DEPARTED else ()
    with ctx.db.begin() as tx:
        if kind in (Kind.PENDING, Kind.DEPARTED):
            count = _remove_people(ctx, tx, retention.people(tx, kind, numbers, before=before), kind, happened)
        else:
            count = retention.remove(tx, kind, numbers, before=before)
        if count and kind not in (Kind.EVENTS, Kind.AUDIT):  # an event of each deletion of events would be one to delete
            events.record(ctx, tx, EventKind.RETENTION_APPLIED, Subscriber, what=str(kind), rows=count)
    return count


def _remove_people(ctx: Place, tx: Session, people: Sequence[Subscriber], kind: Kind, happened: Sequence[Event]) -> int:
    """Remove people; `happened`: the events that name them."""
    for person in people:
        if kind is Kind.PENDING:
            events.record(ctx, tx, EventKind.SUBSCRIBER_REMOVED, person)
            subscribers.remove(tx, person, at=ctx.clock())
            continue
        own = [event.id for event in happened if held.names(event, person.id)]
        found = held.of_address(tx, person.address_key, person.address_hmac, events=own)
        may_return = found.suppression is None or found.suppression.may_return
        held.erase(tx, found, address_hmac=person.address_hmac, reason=LEFT, at=ctx.clock(), may_return=may_return)
        events.record(ctx, tx, EventKind.SUBSCRIBER_ERASED, person, deliveries=len(found.deliveries))
    return len(people)
