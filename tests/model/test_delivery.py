"""The bitmap over an issue's picks."""

from hypothesis import given
from hypothesis import strategies as st

from digest.model.delivery import all_picks, chosen


@given(count=st.integers(0, 100))
def test_the_whole_bitmap_names_every_pick(count: int) -> None:
    assert chosen(all_picks(count), count) == tuple(range(count))


@given(bits=st.binary(max_size=10), count=st.integers(0, 80))
def test_a_bitmap_names_picks_in_order_and_within_the_issue(bits: bytes, count: int) -> None:
    named = chosen(bits, count)

    assert list(named) == sorted(set(named))
    assert all(0 <= i < count for i in named)
