"""
Parse dates as feeds write them, strictly: the whole text must be understood, or there is no date.

A wrong date is worse than none: an undated article counts as new, one that is believed to be of
the first of the month is dropped. So `2026-11` has no day and is none, `03/04/2026` is read only
where the feed tells whether days or months come first, and a year of another calendar is not
taken for one of ours. A date without a zone is taken as UTC (RFC 5322 §4.3).
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from enum import StrEnum
from functools import lru_cache

from digest.collect.datewords import (
    AFTER_NOON,
    BEFORE_NOON,
    NOISE,
    fold,
    hours_east,
    joined,
    month,
    number_order,
    weekday,
    words,
)

EARLIEST, LATEST = 1990, 2100  #: years; before and after are placeholders (the epoch, the year 1) and other calendars
BUDDHIST = 543  #: years that the Thai calendar is ahead
LONGEST = 120  #: characters of a date
A_DAY = timedelta(days=1)
FARTHEST_ZONE = 14  #: hours
EPOCH_END = 2_000_000_000  #: seconds; ten digits above it are not an instant of this time


class Order(StrEnum):
    """Order of day, month and year in a date such as 03/04/2026 (or 03/04/26)."""

    DAY = "dMy"
    MONTH = "Mdy"
    YEAR = "yMd"


@lru_cache(maxsize=4096)
def read(
    text: str, *, order: Order | None = None, language: str = "", latest: datetime | None = None, strict: bool = False
) -> datetime | None:
    """
    Parse the instant that a text names, in UTC; None if any of it is not understood.

    Of two ways to read 03/04/2026 the one that is not later than `latest` is taken, else the one of
    `order`; `strict` takes that of `order` alone. `language` (BCP 47) is that of the text.
    """
    plain = _plain(text)
    if not plain or len(plain) > LONGEST:
        return None
    try:
        return _common(plain) or _epoch(plain) or _calendar(plain, _Rules(order, language, latest, strict))
    except (ValueError, OverflowError):  # the 31st of February, the hour 25
        return None


def order_of(texts: Iterable[str], *, language: str = "", latest: datetime | None = None) -> Order | None:
    """
    Detect the order of days and months in a feed whose dates are `texts`; None if there is no evidence.

    Evidence is in its dates: a number above 12, a weekday that fits only one reading, a reading later than
    `latest`; else the country of its language.
    """
    possible = set(Order)
    for text in {text for text in texts if _NUMERIC.search(text)}:
        readings = {order: read(text, order=order, language=language, latest=latest, strict=True) for order in Order}
        fitting = {order for order, found in readings.items() if found and (latest is None or found <= latest + A_DAY)}
        possible = possible & fitting if fitting else possible
    if len(possible) == 1:
        return possible.pop()
    usual = number_order(language)
    return next((order for order in possible if order == usual), None)


@dataclass(frozen=True, slots=True)
class _Rules:
    """Rules that decide between several readings of one date."""

    order: Order | None
    language: str
    latest: datetime | None
    strict: bool

    def choose(self, readings: Mapping[Order, date], named: int | None) -> date | None:
        """Choose among the days that numbers may mean: the only possible one, else the one of the feed's order."""
        fitting = {order: day for order, day in readings.items() if named is None or day.weekday() == named} or readings
        if self.strict:
            return fitting.get(self.order) if self.order else None
        if self.latest:
            last = (self.latest + A_DAY).date()
            fitting = {order: day for order, day in fitting.items() if day <= last} or fitting
        if len(set(fitting.values())) == 1:
            return next(iter(fitting.values()))
        return fitting.get(self.order) if self.order else None


def _plain(text: str) -> str:
    """Normalise a text: lower case, digits as ASCII, one space between words, no invisible marks."""
    digits = "".join(
        str(unicodedata.decimal(c)) if c.isdecimal() else c for c in unicodedata.normalize("NFKC", text[: 4 * LONGEST])
    )
    visible = re.sub("[\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]", "", digits)
    return " ".join(visible.replace("\u2212", "-").casefold().split()).strip(" ,;")


_NUMERIC = re.compile(r"(?<!\d)\d{1,2}\s?[-/.]\s?\d{1,2}\s?[-/.]\s?(?:\d{4}|\d\d)(?!\d)")
_ISO = re.compile(r"\d{4}-\d\d-\d\d[t ](?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,9})?)?(?:z|[+-](?:0\d|1[0-4]):?[0-5]\d)?")
_MAIL = re.compile(
    r"(?:(?:mon|tue|wed|thu|fri|sat|sun), )?(\d{1,2}) (jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec) (\d{4})"
    r" (\d\d):(\d\d):(\d\d) (?:gmt|utc|ut|z|([+-])(\d\d)(\d\d))"
)
_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()


