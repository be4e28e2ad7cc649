"""A look at a relay: connect, agree on TLS, log in, and read what it offers, without handing it a message."""

import asyncio
import ssl
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from digest.smtp.connection import ConnectionLost, Timeouts
from digest.smtp.event_loop import new_event_loop
from digest.smtp.transport import Smtp

WAITED_S = 20.0  #: at most for each answer: a person waits


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A relay that let us in."""

    extensions: Mapping[str, str]  #: keyword → parameters
    size: int  #: largest message in octets; 0 = not declared
    tls: str  #: version, such as `TLSv1.3`; empty: in clear
    certificate_ends: datetime | None
    is_local: bool  #: it is on this machine


def probe(transport: Smtp) -> Seen:
    """
    Open a connection that is ready for mail, and close it.

    Raises:
        TransportRefused: name, certificate, TLS or log-in are wrong.
        TransportDown: the relay cannot be reached now.
    """
    timeouts = replace(Timeouts(), banner=WAITED_S, command=WAITED_S)
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        return runner.run(_probe(transport, timeouts))


async def _probe(transport: Smtp, timeouts: Timeouts) -> Seen:
    relay = await transport.dial(timeouts)
    try:
        session = relay.connection.tls
        return Seen(
            extensions=relay.extensions,
            size=relay.size,
            tls=(session.version() or "") if session else "",
            certificate_ends=ends_at(session.getpeercert()) if session else None,
            is_local=relay.connection.is_local,
        )
    finally:
        with suppress(ConnectionLost):
            await relay.connection.write(b"QUIT\r\n", within=timeouts.quit)
            await relay.connection.reply(within=timeouts.quit)
        relay.connection.abort()


def ends_at(certificate: Mapping[str, object] | None) -> datetime | None:
    """Return when a certificate, as `ssl` gives it, expires."""
    text = (certificate or {}).get("notAfter")
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(text), UTC) if isinstance(text, str) else None
