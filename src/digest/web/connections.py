"""
Limits of HTTP connections: their number, and the time that a client may take.

uvicorn counts a connection only when its request is complete, has a deadline only for one that is
idle between requests, and asyncio logs a traceback for every connection that cannot be accepted.
"""

import asyncio
import socket
import sys
from collections.abc import Callable
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import STATUS_PHRASES, H11Protocol

from digest import log

HEAD_S = 10.0  #: until the head of a request is complete, from the connection's start or the last response
BODY_S = 20.0  #: until its body is, too
EXCHANGE_S = 30.0  #: until the response has been taken by the client
LINGER_S = 2.0  #: what a client still sends after a refusal is read, else a reset would take the refusal from it
EVICTABLE_S = 0.5  #: a client that was waited for so long makes room when there is none
SWEEP_S = 1.0
PIECE_BYTES = 4_096
BACKLOG = 128
BURST = 32  #: connections accepted in one turn of the event loop
FULL_S, NO_FILES_S = 0.1, 1.0  #: until the next try to accept


class Connection(H11Protocol):
    """One connection; `Acceptor` asks how long it has been in its phase."""

    def __init__(self, *args: Any, on_lost: Callable[["Connection"], None], **options: Any) -> None:
        super().__init__(*args, **options)
        self._on_lost = on_lost
        self._since = self.loop.time()
        self._lingering = False

    def age(self) -> float:
        """Seconds since the connection was made, or its last response was complete."""
        return self.loop.time() - self._since

    def limit(self) -> float:
        """Greatest age in the present phase."""
        if self.transport is None:  # accepted in this turn of the event loop
            return HEAD_S
        if self._lingering:
            return LINGER_S
        if self.transport.is_closing() or self.transport.get_write_buffer_size():
            return EXCHANGE_S
        return {h11.IDLE: HEAD_S, h11.SEND_BODY: BODY_S}.get(self.conn.their_state, EXCHANGE_S)

    def waits_for_client(self) -> bool:
        """True while the client must send or read something before anything can go on."""
        if self.transport is None:
            return False
        unread = self._lingering or self.transport.is_closing() or self.transport.get_write_buffer_size() > 0
        return unread or self.conn.their_state in (h11.IDLE, h11.SEND_BODY)

    def abort(self) -> None:
        """Close at once; `close` would wait until a client that reads nothing has read everything."""
        if self.transport is not None:
            self.transport.abort()

    def on_response_complete(self) -> None:
        """See uvicorn."""
        self._since = self.loop.time()
        super().on_response_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """See asyncio."""
        self._on_lost(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """See asyncio. In pieces, since h11 bounds only a head that is not complete when it looks."""
        for start in range(0, len(data), PIECE_BYTES):
            if self._lingering or self.transport.is_closing():
                return
            super().data_received(data[start : start + PIECE_BYTES])

    def eof_received(self) -> bool:  # type: ignore[override]
        """Answer a client that has sent a whole request and closed its side, as mail providers do after a one-click POST."""
        if self.cycle is None or self.cycle.response_complete or self.conn.their_state in (h11.IDLE, h11.SEND_BODY):
            return False
        self.cycle.keep_alive = False
        return True

    def send_400_response(self, msg: str) -> None:
        """Answer a request that is not HTTP with the status that fits (431 for a head that is too large) and close."""
        if self.cycle is not None and not self.cycle.response_complete:
            # The body is broken. The application learns that the client is gone, and answers nobody.
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        if self.conn.our_state not in (h11.IDLE, h11.SEND_RESPONSE):
            self.transport.close()
            return
        status = getattr(sys.exc_info()[1], "error_status_hint", 400)  # uvicorn calls this while it handles h11's error
        headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"connection", b"close"), (b"cache-control", b"no-store")]
        for event in (
            h11.Response(status_code=status, headers=headers, reason=STATUS_PHRASES[status]),
            h11.Data(data=STATUS_PHRASES[status]),
            h11.EndOfMessage(),
        ):
            self.transport.write(self.conn.send(event) or b"")
        self.transport.write_eof()
        self._lingering, self._since = True, self.loop.time()


class Acceptor:
    """
    Acceptor of connections on a listening socket, `most` at a time; it closes those that have timed out.

    Where there is no room, the client that has been waited for longest makes some; while none has
    been waited for, new ones stay in the kernel's backlog.
    """

    def __init__(self, listener: socket.socket, make: Callable[[Callable[[Connection], None]], Connection], *, most: int) -> None:
        """`make` gets what a connection calls when it is lost."""
        self._listener = listener
        self._make = make
        self._max_connections = most
        self._loop = asyncio.get_running_loop()
        self._open: set[Connection] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._resuming: asyncio.TimerHandle | None = None
        self._sweeping: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Listen and accept."""
        self._listener.setblocking(False)
        self._listener.listen(BACKLOG)
        self._resume()
        self._sweep()

    def stop(self) -> None:
        """Accept no more; connections that are open stay."""
        self._loop.remove_reader(self._listener)
        for timer in (self._resuming, self._sweeping):
            if timer is not None:
                timer.cancel()

    async def close(self) -> None:
        """Close the connections that are still open."""
        for connection in list(self._open):
            self._close(connection)
        await asyncio.sleep(0)  # asyncio closes their files in its next turn

    def _resume(self) -> None:
        self._loop.add_reader(self._listener, self._accept)

    def _pause(self, seconds: float) -> None:
        self._loop.remove_reader(self._listener)
        self._resuming = self._loop.call_later(seconds, self._resume)

    def _accept(self) -> None:
        for _ in range(BURST):
            if len(self._open) >= self._max_connections and not self._evict_one():
                self._pause(FULL_S)
                return
            try:
                sock, _address = self._listener.accept()
            except (BlockingIOError, InterruptedError, ConnectionError):
                return  # nobody is waiting, or the next one has hung up
            except (
                OSError
            ) as problem:  # no open files, no memory: the socket stays readable, so reading it again at once is a busy loop
                log.get().warning("pages.unreachable", error=problem.strerror or str(problem))
                self._pause(NO_FILES_S)
                return
            self._begin(sock)

    def _begin(self, sock: socket.socket) -> None:
        sock.setblocking(False)
        connection = self._make(self._open.discard)
        self._open.add(connection)
        task = self._loop.create_task(self._connect(connection, sock))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _connect(self, connection: Connection, sock: socket.socket) -> None:
        try:
            await self._loop.connect_accepted_socket(lambda: connection, sock)
        except OSError:  # hung up already
            self._open.discard(connection)
            sock.close()

    def _evict_one(self) -> bool:
        """Close a connection for a new one; return False where none can be."""
        waiting = [one for one in self._open if one.waits_for_client() and one.age() > EVICTABLE_S]
        if not waiting:
            return False
        log.get().warning("pages.crowded", connections=self._max_connections)
        self._close(max(waiting, key=Connection.age))
        return True

    def _sweep(self) -> None:
        for connection in [one for one in self._open if one.age() > one.limit()]:
            self._close(connection)
        self._sweeping = self._loop.call_later(SWEEP_S, self._sweep)

    def _close(self, connection: Connection) -> None:
        self._open.discard(connection)  # its file is closed in the next turn of the event loop
        connection.abort()
