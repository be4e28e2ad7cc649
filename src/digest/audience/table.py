"""
Open a file of people: detect its encoding, its format (CSV of any dialect, or NDJSON) and its columns' names.

What was detected can be read from the result.
"""

import io
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TextIO

from digest.audience import csvfile, encoding, jsonlines
from digest.audience.csvfile import Broken, Record
from digest.audience.files import ListFile
from digest.errors import BadInput

_HEAD = 65_536


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A file of people whose encoding, format and header are known."""

    file: ListFile
    encoding: str  #: as Python names it
    guessed: bool  #: the encoding was assumed, since the bytes allow several
    separator: str  #: of CSV; empty: it is NDJSON
    header: Sequence[str]
    header_line: int  #: 0: there is none


def probe(file: ListFile, *, named: str = "", recognise: Callable[[Sequence[str]], int]) -> Table:
    """
    Detect encoding, format and header of a file. `named` is its encoding; `recognise` counts the recognised columns of a header.

    Raises:
        BadInput: it cannot be read, is too large, or is no text.
    """
    if named:
        found, guessed = encoding.checked(named), False
    else:
        with file.open() as raw:
            found, guessed = encoding.detect(raw, file)
    with _opened(file, found) as text:
        head = text.read(_HEAD)
        head += text.readline(csvfile.MAX_RECORD) if len(head) == _HEAD else ""
    first = head.lstrip().partition("\n")[0]
    if "\0" in head.partition("\n")[0]:
        raise BadInput(f"{file} is not a CSV file (it is binary); save the list as CSV")
    if jsonlines.is_object(first):
        with _opened(file, found) as text:
            header = jsonlines.keys(text, name=file)
        return Table(file=file, encoding=found, guessed=guessed, separator="", header=header, header_line=0)
    if first.startswith(("[{", "{")) or first.strip() == "[":
        raise BadInput(f"{file} is one JSON document; write one object a line (NDJSON)")
    separator, header, line = csvfile.dialect(head, recognise)
    return Table(file=file, encoding=found, guessed=guessed, separator=separator, header=header, header_line=line)


def records(table: Table) -> Iterator[Record | Broken]:
    """
    Yield the records after the header, without empty ones.

    Raises:
        BadInput: the file has bytes that its encoding does not allow, is damaged, or gone.
    """
    with _opened(table.file, table.encoding) as text:
        if table.separator:
            yield from csvfile.records(text, name=table.file, separator=table.separator, header_line=table.header_line)
        else:
            yield from jsonlines.records(text, table.header)


@contextmanager
def _opened(file: ListFile, name: str) -> Iterator[TextIO]:
    """Open the file as text, after a byte order mark; raise BadInput for bytes that its encoding does not allow."""
    errors = "surrogateescape" if name == "utf-8" else "strict"
    try:
        with file.open() as raw, io.TextIOWrapper(raw, encoding=name, errors=errors, newline="") as text:
            if text.read(1) != "\ufeff":
                text.seek(0)
            yield text
    except UnicodeError as problem:
        raise BadInput(f"{file} is not {name} throughout; name its encoding with --encoding") from problem
