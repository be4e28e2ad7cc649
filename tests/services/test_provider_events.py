"""What providers post changes ledger and readers as a mail that came back does, once, and only if the provider posted it."""

import json
from collections.abc import Iterator
from datetime import timedelta
from itertools import product

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from digest.errors import BadInput, FetchError, Forbidden, NotFound
from digest.model.bounce import Effect, Proof
from digest.model.states import DeliveryState, SubscriptionState
from digest.services import bounces, events, personal, provider_events, subscribers, suppressions
from digest.services.views.bounces import PostedView
from tests.support.bounced import dsn, newest, process, publish, rows
from tests.support.dumps import naming
from tests.support.place import TUESDAY, Place
from tests.support.providers import CERTIFICATE, KINDS, PROVIDERS, SNS, TOPIC, Made, Sns, certificate, event, hooked, post, sns

VERDICTS = {"hard": "hard", "soft": "soft", "blocked": "blocked", "delayed": "delayed", "complaint": "complaint"}


def of(provider: str, kind: str = "") -> str:
    """The address of the reader whom a provider's events are about."""
    return f"{provider}{kind}@example.org"


@pytest.fixture
def sent(place: Place) -> Iterator[Place]:
    """A place that has sent an issue to Ann, Bob and a reader for each provider, and takes events."""
    publish(hooked(place), "ann@example.org", "bob@example.org", *map(of, PROVIDERS))
    yield hooked(place, Sns())
    provider_events._certificate.cache_clear()


def take(place: Place, provider: str, made: Made) -> PostedView:
    return provider_events.take(place.ctx, provider, headers=made.headers, body=made.body)


def taken(place: Place, provider: str, kind: str, address: str = "ann@example.org") -> PostedView:
    return take(place, provider, post(provider, event(provider, kind, rows(place)[address])))


def suppressed(place: Place) -> list[str]:
    return sorted(str(entry.address) for entry in suppressions.every(place.ctx))


def state(place: Place, address: str = "ann@example.org") -> SubscriptionState:
    return subscribers.show(place.ctx, address).subscriptions[0].state


def test_an_event_is_recorded_with_its_verdict_and_counts_as_signed(place: Place) -> None:
    publish(hooked(place), "bob@example.org", *(of(p, kind) for p in PROVIDERS for kind in VERDICTS))
    hooked(place, Sns())
    provider_events._certificate.cache_clear()

    for provider in PROVIDERS:
        for kind, verdict in VERDICTS.items():
            done = taken(place, provider, kind, of(provider, kind))
            line = newest(place)
            assert (done.events, done.taken) == (1, 1), (provider, kind)
            found = (line.verdict, line.proof, line.address, line.newsletter)
            assert found == (verdict, Proof.SIGNED, of(provider, kind), "daily"), provider

    ends = {"hard": DeliveryState.BOUNCED, "soft": DeliveryState.BOUNCED, "blocked": DeliveryState.BOUNCED}
    states = {address: row.state for address, row in rows(place).items()}
    assert states == {"bob@example.org": DeliveryState.SENT} | {
        of(p, kind): ends.get(kind, DeliveryState.SENT) for p in PROVIDERS for kind in VERDICTS
    }
    assert suppressed(place) == sorted(of(p, kind) for p in PROVIDERS for kind in ("hard", "complaint"))
    assert {state(place, of(p, "complaint")) for p in PROVIDERS} == {SubscriptionState.UNSUBSCRIBED}
    assert {state(place, of(p, "hard")) for p in PROVIDERS} == {SubscriptionState.ACTIVE}


def test_who_unsubscribes_at_the_provider_leaves_and_may_return(sent: Place) -> None:
    for provider in PROVIDERS:
        assert taken(sent, provider, "unsubscribe", of(provider)).taken == 1, provider
        assert state(sent, of(provider)) is SubscriptionState.UNSUBSCRIBED, provider

    assert (suppressed(sent), bounces.listed(sent.ctx), state(sent)) == ([], [], SubscriptionState.ACTIVE)
    assert events.since(sent.ctx, 0, limit=1_000)[-1].actor == "provider"


def test_an_event_that_is_posted_again_changes_nothing(sent: Place) -> None:
    for provider in PROVIDERS:
        made = post(provider, event(provider, "hard", rows(sent)[of(provider)]))
        take(sent, provider, made)
        bounces.undo(sent.ctx, newest(sent).id)

        again = take(sent, provider, made)

        assert (again.known, again.taken, suppressed(sent)) == (1, 0, []), provider
    assert len(bounces.listed(sent.ctx)) == len(PROVIDERS)


