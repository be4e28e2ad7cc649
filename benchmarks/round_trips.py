"""
CPU time of a round trip on each event loop: what choosing one is worth.

    python -m benchmarks.round_trips [--connections 8] [--round-trips 4000] [--runs 5]

Each connection writes a command, waits for the reply, and writes the next one, against a server in a process of its own. In
alternation: `selectors` alone, with a generator for each connection (as the SMTP client was written before); `asyncio.Protocol`;
`asyncio.Protocol` on uvloop; and the program's own `Connection` with its reply parser and deadlines, on both.
"""

import argparse
import asyncio
import contextlib
import multiprocessing
import selectors
import socket
import statistics
import time
from collections.abc import Callable, Generator, Iterator

from digest.smtp.connection import Connection
from digest.smtp.event_loop import new_event_loop

COMMAND, REPLY = b"MAIL FROM:<paper@example.org>\r\n", b"250 2.1.0 ok\r\n"


def serve(listener: socket.socket) -> None:
    """Answer each command, on one thread."""
    chosen = selectors.DefaultSelector()
    chosen.register(listener, selectors.EVENT_READ)
    while True:
        for key, _ in chosen.select():
            assert isinstance(key.fileobj, socket.socket)
            if key.fileobj is listener:
                connection, _ = listener.accept()
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                chosen.register(connection, selectors.EVENT_READ)
            elif key.fileobj.recv(4096):
                key.fileobj.sendall(REPLY)
            else:
                chosen.unregister(key.fileobj)
                key.fileobj.close()


@contextlib.contextmanager
def server() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
        process = multiprocessing.get_context("fork").Process(target=serve, args=(listener,), daemon=True)
        process.start()
        try:
            yield int(listener.getsockname()[1])
        finally:
            process.kill()
            process.join()


# --- selectors ------------------------------------------------------------------------------


def with_selectors(port: int, connections: int, round_trips: int) -> None:
    chosen = selectors.DefaultSelector()

    def speak(connection: socket.socket) -> Generator[None, None, None]:
        for _ in range(round_trips):
            connection.send(COMMAND)
            yield
            connection.recv(4096)

    for _ in range(connections):
        connection = socket.create_connection(("127.0.0.1", port))
        speaking = speak(connection)
        next(speaking)
        chosen.register(connection, selectors.EVENT_READ, speaking)
    while chosen.get_map():
        for key, _ in chosen.select():
            try:
                next(key.data)
            except StopIteration:
                chosen.unregister(key.fileobj)
                key.fileobj.close()  # type: ignore[union-attr]


# --- asyncio.Protocol ------------------------------------------------------------------------


class Speaker(asyncio.Protocol):
    def __init__(self) -> None:
        self.reply: asyncio.Future[bytes] | None = None

    def data_received(self, data: bytes) -> None:
        if self.reply is not None:
            self.reply.set_result(data)


async def with_protocol(port: int, connections: int, round_trips: int) -> None:
    loop = asyncio.get_running_loop()

    async def speak() -> None:
        transport, speaker = await loop.create_connection(Speaker, "127.0.0.1", port)
        for _ in range(round_trips):
            speaker.reply = loop.create_future()
            transport.write(COMMAND)
            await speaker.reply
        transport.close()

    await asyncio.gather(*(speak() for _ in range(connections)))


async def with_connection(port: int, connections: int, round_trips: int) -> None:
    async def speak() -> None:
        connection = await Connection.open("127.0.0.1", port, within=10)
        for _ in range(round_trips):
            await connection.write(COMMAND, within=300)
            await connection.lines(within=300)
        connection.abort()

    await asyncio.gather(*(speak() for _ in range(connections)))


Run = Callable[[int, int, int], None]


def on(loop: Callable[[], asyncio.AbstractEventLoop], work: Callable[[int, int, int], object]) -> Run:
    def run(port: int, connections: int, round_trips: int) -> None:
        with asyncio.Runner(loop_factory=loop) as runner:
            runner.run(work(port, connections, round_trips))  # type: ignore[arg-type]

    return run


WAYS: dict[str, Run] = {
    "selectors and generators": with_selectors,
    "asyncio.Protocol": on(asyncio.new_event_loop, with_protocol),
    "asyncio.Protocol on uvloop": on(new_event_loop, with_protocol),
    "our Connection, asyncio": on(asyncio.new_event_loop, with_connection),
    "our Connection, uvloop": on(new_event_loop, with_connection),
}


def main() -> None:
    parser = argparse.ArgumentParser(description="CPU time of a round trip on each event loop.")
    parser.add_argument("--connections", type=int, default=8)
    parser.add_argument("--round-trips", type=int, default=4_000, help="Of each connection.")
    parser.add_argument("--runs", type=int, default=5)
    given = parser.parse_args()
    costs: dict[str, list[float]] = {name: [] for name in WAYS}
    with server() as port:
        for _ in range(given.runs):
            for name, run in WAYS.items():
                began = time.process_time()
                run(port, given.connections, given.round_trips)
                costs[name].append((time.process_time() - began) / (given.connections * given.round_trips) * 1e6)
    for name, each in costs.items():
        print(f"{name}: {statistics.median(each):.1f} µs CPU a round trip ({min(each):.1f} to {max(each):.1f})")


if __name__ == "__main__":
    main()
