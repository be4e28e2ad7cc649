"""Decode bytes to text: byte order marks, declared charsets, and detection if nothing is declared."""

import re

from charset_normalizer import from_bytes

from digest.errors import ParseError

_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_DECLARED = re.compile(
    rb"""<meta[^>]{0,200}charset=["']?([\w-]{2,30})|^<\?xml[^>]{0,100}encoding=["']([\w-]{2,30})""", re.IGNORECASE
)
#: Characters not allowed in a mail or an XML document: C0 and C1 controls but tab and line ends, noncharacters, lone surrogates.
UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")


def to_text(raw: bytes, where: str) -> str:
    """
    Decode a file to text with line ends `\\n`, without characters that cannot be mailed.

    Raises:
        ParseError: it is empty, or binary.
    """
    if not raw.strip():
        raise ParseError(where, "is empty")
    text = _decode(raw, where)
    text = re.sub("\r\n?|\u2028|\x85", "\n", text).replace("\u2029", "\n\n")
    return UNFIT.sub("", text.removeprefix("\ufeff"))


def _decode(raw: bytes, where: str) -> str:
    for mark, charset in _BOMS:
        if raw.startswith(mark):
            return raw.decode(charset, "replace")
    if _is_binary(raw[:65536]):
        raise ParseError(where, "is binary, not a text; digest reads .txt, .md, .html and .eml")
    declared = _DECLARED.search(raw[:4096])
    charsets = ["utf-8"] + ([(declared[1] or declared[2]).decode("ascii")] if declared else [])
    for charset in charsets:
        try:
            return raw.decode(charset)
        except (ValueError, LookupError):
            continue
    best = from_bytes(raw[:200_000]).best()
    return raw.decode(best.encoding if best else "cp1252", "replace")


def _is_binary(head: bytes) -> bool:
    controls = sum(1 for byte in head if byte < 9 or 13 < byte < 27 or 27 < byte < 32)
    return b"\0" in head or controls > len(head) // 50
