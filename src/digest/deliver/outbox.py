"""
The outbox: a folder that takes one `.eml` a message, for trying out and for programs that
pick mail up. Its file is named by the Message-ID's hash, so a message handed over twice is
there once.
"""

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from digest.errors import TransportDown
from digest.model.ports import Answer, Envelope, Limits, Reply, Stage


class Outbox:
    """A Transport whose messages end in a folder (0700: they hold addresses)."""

    name = "outbox"
    repeatable = True
    limits = Limits(connections=1)

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @contextmanager
    def connect(self) -> Iterator["OutboxLine"]:
        """A line into the folder, which is made if need be."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            handle = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY)
        except (FileExistsError, NotADirectoryError) as problem:
            raise TransportDown(
                f"the outbox {self.folder} is a file, not a folder; move it away or name another folder in DIGEST_SMTP_URL"
            ) from problem
        except OSError as problem:
            raise TransportDown(
                f"the outbox {self.folder} cannot be opened: {problem.strerror}; check its owner and permissions"
            ) from problem
        try:
            yield OutboxLine(self.folder, handle)
            os.fsync(handle)  # the names are as durable as the files
        finally:
            os.close(handle)


class OutboxLine:
    """Writes messages, each whole or not at all."""

    def __init__(self, folder: Path, handle: int) -> None:
        self._folder = folder
        self._handle = handle

    def send(self, envelopes: Iterable[Envelope | None], *, before_end: Callable[[int], bool]) -> Iterator[Answer]:
        """Write each message; see `Line.send`."""
        for envelope in envelopes:
            if envelope is None:
                continue  # nothing is ever on its way
            stage, reply = Stage.CONTENT, None
            if before_end(envelope.delivery_id):
                name = file_name(envelope.message_id)
                self._write(name, envelope.content)
                stage, reply = Stage.END, Reply(code=250, enhanced="2.0.0", text=f"kept as {name}")
            yield Answer(delivery_id=envelope.delivery_id, stage=stage, reply=reply, relay=Outbox.name)

    def _write(self, name: str, content: bytes) -> None:
        part = f".{name}.part"
        try:
            handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600, dir_fd=self._handle)
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(content)
                    file.flush()
                    os.fsync(file.fileno())
                os.rename(part, name, src_dir_fd=self._handle, dst_dir_fd=self._handle)
            except OSError:
                os.unlink(part, dir_fd=self._handle)
                raise
        except OSError as problem:
            raise TransportDown(
                f"the outbox {self._folder} takes no more: {problem.strerror}; make room, then run the same command again"
            ) from problem


def file_name(message_id: str) -> str:
    """The file of a message."""
    return hashlib.sha256(message_id.encode()).hexdigest()[:32] + ".eml"
