"""A small IMAP server in threads, for what a real one does not do on demand: no IDLE, a closed connection, a line too few."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field


@dataclass
class Imap:
    """How the server is told to behave, and what it was asked."""

    port: int = 0
    capabilities: str = "IMAP4rev1 IDLE"
    commands: list[str] = field(default_factory=list)
    says: bytes = b""  #: said as soon as somebody waits
    hangs_up: int = 0  #: so many waits end with a closed connection
    open_: list[socket.socket] = field(default_factory=list)

    @property
    def waits(self) -> int:
        return self.commands.count("IDLE")

    def say(self, line: bytes) -> None:
        """Say a line to everybody who waits."""
        for connection in self.open_:
            with suppress(OSError):
                connection.sendall(line + b"\r\n")


@contextmanager
def imap_server(told: Imap) -> Iterator[Imap]:
    listener = socket.create_server(("127.0.0.1", 0))
    told.port = listener.getsockname()[1]
    threading.Thread(target=_accept, args=(listener, told), daemon=True).start()
    try:
        yield told
    finally:
        listener.close()
        for connection in told.open_:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


def _accept(listener: socket.socket, told: Imap) -> None:
    with suppress(OSError):
        while True:
            connection, _ = listener.accept()
            told.open_.append(connection)
            threading.Thread(target=_serve, args=(connection, told), daemon=True).start()


def _serve(connection: socket.socket, told: Imap) -> None:
    with suppress(OSError), connection, connection.makefile("rb") as lines:
        connection.sendall(b"* OK ready\r\n")
        for line in lines:
            tag, _, rest = line.decode().strip().partition(" ")
            command = rest.partition(" ")[0].upper()
            told.commands.append(command)
            if command == "IDLE":
                if told.hangs_up:
                    told.hangs_up -= 1
                    return
                connection.sendall(b"+ idling\r\n" + told.says)
                told.commands.append(lines.readline().decode().strip())
            answer = {"CAPABILITY": f"* CAPABILITY {told.capabilities}\r\n", "EXAMINE": "* 0 EXISTS\r\n"}.get(command, "")
            connection.sendall(f"{answer}{tag} OK done\r\n".encode())
            if command == "LOGOUT":
                return
