"""Memory of a process that runs for months."""

import ctypes
from contextlib import suppress

_ARENA_MAX = -8  #: M_ARENA_MAX of mallopt(3), glibc
ARENAS = 2


def share_arenas() -> None:
    """
    Have all threads take memory from two arenas of glibc, before the first of them starts; other C libraries have no arenas.

    By default there are eight a processor, one for nearly each of our threads, and each keeps pages that are no longer used between
    those that are: a tenth of the memory of a `serve` after three days, and more later (docs/reference/performance.md). Threads seldom
    wait for each other's arena, since they allocate mostly while they hold the global interpreter lock.
    """
    with suppress(AttributeError, OSError):
        ctypes.CDLL(None).mallopt(_ARENA_MAX, ARENAS)