def test_an_event_about_no_delivery_of_ours_stores_nothing(sent: Place) -> None:
    ann = rows(sent)["ann@example.org"]
    for provider, kind in product(PROVIDERS, KINDS):
        stranger = event(provider, kind, ann.model_copy(update={"id": 999}), address="zoe@example.net")
        other = event(provider, kind, ann, address="bob@example.org")
        if provider == "ses":  # its envelope has a signed address, which blames its own reader alone
            other["mail"]["source"] = "bounces@paper.example"

        done = [take(sent, provider, post(provider, one)) for one in (stranger, other)]

        assert [(one.foreign, one.taken) for one in done] == [(1, 0), (1, 0)], (provider, kind)
    assert (suppressed(sent), bounces.listed(sent.ctx), state(sent)) == ([], [], SubscriptionState.ACTIVE)
    assert state(sent, "bob@example.org") is SubscriptionState.ACTIVE
    assert naming(sent.ctx, "zoe@") == []


def test_what_only_tells_that_a_mail_arrived_is_left_out(sent: Place) -> None:
    arrived = {
        "ses": {"notificationType": "Delivery", "delivery": {"recipients": ["ann@example.org"]}, "mail": {}},
        "mailgun": {"event": "delivered"},
        "postmark": {"RecordType": "Delivery"},
        "sendgrid": {"event": "open"},
        "brevo": {"event": "delivered"},
        "standard": {"type": "delivered"},
    }

    assert {provider: take(sent, provider, post(provider, told)).events for provider, told in arrived.items()} == dict.fromkeys(
        PROVIDERS, 0
    )


def test_what_the_provider_did_not_sign_is_refused(sent: Place) -> None:
    ann = rows(sent)["ann@example.org"]
    wrong = "d3JvbmcgYW5kIGxvbmcgZW5vdWdoIHRvIGJlIG9uZQ=="
    forged = [(p, post(p, event(p, "hard", ann)).altered()) for p in ("ses", "sendgrid", "standard")]
    forged += [(p, post(p, event(p, "hard", ann), secret=wrong)) for p in ("mailgun", "postmark", "brevo", "standard")]
    forged += [(p, Made(headers={}, body=b"{}")) for p in PROVIDERS]
    away = [timedelta(days=-2), timedelta(minutes=6)]
    signing = ("ses", "mailgun", "sendgrid", "standard")
    forged += [(p, post(p, event(p, "hard", ann), now=TUESDAY + by)) for p in signing for by in away]

    for provider, made in forged:
        with pytest.raises(Forbidden):
            take(sent, provider, made)
    assert (bounces.listed(sent.ctx), suppressed(sent)) == ([], [])


def test_a_signature_of_mailgun_is_good_for_one_event(sent: Place) -> None:
    ann = rows(sent)["ann@example.org"]
    first = post("mailgun", event("mailgun", "delayed", ann), number="t" * 50)
    take(sent, "mailgun", first)

    again = take(sent, "mailgun", post("mailgun", event("mailgun", "hard", ann), number="t" * 50))

    assert (again.known, suppressed(sent)) == (1, [])


def test_a_body_that_is_no_json_is_said_to_be_so(sent: Place) -> None:
    for provider, body in product(("postmark", "brevo"), (b"", b"{", b"\xff", b"[" * 100_000)):
        with pytest.raises(BadInput, match="no JSON"):
            take(sent, provider, Made(headers=post(provider, {}).headers, body=body))


def test_a_webhook_that_is_not_set_up_is_not_there(place: Place) -> None:
    for name in (*PROVIDERS, "nobody"):
        with pytest.raises(NotFound):
            provider_events.take(place.ctx, name, headers={}, body=b"{}")


def test_several_events_of_one_body_are_each_taken(sent: Place) -> None:
    two = [event("sendgrid", "hard", rows(sent)[address]) for address in ("ann@example.org", "bob@example.org")]

    done = take(sent, "sendgrid", post("sendgrid", *two, {"event": "bounce"}, {"event": None}))

    assert (done.events, done.taken, done.foreign) == (3, 2, 1)
    assert suppressed(sent) == ["ann@example.org", "bob@example.org"]


def test_an_event_is_shown_as_it_was_posted_and_goes_with_the_person(sent: Place) -> None:
    posted = event("mailgun", "hard", rows(sent)["ann@example.org"])
    take(sent, "mailgun", post("mailgun", posted))
    number = newest(sent).id

    assert json.loads(bounces.original(sent.ctx, number)) == posted
    personal.erase(sent.ctx, "ann@example.org")
    assert naming(sent.ctx, "ann@example.org") == []


def test_an_event_and_a_mail_about_one_delivery_count_once(sent: Place) -> None:
    taken(sent, "mailgun", "hard")
    bounces.undo(sent.ctx, newest(sent).id)

    process(sent, dsn(rows(sent)["ann@example.org"]))

    assert (newest(sent).effect, suppressed(sent)) == (Effect.REPEATED, [])


