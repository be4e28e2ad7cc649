"""
Rules of pausing: the days until which a reader can pause, and the instant at which mail comes again.

Pure: time comes in as an argument.
"""

from datetime import UTC, date, datetime, timedelta
from datetime import time as wall_time
from zoneinfo import ZoneInfo

LONGEST = timedelta(days=366)
OFFERED = (timedelta(weeks=1), timedelta(weeks=4))  #: pauses that the page names


def problem(day: date, *, today: date) -> str:
    """Return what is wrong with a day to be mailed again from: `past`, `far`, or nothing."""
    if day <= today:
        return "past"
    return "far" if day - today > LONGEST else ""


def wakes_at(day: date, zone: ZoneInfo) -> datetime:
    """Return the instant at which a day begins for the reader, in UTC."""
    return datetime.combine(day, wall_time.min, tzinfo=zone).astimezone(UTC)
