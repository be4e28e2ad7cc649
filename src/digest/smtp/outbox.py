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
from digest.model.ports import Answer, Envelope, Limits, Reply, Stage


class Outbox:
    """A Transport into a folder (0700: messages hold addresses)."""

    name = "outbox"
    repeatable = True
    messages = 0
    limits = Limits(connections=1)

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def session(self, *, before_end: Callable[[int], bool], on_answer: Callable[[Answer], None]) -> "OutboxSession":
        """See `Transport.session`."""
        return OutboxSession(self.folder, before_end, on_answer)


class OutboxSession:
    """Session that writes messages, each whole or not at all. It never waits: writing to a folder is immediate."""

    def __init__(self, folder: Path, before_end: Callable[[int], bool], on_answer: Callable[[Answer], None]) -> None:
        self._folder = folder
        self._before_end = before_end
        self._on_answer = on_answer
        self._handle: int | None = None

    async def open(self, *, unless: Callable[[], bool] | None = None) -> bool:  # noqa: ARG002  # it takes no time
        """Open the folder; make it if need be. Raises TransportDown."""
        self._opened()
        return True

    async def send(self, envelope: Envelope) -> None:
        """See `Session.send`."""
        handle = self._opened()
        stage, reply = Stage.CONTENT, None
        if self._before_end(envelope.delivery_id):
            name = file_name(envelope.message_id)
            self._write(handle, name, envelope.content)
            stage, reply = Stage.END, Reply(code=250, enhanced="2.0.0", text=f"kept as {name}")
        self._on_answer(Answer(delivery_id=envelope.delivery_id, stage=stage, reply=reply, relay=Outbox.name))

    async def flush(self) -> None:
        """Do nothing: no message is ever in flight."""

    async def close(self) -> None:
        """Sync the folder, so that names are as durable as files."""
        if self._handle is not None:
            os.fsync(self._handle)
            self.abort()

    def abort(self) -> None:
        """Close the folder."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None

    def _opened(self) -> int:
        if self._handle is None:
            self._handle = self._open()
        return self._handle

    def _open(self) -> int:
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            return os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY)
        except (FileExistsError, NotADirectoryError) as problem:
            what = f"the outbox {self._folder} is a file, not a folder; move it away, or name another folder"
            raise TransportDown(what, code="outbox_file") from problem
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
    """Return the file name of a message."""
    return hashlib.sha256(message_id.encode()).hexdigest()[:32] + ".eml"