def _common(plain: str) -> datetime | None:
    """Parse the two forms that nearly all feeds use (RFC 3339, RFC 822), fifteen times as fast as the general parser."""
    if _ISO.fullmatch(plain):
        found = datetime.fromisoformat(plain.upper())
    elif mail := _MAIL.fullmatch(plain):
        day, name, year, hour, minute, second, sign, east, more = mail.groups()
        found = datetime(int(year), _MONTHS.index(name) + 1, int(day), int(hour), int(minute), min(int(second), 59), tzinfo=UTC)
        found -= (-1 if sign == "-" else 1) * timedelta(hours=int(east or 0), minutes=int(more or 0))
        if int(east or 0) > FARTHEST_ZONE:
            return None
    else:
        return None
    found = found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    return found.replace(microsecond=0) if EARLIEST <= found.year <= LATEST else None


def _epoch(plain: str) -> datetime | None:
    """Parse seconds, milliseconds or microseconds since 1970, bare or as `/Date(1795892651000)/`."""
    wrapped = re.fullmatch(r"/date\((\d+)(?:[+-]\d{4})?\)/", plain)
    found = re.fullmatch(r"(\d{9,10})(\.\d{1,9})?|(\d{13})|(\d{16})", wrapped[1] if wrapped else plain)
    if not found:
        return None
    seconds = int(found[1] or 0) + int(found[3] or 0) / 1e3 + int(found[4] or 0) / 1e6
    instant = datetime.fromtimestamp(int(seconds), UTC)
    return instant if instant.year >= EARLIEST and seconds < EPOCH_END else None


# --- a date and perhaps a time and a zone -----------------------------------------------------

_HALVES = "|".join(re.escape(fold(name)) for name in sorted((*BEFORE_NOON, *AFTER_NOON), key=len, reverse=True))
_FRACTION = r"(?:[.,:]\d{1,9})?"
_TIME = re.compile(
    rf"(?:(?<=[\s\d)])t|(?<![\w:.+-]))(?P<half>(?:{_HALVES})\s?)?(?<![\d:.])(?P<hour>\d{{1,2}})(?:"
    rf":(?P<minute>\d\d)(?::(?P<second>\d\d){_FRACTION})?"
    r"|\s?h\s?(?P<minute_h>\d\d)?(?:\s?m(?:in)?\b)?(?:\s?(?P<second_h>\d\d)\s?s)?(?!\w)"
    r"|\s?[時时點点시]\s?(?:(?P<minute_c>\d{1,2})\s?[分분])?\s?(?:(?P<second_c>\d{1,2})\s?[秒초])?"
    rf"|(?=\s?(?:{_HALVES})(?![\w.])(?!\s?\d\d?:)))(?![\d:])(?:\s?(?P<after>{_HALVES})(?!\w))?"
)
_COMPACT_TIME = re.compile(rf"(?:(?<=\d)t|(?<=^\d{{8}}) )(\d\d)(\d\d)(\d\d)?{_FRACTION}(?=z|[+-]|\s|$)")
_DOTTED_TIME = re.compile(r"(?:(?<=[^\d.\s])|(?<=\d{4})|(?<=[-/]\d\d))\s(\d{1,2})\.(\d\d)(?:\.(\d\d))?(?=$| \D)")
_OFFSET = r"[+-](?:\d{1,2}(?::?\d\d(?::?00)?)?)"
_ZONE = re.compile(
    rf"\s?(?:(?:etc/)?(?:gmt|utc|ut|z)?\s?(?P<offset>{_OFFSET})(?![\d/.-])(?:\s?[a-z]{{1,5}}(?=$|\s\())?"
    r"|(?P<name>[^\W\d_]+(?:/[a-z_+-]+){0,2})(?!\w))"
)


