"""
One connection to a mail server: bytes out, replies in, each within its time.

Deadlines are absolute, on the monotonic clock: a server that drips one byte a second is as
late as one that is silent. Replies are read as Postel would: bare line feeds, 8-bit text,
lines without end and lists without end are survived, what is no reply is not.
"""

import re
import socket
import ssl
import struct
import time
from collections.abc import Sequence
from dataclasses import dataclass

from digest import log
from digest.model.ports import Reply

LINE, LINES, REPLY = 4_096, 100, 1 << 20  #: what is kept of a line and of a reply; more than REPLY octets are no reply
TEXT = 500  #: characters of a reply's text that are remembered
RECORD = 16_384  #: a TLS record: written one at a time, so that what the peer can have read is known
_TIMEVAL = struct.Struct("@ll")
_LINE = re.compile(rb"([2-5]\d\d)(?:([ -])(.*))?$", re.DOTALL)
_ENHANCED = re.compile(r"([245]\.\d{1,3}\.\d{1,3})(?:\s+|$)")


class Lost(Exception):
    """The connection is of no more use; `written` octets of the last write left before."""

    def __init__(self, reason: str, *, written: int = 0) -> None:
        super().__init__(reason)
        self.written = written


@dataclass(frozen=True, slots=True, kw_only=True)
class Waits:
    """How long a server may take, in seconds: RFC 5321 4.5.3.2, but for connecting."""

    connect: float = 10.0  #: each address
    banner: float = 300.0
    command: float = 300.0
    data: float = 120.0
    content: float = 180.0  #: to take all of it
    end: float = 600.0  #: to answer for it: giving up early doubles mail
    goodbye: float = 2.0


class Wire:
    """A connected socket."""

    def __init__(self, connection: socket.socket) -> None:
        self._socket = connection
        self._buffer = bytearray()
        self._told: dict[int, int] = {}  #: to the kernel: option → tenths of a second

    @classmethod
    def connect(cls, host: str, port: int, *, within: float) -> "Wire":
        """
        To the first address of `host` that answers, each given `within` seconds.

        Raises:
            OSError: none does; gaierror where the name is not found.
        """
        trouble: OSError | None = None
        for family, kind, protocol, _, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
            connection = socket.socket(family, kind, protocol)
            try:
                connection.settimeout(within)
                connection.connect(address)
                connection.settimeout(None)
                # A short command behind a long content would else wait for its acknowledgement.
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                return cls(connection)
            except OSError as problem:
                connection.close()
                trouble = problem
        raise trouble or OSError(f"{host} has no address")

    @property
    def unread(self) -> bool:
        """Whether there is something that no command asked for."""
        return bool(self._buffer)

    def encrypt(self, context: ssl.SSLContext, host: str, *, within: float) -> None:
        """Speak TLS from here on. Raises ssl.SSLError, OSError."""
        self._socket.settimeout(within)  # the whole handshake's
        self._socket = context.wrap_socket(self._socket, server_hostname=host)

    def write(self, octets: bytes, *, within: float) -> None:
        """
        Hand all of it to the kernel.

        Raises:
            Lost: with how many octets the server may have read.
        """
        until = time.monotonic() + within
        step = RECORD if isinstance(self._socket, ssl.SSLSocket) else len(octets)
        view, done = memoryview(octets), 0
        try:
            while done < len(view):
                self._wait_until(until, socket.SO_SNDTIMEO)
                done += self._socket.send(view[done : done + step])
        except OSError as problem:
            raise Lost(_said(problem), written=done) from problem

    def skip_fine(self) -> bool:
        """Read past a plain `250 …` that is here already, which is all that most replies are; whether it was."""
        end = self._buffer.find(b"\n")
        if end < 0 or not self._buffer.startswith(b"250 "):
            return False
        del self._buffer[: end + 1]
        return True

    def reply(self, *, within: float) -> Reply:
        """The next reply, whole. Raises Lost."""
        return reply_of(*self.lines(within=within))

    def lines(self, *, within: float) -> tuple[int, Sequence[str]]:
        """
        The next reply: its code and what each line says. Of differing codes the last line's counts.

        Raises:
            Lost: it did not come in time, the connection ended, or it is no reply.
        """
        until, length, first = time.monotonic() + within, 0, 0
        texts: list[str] = []
        while True:
            line = self._line(until)
            length += len(line)
            match = _LINE.match(line)
            if match is None or length > REPLY:
                raise Lost(f"it answered with what is no reply: {line[:60].decode('utf-8', 'replace')!r}")
            code = int(match[1])
            first = first or code
            if len(texts) < LINES:
                texts.append((match[3] or b"").decode("utf-8", "replace"))
            if match[2] != b"-":
                if code != first:
                    log.get().warning("reply.mixed", first=first, last=code)
                return code, texts

    def close(self) -> None:
        """Hang up."""
        self._socket.close()

    def _line(self, until: float) -> bytes:
        """A line without its end, at most LINE octets of it; the rest is read and left out."""
        searched, cut, dropped = 0, b"", 0
        while (end := self._buffer.find(b"\n", searched)) < 0:
            if len(self._buffer) > LINE:
                cut, dropped = cut or bytes(self._buffer[:LINE]), dropped + len(self._buffer)
                self._buffer.clear()
                if dropped > REPLY:
                    raise Lost("its reply has no end")
            searched = len(self._buffer)
            self._fill(until)
        line = cut or bytes(self._buffer[:end])
        del self._buffer[: end + 1]
        return line[:LINE].rstrip(b"\r")

    def _fill(self, until: float) -> None:
        try:
            self._wait_until(until, socket.SO_RCVTIMEO)
            octets = self._socket.recv(65_536)
        except OSError as problem:
            raise Lost(_said(problem)) from problem
        if not octets:
            raise Lost("it ended the connection")
        self._buffer += octets

    def _wait_until(self, until: float, option: int) -> None:
        """
        How long the next call may wait.

        Told to the kernel where there is no TLS: Python's own time-out polls before each call, and
        hands the interpreter to another thread each time it does.
        """
        left = _left(until)
        if isinstance(self._socket, ssl.SSLSocket):
            self._socket.settimeout(left)
            return
        tenths = int(left * 10) + 1
        if self._told.get(option) != tenths:
            self._socket.setsockopt(socket.SOL_SOCKET, option, _TIMEVAL.pack(tenths // 10, tenths % 10 * 100_000))
            self._told[option] = tenths


def _left(until: float) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _said(problem: OSError) -> str:
    late = isinstance(problem, TimeoutError | BlockingIOError)
    return "it did not answer in time" if late else problem.strerror or str(problem)


def reply_of(code: int, texts: Sequence[str]) -> Reply:
    """Text and enhanced code (RFC 2034), which some servers repeat on every line."""
    match = _ENHANCED.match(texts[-1]) or _ENHANCED.match(texts[0])
    if match is None:
        return Reply(code=code, text=_one_line(texts))
    enhanced = match[1]
    return Reply(code=code, enhanced=enhanced, text=_one_line([text.removeprefix(enhanced) for text in texts]))


def _one_line(texts: Sequence[str]) -> str:
    said = texts[0] if len(texts) == 1 else " ".join(texts)
    return " ".join(said.split())[:TEXT]
