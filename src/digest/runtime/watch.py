"""
Watch the mailbox of mails that come back, where its server says when there is a new one.

It only wakes the job that reads the mailbox, and that job runs every minute anyway: nothing is lost where the server says nothing,
or while a connection is made anew.
"""

import threading
from collections.abc import Callable

from digest import log
from digest.errors import DigestError
from digest.services import bounces
from digest.services.context import Context

REST_S, LONGEST_REST_S = 5.0, 300.0  #: after a connection that failed, doubling
FOLLOWING_S = 5.0  #: between two looks of a process that does not lead


class Watcher:
    """A thread that waits for mail and calls `wake`; it ends by itself where there is nothing to wait at."""

    def __init__(self, ctx: Context, *, wake: Callable[[], object], leads: Callable[[], bool]) -> None:
        self._ctx, self._wake, self._leads = ctx, wake, leads
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="mailbox", daemon=True)
        self._thread.start()

    @property
    def is_alive(self) -> bool:
        """True while it waits."""
        return self._thread.is_alive()

    def end(self) -> None:
        """Stop waiting."""
        self._stop.set()
        self._thread.join(FOLLOWING_S)  # a connection that hangs ends with the process

    def _run(self) -> None:
        rest = REST_S
        while not self._stop.is_set():
            if not self._leads():
                self._stop.wait(FOLLOWING_S)
                continue
            try:
                watched = False
                for _ in bounces.arrivals(self._ctx, until=self._is_over):
                    watched, rest = True, REST_S
                    self._wake()
                if not watched:
                    return
            except DigestError as problem:
                log.get().warning("bounces.unwatched", error=str(problem))
                self._stop.wait(rest)
                rest = min(rest * 2, LONGEST_REST_S)

    def _is_over(self) -> bool:
        return self._stop.is_set() or not self._leads()
