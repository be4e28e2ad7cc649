"""Text for people: lines of 72 columns, long words broken where a mail program cannot."""

import re
import unicodedata

COLUMNS = 72
UNBROKEN_MAX = 40  #: longer runs of letters get invisible places to break at


def columns(text: str) -> int:
    """How many columns a terminal needs: two for a wide character, none for a combining one."""
    if text.isascii():
        return len(text)
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def wrap(text: str, width: int = COLUMNS, indent: str = "") -> str:
    """Paragraphs folded at `width` columns; words longer than that stand alone, unspaced scripts break anywhere."""
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
    """A word that fits is whole, and so is an address of the web; any other is cut."""
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
    """Zero-width spaces in very long words, so that no column overflows."""
    return " ".join(
        "\u200b".join(word[i : i + UNBROKEN_MAX] for i in range(0, len(word), UNBROKEN_MAX)) if len(word) > UNBROKEN_MAX else word
        for word in text.split(" ")
    )
