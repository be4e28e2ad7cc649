"""Real servers for tests: SMTP that counts and can be told to misbehave, HTTP that serves and misbehaves. Loopback, free ports."""

import queue
import socket
import ssl
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NoReturn

PLAIN = ("SIZE 10000000", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES")
PIPELINING = (*PLAIN, "PIPELINING")
CHUNKING = (*PIPELINING, "CHUNKING")


@dataclass
class Mailbox:
    """
    What an SMTP server took, and how it is told to behave.

    A step is `BANNER`, `EHLO`, `HELO`, `STARTTLS`, `AUTH`, `MAIL`, `RCPT`, `DATA`, `CONTENT` (in the
    middle of it), `END`, `RSET` or `QUIT`; followed by a recipient it is meant for that one alone.
    """

    port: int = 0
    taken: Counter[str] = field(default_factory=Counter)  #: recipient → how often
    contents: list[bytes] = field(default_factory=list)
    extensions: tuple[str, ...] = PLAIN
    banner: str = "220 test ESMTP"
    answers: dict[str, str] = field(default_factory=dict)  #: step → reply, CRLF is put behind it
    raw: dict[str, bytes] = field(default_factory=dict)  #: step → octets instead of a reply
    extra: dict[str, bytes] = field(default_factory=dict)  #: step → octets behind the usual reply
    drop: str = ""  #: hang up at this step, before it is answered
    reset: bool = False  #: and with a RST
    orderly: bool = False  #: or with a FIN alone, whatever has come meanwhile
    silent: str = ""  #: never answer this step
    drip_s: dict[str, float] = field(default_factory=dict)  #: step → seconds between the octets of its reply
    only: int = 1 << 30  #: so many times a fault happens; then it is over
    delay_s: float = 0.0  #: before the end is answered
    tls: ssl.SSLContext | None = None  #: speak TLS from the first byte
    starttls: ssl.SSLContext | None = None  #: or when asked
    #: what is done with the words behind AUTH; it may ask, and returns the reply
    log_in: Callable[[str, Callable[[str], str]], str] | None = None
    most_connections: int = 1 << 30  #: at a time; more are refused
    refusal: str = ""  #: how: a code and `banner`, `EHLO` or `MAIL`, `no banner`, or `silence`
    forgets_after_s: float = 0.0  #: so long a closed connection counts
    refused: int = 0  #: connections
    messages: int = 0  #: that a connection takes; 0 = any number
    enough: str = ""  #: what is said to the next one; empty: the connection is closed
    goes_on: bool = False  #: and the connection is not closed, whatever was said
    connections: int = 0
    present: int = 0  #: connections that are open
    commands: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)
    open_: list[socket.socket] = field(default_factory=list)

    def hang_up(self) -> None:
        """End every connection."""
        for connection in self.open_:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def happens(self, told: "dict[str, object] | str", step: str, recipient: str) -> str:
        """The key under which a fault is told for this step; empty: none is, or it has happened often enough."""
        for key in (f"{step} {recipient}", step):
            if key in ((told,) if isinstance(told, str) else told):
                with self.lock:
                    self.only -= 1
                    return key if self.only >= 0 else ""
        return ""


