"""Ctrl-C and SIGTERM ask a long command to finish what it has in hand; a second one does not wait."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from digest.cli.output import note

DRAIN_S = 10.0


@contextmanager
def draining() -> Iterator[threading.Event]:
    """An event that is set when a person wants the command to end."""
    stop = threading.Event()

    def ask(_signal: int, _frame: FrameType | None) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        note("stopping: what is in hand is finished first")
        stop.set()

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
