"""Pausing: nothing is mailed to a person before a day; then mail comes again by itself."""

from datetime import date
from zoneinfo import ZoneInfo

from sqlmodel import Session

from digest.audience import pauses
from digest.errors import BadInput
from digest.model.event import EventKind
from digest.model.subscriber import Subscriber
from digest.services import events
from digest.services.context import Place
from digest.store import newsletters, subscribers


def pause(ctx: Place, tx: Session, person: Subscriber, day: date | None, *, actor: str = "") -> None:
    """
    Have nothing mailed to a person before a day, within a transaction; None: mail comes again from now on. Idempotent.

    Raises:
        BadInput: the day is not after today, or more than a year ahead.
    """
    zone = zone_of(ctx, tx, person)
    if day and (problem := pauses.problem(day, today=ctx.clock().astimezone(zone).date())):
        said = {"past": "is not after today", "far": "is more than a year ahead"}[problem]
        raise BadInput(f"{day} {said}", code="bad_pause")
    until = pauses.wakes_at(day, zone) if day else None
    if until == person.paused_until:
        return
    person.paused_until = until
    tx.add(person)
    tx.flush()
    if day:
        events.record(ctx, tx, EventKind.SUBSCRIBER_PAUSED, person, actor=actor, until=day.isoformat())
    else:
        events.record(ctx, tx, EventKind.SUBSCRIBER_WOKEN, person, actor=actor)


def zone_of(ctx: Place, tx: Session, person: Subscriber) -> ZoneInfo:
    """Return the zone in which a person's days begin: their own, else that of a newsletter they get, else the place's."""
    lists = [mlist for _, mlist in subscribers.subscriptions_of(tx, person.id)]
    known = [person.zone] if person.zone else [paper.zone for mlist in lists for paper in newsletters.of_list(tx, mlist.id)]
    return ZoneInfo(known[0]) if known else ctx.settings.zone
