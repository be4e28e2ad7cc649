"""A program that receives webhooks, and verifies them with an independent library."""

import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import time_machine
from standardwebhooks import Webhook


@dataclass
class Receiver:
    """What came, and what is answered: a status each, the last one for all that follow."""

    url: str = ""
    statuses: list[int] = field(default_factory=lambda: [200])
    came: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    before_answer: Callable[[], object] = lambda: None  #: called when a message has come, before it is answered

    @property
    def ids(self) -> list[str]:
        return [headers["webhook-id"] for headers, _ in self.came]

    def verified(self, secret: str, at: datetime) -> list[Any]:
        """The bodies, each verified as of a time."""
        with time_machine.travel(at, tick=False):
            return [Webhook(secret).verify(body, headers) for headers, body in self.came]

    def answer(self) -> int:
        return self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]


@contextmanager
def receiving(tls: ssl.SSLContext | None = None) -> Iterator[Receiver]:
    """A program on loopback; it speaks TLS where a context is given."""
    made = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            made.came.append(({name.lower(): value for name, value in self.headers.items()}, body))
            made.before_answer()
            self.send_response(made.answer())
            self.send_header("Location", f"{made.url}elsewhere")
            self.send_header("Content-Length", "0")
            with suppress(OSError):  # who sent it was killed
                self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    made.url = f"{'https' if tls else 'http'}://127.0.0.1:{server.server_port}/"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
