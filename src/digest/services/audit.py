"""The audit: who changed what, when and from where, as the events of the changes tell it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from datetime import time as wall_time
from zoneinfo import ZoneInfo

from digest.errors import BadInput
from digest.model.event import EventKind
from digest.services.context import Place
from digest.services.events import views
from digest.services.views.events import EventView
from digest.store import events
from digest.store.events import Wanted

SHOWN = 50  #: events on a page
NOUNS = tuple(dict.fromkeys(kind.value.partition(".")[0] for kind in EventKind))


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """Choice of events, as a person types it; an empty value chooses all."""

    person: str = ""
    noun: str = ""  #: what it happened to, such as `source`
    since: str = ""  #: a day
    until: str = ""  #: a day, which is included
    everything: bool = False  #: what programs and readers did, too


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page of events, newest first."""

    events: Sequence[EventView]
    more_before: int | None  #: the number before which the next page begins; None: this is the last one
    persons: Sequence[str]  #: who did anything


def page(ctx: Place, search: Search, *, before: int | None = None) -> Page:
    """Return the events that are found, those with a number below `before`. Raises BadInput."""
    if search.noun and search.noun not in NOUNS:
        raise BadInput(f"nothing happens to a {search.noun}; there are {', '.join(NOUNS)}", code="bad_state")
    zone = ctx.settings.zone
    wanted = Wanted(
        by_persons=not search.everything,
        person=search.person,
        nouns=[search.noun] if search.noun else [],
        since=_day(search.since, zone),
        until=_day(search.until, zone, days_later=1),
    )
    with ctx.db.read() as tx:
        found = events.page(tx, wanted, before=before, limit=SHOWN + 1)
        return Page(
            events=views(tx, found[:SHOWN]),
            more_before=found[SHOWN - 1].id if len(found) > SHOWN else None,
            persons=events.persons(tx),
        )


def _day(text: str, zone: ZoneInfo, *, days_later: int = 0) -> datetime | None:
    if not text:
        return None
    try:
        day = date.fromisoformat(text) + timedelta(days=days_later)
    except (ValueError, OverflowError) as problem:
        raise BadInput(f"{text}: write a day like 2026-03-03", code="bad_day") from problem
    return datetime.combine(day, wall_time.min, tzinfo=zone).astimezone(UTC)
