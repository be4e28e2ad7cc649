"""
Timetables: days, wall times and a zone become slots and instants.

Pure: no clock. A wall time that DST skips moves to the first real minute after it; one that
occurs twice is used once, the first time. The only module that knows local time.
"""

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo

from digest.errors import BadInput

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
LAST = "last"  #: the last day of a month, whichever it is
LONGEST_MONTH = 31
HORIZON = timedelta(days=70)  #: within which every timetable has a slot


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """One due time of a newsletter, by name."""

    name: str  #: `2026-03-03`; a later one of the same day `2026-03-03@18:00`
    due_at: datetime  #: UTC


@dataclass(frozen=True, slots=True, kw_only=True)
class Timetable:
    """On these days at these wall times in this zone; `days` and `month_days` add up."""

    days: frozenset[int]  #: of the week, 0 = Monday
    month_days: frozenset[int] = frozenset()  #: 31 is the last day in months that are shorter, and so is 30 and 29
    times: tuple[time, ...]  #: in their order
    zone: ZoneInfo

    @classmethod
    def parse(cls, *, days: str, at: str, zone: str) -> "Timetable":
        """
        Parse `mon-fri`, `mon,thu` or `1,15,last`; `07:00` or `07:00,18:00`; and `Europe/Berlin`.

        Raises:
            BadInput: naming the part that cannot be read.
        """
        week, month = parse_days(days)
        return cls(days=week, month_days=month, times=parse_times(at), zone=ZoneInfo(zone))

    def slots_of(self, day: date) -> list[Slot]:
        """
        Return the slots of a local day, whether or not the timetable includes that day.

        The first has the day's name, whatever its hour, so that another hour makes no second issue of a day.
        """
        found: list[Slot] = []
        for at in self.times:
            name = f"{day}@{at:%H:%M}" if found else day.isoformat()
            found.append(Slot(name=name, due_at=instant(day, at, self.zone)))
        return found

    def named(self, name: str) -> Slot | None:
        """Return the slot of this name; None where its day has none."""
        return next((slot for slot in self.slots_of(date.fromisoformat(name[:10])) if slot.name == name), None)

    def today(self, now: datetime) -> Slot:
        """Return the slot of the local day that was due last; before the first, that one."""
        first, *later = self.slots_of(now.astimezone(self.zone).date())
        return next((slot for slot in reversed(later) if slot.due_at <= now), first)

    def slots(self, *, after: datetime, until: datetime) -> Iterator[Slot]:
        """Yield every slot due later than `after` and not later than `until`, in order."""
        day = after.astimezone(self.zone).date() - timedelta(days=1)
        last = until.astimezone(self.zone).date()
        while day <= last:
            if self.names(day):
                yield from (slot for slot in self.slots_of(day) if after < slot.due_at <= until)
            day += timedelta(days=1)

    def names(self, day: date) -> bool:
        """Return whether the timetable includes this day."""
        return day.weekday() in self.days or bool(self.month_days & _days_of_month(day))

    def next(self, after: datetime) -> Slot:
        """Return the first slot due later than `after`."""
        return next(self.slots(after=after, until=after + HORIZON))

    @property
    def longest_gap(self) -> timedelta:
        """Longest time between two due times: a day for every day, 3 days for weekdays, 7 for one day a week."""
        return _longest_gap(self)


@cache
def _longest_gap(table: Timetable) -> timedelta:
    """Search four years, so that there is a leap day and every month begins on many weekdays."""
    days = (date(2023, 1, 1) + timedelta(days=number) for number in range(4 * 366))
    due = [datetime.combine(day, at) for day in days if table.names(day) for at in table.times]
    return max(later - earlier for earlier, later in pairwise(due))


def _days_of_month(day: date) -> frozenset[int]:
    """Return the day's number; on a month's last day also the numbers that this month lacks."""
    length = calendar.monthrange(day.year, day.month)[1]
    return frozenset(range(day.day, LONGEST_MONTH + 1)) if day.day == length else frozenset({day.day})


def instant(day: date, at: time, zone: ZoneInfo) -> datetime:
    """Return the UTC instant of a wall time; see the module for DST."""
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


def local(instant: datetime | None, zone: tzinfo = UTC) -> str:
    """Format an instant in local time, with the zone's abbreviation: `2026-03-03 07:00 CET`."""
    return f"{instant.astimezone(zone):%Y-%m-%d %H:%M %Z}" if instant else "–"


def parse_days(text: str) -> tuple[frozenset[int], frozenset[int]]:
    """Parse `mon-fri`, `sat,sun`, `daily`, `1,15`, `last` into days of the week (0 = Monday) and days of the month."""
    if text.strip().lower() == "daily":
        return frozenset(range(7)), frozenset()
    week: set[int] = set()
    month: set[int] = set()
    for part in text.lower().replace(" ", "").split(","):
        first, dash, last = part.partition("-")
        try:
            if first in DAYS:
                start, end = DAYS.index(first), DAYS.index(last if dash else first)
                week |= {day % 7 for day in range(start, end + 1 if end >= start else end + 8)}
            else:
                begin, finish = _month_day(first), _month_day(last if dash else first)
                if begin > finish:
                    raise ValueError(part)
                month |= set(range(begin, finish + 1))
        except ValueError:
            raise BadInput(
                f"{part!r} is no day; write days like `mon-fri`, `mon,thu`, `daily`, or of the month: `1,15,last`"
            ) from None
    return frozenset(week), frozenset(month)


def _month_day(text: str) -> int:
    """Raises ValueError where it is none."""
    number = LONGEST_MONTH if text == LAST else int(text) if re.fullmatch(r"[0-9]{1,2}", text) else 0
    if not 1 <= number <= LONGEST_MONTH:
        raise ValueError(text)
    return number


def parse_times(text: str) -> tuple[time, ...]:
    """Parse `07:00` or `07:00,18:00` into wall times of whole minutes, in order, without duplicates."""
    return tuple(sorted({parse_time(part.strip()) for part in text.split(",")}))


def parse_time(text: str) -> time:
    """Parse `07:00` into a wall time of whole minutes."""
    found = re.fullmatch(r"([01]?[0-9]|2[0-3]):([0-5][0-9])", text)
    if found is None:
        raise BadInput(f"{text!r} is no time of day; write it like `07:00`, or `07:00,18:00` for several")
    return time(int(found[1]), int(found[2]))


_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}


def parse_duration(text: str) -> timedelta:
    """Parse `90m`, `36h`, `2d` or `2d 12h`. Raises BadInput."""
    parts = re.findall(r"([0-9]{1,4})\s*([mhd])", text.lower())
    if not parts or re.sub(r"[0-9]{1,4}\s*[mhd]|\s", "", text.lower()):
        raise BadInput(f"{text!r} is no length of time; write it like `90m`, `6h`, `2d` or `2d 12h`")
    return sum((int(number) * _UNITS[unit] for number, unit in parts), timedelta())


def duration(length: timedelta) -> str:
    """Format a length of time as `parse_duration` reads it: `2d 12h`."""
    minutes = int(length.total_seconds()) // 60
    parts = ((minutes // 1440, "d"), (minutes // 60 % 24, "h"), (minutes % 60, "m"))
    return " ".join(f"{number}{unit}" for number, unit in parts if number) or f"{int(length.total_seconds())}s"
