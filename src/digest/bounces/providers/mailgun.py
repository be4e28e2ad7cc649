"""
Mailgun: a signature in the body, an HMAC of time and token by the account's webhook signing key.

It does not cover the event itself, so a token is good for one event alone: it is the event's number.
"""

import hashlib
import hmac
from collections.abc import Iterator, Mapping
from datetime import datetime
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
    parsed,
    text,
)
from digest.bounces.report import Reason, Report


def read(posted: Posted, key: str, *, now: datetime) -> Iterator[Event]:
    """Yield the event of a body. Raises Forbidden, or BadInput."""
    body = parsed(posted.body)
    if not isinstance(body, dict):
        raise forged("it has no signature")
    signed = inner(body, "signature")
    time, token, given = (text(signed, name) for name in ("timestamp", "token", "signature"))
    expected = hmac.new(key.encode(), f"{time}{token}".encode(), hashlib.sha256).hexdigest()
    if not token or not hmac.compare_digest(given.encode(), expected.encode()):
        raise forged("its signature is wrong")
    check_age(time, now=now)
    event = inner(body, "event-data")
    report = _report(event)
    if report is not None:
        leaves = event.get("event") == "unsubscribed" or event.get("reason") == "suppress-unsubscribe"
        yield Event(key=token, report=report, leaves=leaves, original=event)


def _report(event: Mapping[str, Any]) -> Report | None:
    address = text(event, "recipient")
    ids = message_id(text(inner(event, "message", "headers"), "message-id"))
    marks = [text(inner(event, "envelope"), "sender")]
    match event.get("event"), event.get("severity"), event.get("reason"):
        case ("unsubscribed", _, _) | ("failed", _, "suppress-unsubscribe"):
            return leaving(address, message_ids=ids, marks=marks)
        case ("complained", _, _) | ("failed", _, "suppress-complaint"):
            return complaint(address, "complaint at Mailgun", message_ids=ids, marks=marks)
        case ("failed", "temporary", _):
            return bounce(delayed(address, _words(event), code=_code(event)), message_ids=ids, marks=marks)
        case ("failed", _, _):
            return bounce(failed(address, _words(event), code=_code(event)), message_ids=ids, marks=marks)
        case ("rejected", _, _):
            why = text(inner(event, "reject"), "reason") or "rejected by Mailgun"
            return bounce(failed(address, why, open_is=Reason.POLICY), message_ids=ids, marks=marks)
        case _:
            return None


def _words(event: Mapping[str, Any]) -> str:
    status = inner(event, "delivery-status")
    return text(status, "message") or text(status, "description") or text(event, "reason")


def _code(event: Mapping[str, Any]) -> str:
    """Return the server's reply code; not one of Mailgun's own, which are above 599."""
    code = text(inner(event, "delivery-status"), "code")
    return code if len(code) == 3 and code[0] in "45" else ""
