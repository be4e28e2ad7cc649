"""The handshake with a relay: connecting, greeting, TLS and log-in (RFC 5321, 3207, 4954)."""

import re
import socket
import ssl
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from digest.errors import TransportDown, TransportRefused
from digest.model.ports import Envelope, Reply, Stage
from digest.smtp import auth
from digest.smtp.connection import Connection, ConnectionLost, Timeouts, reason
from digest.smtp.event_loop import run_in_thread
from digest.smtp.oauth import Tokens
from digest.smtp.relay import IN_CLEAR, Relay

_EXTENSION = re.compile(r"([A-Za-z0-9][A-Za-z0-9-]*)(?:[ =]+(.*))?", re.DOTALL)
ROUNDS = 8  #: challenges that a log-in is given
CHECK_URL = "check the relay's URL in the settings"
COMMAND = 510  #: octets of a command line before its CRLF (RFC 5321 4.5.3.1.4)


@dataclass(slots=True)
class OpenRelay:
    """A connection that is ready for mail, and the extensions that the relay offers."""

    connection: Connection
    extensions: Mapping[str, str]  #: keyword in capitals → its parameters
    round_trip_s: float = 0.0  #: how long its answer to EHLO took

    def offers(self, keyword: str) -> bool:
        """Return whether the relay offers an extension."""
        return keyword in self.extensions

    @property
    def size(self) -> int:
        """Largest message that the relay accepts, in octets (RFC 1870); 0 = not declared."""
        text = self.extensions.get("SIZE", "").partition(" ")[0]
        return int(text) if re.fullmatch(r"[0-9]{1,18}", text) else 0

    def refusal(self, envelope: Envelope) -> tuple[Stage, Reply] | None:
        """Return the stage and the reply of a message that the relay's extensions rule out; None: it can accept it."""
        if not envelope.recipient.isascii() and not self.offers("SMTPUTF8"):
            text = "the relay offers no SMTPUTF8, and the address needs it"
            return Stage.RCPT, Reply(code=550, enhanced="5.6.7", text=text)
        if 0 < self.size < len(envelope.content):
            text = f"the relay takes at most {self.size} octets, and the message has {len(envelope.content)}"
            return Stage.MAIL, Reply(code=552, enhanced="5.3.4", text=text)
        return None


async def dial(relay: Relay, *, helo: str, tls: ssl.SSLContext, timeouts: Timeouts, tokens: Tokens | None = None) -> OpenRelay:
    """
    Open a connection that is ready for mail.

    `tokens`: access tokens, where the relay has a user and no password.

    Raises:
        TransportRefused: name, certificate, TLS or log-in are wrong, or the relay says 5xx.
        TransportDown: it cannot be reached now, or says 4xx.
    """
    try:
        connection = await Connection.open(relay.host, relay.port, within=timeouts.connect)
    except socket.gaierror as problem:
        kind = TransportDown if problem.errno == socket.EAI_AGAIN else TransportRefused
        what = f"its name is not found ({problem.strerror}); {CHECK_URL}"
        raise kind(f"relay {relay}: {what}", code="relay_url") from problem
    except (OSError, UnicodeError) as problem:
        raise _unreachable(relay, problem) from problem
    try:
        return await _Handshake(relay, connection, helo, tls, timeouts, tokens).run()
    except BaseException as problem:
        connection.abort()
        if isinstance(problem, ssl.SSLCertVerificationError):
            what = f"its certificate is not valid ({problem.verify_message}); nothing was sent"
            raise TransportRefused(f"relay {relay}: {what}") from problem
        if isinstance(problem, ssl.SSLError):
            raise TransportRefused(f"relay {relay}: TLS 1.2 or newer cannot be agreed on ({problem.reason})") from problem
        if isinstance(problem, OSError | ConnectionLost) and not isinstance(problem, TransportDown):
            raise _unreachable(relay, problem) from problem
        raise


def _unreachable(relay: Relay, problem: Exception) -> TransportDown:
    return TransportDown(f"relay {relay} cannot be reached: {reason(problem)}; is it running?")


