"""
One connection to a mail server: bytes out, replies in, each within its time.

Deadlines are absolute, on the monotonic clock: a server that drips one byte a second is as
late as one that is silent. Replies are read as Postel would: bare line feeds, 8-bit text,
lines without end and lists without end are survived, what is no reply is not.
"""

import re
import socket
import ssl
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import ip_address

from digest import log
from digest.model.ports import Reply, Talk, Wait

LINE, LINES, REPLY = 4_096, 100, 1 << 20  #: what is kept of a line and of a reply; more than REPLY octets are no reply
TEXT = 500  #: characters of a reply's text that are remembered
CHALLENGE = 334  #: the code of a log-in's challenge (RFC 4954), which is kept whole
RECORD = 16_384  #: a TLS record: written one at a time, so that what the peer can have read is known
_LINE = re.compile(rb"([2-5]\d\d)(?:([ -])(.*))?$", re.DOTALL)
_BLOCKED = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)
_LATE = "it did not answer in time"
_ENHANCED = re.compile(r"([245]\.\d{1,3}\.\d{1,3})(?:\s+|$)")


class Lost(Exception):
    """The connection is of no more use; `written` octets of the last write left before. `orderly`: all that the server said has come."""

    def __init__(self, reason: str, *, written: int = 0, orderly: bool = False) -> None:
        super().__init__(reason)
        self.written = written
        self.orderly = orderly


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
    """A connected socket that never blocks."""

    def __init__(self, connection: socket.socket) -> None:
        connection.setblocking(False)
        self._socket = connection
        self._lines: deque[bytes] = deque()  #: read and not yet told
        self._rest = b""  #: what has no line end yet, or the beginning of it
        self._length = 0  #: of the reply that is being read
        self._first = 0  #: its first line's code
        self._texts: list[bytes] = []

    @classmethod
    def connect(cls, host: str, port: int, *, within: float) -> "Wire":
        """
        To the first address of `host` that answers, each given `within` seconds; it blocks.

        Raises:
            OSError: none does; gaierror where the name is not found.
        """
        trouble: OSError | None = None
        for family, kind, protocol, _, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
            connection = socket.socket(family, kind, protocol)
            try:
                connection.settimeout(within)
                connection.connect(address)
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
        return bool(self._lines or self._rest)

    @property
    def is_local(self) -> bool:
        """Whether the other end is this machine, so that nobody can listen."""
        try:
            peer = self._socket.getpeername()
        except OSError:
            return False
        return self._socket.family == getattr(socket, "AF_UNIX", None) or ip_address(peer[0].partition("%")[0]).is_loopback

    def encrypt(self, context: ssl.SSLContext, host: str, *, within: float) -> None:
        """Speak TLS from here on; it blocks. Raises ssl.SSLError, OSError."""
        self._socket.settimeout(within)  # the whole handshake's
        self._socket = context.wrap_socket(self._socket, server_hostname=host)
        self._socket.setblocking(False)

    def write(self, *pieces: bytes, within: float) -> Talk[None]:
        """
        Hand all of it to the kernel.

        Raises:
            Lost: with how many octets the server may have read.
        """
        until = time.monotonic() + within
        length, done = sum(map(len, pieces)), 0
        encrypted = isinstance(self._socket, ssl.SSLSocket)
        whole = memoryview(b"".join(pieces)) if encrypted else None
        while done < length:
            try:
                if whole is None:  # no content is copied: mostly the kernel takes all of it at once
                    done = self._socket.sendmsg(pieces)
                    whole = memoryview(b"".join(pieces)) if done < length else None
                else:
                    done += self._socket.send(whole[done : done + RECORD] if encrypted else whole[done:])
            except _BLOCKED as blocked:
                if time.monotonic() >= until:
                    raise Lost(_LATE, written=done) from None
                yield Wait(self._socket, until=until, writes=not isinstance(blocked, ssl.SSLWantReadError))
            except OSError as problem:
                raise Lost(_said(problem), written=done) from problem

    def reply(self, *, within: float) -> Talk[Reply]:
        """The next reply, whole. Raises Lost."""
        code, texts = yield from self.lines(within=within)
        return reply_of(code, texts)

    def lines(self, *, within: float) -> Talk[tuple[int, Sequence[bytes]]]:
        """
        The next reply: its code and what each line says. Of differing codes the last line's counts.

        Raises:
            Lost: it did not come in time, the connection ended, or it is no reply.
        """
        until = 0.0
        while (reply := self.read()) is None:
            until = until or time.monotonic() + within
            yield from self._fill(until)
        return reply

    def read(self) -> tuple[int, Sequence[bytes]] | None:
        """The next reply, if all of it is here: see `lines`. Raises Lost where it is none."""
        while self._lines:
            line = self._lines.popleft()[:LINE].rstrip(b"\r")
            match = _LINE.match(line)
            self._length += len(line)
            if match is None or self._length > REPLY:
                raise Lost(f"it answered with what is no reply: {line[:60].decode('utf-8', 'replace')!r}")
            code, more, text = int(match[1]), match[2] == b"-", match[3] or b""
            if not more and not self._texts:  # as most are
                self._length = 0
                return code, (text,)
            self._first = self._first or code
            if len(self._texts) < LINES:
                self._texts.append(text)
            if not more:
                if code != self._first:
                    log.get().warning("reply.mixed", first=self._first, last=code)
                texts, self._texts, self._length, self._first = self._texts, [], 0, 0
                return code, texts
        return None

    def close(self) -> None:
        """Hang up."""
        self._socket.close()

    def _fill(self, until: float) -> Talk[None]:
        """Read some of what the server says."""
        wait = Wait(self._socket, until=until)
        if not (isinstance(self._socket, ssl.SSLSocket) and self._socket.pending()):
            yield wait
        while True:
            try:
                octets = self._socket.recv(8192)
                break
            except _BLOCKED as blocked:
                if time.monotonic() >= until:
                    raise Lost(_LATE) from None
                yield Wait(self._socket, until=until, writes=isinstance(blocked, ssl.SSLWantWriteError))
            except OSError as problem:
                raise Lost(_said(problem)) from problem
        if not octets:
            raise Lost("it ended the connection", orderly=True)
        *lines, self._rest = (self._rest + octets).split(b"\n")
        self._lines += lines
        if len(self._rest) > LINE:
            self._length += len(self._rest) - LINE
            self._rest = self._rest[:LINE]
            if self._length > REPLY:
                raise Lost("its reply has no end")


def _said(problem: OSError) -> str:
    return _LATE if isinstance(problem, TimeoutError) else problem.strerror or str(problem)


def reply_of(code: int, lines: Sequence[bytes]) -> Reply:
    """Text and enhanced code (RFC 2034), which some servers repeat on every line."""
    texts = [line.decode("utf-8", "replace") for line in lines]
    if code == CHALLENGE:
        return Reply(code=code, text=texts[-1].strip())
    match = _ENHANCED.match(texts[-1]) or _ENHANCED.match(texts[0])
    if match is None:
        return Reply(code=code, text=_one_line(texts))
    enhanced = match[1]
    return Reply(code=code, enhanced=enhanced, text=_one_line([text.removeprefix(enhanced) for text in texts]))


def _one_line(texts: Sequence[str]) -> str:
    said = texts[0] if len(texts) == 1 else " ".join(texts)
    return " ".join(said.replace("\0", " ").split())[:TEXT]  # PostgreSQL keeps no NUL
