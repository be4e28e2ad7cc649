"""Brevo: no signature; a token in the header, or a password in the address of the webhook."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from digest.bounces.providers import echo
from digest.bounces.providers.posted import (
    Event,
    Posted,
    bounce,
    check_secret,
    complaint,
    delayed,
    failed,
    key_of,
    leaving,
    message_id,
    objects,
    parsed,
    text,
)
from digest.bounces.report import Reason, Report

_HARD = ("hard_bounce", "invalid_email")


def read(posted: Posted, secret: str, *, now: datetime) -> Iterator[Event]:  # noqa: ARG001  # nothing is signed with a time
    """Yield the events of a body: one, or a list. Raises Forbidden, or BadInput."""
    check_secret(posted, secret)
    for event in objects(parsed(posted.body)):
        report = _report(event)
        if report is not None:
            own = [event.get(name) for name in ("event", "email", "message-id", "ts_event", "ts_epoch")]
            yield Event(key=key_of(*own), report=report, leaves=event.get("event") == "unsubscribed", original=event)


def _report(event: Mapping[str, Any]) -> Report | None:
    address, why, kind = text(event, "email"), text(event, "reason"), event.get("event")
    ids = [*message_id(text(event, echo.BREVO)), *message_id(text(event, "message-id"))]
    if kind == "unsubscribed":
        return leaving(address, message_ids=ids)
    if kind in ("spam", "complaint"):
        return complaint(address, "complaint at Brevo", message_ids=ids)
    if kind == "deferred":
        return bounce(delayed(address, why), message_ids=ids)
    if kind in _HARD or kind in ("soft_bounce", "blocked", "error"):
        hard = True if kind in _HARD else False if kind == "soft_bounce" else None
        open_is = Reason.SYSTEM if kind == "error" else None
        return bounce(failed(address, why or str(kind), hard=hard, open_is=open_is), message_ids=ids)
    return None