@dataclass(slots=True)
class _Handshake:
    """The commands before the first message."""

    relay: Relay
    connection: Connection
    helo: str
    tls: ssl.SSLContext
    timeouts: Timeouts
    tokens: Tokens | None
    encrypted: bool = False
    round_trip_s: float = 0.0

    async def run(self) -> OpenRelay:
        if self.relay.scheme == "smtps":
            await self._encrypt()
        self._check("refuses us", await self.connection.reply(within=self.timeouts.banner))
        extensions = await self._hello()
        if self.relay.scheme == "smtp+starttls" or self._hides_password(extensions):
            extensions = await self._start_tls(extensions)
        if self.relay.user:
            await self._log_in(extensions.get("AUTH", "").upper().split())
        return OpenRelay(self.connection, extensions, self.round_trip_s)

    def _hides_password(self, extensions: Mapping[str, str]) -> bool:
        """Return whether a password that would go in clear goes over TLS, which the relay offers."""
        clear = self.relay.scheme == "smtp" and not self.relay.in_clear
        return bool(self.relay.user) and clear and "STARTTLS" in extensions

    async def _hello(self) -> Mapping[str, str]:
        began = time.monotonic()
        await self._write(f"EHLO {self.helo}")
        code, texts = await self.connection.lines(within=self.timeouts.command)
        self.round_trip_s = time.monotonic() - began
        lines = [line.decode("utf-8", "replace") for line in texts]
        if code // 100 == 2:
            return _extensions(lines[1:])
        if code // 100 == 5 and code != 521:
            self._check("refuses us", await self._command(f"HELO {self.helo}"))
            return {}  # a server from before 1995 takes plain mail
        raise self._refusal("refuses us", Reply(code=code, text=" ".join(lines)))

    async def _start_tls(self, extensions: Mapping[str, str]) -> Mapping[str, str]:
        if "STARTTLS" not in extensions:
            what = "it offers no STARTTLS, and mail must not go in clear; use another scheme in its URL"
            raise TransportRefused(f"relay {self.relay}: {what}", code="relay_url")
        reply = await self._command("STARTTLS")
        if reply.code != 220:
            raise self._refusal("refuses STARTTLS", reply)
        if self.connection.unread:
            raise TransportDown(
                f"relay {self.relay}: it sent more than its reply to STARTTLS, as if somebody had put words into its mouth"
            )
        await self._encrypt()
        return await self._hello()  # the extensions that were offered in clear count no more (RFC 3207 4.2)

    async def _encrypt(self) -> None:
        await self.connection.start_tls(self.tls, self.relay.host, within=self.timeouts.connect)
        self.encrypted = True

    async def _log_in(self, offered: Sequence[str]) -> None:
        if not (self.encrypted or self.relay.in_clear or self.connection.is_local):
            raise TransportRefused(
                f"relay {self.relay}: it offers no STARTTLS, and the password must not go in clear; use `smtps://` or"
                f" `smtp+starttls://` in its URL, or let it with `?{'='.join(IN_CLEAR)}`",
                code="relay_url",
            )
        by_token = not self.relay.password
        name = auth.choose(offered, by_token=by_token, encrypted=self.encrypted)
        if name is None:
            what = f"AUTH {' '.join(offered)}, of which none can be used" if offered else "no AUTH"
            secret = "a token" if by_token else "a password"
            raise TransportRefused(f"relay {self.relay}: it offers {what} with {secret}; {CHECK_URL}", code="relay_url")
        reply = await (self._log_in_by_token(name) if by_token else self._authenticate(name, self.relay.password))
        self._check("refuses the log-in", reply)

    async def _log_in_by_token(self, name: str) -> Reply:
        """Log in by token, once more with a new one if the cached one is refused: it may have been revoked meanwhile."""
        if self.tokens is None:
            raise TransportRefused(
                f"relay {self.relay}: its URL names a user and no password; put it behind the user, as in `user:password@`, or set"
                " a command that prints tokens",
                code="no_password",
            )
        token, fresh = await run_in_thread(self.tokens.get)
        reply = await self._authenticate(name, token)
        if reply.code >= 500:
            self.tokens.forget(token)
            if not fresh:
                token, _ = await run_in_thread(self.tokens.get)
                reply = await self._authenticate(name, token)
        return reply

    async def _authenticate(self, name: str, secret: str) -> Reply:
        try:
            exchange = auth.mechanism(name, self.relay.user, secret)
            command = f"AUTH {name}"
            first = "" if exchange.first is None else auth.encoded(exchange.first)
            if first and len(command) + 1 + len(first) <= COMMAND:
                command += f" {first}"  # else the server asks for it (RFC 4954 4)
            reply = await self._command(command)
            for _ in range(ROUNDS):
                if reply.code != 334:
                    break
                reply = await self._command(auth.respond(exchange, reply.text))
            if reply.code // 100 == 2:
                exchange.finish()
            return _without(secret, reply)
        except TransportRefused as problem:
            raise TransportRefused(f"relay {self.relay}: {problem}; {CHECK_URL}", code="relay_url") from problem

    async def _command(self, command: str) -> Reply:
        await self._write(command)
        return await self.connection.reply(within=self.timeouts.command)

    async def _write(self, command: str) -> None:
        await self.connection.write(f"{command}\r\n".encode("ascii", "replace"), within=self.timeouts.command)

    def _check(self, what: str, reply: Reply) -> None:
        if reply.code // 100 != 2:
            raise self._refusal(what, reply)

    def _refusal(self, what: str, reply: Reply) -> TransportDown:
        if reply.code >= 500:
            return TransportRefused(f"relay {self.relay} {what}: {reply}; {CHECK_URL}", code="relay_url")
        return TransportDown(f"relay {self.relay} {what}: {reply}; it is tried again")


def _without(secret: str, reply: Reply) -> Reply:
    """Return the reply to a log-in, without the secrets that some servers repeat in it."""
    if 500 <= reply.code <= 504:  # "unrecognized command: AUTH PLAIN AGJvYgBz…", perhaps cut off
        return Reply(code=reply.code, enhanced=reply.enhanced, text="it does not understand the log-in")
    return replace(reply, text=reply.text.replace(secret, "…").replace(auth.encoded(secret.encode()), "…"))


def _extensions(lines: Sequence[str]) -> Mapping[str, str]:
    """
    Return the extensions in a reply to EHLO; lines that are no keyword are ignored.

    AUTH may stand in several lines, and in the form `AUTH=LOGIN` of old servers: all of them count.
    """
    found: dict[str, str] = {}
    for line in lines:
        if match := _EXTENSION.fullmatch(line.strip()):
            keyword, parameters = match[1].upper(), " ".join((match[2] or "").split())
            known = found.get(keyword, "")
            found[keyword] = f"{known} {parameters}".strip() if keyword == "AUTH" else known or parameters
    return found
