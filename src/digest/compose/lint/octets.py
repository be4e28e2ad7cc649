"""Rules of the bytes themselves: line ends, lengths, transfer encodings, charsets."""

import base64
import binascii
import re
import unicodedata
from collections.abc import Iterator
from email.message import EmailMessage

from digest.compose.lint.reading import Mail
from digest.model.finding import Expected, Finding, error, warning

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff]")
_MOJIBAKE = re.compile('Ã[\x80-\xbf¤-¿]|â€[\x9c\x9d™œ"]|\ufffd')


def check(mail: Mail, _expected: Expected) -> Iterator[Finding]:
    """Run all rules of the bytes."""
    yield from _lines(mail)
    yield from _alternative(mail)
    for part in mail.message.walk():
        yield from _encoding(part)
        if part.get_content_maintype() == "text":
            yield from _charset(part)
    yield from _characters(mail)


def _lines(mail: Mail) -> Iterator[Finding]:
    raw = mail.raw
    if re.search(rb"(?<!\r)\n|\r(?!\n)", raw):
        yield error("line-ends", "a line ends with a bare CR or LF", "RFC 5321 2.3.8", remedy="end every line with CRLF")
    if b"\0" in raw:
        yield error("nul", "holds a NUL octet", "RFC 5322 4")
    lines = raw.split(b"\r\n")
    longest = max(map(len, lines))
    if longest > 998:
        yield error("line-length", f"a line has {longest} octets, at most 998 are allowed", "RFC 5322 2.1.1")
    if not raw.endswith(b"\r\n"):
        yield error("last-line", "the last line does not end with CRLF", "RFC 5321 4.1.1.4")
    body = mail.body.split(b"\r\n")
    if longest <= 998 and max(map(len, body)) > 78:
        yield warning(
            "body-line-length", f"a line of the body has {max(map(len, body))} octets, at most 78 are wanted", "RFC 5322 2.1.1"
        )
    if not mail.raw.isascii():
        yield warning("seven-bit", "holds octets beyond ASCII; a hop may convert them, and that breaks DKIM", "RFC 6376 5.3")
    if any(line.startswith(b"From ") for line in body):
        yield warning(
            "from-line", "a line of the body begins with `From `, which mail boxes change, and that breaks DKIM", "RFC 4155"
        )
    if b"." in body:
        yield warning("lone-dot", "a line of the body is a lone dot", "RFC 5321 4.5.2")


def _alternative(mail: Mail) -> Iterator[Finding]:
    message = mail.message
    kinds = [part.get_content_type() for part in message.iter_parts()] if message.is_multipart() else []
    if message.get_content_type() != "multipart/alternative" or kinds != ["text/plain", "text/html"]:
        yield error("alternative", "is not multipart/alternative of text/plain, then text/html", "RFC 2046 5.1.4")
    if mail.value("MIME-Version") != "1.0":
        yield error("mime-version", "MIME-Version is not 1.0", "RFC 2045 4", where="MIME-Version")
    boundary = message.get_boundary() or ""
    if message.is_multipart() and not re.fullmatch(r"[0-9A-Za-z'()+_,./:=? -]{0,69}[0-9A-Za-z'()+_,./:=?-]", boundary):
        yield error("boundary", f"the boundary {boundary[:80]!r} is not 1 to 70 of the characters allowed", "RFC 2046 5.1.1")
    elif message.is_multipart() and f"--{boundary}--".encode() not in mail.raw:
        yield error("boundary", "the multipart is not closed", "RFC 2046 5.1.1")
    elif message.is_multipart() and "=_" not in boundary:
        yield warning("boundary", "the boundary holds no `=_`, which no encoded body can contain", "RFC 2045 6.7")


def _encoding(part: EmailMessage) -> Iterator[Finding]:
    name = str(part.get("Content-Transfer-Encoding", "7bit")).strip().lower()
    where = part.get_content_type()
    if name not in ("7bit", "8bit", "binary", "quoted-printable", "base64") or (
        part.is_multipart() and name in ("quoted-printable", "base64")
    ):
        yield error("transfer-encoding", f"{where} has the transfer encoding {name}", "RFC 2045 6.4", where=where)
        return
    if any(name.lower().startswith("content-") and "=?" in str(value) for name, value in part.raw_items()):
        yield error("encoded-word", "a MIME field holds an encoded word", "RFC 2231 3", where=where)
    if part.is_multipart():
        return
    content = str(part.get_payload()).replace("\r\n", "\n")
    lines = content.split("\n")
    if name == "quoted-printable":
        if any(len(line) > 76 or line.endswith((" ", "\t")) or re.search(r"=(?![0-9A-F]{2}|$)", line) for line in lines):
            yield error(
                "quoted-printable",
                "a line is over 76 characters, ends in white space or holds a wrong `=XX`",
                "RFC 2045 6.7",
                where=where,
            )
    elif name == "base64":
        try:
            good = all(len(line) <= 76 for line in lines) and base64.b64decode("".join(lines), validate=True) is not None
        except (binascii.Error, ValueError):
            good = False
        if not good:
            yield error("base64", "a line is over 76 characters, or it is no base64", "RFC 2045 6.8", where=where)
    elif name == "7bit" and re.search(r"[^\x00-\x7f]|[\udc80-\udcff]", content):
        yield error("eight-bit", f"{where} holds 8-bit octets and does not say so", "RFC 2045 2.7", where=where)


def _charset(part: EmailMessage) -> Iterator[Finding]:
    charset, where = part.get_content_charset() or "", part.get_content_type()
    if charset != "utf-8":
        yield error(
            "charset", f"a part is in {charset or 'no charset'}, not utf-8: Gmail shows it clipped", "RFC 2046 4.1.2", where=where
        )
    else:
        payload = part.get_payload(decode=True)
        try:
            payload.decode("utf-8") if isinstance(payload, bytes) else None
        except UnicodeDecodeError:
            yield error("charset", "a part is not valid UTF-8", "RFC 3629", where=where)
    if part.get_param("format") == "flowed":
        yield warning("flowed", "a part is format=flowed, which few programs know", "RFC 3676", where=where)
    if part.get_content_disposition() == "attachment":
        yield warning("attachment", "a part is marked as an attachment", "RFC 2183 2.2", where=where)


def _characters(mail: Mail) -> Iterator[Finding]:
    for where, text in (("text part", mail.plain), ("HTML part", mail.html)):
        if found := _CONTROL.search(text):
            name = unicodedata.name(found[0], f"U+{ord(found[0]):04X}")
            yield error(
                "controls", f"the text holds a control character ({name}), which clips in Gmail", "email-bugs 41", where=where
            )
        if found := _MOJIBAKE.search(text):
            yield warning("mojibake", f"the text holds {found[0]!r}: it was decoded wrongly somewhere", "house", where=where)
        if found := re.search(r"\{\{|\{%|\*\|[A-Z_]+\|\*|%%[A-Za-z_]+%%", text):
            yield warning(
                "left-over", f"the text holds {found[0]!r}, which looks like an unfilled template", "house", where=where
            )
