"""Extract the terms of a text: its words without stop words; for scripts without spaces, pairs of characters."""

import re
from collections.abc import Iterator, Sequence

from digest.model.words import STOP

_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]+")
_WORD = re.compile(r"\w+")


def tokens(text: str) -> Sequence[str]:
    """Return the runs of letters and digits of a text."""
    return _WORD.findall(text)


def terms(text: str) -> Iterator[str]:
    """Yield the terms of a text in order, as they are written."""
    for word in tokens(text):
        if _UNSPACED.match(word):
            yield from (word[i : i + 2] for i in range(max(1, len(word) - 1)))
        elif len(word) > 1 and word.casefold() not in STOP:
            yield word
