"""
One connection to a mail server: octets out, replies in, each by its deadline.

Deadlines are absolute, on the monotonic clock: a server that sends one byte a second is as late as one that is silent.
One coroutine at a time uses a connection. It waits on one future and one timer, which are moved and not made anew:
`asyncio.wait_for` for each reply would cost more than the reply.
"""

import asyncio
import os
import socket
import ssl
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from ipaddress import ip_address
from typing import cast

from digest.model.ports import Reply
from digest.smtp.event_loop import run_in_thread
from digest.smtp.replies import BadReply, ReplyParser, reply_of

CHUNK = 65_536  #: octets that are handed to the socket before it is waited for, so that what the peer can have read is known
MOST_LINES = 1_000  #: lines that nobody has read yet, and nothing more is taken from the socket
POLL_S = 0.005  #: between looks at what the kernel has not taken: below TLS, asyncio does not say when it has
LATE = "it did not answer in time"


class ConnectionLost(Exception):
    """
    The connection is closed or unusable.

    `written`: octets of the last write that the server may have read. `orderly`: the server ended the connection,
    and all that it sent before has arrived.
    """

    def __init__(self, reason: str, *, written: int = 0, orderly: bool = False) -> None:
        super().__init__(reason)
        self.written = written
        self.orderly = orderly


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """Timeouts in seconds: those of RFC 5321 4.5.3.2, except for connecting."""

    connect: float = 10.0  #: each address, and the TLS handshake
    banner: float = 300.0
    command: float = 300.0
    data: float = 120.0
    content: float = 180.0  #: to take all of it
    end: float = 600.0  #: to answer for it: giving up early doubles mail
    quit: float = 2.0


