"""Envelopes to hand over."""

from digest.model.ports import Envelope


def envelope(number: int, content: bytes = b"Subject: x\r\n\r\nbody\r\n") -> Envelope:
    return Envelope(
        delivery_id=number,
        sender="paper@example.org",
        recipient=f"r{number}@example.org",
        message_id=f"<{number}@example.org>",
        content=content,
    )
