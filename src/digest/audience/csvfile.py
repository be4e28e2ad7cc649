"""
Records of a CSV file of any dialect.

A record that cannot be parsed (an unclosed quote, an endless line) is yielded as a `Broken` one; the next
begins on the line after it.
"""

import csv
import io
import re
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple, TextIO

from digest.errors import BadInput

MAX_LINE = 2_000_000  #: characters of one physical line
MAX_RECORD = 2_000_000  #: characters of one record, after which the parser gives up on a quote
MAX_READ_AGAIN = 20 * MAX_RECORD  #: characters of a file that are parsed again because of quotes that are never closed
SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "vertical bar"}
_SEPARATOR_LINE = re.compile(r'"?sep=(.)"?\s*', re.IGNORECASE)  # Excel's first line


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


def dialect(head: str, recognise: Callable[[Sequence[str]], int]) -> tuple[str, Sequence[str], int]:
    """
    Detect separator, header and the header's line of a file by its first lines.

    `recognise` counts the recognised columns of a header.
    """
    csv.field_size_limit(MAX_RECORD)
    skipped, head = _skip_blank_lines(head)
    chosen = _SEPARATOR_LINE.match(head) if head[:5].lower().lstrip('"').startswith("sep=") else None
    if chosen:
        skipped, head = skipped + 1, head.partition("\n")[2]
    separators = [chosen[1]] if chosen else list(SEPARATORS)
    headers = {separator: _first_record(head, separator) for separator in separators}
    separator = max(separators, key=lambda s: (recognise(headers[s]), len(headers[s])))
    return separator, headers[separator], skipped + 1


def records(file: TextIO, *, name: object, separator: str, header_line: int) -> Iterator[Record | Broken]:
    """
    Yield the records after the header, without empty ones.

    Raises:
        BadInput: so many quotes are never closed that it cannot be a CSV file with this separator.
    """
    csv.field_size_limit(MAX_RECORD)
    lines = _Lines(file, name)
    for _ in islice(lines, header_line - 1):
        continue
    reader = csv.reader(lines, delimiter=separator)
    for record in _parsed(reader, lines):
        if record.line > header_line and (isinstance(record, Broken) or _is_filled(record.cells)):
            yield record


def _is_filled(cells: Sequence[str]) -> bool:
    return bool(cells) and (bool(cells[0].strip()) or any(map(str.strip, cells)))


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
    """A physical line is longer than MAX_LINE, or a record than MAX_RECORD."""


class _Lines:
    """Iterator of physical lines that counts them. Those of the current record, except its first, can be read again."""

    def __init__(self, file: TextIO, name: object) -> None:
        self._file = file
        self._name = name
        self._again: deque[str] = deque()
        self._record: list[str] = []
        self._size = 0
        self._read_again = 0
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
        self._size += len(line)
        if len(line) == MAX_LINE and not line.endswith("\n"):
            while (rest := self._file.readline(MAX_LINE)) and not rest.endswith("\n"):
                continue
            raise _TooLong
        if self._size > MAX_RECORD:
            raise _TooLong
        return line

    def begin_record(self) -> None:
        """Discard the lines of the previous record."""
        self._record.clear()
        self._size = 0
        self.first = self.number + 1
        self.ended = False

    def give_up(self, reason: str) -> Broken:
        """
        Reject the record's first line; the others are read again.

        Raises:
            BadInput: that was done for too many characters: a crafted file would take hours.
        """
        first, *others = self._record
        self._read_again += self._size - len(first)
        if self._read_again > MAX_READ_AGAIN:
            raise BadInput(
                f"{self._name}: too many quotes are never closed, such as in line {self.first}; quote a cell whole or not at all"
            )
        self._again.extendleft(reversed(others))
        self.number = self.first
        return Broken(self.first, reason, first)


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
