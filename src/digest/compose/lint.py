"""
What can be seen wrong in a finished mail's bytes, as named findings.

The rules are numbered and sourced in docs/standards.md. `error` breaks a standard or a
promise to readers; `warning` costs delivery or looks.
"""

import email
import email.policy
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from html.parser import HTMLParser

from digest.compose.plan import STOP_BYTES


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One broken rule."""

    rule: str
    severity: str  #: error or warning
    message: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a mail weighs and what is wrong with it."""

    size_bytes: int
    html_bytes: int
    findings: Sequence[Finding]

    @property
    def ok(self) -> bool:
        """No error."""
        return not any(finding.severity == "error" for finding in self.findings)


class _Html(HTMLParser):
    """Links, headings, pictures and elements of a document."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag == "a":
            self.links.append(dict(attrs).get("href") or "")


def check(raw: bytes) -> Verdict:
    """Read a finished mail and name every rule it breaks; never raises, whatever the bytes."""
    message = email.message_from_bytes(raw, policy=email.policy.default)
    plain, html = _part(message, "plain"), _part(message, "html")
    findings = [*_bytes(raw), *_header(message), *_parts(message, plain, html), *_html(html, plain, message)]
    return Verdict(size_bytes=len(raw), html_bytes=len(html.encode("utf-8", "replace")), findings=findings)


def _error(rule: str, message: str, source: str) -> Finding:
    return Finding(rule=rule, severity="error", message=message, source=source)


def _warning(rule: str, message: str, source: str) -> Finding:
    return Finding(rule=rule, severity="warning", message=message, source=source)


def _bytes(raw: bytes) -> Iterator[Finding]:
    if re.search(rb"(?<!\r)\n|\r(?!\n)", raw):
        yield _error("line-ends", "a line ends with a bare CR or LF", "RFC 5321 2.3.8")
    if b"\0" in raw:
        yield _error("nul", "holds a NUL octet", "RFC 5322 4")
    longest = max((len(line) for line in raw.split(b"\r\n")), default=0)
    if longest > 998:
        yield _error("line-length", f"a line has {longest} octets, at most 998 are allowed", "RFC 5322 2.1.1")
    if not raw.endswith(b"\r\n"):
        yield _error("last-line", "the last line does not end with CRLF", "RFC 5321 4.1.1.4")


def _header(message: EmailMessage) -> Iterator[Finding]:
    names = [name.lower() for name in message]
    for name in ("Date", "From", "To", "Subject", "Message-ID"):
        if names.count(name.lower()) != 1:
            yield _error("fields", f"{name} occurs {names.count(name.lower())} times, not once", "RFC 5322 3.6")
    for name in ("cc", "bcc"):
        if name in names:
            yield _error("one-reader", f"{name.title()} shows readers to each other", "GDPR art. 5(1)(f)")
    unsubscribe = str(message.get("List-Unsubscribe", ""))
    if "=?" in unsubscribe:
        yield _error("list-unsubscribe", "List-Unsubscribe holds an encoded word, which breaks one-click", "RFC 8058 3.1")
    elif not re.search(r"<https://[^<>\s]+>", unsubscribe):
        yield _warning("list-unsubscribe", "List-Unsubscribe has no https address", "RFC 8058 3.1")
    if str(message.get("List-Unsubscribe-Post", "")) != "List-Unsubscribe=One-Click":
        yield _error("list-unsubscribe-post", "List-Unsubscribe-Post is not `List-Unsubscribe=One-Click`", "RFC 8058 3.1")
    subject = str(message.get("Subject", ""))
    if len(subject) > 70:
        yield _warning("subject-length", f"the subject has {len(subject)} characters, inboxes show about 70", "EMAIL 40")


def _parts(message: EmailMessage, plain: str, html: str) -> Iterator[Finding]:
    kinds = [part.get_content_type() for part in message.iter_parts()] if message.is_multipart() else []
    if kinds != ["text/plain", "text/html"]:
        yield _error("alternative", "is not multipart/alternative of text/plain, then text/html", "RFC 2046 5.1.4")
    if not plain.strip():
        yield _error("text-part", "the text part is empty", "RFC 2046 5.1.4")
    for part in message.walk():
        if part.get_content_maintype() == "text" and (part.get_content_charset() or "") != "utf-8":
            yield _error(
                "charset", f"a part is in {part.get_content_charset()}, not utf-8: Gmail shows it clipped", "RFC 2046 4.1.2"
            )
    if re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x80-\x9f]", plain + html):
        yield _error("controls", "the text holds a control character, which clips in Gmail", "email-bugs 41")


def _html(html: str, plain: str, message: EmailMessage) -> Iterator[Finding]:
    size = len(html.encode("utf-8", "replace"))
    if size > STOP_BYTES:
        yield _error(
            "html-size", f"the HTML has {size:,} bytes; Gmail clips near 99,500 and hides the unsubscribe link", "email-bugs 41"
        )
    reader = _Html()
    reader.feed(html)
    names = [tag for tag, _ in reader.elements]
    for tag in sorted({"script", "form", "iframe", "object", "embed", "svg", "base"} & set(names)):
        yield _error("active", f"holds <{tag}>, which clients drop or distrust", "TRUST T6")
    bad = [link for link in reader.links if not re.match(r"(?:https?://|mailto:)", link)]
    if bad:
        yield _error("links", f"a link is not http(s) or mailto: {bad[0][:60]!r}", "TRUST T6")
    if names.count("h1") != 1:
        yield _error("headings", f"there are {names.count('h1')} h1, not one", "WCAG 1.3.1")
    if any(tag == "img" and "alt" not in attributes for tag, attributes in reader.elements):
        yield _error("alt", "a picture has no alt", "WCAG 1.1.1")
    found = re.search(r"<(https?://[^<>\s]+)>", str(message.get("List-Unsubscribe", "")))
    if found and found[1] not in reader.links:
        yield _error("unsubscribe-html", "the HTML part has no unsubscribe link", "15 USC 7704(a)(3)")
    if found and found[1] not in plain:
        yield _error("unsubscribe-text", "the text part has no unsubscribe link", "15 USC 7704(a)(3)")


def _part(message: EmailMessage, kind: str) -> str:
    try:
        part = message.get_body((kind,))
        content = part.get_content() if part else ""
    except (LookupError, ValueError, AttributeError, TypeError):
        return ""
    return content if isinstance(content, str) else ""
