"""Parse mails dropped as `.eml`: the subject is the headline, the body a dropped text; a newsletter is split into its articles."""

import email
import email.policy
from collections.abc import Sequence
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import parseaddr

from digest.collect import texts
from digest.collect.decode import UNFIT
from digest.collect.markup import one_line, to_text
from digest.collect.splitting import parts
from digest.errors import ParseError
from digest.model.article import Page


def parse(raw: bytes, *, where: str) -> Page:
    """
    Parse a mail.

    Raises:
        ParseError: it has no text.
    """
    return parse_all(raw, where=where, split=False)[0]


def parse_all(raw: bytes, *, where: str, split: bool = True) -> Sequence[Page]:
    """
    Extract the articles of a mail: those of a newsletter with several, else the mail itself.

    Raises:
        ParseError: it has no text.
    """
    try:
        message = email.message_from_bytes(raw, policy=email.policy.default)
        text = _body(message)
        told = parts(_html(message)) if split else ()
        subject, sender = one_line(str(message["subject"] or "")), str(message["from"] or "")
        published = _date(message)
    except (
        LookupError,
        ValueError,
        AttributeError,
        TypeError,
        RecursionError,
    ) as problem:  # exceptions that the standard library raises on malformed mails
        raise ParseError(where, f"is a mail that cannot be read ({problem})") from problem
    if not text.strip():
        raise ParseError(where, "is a mail without text")
    name, address = parseaddr(sender)
    publisher = one_line(name) or address.rpartition("@")[2]
    if told:
        return [Page(title=p.headline, text=p.text, url=p.url, publisher=publisher, published_at=published) for p in told]
    page = texts.parse(f"{subject}\n\n{text}" if subject else text, where=where)
    mail = Page(
        title=subject or page.title,
        standfirst=page.standfirst,
        text=page.text,
        author=page.author,
        publisher=page.publisher or publisher,
        published_at=published or page.published_at,
        language=page.language,
        url=page.url,
    )
    return [mail]


def _date(message: EmailMessage) -> datetime | None:
    """Return the date of a mail; None if it is missing or invalid."""
    try:
        date = getattr(message["date"], "datetime", None)
        return None if date is None else (date if date.tzinfo else date.replace(tzinfo=UTC)).astimezone(UTC)
    except (OverflowError, ValueError):
        return None


def _html(message: EmailMessage) -> str:
    part = message.get_body(("html",))
    content = part.get_content() if part is not None else ""
    return content if isinstance(content, str) else ""


def _body(message: EmailMessage) -> str:
    part = message.get_body(("plain", "html"))
    if part is None:
        return ""
    content = part.get_content()
    if not isinstance(content, str):
        return ""
    return UNFIT.sub("", to_text(content) if part.get_content_type() == "text/html" else content.replace("\r\n", "\n"))
