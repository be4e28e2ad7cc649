"""Days, a wall time and a zone become slots and instants, through DST and over years."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.errors import BadInput
from digest.model.newsletter import Newsletter
from digest.model.timetable import Timetable, duration, instant, local, parse_days, parse_duration, parse_time, parse_times

ZONES = st.sampled_from(
    ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "UTC", "Pacific/Apia", "Africa/Casablanca"]
)
DAYS = st.frozensets(st.integers(0, 6), min_size=1)
MINUTES = st.integers(0, 24 * 60 - 1).map(lambda m: time(m // 60, m % 60))
MONTH_DAYS = st.frozensets(st.integers(1, 31))
TIMES = st.sets(MINUTES, min_size=1, max_size=4).map(lambda times: tuple(sorted(times)))


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


@given(
    days=DAYS,
    month_days=MONTH_DAYS,
    times=TIMES,
    zone=ZONES,
    start=st.datetimes(datetime(2024, 1, 1), datetime(2027, 1, 1)),
    cut=st.integers(1, 60),
)
def test_slots_do_not_depend_on_where_a_period_is_cut(
    days: frozenset[int], month_days: frozenset[int], times: tuple[time, ...], zone: str, start: datetime, cut: int
) -> None:
    table = Timetable(days=days, month_days=month_days, times=times, zone=ZoneInfo(zone))
    begin = start.replace(tzinfo=UTC)
    middle, end = begin + timedelta(days=cut), begin + timedelta(days=60 + cut)

    parts = [*table.slots(after=begin, until=middle), *table.slots(after=middle, until=end)]

    assert parts == list(table.slots(after=begin, until=end))


@given(days=DAYS, month_days=MONTH_DAYS, times=TIMES, zone=ZONES, start=st.datetimes(datetime(2024, 1, 1), datetime(2027, 1, 1)))
def test_no_gap_is_longer_than_the_longest_gap_and_a_change_of_clocks(
    days: frozenset[int], month_days: frozenset[int], times: tuple[time, ...], zone: str, start: datetime
) -> None:
    table = Timetable(days=days, month_days=month_days, times=times, zone=ZoneInfo(zone))
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
    assert parse_days(text) == (days, set())


@pytest.mark.parametrize("text", ["monday", "", "mon-", "mon-5", "0", "32", "20-5", "1,,3", "last-first"])
def test_days_that_cannot_be_read_are_refused(text: str) -> None:
    with pytest.raises(BadInput, match="is no day"):
        parse_days(text)


@pytest.mark.parametrize("text", ["7", "25:00", "07:00:30", "noon", "07:00+01:00"])
def test_times_that_cannot_be_read_are_refused(text: str) -> None:
    with pytest.raises(BadInput, match="no time of day"):
        parse_time(text)


@pytest.mark.parametrize(
    ("text", "days"), [("1,15", {1, 15}), ("last", {31}), ("1-5", {1, 2, 3, 4, 5}), ("28-last", {28, 29, 30, 31})]
)
def test_days_of_the_month_are_read(text: str, days: set[int]) -> None:
    assert parse_days(text) == (set(), days)


def names(*, days: str, at: str, first: date, last: date, zone: str = "Europe/Berlin") -> list[str]:
    table = Timetable.parse(days=days, at=at, zone=zone)
    after = datetime.combine(first, time(), tzinfo=ZoneInfo(zone)).astimezone(UTC)
    return [slot.name for slot in table.slots(after=after, until=after + (last - first))]


def test_a_month_that_lacks_the_day_has_its_last_day_instead_and_only_once() -> None:
    assert names(days="31", at="07:00", first=date(2026, 1, 1), last=date(2026, 5, 2)) == [
        "2026-01-31",
        "2026-02-28",
        "2026-03-31",
        "2026-04-30",
    ]
    assert names(days="29-31", at="07:00", first=date(2026, 2, 1), last=date(2026, 3, 1)) == ["2026-02-28"]
    assert names(days="last", at="07:00", first=date(2028, 2, 1), last=date(2028, 3, 1)) == ["2028-02-29"]


def test_week_days_and_days_of_the_month_add_up() -> None:
    assert names(days="mon,1", at="07:00", first=date(2026, 1, 26), last=date(2026, 2, 10)) == [
        "2026-01-26",
        "2026-02-01",
        "2026-02-02",
        "2026-02-09",
    ]


def test_the_first_slot_of_a_day_has_the_days_name_and_later_ones_their_hour() -> None:
    assert names(days="daily", at="18:00,07:00", first=date(2026, 3, 3), last=date(2026, 3, 5)) == [
        "2026-03-03",
        "2026-03-03@18:00",
        "2026-03-04",
        "2026-03-04@18:00",
    ]


@pytest.mark.parametrize(
    ("hour", "slot"),
    [(0, "2026-03-03"), (7, "2026-03-03"), (17, "2026-03-03"), (18, "2026-03-03@18:00"), (23, "2026-03-03@18:00")],
)
def test_todays_slot_is_the_one_that_was_due_last(hour: int, slot: str) -> None:
    table = Timetable.parse(days="daily", at="07:00,18:00", zone="UTC")

    assert table.today(datetime(2026, 3, 3, hour, 30, tzinfo=UTC)).name == slot


def test_a_wall_time_named_twice_is_one() -> None:
    assert parse_times("18:00, 7:00,07:00") == (time(7), time(18))


@pytest.mark.parametrize(
    ("days", "at", "gap"),
    [
        ("daily", "07:00", timedelta(days=1)),
        ("mon-fri", "07:00", timedelta(days=3)),
        ("sat", "07:00", timedelta(days=7)),
        ("daily", "07:00,18:00", timedelta(hours=13)),
        ("1,15", "07:00", timedelta(days=17)),
        ("1", "07:00", timedelta(days=31)),
        ("last", "07:00", timedelta(days=31)),
    ],
)
def test_the_longest_gap(days: str, at: str, gap: timedelta) -> None:
    assert Timetable.parse(days=days, at=at, zone="UTC").longest_gap == gap


def paper(**values: datetime | None) -> Newsletter:
    made = datetime(2026, 1, 1, tzinfo=UTC)
    return Newsletter(name="x", title="X", mlist_id=1, zone="UTC", days="daily", made_at=made, timetable_at=made, **values)


def test_a_pause_has_no_slots_and_leaves_none_behind_that_were_missed() -> None:
    paused = paper(paused_from=datetime(2026, 3, 3, 12, tzinfo=UTC), paused_until=datetime(2026, 3, 6, tzinfo=UTC))

    slots = paused.slots(after=datetime(2026, 3, 2, 12, tzinfo=UTC), until=datetime(2026, 3, 7, 12, tzinfo=UTC))
    following = paused.next_slot(datetime(2026, 3, 4, tzinfo=UTC))

    assert [slot.name for slot in slots] == ["2026-03-03", "2026-03-06", "2026-03-07"]
    assert following is not None
    assert following.name == "2026-03-06"


def test_a_pause_without_an_end_has_no_next_slot() -> None:
    paused = paper(paused_from=datetime(2026, 3, 3, tzinfo=UTC), paused_until=None)

    assert paused.next_slot(datetime(2026, 3, 4, tzinfo=UTC)) is None
    assert paused.is_paused(datetime(2027, 3, 4, tzinfo=UTC))


def test_an_instant_is_shown_in_a_zone_that_it_names() -> None:
    assert local(datetime(2026, 3, 3, 6, tzinfo=UTC), ZoneInfo("Europe/Berlin")) == "2026-03-03 07:00 CET"
    assert local(datetime(2026, 7, 3, 6, tzinfo=UTC), ZoneInfo("Asia/Dubai")) == "2026-07-03 10:00 +04"
    assert local(None) == "–"


@given(minutes=st.integers(1, 60 * 24 * 60))
def test_a_length_of_time_is_read_as_it_is_written(minutes: int) -> None:
    length = timedelta(minutes=minutes)

    assert parse_duration(duration(length)) == length


@pytest.mark.parametrize("text", ["", "6", "h", "6 hours", "1.5h", "-6h"])
def test_lengths_that_cannot_be_read_are_refused(text: str) -> None:
    with pytest.raises(BadInput, match="no length of time"):
        parse_duration(text)