class Connection(asyncio.Protocol):
    """A connected socket."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._parser = ReplyParser()
        self._transport: asyncio.Transport
        self._socket: socket.socket | None = None
        self._plain: asyncio.Transport | None = None  #: below TLS, where there is TLS
        self._lost: ConnectionLost | None = None
        self._paused = False  #: reading, since nobody reads what has arrived
        self._waiter: asyncio.Future[None] | None = None
        self._deadline = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._timer_at = 0.0

    @classmethod
    async def open(cls, host: str, port: int, *, within: float) -> "Connection":
        """
        Connect to the first address of `host` that answers, each given `within` seconds.

        Raises:
            OSError: none does; gaierror where the name is not found.
        """
        loop = asyncio.get_running_loop()
        trouble: OSError | None = None
        look_up = partial(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
        for family, kind, protocol, _, address in await run_in_thread(look_up):
            connected = socket.socket(family, kind, protocol)
            try:
                connected.setblocking(False)
                await asyncio.wait_for(loop.sock_connect(connected, address), within)
                # A short command behind a long content would else wait for its acknowledgement.
                connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                _, connection = await loop.create_connection(cls, sock=connected)
                connection._socket = connected
            except OSError as problem:
                connected.close()
                trouble = problem
            except BaseException:
                connected.close()
                raise
            else:
                return connection
        raise trouble or OSError(f"{host} has no address")

    @property
    def unread(self) -> bool:
        """True if the server has sent something that no command asked for."""
        return self._parser.pending

    @property
    def is_local(self) -> bool:
        """True if the other end is this machine, so that nobody can listen."""
        peer = self._transport.get_extra_info("peername")
        return bool(peer) and (isinstance(peer, str) or ip_address(peer[0].partition("%")[0]).is_loopback)

    @property
    def tls(self) -> ssl.SSLObject | None:
        """The encrypted connection's TLS session; None where it is in clear."""
        return cast("ssl.SSLObject | None", self._transport.get_extra_info("ssl_object"))

    async def start_tls(self, context: ssl.SSLContext, host: str, *, within: float) -> None:
        """Encrypt from here on. Raises ssl.SSLError, OSError."""
        self._plain = self._transport
        try:
            encrypted = await self._loop.start_tls(self._plain, self, context, server_hostname=host, ssl_handshake_timeout=within)
        except ConnectionAbortedError as problem:
            raise TimeoutError(LATE) from problem
        if encrypted is None:
            raise ConnectionResetError("it ended the connection in the TLS handshake")
        self._transport = encrypted
        self._transport.set_write_buffer_limits(high=0)

    async def write(self, *pieces: bytes, within: float) -> None:
        """
        Hand all octets to the kernel.

        Raises:
            ConnectionLost: with how many octets the server may have read.
        """
        deadline = time.monotonic() + within
        length = sum(map(len, pieces))
        if length <= CHUNK:  # no content is copied: mostly the kernel takes all of it at once
            await self._write(pieces, 0, length, deadline)
            return
        whole = memoryview(b"".join(pieces))
        for start in range(0, length, CHUNK):
            await self._write((whole[start : start + CHUNK],), start, min(start + CHUNK, length), deadline)

    async def _write(self, pieces: Sequence[bytes | memoryview], start: int, end: int, deadline: float) -> None:
        """Hand the octets `start` to `end` of a write to the kernel."""
        self._check_open(start)
        self._transport.writelines(pieces)
        while not self._transport.is_closing() and (left := self._unsent()):
            if time.monotonic() >= deadline:
                raise ConnectionLost(LATE, written=end - left)
            await self._wait(min(deadline, time.monotonic() + POLL_S))
            # Its last octet has not left: the socket had taken all but that at the most.
            self._check_open(end - 1)
        self._check_open(start)

    def _check_open(self, written: int) -> None:
        if self._lost is not None:
            raise ConnectionLost(str(self._lost), written=written, orderly=self._lost.orderly)
        if self._transport.is_closing():  # the socket refused what was written
            raise ConnectionLost("it ended the connection", written=written)

    def _unsent(self) -> int:
        """Octets that the kernel has not taken yet."""
        return self._transport.get_write_buffer_size() + (self._plain.get_write_buffer_size() if self._plain else 0)

    async def reply(self, *, within: float) -> Reply:
        """Wait for the next reply. Raises ConnectionLost."""
        code, texts = await self.lines(within=within)
        return reply_of(code, texts)

    async def lines(self, *, within: float) -> tuple[int, Sequence[bytes]]:
        """
        Wait for the next reply: its code and the text of each line.

        Raises:
            ConnectionLost: it did not come in time, the connection ended, or it is no reply.
        """
        deadline = 0.0
        while (reply := self.read()) is None:
            if self._lost is not None:
                raise self._lost
            now = time.monotonic()
            deadline = deadline or now + within
            if now >= deadline:
                raise ConnectionLost(LATE)
            await self._wait(deadline)
        return reply

    def read(self) -> tuple[int, Sequence[bytes]] | None:
        """Return the next reply, if all of it has arrived: see `lines`. Raises ConnectionLost where it is none."""
        try:
            reply = self._parser.next()
        except BadReply as problem:
            raise ConnectionLost(str(problem)) from problem
        if self._paused and reply is None and self._lost is None:
            self._paused = False
            self._transport.resume_reading()
        return reply

    def abort(self) -> None:
        """Close the connection at once."""
        self._lost = self._lost or ConnectionLost("it was closed")
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._transport.abort()

    # --- called by the event loop --------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See `asyncio.Protocol`."""
        self._transport = cast(asyncio.Transport, transport)
        self._transport.set_write_buffer_limits(high=0)  # so that a write goes to the kernel at once, as far as it takes it

    def data_received(self, data: bytes) -> None:
        """See `asyncio.Protocol`."""
        try:
            self._parser.feed(data)
        except BadReply as problem:
            self._fail(ConnectionLost(str(problem)))
            return
        if self._parser.lines > MOST_LINES and not self._paused and self._lost is None:
            self._paused = True
            self._transport.pause_reading()
        self._wake()

    def eof_received(self) -> None:
        """See `asyncio.Protocol`."""
        self._fail(ConnectionLost("it ended the connection", orderly=True))

    def connection_lost(self, exc: Exception | None) -> None:
        """See `asyncio.Protocol`."""
        self._read_rest()
        self._fail(ConnectionLost(reason(exc) if exc else "it ended the connection", orderly=exc is None))

    def resume_writing(self) -> None:
        """See `asyncio.Protocol`."""
        self._wake()

    def _read_rest(self) -> None:
        """
        Read what the server sent before it reset the connection. When a write fails, the event loop does not read any more,
        and what is left in the kernel may be the 421 that says that nothing was taken.
        """
        if self._socket is None or self._plain is not None or self._lost is not None:
            return
        with suppress(OSError, BadReply):
            while octets := self._socket.recv(65_536):
                self._parser.feed(octets)

    def _fail(self, lost: ConnectionLost) -> None:
        self._lost = self._lost or lost
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    async def _wait(self, deadline: float) -> None:
        """Wait until something happens, or the deadline has passed."""
        self._deadline = deadline
        if self._timer is None or self._timer_at > deadline:
            self._set_timer(deadline)
        self._waiter = self._loop.create_future()
        try:
            await self._waiter
        finally:
            self._waiter = None

    def _set_timer(self, at: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer_at = at
        self._timer = self._loop.call_later(max(0.001, at - time.monotonic()), self._on_timer)

    def _on_timer(self) -> None:
        """Wake the coroutine if its deadline has passed; the timer of an earlier deadline may fire during a later one."""
        self._timer = None
        if self._waiter is None:
            return
        if time.monotonic() >= self._deadline:
            self._wake()
        else:
            self._set_timer(self._deadline)


def reason(problem: BaseException) -> str:
    """Return why a connection could not be made or was lost, in the operating system's words."""
    if isinstance(problem, TimeoutError):
        return LATE
    if isinstance(problem, OSError) and problem.errno:
        return os.strerror(problem.errno)  # asyncio puts the address of a refused connection there as a Python value
    return str(problem) or LATE
