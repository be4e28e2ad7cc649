"""One connection: what leaves is what was given, however slowly it is taken; every wait ends by its deadline."""

import asyncio
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import trustme

from digest.model.ports import Reply
from digest.smtp.connection import Connection, ConnectionLost
from digest.smtp.event_loop import new_event_loop
from digest.smtp.replies import LINE, REPLY, reply_of
from tests.support.running import run

pytestmark = pytest.mark.usefixtures("each_event_loop")

CONTENT = b"".join(b"%07d\r\n" % number for number in range(200_000))


def slow_reader(taken: list[bytes], wrapped: Callable[[socket.socket], socket.socket]) -> tuple[int, threading.Thread]:
    """The port of a server that reads little at a time into small buffers."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    listener.bind(("127.0.0.1", 0))
    listener.listen()

    def read() -> None:
        with listener, listener.accept()[0] as plain, wrapped(plain) as connection:
            while not b"".join(taken[-2:]).endswith(b"\r\n.\r\n"):
                taken.append(connection.recv(3_000))
                time.sleep(0.0001)
            connection.sendall(b"250 taken\r\n")

    thread = threading.Thread(target=read)
    thread.start()
    return int(listener.getsockname()[1]), thread


@contextmanager
def server(serve: Callable[[socket.socket], object]) -> Iterator[int]:
    """The port of a server that does this with its one connection."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def accept() -> None:
            with listener.accept()[0] as connection:
                serve(connection)

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        yield int(listener.getsockname()[1])
        thread.join(5)


def certificates() -> tuple[ssl.SSLContext, ssl.SSLContext]:
    authority = trustme.CA()
    serving, client = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context()
    authority.issue_cert("127.0.0.1").configure_cert(serving)
    authority.configure_trust(client)
    return serving, client


def test_what_a_slow_server_takes_is_what_was_written() -> None:
    taken: list[bytes] = []
    port, thread = slow_reader(taken, lambda plain: plain)

    async def write() -> Reply:
        connection = await Connection.open("127.0.0.1", port, within=5)
        await connection.write(CONTENT, b".", b"\r\n", within=60)
        reply = await connection.reply(within=60)
        connection.abort()
        return reply

    [reply] = run(write())
    thread.join()

    assert reply.code == 250
    assert b"".join(taken) == CONTENT + b".\r\n"


def test_what_a_slow_server_takes_in_tls_is_what_was_written() -> None:
    taken: list[bytes] = []
    serving, client = certificates()
    port, thread = slow_reader(taken, lambda plain: serving.wrap_socket(plain, server_side=True))

    async def write() -> Reply:
        connection = await Connection.open("127.0.0.1", port, within=5)
        await connection.start_tls(client, "127.0.0.1", within=5)
        await connection.write(CONTENT, b".\r\n", within=60)
        reply = await connection.reply(within=60)
        connection.abort()
        return reply

    [reply] = run(write())
    thread.join()

    assert reply.code == 250
    assert b"".join(taken) == CONTENT + b".\r\n"


@pytest.mark.parametrize("encrypted", [False, True])
def test_a_server_that_takes_nothing_is_lost_in_time_with_what_it_can_have_read(encrypted: bool) -> None:
    serving, client = certificates()
    over = threading.Event()

    def takes_nothing(plain: socket.socket) -> None:
        connection = serving.wrap_socket(plain, server_side=True) if encrypted else plain
        over.wait(20)
        connection.close()

    async def write(port: int) -> None:
        connection = await Connection.open("127.0.0.1", port, within=5)
        if encrypted:
            await connection.start_tls(client, "127.0.0.1", within=5)
        try:
            await connection.write(b"x" * 50_000_000, within=0.5)
        finally:
            connection.abort()

    with server(takes_nothing) as port:
        began = time.monotonic()

        with pytest.raises(ConnectionLost, match="in time") as lost:
            run(write(port))

        assert 0.5 <= time.monotonic() - began < 5
        assert 0 < lost.value.written < 50_000_000
        over.set()


def test_what_was_written_to_a_server_that_hangs_up_meanwhile_is_known_not_to_have_left_whole() -> None:
    def hangs_up(connection: socket.socket) -> None:
        connection.recv(1000)

    async def write(port: int) -> None:
        connection = await Connection.open("127.0.0.1", port, within=5)
        try:
            await connection.write(b"x" * 50_000_000, within=20)
        finally:
            connection.abort()

    with server(hangs_up) as port, pytest.raises(ConnectionLost) as lost:
        run(write(port))

    assert lost.value.written < 50_000_000


def test_nothing_is_written_to_a_connection_that_was_ended() -> None:
    async def write(port: int) -> None:
        connection = await Connection.open("127.0.0.1", port, within=5)
        await asyncio.sleep(0.2)
        try:
            await connection.write(b"QUIT\r\n", within=1)
        finally:
            connection.abort()

    with server(lambda _connection: None) as port, pytest.raises(ConnectionLost, match="ended the connection") as lost:
        run(write(port))

    assert lost.value.written == 0
    assert lost.value.orderly


