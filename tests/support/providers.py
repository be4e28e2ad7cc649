"""What mail providers post: events in their words, signed with keys that are made here."""

import base64
import hashlib
import hmac
import itertools
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID

from digest.errors import FetchError
from digest.model.delivery import Delivery
from digest.model.ports import Fetched, Request
from digest.model.tokens import verp
from tests.support.bounced import KEY
from tests.support.place import TUESDAY, Place

TOPIC = "arn:aws:sns:eu-central-1:123456789012:bounces"
SNS = "https://sns.eu-central-1.amazonaws.com"
CERTIFICATE = f"{SNS}/SimpleNotificationService-{'0' * 32}.pem"
SECRET = "a secret of the webhook"
WHSEC = "whsec_" + base64.b64encode(b"k" * 32).decode()
EC_KEY = ec.generate_private_key(ec.SECP256R1())
RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
NUMBERS = itertools.count(1)
UNKNOWN = "550 5.1.1 user unknown"


def public_key(key: ec.EllipticCurvePrivateKey = EC_KEY) -> str:
    return base64.b64encode(key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()


SETTINGS = {
    "hook_ses": TOPIC,
    "hook_mailgun": SECRET,
    "hook_postmark": SECRET,
    "hook_sendgrid": public_key(),
    "hook_brevo": SECRET,
    "hook_standard": WHSEC,
}
PROVIDERS = ("ses", "mailgun", "postmark", "sendgrid", "brevo", "standard")


def certificate(*, until: datetime = TUESDAY + timedelta(days=365), key: rsa.RSAPrivateKey = RSA_KEY) -> bytes:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.amazonaws.com")])
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(1).not_valid_before(TUESDAY - timedelta(days=1_000)).not_valid_after(until)
    return made.sign(key, SHA256()).public_bytes(Encoding.PEM)


@dataclass(eq=False)
class Sns:
    """A fetcher that knows pages of SNS alone, and what it was asked for."""

    pages: Mapping[str, bytes] = field(default_factory=lambda: {CERTIFICATE: certificate()})
    moved: Mapping[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def fetch_all(self, wanted: Sequence[Request]) -> Iterator[tuple[Request, Fetched | FetchError]]:
        for request in wanted:
            where = request.location
            self.asked.append(where)
            body = b"<ok/>" if where.startswith(f"{SNS}/?Action=ConfirmSubscription") else self.pages.get(where)
            if body is None:
                yield request, FetchError(where, "is not there")
            else:
                yield request, Fetched(url=self.moved.get(where, where), body=body)


def hooked(place: Place, fetcher: Sns | None = None, **told: str) -> Place:
    """A place that takes the events of all providers."""
    settings = place.ctx.settings.model_copy(update={"bounce_address": "bounces@paper.example", **SETTINGS, **told})
    place.ctx = replace(place.ctx, settings=settings, fetcher=fetcher or place.ctx.fetcher)
    return place


# --- events ----------------------------------------------------------------------------------

WORDS = {
    "hard": UNKNOWN,
    "soft": "552 5.2.2 mailbox full",
    "blocked": "554 5.7.1 blocked using zen.spamhaus.org",
    "delayed": "450 4.2.0 greylisted",
}
KINDS = (*WORDS, "complaint", "unsubscribe")


def message_id(delivery: Delivery) -> str:
    return f"<{delivery.id}.abc@ledger.example.org>"


def event(provider: str, kind: str, delivery: Delivery, *, address: str = "", number: str = "") -> dict[str, Any]:
    """An event about a delivery; another one each time, unless it has a number."""
    number = number or str(next(NUMBERS))
    return _EVENTS[provider](kind, address or delivery.address, message_id(delivery), number, delivery)


def _ses(kind: str, address: str, message: str, number: str, delivery: Delivery) -> dict[str, Any]:
    mail = {
        "source": verp("bounces@paper.example", delivery.id, KEY),
        "messageId": f"0100{number}",
        "destination": [address],
        "headers": [{"name": "Message-ID", "value": message}],
    }
    told = {"emailAddress": address, "diagnosticCode": f"smtp; {WORDS.get(kind)}", "status": "", "action": "failed"}
    if kind == "complaint":
        return {"eventType": "Complaint", "complaint": {"complainedRecipients": [{"emailAddress": address}]}, "mail": mail}
    if kind == "unsubscribe":
        preferences = {"newTopicPreferences": {"unsubscribeAll": True}}
        return {"eventType": "Subscription", "subscription": preferences, "mail": mail}
    if kind == "delayed":
        late = {"delayType": "TransientCommunicationFailure", "delayedRecipients": [told]}
        return {"eventType": "DeliveryDelay", "deliveryDelay": late, "mail": mail}
    bounced = {"bounceType": "Permanent" if kind == "hard" else "Transient", "bouncedRecipients": [told]}
    return {"notificationType": "Bounce", "bounce": bounced, "mail": mail}


def _mailgun(kind: str, address: str, message: str, number: str, _delivery: Delivery) -> dict[str, Any]:
    names = {"complaint": "complained", "unsubscribe": "unsubscribed"}
    return {
        "event": names.get(kind, "failed"),
        "severity": "temporary" if kind == "delayed" else "permanent",
        "recipient": address,
        "id": number,
        "message": {"headers": {"message-id": message.strip("<>")}},
        "delivery-status": {"code": int(WORDS.get(kind, "250")[:3]), "message": WORDS.get(kind, "")[4:]},
    }


def _postmark(kind: str, address: str, message: str, number: str, _delivery: Delivery) -> dict[str, Any]:
    shared = {"ID": int(number), "MessageID": f"0000-{number}", "Metadata": {"digest": message}}
    if kind == "unsubscribe":
        why = {"SuppressSending": True, "SuppressionReason": "ManualSuppression", "Origin": "Recipient"}
        return {**shared, **why, "RecordType": "SubscriptionChange", "Recipient": address, "ChangedAt": number}
    if kind == "complaint":
        return {**shared, "RecordType": "SpamComplaint", "Type": "SpamComplaint", "Email": address}
    types = {"hard": "HardBounce", "soft": "SoftBounce", "blocked": "Blocked", "delayed": "Transient"}
    return {**shared, "RecordType": "Bounce", "Type": types[kind], "Email": address, "Details": f"smtp;{WORDS[kind]}"}


def _sendgrid(kind: str, address: str, message: str, number: str, _delivery: Delivery) -> dict[str, Any]:
    names = {"complaint": "spamreport", "unsubscribe": "group_unsubscribe", "delayed": "deferred"}
    return {
        "event": names.get(kind, "bounce"),
        "type": "blocked" if kind == "blocked" else "bounce",
        "email": address,
        "sg_event_id": number,
        "smtp-id": message,
        "reason": WORDS.get(kind, ""),
        "status": "",
    }


def _brevo(kind: str, address: str, message: str, number: str, _delivery: Delivery) -> dict[str, Any]:
    names = {
        "hard": "hard_bounce",
        "soft": "soft_bounce",
        "delayed": "deferred",
        "complaint": "spam",
        "unsubscribe": "unsubscribed",
    }
    return {
        "event": names.get(kind, kind),
        "email": address,
        "id": 26224,
        "ts_event": int(number),
        "message-id": message,
        "reason": WORDS.get(kind, ""),
    }


def _standard(kind: str, address: str, message: str, _number: str, _delivery: Delivery) -> dict[str, Any]:
    data = {"recipient": address, "message_id": message, "text": WORDS.get(kind, "")}
    return {"type": "bounce" if kind in ("hard", "soft", "blocked") else kind, "data": data}


_EVENTS = {"ses": _ses, "mailgun": _mailgun, "postmark": _postmark, "sendgrid": _sendgrid, "brevo": _brevo, "standard": _standard}


# --- signatures ------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Made:
    """A request that a provider makes."""

    headers: dict[str, str]
    body: bytes

    def altered(self) -> "Made":
        """The same with another event in it."""
        return replace(self, body=self.body.replace(b"ann@", b"bob@"))


def post(provider: str, *events: dict[str, Any], now: datetime = TUESDAY, number: str = "", secret: str = "") -> Made:
    """Sign events as the provider does; those that sign one event at a time get one."""
    number = number or f"token{next(NUMBERS)}"
    time = str(int(now.timestamp()))
    if provider == "ses":
        return sns({"Type": "Notification", "MessageId": number, "Message": json.dumps(events[0])}, now=now)
    if provider == "mailgun":
        mac = hmac.new((secret or SECRET).encode(), f"{time}{number}".encode(), hashlib.sha256).hexdigest()
        body = {"signature": {"timestamp": time, "token": number, "signature": mac}, "event-data": events[0]}
        return Made(headers={}, body=json.dumps(body).encode())
    if provider == "postmark":
        user = base64.b64encode(f"digest:{secret or SECRET}".encode()).decode()
        return Made(headers={"authorization": f"Basic {user}"}, body=json.dumps(events[0]).encode())
    if provider == "brevo":
        return Made(headers={"authorization": f"Bearer {secret or SECRET}"}, body=json.dumps(events).encode())
    body = json.dumps(events).encode()
    if provider == "sendgrid":
        signature = base64.b64encode(EC_KEY.sign(time.encode() + body, ec.ECDSA(SHA256()))).decode()
        names = ("signature", "timestamp")
        values = (signature, time)
        return Made(headers={f"x-twilio-email-event-webhook-{n}": v for n, v in zip(names, values, strict=True)}, body=body)
    key = base64.b64decode((secret or WHSEC).removeprefix("whsec_"))
    mac = base64.b64encode(hmac.digest(key, f"{number}.{time}.".encode() + body, hashlib.sha256)).decode()
    return Made(headers={"webhook-id": number, "webhook-timestamp": time, "webhook-signature": f"v1a,x v1,{mac}"}, body=body)


def sns(
    fields: dict[str, str],
    *,
    now: datetime = TUESDAY,
    version: str = "1",
    key: rsa.RSAPrivateKey = RSA_KEY,
    where: str = CERTIFICATE,
) -> Made:
    """A message of SNS, signed over its fields."""
    whole = {"TopicArn": TOPIC, "Timestamp": now.astimezone(UTC).isoformat().replace("+00:00", "Z"), **fields}
    signed = "".join(f"{name}\n{whole[name]}\n" for name in sorted(whole))
    signature = key.sign(signed.encode(), PKCS1v15(), SHA1() if version == "1" else SHA256())
    more = {"SignatureVersion": version, "Signature": base64.b64encode(signature).decode(), "SigningCertURL": where}
    return Made(headers={"x-amz-sns-message-type": fields["Type"]}, body=json.dumps({**whole, **more}).encode())
