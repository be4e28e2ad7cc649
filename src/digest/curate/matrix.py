"""
Sparse matrices in compressed rows (CSR) on numpy alone, with the few operations that comparing texts needs.

scipy has them all and takes 146 MB; this is a module of about 100 lines.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float32]
_BLOCK = 256  #: rows multiplied at once, which bounds the memory


@dataclass(frozen=True, slots=True, kw_only=True)
class Matrix:
    """Row i has `data[starts[i]:starts[i + 1]]` in the columns `columns[starts[i]:starts[i + 1]]`."""

    starts: Ints
    columns: NDArray[np.int32]
    data: Floats
    width: int

    @property
    def height(self) -> int:
        """Number of rows."""
        return len(self.starts) - 1

    @property
    def rows(self) -> Ints:
        """Row number of each entry."""
        return np.repeat(np.arange(self.height), np.diff(self.starts))

    def row(self, number: int) -> slice:
        """Return the slice of a row's entries."""
        return slice(self.starts[number], self.starts[number + 1])


def from_rows(rows: Sequence[Mapping[int, float]], *, width: int) -> Matrix:
    """Build a matrix from rows given as column → value."""
    starts = np.zeros(len(rows) + 1, np.int64)
    np.cumsum([len(row) for row in rows], out=starts[1:])
    columns = np.fromiter((column for row in rows for column in row), np.int32, starts[-1])
    data = np.fromiter((value for row in rows for value in row.values()), np.float32, starts[-1])
    return Matrix(starts=starts, columns=columns, data=data, width=width)


def ranges(starts: Ints, lengths: Ints) -> Ints:
    """Return the numbers of several ranges, one after the other."""
    ends = np.cumsum(lengths)
    total = int(ends[-1]) if len(ends) else 0
    return np.repeat(starts - (ends - lengths), lengths) + np.arange(total)


def product(one: Matrix, other: Matrix) -> Matrix:
    """Return the matrix product."""
    lengths, columns, data = [np.zeros(1, np.int64)], [np.zeros(0, np.int32)], [np.zeros(0, np.float32)]
    for start in range(0, one.height, _BLOCK):
        end = min(start + _BLOCK, one.height)
        entries = slice(one.starts[start], one.starts[end])
        at = one.columns[entries]
        terms = other.starts[at + 1] - other.starts[at]
        places = ranges(other.starts[at], terms)
        row = np.repeat(np.arange(end - start), np.diff(one.starts[start : end + 1]))
        keys = np.repeat(row, terms) * other.width + other.columns[places]
        values = np.repeat(one.data[entries], terms) * other.data[places]
        order = np.argsort(keys, kind="stable")
        found, first = np.unique(keys[order], return_index=True)
        lengths.append(np.bincount(found // max(other.width, 1), minlength=end - start))
        columns.append((found % max(other.width, 1)).astype(np.int32))
        data.append(np.add.reduceat(values[order], first) if len(first) else values)
    return Matrix(
        starts=np.cumsum(np.concatenate(lengths)), columns=np.concatenate(columns), data=np.concatenate(data), width=other.width
    )


def beside(one: Matrix, other: Matrix) -> Matrix:
    """Concatenate the columns of two matrices."""
    starts = one.starts + other.starts
    columns, data = np.empty(starts[-1], np.int32), np.empty(starts[-1], np.float32)
    lengths, others = np.diff(one.starts), np.diff(other.starts)
    for part, shift, places in (
        (one, 0, ranges(starts[:-1], lengths)),
        (other, one.width, ranges(starts[:-1] + lengths, others)),
    ):
        columns[places], data[places] = part.columns + shift, part.data
    return Matrix(starts=starts, columns=columns, data=data, width=one.width + other.width)


def only(matrix: Matrix, rows: NDArray[np.bool_]) -> Matrix:
    """Return the matrix with all other rows empty."""
    kept = rows[matrix.rows]
    starts = np.concatenate([np.zeros(1, np.int64), np.cumsum(np.diff(matrix.starts) * rows)])
    return Matrix(starts=starts, columns=matrix.columns[kept], data=matrix.data[kept], width=matrix.width)


class Row:
    """One row at a time as a dense vector, so that others can be multiplied with it."""

    def __init__(self, matrix: Matrix) -> None:
        self._matrix = matrix
        self._values = np.zeros(matrix.width, np.float32)

    def dot(self, number: int, others: Ints) -> Floats:
        """Return the dot product of a row with each of the others, none of which is empty."""
        matrix, own = self._matrix, self._matrix.row(number)
        self._values[matrix.columns[own]] = matrix.data[own]
        lengths = matrix.starts[others + 1] - matrix.starts[others]
        places = ranges(matrix.starts[others], lengths)
        found: Floats = np.add.reduceat(
            self._values[matrix.columns[places]] * matrix.data[places], np.cumsum(lengths) - lengths, dtype=np.float32
        )
        self._values[matrix.columns[own]] = 0
        return found
