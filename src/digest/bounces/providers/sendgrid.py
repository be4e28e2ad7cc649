"""SendGrid: an ECDSA signature of time and body in the header, checked with the public key that the account shows."""

import base64
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

from digest.bounces.providers import echo
from digest.bounces.providers.posted import (
    Event,
    Posted,
    bounce,
    check_age,
    complaint,
    delayed,
    failed,
    forged,
    key_of,
    leaving,
    message_id,
    objects,
    parsed,
    text,
)
from digest.bounces.report import Reason, Report

_SIGNATURE, _TIME = "x-twilio-email-event-webhook-signature", "x-twilio-email-event-webhook-timestamp"
_LEAVES = ("unsubscribe", "group_unsubscribe")
#: SendGrid's classification of a bounce → the reason, where the text leaves it open.
_CLASSES = {
    "Mailbox Unavailable": Reason.DISABLED,
    "Content": Reason.POLICY,
    "Reputation": Reason.BLOCKED,
    "Frequency or Volume Too High": Reason.RATE,
    "Technical Failure": Reason.SYSTEM,
}
_INVALID = "Invalid Address"


def public_key(encoded: str) -> EllipticCurvePublicKey:
    """Read a public key as SendGrid shows it (base64 of DER). Raises ValueError."""
    key = load_der_public_key(base64.b64decode(encoded, validate=True))
    if not isinstance(key, EllipticCurvePublicKey):
        raise ValueError("is no key for ECDSA")
    return key


def read(posted: Posted, key: str, *, now: datetime) -> Iterator[Event]:
    """Yield the events of a body. Raises Forbidden, or BadInput."""
    time = posted.header(_TIME)
    try:
        signature = base64.b64decode(posted.header(_SIGNATURE), validate=True)
        public_key(key).verify(signature, time.encode() + posted.body, ECDSA(SHA256()))
    except (InvalidSignature, ValueError) as problem:
        raise forged("its signature is wrong") from problem
    check_age(time, now=now)
    for event in objects(parsed(posted.body)):
        report = _report(event)
        if report is not None:
            own = [event.get(name) for name in ("event", "email", "smtp-id", "sg_message_id", "timestamp")]
            leaves = event.get("event") in _LEAVES or event.get("reason") == "Unsubscribed Address"
            yield Event(key=text(event, "sg_event_id") or key_of(*own), report=report, leaves=leaves, original=event)


def _report(event: Mapping[str, Any]) -> Report | None:
    address, why = text(event, "email"), text(event, "reason") or text(event, "response")
    ids = [*message_id(text(event, echo.NAME)), *message_id(text(event, "smtp-id"))]
    status = text(event, "status")
    match event.get("event"), why:
        case ("unsubscribe" | "group_unsubscribe", _) | ("dropped", "Unsubscribed Address"):
            return leaving(address, message_ids=ids)
        case ("spamreport", _) | ("dropped", "Spam Reporting Address"):
            return complaint(address, "complaint at SendGrid", message_ids=ids)
        case ("bounce", _):
            kind = text(event, "bounce_classification")
            hard = True if kind == _INVALID else False if event.get("type") == "blocked" else None
            return bounce(failed(address, why, status=status, hard=hard, open_is=_CLASSES.get(kind)), message_ids=ids)
        case ("dropped", "Invalid"):
            return bounce(failed(address, why, status=status, hard=True), message_ids=ids)
        case ("dropped", _):
            return bounce(failed(address, why, status=status), message_ids=ids)
        case ("deferred", _):
            return bounce(delayed(address, why, status=status), message_ids=ids)
        case _:
            return None
