"""The commands of a message depend on what the relay offers."""

from collections.abc import Mapping

import pytest

from digest.model.ports import Envelope, Stage
from digest.smtp.commands import opening
from digest.smtp.connection import Connection
from digest.smtp.handshake import OpenRelay
from tests.support.running import run


def relay(extensions: Mapping[str, str]) -> OpenRelay:
    """A relay whose connection is not open."""

    async def made() -> OpenRelay:
        return OpenRelay(Connection(), extensions)

    return run(made())[0]


def envelope(recipient: str = "ann@example.org", size: int = 100) -> Envelope:
    return Envelope(delivery_id=1, sender="p@example.org", recipient=recipient, message_id="<1@x>", content=b"x" * size)


@pytest.mark.parametrize(
    ("extensions", "recipient", "mail"),
    [
        ({}, "ann@example.org", "MAIL FROM:<p@example.org>"),
        ({"SIZE": ""}, "ann@example.org", "MAIL FROM:<p@example.org> SIZE=100"),
        ({"SIZE": "", "SMTPUTF8": ""}, "änn@example.org", "MAIL FROM:<p@example.org> SIZE=100 BODY=8BITMIME SMTPUTF8"),
    ],
)
def test_mail_says_what_the_relay_understands(extensions: Mapping[str, str], recipient: str, mail: str) -> None:
    commands = [octets.decode() for _, octets in opening(relay(extensions), envelope(recipient))]

    assert commands == [f"{mail}\r\n", f"RCPT TO:<{recipient}>\r\n"]


@pytest.mark.parametrize(
    ("size", "refused"), [("", False), ("0", False), ("100", False), ("99", True), ("9" * 30, False), ("many", False)]
)
def test_a_message_that_is_too_large_is_refused_before_it_is_sent(size: str, refused: bool) -> None:
    refusal = relay({"SIZE": size}).refusal(envelope())

    assert (refusal is not None) == refused
    assert refusal is None or (refusal[0], str(refusal[1])[:9]) == (Stage.MAIL, "552 5.3.4")


def test_an_address_that_needs_smtputf8_is_refused_where_that_is_not_offered() -> None:
    refusal = relay({}).refusal(envelope("änn@example.org"))

    assert refusal is not None
    assert (refusal[0], refusal[1].enhanced) == (Stage.RCPT, "5.6.7")
    assert relay({"SMTPUTF8": ""}).refusal(envelope("änn@example.org")) is None