def test_a_mail_carries_what_the_providers_give_back(sent: Place) -> None:
    mail = sent.mails()[0].read_text().replace("\n ", "")
    [number] = [line.removeprefix("Message-ID: ") for line in mail.splitlines() if line.startswith("Message-ID: ")]

    assert f"X-PM-Metadata-digest: {number}\n" in mail
    assert f'X-SMTPAPI: {{"unique_args":{{"digest":"{number}"}}}}\n' in mail
    assert f"X-Mailin-custom: {number}\n" in mail


# --- Amazon SES ------------------------------------------------------------------------------


def notification(place: Place) -> dict[str, str]:
    ann = rows(place)["ann@example.org"]
    return {"Type": "Notification", "MessageId": "m1", "Message": json.dumps(event("ses", "hard", ann)), "Subject": "Amazon SES"}


def test_both_versions_of_the_signature_are_checked(sent: Place) -> None:
    assert [take(sent, "ses", sns(notification(sent), version=version)).known for version in ("1", "2")] == [0, 1]


def test_a_certificate_elsewhere_is_never_fetched(sent: Place) -> None:
    fetcher = Sns(pages={})
    hooked(sent, fetcher)
    name = f"SimpleNotificationService-{'0' * 32}.pem"
    elsewhere = [
        f"https://sns.eu-central-1.amazonaws.com.evil.example/{name}",
        f"https://evil.example/sns.eu-central-1.amazonaws.com/{name}",
        f"https://s3.amazonaws.com/bucket/{name}",
        CERTIFICATE.replace("https", "http"),
        CERTIFICATE.replace("eu-central-1", "us-east-1"),
        CERTIFICATE.replace("https://", "https://x@"),
        CERTIFICATE.replace(".com", ".com:444"),
        CERTIFICATE.replace(".com", ".com.cn"),
        f"{CERTIFICATE}?x=1",
        f"{CERTIFICATE}\n",
        f"{SNS}/other.pem",
    ]

    for where in elsewhere:
        with pytest.raises(Forbidden, match="certificate"):
            take(sent, "ses", sns(notification(sent), where=where))
    assert fetcher.asked == []


def test_another_topic_another_key_and_a_certificate_that_is_over_are_refused(sent: Place) -> None:
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    forged = [
        sns({**notification(sent), "TopicArn": TOPIC + "2"}),
        sns(notification(sent), key=other),
        sns(notification(sent), version="3"),
        sns(notification(sent)).altered(),
        Made(headers={}, body=b"[]"),
        Made(headers={}, body=b'{"Type": "Notification"}'),
    ]
    for made in forged:
        with pytest.raises(Forbidden):
            take(sent, "ses", made)
    hooked(sent, Sns(pages={CERTIFICATE: certificate(until=TUESDAY - timedelta(days=1))}))
    with pytest.raises(Forbidden, match="not valid"):
        take(sent, "ses", sns(notification(sent)))
    assert bounces.listed(sent.ctx) == []


def test_raw_delivery_is_refused_with_what_to_do(sent: Place) -> None:
    with pytest.raises(BadInput, match="turn it off"):
        take(sent, "ses", Made(headers={"x-amz-sns-rawdelivery": "true"}, body=b"{}"))


def test_a_certificate_is_fetched_once_and_not_from_where_it_is_redirected(sent: Place) -> None:
    fetcher = Sns()
    hooked(sent, fetcher)
    for _ in range(3):
        take(sent, "ses", sns(notification(sent)))
    assert fetcher.asked == [CERTIFICATE]

    hooked(sent, Sns(moved={CERTIFICATE: "https://evil.example/c.pem"}))
    with pytest.raises(FetchError, match="leads elsewhere"):
        take(sent, "ses", sns(notification(sent)))


def test_the_subscription_of_our_topic_is_confirmed_by_an_address_of_our_own_making(sent: Place) -> None:
    fetcher = Sns()
    hooked(sent, fetcher)
    fields = {
        "Type": "SubscriptionConfirmation",
        "MessageId": "m2",
        "Message": "You have chosen",
        "Token": "23&4/",
        "SubscribeURL": "https://evil.example/?Action=ConfirmSubscription",
    }

    done = take(sent, "ses", sns(fields))

    assert done.events == 0
    assert fetcher.asked[-1] == (
        f"{SNS}/?Action=ConfirmSubscription&TopicArn=arn%3Aaws%3Asns%3Aeu-central-1%3A123456789012%3Abounces&Token=23%264%2F"
    )


def test_a_complaint_that_says_it_is_no_spam_harms_nobody(sent: Place) -> None:
    told = event("ses", "complaint", rows(sent)["ann@example.org"])
    told["complaint"]["complaintFeedbackType"] = "not-spam"

    assert take(sent, "ses", post("ses", told)).events == 0
    assert suppressed(sent) == []
