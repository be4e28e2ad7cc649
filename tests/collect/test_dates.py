"""Dates in the forms that real feeds have are read to the second; what is not understood whole is no date."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.collect.dates import Order, order_of, read

DAY = datetime(2026, 11, 28, tzinfo=UTC)
EVENING = datetime(2026, 11, 28, 19, 4, tzinfo=UTC)
SECOND = datetime(2026, 11, 28, 19, 4, 11, tzinfo=UTC)
QUARTER = datetime(2026, 11, 28, 19, 15, tzinfo=UTC)

READ: dict[datetime, str] = {
    DAY: """2026年11月28日 · 28-11-2026 · 28.11.2026 · 28/11/2026 · 11/28/2026 · 20261128 · 2026-332 · 2026-W48-6 · 2026W486 · 2026-11-28Z
        · 28nov2026 · Nov-28-2026 · November 28th, 2026 · 28th of November 2026 · 2026 Nov 28 · 28 XI 2026 · le 28 novembre 2026
        · 28 de nov de 2026 · 28. Nov. 2026 · 28. November 2026 · ٢٨ نوفمبر ٢٠٢٦ · 28 تشرين الثاني 2026
        · 28 نوامبر 2026 · 28 नवंबर 2026 · 28 নভেম্বর 2026 · 28 tháng 11, 2026 · 28 בנובמבר 2026 · 28/11/2569 · 28 พฤศจิกายน 2569
        · 28 Kasım 2026 · 28. marraskuuta 2026 · 28 νοεμβρίου 2026 · 28 ноября 2026 г. · 28 noiembrie 2026 · 2026. november 28.""",
    EVENING: """2026/11/28 19:04 · 2026-11-28 19:04 · 2026.11.28 19:04 · 2026. 11. 28. 19:04 · 2026年11月28日 19:04 · 2026年11月28日(土)19時04分
        · ２０２６年１１月２８日 １９：０４ · 28.11.2026, 19:04 Uhr · 28.11.2026 19.04 · Samstag, 28. November 2026 - 19:04 · 28/11/2026 19h04
        · 28/11/2026 à 19:04 · sam. 28 nov. 2026 à 19:04 · sábado, 28 de novembro de 2026 às 19h04 · 28 November 2026 pukul 19.04
        · 11/28/2026 7:04 PM · 202611281904 · 20261128T1904Z · Thứ Bảy, 28/11/2026, 19:04 · السبت، 28 نوفمبر 2026 - 19:04
        · 28 พ.ย. 2569 19:04 · Thứ bảy, 28 Tháng 11 2026 19:04 · 토, 28 11월 2026 19:04 · 2026-11-29 04:04 GMT+9
        · Sat, 28 Nov 2026 2:04 PM EST · Sat, 28 Nov 2026 14:04 ET · Sabtu, 29 November 2026 02:04 WIB · 2026-11-28 19.04""",
    SECOND: """Sat, 28 Nov 2026 19:04:11 GMT · Sat, 28 Nov 26 14:04:11 -0500 · Saturday, 28-Nov-26 19:04:11 GMT · Sat Nov 28 19:04:11 2026
        · Sat Nov 28 20:04:11 CET 2026 · Sun Nov 29 2026 04:04:11 GMT+0900 (Japan Standard Time) · 2026-11-28 19:04:11 UTC
        · 2026-11-28T19:04:11.5 · 2026-11-28T19:04:11.123456789Z · 2026-11-29T04:04:11+09:00[Asia/Tokyo] · 20261128T190411Z
        · 20261128190411 · 1795892651 · 1795892651.25 · 1795892651000 · 1795892651000000 · /Date(1795892651000+0000)/
        · 2026-11-28 19:04:11.0 +0000 UTC · 2026-11-28T19:04:11.000+0000 · 2026-11-28t19:04:11z · 28 NOV 2026 19:04:11 GMT
        · 2026年11月28日(土) 19時04分11秒 · Сб, 28 ноя 2026 22:04:11 +0300 · Cmt, 28 Kas 2026 22:04:11 +0300
        · Sat, 28 Nov 2026 20:04:11 Europe/Berlin · Sat, 28 Nov 2026 20:04:11 (CET) · Sat, 28 Nov 2026 19:04:11 FOO
        · Sat, 28 Nov 2569 19:04:11 GMT · 28-11-2026 19:04:11 · 7:04:11 pm, 28 November 2026 · Nov 28, 2026 7:04:11 PM""",
    QUARTER: """2026-11-28 7:15 p.m. · 2026-11-28 07:15 PM · 2026-11-28 PM 07:15 · 2026년 11월 28일 오후 7시 15분 · 2026. 11. 28. 오후 7:15
        · 2026年11月28日 下午7:15 · 2026年11月28日 午後7時15分""",
}

NONE = """2026-11 · Nov 2026 · November 2026 · 2026 · 11/2026 · 2026-11-31 · 32 Nov 2026 · 2026-13-01 · 20262811 · 2026/28/11 · 2026-11-28T25:00Z
    · 0000-00-00 00:00:00 · Thu, 01 Jan 1970 00:00:00 GMT · Wed, 30 Nov -0001 00:00:00 +0000 · 0001-01-01T00:00:00Z · 0
    · 03/04/2026 · 05/09/07 · 26-11-28 · 28 listopada 2026 · 1405/09/07 · ۱۴۰۵/۰۹/۰۷ · ۷ آذر ۱۴۰۵ · 1448-06-18 · 令和8年11月28日
    · 民國115年11月28日 · 115年11月28日 · yesterday · two days ago · 2026-11-28 19:04 and more · Sat, 28 Nov 2026 19:04:11 +9999
    · 28 Nov 2026 19:04 20:04 · 28 Foo 2026 · soon"""


def each(text: str) -> list[str]:
    return [part.strip() for part in text.split("·")]


@pytest.mark.parametrize(("text", "instant"), [(text, instant) for instant, texts in READ.items() for text in each(texts)])
def test_a_date_is_read_to_the_second(text: str, instant: datetime) -> None:
    assert read(text) == instant


@pytest.mark.parametrize("text", each(NONE))
def test_what_is_not_understood_whole_is_no_date(text: str) -> None:
    assert read(text) is None


@pytest.mark.parametrize(
    ("text", "language", "instant"),
    [
        ("28 listopada 2026", "pl", DAY),
        ("28 studenoga 2026", "hr", DAY),
        ("28 listopada 2026", "hr-HR", datetime(2026, 10, 28, tzinfo=UTC)),
        ("Sat, 28 Mar 2026 00:00:00 GMT", "fi", datetime(2026, 3, 28, tzinfo=UTC)),  # English, whatever the language
        ("Sat, 28 Nov 2026 19:04:11 CST", "zh", datetime(2026, 11, 28, 11, 4, 11, tzinfo=UTC)),
        ("Sat, 28 Nov 2026 19:04:11 CST", "en", datetime(2026, 11, 29, 1, 4, 11, tzinfo=UTC)),
        ("mar. 3 mars 2026", "fr", datetime(2026, 3, 3, tzinfo=UTC)),
    ],
)
def test_the_language_decides_what_words_mean(text: str, language: str, instant: datetime) -> None:
    assert read(text, language=language) == instant


@pytest.mark.parametrize(
    ("texts", "language", "order"),
    [
        (["03/04/2026", "28/11/2026"], "", Order.DAY),
        (["03/04/2026", "11/28/2026"], "", Order.MONTH),
        (["03/04/2026", "28/11/2026"], "en-US", Order.DAY),  # dates tell more than the language
        (["03/04/2026"], "en-US", Order.MONTH),
        (["03/04/2026"], "en-GB", Order.DAY),
        (["03/04/2026"], "de", Order.DAY),
        (["03/04/2026"], "en", None),
        (["03/04/2026"], "", None),
        (["28/11/2026", "11/28/2026"], "en-US", None),  # they contradict each other
        (["03/04/2026", "Fri, 06/03/2026"], "", Order.DAY),  # a Friday only in March
        (["26.11.28"], "ko", Order.YEAR),
    ],
)
def test_a_feeds_other_dates_and_its_language_tell_its_order(texts: list[str], language: str, order: Order | None) -> None:
    assert order_of(texts, language=language) is order


def test_a_reading_that_lies_ahead_is_not_taken() -> None:
    assert order_of(["11/12/2026", "11/11/2026"], language="en", latest=SECOND) is Order.MONTH
    assert read("26-11-28", latest=SECOND) == DAY
    assert read("28.11.26", latest=SECOND) == DAY


zones = st.integers(-12 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@given(st.datetimes(datetime(1990, 1, 2), datetime(2100, 12, 30), timezones=zones))
def test_dates_that_are_written_by_the_standards_are_read_as_they_are(instant: datetime) -> None:
    whole = instant.replace(microsecond=0)

    assert read(whole.isoformat()) == whole
    assert read(whole.strftime("%a, %d %b %Y %H:%M:%S %z")) == whole
    assert read(whole.strftime("%Y%m%dT%H%M%S%z")) == whole


@given(st.text(max_size=60))
def test_no_text_breaks_the_reader(text: str) -> None:
    assert read(text) is None or isinstance(read(text), datetime)
