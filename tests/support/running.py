"""Coroutines in synchronous tests, on the event loop that the program uses or on asyncio's own."""

import asyncio
from collections.abc import Coroutine
from typing import TypeVar

from digest.smtp.event_loop import new_event_loop

T = TypeVar("T")


def run(*steps: Coroutine[None, None, T]) -> list[T]:
    """Run coroutines one after another on one loop; what each returns."""
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        return [runner.run(step) for step in steps]