def test_what_a_server_said_before_it_reset_the_connection_is_read_though_a_write_fails() -> None:
    connected = threading.Event()

    def resets(connection: socket.socket) -> None:
        connected.wait(5)
        connection.sendall(b"421 4.3.2 closing\r\n")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")

    async def read(port: int) -> int:
        connection = await Connection.open("127.0.0.1", port, within=5)
        connected.set()
        time.sleep(0.3)  # so that the event loop has read nothing when the write fails
        with pytest.raises(ConnectionLost) as lost:
            await connection.write(b"MAIL FROM:<p@example.org>\r\n", within=5)
        assert lost.value.written == 0
        code, _ = await connection.lines(within=5)
        with pytest.raises(ConnectionLost):
            await connection.lines(within=5)
        connection.abort()
        return code

    with server(resets) as port:
        assert run(read(port)) == [421]


@pytest.mark.parametrize("size", [1, 7, 4096, 100_000])
def test_replies_are_read_whole_however_they_are_cut(size: int) -> None:
    sent = (
        b"250-first\r\n250 2.1.0 second\n" + b"354 " + b"y" * (LINE * 3) + b"\r\n" + b"550-5.1.1 no\r\n550 5.1.1 such user\r\r\n"
    )

    def send(connection: socket.socket) -> None:
        for at in range(0, len(sent), size):
            connection.send(sent[at : at + size])

    async def read(port: int) -> None:
        connection = await Connection.open("127.0.0.1", port, within=5)
        first, second, third = [await connection.lines(within=10) for _ in range(3)]
        assert (first[0], [*first[1]]) == (250, [b"first", b"2.1.0 second"])
        assert (second[0], [*second[1]]) == (354, [b"y" * (LINE - 4)])
        assert str(reply_of(*third)) == "550 5.1.1 no such user"
        assert not connection.unread
        connection.abort()

    with server(send) as port:
        run(read(port))


@pytest.mark.parametrize("sent", [b"2" * (REPLY + LINE * 4), b"250-x\r\n" * (REPLY // 5 + 4)])
def test_a_reply_without_end_is_not_waited_for(sent: bytes) -> None:
    async def read(port: int) -> None:
        connection = await Connection.open("127.0.0.1", port, within=5)
        try:
            await connection.lines(within=30)
        finally:
            connection.abort()

    def send(connection: socket.socket) -> None:
        with pytest.raises(OSError, match=r"reset|pipe"):  # we hang up on it
            while True:
                connection.sendall(sent)

    with server(send) as port, pytest.raises(ConnectionLost, match=r"no end|no reply"):
        run(read(port))


def test_what_nobody_reads_is_left_in_the_kernel() -> None:
    """A server that says far more than it was asked fills no memory; the reply before it is read, and so is all the rest."""
    lines = 300_000

    async def read(port: int) -> int:
        connection = await Connection.open("127.0.0.1", port, within=5)
        await asyncio.sleep(0.5)
        held = connection._parser.lines
        for _ in range(lines):
            await connection.lines(within=10)
        connection.abort()
        return held

    with server(lambda connection: connection.sendall(b"250 so\r\n" * lines)) as port:
        [held] = run(read(port))

    assert held < 50_000


def test_each_deadline_counts_and_a_longer_one_does_not_end_early() -> None:
    def drip(connection: socket.socket) -> None:
        time.sleep(0.5)
        connection.sendall(b"250 late\r\n")
        time.sleep(2)

    async def read(port: int) -> tuple[float, int]:
        connection = await Connection.open("127.0.0.1", port, within=5)
        with pytest.raises(ConnectionLost, match="in time"):
            await connection.lines(within=0.1)
        began = time.monotonic()
        code, _ = await connection.lines(within=5)
        with pytest.raises(ConnectionLost, match="in time"):
            await connection.lines(within=0.2)
        connection.abort()
        return time.monotonic() - began, code

    with server(drip) as port:
        [(seconds, code)] = run(read(port))

    assert code == 250
    assert 0.5 <= seconds < 1.5


def test_a_name_that_nobody_answers_for_keeps_no_loop_from_closing(monkeypatch: pytest.MonkeyPatch) -> None:
    answered = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_more: answered.wait(20) and [])

    async def give_up() -> None:
        opening = asyncio.ensure_future(Connection.open("slow.example.org", 25, within=5))
        await asyncio.sleep(0.1)
        opening.cancel()

    began = time.monotonic()
    run(give_up())

    assert time.monotonic() - began < 5
    answered.set()


def test_the_loop_is_uvloops_where_it_is_installed(each_event_loop: str) -> None:
    loop = new_event_loop()
    loop.close()

    assert type(loop).__module__.startswith(each_event_loop)
