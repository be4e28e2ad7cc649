"""Postmark: no signature; the address of the webhook has a user and a password, which the header brings (basic authentication)."""

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
    inner,
    key_of,
    leaving,
    message_id,
    objects,
    parsed,
    text,
)
from digest.bounces.report import Reason, Report

_HARD = ("HardBounce", "BadEmailAddress")
_WAITING = ("Transient", "DnsError")
#: Postmark's types of a bounce → the reason, where the text leaves it open.
_TYPES = {
    "SpamNotification": Reason.POLICY,
    "VirusNotification": Reason.POLICY,
    "Blocked": Reason.BLOCKED,
    "DMARCPolicy": Reason.AUTHENTICATION,
    "SoftBounce": Reason.OTHER,
    "ManuallyDeactivated": Reason.DISABLED,
}


def read(posted: Posted, secret: str, *, now: datetime) -> Iterator[Event]:  # noqa: ARG001  # nothing is signed with a time
    """Yield the events of a body. Raises Forbidden, or BadInput."""
    check_secret(posted, secret)
    for event in objects(parsed(posted.body)):
        report = _report(event)
        if report is not None:
            record = event.get("RecordType")
            own = [event.get(name) for name in ("ID", "MessageID", "Type", "Email", "Recipient", "ChangedAt", "BouncedAt")]
            yield Event(key=key_of(record, *own), report=report, leaves=_leaves(event), original=event)


def _leaves(event: Mapping[str, Any]) -> bool:
    by_reader = event.get("SuppressionReason") == "ManualSuppression" and event.get("Origin") == "Recipient"
    return event.get("Type") == "Unsubscribe" or (event.get("SuppressSending") is True and by_reader)


def _report(event: Mapping[str, Any]) -> Report | None:
    address = text(event, "Email") or text(event, "Recipient")
    ids = message_id(text(inner(event, "Metadata"), echo.NAME))
    why = text(event, "Details") or text(event, "Description")
    kind = text(event, "Type")
    if _leaves(event):
        return leaving(address, message_ids=ids)
    if event.get("RecordType") == "SpamComplaint" or kind == "SpamComplaint":
        return complaint(address, why or "complaint at Postmark", message_ids=ids)
    if event.get("RecordType") != "Bounce":
        return None
    if kind in _WAITING:
        return bounce(delayed(address, why), message_ids=ids)
    if kind in _HARD or kind in _TYPES or kind == "Unknown":
        hard = True if kind in _HARD else False if kind == "SoftBounce" else None
        return bounce(failed(address, why, hard=hard, open_is=_TYPES.get(kind)), message_ids=ids)
    return None  # an automatic answer, or nothing about the mail