def _calendar(plain: str, rules: _Rules) -> datetime | None:
    comments = re.findall(r"[(\[]([^()\[\]]*)[)\]]", plain)
    text = fold(re.sub(r"[(\[][^()\[\]]*[)\]]", " ", plain))
    text = re.sub(r"^(\d{8})(\d\d)(\d\d)(\d\d)?(?=$|z|[+-]|\s)", r"\1t\2\3\4", text)
    text = _COMPACT_TIME.sub(lambda m: f" {m[1]}:{m[2]}:{m[3] or '00'}", text)
    text = re.sub(r"(?<=\d)t(\d\d)(?=z|$|[+-]\d\d)", r" \1:00", text)
    text = _DOTTED_TIME.sub(lambda m: f" {m[1]}:{m[2]}:{m[3] or '00'}", text)
    clock, text, zone = _take_time(text, rules.language)
    if zone is None:
        zone = next(filter(None, (_named(comment, rules.language) for comment in comments)), UTC)
    day = _day(text.strip(" ,;.-"), rules)
    if day is None or clock is None:
        return None
    return (datetime(day.year, day.month, day.day, tzinfo=zone) + clock).astimezone(UTC)


def _take_time(text: str, language: str) -> tuple[timedelta | None, str, tzinfo | None]:
    """Extract the time of day (None if there are two), the text without it, and its zone if it names one."""
    times = list(_TIME.finditer(text))
    if len(times) > 1:
        return None, text, None
    if not times:
        rest, zone = _zone_of_day(text, language)
        return timedelta(0), rest, zone
    [found] = times
    before, behind = text[: found.start()], text[found.end() :]
    zone, behind = _take_zone(behind, language)
    return _clock(found), f"{before} {behind}", zone


def _clock(found: re.Match[str]) -> timedelta | None:
    hour = int(found["hour"])
    minute = int(found["minute"] or found["minute_h"] or found["minute_c"] or 0)
    second = int(found["second"] or found["second_h"] or found["second_c"] or 0)
    half = (found["half"] or found["after"] or "").strip()
    if half and hour <= 12:
        hour = hour % 12 + (12 if half in _AFTER else 0)
    if hour > 24 or minute > 59 or second > 60 or (hour == 24 and (minute or second)):
        return None
    return timedelta(hours=hour, minutes=minute, seconds=min(second, 59))


_AFTER = frozenset(map(fold, AFTER_NOON))


def _take_zone(behind: str, language: str) -> tuple[tzinfo | None, str]:
    """Extract the zone at the beginning of the text after a time, and the rest."""
    found = _ZONE.match(behind)
    if not found:
        return None, behind
    rest = behind[found.end() :]
    if found["offset"]:
        return _offset(found["offset"]), rest
    zone = _named(found["name"], language)
    if zone is None and not rest.strip() and _unknown_zone(found["name"], language):
        zone = UTC
    return (zone, rest) if zone else (None, behind)


def _unknown_zone(name: str, language: str) -> bool:
    """True if a word may be an unknown zone, which RFC 5322 §4.3 treats as UTC."""
    return bool(re.fullmatch(r"[a-z]{1,5}", name)) and name not in NOISE and not month(name, language) and weekday(name) is None


def _zone_of_day(text: str, language: str) -> tuple[str, tzinfo | None]:
    """Extract the zone of a day without a time: `2026-11-28Z`, `2026-11-28+09:00`, `28 Nov 2026 GMT`."""
    found = re.fullmatch(r"(.*\d)\s?(?:(z)|([+-]\d\d:\d\d)|\s([a-z]{2,4}))", text)
    if not found:
        return text, None
    zone = _offset(found[3]) if found[3] else _named(found[2] or found[4], language)
    return (found[1], zone) if zone else (text, None)


def _offset(text: str) -> tzinfo:
    digits = re.sub(r"\D", "", text)
    hours, minutes = (int(digits[:-2]), int(digits[-2:])) if len(digits) in (3, 4) else (int(digits[:2]), int(digits[2:4] or 0))
    east = timedelta(hours=hours, minutes=minutes)
    if east > timedelta(hours=FARTHEST_ZONE) or minutes > 59:
        raise ValueError("no zone is so far away")
    return timezone(-east if text.startswith("-") else east)


def _named(name: str, language: str) -> tzinfo | None:
    east = hours_east(name.strip(), language)
    return timezone(timedelta(hours=east)) if isinstance(east, float | int) else east


# --- the day ----------------------------------------------------------------------------------

_YEAR_FIRST = re.compile(r"(\d{4})\s?([-/.]|년|年|\s)\s?(\d{1,2})\s?(?:\2|월|月)\s?(\d{1,2})\s?[日号일.]?")
_YEAR_LAST = re.compile(r"(\d{1,2})\s?([-/.])\s?(\d{1,2})\s?\2\s?(\d{4}|\d\d)")
_WEEK = re.compile(r"(\d{4})-?w(\d\d)-?(\d)")
_ORDINAL = re.compile(r"(\d{4})-?(\d{3})")