@contextmanager
def smtp_server(mailbox: Mailbox) -> Iterator[Mailbox]:
    """A small SMTP server in threads; it takes mail into the mailbox."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=64)
    mailbox.port = listener.getsockname()[1]

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            mailbox.open_.append(connection)
            mailbox.connections += 1
            threading.Thread(target=_serve, args=(connection, mailbox), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield mailbox
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        for connection in mailbox.open_:
            connection.close()


def _serve(connection: socket.socket, mailbox: Mailbox) -> None:
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    with suppress(OSError, _Gone):
        if mailbox.tls is not None:
            connection = mailbox.tls.wrap_socket(connection, server_side=True)
        with connection:
            with mailbox.lock:
                fits = mailbox.present < mailbox.most_connections
                mailbox.present += fits
                mailbox.refused += not fits
            if not fits:
                _Talk(connection, mailbox).refuse()
            try:
                _Talk(connection, mailbox).whole()
            finally:
                time.sleep(mailbox.forgets_after_s)
                with mailbox.lock:
                    mailbox.present -= 1


class _Gone(Exception):
    """The talk is over."""


class _Talk:
    """One connection. Replies to what came together leave together."""

    def __init__(self, connection: socket.socket, mailbox: Mailbox) -> None:
        self._connection = connection
        self._box = mailbox
        self._in = bytearray()
        self._out = bytearray()
        self._recipient = ""
        self._mailed = self._accepted = False
        self._messages = 0

    def refuse(self) -> None:
        """One connection too many."""
        code, _, at = self._box.refusal.partition(" ")
        if at == "banner":  # "no banner": nothing is said at all
            self._out += b"" if code == "no" else f"{code} 4.7.0 too many connections\r\n".encode()
            self._flush()
            raise _Gone
        if code == "silence":
            while True:
                self._fill()
        self._say("BANNER", self._box.banner)
        while True:
            verb = self._line().decode().partition(" ")[0]
            if verb == at:
                self._out += f"{code} 4.7.0 too many connections\r\n".encode()
                self._flush()
                raise _Gone
            self._ehlo("") if verb == "EHLO" else self._rset("")

    def whole(self) -> None:
        self._say("BANNER", self._box.banner)
        while True:
            line = self._line().decode("utf-8", "replace").strip()
            self._box.commands.append(line)
            verb, _, argument = line.partition(" ")
            getattr(self, f"_{verb.lower()}", self._other)(argument)

    # --- commands

    def _ehlo(self, _argument: str) -> None:
        words = ["test", *self._box.extensions, *(("STARTTLS",) if self._box.starttls else ())]
        self._say("EHLO", "\r\n".join(f"250{' ' if i == len(words) - 1 else '-'}{word}" for i, word in enumerate(words)))

    def _helo(self, _argument: str) -> None:
        self._say("HELO", "250 test")

    def _starttls(self, _argument: str) -> None:
        self._say("STARTTLS", "220 go on")
        self._flush()
        assert self._box.starttls is not None
        self._connection = self._box.starttls.wrap_socket(self._connection, server_side=True)

    def _auth(self, argument: str) -> None:
        if self._box.log_in is not None:
            reply = self._box.log_in(argument, self._ask)
            self._out += f"{reply}\r\n".encode()
            return
        if argument.startswith("LOGIN"):
            for asked in ("334 VXNlcm5hbWU6", "334 UGFzc3dvcmQ6"):
                self._say("AUTH", asked)
                self._line()
        self._say("AUTH", "235 2.7.0 welcome")

    def _ask(self, challenge: str) -> str:
        self._out += f"334 {challenge}\r\n".encode()
        return self._line().decode()

    def _mail(self, argument: str) -> None:
        self._accepted = False
        box = self._box
        if 0 < box.messages <= self._messages:
            self._mailed = False
            if box.enough:
                self._out += f"{box.enough}\r\n".encode()
            if box.enough.startswith("4") and (box.goes_on or not box.enough.startswith("421")):
                return
            self._leave()
        self._messages += 1
        said = self._say("MAIL", "250 2.1.0 ok", argument.partition("<")[2].partition(">")[0])
        self._mailed = said.startswith("2")

    def _rcpt(self, argument: str) -> None:
        self._recipient = argument.partition("<")[2].partition(">")[0]
        said = self._say("RCPT", "250 2.1.5 ok" if self._mailed else "503 5.5.1 MAIL first")
        self._accepted = said.startswith("2")

    def _data(self, _argument: str) -> None:
        said = self._say("DATA", "354 go on")
        if said.startswith("354"):
            content = bytearray()
            while (line := self._line(keep=True)) != b".\r\n":
                content += line[1:] if line.startswith(b".") else line
                self._maybe_drop("CONTENT")
            self._end(bytes(content))

    def _bdat(self, argument: str) -> None:
        size = int(argument.split()[0])
        while len(self._in) < size:
            self._fill()
            self._maybe_drop("CONTENT")
        content = bytes(self._in[:size])
        del self._in[:size]
        self._end(content)

    def _end(self, content: bytes) -> None:
        box = self._box
        taken = self._accepted and self._reply_to("END", "250 2.0.0 taken").startswith("2")
        if taken:
            with box.lock:
                box.taken[self._recipient] += 1
                box.contents.append(content)
        if box.delay_s:
            time.sleep(box.delay_s)
        self._say("END", "250 2.0.0 taken" if self._accepted else "554 5.5.1 no valid recipients")

    def _rset(self, _argument: str) -> None:
        self._say("RSET", "250 2.0.0 ok")

    def _quit(self, _argument: str) -> None:
        self._say("QUIT", "221 2.0.0 bye")
        self._flush()
        raise _Gone

    def _other(self, _argument: str) -> None:
        self._say("OTHER", "500 5.5.1 what?")

    # --- octets

    def _reply_to(self, step: str, usual: str, argument: str = "") -> str:
        for key in (f"{step} {argument or self._recipient}", step):
            if key in self._box.answers:
                return self._box.answers[key]
        return usual

    def _say(self, step: str, usual: str, argument: str = "") -> str:
        box, who = self._box, argument or self._recipient
        self._maybe_drop(step)
        if box.happens(box.silent, step, who):
            self._flush()
            while True:
                self._fill()
        said = self._reply_to(step, usual, argument)
        octets = said.encode() + b"\r\n"
        if key := box.happens(box.raw, step, who):
            octets = box.raw[key]
        if key := box.happens(box.extra, step, who):
            octets += box.extra[key]
        if key := box.happens(box.drip_s, step, who):
            self._flush()
            for i in range(len(octets)):
                self._connection.sendall(octets[i : i + 1])
                time.sleep(box.drip_s[key])
        else:
            self._out += octets
        return octets.decode("utf-8", "replace")

    def _maybe_drop(self, step: str) -> None:
        if self._box.happens(self._box.drop, step, self._recipient):
            self._leave()

    def _leave(self) -> NoReturn:
        """Hang up."""
        with suppress(OSError):
            self._flush()
            if self._box.reset:
                self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            if self._box.orderly:
                self._connection.shutdown(socket.SHUT_WR)
                while self._connection.recv(1 << 16):
                    continue
        raise _Gone

    def _flush(self) -> None:
        if self._out:
            octets, self._out = bytes(self._out), bytearray()
            self._connection.sendall(octets)

    def _line(self, *, keep: bool = False) -> bytes:
        while (end := self._in.find(b"\n")) < 0:
            self._fill()
        line = bytes(self._in[: end + 1])
        del self._in[: end + 1]
        return line if keep else line.rstrip(b"\r\n")

    def _fill(self) -> None:
        self._flush()
        octets = self._connection.recv(1 << 16)
        if not octets:
            raise _Gone
        self._in += octets


@contextmanager
def delay_proxy(port: int, *, one_way_s: float) -> Iterator[int]:
    """A port of loopback before another, everything late by `one_way_s` in each direction, however much of it."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=64)
    sockets: list[socket.socket] = []

    def pump(source: socket.socket, target: socket.socket) -> None:
        waiting: queue.SimpleQueue[tuple[float, bytes]] = queue.SimpleQueue()

        def late() -> None:
            with suppress(OSError):
                while True:
                    due, octets = waiting.get()
                    time.sleep(max(0.0, due - time.monotonic()))
                    if not octets:
                        target.shutdown(socket.SHUT_WR)
                        return
                    target.sendall(octets)

        threading.Thread(target=late, daemon=True).start()
        with suppress(OSError):
            while octets := source.recv(1 << 16):
                waiting.put((time.monotonic() + one_way_s, octets))
        waiting.put((time.monotonic() + one_way_s, b""))

    def accept() -> None:
        with suppress(OSError):
            while True:
                near, _ = listener.accept()
                far = socket.create_connection(("127.0.0.1", port))
                for one in (near, far):
                    one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                    sockets.append(one)
                threading.Thread(target=pump, args=(near, far), daemon=True).start()
                threading.Thread(target=pump, args=(far, near), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield listener.getsockname()[1]
    finally:
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        for one in sockets:
            one.close()


@dataclass
class Site:
    """What an HTTP server serves: path → (status, headers, body); and what it was asked."""

    port: int = 0
    pages: dict[str, tuple[int, dict[str, str], bytes]] = field(default_factory=dict)
    otherwise: tuple[int, dict[str, str], bytes] = (404, {}, b"nothing")  #: for every other path
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    slow: dict[str, float] = field(default_factory=dict)  #: path → seconds before it answers

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"


@contextmanager
def http_server(site: Site) -> Iterator[Site]:
    """Serves the site on loopback."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            site.asked.append((self.path, dict(self.headers)))
            time.sleep(site.slow.get(self.path, 0))
            status, headers, body = site.pages.get(self.path, site.otherwise)
            if headers.get("ETag") and self.headers.get("If-None-Match") == headers["ETag"]:
                status, body = 304, b""
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self.do_GET()

        def log_message(self, *_: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    site.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()


def free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def tls_front(port: int, context: ssl.SSLContext) -> Iterator[int]:
    """A server that speaks TLS and passes everything on to `port`, as a proxy before a web server does."""
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(0.1)
    ending = threading.Event()

    def copy(one: socket.socket, other: socket.socket) -> None:
        with suppress(OSError):
            while data := one.recv(65_536):
                other.sendall(data)
            other.shutdown(socket.SHUT_WR)

    def answer(connection: socket.socket) -> None:
        with (
            suppress(OSError),
            context.wrap_socket(connection, server_side=True) as outer,
            socket.create_connection(("127.0.0.1", port)) as inner,
        ):
            back = threading.Thread(target=copy, args=(inner, outer))
            back.start()
            copy(outer, inner)
            back.join()

    def accept() -> None:
        while not ending.is_set():
            with suppress(TimeoutError):
                threading.Thread(target=answer, args=(listener.accept()[0],), daemon=True).start()

    thread = threading.Thread(target=accept)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        ending.set()
        thread.join()
        listener.close()
