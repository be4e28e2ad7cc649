"""
Names of months, weekdays, halves of the day and time zones in the dates of feeds.

Months and weekdays come from CLDR (through Babel), whose tables are read when a date first holds a
word that is not English. English always comes first: RFC 822 dates are English in every language.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from babel import Locale, UnknownLocaleError

#: The most written languages, and regional spellings of month names that differ (Jänner, أوت, تشرين).
LOCALES = (
    *("en", "zh", "es", "ar", "fr", "de", "ja", "ru", "pt", "it", "ko", "tr", "vi", "pl", "nl", "fa", "id", "uk", "cs", "sv"),
    *(
        "hi",
        "bn",
        "ur",
        "th",
        "el",
        "hu",
        "ro",
        "he",
        "da",
        "fi",
        "nb",
        "nn",
        "bg",
        "hr",
        "sr",
        "sr_Latn",
        "sk",
        "sl",
        "lt",
        "lv",
    ),
    *(
        "et",
        "ca",
        "eu",
        "gl",
        "ms",
        "ta",
        "te",
        "mr",
        "gu",
        "pa",
        "sw",
        "is",
        "ga",
        "cy",
        "mk",
        "be",
        "ka",
        "hy",
        "az",
        "kk",
        "af",
    ),
    *("de_AT", "es_UY", "ar_DZ", "ar_MA", "ar_SY", "ar_SA", "fil", "sq", "bs"),
)
_MORE_MONTHS = {"नवम्बर": 11, "दिसम्बर": 12, "सितम्बर": 9, "feber": 2, "setiembre": 9, "nopember": 11, "pebruari": 2}
_ROMAN = {name: i for i, name in enumerate(("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii"), 1)}
SHORTEST_PREFIX = 3  #: letters of a month's name that may abbreviate it, if no other month begins with them

BEFORE_NOON = (
    "am",
    "a.m.",
    "a.m",
    "오전",
    "上午",
    "午前",
    "凌晨",
    "早上",
    "صباحا",
    "صباحًا",
    "ص",
    "πμ",
    "π.μ.",
    "sa",
    "öö",
    "ก่อนเที่ยง",
)
AFTER_NOON = ("pm", "p.m.", "p.m", "오후", "下午", "午後", "晚上", "مساء", "مساءً", "م", "μμ", "μ.μ.", "ch", "ös", "หลังเที่ยง")

#: Hours east of Greenwich of zones that are written by name. Ambiguous ones by what feeds mostly mean; see `_BY_LANGUAGE`.
_EAST = {
    0: "z ut utc gmt wet uct zulu",
    1: "cet met mez west bst wat",
    2: "cest mest mesz eet cat sast",
    3: "eest msk мск trt idt eat",
    3.5: "irst",
    4: "gst msd samt azt",
    4.5: "aft",
    5: "pkt uzt yekt",
    5.5: "ist",
    5.75: "npt",
    6: "omst bdt",
    6.5: "mmt",
    7: "ict wib krat novt",
    8: "hkt sgt pht myt wita awst irkt",
    9: "jst kst wit yakt",
    9.5: "acst",
    10: "aest vlat chst",
    10.5: "acdt",
    11: "aedt magt",
    12: "nzst",
    13: "nzdt",
    -2.5: "ndt",
    -3: "adt brt art uyt clst",
    -3.5: "nst",
    -4: "ast edt bot vet pyt clt",
    -5: "est cdt pet cot ect",
    -6: "cst mdt",
    -7: "mst pdt",
    -8: "pst akdt",
    -9: "akst",
    -10: "hst",
    -11: "sst",
}
ZONES: Mapping[str, float] = {name: hours for hours, names in _EAST.items() for name in names.split()}
_BY_LANGUAGE = {("cst", "zh"): 8, ("ist", "he"): 2, ("ist", "ga"): 1, ("bst", "bn"): 6}
#: Zones whose name holds in summer and winter.
_SEASONAL = {"et": "America/New_York", "ct": "America/Chicago", "mt": "America/Denver", "pt": "America/Los_Angeles"}


def fold(text: str) -> str:
    """Normalise a name for look-up: lower case without accents."""
    apart = unicodedata.normalize("NFD", text.casefold().replace("ı", "i"))
    return unicodedata.normalize("NFC", re.sub("[\u0300-\u036f]", "", apart))


#: Words in dates without a meaning, as `fold` leaves them.
NOISE = frozenset(
    fold(
        "of the at on de del da do di den der dem am um uhr h le la el em a à às alle ore om kl klo kello klukkan o v в г года"
        " р року ora godz dnia ngày lúc pukul jam tanggal saat في الساعة ώρα στις ב בשעה час ч st nd rd th er re e го 年 년 日 일 号"
    ).split()
)


def words(text: str) -> list[str]:
    """Return the numbers and words of a date, without separators."""
    return re.findall(r"\d+|[^\d\s,./\-\u2010-\u2015()'\u2019\[\]·•|@~:;،、؛]+", text)


def month(name: str, language: str = "") -> int | None:
    """Return the month that a word (or two) names: in English, in this language, or in all languages that know it."""
    name = name.removeprefix("\u05d1") if len(name) > SHORTEST_PREFIX else name  # Hebrew "in November" is one word
    english = _ENGLISH_MONTHS.get(name) or _ROMAN.get(name)
    return english or _meaning(_tables()[0].get(name), language)


def weekday(name: str, language: str = "") -> int | None:
    """Return the weekday that a word names, Monday 0; -1 if languages disagree."""
    if name in _ENGLISH_DAYS:
        return _ENGLISH_DAYS[name]
    known = _tables()[1].get(name)
    found = _meaning(known, language)
    return -1 if known and found is None else found


def hours_east(name: str, language: str = "") -> float | ZoneInfo | None:
    """Return the offset of a named zone: hours east, or a zone with daylight saving time; None if it is unknown."""
    name = name.removeprefix("etc/")
    if (name, language[:2]) in _BY_LANGUAGE:
        return _BY_LANGUAGE[name, language[:2]]
    if name in ZONES:
        return ZONES[name]
    key = _SEASONAL.get(name) or (_places().get(name) if "/" in name else None)
    return ZoneInfo(key) if key else None


@lru_cache
def number_order(language: str) -> str:
    """Return the order of day, month and year in this language's dates, as `dMy`; empty if ambiguous, as for `en` alone."""
    tag = language.replace("_", "-").strip()
    if not tag or tag.lower() == "en":
        return ""
    try:
        pattern = str(Locale.parse(tag, sep="-").date_formats["short"].pattern)
    except (UnknownLocaleError, ValueError, TypeError, KeyError):
        return ""
    return "".join(dict.fromkeys(letter for letter in re.sub(r"'[^']*'", "", pattern) if letter in "dMy"))


