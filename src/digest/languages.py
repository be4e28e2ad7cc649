"""
Languages: the program's own texts in mails and on pages, translated for the reader.

Catalogues are gettext `.po` files in `locales/`, one folder a language, read as they are: there
is no compiled copy that could be stale. Dates come from Babel's CLDR. English is the language of
the sources and has no catalogue.
"""

import gettext
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from babel.core import Locale, UnknownLocaleError
from babel.dates import format_date, format_skeleton
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from digest.errors import BadInput

FOLDER = Path(__file__).parent / "locales"
SOURCE = "en"  #: what the templates and the code are written in
DOMAIN = "digest"  #: of what readers see
ADMIN_DOMAIN = "admin"  #: of the admin pages, which speak fewer languages
RTL_SCRIPTS = frozenset({"Arab", "Hebr", "Syrc", "Thaa", "Nkoo", "Adlm"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """One language: its catalogue, its dates and its direction."""

    tag: str  #: for `lang` attributes (BCP 47), such as `en` or `pt-BR`
    direction: str  #: `ltr` or `rtl`
    locale: Locale
    catalogue: gettext.NullTranslations

    def gettext(self, text: str) -> str:
        """Translate a text; return it unchanged where the catalogue lacks it."""
        return self.catalogue.gettext(text)

    def ngettext(self, one: str, many: str, number: int) -> str:
        """Return the plural form for `number`, with its `%(num)d` not yet filled."""
        return self.catalogue.ngettext(one, many, number)

    def count(self, one: str, many: str, number: int) -> str:
        """Return the plural form for `number`, filled."""
        return self.ngettext(one, many, number) % {"num": number}

    def day(self, day: date) -> str:
        """Format a date with its weekday, such as `Tuesday, March 3, 2026`."""
        return format_date(day, format="full", locale=self.locale)

    def weekday(self, day: date) -> str:
        """Return the name of a date's weekday, such as `Wednesday`."""
        return format_date(day, format="EEEE", locale=self.locale)

    def weekday_and_day(self, day: date) -> str:
        """Format a date of the last weeks, such as `Tue, Mar 3`."""
        return str(format_skeleton("MMMEd", day, locale=self.locale))

    def short_weekday(self, day: date) -> str:
        """Return the short name of a date's weekday, such as `Wed`."""
        return format_date(day, format="EEE", locale=self.locale)

    def month(self, day: date) -> str:
        """Format the month and year of a date, such as `March 2026`."""
        return str(format_skeleton("yMMMM", day, locale=self.locale))

    def month_name(self, day: date) -> str:
        """Return the name of a date's month, such as `March`."""
        return format_date(day, format="LLLL", locale=self.locale)

    def date_of(self, day: date) -> str:
        """Format a date, such as `March 3, 2026`."""
        return format_date(day, format="long", locale=self.locale)


def shipped(domain: str = DOMAIN) -> tuple[str, ...]:
    """Return the languages that have a catalogue, English first."""
    return (SOURCE, *sorted(path.name for path in FOLDER.iterdir() if catalogue_path(path.name, domain).is_file()))


def catalogue_path(name: str, domain: str = DOMAIN) -> Path:
    """Return the path of a language's catalogue, whether or not it exists."""
    return FOLDER / name / "LC_MESSAGES" / f"{domain}.po"


def best(wanted: str, offered: Sequence[str]) -> str | None:
    """Choose of `offered` the language for a reader of `wanted`: the same, else the first variant of it; None where there is none."""
    parts = _parts(wanted)
    same = [code for code in offered if parts and _parts(code)[:1] == parts[:1]]
    return next((code for code in same if _parts(code) == parts), next(iter(same), None))


def _parts(code: str) -> list[str]:
    return [part for part in re.split("[-_]", code.lower()) if part]


def is_rtl(code: str) -> bool:
    """Return whether the language of this code is written from right to left; False where it is unknown."""
    locale = _locale(code)
    return locale is not None and (locale.script in RTL_SCRIPTS or str(locale.text_direction) == "rtl")


def tag(code: str) -> str:
    """Return the code in the form of `lang` attributes (BCP 47), such as `pt-BR`; empty where no language has it."""
    locale = _locale(code)
    return "-".join(filter(None, (locale.language, locale.script, locale.territory))) if locale else ""


@cache
def by_name(name: str) -> str | None:
    """Return the code of a language by its name in English or in a language with a catalogue, such as `German`, `allemand`."""
    return tag(_names().get(name.strip().casefold(), "")) or None


@cache
def _names() -> Mapping[str, str]:
    found: dict[str, str] = {}
    for spoken in shipped():
        for code, name in Locale.parse(spoken).languages.items():
            found.setdefault(name.casefold(), code.replace("_", "-"))
    return found


def _locale(code: str) -> Locale | None:
    try:
        return Locale.parse(code.partition(".")[0].partition("@")[0].replace("-", "_")) if code else None
    except (UnknownLocaleError, ValueError):
        return None


@cache
def load(code: str, domain: str = DOMAIN) -> Language:
    """
    Load the language of a code such as `de` or `pt-BR`. Without a catalogue of this domain its strings are English,
    its dates its own.

    Raises:
        BadInput: no language has this code.
    """
    locale = _locale(code)
    if locale is None:
        raise BadInput(f"{code!r} is no language that is known; write one like `en` or `de`")
    name = best(code, shipped(domain)[1:])
    return Language(
        tag=tag(code),
        direction="rtl" if is_rtl(code) else "ltr",
        locale=locale,
        catalogue=_catalogue(name, domain) if name else gettext.NullTranslations(),
    )


@cache
def _catalogue(name: str, domain: str) -> gettext.NullTranslations:
    with catalogue_path(name, domain).open("rb") as file:
        messages = read_po(file, locale=name)
    compiled = io.BytesIO()
    write_mo(compiled, messages)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)
