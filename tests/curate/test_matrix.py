"""Sparse rows multiply like the tables that they stand for."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from digest.curate.matrix import Matrix, Row, beside, from_rows, only, product

ROWS = st.lists(st.dictionaries(st.integers(0, 4), st.integers(1, 9).map(float), max_size=5), min_size=1, max_size=6)


def table(matrix: Matrix) -> list[list[float]]:
    """The matrix written out."""
    found = np.zeros((matrix.height, matrix.width))
    found[matrix.rows, matrix.columns] = matrix.data
    return found.tolist()  # type: ignore[no-any-return]


@given(ROWS, st.lists(st.dictionaries(st.integers(0, 3), st.integers(1, 9).map(float)), min_size=5, max_size=5))
def test_a_product_is_the_product_of_the_tables(one: list[dict[int, float]], other: list[dict[int, float]]) -> None:
    a, b = from_rows(one, width=5), from_rows(other, width=4)

    assert table(product(a, b)) == (np.array(table(a)) @ np.array(table(b))).tolist()


@given(ROWS)
def test_rows_side_by_side_and_rows_left_out(rows: list[dict[int, float]]) -> None:
    matrix = from_rows(rows, width=5)
    odd = np.arange(len(rows)) % 2 == 1

    assert table(beside(matrix, matrix)) == [row + row for row in table(matrix)]
    assert table(only(matrix, odd)) == [row if i % 2 else [0.0] * 5 for i, row in enumerate(table(matrix))]


@given(ROWS.map(lambda rows: [row for row in rows if row]).filter(bool))
def test_a_row_is_multiplied_with_the_others(rows: list[dict[int, float]]) -> None:
    matrix = from_rows(rows, width=5)
    whole = np.array(table(matrix))
    row = Row(matrix)

    for number in range(len(rows)):
        assert row.dot(number, np.arange(len(rows))).tolist() == (whole[number] @ whole.T).tolist()
