"""Mails dropped as `.eml`: the subject is the headline, the body a dropped text."""

import email
import email.policy
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import parseaddr

from digest.collect import texts
from digest.collect.decode import UNFIT
from digest.collect.markup import one_line, to_text
from digest.errors import ParseError
from digest.model.article import Page


def parse(raw: bytes, *, where: str) -> Page:
    """
    Read a mail.

    Raises:
        ParseError: it has no text.
    """
    try:
        message = email.message_from_bytes(raw, policy=email.policy.default)
        text = _body(message)
        subject, sender = one_line(str(message["subject"] or "")), str(message["from"] or "")
        published = _date(message)
    except (
        LookupError,
        ValueError,
        AttributeError,
        TypeError,
        RecursionError,
    ) as problem:  # what the standard library raises on broken mails
        raise ParseError(where, f"is a mail that cannot be read ({problem})") from problem
    if not text.strip():
        raise ParseError(where, "is a mail without text")
    page = texts.parse(f"{subject}\n\n{text}" if subject else text, where=where)
    name, address = parseaddr(sender)
    return Page(
        title=subject or page.title,
        standfirst=page.standfirst,
        text=page.text,
        author=page.author,
        publisher=page.publisher or one_line(name) or address.rpartition("@")[2],
        published_at=published or page.published_at,
        language=page.language,
        url=page.url,
    )


def _date(message: EmailMessage) -> datetime | None:
    """When it was sent; None where it does not say, or says what no calendar has."""
    try:
        date = getattr(message["date"], "datetime", None)
        return None if date is None else (date if date.tzinfo else date.replace(tzinfo=UTC)).astimezone(UTC)
    except (OverflowError, ValueError):
        return None


def _body(message: EmailMessage) -> str:
    part = message.get_body(("plain", "html"))
    if part is None:
        return ""
    content = part.get_content()
    if not isinstance(content, str):
        return ""
    return UNFIT.sub("", to_text(content) if part.get_content_type() == "text/html" else content.replace("\r\n", "\n"))
