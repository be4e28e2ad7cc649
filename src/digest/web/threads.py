"""
Blocking functions in a bounded number of threads, for a bounded time each.

Starlette's own thread pool waits without a limit: forty requests that wait for a locked database
would keep every other one waiting too.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import partial
from typing import ParamSpec, TypeVar

from digest.errors import StoreError

P = ParamSpec("P")
R = TypeVar("R")


class Threads:
    """A thread pool; `run` raises StoreError for what has not ended in time, whether it had begun or not."""

    def __init__(self, count: int, *, name: str, timeout_s: float) -> None:
        self._pool = ThreadPoolExecutor(count, thread_name_prefix=name)
        self._timeout_s = timeout_s

    async def run(self, function: Callable[P, R], /, *args: P.args, **options: P.kwargs) -> R:
        """
        Run a function and return its result.

        Raises:
            StoreError: it took too long. If it had begun, it runs on in its thread to its end; else it never begins.
        """
        context = copy_context()  # so that what is logged there names the request
        running = asyncio.get_running_loop().run_in_executor(self._pool, partial(context.run, function, *args, **options))
        try:
            return await asyncio.wait_for(running, self._timeout_s)
        except TimeoutError:
            raise StoreError("the database takes too long to answer; requests for pages are refused meanwhile") from None

    def close(self) -> None:
        """Accept no more functions."""
        self._pool.shutdown(wait=False, cancel_futures=True)
