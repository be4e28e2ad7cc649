"""
Replies: what persons write to the bounce address is forwarded to the editor, once.

A mail that may be forwarded waits as its row says. One process at a time has it: it claims it for LEASE; killed between the
relay's answer and the record, the mail is repeated with the same Message-ID. What a program has written never goes on (RFC 3834 2).
"""

import zlib
from datetime import timedelta
from email.utils import format_datetime

from digest import log
from digest.bounces.mime import parse
from digest.bounces.read import read, text_of
from digest.compose import mime
from digest.errors import DigestError
from digest.model.bounce import ReturnedMail
from digest.model.ports import Envelope
from digest.model.subscriber import in_mail
from digest.services import notifications
from digest.services.context import Context
from digest.store import bounces

LEASE = timedelta(minutes=10)  #: longer than a relay takes for one mail
STALE = timedelta(days=2)  #: what could not be forwarded for so long stays where it is
REST, LONGEST_REST = timedelta(minutes=1), timedelta(hours=1)  #: after a try that failed, doubling


def forward_due(ctx: Context) -> int:
    """Forward the replies that are due; return how many. What cannot go now is tried again later, up to two days long."""
    count = 0
    while ctx.settings.replies_to and (mail := _claimed(ctx)) is not None:
        try:
            notifications.hand_over_or_raise(ctx, _forward(ctx, mail))
        except DigestError as problem:
            _retry_later(ctx, mail, problem)
            continue
        with ctx.db.begin() as tx:
            bounces.forward_later(tx, mail, at=None)
        count += 1
    return count


def _claimed(ctx: Context) -> ReturnedMail | None:
    now = ctx.clock()
    with ctx.db.read() as tx:
        if not bounces.any_to_forward(tx, now=now):
            return None
    with ctx.db.begin() as tx:
        return bounces.claim_to_forward(tx, now=now, until=now + LEASE)


def _retry_later(ctx: Context, mail: ReturnedMail, problem: DigestError) -> None:
    now = ctx.clock()
    rest = min(REST * (1 << min(mail.forward_tries - 1, 10)), LONGEST_REST)
    log.get().warning("reply.unsent", mail=mail.id, error=str(problem))
    with ctx.db.begin() as tx:
        bounces.forward_later(tx, mail, at=None if now - mail.at > STALE else now + rest)


def _forward(ctx: Context, stored: ReturnedMail) -> Envelope:
    """Make the mail to the editor: the text to read, an answer goes to its writer, the original is attached."""
    original = zlib.decompress(stored.original)
    mail = parse(original)
    name, address = ctx.sender
    message = f"<reply.{stored.digest[:32]}@{address.rpartition('@')[2]}>"
    boundary = f"=_reply_{stored.digest[:24]}"
    head = [
        mime.mailbox("From", mime.clean_name(name), address),
        mime.mailbox("To", "", ctx.settings.replies_to),
        mime.mailbox("Reply-To", "", read(original).sender),
        mime.unstructured("Subject", f"Fwd: {mail.first('subject')}"),
        mime.tokens("Message-ID", [message]),
        mime.unstructured("Date", format_datetime(stored.at)),
        mime.tokens("Auto-Submitted", ["auto-generated"]),
        mime.tokens("X-Loop", [ctx.settings.bounce_address or address]),
        mime.tokens("MIME-Version", ["1.0"]),
        mime.tokens("Content-Type", ["multipart/mixed;", f'boundary="{boundary}"']),
    ]
    parts = [
        _part("text/plain; charset=utf-8", text_of(mail).encode("utf-8", "replace")),
        _part('application/octet-stream; name="original.eml"', original),
    ]
    body = b"".join(b"\r\n--" + boundary.encode() + b"\r\n" + part for part in parts) + b"\r\n--" + boundary.encode() + b"--\r\n"
    content = b"".join(head) + body
    if ctx.signer:
        content = ctx.signer.sign(content, tuple(ctx.signer.keys), at=stored.at)
    recipient = in_mail(ctx.settings.replies_to)
    return Envelope(delivery_id=0, sender=address, recipient=recipient, message_id=message, content=content)


def _part(kind: str, content: bytes) -> bytes:
    head = f"Content-Type: {kind}\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    return head.encode("ascii") + mime.base64_body(content)
