"""
Talks: what waits for the network without holding a thread.

A talk is a generator that yields a `Wait` wherever it cannot go on. Many of them run side by side
in one `Loop`; one alone runs in `at_once`. What can only block (a name's lookup, a TLS handshake,
a greeting) is done `elsewhere`, in a thread of its own.
"""

import math
import select
import socket
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

from digest.model.ports import Talk, Wait

T = TypeVar("T")
LOOK_S = 0.1  #: how often work that may be waited for in vain is looked at


def at_once(talk: Talk[T]) -> T:
    """Run a talk to its end, in this thread; what it returns or raises."""
    while True:
        try:
            wait = next(talk)
        except StopIteration as over:
            result: T = over.value
            return result
        left = max(0.0, wait.until - time.monotonic())
        if wait.connection is None:
            time.sleep(left)
            continue
        poll = select.poll()
        poll.register(wait.connection, select.POLLOUT if wait.writes else select.POLLIN)
        poll.poll(None if math.isinf(left) else math.ceil(left * 1000))


def elsewhere(
    work: Callable[[], T], *, unless: Callable[[], bool] | None = None, discard: Callable[[T], object] | None = None
) -> Talk[T | None]:
    """
    What `work` returns or raises; it blocks a thread of its own meanwhile.

    As soon as `unless` says so it is waited for no longer, and the talk returns None; `discard` gets what `work` returns then.
    """
    outcome: Future[T] = Future()
    ours, theirs = socket.socketpair()

    def blocked() -> None:
        try:
            outcome.set_result(work())
        except BaseException as problem:  # raised to who waits for it
            outcome.set_exception(problem)
        finally:
            theirs.close()  # which the other end hears

    with ours:
        thread = threading.Thread(target=blocked, name="elsewhere", daemon=True)
        try:
            thread.start()
        except RuntimeError:  # the system has no more threads for us
            theirs.close()
            raise
        while not outcome.done():
            yield Wait(ours, until=math.inf if unless is None else time.monotonic() + LOOK_S)
            if unless is not None and not outcome.done() and unless():
                outcome.add_done_callback(lambda done: done.exception() or (discard and discard(done.result())))
                return None
        thread.join()
    return outcome.result()
