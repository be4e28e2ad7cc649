"""
The journal: the actions of a process since its last transaction. It survives `kill -9`.

An owner is a running process with a random id and an exclusive lock on its journal,
`journal/<id>`. One line of intent before a content's end, one on the answer: a plain
`write`, 1 µs, which the kernel keeps when the process dies. Who can take the lock of another
journal knows its owner dead and settles its deliveries under that lock.
"""

import fcntl
import os
import re
import secrets
import stat
from collections.abc import Container, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from digest import log
from digest.errors import StoreError
from digest.model.ports import Answer, Reply, Stage

_ROOM = "make room, then run the same command again"
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_NAME = re.compile(r"[0-9a-f]{16}")  #: of an owner and its journal, and of a place
_NUMBER = re.compile(r"[0-9]{1,18}")
ASIDE = ".aside"  #: the folder in a journal folder for what does not belong there
LINE = 4_096  #: octets; ours are shorter


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """The content of a dead owner's journal about the deliveries that were asked for."""

    owner: str
    same_boot: bool  #: else lines may be missing: power was lost
    intents: frozenset[int]  #: contents that were about to be ended
    answers: Mapping[int, Answer]  #: what was answered
    corrupt: bool = False  #: it has lines that no owner writes: others may be missing


class Journal:
    """Journal of this process: created before its first claim, deleted after its last result is in the database."""

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

    def writer(self) -> "JournalWriter":
        """Return a writer for one worker; it writes whole lines, whoever else writes."""
        return JournalWriter(self)

    @property
    def place(self) -> str:
        """Name of the journal's folder, where other processes look for it."""
        return place(self.path.parent)

    def close(self, *, settled: bool) -> None:
        """Close and unlock the journal. It is deleted when all results are synced to the database; else it stays for a replay."""
        if settled:
            self.path.unlink(missing_ok=True)
        os.close(self._file)

    def write(self, lines: str) -> None:
        """Write whole lines, at once. Raises StoreError."""
        raw = lines.encode("utf-8", "replace")
        try:
            whole = os.write(self._file, raw) == len(raw)
        except OSError as problem:
            raise StoreError(f"the journal {self.path} cannot be written: {problem.strerror}; {_ROOM}") from problem
        if not whole:
            raise StoreError(f"the journal {self.path} took half a line: its disk is full; {_ROOM}")


class JournalWriter:
    """
    Writer for one worker. A 250 waits for the next intent, so that a message costs one write; `flush` when
    there is none. A refusal waits for nothing: its delivery may be tried again, by another worker.
    """

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._answers = ""

    def intent(self, delivery_id: int) -> None:
        """Record that the content of this delivery is about to be ended. Raises StoreError."""
        lines, self._answers = f"{self._answers}i {delivery_id}\n", ""
        self._journal.write(lines)

    def answer(self, delivery_id: int, stage: Stage, reply: Reply) -> None:
        """Record the answer of the server. Raises StoreError."""
        text = reply.text if reply.text.isprintable() else " ".join(reply.text.split())
        self._answers += f"a {delivery_id} {stage.value} {reply.code} {reply.enhanced or '-'} {text}\n"
        if reply.code >= 400:
            self.flush()

    def untaken(self, delivery_id: int) -> None:
        """Record that the content was ended, and that the server is known not to have accepted it. Raises StoreError."""
        self._answers += f"u {delivery_id}\n"
        self.flush()

    def flush(self) -> None:
        """Write the answers that wait. Raises StoreError."""
        if self._answers:
            lines, self._answers = self._answers, ""
            self._journal.write(lines)


