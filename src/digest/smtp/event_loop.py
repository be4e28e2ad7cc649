"""The event loop that sessions run on, and threads for calls that block it."""

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

T = TypeVar("T")


def new_event_loop() -> asyncio.AbstractEventLoop:
    """Return an event loop of uvloop where it is installed (a third of the CPU time per round trip), else of asyncio."""
    try:
        import uvloop
    except ImportError:
        return asyncio.new_event_loop()
    return uvloop.new_event_loop()


async def run_in_thread(work: Callable[[], T]) -> T:
    """
    Run a blocking call in a thread of its own, and return or raise what it does.

    Not in the loop's executor: the interpreter waits for an executor's threads before it exits, and a name server that does
    not answer must not keep a process from ending. After a cancellation the thread's result is dropped.
    """
    loop = asyncio.get_running_loop()
    outcome: asyncio.Future[T] = loop.create_future()

    def settle(result: T | None, problem: BaseException | None) -> None:
        if outcome.cancelled():
            return
        if problem is not None:
            outcome.set_exception(problem)
        else:
            outcome.set_result(result)  # type: ignore[arg-type]  # without a problem there is a result

    def run() -> None:
        result, problem = None, None
        try:
            result = work()
        except BaseException as raised:  # raised again where it is awaited
            problem = raised
        with suppress(RuntimeError):  # the loop was closed meanwhile: nobody waits any more
            loop.call_soon_threadsafe(settle, result, problem)

    threading.Thread(target=run, name="blocking call", daemon=True).start()
    return await outcome
