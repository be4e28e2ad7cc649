"""Real servers for tests: SMTP that counts and can be told to misbehave, HTTP that serves and misbehaves. Loopback, free ports."""

import socket
import ssl
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Say = Callable[[str], str]  # what to answer to a command line; "" = the usual answer


@dataclass
class Mailbox:
    """What an SMTP server took, and how it is told to behave."""

    port: int = 0
    taken: Counter[str] = field(default_factory=Counter)  #: recipient → how often
    contents: list[bytes] = field(default_factory=list)
    extensions: tuple[str, ...] = ("SIZE 10000000", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES")
    banner: str = "220 test ESMTP"
    answers: dict[str, str] = field(default_factory=dict)  #: `RCPT a@example.org`, `MAIL`, `DATA` or `END` → reply
    drop: str = ""  #: hang up at this stage: `banner`, `mail`, `content`, `before-end`, `after-end`
    delay_s: float = 0.0
    tls: ssl.SSLContext | None = None  #: speak TLS from the first byte
    lock: threading.Lock = field(default_factory=threading.Lock)

    def answer(self, command: str, argument: str, usual: str) -> str:
        for key in (f"{command} {argument}", command):
            if key in self.answers:
                return self.answers[key]
        return usual


@contextmanager
def smtp_server(mailbox: Mailbox) -> Iterator[Mailbox]:
    """A small SMTP server in threads; it takes mail into the mailbox."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=64)
    mailbox.port = listener.getsockname()[1]
    open_: list[socket.socket] = []

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            open_.append(connection)
            threading.Thread(target=_serve, args=(connection, mailbox), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield mailbox
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        for connection in open_:
            connection.close()


def _serve(connection: socket.socket, mailbox: Mailbox) -> None:
    try:
        if mailbox.tls is not None:
            connection = mailbox.tls.wrap_socket(connection, server_side=True)
        with connection, connection.makefile("rb") as lines:
            _talk(connection, lines, mailbox)
    except OSError:
        return


def _talk(connection: socket.socket, lines, mailbox: Mailbox) -> None:  # type: ignore[no-untyped-def]
    def say(text: str) -> None:
        connection.sendall(text.encode() + b"\r\n")

    if mailbox.drop == "banner":
        return
    say(mailbox.banner)
    recipient = ""
    for raw in lines:
        line = raw.decode("utf-8", "replace").strip()
        verb = line[:4].upper()
        argument = line.partition("<")[2].partition(">")[0]
        if verb == "EHLO":
            say("\r\n".join(f"250-{e}" for e in ("test", *mailbox.extensions[:-1])) + f"\r\n250 {mailbox.extensions[-1]}")
        elif verb == "QUIT":
            say("221 bye")
            return
        elif verb == "MAIL":
            if mailbox.drop == "mail":
                return
            say(mailbox.answer("MAIL", argument, "250 2.1.0 ok"))
        elif verb == "RCPT":
            recipient = argument
            say(mailbox.answer("RCPT", argument, "250 2.1.5 ok"))
        elif verb == "DATA":
            reply = mailbox.answer("DATA", recipient, "354 go on")
            if mailbox.drop == "content":
                return
            say(reply)
            if reply.startswith("354") and not _content(lines, say, recipient, mailbox):
                return
        else:
            say("250 2.0.0 ok")


def _content(lines, say: Callable[[str], None], recipient: str, mailbox: Mailbox) -> bool:  # type: ignore[no-untyped-def]
    content: list[bytes] = []
    for raw in lines:
        if raw == b".\r\n":
            break
        content.append(raw[1:] if raw.startswith(b"..") else raw)
        if mailbox.drop == "before-end":
            return False
    else:
        return False
    reply = mailbox.answer("END", recipient, "250 2.0.0 taken")
    if reply.startswith("2"):
        with mailbox.lock:
            mailbox.taken[recipient] += 1
            mailbox.contents.append(b"".join(content))
    if mailbox.delay_s:
        time.sleep(mailbox.delay_s)
    if mailbox.drop == "after-end":
        return False
    say(reply)
    return True


@dataclass
class Site:
    """What an HTTP server serves: path → (status, headers, body); and what it was asked."""

    port: int = 0
    pages: dict[str, tuple[int, dict[str, str], bytes]] = field(default_factory=dict)
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
            status, headers, body = site.pages.get(self.path, (404, {}, b"nothing"))
            if headers.get("ETag") and self.headers.get("If-None-Match") == headers["ETag"]:
                status, body = 304, b""
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    site.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
