"""One connection: what leaves is what was given, however slowly it is taken; what is read is cut where it must be."""

import socket
import ssl
import threading
import time
from collections.abc import Callable

import pytest
import trustme

from digest.deliver.talk import at_once
from digest.deliver.wire import LINE, REPLY, Lost, Wire, reply_of

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


def test_what_a_slow_server_takes_is_what_was_written() -> None:
    taken: list[bytes] = []
    port, thread = slow_reader(taken, lambda plain: plain)
    wire = Wire.connect("127.0.0.1", port, within=5)

    at_once(wire.write(CONTENT, b".", b"\r\n", within=60))
    assert at_once(wire.reply(within=60)).code == 250
    wire.close()
    thread.join()

    assert b"".join(taken) == CONTENT + b".\r\n"


def test_what_a_slow_server_takes_in_tls_is_what_was_written() -> None:
    authority, taken = trustme.CA(), list[bytes]()
    server, client = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context()
    authority.issue_cert("127.0.0.1").configure_cert(server)
    authority.configure_trust(client)
    port, thread = slow_reader(taken, lambda plain: server.wrap_socket(plain, server_side=True))
    wire = Wire.connect("127.0.0.1", port, within=5)
    wire.encrypt(client, "127.0.0.1", within=5)

    at_once(wire.write(CONTENT, b".\r\n", within=60))
    assert at_once(wire.reply(within=60)).code == 250
    wire.close()
    thread.join()

    assert b"".join(taken) == CONTENT + b".\r\n"


def test_a_server_that_takes_nothing_is_lost_in_time_with_what_it_can_have_read() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        wire = Wire.connect("127.0.0.1", listener.getsockname()[1], within=5)
        began = time.monotonic()

        with pytest.raises(Lost, match="in time") as lost:
            at_once(wire.write(b"x" * 50_000_000, within=0.5))

        assert 0.5 <= time.monotonic() - began < 5
        assert 0 < lost.value.written < 50_000_000
        wire.close()


@pytest.mark.parametrize("size", [1, 7, 4096, 100_000])
def test_replies_are_read_whole_however_they_are_cut(size: int) -> None:
    said = (
        b"250-first\r\n250 2.1.0 second\n" + b"354 " + b"y" * (LINE * 3) + b"\r\n" + b"550-5.1.1 no\r\n550 5.1.1 such user\r\r\n"
    )
    ours, theirs = socket.socketpair()
    wire = Wire(ours)
    sender = threading.Thread(target=lambda: [theirs.send(said[at : at + size]) for at in range(0, len(said), size)])
    sender.start()

    first, second, third = (at_once(wire.lines(within=10)) for _ in range(3))
    sender.join()

    assert (first[0], [*first[1]]) == (250, [b"first", b"2.1.0 second"])
    assert (second[0], [*second[1]]) == (354, [b"y" * (LINE - 4)])
    assert str(reply_of(*third)) == "550 5.1.1 no such user"
    assert not wire.unread
    wire.close()
    theirs.close()


@pytest.mark.parametrize("said", [b"2" * (REPLY + LINE * 4), b"250-x\r\n" * (REPLY // 5 + 4)])
def test_a_reply_without_end_is_not_waited_for(said: bytes) -> None:
    ours, theirs = socket.socketpair()
    wire = Wire(ours)
    sender = threading.Thread(target=theirs.sendall, args=(said,), daemon=True)
    sender.start()

    with pytest.raises(Lost, match=r"no end|no reply"):
        at_once(wire.lines(within=30))
    wire.close()
    theirs.close()
