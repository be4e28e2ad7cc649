"""
Detect by its words whether a sentence depends on one before it: refers to it, denies it, limits it or answers it.

Each language has a module of words (`words.py` defines the lists), so that a language is
added by adding one. A text is searched with the words of its own language, or with all of them
if that is unknown.
"""

import re
from collections.abc import Mapping
from dataclasses import astuple, dataclass
from functools import lru_cache

from digest.curate.cues import (
    ar,
    cs,
    da,
    de,
    el,
    en,
    es,
    fi,
    fr,
    hu,
    id,
    it,
    ja,
    ko,
    nl,
    pl,
    pt,
    ro,
    ru,
    sv,
    tr,
    uk,
    vi,
    zh,
)
from digest.curate.cues.words import Words
from digest.model.words import language_of

_LANGUAGES: Mapping[str, Words] = {
    "ar": ar.WORDS,
    "cs": cs.WORDS,
    "da": da.WORDS,
    "de": de.WORDS,
    "el": el.WORDS,
    "en": en.WORDS,
    "es": es.WORDS,
    "fi": fi.WORDS,
    "fr": fr.WORDS,
    "hu": hu.WORDS,
    "id": id.WORDS,
    "it": it.WORDS,
    "ja": ja.WORDS,
    "ko": ko.WORDS,
    "nl": nl.WORDS,
    "pl": pl.WORDS,
    "pt": pt.WORDS,
    "ro": ro.WORDS,
    "ru": ru.WORDS,
    "sv": sv.WORDS,
    "tr": tr.WORDS,
    "uk": uk.WORDS,
    "vi": vi.WORDS,
    "zh": zh.WORDS,
}
#: Languages that are written like another of the table.
_LIKE = {"nb": "da", "nn": "da", "no": "da", "sk": "cs", "ca": "es", "gl": "pt", "be": "ru", "bg": "ru", "sr": "ru", "ms": "id"}
_UNSPACED = frozenset({"ja", "zh", "ko"})  #: words are found inside others: no spaces, or endings of all kinds
_QUOTES = r"[\"'“”«»„‚‘’「『（(–—-]*\s*"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cues:
    """The words of one language, or of all."""

    opening: re.Pattern[str]
    denying: re.Pattern[str]
    bounding: re.Pattern[str]
    guarding: re.Pattern[str]


def cues_of(text: str, language: str = "") -> Cues:
    """Return the patterns for a text: those of its language (BCP 47), which is detected from the text if it is not given."""
    code = (language or language_of(text)).partition("-")[0].lower()
    return _compiled(_LIKE.get(code, code) if _LIKE.get(code, code) in _LANGUAGES else "")


@lru_cache(maxsize=64)
def _compiled(code: str) -> Cues:
    """Compile the patterns of a language; of all languages if the code is empty."""
    chosen = [code] if code else list(_LANGUAGES)
    columns = zip(
        *([_pattern(words, spaced=c not in _UNSPACED) for words in astuple(_LANGUAGES[c])] for c in chosen), strict=True
    )
    opening, denying, bounding, guarding = map("|".join, columns)
    return Cues(
        opening=re.compile(f"{_QUOTES}(?:{opening})", re.IGNORECASE),
        denying=re.compile(denying, re.IGNORECASE),
        bounding=re.compile(bounding, re.IGNORECASE),
        guarding=re.compile(guarding, re.IGNORECASE),
    )


def _pattern(words: str, *, spaced: bool) -> str:
    """Compile a list of words into one pattern."""
    found = words.replace("_", r"\s+" if spaced else r"\s?").replace("*", r"\w*" if spaced else "").split()
    return rf"(?<!\w)(?:{'|'.join(found)})(?!\w)" if spaced else "|".join(found)
