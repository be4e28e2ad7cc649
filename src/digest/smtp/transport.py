"""An SMTP relay as a Transport: sessions of one connection each, opened anew where one was lost."""

import ssl
from collections.abc import Callable

from digest.model.ports import Answer, Limits
from digest.smtp.connection import Timeouts
from digest.smtp.handshake import OpenRelay, dial
from digest.smtp.oauth import Tokens
from digest.smtp.pipeline import SmtpSession
from digest.smtp.relay import Relay

#: Messages in flight, where whole ones may be written ahead: to a relay that is far away, and to one that answers at once.
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
        timeouts: Timeouts | None = None,
        window: int = WINDOW,
        near: int = NEAR,
        tokens: Tokens | None = None,
    ) -> None:
        self.relay = relay
        self.timeouts = timeouts or Timeouts()
        self.window = window
        self.near = near
        self.one_by_one = False  #: its replies did not match the commands, so it gets one command at a time
        self.messages = relay.limits.messages  #: that a connection takes, as far as is known; 0 = any number
        self._closed_after = 0  #: messages; after which it last closed a connection without a reply
        self._helo = helo
        self._tls = tls or ssl.create_default_context()
        self._tokens = tokens

    @property
    def name(self) -> str:
        """Host and port."""
        return str(self.relay)

    @property
    def limits(self) -> Limits:
        """The limits in its URL."""
        return self.relay.limits

    def learn(self, messages: int) -> None:
        """Take note that a connection takes no more than so many messages."""
        self.messages = min(self.messages or messages, messages)

    def closed(self, *, after: int) -> None:
        """Take note that it closed a connection without a reply; twice after the same number of messages is a limit."""
        if after and after == self._closed_after:
            self.learn(after)
        self._closed_after = after

    def session(self, *, before_end: Callable[[int], bool], on_answer: Callable[[Answer], None]) -> SmtpSession:
        """See `Transport.session`."""
        return SmtpSession(self, before_end, on_answer)

    async def dial(self, timeouts: Timeouts | None = None) -> OpenRelay:
        """Open a connection that is ready for mail. Raises TransportDown."""
        return await dial(self.relay, helo=self._helo, tls=self._tls, timeouts=timeouts or self.timeouts, tokens=self._tokens)
