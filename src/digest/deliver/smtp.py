"""An SMTP relay as a Transport: lines of one connection each, opened anew where one was lost."""

import ssl
from collections.abc import Callable

from digest.deliver.greet import Greeted, dial
from digest.deliver.line import SmtpLine
from digest.deliver.oauth import Tokens
from digest.deliver.relay import Relay
from digest.deliver.wire import Waits
from digest.model.ports import Answer, Limits

#: Messages on their way at once, where whole ones may be written ahead: to a relay that is far away, and to one that
#: answers at once.
WINDOW, NEAR = 16, 2


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
        near: int = NEAR,
        tokens: Tokens | None = None,
    ) -> None:
        self.relay = relay
        self.waits = waits or Waits()
        self.window = window
        self.near = near
        self.one_by_one = False  #: it has shown that it cannot count its replies
        self.messages = relay.limits.messages  #: that a connection takes, as far as is known; 0 = any number
        self._closed_after = 0  #: messages; when it last closed a connection without a word
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

    def learn(self, messages: int) -> None:
        """It has shown that a connection takes no more than so many messages."""
        self.messages = min(self.messages or messages, messages)

    def closed(self, *, after: int) -> None:
        """It has closed a connection without a word; twice behind the same number of messages, it counts them."""
        if after and after == self._closed_after:
            self.learn(after)
        self._closed_after = after

    def line(self, *, before_end: Callable[[int], bool], heard: Callable[[Answer], None]) -> SmtpLine:
        """See `Transport.line`."""
        return SmtpLine(self, before_end, heard)

    def dial(self) -> Greeted:
        """A connection that takes mail; it blocks until then. Raises TransportDown."""
        return dial(self.relay, helo=self._helo, tls=self._tls, waits=self.waits, tokens=self._tokens)
