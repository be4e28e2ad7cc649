"""Two thousand mails through a real Postfix, over STARTTLS and BDAT, into a Maildir: each byte as it can be made again."""

import os
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from digest.model.states import DeliveryState
from digest.services import messages
from digest.smtp.dkim import Signer, new_key
from digest.smtp.relay import Relay
from digest.smtp.transport import Smtp
from digest.store import deliveries
from tests.support.place import Place
from tests.support.postfix import Postfix, running
from tests.support.running import run

READERS = 2_000


@pytest.fixture
def postfix() -> Iterator[Postfix]:
    with running() as found:
        yield found


async def offers(transport: Smtp, keyword: str) -> bool:
    relay = await transport.dial()
    relay.connection.abort()
    return relay.offers(keyword)


def test_two_thousand_mails_arrive_as_they_can_be_made_again(place: Place, postfix: Postfix) -> None:
    keys = [new_key(name, place.folder / f"{name}.pem", ed25519_key=name == "e1") for name in ("r1", "e1")]
    relay = Relay(scheme="smtp+starttls", host="localhost", port=postfix.port)
    transport = Smtp(relay, helo="test", tls=postfix.tls)
    place.ctx = replace(place.ctx, transports=(transport,), signer=Signer("ledger.example.org", keys))
    place.readers(*(f"r{i}@example.org" for i in range(READERS)))
    place.drop("The harbour opens again", "A bridge. And a dot at a line's beginning")
    place.collect()
    assert run(offers(transport, "CHUNKING")) == [True]

    assert place.send().counts == {DeliveryState.SENT: READERS}

    until = time.monotonic() + 180
    while not postfix.mails.is_dir() or len(os.listdir(postfix.mails)) < READERS:
        assert time.monotonic() < until, f"{len(os.listdir(postfix.mails))} of {READERS} mails have arrived"
        time.sleep(0.2)
    arrived = {}
    for file in postfix.mails.iterdir():
        raw = file.read_bytes()
        recipient = raw.partition(b"Delivered-To: ")[2].partition(b"\n")[0].decode()
        assert recipient not in arrived
        arrived[recipient] = raw
    with place.ctx.db.read() as tx:
        rows = deliveries.listed(tx, limit=READERS)
    assert len(arrived) == len(rows) == READERS
    for row in rows:
        assert arrived[row.address].endswith(b"\n" + messages.remake(place.ctx, row).replace(b"\r\n", b"\n"))
