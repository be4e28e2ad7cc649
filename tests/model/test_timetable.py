"""Days, a wall time and a zone become slots and instants, through DST and over years."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.errors import BadInput
from digest.model.timetable import Timetable, instant, parse_days, parse_time

ZONES = st.sampled_from(
    ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "UTC", "Pacific/Apia", "Africa/Casablanca"]
)
DAYS = st.frozensets(st.integers(0, 6), min_size=1)
MINUTES = st.integers(0, 24 * 60 - 1).map(lambda m: time(m // 60, m % 60))


def naive_instant(day: date, at: time, zone: ZoneInfo) -> datetime:
    """The first real minute, by walking through every minute around the day."""
    start = datetime.combine(day, time(), tzinfo=UTC) - timedelta(hours=16)
    wanted = datetime.combine(day, at)
    for minute in range(56 * 60):
        moment = start + timedelta(minutes=minute)
        if moment.astimezone(zone).replace(tzinfo=None) >= wanted:
            return moment
    raise AssertionError("no such minute")


@given(day=st.dates(date(2020, 1, 1), date(2030, 1, 1)), at=MINUTES, zone=ZONES)
def test_an_instant_is_the_first_real_minute_at_or_after_the_wall_time(day: date, at: time, zone: str) -> None:
    assert instant(day, at, ZoneInfo(zone)) == naive_instant(day, at, ZoneInfo(zone))


@given(days=DAYS, at=MINUTES, zone=ZONES, start=st.datetimes(datetime(2024, 1, 1), datetime(2027, 1, 1)), cut=st.integers(1, 60))
def test_slots_do_not_depend_on_where_a_period_is_cut(
    days: frozenset[int], at: time, zone: str, start: datetime, cut: int
) -> None:
    table = Timetable(days=days, at=at, zone=ZoneInfo(zone))
    begin = start.replace(tzinfo=UTC)
    middle, end = begin + timedelta(days=cut), begin + timedelta(days=60 + cut)

    parts = [*table.slots(after=begin, until=middle), *table.slots(after=middle, until=end)]

    assert parts == list(table.slots(after=begin, until=end))


@given(days=DAYS, at=MINUTES, zone=ZONES, start=st.datetimes(datetime(2024, 1, 1), datetime(2027, 1, 1)))
def test_no_gap_is_longer_than_the_longest_gap_and_a_change_of_clocks(
    days: frozenset[int], at: time, zone: str, start: datetime
) -> None:
    table = Timetable(days=days, at=at, zone=ZoneInfo(zone))
    begin = start.replace(tzinfo=UTC)
    slots = list(table.slots(after=begin, until=begin + timedelta(days=400)))

    gaps = [b.due_at - a.due_at for a, b in pairwise(slots)]

    assert max(gaps) <= table.longest_gap + timedelta(hours=2)


def test_a_skipped_hour_moves_to_the_first_real_minute() -> None:
    berlin = ZoneInfo("Europe/Berlin")

    assert instant(date(2026, 3, 29), time(2, 30), berlin) == datetime(2026, 3, 29, 1, 0, tzinfo=UTC)


def test_a_doubled_hour_is_used_once_the_first_time() -> None:
    berlin = ZoneInfo("Europe/Berlin")

    assert instant(date(2026, 10, 25), time(2, 30), berlin) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "days"),
    [("mon-fri", {0, 1, 2, 3, 4}), ("sat, sun", {5, 6}), ("daily", set(range(7))), ("fri-mon", {4, 5, 6, 0}), ("Wed", {2})],
)
def test_days_are_read_as_people_write_them(text: str, days: set[int]) -> None:
    assert parse_days(text) == days


@pytest.mark.parametrize("text", ["monday", "", "mon-", "1-5"])
def test_days_that_cannot_be_read_are_refused(text: str) -> None:
    with pytest.raises(BadInput, match="is no day"):
        parse_days(text)


@pytest.mark.parametrize("text", ["7", "25:00", "07:00:30", "noon", "07:00+01:00"])
def test_times_that_cannot_be_read_are_refused(text: str) -> None:
    with pytest.raises(BadInput, match="no time of day"):
        parse_time(text)
