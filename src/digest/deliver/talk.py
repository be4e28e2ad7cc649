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


def elsewhere(work: Callable[[], T]) -> Talk[T]:
    """What `work` returns or raises; it blocks a thread of its own meanwhile."""
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
        yield Wait(ours)
        thread.join()
    return outcome.result()
