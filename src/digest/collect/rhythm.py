"""How often a source is read: at half the pace at which it publishes, within what it and its server ask for."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from statistics import median

USUAL = timedelta(minutes=30)  #: where nothing tells
OFTEN, SELDOM = timedelta(minutes=15), timedelta(hours=6)  #: the bounds of what its pace asks for
LONGEST = timedelta(hours=12)  #: whatever a source or its server asks, and however often it failed
#: As long as an outage may still end within the day, a source is tried again this soon; after so many failures it is not hurried.
SOON, PATIENCE = timedelta(hours=2), 16
LOOKED_AT = 10  #: of its newest entries


def rhythm(published: Sequence[datetime], *, now: datetime, asked: Sequence[timedelta | None] = ()) -> timedelta:
    """
    The time between two reads.

    `published` are the dates of its entries; `asked` is what the feed (ttl, syUpdatePeriod) and
    the server (Cache-Control) want at least.
    """
    newest = sorted(published, reverse=True)[:LOOKED_AT]
    gaps = [later - earlier for later, earlier in zip([now, *newest], newest, strict=False)]
    pace = timedelta(seconds=median(gap.total_seconds() for gap in gaps)) / 2 if len(newest) > 2 else USUAL
    silent = (now - newest[0]) / 4 if newest else pace  # one that has fallen silent has another pace than it had
    own = min(max(pace, silent, OFTEN), SELDOM)
    return min(max([own, *(wish for wish in asked if wish is not None)]), LONGEST)


def after_silence(usual: timedelta) -> timedelta:
    """The time until a source is read again that had nothing new: a quarter longer each time, up to SELDOM."""
    return max(usual, min(usual * 5 / 4, SELDOM))


def after_failures(usual: timedelta, failures: int) -> timedelta:
    """The time until a failing source is tried again: twice as long with each failure, at first every SOON."""
    return min(usual * (1 << min(failures, 10)), SOON if failures <= PATIENCE else LONGEST)
