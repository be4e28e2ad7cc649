"""Tables and progress bars on a terminal."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.cli.terminal import GAP, NARROWEST, Bar, columns_of, grid

ROWS = st.integers(1, 4).flatmap(
    lambda count: st.lists(
        st.lists(st.text("ab é한글🙂 \n", max_size=60), min_size=count, max_size=count), min_size=1, max_size=5
    )
)


@given(ROWS, st.integers(20, 120))
def test_a_table_fits_into_the_terminal_and_loses_no_character(rows: list[list[str]], width: int) -> None:
    names = [f"name {n}" for n in range(len(rows[0]))]

    lines = list(grid(names, rows, width=width))

    narrowest = len(names) * NARROWEST + len(GAP) * (len(names) - 1)
    assert all(columns_of(line) <= max(width, narrowest) for line in lines)
    letters = "".join("".join(lines[: lines.index(next(line for line in lines if line.startswith("─")))]).split())
    assert sorted(letters) == sorted("".join("".join(names).split()))
    shown = sorted("".join("".join(line for line in lines if not line.startswith("─")).split()))
    assert shown == sorted("".join("".join(names + [cell for row in rows for cell in row]).split()))


def test_a_table_is_folded_at_spaces_and_wide_characters_take_two_columns() -> None:
    rows = [["서울", "the council of the city met on Tuesday"], ["Rome", "no"]]

    assert list(grid(["where", "what"], rows, width=25)) == [
        "where  what",
        "─────────────────────────",
        "서울   the council of the",
        "       city met on",
        "       Tuesday",
        "Rome   no",
    ]


def test_a_bar_says_how_far_it_is_and_leaves_an_empty_line(capsys: pytest.CaptureFixture[str]) -> None:
    bar = Bar("Sending", None)
    bar.advance(5, 20)
    bar.erase()

    shown = capsys.readouterr().err
    assert shown.startswith("\rSending ━━━━━━━━━━──────")
    assert " 5/20 0:00:00" in shown
    assert shown.endswith("\r\x1b[K")
