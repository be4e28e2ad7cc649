"""A place whose mail goes to an SMTP server of the test."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from digest.smtp.relay import Relay
from digest.smtp.transport import Smtp
from tests.support.place import Place
from tests.support.servers import Mailbox, smtp_server


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with smtp_server(Mailbox()) as box:
        yield box


@pytest.fixture
def relayed(place: Place, mailbox: Mailbox) -> Place:
    """A place whose mail goes to the server, with three readers and a story."""
    relay = Relay(scheme="smtp", host="127.0.0.1", port=mailbox.port)
    settings = place.ctx.settings.model_copy(update={"smtp_connections": 2})
    place.ctx = replace(place.ctx, transports=(Smtp(relay, helo="test"),), settings=settings)
    place.readers("ann@example.org", "bob@example.org", "cy@example.org")
    place.drop("The harbour opens again")
    place.collect()
    return place
