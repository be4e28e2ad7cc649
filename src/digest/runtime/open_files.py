"""
Open files: the limit of the process, and the part of it that the pages may use.

Every connection is an open file: of a reader's browser as much as of a relay or a source.
"""

import resource
from contextlib import suppress

WANTED = 65_536  #: more is of no use to us, and some systems say "a thousand million"
PAGES_SHARE = 4  #: the pages get a quarter; senders, sources and the database keep the rest
FEWEST, MOST = 16, 512  #: connections of the pages, whatever the limit


def raise_limit() -> None:
    """Raise the soft limit of open files to the hard one, or to WANTED where that is less; never lower it."""
    soft, hard = (_number(limit) for limit in resource.getrlimit(resource.RLIMIT_NOFILE))
    if soft < min(hard, WANTED):
        with suppress(OSError, ValueError):  # macOS has a limit below the one that it reports
            resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, WANTED), resource.getrlimit(resource.RLIMIT_NOFILE)[1]))


def for_pages() -> int:
    """Return the number of connections that the pages may hold at once."""
    soft = _number(resource.getrlimit(resource.RLIMIT_NOFILE)[0])
    return max(FEWEST, min(MOST, soft // PAGES_SHARE))


def _number(limit: int) -> int:
    return WANTED if limit == resource.RLIM_INFINITY else limit
