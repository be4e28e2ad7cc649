"""
Runs many talks side by side in one thread, each going on when what it waits for is there.

One thread, since they all would need the interpreter's lock: with a thread for each connection, a
message cost twice the work, most of it in waiting for each other.
"""

import math
import selectors
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from digest.model.ports import HasFileno, Talk

TICK_S = 0.02  #: how late a wait's end may be noticed, and how often `every_tick` is called
#: So many talks, and the loop rests for a moment between its looks: being woken for each reply alone costs more than it
#: brings, most of all to a relay on the same machine (measured: a twelfth of its speed).
MANY, MOMENT_S = 4, 0.0001


@dataclass(slots=True, eq=False)
class _Running:
    """A talk, and what it waits for."""

    talk: Talk[None]
    until: float = 0.0
    connection: HasFileno | None = None  #: the selector watches it
    writes: bool = False


class Loop:
    """`add` talks and `run` them; `wake` may be called by any thread."""

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        self._running: set[_Running] = set()
        self._idle: set[_Running] = set()  #: of those, which wait for no connection
        self._bell, self._listener = socket.socketpair()
        self._bell.setblocking(False)
        self._listener.setblocking(False)
        self._selector.register(self._listener, selectors.EVENT_READ)

    def add(self, talk: Talk[None]) -> None:
        """Begin a talk. Only in the loop's own thread, or before it runs."""
        running = _Running(talk)
        self._running.add(running)
        self._go_on(running)

    def wake(self) -> None:
        """What waits for no connection looks again."""
        if self._idle:
            with suppress(OSError):  # it is ringing already, or all is over
                self._bell.send(b"\0")

    def run(self, every_tick: Callable[[], None]) -> None:
        """Until every talk is over. What one raises ends them all."""
        tick = time.monotonic()
        try:
            while self._running:
                if len(self._running) >= MANY:
                    time.sleep(MOMENT_S)
                soonest = min((running.until for running in self._idle), default=math.inf)
                for key, _ in self._selector.select(max(0.0, min(tick, soonest) - time.monotonic())):
                    if key.data is not None:
                        self._go_on(key.data)
                    else:
                        self._rung()
                now = time.monotonic()
                if now >= tick:
                    tick = now + TICK_S
                    every_tick()
                    self._go_on_if_late(self._running, now)
                elif now >= soonest:
                    self._go_on_if_late(self._idle, now)
        finally:
            self._close()

    def _go_on(self, running: _Running) -> None:
        """Until the next wait, or its end."""
        try:
            wait = next(running.talk)
        except StopIteration:
            self._watch(running, None, writes=False)
            self._running.discard(running)
            self._idle.discard(running)
            return
        running.until = wait.until
        if wait.connection is not running.connection or wait.writes != running.writes:
            self._watch(running, wait.connection, writes=wait.writes)
        if wait.connection is None:
            self._idle.add(running)
        elif self._idle:
            self._idle.discard(running)

    def _watch(self, running: _Running, connection: HasFileno | None, *, writes: bool) -> None:
        """Mostly it is the same as before, and the selector need not be told. A closed one is let go before its number is used again."""
        if running.connection is not None:
            self._selector.unregister(running.connection)
        if connection is not None:
            self._selector.register(connection, selectors.EVENT_WRITE if writes else selectors.EVENT_READ, running)
        running.connection, running.writes = connection, writes

    def _go_on_if_late(self, among: set[_Running], now: float) -> None:
        for running in [running for running in among if running.until <= now]:
            self._go_on(running)

    def _rung(self) -> None:
        with suppress(BlockingIOError):
            while self._listener.recv(4096):
                continue
        for running in list(self._idle):
            self._go_on(running)

    def _close(self) -> None:
        self._idle.clear()
        for running in list(self._running):
            running.talk.close()
        self._selector.close()
        self._bell.close()
        self._listener.close()