class AbandonedJournal:
    """Journal of another owner, held under its lock until it is settled."""

    def __init__(self, path: Path, file: int) -> None:
        self.path = path
        self._file = file
        self._corrupt = False

    def read(self, owned: Container[int]) -> Replay:
        """Read the entries of the deliveries `owned`; a truncated last line counts as not written."""
        intents: set[int] = set()
        answers: dict[int, Answer] = {}
        boot = ""
        for kind, words in self._lines():
            number, _, text = words.partition(" ")
            if kind == "boot":
                boot = words
            elif kind not in ("i", "a", "u") or not _NUMBER.fullmatch(number):
                self._corrupt = True
            elif int(number) in owned:
                if kind == "i":
                    intents.add(int(number))
                    answers.pop(int(number), None)  # that was of an earlier try
                elif kind == "u":
                    intents.discard(int(number))
                elif answer := _answer(int(number), text):
                    answers[answer.delivery_id] = answer
        return Replay(
            owner=self.path.name,
            same_boot=boot == _boot_id(),
            intents=frozenset(intents),
            answers=answers,
            corrupt=self._corrupt,
        )

    def _lines(self) -> Iterator[tuple[str, str]]:
        """Yield the kind and the words of each complete line. A line that is longer than any of ours is skipped."""
        with os.fdopen(os.dup(self._file), "rb") as file:
            file.seek(0)
            while line := file.readline(LINE):
                if line.endswith(b"\n"):
                    kind, _, words = line[:-1].decode("utf-8", "replace").partition(" ")
                    yield kind, words
                elif len(line) == LINE:
                    self._corrupt = True
                    while line and not line.endswith(b"\n"):
                        line = file.readline(LINE)

    def close(self, *, settled: bool) -> None:
        """Unlock the journal; a settled one is deleted first, while the lock is held. A corrupt one is set aside for inspection."""
        if settled and self._corrupt:
            _set_aside(self.path, "is corrupt")
        elif settled:
            self.path.unlink(missing_ok=True)
        os.close(self._file)


def _answer(delivery_id: int, text: str) -> Answer | None:
    stage, code, enhanced, said = [*text.split(" ", 3), "", "", ""][:4]
    if stage not in list(Stage) or not re.fullmatch("[0-9]{3}", code):
        return None
    reply = Reply(code=int(code), enhanced=enhanced.replace("-", ""), text=said.replace("\0", " "))
    return Answer(delivery_id=delivery_id, stage=Stage(stage), reply=reply)


def abandoned(folder: Path) -> Iterator[AbandonedJournal]:
    """Return the journals whose owners no longer run, each locked by us. Files that are no journals are set aside, and logged."""
    for path in _files(folder):
        if reason := _defect(path):
            _set_aside(path, reason)
        elif (file := _locked(path)) is not None:
            yield AbandonedJournal(path, file)


def _locked(path: Path) -> int | None:
    """Open and lock a journal's file; None: its owner is alive, or it is gone or not ours to settle."""
    try:
        file = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError:
        return None
    except OSError as problem:  # another user's; only they can settle it
        log.get().warning("journal.foreign", path=str(path), reason=problem.strerror)
        return None
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(file)
        return None
    except OSError as problem:
        os.close(file)
        log.get().warning("journal.foreign", path=str(path), reason=problem.strerror)
        return None
    return file


def present(folder: Path) -> frozenset[str]:
    """Return the owners that have a journal here."""
    return frozenset(path.name for path in _files(folder) if not _defect(path))


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("*") if not path.name.startswith(".")) if folder.is_dir() else []


def _defect(path: Path) -> str:
    """Return why this is no journal; empty if it is one."""
    try:
        mode = path.lstat().st_mode
    except OSError:
        return ""  # it is gone
    if not stat.S_ISREG(mode):
        return "is a folder" if stat.S_ISDIR(mode) else "is not a file"
    return "" if _NAME.fullmatch(path.name) else "does not have the name of a journal"


def _set_aside(path: Path, reason: str) -> None:
    """Move a file into a folder beside the journals, so that it is not found again; if that fails, leave and skip it."""
    to = path.parent / ASIDE / f"{path.name}.{secrets.token_hex(4)}"
    try:
        to.parent.mkdir(mode=0o700, exist_ok=True)
        path.rename(to)
        log.get().warning("journal.set_aside", path=str(path), reason=reason, to=str(to))
    except OSError as problem:
        log.get().warning("journal.foreign", path=str(path), reason=f"{reason}, and cannot be moved: {problem.strerror}")


def place(folder: Path) -> str:
    """
    Return the name of a journal folder, made once and stored in it.

    A host's name would not do: machines share names, and one machine may have several folders.
    """
    file = folder / ".place"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if file.is_symlink() or file.exists():
            if name := _place(file):
                return name
            _set_aside(file, "is not the name of this folder")
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


def _place(file: Path) -> str:
    """Return the name that a file holds; empty if it holds none."""
    if not stat.S_ISREG(file.lstat().st_mode):
        return ""
    text = file.read_bytes()[:32].decode("ascii", "replace")
    return text if _NAME.fullmatch(text) else ""


def _boot_id() -> str:
    try:
        return _BOOT_ID.read_text(encoding="ascii").strip()
    except OSError:
        return "unknown"
