"""
Split a mail into its parts, within bounds that hold for any input: LEVELS of nesting, PARTS parts, SIZE bytes.

Written here, since the standard library's parser has no such bounds: it compares each line with every
boundary that is open, and recurses into as many levels as somebody nests (docs/decisions/0024). A mail that is
broken yields the parts that can be read; nothing here raises.
"""

import binascii
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from email.errors import MessageError
from email.header import decode_header, make_header
from functools import cached_property
from html import unescape

LEVELS, PARTS, SIZE = 10, 200, 10_000_000
FIELDS, VALUE = 500, 4_000  #: fields of a header, and characters of a field, that are read
TEXT = 200_000  #: bytes of a part that are read as text: reports stand before what they return

Fields = Mapping[str, Sequence[str]]

_FIELD = re.compile(rb"([!-9;-~]{1,80})[ \t]*:[ \t]*(.*)")
_FOLD = re.compile(rb"\n[ \t]+")
_BOUNDARY = re.compile(r'boundary[ \t]*=[ \t]*(?:"([^"]{1,200})"|([^\s;"]{1,200}))', re.IGNORECASE)
_CHARSET = re.compile(r'charset[ \t]*=[ \t]*"?([\w.:-]{1,40})', re.IGNORECASE)
#: Names of character sets; other codecs of Python (`idna`, `punycode`) need quadratic time.
_KNOWN = re.compile(
    r"(?:us-?)?ascii|utf-?(?:7|8|16|32)|iso-?(?:8859|2022)|latin|windows|cp\d|koi8|euc|shift|sjis|gb|big5|ks_?c|tis|mac",
    re.IGNORECASE,
)
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/]+")
_TAG = re.compile(r"<[^<>]*>")
_BREAK = re.compile(r"<(?:br|/?p|/?div|/?tr|/?li|/?h\d|/?table)\b[^<>]*>", re.IGNORECASE)


@dataclass(frozen=True)
class Part:
    """A part of a mail that is not split further: a text, a report, or a whole mail that was sent back."""

    fields: Fields
    body: bytes

    @property
    def kind(self) -> str:
        """Content type in lower case, without parameters; what cannot be split as it says is text."""
        kind = content_type(self.fields)
        return "text/plain" if kind.startswith("multipart/") else kind

    @cached_property
    def text(self) -> str:
        """Body as text, without transfer encoding and mark-up; the first TEXT bytes of it."""
        text = _decoded(_transferred(self.body[: TEXT * 2], _first(self.fields, "content-transfer-encoding"))[:TEXT], self.fields)
        return unescape(_TAG.sub("", _BREAK.sub("\n", text))) if self.kind == "text/html" else text


@dataclass(frozen=True)
class Mail:
    """A mail: its header, and its parts in their order."""

    fields: Fields
    parts: Sequence[Part]

    def first(self, name: str) -> str:
        """Return the first field of this name, decoded; empty if there is none."""
        return decoded_words(_first(self.fields, name))


def parse(raw: bytes) -> Mail:
    """Split a mail into its parts."""
    raw = raw[:SIZE].replace(b"\r\n", b"\n").replace(b"\r", b"\n").lstrip(b"\n")
    if raw.startswith((b"From ", b">From ")):  # the line that an mbox has before each mail
        raw = raw.partition(b"\n")[2]
    fields, body = split(raw)
    parts: list[Part] = []
    _collect(fields, body, 0, parts)
    return Mail(fields=fields, parts=parts)


def split(raw: bytes) -> tuple[Fields, bytes]:
    """Split the header from the body; the names of the fields are in lower case."""
    head, _, body = (b"", b"", raw[1:]) if raw.startswith(b"\n") else raw.partition(b"\n\n")
    fields: dict[str, list[str]] = {}
    for line in _FOLD.sub(b" ", head[: FIELDS * VALUE]).split(b"\n", FIELDS)[:FIELDS]:
        if match := _FIELD.match(line):
            fields.setdefault(match[1].decode("ascii").lower(), []).append(_guessed(match[2][:VALUE]).strip())
    return fields, body


def content_type(fields: Fields) -> str:
    """Return the content type of a header in lower case; `text/plain` if it names none."""
    return _first(fields, "content-type").partition(";")[0].strip().lower() or "text/plain"


def decoded_words(text: str) -> str:
    """Decode the encoded words of a field (RFC 2047); as it stands if they are broken."""
    if "=?" not in text:
        return text
    try:
        return str(make_header(decode_header(text)))
    except (ValueError, LookupError, AssertionError, MessageError):  # what the standard library raises on malformed words
        return text


def _collect(fields: Fields, body: bytes, level: int, parts: list[Part]) -> None:
    boundary = _BOUNDARY.search(_first(fields, "content-type")) if content_type(fields).startswith("multipart/") else None
    pieces = _pieces(body, (boundary[1] or boundary[2]).encode("utf-8", "replace")) if boundary and level < LEVELS else iter(())
    split_up = False
    for piece in pieces:
        split_up = True
        if len(parts) >= PARTS:
            return
        _collect(*split(piece), level + 1, parts)
    if not split_up:
        parts.append(Part(fields=fields, body=body))


def _pieces(body: bytes, boundary: bytes) -> Iterator[bytes]:
    """Yield what stands between the lines of a boundary; the last piece may lack its end."""
    start = None
    for line in re.finditer(rb"^--" + re.escape(boundary) + rb"(--)?[ \t]*$", body, re.MULTILINE):
        if start is not None:
            yield body[start : max(start, line.start() - 1)]
        start = None if line[1] else line.end() + 1
    if start is not None:
        yield body[start:]


def _first(fields: Fields, name: str) -> str:
    return fields[name][0] if name in fields else ""


def _transferred(body: bytes, encoding: str) -> bytes:
    match encoding.strip().lower():
        case "quoted-printable":
            return binascii.a2b_qp(body)
        case "base64":
            letters = _NOT_BASE64.sub(b"", body)
            return binascii.a2b_base64(letters[: len(letters) // 4 * 4] or b"")
        case _:
            return body


def _decoded(body: bytes, fields: Fields) -> str:
    charset = _CHARSET.search(_first(fields, "content-type"))
    if charset is None or not _KNOWN.match(charset[1]):
        return _guessed(body)
    try:
        return body.decode(charset[1], "replace")
    except (LookupError, ValueError):
        return _guessed(body)


def _guessed(raw: bytes) -> str:
    if b"\x1b$" in raw:
        return raw.decode("iso-2022-jp", "replace")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")
