"""Banner: an issue's mail as somebody gets it who is asked to approve it, with a link above its content."""

import html
import re
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP

#: Fields of a mail of a list, which this one is not.
_OF_LISTS = ("List-Id", "List-Unsubscribe", "List-Unsubscribe-Post", "Feedback-ID")
_BODY = re.compile(r"<body[^>]*>", re.IGNORECASE)


def with_banner(mail: bytes, *, subject: str, said: str, label: str, link: str, message_id: str) -> bytes:
    """Return a merged mail, not signed yet, with another subject, and with a sentence and a link above its content."""
    message = message_from_bytes(mail, policy=SMTP)
    assert isinstance(message, EmailMessage)
    for name in _OF_LISTS:
        del message[name]
    message.replace_header("Subject", subject)
    message.replace_header("Message-ID", message_id)
    for part in message.walk():
        if part.get_content_type() == "text/plain":
            part.set_content(
                f"{said}\n{label}: {link}\n\n{'-' * 60}\n\n{part.get_content()}", subtype="plain", cte="quoted-printable"
            )
        elif part.get_content_type() == "text/html":
            part.set_content(
                _BODY.sub(lambda body: body[0] + _box(said, label, link), part.get_content(), count=1),
                subtype="html",
                cte="quoted-printable",
            )
    return message.as_bytes()


def _box(said: str, label: str, link: str) -> str:
    style = "margin:0;padding:16px;background:#fbeed2;color:#1c1a17;font:16px/1.5 sans-serif;text-align:center"
    return (
        f'<div style="{style}">{html.escape(said)}<br>'
        f'<a href="{html.escape(link, quote=True)}" style="color:#1c4f9c;font-weight:bold">{html.escape(label)}</a></div>'
    )
