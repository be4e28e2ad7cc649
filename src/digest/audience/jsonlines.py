"""
Records of an NDJSON file: one JSON object a line, its keys the columns.

A value that is no text is its cell as JSON writes it; `null` is an empty cell.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TextIO

from digest.audience.csvfile import Broken, Record
from digest.errors import BadInput

MAX_LINE = 2_000_000  #: characters of one line
MAX_COLUMNS = 1_000  #: different keys of a file


def is_object(line: str) -> bool:
    """Return whether a line is a JSON object, as all of an NDJSON file are."""
    return line.lstrip().startswith("{") and isinstance(_parsed(line), dict)


def keys(file: TextIO, *, name: object) -> Sequence[str]:
    """Return the keys of a file's objects, in order of appearance. Raises BadInput where there are more than MAX_COLUMNS."""
    found: dict[str, None] = {}
    for _, line in _lines(file):
        value = _parsed(line)
        if isinstance(value, dict):
            found |= dict.fromkeys(value)
        if len(found) > MAX_COLUMNS:
            raise BadInput(f"{name}: its objects have more than {MAX_COLUMNS:,} different keys; write one column a key")
    return list(found)


def records(file: TextIO, header: Sequence[str]) -> Iterator[Record | Broken]:
    """Yield the records, each with a cell for each column of the header."""
    for number, line in _lines(file):
        value = _parsed(line) if len(line) < MAX_LINE else f"is longer than {MAX_LINE:,} characters"
        if isinstance(value, str):
            yield Broken(number, value, line)
        else:
            yield Record(number, [_cell(value.get(key)) for key in header])


def _lines(file: TextIO) -> Iterator[tuple[int, str]]:
    """Yield the lines that are not blank with their numbers, each cut at MAX_LINE characters."""
    number = 0
    while line := file.readline(MAX_LINE):
        number += 1
        if len(line) == MAX_LINE:
            while (rest := file.readline(MAX_LINE)) and not rest.endswith("\n"):
                continue
        if line.strip():
            yield number, line


def _parsed(line: str) -> Mapping[str, Any] | str:
    """Return the object of a line, or the reason why it is none."""
    try:
        value = json.loads(line, object_pairs_hook=_object)
    except _Twice as problem:
        return f"has the key {problem} twice"
    except (ValueError, RecursionError):
        return "is not a JSON object"
    return value if isinstance(value, dict) else "is not a JSON object"


class _Twice(ValueError):
    """A key stands in an object twice."""


def _object(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        raise _Twice(repr(next(name for name in names if names.count(name) > 1)[:60]))
    return found


def _cell(value: object) -> str:
    if isinstance(value, str):
        return value
    return "" if value is None else json.dumps(value, ensure_ascii=False)
