"""Read a notification of Amazon SES: the JSON that SNS mails or posts."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from digest.bounces.reasons import line, said, status_in
from digest.bounces.report import Kind, Reason, Recipient, Report

_BROKEN_LINE = re.compile(r"!?\n ")  # as Sendmail breaks a line that is too long


def from_text(text: str) -> Report | None:
    """Read a notification that stands at the beginning of a mail's text; None if there is none."""
    text = _BROKEN_LINE.sub("", text).lstrip()
    if not text.startswith("{"):
        return None
    try:
        found, _ = json.JSONDecoder(strict=False).raw_decode(text)
    except (ValueError, RecursionError):
        return None
    return from_json(found) if isinstance(found, dict) else None


def from_json(notification: Mapping[str, Any]) -> Report | None:
    """Read a notification; None if it is none of a bounce, complaint or delivery."""
    kind = notification.get("notificationType") or notification.get("eventType")
    about = notification.get(str(kind).lower())
    if not isinstance(about, dict):
        return None
    message = notification.get("mail")
    known = message.get("messageId") if isinstance(message, dict) else None
    ids = [f"<{known}>"] if isinstance(known, str) else []
    match kind:
        case "Bounce":
            found = [_bounced(entry, about) for entry in _entries(about.get("bouncedRecipients"))]
            return Report(kind=Kind.BOUNCE, recipients=found, message_ids=ids) if found else None
        case "Complaint":
            said = line(f"complaint: {about.get('complaintFeedbackType') or 'abuse'}")
            entries = _entries(about.get("complainedRecipients"))
            found = [Recipient(address=entry["emailAddress"], reason=Reason.SPAM, sentence=said) for entry in entries]
            return Report(kind=Kind.COMPLAINT, recipients=found, message_ids=ids) if found else None
        case "Delivery":
            return Report(kind=Kind.NONE, recipients=_delivered(about), message_ids=ids)
        case _:
            return None


def _entries(value: object) -> Sequence[Mapping[str, Any]]:
    listed = value if isinstance(value, list) else []
    return [entry for entry in listed if isinstance(entry, dict) and isinstance(entry.get("emailAddress"), str)]


def _bounced(entry: Mapping[str, Any], about: Mapping[str, Any]) -> Recipient:
    kind, separator, rest = str(entry.get("diagnosticCode") or "").partition(";")
    text = (rest if separator else kind).strip()
    told = said(text, status=status_in(text) or status_in(str(entry.get("status") or "")), code=_code(text))
    why = told.reason if text or told.status else _of_kind(about)
    if about.get("bounceType") == "Transient" and why is Reason.NO_SUCH_USER:
        why = Reason.OTHER
    return Recipient(
        address=str(entry["emailAddress"]),
        status=told.status,
        reply=told.code,
        action="failed",
        reason=why,
        sentence=told.sentence or line(f"{about.get('bounceType')} {about.get('bounceSubType')}"),
    )


def _code(text: str) -> str:
    return text[:3] if text[:3].isdecimal() else ""


def _of_kind(about: Mapping[str, Any]) -> Reason:
    """Return the reason of a bounce that comes without a reply."""
    known = {
        "NoEmail": Reason.NO_SUCH_USER,
        "MailboxFull": Reason.FULL,
        "MessageTooLarge": Reason.TOO_BIG,
        "ContentRejected": Reason.POLICY,
    }
    return known.get(str(about.get("bounceSubType")), Reason.OTHER)


def _delivered(about: Mapping[str, Any]) -> Sequence[Recipient]:
    text = str(about.get("smtpResponse") or "")
    named = about.get("recipients")
    addresses = [address for address in named if isinstance(address, str)] if isinstance(named, list) else []
    return [
        Recipient(
            address=address,
            status=status_in(text),
            reply=_code(text),
            action="delivered",
            reason=Reason.DELIVERED,
            sentence=line(text),
        )
        for address in addresses
    ]
