"""A running web server, and requests to it octet by octet."""

import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from fastapi import FastAPI

from digest.web import server

ONE_CLICK = b"List-Unsubscribe=One-Click"
URLENCODED = b"Content-Type: application/x-www-form-urlencoded\r\n"


@contextmanager
def serving(app: FastAPI) -> Iterator[int]:
    """The port of a running server."""
    listener = server.listen("127.0.0.1", 0)
    running = server.Server(app, listener)
    thread = threading.Thread(target=running.run)
    thread.start()
    port = listener.getsockname()[1]
    until_answers(port)
    try:
        yield port
    finally:
        running.should_exit = True
        thread.join(20)
        assert not thread.is_alive()


def until_answers(port: int) -> None:
    end = time.monotonic() + 60
    while True:
        try:
            if b"HTTP/1.1" in ask(port, b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"):
                return
        except OSError:
            assert time.monotonic() < end, "no server"
            time.sleep(0.05)


def connect(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=30)


def rest(connection: socket.socket) -> bytes:
    """Whatever comes until the server closes."""
    found = b""
    with suppress(ConnectionError):
        while data := connection.recv(65536):
            found += data
    return found


def ask(port: int, request: bytes) -> bytes:
    with connect(port) as connection:
        with suppress(OSError):  # a server that refuses a body may close before it has all of it
            connection.sendall(request)
            connection.shutdown(socket.SHUT_WR)
        return rest(connection)


def statuses(answer: bytes) -> list[int]:
    return [int(code) for code in re.findall(rb"HTTP/1\.1 (\d+)", answer)]


def post(path: str, body: bytes = ONE_CLICK, head: bytes = URLENCODED, *, length: bool = True) -> bytes:
    sized = f"Content-Length: {len(body)}\r\n".encode() if length else b""
    return f"POST {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n".encode() + head + sized + b"\r\n" + body
