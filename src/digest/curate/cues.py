"""
The words by which a sentence shows that it belongs to one before it, in the languages that news is written in.

The words are in plain tables (`cue_words_…`), so that a language or a word is added by adding words. `_` stands for a space and
`*` for any ending. Words of kindred languages are not repeated where they are written alike: a
text is searched with the words of its own language, or with all of them where that is not known.

- *opening*: pronouns, connectives and pointing words. A sentence that begins so leans on the one before.
- *denying*: words of denial, correction and dissent. Wherever one stands, the sentence may take back
  what was said up to a few sentences before.
- *bounding*: words of condition, limitation, attribution and reply. They do the same, but a long sentence
  with one most often speaks of a matter of its own.
- *guarding*: negations, reporting verbs and the like, which most often do not. Where one stands, it is in
  doubt whether the sentence answers the one before.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from digest.curate import cue_words_germanic_romance, cue_words_other
from digest.model.words import language_of

_TABLE = {**cue_words_germanic_romance.WORDS, **cue_words_other.WORDS}
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
    """The words to search a text with: those of its language (BCP 47), which is told from the text where it is not given."""
    code = (language or language_of(text)).partition("-")[0].lower()
    return _compiled(_LIKE.get(code, code) if _LIKE.get(code, code) in _TABLE else "")


@lru_cache(maxsize=64)
def _compiled(code: str) -> Cues:
    """The patterns of a language; of all where the code is empty."""
    codes = [code] if code else list(_TABLE)
    parts = ("|".join(_words(_TABLE[c][i], spaced=c not in _UNSPACED) for c in codes) for i in range(4))
    opening, denying, bounding, guarding = parts
    return Cues(
        opening=re.compile(f"{_QUOTES}(?:{opening})", re.IGNORECASE),
        denying=re.compile(denying, re.IGNORECASE),
        bounding=re.compile(bounding, re.IGNORECASE),
        guarding=re.compile(guarding, re.IGNORECASE),
    )


def _words(words: str, *, spaced: bool) -> str:
    """One pattern of a list of words."""
    found = words.replace("_", r"\s+" if spaced else r"\s?").replace("*", r"\w*" if spaced else "").split()
    return rf"(?<!\w)(?:{'|'.join(found)})(?!\w)" if spaced else "|".join(found)
