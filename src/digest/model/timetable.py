"""
When a newsletter is due: days of the week, a wall time and a zone become slots and instants.

Pure: no clock. A wall time that DST skips moves to the first real minute after it; one that
occurs twice is used once, the first time.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from digest.errors import BadInput

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """One due time of a newsletter, by name."""

    name: str  #: such as `2026-03-03`
    due_at: datetime  #: UTC


@dataclass(frozen=True, slots=True, kw_only=True)
class Timetable:
    """On these days (0 = Monday) at this wall time in this zone."""

    days: frozenset[int]
    at: time
    zone: ZoneInfo

    @classmethod
    def parse(cls, *, days: str, at: str, zone: str) -> "Timetable":
        """
        From `mon-fri` or `mon,thu`, `07:00` and `Europe/Berlin`.

        Raises:
            BadInput: naming the part that cannot be read.
        """
        return cls(days=parse_days(days), at=parse_time(at), zone=ZoneInfo(zone))

    def slot(self, day: date) -> Slot:
        """The slot of a local day, whether or not the timetable names that day."""
        return Slot(name=day.isoformat(), due_at=instant(day, self.at, self.zone))

    def today(self, now: datetime) -> Slot:
        """The slot of the local day in which `now` lies."""
        return self.slot(now.astimezone(self.zone).date())

    def slots(self, *, after: datetime, until: datetime) -> Iterator[Slot]:
        """Every slot due later than `after` and not later than `until`, in order."""
        day = after.astimezone(self.zone).date() - timedelta(days=1)
        last = until.astimezone(self.zone).date()
        while day <= last:
            slot = self.slot(day)
            if day.weekday() in self.days and after < slot.due_at <= until:
                yield slot
            day += timedelta(days=1)

    def next(self, after: datetime) -> Slot:
        """The first slot due later than `after`."""
        return next(self.slots(after=after, until=after + timedelta(days=9)))

    @property
    def longest_gap(self) -> timedelta:
        """The most days between two due times: 1 for every day, 3 for weekdays, 7 for one day a week."""
        ordered = sorted(self.days)
        gaps = [b - a for a, b in zip(ordered, [*ordered[1:], ordered[0] + 7], strict=True)]
        return timedelta(days=max(gaps))


def instant(day: date, at: time, zone: ZoneInfo) -> datetime:
    """The UTC instant of a wall time; see the module for DST."""
    local = datetime.combine(day, at, tzinfo=zone)
    found = local.astimezone(UTC)
    if found.astimezone(zone).replace(tzinfo=None) == local.replace(tzinfo=None):
        return found
    # The wall time does not exist. fold=1 gives the offset after the jump, so `earlier` reads
    # before the gap and the gap's end is the first minute whose local time is past `at`.
    earlier = min(found, local.replace(fold=1).astimezone(UTC))
    while earlier.astimezone(zone).replace(tzinfo=None) < local.replace(tzinfo=None):
        earlier += timedelta(minutes=1)
    return earlier


def parse_days(text: str) -> frozenset[int]:
    """`mon-fri`, `sat,sun`, `daily` as a set of weekdays; 0 = Monday."""
    if text.strip().lower() == "daily":
        return frozenset(range(7))
    days: set[int] = set()
    for part in text.lower().replace(" ", "").split(","):
        first, dash, last = part.partition("-")
        try:
            start, end = DAYS.index(first), DAYS.index(last if dash else first)
        except ValueError:
            raise BadInput(f"{part!r} is no day; write days like `mon-fri` or `mon,thu`") from None
        days |= {day % 7 for day in range(start, end + 1 if end >= start else end + 8)}
    return frozenset(days)


def parse_time(text: str) -> time:
    """`07:00` as a wall time of whole minutes."""
    try:
        found = time.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.second or found.microsecond or found.tzinfo:
        raise BadInput(f"{text!r} is no time of day; write it like `07:00`")
    return found