def _meaning(known: Mapping[str, int] | None, language: str) -> int | None:
    if not known:
        return None
    own = next((value for code, value in known.items() if language and code == language[:2].lower()), None)
    meanings = set(known.values())
    return own or (meanings.pop() if len(meanings) == 1 else None)


_ENGLISH_MONTHS = {
    name: i
    for i, long in enumerate("january february march april may june july august september october november december".split(), 1)
    for name in (long, long[:3], *(["sept"] if i == 9 else []))
}
_ENGLISH_DAYS = {
    name: i
    for i, long in enumerate("monday tuesday wednesday thursday friday saturday sunday".split())
    for name in (long, long[:3], long[:4], *({1: ["tues"], 3: ["thur", "thurs"]}.get(i, [])))
}


@lru_cache(maxsize=1)
def _tables() -> tuple[Mapping[str, Mapping[str, int]], Mapping[str, Mapping[str, int]]]:
    """Load months and weekdays of all languages: folded name → language → number."""
    months: dict[str, dict[str, int]] = {name: {"": value} for name, value in _MORE_MONTHS.items()}
    days: dict[str, dict[str, int]] = {}
    for code in LOCALES:
        locale = Locale.parse(code)
        for table, names in ((months, locale.months), (days, locale.days)):
            for name, value in _spellings(names):
                table.setdefault(name, {}).setdefault(code[:2], value)
    return months, days


def _spellings(names: Mapping[str, Mapping[str, Mapping[int, str]]]) -> Iterator[tuple[str, int]]:
    """Yield every name of a language with its number, and prefixes that only one name has."""
    found: dict[str, set[int]] = {}
    beginnings: dict[str, set[int]] = {}
    for kind in ("format", "stand-alone"):
        for width in ("wide", "abbreviated", "short"):
            for number, name in names.get(kind, {}).get(width, {}).items():
                plain = " ".join(words(fold(name)))
                if not plain or any(c.isdigit() for c in plain):
                    continue  # "11月" and "tháng 11" are read as numbers
                found.setdefault(plain, set()).add(number)
                if width == "wide" and " " not in plain:
                    for length in range(SHORTEST_PREFIX, len(plain)):
                        beginnings.setdefault(plain[:length], set()).add(number)
    for table in (found, {name: numbers for name, numbers in beginnings.items() if name not in found}):
        yield from ((name, numbers.pop()) for name, numbers in table.items() if len(numbers) == 1)


@lru_cache(maxsize=1)
def _places() -> Mapping[str, str]:
    return {name.lower(): name for name in available_timezones()}


def joined(parts: Sequence[str]) -> Iterator[str]:
    """Yield pairs and triples of words that may be one name ("תשרי א", "tháng mười một", "พ ย"), the longest first."""
    for length in (3, 2, 1):
        if len(parts) >= length:
            yield " ".join(parts[:length])
