"""What is forged or altered anywhere is refused, and what is signed is read without a crash, whatever stands in it."""

import base64
import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.bounces.providers import brevo, mailgun, postmark, sendgrid, sns, standard
from digest.bounces.providers.posted import Event, Posted
from digest.bounces.report import Verdict
from digest.errors import BadInput, Forbidden
from digest.model.delivery import Delivery
from tests.support.place import TUESDAY
from tests.support.providers import EC_KEY, SECRET, TOPIC, WHSEC, Made, certificate, event, post, public_key

READERS: Mapping[str, Callable[[Posted], list[Event]]] = {
    "brevo": lambda posted: list(brevo.read(posted, SECRET, now=TUESDAY)),
    "mailgun": lambda posted: list(mailgun.read(posted, SECRET, now=TUESDAY)),
    "postmark": lambda posted: list(postmark.read(posted, SECRET, now=TUESDAY)),
    "sendgrid": lambda posted: list(sendgrid.read(posted, public_key(EC_KEY), now=TUESDAY)),
    "standard": lambda posted: list(standard.read(posted, WHSEC, now=TUESDAY)),
    "ses": lambda posted: _ses(posted),
}
ANN = Delivery(id=7, issue_id=1, newsletter_id=1, subscriber_id=1, subscription_id=1, address="ann@example.org")
PEM = certificate()
SIGNED = {provider: post(provider, event(provider, "hard", ANN)) for provider in ("ses", "mailgun", "sendgrid", "standard")}


def _ses(posted: Posted) -> list[Event]:
    found = sns.message(posted, [TOPIC], now=TUESDAY)
    sns.check(found, PEM, now=TUESDAY)
    return list(sns.read(found))


def read(provider: str, made: Made) -> list[Event]:
    return READERS[provider](Posted(headers=made.headers, body=made.body))


@settings(max_examples=60)
@given(st.sampled_from(("ses", "sendgrid", "standard")), st.integers(0, 10_000), st.integers(1, 255))
def test_one_changed_octet_of_a_signed_body_is_noticed(provider: str, octet_at: int, flipped: int) -> None:
    made = SIGNED[provider]
    place = octet_at % len(made.body)
    changed = made.body[:place] + bytes([made.body[place] ^ flipped]) + made.body[place + 1 :]

    try:
        found = read(provider, Made(headers=made.headers, body=changed))
    except (Forbidden, BadInput):
        return
    # SNS signs values, and neither white space nor a field that is not signed.
    assert provider == "ses"
    assert [one.report for one in found] == [one.report for one in read(provider, made)]


@settings(max_examples=60)
@given(st.sampled_from(tuple(SIGNED)), st.binary(max_size=80), st.text(max_size=12))
def test_a_made_up_signature_is_refused(provider: str, guess: bytes, time: str) -> None:
    made = SIGNED[provider]
    signature = base64.b64encode(guess).decode()
    body = made.body
    if provider in ("ses", "mailgun"):
        told: dict[str, Any] = json.loads(body)
        told["signature" if provider == "mailgun" else "Signature"] = (
            {"timestamp": time, "token": "t", "signature": guess.hex()} if provider == "mailgun" else signature
        )
        body = json.dumps(told).encode()
    headers = {name: f"v1,{signature}" if "signature" in name else value for name, value in made.headers.items()}

    with pytest.raises(Forbidden):
        read(provider, Made(headers=headers, body=body))


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
FIELDS = (
    *("event", "severity", "reason", "recipient", "message", "delivery-status", "RecordType", "Type", "Email", "Metadata"),
    *("email", "sg_event_id", "status", "type", "data", "notificationType", "eventType", "mail", "bounce", "complaint"),
)


@settings(max_examples=150)
@given(st.sampled_from(tuple(READERS)), st.sampled_from(("hard", "complaint", "delayed", "unsubscribe")), st.data())
def test_a_signed_event_of_any_form_is_read_without_a_crash(provider: str, kind: str, data: st.DataObject) -> None:
    told = event(provider, kind, ANN)
    for name in data.draw(st.lists(st.sampled_from(FIELDS), max_size=3)):
        told[name] = data.draw(ANYTHING)

    for one in read(provider, post(provider, told)):
        assert one.key
        assert all(isinstance(recipient.verdict, Verdict) for recipient in one.report.recipients)


@pytest.mark.parametrize(
    ("provider", "changed", "verdict"),
    [
        ("postmark", {"Details": "unable to deliver"}, "hard"),  # its type says so
        ("postmark", {"Type": "SoftBounce"}, "soft"),  # and so against the text
        ("brevo", {"reason": ""}, "hard"),
        ("brevo", {"event": "soft_bounce"}, "soft"),
        ("sendgrid", {"reason": "unable to deliver", "bounce_classification": "Invalid Address"}, "hard"),
        ("sendgrid", {"reason": "unable to deliver", "bounce_classification": "Reputation"}, "blocked"),
        ("sendgrid", {"reason": "unable to deliver"}, "soft"),
        ("sendgrid", {"event": "dropped", "reason": "Bounced Address"}, "soft"),
        ("sendgrid", {"event": "dropped", "reason": "Spam Reporting Address"}, "complaint"),
        ("mailgun", {"reason": "suppress-complaint"}, "complaint"),
        ("mailgun", {"event": "rejected", "reject": {"reason": "Sandbox"}}, "blocked"),
        ("mailgun", {"delivery-status": {"code": 605, "message": "Not delivering to previously bounced address"}}, "soft"),
    ],
)
def test_the_class_that_a_provider_gives_counts_where_the_text_leaves_it_open(
    provider: str, changed: dict[str, Any], verdict: str
) -> None:
    [found] = read(provider, post(provider, {**event(provider, "hard", ANN), **changed}))

    assert [recipient.verdict.value for recipient in found.report.recipients] == [verdict]


@pytest.mark.parametrize("provider", ["postmark", "brevo"])
@pytest.mark.parametrize(
    "header",
    ["Bearer " + SECRET, "bearer " + SECRET, "Basic " + base64.b64encode(f"any:{SECRET}".encode()).decode()],
    ids=["bearer", "in lower case", "basic"],
)
def test_a_secret_may_come_as_a_token_or_as_a_password(provider: str, header: str) -> None:
    made = post(provider, event(provider, "hard", ANN))

    assert len(read(provider, Made(headers={"authorization": header}, body=made.body))) == 1
    for wrong in (SECRET, header[:-1], f"{header}x", "Bearer", "Basic ///", f"Digest {SECRET}"):
        with pytest.raises(Forbidden):
            read(provider, Made(headers={"authorization": wrong}, body=made.body))


@pytest.mark.parametrize(
    ("provider", "changed"),
    [
        ("sendgrid", {"smtp-id": "<other@ismtpd>", "digest": "<7.abc@ledger.example.org>"}),
        ("brevo", {"message-id": "<other@smtp-relay>", "X-Mailin-custom": "<7.abc@ledger.example.org>"}),
        ("postmark", {}),
        ("mailgun", {}),
        ("standard", {}),
        ("ses", {}),
    ],
)
@pytest.mark.parametrize("kind", ["hard", "complaint", "delayed", "unsubscribe"])
def test_an_event_names_the_message_as_we_did(provider: str, changed: dict[str, Any], kind: str) -> None:
    [found] = read(provider, post(provider, {**event(provider, kind, ANN), **changed}))

    assert "<7.abc@ledger.example.org>" in found.report.message_ids
    assert found.leaves is (kind == "unsubscribe")
