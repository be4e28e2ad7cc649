"""An SMTP relay as a Transport: lines of one connection each, opened anew where one was lost."""

import ssl
from collections.abc import Callable

from digest.deliver.greet import Greeted, dial
from digest.deliver.line import SmtpLine
from digest.deliver.oauth import Tokens
from digest.deliver.relay import Relay
from digest.deliver.wire import Waits
from digest.model.ports import Answer, Limits

WINDOW = 16  #: messages on their way at once, where whole ones may be written ahead


class Smtp:
    """A Transport into one relay."""

    repeatable = False

    def __init__(
        self,
        relay: Relay,
        *,
        helo: str,
        tls: ssl.SSLContext | None = None,
        waits: Waits | None = None,
        window: int = WINDOW,
        tokens: Tokens | None = None,
    ) -> None:
        self.relay = relay
        self.waits = waits or Waits()
        self.window = window
        self.one_by_one = False  #: it has shown that it cannot count its replies
        self._helo = helo
        self._tls = tls or ssl.create_default_context()
        self._tokens = tokens

    @property
    def name(self) -> str:
        """Host and port."""
        return str(self.relay)

    @property
    def limits(self) -> Limits:
        """As its URL says."""
        return self.relay.limits

    def line(self, *, before_end: Callable[[int], bool], heard: Callable[[Answer], None]) -> SmtpLine:
        """See `Transport.line`."""
        return SmtpLine(self, before_end, heard)

    def dial(self) -> Greeted:
        """A connection that takes mail; it blocks until then. Raises TransportDown."""
        return dial(self.relay, helo=self._helo, tls=self._tls, waits=self.waits, tokens=self._tokens)
