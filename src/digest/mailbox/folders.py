"""Mailboxes on disk: a Maildir, an mbox file, a folder of `.eml` files, single files."""

import mailbox
import os
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

from digest.errors import BadInput, FetchError
from digest.mailbox.ports import Mailbox, Message

UNCLEAR = ".unclear"  #: the folder of a Maildir for mails that were not understood
LARGEST = 50_000_000  #: bytes of a mail that are read at most


class Maildir:
    """
    A Maildir. A mail that was understood is deleted, another one moved to the folder `.unclear`.

    A mail stays in `new` or `cur` until then, so that a kill loses none.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def messages(self) -> Iterator[Message]:
        """See `Mailbox`."""
        for folder in ("new", "cur"):
            for file in _files(self._path / folder):
                yield Message(f"{folder}/{file.name}", _read(file))

    def put_away(self, message: Message, *, understood: bool) -> None:
        """See `Mailbox`."""
        try:
            if understood:
                (self._path / message.key).unlink(missing_ok=True)
                return
            for folder in ("tmp", "new", "cur"):
                (self._path / UNCLEAR / folder).mkdir(mode=0o700, parents=True, exist_ok=True)
            os.replace(self._path / message.key, self._path / UNCLEAR / "cur" / f"{Path(message.key).name.partition(':')[0]}:2,S")
        except FileNotFoundError:
            return  # another process has put it away
        except OSError as problem:
            raise _failed(self._path, problem) from problem

    def close(self) -> None:
        """See `Mailbox`."""


class Files:
    """Single files, as they stand: nothing is moved or deleted, and what was counted once is not counted again."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self._paths = paths

    def messages(self) -> Iterator[Message]:
        """See `Mailbox`."""
        for path in self._paths:
            if path.is_dir():
                yield from (Message(str(file), _read(file)) for file in _files(path) if file.suffix == ".eml")
            elif _read(path, 5) == b"From ":
                yield from _of_mbox(path)
            else:
                yield Message(str(path), _read(path))

    def put_away(self, message: Message, *, understood: bool) -> None:
        """See `Mailbox`."""

    def close(self) -> None:
        """See `Mailbox`."""


def open_path(path: Path) -> Mailbox:
    """Open a Maildir, an mbox, a folder of `.eml` files or one file, told apart by what is there. Raises BadInput."""
    if (path / "new").is_dir() and (path / "cur").is_dir():
        return Maildir(path)
    if not path.exists():
        raise BadInput(f"{path} is not there; name a Maildir, an mbox, a folder of .eml files or a file")
    return Files([path])


def _of_mbox(path: Path) -> Iterator[Message]:
    try:
        with closing(mailbox.mbox(path, create=False)) as opened:
            for key in opened.iterkeys():
                yield Message(str(key), opened.get_bytes(key))
    except (OSError, mailbox.Error) as problem:
        raise FetchError(str(path), f"cannot be read ({problem})") from problem


def _files(folder: Path) -> Sequence[Path]:
    """Return the files of a folder by name; a Maildir's begin with their time."""
    try:
        return sorted(file for file in folder.iterdir() if file.is_file() and not file.is_symlink() and file.name[0] != ".")
    except FileNotFoundError:
        return ()
    except OSError as problem:
        raise _failed(folder, problem) from problem


def _read(file: Path, size: int = LARGEST) -> bytes:
    try:
        with file.open("rb") as opened:
            return opened.read(size)
    except OSError as problem:
        raise _failed(file, problem) from problem


def _failed(path: Path, problem: OSError) -> FetchError:
    return FetchError(str(path), f"cannot be read ({problem.strerror or problem})")
