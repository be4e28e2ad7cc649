"""
Open a CSV file of any dialect and yield its records.

Encoding and separator are detected, and can be read from the result. A record that cannot be
parsed (an unclosed quote, an endless line) is yielded as a `Broken` one; the next begins on the
line after it.
"""

import codecs
import csv
import io
import re
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import BinaryIO, NamedTuple, TextIO

from digest.errors import BadInput

MAX_BYTES = 500_000_000
MAX_LINE = 16_000_000  #: characters of one physical line
MAX_RECORD = 12_000_000  #: characters of one cell that the parser takes before it gives up on a quote
SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "vertical bar"}
_HEAD = 65_536
_BLOCK = 1 << 20
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_SEPARATOR_LINE = re.compile(r'"?sep=(.)"?\s*', re.IGNORECASE)  # Excel's first line
_BAD_BYTE = re.compile("[\udc80-\udcff]")  # what `surrogateescape` makes of a byte that is no UTF-8
_BEYOND_ASCII = re.compile("[^\x00-\x7f\udc80-\udcff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class CsvFile:
    """A CSV file whose encoding, separator and header are known."""

    path: Path
    encoding: str  #: as Python names it
    guessed: bool  #: the encoding was assumed, since the bytes allow several
    separator: str
    header: Sequence[str]
    header_line: int


class Record(NamedTuple):
    """The cells of one record, and the number of its first line."""

    line: int
    cells: list[str]


@dataclass(frozen=True, slots=True)
class Broken:
    """A record that could not be parsed."""

    line: int
    reason: str
    text: str


def probe(path: Path, *, encoding: str = "", recognise: Callable[[Sequence[str]], int]) -> CsvFile:
    """
    Detect encoding, separator and header of a file. `recognise` counts the recognised columns of a header.

    Raises:
        BadInput: it cannot be read, is too large, or is no text.
    """
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise BadInput(f"{path} is larger than {MAX_BYTES // 1_000_000} MB; split it")
        with path.open("rb") as raw:
            found, guessed = (_checked_encoding(encoding), False) if encoding else _detect(raw, path)
    except OSError as problem:
        raise BadInput(f"{path} cannot be read: {problem.strerror}") from problem
    with _opened(path, found) as file:
        head = file.read(_HEAD)
    if "\0" in head.partition("\n")[0]:
        raise BadInput(f"{path} is not a CSV file (it is binary); save the list as CSV")
    skipped, head = _skip_blank_lines(head)
    chosen = _SEPARATOR_LINE.match(head) if head[:5].lower().lstrip('"').startswith("sep=") else None
    if chosen:
        skipped, head = skipped + 1, head.partition("\n")[2]
    separators = [chosen[1]] if chosen else list(SEPARATORS)
    headers = {separator: _first_record(head, separator) for separator in separators}
    separator = max(separators, key=lambda s: (recognise(headers[s]), len(headers[s])))
    return CsvFile(
        path=path, encoding=found, guessed=guessed, separator=separator, header=headers[separator], header_line=skipped + 1
    )


def records(source: CsvFile) -> Iterator[Record | Broken]:
    """
    Yield the records after the header, without empty ones.

    Raises:
        BadInput: the file has bytes that its encoding does not allow, or is gone.
    """
    csv.field_size_limit(MAX_RECORD)
    with _opened(source.path, source.encoding) as file:
        lines = _Lines(file)
        for _ in islice(lines, source.header_line - 1):
            continue
        reader = csv.reader(lines, delimiter=source.separator)
        for record in _parsed(reader, lines):
            if record.line > source.header_line and (isinstance(record, Broken) or any(map(str.strip, record.cells))):
                yield record


def _parsed(reader: Iterator[list[str]], lines: "_Lines") -> Iterator[Record | Broken]:
    while True:
        lines.begin_record()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except (csv.Error, _TooLong):
            yield lines.give_up("is too long, or a quote in it is never closed")
            continue
        if lines.ended:  # The parser asked for more lines than there are: a quote was open.
            yield lines.give_up("opens a quote that is never closed")
        else:
            yield Record(lines.first, cells)


class _TooLong(Exception):
    """A physical line is longer than MAX_LINE."""


class _Lines:
    """Iterator of physical lines that counts them. Those of the current record, except its first, can be read again."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._again: deque[str] = deque()
        self._record: list[str] = []
        self.number = 0
        self.first = 0
        self.ended = False

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else self._file.readline(MAX_LINE)
        if not line:
            self.ended = True
            raise StopIteration
        self.number += 1
        self._record.append(line)
        if len(line) == MAX_LINE and not line.endswith("\n"):
            while (rest := self._file.readline(MAX_LINE)) and not rest.endswith("\n"):
                continue
            raise _TooLong
        return line

    def begin_record(self) -> None:
        """Discard the lines of the previous record."""
        self._record.clear()
        self.first = self.number + 1
        self.ended = False

    def give_up(self, reason: str) -> Broken:
        """Reject the record's first line; the others are read again."""
        first, *others = self._record
        self._again.extendleft(reversed(others))
        self.number = self.first
        return Broken(self.first, reason, first)


def _checked_encoding(name: str) -> str:
    try:
        found = codecs.lookup(name).name
        "a".encode(found)
    except (LookupError, UnicodeError) as problem:
        raise BadInput(f"--encoding {name}: not the name of a text encoding; say utf-8, utf-16, windows-1252 …") from problem
    return found


def _detect(raw: BinaryIO, path: Path) -> tuple[str, bool]:
    """Detect the encoding; the flag is True if it is an assumption."""
    head = raw.read(4096)
    if head.startswith(b"PK\x03\x04"):
        raise BadInput(f"{path} is a spreadsheet or an archive; save the list as CSV")
    for bom, name in _BOMS:
        if head.startswith(bom):
            return name, False
    if wide := _utf16_without_bom(head):
        return wide, False
    good = bad = 0
    raw.seek(0)
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    undefined = False
    while block := raw.read(_BLOCK):
        text = decoder.decode(block)
        if not text.isascii():
            good += len(_BEYOND_ASCII.findall(text))
            bad += len(_BAD_BYTE.findall(text))
            undefined = undefined or any(byte in block for byte in b"\x81\x8d\x8f\x90\x9d")
    bad += len(decoder.decode(b"", final=True))
    if bad <= good:  # A few bad bytes among many good characters reject their lines alone.
        return "utf-8", False
    if undefined:
        raise BadInput(f"{path} is neither UTF-8, UTF-16 nor Windows-1252; name its encoding, such as `--encoding shift_jis`")
    return "cp1252", True


def _utf16_without_bom(head: bytes) -> str:
    """Text in a Latin alphabet has a zero in every second byte; with others, at least separators and line ends have one."""
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if odd > 2 * even and odd * 8 >= len(head) // 2:
        return "utf-16-le"
    return "utf-16-be" if even > 2 * odd and even * 8 >= len(head) // 2 else ""


@contextmanager
def _opened(path: Path, encoding: str) -> Iterator[TextIO]:
    """Open the file as text, after a byte order mark; raise BadInput for bytes that its encoding does not allow."""
    errors = "surrogateescape" if encoding == "utf-8" else "strict"
    try:
        with path.open("r", encoding=encoding, errors=errors, newline="") as file:
            if file.read(1) != "\ufeff":
                file.seek(0)
            yield file
    except UnicodeError as problem:
        raise BadInput(f"{path} is not {encoding} throughout; name its encoding with --encoding") from problem
    except OSError as problem:
        raise BadInput(f"{path} cannot be read: {problem.strerror}") from problem


def _skip_blank_lines(head: str) -> tuple[int, str]:
    skipped = 0
    for line in io.StringIO(head, newline=""):
        if line.strip():
            break
        skipped += 1
        head = head[len(line) :]
    return skipped, head


def _first_record(head: str, separator: str) -> list[str]:
    try:
        return next(csv.reader(io.StringIO(head, newline=""), delimiter=separator), [])
    except csv.Error:
        return []
