"""Parse a finished mail as far as its bytes allow; never raises, whatever they are."""

import email
import email.policy
import re
from collections.abc import Sequence
from dataclasses import dataclass
from email.header import decode_header
from email.message import EmailMessage

from lxml import etree
from lxml import html as lxml_html


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A header field: its name, its raw lines, and its unfolded value."""

    name: str
    lines: Sequence[bytes]
    value: str

    @property
    def key(self) -> str:
        """Name in lower case."""
        return self.name.lower()


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """Parsed mail that the rules check."""

    raw: bytes
    head: bytes
    body: bytes
    fields: Sequence[Field]
    stray: Sequence[bytes]  #: lines of the header section that are no field
    message: EmailMessage
    plain: str
    html: str
    page: etree._Element | None

    def values(self, name: str) -> Sequence[str]:
        """Return the values of all fields of this name."""
        return [field.value for field in self.fields if field.key == name.lower()]

    def value(self, name: str) -> str:
        """Return the value of the first field of this name; empty if there is none."""
        return next(iter(self.values(name)), "")


def read(raw: bytes) -> Mail:
    """Parse a mail."""
    head, _, body = raw.partition(b"\r\n\r\n") if b"\r\n\r\n" in raw else raw.partition(b"\n\n")
    fields, stray = _fields(head)
    message = email.message_from_bytes(raw, policy=email.policy.default)
    html = _part(message, "html")
    return Mail(
        raw=raw,
        head=head,
        body=body,
        fields=fields,
        stray=stray,
        message=message,
        plain=_part(message, "plain"),
        html=html,
        page=_page(html),
    )


def decoded(value: str) -> str:
    """Decode the encoded words of a header value; invalid ones stay as they are."""
    try:
        parts = decode_header(value)
        return "".join(p if isinstance(p, str) else p.decode(charset or "ascii", "replace") for p, charset in parts)
    except (ValueError, LookupError):
        return value


def text_of(element: etree._Element) -> str:
    """Return all text below an element, unchanged."""
    return "".join(str(text) for text in element.itertext())


def _fields(head: bytes) -> tuple[list[Field], list[bytes]]:
    found: list[tuple[str, list[bytes]]] = []
    stray = []
    for line in head.split(b"\r\n") if b"\r\n" in head else head.split(b"\n"):
        if line[:1] in (b" ", b"\t") and found:
            found[-1][1].append(line)
        elif match := re.match(rb"([!-9;-~]+):", line):
            found.append((match[1].decode("ascii"), [line]))
        else:
            stray.append(line)
    return [Field(name=name, lines=lines, value=_unfolded(name, lines)) for name, lines in found], stray


def _unfolded(name: str, lines: Sequence[bytes]) -> str:
    return b"".join(lines)[len(name) + 1 :].decode("utf-8", "replace").strip()


def _part(message: EmailMessage, kind: str) -> str:
    try:
        part = message.get_body((kind,))
        content = part.get_content() if part else ""
    except (LookupError, ValueError, AttributeError, TypeError):
        return ""
    return content if isinstance(content, str) else ""


def _page(html: str) -> etree._Element | None:
    try:
        return lxml_html.document_fromstring(
            html.encode("utf-8", "replace"), parser=lxml_html.HTMLParser(encoding="utf-8", huge_tree=False)
        )
    except (etree.ParserError, ValueError):
        return None
