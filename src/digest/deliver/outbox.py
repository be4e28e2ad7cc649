"""
The outbox: a folder that takes one `.eml` a message, for trying out and for programs that
pick mail up. Its file is named by the Message-ID's hash, so a message handed over twice is
there once.
"""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

from digest.errors import TransportDown
from digest.model.ports import Answer, Envelope, Limits, Reply, Stage, Talk


class Outbox:
    """A Transport whose messages end in a folder (0700: they hold addresses)."""

    name = "outbox"
    repeatable = True
    messages = 0
    limits = Limits(connections=1)

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def line(self, *, before_end: Callable[[int], bool], heard: Callable[[Answer], None]) -> "OutboxLine":
        """See `Transport.line`."""
        return OutboxLine(self.folder, before_end, heard)


class OutboxLine:
    """Writes messages, each whole or not at all. Its talks never wait: a folder takes them at once."""

    def __init__(self, folder: Path, before_end: Callable[[int], bool], heard: Callable[[Answer], None]) -> None:
        self._folder = folder
        self._before_end = before_end
        self._heard = heard
        self._handle: int | None = None

    def open(self, *, unless: Callable[[], bool] | None = None) -> Talk[int]:  # noqa: ARG002  # it takes no time
        """The folder, made if need be. Raises TransportDown."""
        yield from ()
        if self._handle is None:
            self._handle = self._opened()
        return self._handle

    def hand(self, envelope: Envelope) -> Talk[None]:
        """See `Line.hand`."""
        handle = yield from self.open()
        stage, reply = Stage.CONTENT, None
        if self._before_end(envelope.delivery_id):
            name = file_name(envelope.message_id)
            self._write(handle, name, envelope.content)
            stage, reply = Stage.END, Reply(code=250, enhanced="2.0.0", text=f"kept as {name}")
        self._heard(Answer(delivery_id=envelope.delivery_id, stage=stage, reply=reply, relay=Outbox.name))

    def finish(self) -> Talk[None]:
        """Nothing is ever on its way."""
        yield from ()

    def close(self) -> Talk[None]:
        """The names become as durable as the files."""
        yield from ()
        if self._handle is not None:
            os.fsync(self._handle)
            self.hang_up()

    def hang_up(self) -> None:
        """Let the folder go."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None

    def _opened(self) -> int:
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            return os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY)
        except (FileExistsError, NotADirectoryError) as problem:
            raise TransportDown(
                f"the outbox {self._folder} is a file, not a folder; move it away or name another folder in DIGEST_SMTP_URL"
            ) from problem
        except OSError as problem:
            raise TransportDown(
                f"the outbox {self._folder} cannot be opened: {problem.strerror}; check its owner and permissions"
            ) from problem

    def _write(self, folder: int, name: str, content: bytes) -> None:
        part = f".{name}.part"
        try:
            handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600, dir_fd=folder)
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(content)
                    file.flush()
                    os.fsync(file.fileno())
                os.rename(part, name, src_dir_fd=folder, dst_dir_fd=folder)
            except OSError:
                os.unlink(part, dir_fd=folder)
                raise
        except OSError as problem:
            raise TransportDown(
                f"the outbox {self._folder} takes no more: {problem.strerror}; make room, then run the same command again"
            ) from problem


def file_name(message_id: str) -> str:
    """The file of a message."""
    return hashlib.sha256(message_id.encode()).hexdigest()[:32] + ".eml"
