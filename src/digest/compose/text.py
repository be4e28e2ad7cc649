"""Wrap plain text: lines of 72 columns, break opportunities in long words that a mail program cannot break."""

import re
import unicodedata

COLUMNS = 72
UNBROKEN_MAX = 40  #: longer runs of letters get zero-width break opportunities
#: A long run that no program breaks by itself: scripts without spaces (Thai, Lao, Khmer, Burmese, Han, kana) and
#: emoji break anywhere but before their stops, by better rules.
_UNBROKEN = re.compile(
    rf"[^\s\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u200b\u200d\u2e80-\u9fff\uf900-\ufaff\ufe0f\uff00-\uffef\U0001f000-\U0003ffff]{{{UNBROKEN_MAX + 1},}}"
)
_PIECE = re.compile(rf".{{{UNBROKEN_MAX // 2},{UNBROKEN_MAX - 1}}}[-/_.,:;?&=](?!$)|.{{1,{UNBROKEN_MAX}}}")


def columns(text: str) -> int:
    """Return the width in terminal columns: two for a wide character, none for a combining one."""
    if text.isascii():
        return len(text)
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def wrap(text: str, width: int = COLUMNS, indent: str = "") -> str:
    """Fold paragraphs at `width` columns; longer words get a line of their own, unspaced scripts break anywhere."""
    return "\n".join(_wrapped(line, width, indent) for line in text.split("\n"))


def _wrapped(line: str, width: int, indent: str) -> str:
    lines: list[str] = []
    current = ""
    for word in re.split(r"[ \t\r\f\v]+", line.strip(" \t\r\f\v")):  # a no-break space does not break
        for i, piece in enumerate(_pieces(word, width - columns(indent))):
            glue = " " if current and i == 0 else ""
            if current and columns(indent + current + glue + piece) > width:
                lines.append(indent + current)
                current = piece
            else:
                current += glue + piece
    return "\n".join([*lines, indent + current]) if current or lines else ""


def _pieces(word: str, room: int) -> list[str]:
    """Split a word that does not fit, unless it is a URL."""
    if columns(word) <= room or word.startswith(("http://", "https://")):
        return [word]
    pieces: list[str] = []
    current = ""
    for character in word:
        if columns(current + character) > room:
            pieces.append(current)
            current = ""
        current += character
    return [*pieces, current]


def breakable(text: str) -> str:
    """Insert zero-width spaces in very long words, so that no column overflows: after a nearby punctuation mark if there is one."""
    return _UNBROKEN.sub(lambda found: "\u200b".join(_PIECE.findall(found[0])), text)
