"""
Signals: Ctrl-C and SIGTERM ask a long command to finish what it has in hand; a second one does not wait.

They are handled here alone; a command that sends loads this without all that the supervisor runs.
"""

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

DRAIN_S = 10.0
Say = Callable[[str], None]


@contextmanager
def draining(say: Say) -> Iterator[threading.Event]:
    """Yield an event that is set when a person wants the command to end; `say` prints what it waits for."""
    stop = threading.Event()

    def ask(_signal: int, _frame: FrameType | None) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        say("stopping: what is in hand is finished first")
        stop.set()
        leave = threading.Timer(DRAIN_S, _leave, args=(say,))
        leave.daemon = True
        leave.start()

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _leave(say: Say) -> None:
    """
    End the process at once, whatever its threads wait for.

    Threads that wait for a relay's answer cannot be interrupted. What they had ended without an
    answer is in the journal as intended: the next start lists it as unsure.
    """
    say("stopped in the middle of something; the same command goes on, and what is in doubt is listed as unsure")
    sys.stderr.flush()
    os._exit(130)
