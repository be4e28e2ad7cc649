"""Mails dropped as `.eml`: the subject is the headline, the body a dropped text."""

import email
import email.policy
from datetime import UTC
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
    message = email.message_from_bytes(raw, policy=email.policy.default)
    try:
        text = _body(message)
        subject, sender = one_line(str(message["subject"] or "")), str(message["from"] or "")
        date = getattr(message["date"], "datetime", None)
    except (LookupError, ValueError, AttributeError, TypeError) as problem:  # what the standard library raises on broken mails
        raise ParseError(where, f"is a mail that cannot be read ({problem})") from problem
    if not text.strip():
        raise ParseError(where, "is a mail without text")
    page = texts.parse(f"{subject}\n\n{text}" if subject else text, where=where)
    name, address = parseaddr(sender)
    published = date if date is None or date.tzinfo else date.replace(tzinfo=UTC)
    return Page(
        title=subject or page.title,
        standfirst=page.standfirst,
        text=page.text,
        author=page.author,
        publisher=page.publisher or one_line(name) or address.rpartition("@")[2],
        published_at=published.astimezone(UTC) if published else page.published_at,
        language=page.language,
        url=page.url,
    )


def _body(message: EmailMessage) -> str:
    part = message.get_body(("plain", "html"))
    if part is None:
        return ""
    content = part.get_content()
    if not isinstance(content, str):
        return ""
    return UNFIT.sub("", to_text(content) if part.get_content_type() == "text/html" else content.replace("\r\n", "\n"))
