"""
Files of people, wherever they lie: on disk, in a folder, or as members of a ZIP archive.

Nothing is unpacked to disk: members are read from the archive, within limits that a ZIP bomb meets early.
"""

import stat
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO, cast

from digest.errors import BadInput, NothingToDo

MAX_BYTES = 500_000_000  #: of one file, after decompression
MAX_RATIO = 200  #: decompressed bytes a compressed one; text reaches 30, a bomb 1,000
MAX_MEMBERS = 100  #: of an archive
SUFFIXES = (".csv", ".tsv", ".txt", ".ndjson", ".jsonl")  #: of lists in an archive
FOLDER_SUFFIXES = (".csv", ".ndjson", ".jsonl", ".zip")  #: of lists in a folder
SAMPLE = "example.csv"  #: shows the columns; of all files in a folder it alone is nobody's list


@dataclass(frozen=True, slots=True)
class ListFile:
    """
    A file of people; `member` is its name within the archive at `path`, empty where `path` is the file itself.

    `known_as`: what messages and records call it, if not by its path.
    """

    path: Path
    member: str = ""
    known_as: str = ""

    def __str__(self) -> str:
        name = self.known_as or str(self.path)
        return f"{name} ({self.member})" if self.member else name

    @property
    def stem(self) -> str:
        """The file's name without folder and ending."""
        return PurePosixPath(self.member).stem if self.member else self.path.stem

    @contextmanager
    def open(self) -> Iterator[BinaryIO]:
        """
        Open the file to read and seek in its bytes.

        Raises:
            BadInput: it is gone, damaged, no regular file, or larger than MAX_BYTES.
        """
        try:
            size = check_regular(self.path)
            if not self.member:
                _check_size(self, size)
                with self.path.open("rb") as raw:
                    yield raw
                return
            with zipfile.ZipFile(self.path) as archive, archive.open(self.member) as member:
                yield cast(BinaryIO, member)
        except OSError as problem:
            raise BadInput(f"{self} cannot be read: {problem.strerror or problem}") from problem
        except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, KeyError, EOFError) as problem:
            raise BadInput(f"{self} cannot be unpacked: {problem}") from problem


def check_regular(path: Path) -> int:
    """Return the size of a file. Raises OSError where it is not there, or BadInput where it is no regular file."""
    found = path.stat()
    if stat.S_ISDIR(found.st_mode):
        raise BadInput(f"{path} is a folder, not a file")
    if not stat.S_ISREG(found.st_mode):
        # A list is read several times, which a pipe does not allow; reading one might also wait for ever.
        raise BadInput(f"{path} is not a regular file; write the list to a file first")
    return found.st_size


def lists_in(path: Path) -> Sequence[ListFile]:
    """
    Return the files of people at a path: the file itself, the members of a ZIP archive, or all of a folder but the SAMPLE.

    Raises:
        BadInput: it cannot be read, or is an archive without lists or beyond the limits.
        NothingToDo: the folder holds no list.
    """
    try:
        if path.is_dir():
            found = sorted(file for file in path.iterdir() if file.suffix.lower() in FOLDER_SUFFIXES and file.name != SAMPLE)
            if not found:
                raise NothingToDo(f"{path} holds no .csv file" + (f" but the sample {SAMPLE}" if has_sample(path) else ""))
            return [member for file in found for member in lists_in(file)]
        check_regular(path)
        return _members(path) if zipfile.is_zipfile(path) else [ListFile(path)]
    except OSError as problem:
        raise BadInput(f"{path} cannot be read: {problem.strerror or problem}") from problem


def has_sample(path: Path) -> bool:
    """Return whether a path is a folder with the SAMPLE, which is passed by."""
    return path.is_dir() and (path / SAMPLE).exists()


def _members(path: Path) -> Sequence[ListFile]:
    try:
        with zipfile.ZipFile(path) as archive:
            members = [info for info in archive.infolist() if not info.is_dir()]
    except (zipfile.BadZipFile, NotImplementedError, ValueError) as problem:
        raise BadInput(f"{path} is a damaged ZIP archive: {problem}") from problem
    if any(info.filename == "[Content_Types].xml" for info in members) or any(i.filename == "mimetype" for i in members):
        raise BadInput(f"{path} is a spreadsheet; save the list as CSV")
    if len(members) > MAX_MEMBERS:
        raise BadInput(f"{path} has {len(members):,} files; an archive of lists may have {MAX_MEMBERS}")
    lists = [info for info in members if _is_list(info)]
    if not lists:
        raise BadInput(f"{path} holds no .csv file")
    for info in lists:
        _check_member(path, info)
    return [ListFile(path, info.filename) for info in lists]


def _is_list(info: zipfile.ZipInfo) -> bool:
    """Return whether a member may be a list; macOS adds files of its own beside each."""
    name = PurePosixPath(info.filename)
    return name.suffix.lower() in SUFFIXES and "__MACOSX" not in name.parts and not name.name.startswith(".")


def _check_member(path: Path, info: zipfile.ZipInfo) -> None:
    # zipfile never yields more than the declared size, so that a declaration cannot lie.
    if info.flag_bits & 1:
        raise BadInput(f"{path} ({info.filename}) is encrypted; unpack it first")
    _check_size(ListFile(path, info.filename), info.file_size)
    if info.file_size > 1_000_000 and info.file_size > MAX_RATIO * info.compress_size:
        raise BadInput(f"{path} ({info.filename}) is compressed more than {MAX_RATIO}-fold; no list is, so it is not unpacked")


def _check_size(file: ListFile, size: int) -> None:
    if size > MAX_BYTES:
        raise BadInput(f"{file} is larger than {MAX_BYTES // 1_000_000} MB; split it")