def _day(text: str, rules: _Rules) -> date | None:
    named, rest = _without_weekday(text, rules.language)
    if found := _YEAR_FIRST.fullmatch(rest):
        return _date(int(found[1]), int(found[3]), int(found[4]))
    if found := re.fullmatch(r"(\d{4})(\d\d)(\d\d)", rest):
        return _date(int(found[1]), int(found[2]), int(found[3]))
    if found := _WEEK.fullmatch(rest):
        return _believed(date.fromisocalendar(int(found[1]), int(found[2]), int(found[3])))
    if found := _ORDINAL.fullmatch(rest):
        day = date(int(found[1]), 1, 1) + timedelta(days=int(found[2]) - 1)
        return _believed(day) if int(found[2]) and day.year == int(found[1]) else None
    if found := _YEAR_LAST.fullmatch(rest):
        return rules.choose(_numeric([found[1], found[3], found[4]], found[2]), named)
    return _with_month_name(text, rules.language)


def _without_weekday(text: str, language: str) -> tuple[int | None, str]:
    """Extract the weekday before or after a numeric date, and the text without it."""
    letters = re.search(r"^\D*?(?=\d)|(?<=\d)\D*$", text)
    numbers = re.search(r"\d.*\d", text)
    if not letters or not numbers:
        return None, text
    around = [*words(text[: numbers.start()]), *words(text[numbers.end() :])]
    named = None
    while around:
        name = next((name for name in joined(around) if weekday(name, language) is not None), None)
        if name is None and around[0] not in NOISE:
            return None, text
        named = weekday(name, language) if name else named
        around = around[len(name.split()) if name else 1 :]
    return (named if named is not None and named >= 0 else None), numbers[0]


def _numeric(numbers: Sequence[str], mark: str) -> Mapping[Order, date]:
    """Return the days that three numbers may mean: the year at the end or, of two digits, at the beginning."""
    one, two, last = map(int, numbers)
    year = _full_year(numbers[2])
    readings = {Order.DAY: _try(year, two, one)}
    if mark != ".":  # months never come first in dates with full stops
        readings[Order.MONTH] = _try(year, one, two)
    if len(numbers[2]) == 2:
        readings[Order.YEAR] = _try(_full_year(numbers[0]), two, last)
    return {order: day for order, day in readings.items() if day}


_NUMBERED_MONTH = re.compile(r"thang (1[0-2]|0?[1-9])$|(1[0-2]|0?[1-9]) [月월]$")  # Vietnamese, Chinese, Japanese, Korean


def _with_month_name(text: str, language: str) -> date | None:
    """Parse a date with its month in words: `Sat, 28 Nov 2026`, `November 28th, 2026`, `28 tháng 11 2026`."""
    numbers: list[str] = []
    names: list[tuple[int, int | None]] = []  # a month, and the weekday that the same word may be
    parts = words(text)
    while parts:
        name = next((n for n in joined(parts) if month(n, language) or weekday(n, language) is not None), None)
        if numbered := _NUMBERED_MONTH.match(" ".join(parts[:2])):
            names.append((int(numbered[1] or numbered[2]), None))
            parts = parts[2:]
        elif parts[0].isdecimal():
            numbers.append(parts.pop(0))
        elif name:
            if found := month(name, language):
                names.append((found, weekday(name, language)))
            parts = parts[len(name.split()) :]
        elif parts.pop(0) not in NOISE:
            return None
    if len(names) == 2 and names[0][1] is not None:
        names = names[1:]  # "mar. 3 mars 2026": the first is Tuesday
    if len(names) != 1 or len(numbers) != 2:
        return None
    day, year = numbers if len(numbers[0]) <= 2 else reversed(numbers)
    return _date(_full_year(year), names[0][0], int(day)) if len(day) <= 2 else None


def _full_year(text: str) -> int:
    """Complete a year of two digits: this century's first forty years, or the nineties; others are no year."""
    year = int(text)
    if len(text) != 2:
        return year
    return year + 2000 if year <= 40 else year + 1900


def _try(year: int, month_: int, day: int) -> date | None:
    try:
        return _date(year, month_, day)
    except ValueError:
        return None


def _date(year: int, month_: int, day: int) -> date | None:
    """Raises ValueError: the month has no such day."""
    if LATEST < year <= LATEST + BUDDHIST:  # no feed publishes then; Thai ones count so
        year -= BUDDHIST
    return _believed(date(year, month_, day))


def _believed(day: date) -> date | None:
    return day if EARLIEST <= day.year <= LATEST else None
