"""Warm-up of a relay: how much a new one is given on each of its first days, so that mailbox providers come to know it. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Field, SQLModel

from digest.model.timetable import instant

REASON = "warm-up of "  #: how the reason of a delivery begins that waits for it
AFTER_NEXT = timedelta(hours=1)  #: what waits goes so long after the hour of the next issue, if that does not come


class RelayDay(SQLModel, table=True):
    """Count of the messages that a relay was given on one day of its warm-up."""

    __tablename__ = "relay_day"

    relay: str = Field(primary_key=True)  #: host and port
    day: str = Field(primary_key=True)  #: ISO date, in the time zone of the place
    number: int  #: of the day among those on which it was given mail, from 1
    given: int = 0  #: messages that were claimed for it


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Progress of the warm-up of a relay, today."""

    relay: str
    schedule: Sequence[int]  #: messages on each day
    number: int  #: of today
    given: int  #: today

    @property
    def is_over(self) -> bool:
        """True if it has no limit any more."""
        return self.number > len(self.schedule)

    @property
    def allowed(self) -> int:
        """Messages that it may be given today; on a day that begins a run after the last one, as many as on that."""
        return self.schedule[min(self.number, len(self.schedule)) - 1]

    @property
    def left(self) -> int:
        """Of those, which it was not given yet."""
        return max(0, self.allowed - self.given)


def day_of(now: datetime, zone: ZoneInfo) -> str:
    """Return the day that an instant belongs to."""
    return now.astimezone(zone).date().isoformat()


def shares(
    wanted: int, *, in_hand: Mapping[str, int], left: Mapping[str, int], weights: Mapping[str, int], rest: int
) -> Mapping[str, int]:
    """
    Return how many messages to reserve for each relay, so that `wanted` can be given to all of them by their weights.

    `in_hand`: reserved before and not used; `left`: what each may still be given today; `rest`: the weight of the relays
    that have no warm-up, which take what these cannot.
    """
    total = sum(weights.values()) + rest
    taken = {name: _least(-(-wanted * weight // total) - in_hand[name], left[name]) for name, weight in weights.items()}
    for name in weights if not rest else ():
        missing = wanted - sum(taken.values()) - sum(in_hand.values())
        taken[name] += _least(missing, left[name] - taken[name])
    return taken


def _least(*numbers: int) -> int:
    return max(0, min(numbers))


def resumes(now: datetime, *, zone: ZoneInfo, due_at: datetime, next_due: datetime | None) -> datetime:
    """
    Return when what waits of an issue that was due at `due_at` goes: on the next day, at the same hour.

    Where the next issue is due by the end of that day it goes first, and its readers get that instead; what waits goes an
    hour later where it does not come.
    """
    tomorrow = now.astimezone(zone).date() + timedelta(days=1)
    usual = instant(tomorrow, due_at.astimezone(zone).time().replace(second=0, microsecond=0), zone)
    if next_due is None or next_due.astimezone(zone).date() > tomorrow:
        return usual
    return max(usual, next_due + AFTER_NEXT)
