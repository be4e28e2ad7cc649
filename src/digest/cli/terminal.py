"""Tables and progress bars on a terminal, measured in the columns that it gives to each character."""

import shutil
import sys
import time
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import zip_longest

GAP = "  "  #: between two columns
NARROWEST = 8  #: columns of the terminal that a column of a table keeps, however narrow the terminal is
BAR = 40  #: columns of a whole bar
EVERY_S = 0.1  #: between two pictures of a bar


def width() -> int:
    """Return the columns of the terminal; 80 where they are unknown."""
    return shutil.get_terminal_size().columns


def columns_of(text: str) -> int:
    """Return the columns that a terminal gives to a line: two to a wide East Asian character, none to a combining one."""
    if text.isascii():
        return len(text)
    return sum(0 if unicodedata.combining(c) else 1 + (unicodedata.east_asian_width(c) in "WF") for c in text)


def grid(names: Sequence[str], rows: Sequence[Sequence[str]], *, width: int) -> Iterator[str]:
    """Yield the lines of a table that fits into `width` if it can: its longest cells are folded."""
    cells = [[cell.split("\n") for cell in row] for row in ([names, *rows] if any(names) else rows)]
    widths = [max(columns_of(line) for cell in column for line in cell) for column in zip(*cells, strict=True)]
    widths = _shrunk(widths, width - len(GAP) * (len(widths) - 1))
    for number, row in enumerate(cells):
        folded = [[part for line in cell for part in _folded(line, most)] for cell, most in zip(row, widths, strict=True)]
        for parts in zip_longest(*folded, fillvalue=""):
            yield GAP.join(part + " " * (most - columns_of(part)) for part, most in zip(parts, widths, strict=True)).rstrip()
        if number == 0 and any(names):
            yield "─" * (sum(widths) + len(GAP) * (len(widths) - 1))


def _shrunk(widths: Sequence[int], most: int) -> list[int]:
    """Take from the widest columns until all fit, or none is wider than NARROWEST."""
    found = list(widths)
    while sum(found) > most and max(found) > NARROWEST:
        found[found.index(max(found))] -= 1
    return found


def _folded(line: str, most: int) -> Iterator[str]:
    """Yield a line in pieces that are no wider than `most`, at spaces where there are some."""
    while columns_of(line) > most:
        end, used = 0, 0
        while end < len(line) and (used := used + columns_of(line[end])) <= most:
            end += 1
        end = end or 1
        space = line.rfind(" ", 0, end + 1)
        yield line[: space if space > 0 else end]
        line = line[space + 1 if space > 0 else end :]
    yield line


class Bar:
    """A progress bar on stderr, which is erased at its end."""

    def __init__(self, label: str, total: int | None) -> None:
        self._label = label
        self._total = total
        self._done = 0
        self._begun = time.monotonic()
        self._drawn_at = 0.0

    def advance(self, count: int, total: int | None = None, /) -> None:
        """Add `count`; a total that was not known before is known from now on."""
        self._done += count
        self._total = self._total if total is None else total
        now = time.monotonic()
        if now - self._drawn_at >= EVERY_S:
            self._drawn_at = now
            sys.stderr.write(f"\r{self._picture(now - self._begun, width() - 1)}\x1b[K")
            sys.stderr.flush()

    def erase(self) -> None:
        """Leave the line empty."""
        if self._drawn_at:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()

    def _picture(self, elapsed_s: float, most: int) -> str:
        filled = BAR * min(self._done, self._total) // self._total if self._total else 0
        minutes, seconds = divmod(int(elapsed_s), 60)
        total = "?" if self._total is None else self._total
        text = f"{self._label} {'━' * filled}{'─' * (BAR - filled)} {self._done}/{total} {minutes // 60}:{minutes % 60:02}:{seconds:02}"
        return text[:most]
