"""Compute the interval between reads of a source: half its publication interval, within the limits it and its server ask for."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from statistics import median

USUAL = timedelta(minutes=30)  #: the default without any evidence
OFTEN, SELDOM = timedelta(minutes=15), timedelta(hours=6)  #: the bounds of the interval by publication
LONGEST = timedelta(hours=12)  #: the upper limit, whatever a source or its server asks, and however often it failed
#: As long as an outage may still end within the day, a source is tried again this soon; after so many failures it is not hurried.
SOON, PATIENCE = timedelta(hours=2), 16
LOOKED_AT = 10  #: of its newest entries


def rhythm(published: Sequence[datetime], *, now: datetime, asked: Sequence[timedelta | None] = ()) -> timedelta:
    """
    Return the interval between two reads.

    `published` are the dates of its entries; `asked` is what the feed (ttl, syUpdatePeriod) and
    the server (Cache-Control) want at least.
    """
    newest = sorted(published, reverse=True)[:LOOKED_AT]
    gaps = [later - earlier for later, earlier in zip([now, *newest], newest, strict=False)]
    pace = timedelta(seconds=median(gap.total_seconds() for gap in gaps)) / 2 if len(newest) > 2 else USUAL
    silent = (now - newest[0]) / 4 if newest else pace  # a source that has stopped publishing is read less often
    own = min(max(pace, silent, OFTEN), SELDOM)
    return min(max([own, *(wish for wish in asked if wish is not None)]), LONGEST)


def after_silence(usual: timedelta) -> timedelta:
    """Return the interval after a read without news: a quarter longer each time, up to SELDOM."""
    return max(usual, min(usual * 5 / 4, SELDOM))


def after_failures(usual: timedelta, failures: int) -> timedelta:
    """Return the back-off of a failing source: doubled with each failure, at first at most SOON."""
    return min(usual * (1 << min(failures, 10)), SOON if failures <= PATIENCE else LONGEST)
