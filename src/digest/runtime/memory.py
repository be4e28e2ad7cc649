"""Memory of a process that runs for months."""

import ctypes
from contextlib import suppress

_ARENA_MAX = -8  #: M_ARENA_MAX of mallopt(3), glibc
ARENAS = 2


def share_arenas() -> None:
    """
    Have all threads take memory from two arenas of glibc, before the first of them starts; other C libraries have no arenas.

    By default there are eight a processor, one for nearly each of our threads, and each keeps the pages between what is left in it:
    a tenth of the memory of a `serve` after three days, and more later (docs/reference/performance.md). Python's lock lets one thread at a time
    allocate, so that more arenas spare us no waiting.
    """
    with suppress(AttributeError, OSError):
        ctypes.CDLL(None).mallopt(_ARENA_MAX, ARENAS)
