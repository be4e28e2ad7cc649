"""Detect the encoding of a text file from its bytes."""

import codecs
import re
from collections.abc import Mapping
from typing import BinaryIO

from digest.errors import BadInput

_BLOCK = 1 << 20
#: The longer first: the mark of UTF-16 begins that of UTF-32.
_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_BAD_BYTE = re.compile("[\udc80-\udcff]")  # what `surrogateescape` makes of a byte that is no UTF-8
_BEYOND_ASCII = re.compile("[^\x00-\x7f\udc80-\udcff]")
#: Encodings of one byte a character, the most frequent first, as a note names them.
GUESSES: Mapping[str, str] = {"cp1252": "Windows-1252", "cp1250": "Windows-1250", "iso8859-2": "ISO 8859-2 (Latin-2)"}
_ASCII = bytes(range(128))
_WORD = re.compile(rb"[A-Za-z]+[\x80-\xff]+[A-Za-z]*|[\x80-\xff]+[A-Za-z]+")  # A lone sign, as in `20 \xa3`, is no word.
_SAMPLE = 100_000  #: bytes of each block that words are taken from
_WORDS = 10_000  #: words that a guess is made from


def checked(name: str) -> str:
    """Return Python's name of an encoding that a person names. Raises BadInput."""
    try:
        found = codecs.lookup(name).name
        "a".encode(found)
    except (LookupError, UnicodeError) as problem:
        raise BadInput(f"--encoding {name}: not the name of a text encoding; say utf-8, utf-16, windows-1252 …") from problem
    return found


def detect(raw: BinaryIO, what: object) -> tuple[str, bool]:
    """
    Detect the encoding of `raw`; the flag is True if it is a guess.

    Raises:
        BadInput: the bytes are those of a spreadsheet or archive, or of an encoding that has to be named.
    """
    head = raw.read(4096)
    if head.startswith(b"PK\x03\x04"):
        raise BadInput(f"{what} is a spreadsheet or an archive; save the list as CSV")
    for bom, name in _BOMS:
        if head.startswith(bom):
            return name, False
    wide = _wide_without_bom(head)
    return (wide, False) if wide and _is_list(head, wide) else _narrow(raw, what)


def _is_list(head: bytes, name: str) -> bool:
    """Return whether bytes have a separator or line end in an encoding; of others, NULs alone may look like it."""
    try:
        text = codecs.getincrementaldecoder(name)().decode(head)
    except UnicodeError:
        return False
    return any(character in text for character in ",;\t|\r\n@")


def _wide_without_bom(head: bytes) -> str:
    """Text in a Latin alphabet has a zero in every second byte; with others, at least separators and line ends have one."""
    quarter = len(head) // 4
    zeros = [head[place::4].count(0) for place in range(4)]
    if quarter and min(zeros[2], zeros[3]) >= quarter > zeros[0]:
        return "utf-32-le"
    if quarter and min(zeros[0], zeros[1]) >= quarter > zeros[3]:
        return "utf-32-be"
    even, odd = zeros[0] + zeros[2], zeros[1] + zeros[3]
    if odd > 2 * even and odd * 8 >= len(head) // 2:
        return "utf-16-le"
    return "utf-16-be" if even > 2 * odd and even * 8 >= len(head) // 2 else ""


def _narrow(raw: BinaryIO, what: object) -> tuple[str, bool]:
    good = bad = 0
    raw.seek(0)
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    beyond: set[int] = set()
    words: list[bytes] = []
    while block := raw.read(_BLOCK):
        text = decoder.decode(block)
        if not text.isascii():
            good += len(_BEYOND_ASCII.findall(text))
            bad += len(_BAD_BYTE.findall(text))
            beyond |= set(block.translate(None, _ASCII))
            words += _WORD.findall(block[:_SAMPLE]) if len(words) < _WORDS else []
    bad += len(decoder.decode(b"", final=True))
    if bad <= good:  # A few bad bytes among many good characters reject their lines alone.
        return "utf-8", False
    guess = _most_like_words(b"".join(words))
    if any("\x7f" < c < "\xa0" or c == "\ufffd" for c in bytes(beyond).decode(guess, "replace")):
        raise BadInput(f"{what} is neither UTF-8, UTF-16 nor Windows-1252; name its encoding, such as `--encoding shift_jis`")
    return guess, True


def _most_like_words(words: bytes) -> str:
    """Return the encoding in which most characters within words are letters; the first where several are alike."""
    return min(GUESSES, key=lambda name: sum(not character.isalpha() for character in words.decode(name, "replace")))
