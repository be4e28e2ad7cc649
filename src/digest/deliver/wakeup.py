"""Waking of coroutines by other threads."""

import asyncio
import time
from contextlib import suppress


class Wakeup:
    """Event that ends the waits of one event loop's coroutines early; any thread may call `wake`."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._waiting: set[asyncio.Future[None]] = set()

    def wake(self) -> None:
        """End every wait. One that begins at the same time may be missed, so waits are short."""
        if self._waiting:
            with suppress(RuntimeError):  # the loop is closed: nobody waits any more
                self._loop.call_soon_threadsafe(self._wake_all)

    async def wait(self, until: float) -> None:
        """Wait until this monotonic time, or until `wake`."""
        future = self._loop.create_future()
        timer = self._loop.call_later(max(0.0, until - time.monotonic()), _settle, future)
        self._waiting.add(future)
        try:
            await future
        finally:
            self._waiting.discard(future)
            timer.cancel()

    def _wake_all(self) -> None:
        for future in self._waiting:
            _settle(future)


def _settle(future: "asyncio.Future[None]") -> None:
    if not future.done():
        future.set_result(None)
