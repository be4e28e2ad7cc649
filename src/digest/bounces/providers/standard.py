"""
Any program that signs as Standard Webhooks says: an HMAC of number, time and body (standardwebhooks.com).

The body is ours: `{"type": "bounce", "data": {"recipient": …, "message_id": …, "text": …}}`; docs/reference/bounces.md has it whole.
"""

import base64
import hashlib
import hmac
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from digest.bounces.providers.posted import (
    Event,
    Posted,
    bounce,
    check_age,
    complaint,
    delayed,
    failed,
    forged,
    inner,
    leaving,
    message_id,
    objects,
    parsed,
    text,
)
from digest.bounces.report import Report

PREFIX = "whsec_"
MAX_AGE = timedelta(minutes=5)  #: each try is signed anew


def secret_bytes(secret: str) -> bytes:
    """Read a secret, `whsec_` and base64. Raises ValueError."""
    return base64.b64decode(secret.removeprefix(PREFIX), validate=True)


def read(posted: Posted, secret: str, *, now: datetime) -> Iterator[Event]:
    """Yield the events of a body: one, or a list. Raises Forbidden, or BadInput."""
    number, time = posted.header("webhook-id"), posted.header("webhook-timestamp")
    content = f"{number}.{time}.".encode() + posted.body
    expected = b"v1," + base64.b64encode(hmac.digest(secret_bytes(secret), content, hashlib.sha256))
    given = posted.header("webhook-signature").encode().split(b" ")
    if not number or not any(hmac.compare_digest(one, expected) for one in given):
        raise forged("its signature is wrong")
    check_age(time, now=now, most=MAX_AGE)
    for place, event in enumerate(objects(parsed(posted.body))):
        report = _report(text(event, "type"), inner(event, "data"))
        if report is not None:
            yield Event(key=f"{number} {place}", report=report, leaves=event.get("type") == "unsubscribe", original=event)


def _report(kind: str, data: Mapping[str, Any]) -> Report | None:
    address, why, status = text(data, "recipient"), text(data, "text"), text(data, "status")
    ids, marks = message_id(text(data, "message_id")), [text(data, "sender")]
    permanent = data.get("permanent")
    match kind:
        case "bounce":
            hard = permanent if isinstance(permanent, bool) else None
            return bounce(failed(address, why, status=status, hard=hard), message_ids=ids, marks=marks)
        case "delayed":
            return bounce(delayed(address, why, status=status), message_ids=ids, marks=marks)
        case "complaint":
            return complaint(address, why or "complaint", message_ids=ids, marks=marks)
        case "unsubscribe":
            return leaving(address, message_ids=ids, marks=marks)
        case _:
            return None
