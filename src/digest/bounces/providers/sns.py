"""
Amazon SES by SNS: a signature in the body, checked with a certificate that SNS publishes.

No address that a body names is fetched before it is known to be of SNS in the region of our topic; the one that confirms
a subscription is made here, of the topic that is set.
"""

import base64
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA1, SHA256

from digest.bounces import ses
from digest.bounces.providers.posted import (
    MAX_AGE,
    SKEW,
    Event,
    Posted,
    bounce,
    delayed,
    forged,
    inner,
    leaving,
    objects,
    parsed,
    text,
)
from digest.bounces.report import Report
from digest.errors import BadInput

_TOPIC = re.compile(r"arn:aws(?P<cn>-cn)?(?:-us-gov)?:sns:(?P<region>[a-z0-9-]{1,30}):.+")  #: of one that is set
_CERTIFICATE = re.compile(
    r"https://sns\.(?P<region>[a-z0-9-]{1,30})\.amazonaws\.com(?P<cn>\.cn)?/SimpleNotificationService-[0-9a-f]{16,64}\.pem",
    re.ASCII,
)
#: Fields that are signed, by the type of the message; Subject only where there is one.
_NOTIFICATION = ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type")
_CONFIRMATION = ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type")
_SIGNED = {"Notification": _NOTIFICATION, "SubscriptionConfirmation": _CONFIRMATION, "UnsubscribeConfirmation": _CONFIRMATION}
_HASHES = {"1": SHA1, "2": SHA256}


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message of SNS that may be genuine: `certificate_url` has what shows it."""

    fields: Mapping[str, str]
    certificate_url: str

    @property
    def confirmation_url(self) -> str:
        """URL that confirms the subscription which the message asks for; empty if it asks for none."""
        if self.fields["Type"] != "SubscriptionConfirmation":
            return ""
        values = {"Action": "ConfirmSubscription", "TopicArn": self.fields["TopicArn"], "Token": self.fields["Token"]}
        return f"{self.certificate_url.partition('/SimpleNotificationService')[0]}/?{urlencode(values)}"


def message(posted: Posted, topics: Sequence[str], *, now: datetime) -> Message:
    """
    Read a message, and check all of it but the signature: topic, time, and where its certificate is.

    Raises:
        Forbidden: it cannot be genuine.
        BadInput: it is no JSON, or the subscription has raw delivery, which signs nothing.
    """
    if posted.header("x-amz-sns-rawdelivery").lower() == "true":
        raise BadInput("raw message delivery is on, which signs nothing; turn it off in the subscription of the topic")
    body = parsed(posted.body)
    if not isinstance(body, dict):
        raise forged("it is no message of SNS")
    fields = {name: value for name, value in body.items() if isinstance(name, str) and isinstance(value, str)}
    kind = fields.get("Type", "")
    if kind not in _SIGNED or any(name not in fields for name in _SIGNED[kind] if name != "Subject"):
        raise forged("it is no message of SNS")
    if fields["TopicArn"] not in topics:
        raise forged("its topic is not the one that is set")
    _check_time(fields["Timestamp"], now)
    topic, where = _TOPIC.fullmatch(fields["TopicArn"]), _CERTIFICATE.fullmatch(fields.get("SigningCertURL", ""))
    if not topic or not where or topic["region"] != where["region"] or bool(topic["cn"]) != bool(where["cn"]):
        raise forged("its certificate is not at SNS in the region of the topic")
    return Message(fields=fields, certificate_url=where[0])


def check(found: Message, certificate: bytes, *, now: datetime) -> None:
    """Check the signature of a message with the certificate that its URL leads to (PEM). Raises Forbidden."""
    fields = found.fields
    signed = "".join(f"{name}\n{fields[name]}\n" for name in _SIGNED[fields["Type"]] if name in fields)
    try:
        algorithm = _HASHES[fields.get("SignatureVersion", "")]()
        signature = base64.b64decode(fields.get("Signature", ""), validate=True)
        known = x509.load_pem_x509_certificate(certificate)
        key = known.public_key()
        if not isinstance(key, RSAPublicKey) or not known.not_valid_before_utc <= now <= known.not_valid_after_utc:
            raise forged("its certificate is not valid")
        key.verify(signature, signed.encode(), PKCS1v15(), algorithm)
    except (InvalidSignature, ValueError, KeyError) as problem:
        raise forged("its signature is wrong") from problem


def read(found: Message) -> Iterator[Event]:
    """Yield the event of a notification that was checked. Raises BadInput."""
    if found.fields["Type"] != "Notification":
        return
    for event in objects(parsed(found.fields["Message"].encode())):
        report = _report(event)
        if report is not None:
            yield Event(
                key=found.fields["MessageId"], report=report, leaves=event.get("eventType") == "Subscription", original=event
            )


def _report(event: Mapping[str, Any]) -> Report | None:
    mail = inner(event, "mail")
    marks = [text(mail, "source")]  # of the envelope: the signed address of the delivery, where one is set
    # As we wrote it: what SES sends has another one.
    ids = [text(field, "value") for field in objects(mail.get("headers")) if text(field, "name").lower() == "message-id"]
    kind = event.get("notificationType") or event.get("eventType")
    if kind == "Subscription":
        address = text({"first": next(iter(mail.get("destination") or [""]), "")}, "first")
        return leaving(address, message_ids=ids, marks=marks) if _unsubscribes(event) else None
    if kind == "DeliveryDelay":
        delay = inner(event, "deliveryDelay")
        late = objects(delay.get("delayedRecipients"))
        return (
            bounce(delayed(text(late[0], "emailAddress"), _words(late[0], delay)), message_ids=ids, marks=marks) if late else None
        )
    if kind not in ("Bounce", "Complaint") or inner(event, "complaint").get("complaintFeedbackType") == "not-spam":
        return None
    report = ses.from_json(event)
    return replace(report, message_ids=ids, marks=marks) if report else None


def _words(recipient: Mapping[str, Any], delay: Mapping[str, Any]) -> str:
    return text(recipient, "diagnosticCode").removeprefix("smtp; ") or text(delay, "delayType")


def _unsubscribes(event: Mapping[str, Any]) -> bool:
    new = inner(event, "subscription", "newTopicPreferences")
    return new.get("unsubscribeAll") is True


def _check_time(written: str, now: datetime) -> None:
    try:
        age = now - datetime.fromisoformat(written)
    except (ValueError, TypeError):
        raise forged("its time cannot be read") from None
    if not -SKEW <= age <= MAX_AGE:
        raise forged(f"its time is {age // timedelta(seconds=1)} seconds ago")
