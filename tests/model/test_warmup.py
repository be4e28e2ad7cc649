"""How much each relay may be given, and when what waits goes."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.model.warmup import Standing, resumes, shares

BERLIN = ZoneInfo("Europe/Berlin")
RELAYS = st.dictionaries(st.sampled_from("abc"), st.tuples(st.integers(0, 30), st.integers(0, 30), st.integers(1, 5)), min_size=1)


@given(wanted=st.integers(1, 60), relays=RELAYS, rest=st.integers(0, 5))
def test_no_relay_gets_more_than_is_left_and_together_they_take_what_is_wanted_where_they_can(
    wanted: int, relays: dict[str, tuple[int, int, int]], rest: int
) -> None:
    in_hand, left, weights = ({name: values[place] for name, values in relays.items()} for place in range(3))

    taken = shares(wanted, in_hand=in_hand, left=left, weights=weights, rest=rest)

    assert all(0 <= taken[name] <= left[name] for name in relays)
    if not rest:
        assert sum(taken.values()) + sum(in_hand.values()) >= min(wanted, sum(left.values()) + sum(in_hand.values()))


def test_after_its_last_day_a_warm_up_is_over() -> None:
    days = [Standing(relay="a:25", schedule=(50, 100), number=number, given=20) for number in (1, 2, 3)]

    assert [(day.is_over, day.allowed, day.left) for day in days] == [(False, 50, 30), (False, 100, 80), (True, 100, 80)]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN).astimezone(UTC)


@pytest.mark.parametrize(
    ("next_due", "goes"),
    [
        (None, "2026-03-04T07:00"),
        ("2026-03-10T07:00", "2026-03-04T07:00"),  # weekly
        ("2026-03-04T07:00", "2026-03-04T08:00"),  # daily: the next issue goes first
        ("2026-03-03T18:00", "2026-03-04T07:00"),  # twice a day: the evening's issue is due before
    ],
)
def test_what_waits_goes_at_its_hour_on_the_next_day_and_after_an_issue_that_is_due_then(next_due: str | None, goes: str) -> None:
    found = resumes(
        at("2026-03-03T07:02"), zone=BERLIN, due_at=at("2026-03-03T07:00"), next_due=at(next_due) if next_due else None
    )

    assert found == at(goes)
