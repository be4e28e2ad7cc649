"""
The journal: what a process did since the database last heard of it. It survives `kill -9`.

An owner is a running process with a random id and an exclusive lock on its journal,
`journal/<id>`. One line of intent before a content's end, one on the answer: a plain
`write`, 1 µs, which the kernel keeps when the process dies. Who can take the lock of another
journal knows its owner dead and settles its deliveries under that lock.
"""

import fcntl
import os
import secrets
from collections.abc import Container, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from digest import log
from digest.errors import StoreError
from digest.model.ports import Answer, Reply, Stage

_ROOM = "make room, then run the same command again"
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """What a dead owner's journal tells of the deliveries that were asked for."""

    owner: str
    same_boot: bool  #: else lines may be missing: power was lost
    intents: frozenset[int]  #: contents that were about to be ended
    answers: Mapping[int, Answer]  #: what was answered


class Journal:
    """This process's journal: made before its first claim, gone after its last result is in the database."""

    def __init__(self, folder: Path) -> None:
        self.owner = secrets.token_hex(8)
        self.path = folder / self.owner
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            # Under a hidden name until it is locked: whoever finds it unlocked would take its owner for dead.
            hidden = folder / f".{self.owner}"
            self._file = os.open(hidden, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            fcntl.flock(self._file, fcntl.LOCK_EX)
            self.write(f"boot {_boot_id()}\n")
            hidden.rename(self.path)
        except OSError as problem:
            raise StoreError(
                f"the journal folder {folder} cannot be written: {problem.strerror}; nothing is sent without it"
            ) from problem

    def pen(self) -> "Pen":
        """For one line: it writes whole lines, whoever else writes."""
        return Pen(self)

    @property
    def place(self) -> str:
        """The name of the folder that it lies in: where others look for it."""
        return place(self.path.parent)

    def close(self, *, settled: bool) -> None:
        """Let it go. It is deleted when all results are in the database, synced; else it waits for who replays it."""
        if settled:
            self.path.unlink(missing_ok=True)
        os.close(self._file)

    def write(self, lines: str) -> None:
        """Whole lines, at once. Raises StoreError."""
        raw = lines.encode("utf-8", "replace")
        try:
            whole = os.write(self._file, raw) == len(raw)
        except OSError as problem:
            raise StoreError(f"the journal {self.path} cannot be written: {problem.strerror}; {_ROOM}") from problem
        if not whole:
            raise StoreError(f"the journal {self.path} took half a line: its disk is full; {_ROOM}")


class Pen:
    """
    Writes what one line does. A 250 waits for the next intent, so that a message costs one write; `flush` when
    there is none. A refusal waits for nothing: its delivery may be tried again, by another line.
    """

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._answers = ""

    def intent(self, delivery_id: int) -> None:
        """The content of this delivery is about to be ended. Raises StoreError."""
        lines, self._answers = f"{self._answers}i {delivery_id}\n", ""
        self._journal.write(lines)

    def answer(self, delivery_id: int, stage: Stage, reply: Reply) -> None:
        """The server has answered. Raises StoreError."""
        text = reply.text if reply.text.isprintable() else " ".join(reply.text.split())
        self._answers += f"a {delivery_id} {stage.value} {reply.code} {reply.enhanced or '-'} {text}\n"
        if reply.code >= 400:
            self.flush()

    def untaken(self, delivery_id: int) -> None:
        """Its content was ended, and yet the server is known not to have taken it. Raises StoreError."""
        self._answers += f"u {delivery_id}\n"
        self.flush()

    def flush(self) -> None:
        """Write the answers that wait. Raises StoreError."""
        if self._answers:
            lines, self._answers = self._answers, ""
            self._journal.write(lines)


class DeadJournal:
    """Another owner's journal, held under its lock until it is settled."""

    def __init__(self, path: Path, file: int) -> None:
        self.path = path
        self._file = file

    def read(self, owned: Container[int]) -> Replay:
        """What it tells of the deliveries `owned`; a last line that was cut off counts as not written."""
        intents: set[int] = set()
        answers: dict[int, Answer] = {}
        boot = ""
        with os.fdopen(os.dup(self._file), "rb") as file:
            file.seek(0)
            for line in file:
                kind, _, rest = line.decode("utf-8", "replace").partition(" ")
                if not rest.endswith("\n"):
                    continue
                number, _, text = rest[:-1].partition(" ")
                if kind == "boot":
                    boot = rest[:-1]
                elif number.isdecimal() and int(number) in owned:
                    if kind == "i" and not text:
                        intents.add(int(number))
                        answers.pop(int(number), None)  # that was of an earlier try
                    elif kind == "u":
                        intents.discard(int(number))
                    elif kind == "a" and (answer := _answer(int(number), text)):
                        answers[answer.delivery_id] = answer
        return Replay(owner=self.path.name, same_boot=boot == _boot_id(), intents=frozenset(intents), answers=answers)

    def close(self, *, settled: bool) -> None:
        """Let it go; a settled one is deleted first, while the lock is held."""
        if settled:
            self.path.unlink(missing_ok=True)
        os.close(self._file)


def _answer(delivery_id: int, text: str) -> Answer | None:
    stage, code, enhanced, said = [*text.split(" ", 3), "", "", ""][:4]
    if stage not in list(Stage) or not code.isdigit():
        return None
    reply = Reply(code=int(code), enhanced=enhanced.replace("-", ""), text=said.replace("\0", " "))
    return Answer(delivery_id=delivery_id, stage=Stage(stage), reply=reply)


def dead(folder: Path) -> Iterator[DeadJournal]:
    """The journals whose owners no longer run, each locked by us."""
    for path in _files(folder):
        try:
            file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            continue
        except PermissionError:
            log.get().warning("journal.foreign", path=str(path))  # another user's; only they can settle it
            continue
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(file)  # its owner is alive
            continue
        yield DeadJournal(path, file)


def present(folder: Path) -> frozenset[str]:
    """The owners that have a journal here."""
    return frozenset(path.name for path in _files(folder))


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("*") if not path.name.startswith(".")) if folder.is_dir() else []


def place(folder: Path) -> str:
    """
    The name of a journal folder, made once and kept in it.

    A host's name would not do: machines share names, and one machine may have several folders.
    """
    file = folder / ".place"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not file.exists():
            part = folder / f".place.{secrets.token_hex(8)}"
            part.write_text(secrets.token_hex(8), encoding="ascii")
            with suppress(FileExistsError):  # another process was quicker; its name counts
                os.link(part, file)
            part.unlink()
        return file.read_text(encoding="ascii")
    except OSError as problem:
        raise StoreError(
            f"the journal folder {folder} cannot be used: {problem.strerror}; nothing is sent without it"
        ) from problem


def _boot_id() -> str:
    try:
        return _BOOT_ID.read_text(encoding="ascii").strip()
    except OSError:
        return "unknown"
