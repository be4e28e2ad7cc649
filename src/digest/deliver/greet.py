"""From a relay's URL to a greeted, encrypted, logged-in connection (RFC 5321, 3207, 4954)."""

import re
import socket
import ssl
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from digest.deliver import auth
from digest.deliver.oauth import Tokens
from digest.deliver.relay import IN_CLEAR, Relay
from digest.deliver.talk import at_once
from digest.deliver.wire import Lost, Waits, Wire
from digest.errors import TransportDown, TransportRefused
from digest.model.ports import Envelope, Reply, Stage

_EXTENSION = re.compile(r"([A-Za-z0-9][A-Za-z0-9-]*)(?:[ =]+(.*))?", re.DOTALL)
ROUNDS = 8  #: challenges that a log-in is given
COMMAND = 510  #: octets of a command line before its CRLF (RFC 5321 4.5.3.1.4)


@dataclass(slots=True)
class Greeted:
    """A connection that takes mail, and what the relay can."""

    wire: Wire
    extensions: Mapping[str, str]  #: keyword in capitals → its parameters
    round_trip_s: float = 0.0  #: how long its answer to EHLO took

    def can(self, keyword: str) -> bool:
        """Whether the relay offers an extension."""
        return keyword in self.extensions

    @property
    def size(self) -> int:
        """The largest message it takes, in octets (RFC 1870); 0 = it does not say."""
        text = self.extensions.get("SIZE", "").partition(" ")[0]
        return int(text) if re.fullmatch(r"[0-9]{1,18}", text) else 0

    def refuses(self, envelope: Envelope) -> tuple[Stage, Reply] | None:
        """The stage and the reply that a message would get, by what the relay said of itself; none: it can take it."""
        if not envelope.recipient.isascii() and not self.can("SMTPUTF8"):
            text = "the relay offers no SMTPUTF8, and the address needs it"
            return Stage.RCPT, Reply(code=550, enhanced="5.6.7", text=text)
        if 0 < self.size < len(envelope.content):
            text = f"the relay takes at most {self.size} octets, and the message has {len(envelope.content)}"
            return Stage.MAIL, Reply(code=552, enhanced="5.3.4", text=text)
        return None


def dial(relay: Relay, *, helo: str, tls: ssl.SSLContext, waits: Waits, tokens: Tokens | None = None) -> Greeted:
    """
    A connection that takes mail; it blocks until then.

    `tokens`: what logs in where the relay has a user and no password.

    Raises:
        TransportRefused: name, certificate, TLS or log-in are wrong, or the relay says 5xx.
        TransportDown: it cannot be reached now, or says 4xx.
    """
    try:
        wire = Wire.connect(relay.host, relay.port, within=waits.connect)
    except socket.gaierror as problem:
        kind = TransportDown if problem.errno == socket.EAI_AGAIN else TransportRefused
        raise kind(f"relay {relay}: its name is not found ({problem.strerror}); check DIGEST_SMTP_URL") from problem
    except (OSError, UnicodeError) as problem:
        raise _unreachable(relay, problem) from problem
    try:
        return _Greeting(relay, wire, helo, tls, waits, tokens).whole()
    except BaseException as problem:
        wire.close()
        if isinstance(problem, ssl.SSLCertVerificationError):
            said = f"its certificate is not valid ({problem.verify_message}); nothing was sent"
            raise TransportRefused(f"relay {relay}: {said}") from problem
        if isinstance(problem, ssl.SSLError):
            raise TransportRefused(f"relay {relay}: TLS 1.2 or newer cannot be agreed on ({problem.reason})") from problem
        if isinstance(problem, OSError | Lost) and not isinstance(problem, TransportDown):
            raise _unreachable(relay, problem) from problem
        raise


def _unreachable(relay: Relay, problem: Exception) -> TransportDown:
    said = getattr(problem, "strerror", None) or str(problem) or "it did not answer in time"
    return TransportDown(f"relay {relay} cannot be reached: {said}; is it running?")


@dataclass(slots=True)
class _Greeting:
    """What is said before the first message."""

    relay: Relay
    wire: Wire
    helo: str
    tls: ssl.SSLContext
    waits: Waits
    tokens: Tokens | None
    encrypted: bool = False
    round_trip_s: float = 0.0

    def whole(self) -> Greeted:
        if self.relay.scheme == "smtps":
            self._encrypt()
        self._taken("refuses us", at_once(self.wire.reply(within=self.waits.banner)))
        extensions = self._hello()
        if self.relay.scheme == "smtp+starttls" or self._hides_password(extensions):
            extensions = self._start_tls(extensions)
        if self.relay.user:
            self._log_in(extensions.get("AUTH", "").upper().split())
        return Greeted(self.wire, extensions, self.round_trip_s)

    def _hides_password(self, extensions: Mapping[str, str]) -> bool:
        """Whether a password that would go in clear goes over TLS, which the relay offers."""
        clear = self.relay.scheme == "smtp" and not self.relay.in_clear
        return bool(self.relay.user) and clear and "STARTTLS" in extensions

    def _hello(self) -> Mapping[str, str]:
        began = time.monotonic()
        self._write(f"EHLO {self.helo}")
        code, said = at_once(self.wire.lines(within=self.waits.command))
        self.round_trip_s = time.monotonic() - began
        lines = [line.decode("utf-8", "replace") for line in said]
        if code // 100 == 2:
            return _extensions(lines[1:])
        if code // 100 == 5 and code != 521:
            self._taken("refuses us", self._say(f"HELO {self.helo}"))
            return {}  # a server from before 1995 takes plain mail
        raise self._refusal("refuses us", Reply(code=code, text=" ".join(lines)))

    def _start_tls(self, extensions: Mapping[str, str]) -> Mapping[str, str]:
        if "STARTTLS" not in extensions:
            raise TransportRefused(
                f"relay {self.relay}: it offers no STARTTLS, and mail must not go in clear; use another scheme in DIGEST_SMTP_URL"
            )
        reply = self._say("STARTTLS")
        if reply.code != 220:
            raise self._refusal("refuses STARTTLS", reply)
        if self.wire.unread:
            raise TransportDown(
                f"relay {self.relay}: it spoke on behind its STARTTLS, as if somebody had put words into its mouth"
            )
        self._encrypt()
        return self._hello()  # what was said in clear counts no more (RFC 3207 4.2)

    def _encrypt(self) -> None:
        self.wire.encrypt(self.tls, self.relay.host, within=self.waits.connect)
        self.encrypted = True

    def _log_in(self, offered: Sequence[str]) -> None:
        if not (self.encrypted or self.relay.in_clear or self.wire.is_local):
            raise TransportRefused(
                f"relay {self.relay}: it offers no STARTTLS, and the password must not go in clear; use `smtps://` or"
                f" `smtp+starttls://` in DIGEST_SMTP_URL, or let it with `?{'='.join(IN_CLEAR)}`"
            )
        by_token = not self.relay.password
        name = auth.choose(offered, by_token=by_token, encrypted=self.encrypted)
        if name is None:
            what = f"AUTH {' '.join(offered)}, of which none can be used" if offered else "no AUTH"
            raise TransportRefused(
                f"relay {self.relay}: it offers {what} with {'a token' if by_token else 'a password'}; check DIGEST_SMTP_URL"
            )
        self._taken("refuses the log-in", self._by_token(name) if by_token else self._authenticate(name, self.relay.password))

    def _by_token(self, name: str) -> Reply:
        """A token that was used before may have been withdrawn meanwhile: then once more with a new one."""
        if self.tokens is None:
            raise TransportRefused(
                f"relay {self.relay}: DIGEST_SMTP_URL names a user and no password; put it behind the user, as in"
                " `user:password@`, or set DIGEST_SMTP_TOKEN_COMMAND"
            )
        token, fresh = self.tokens.get()
        reply = self._authenticate(name, token)
        if reply.code >= 500:
            self.tokens.forget(token)
            if not fresh:
                reply = self._authenticate(name, self.tokens.get()[0])
        return reply

    def _authenticate(self, name: str, secret: str) -> Reply:
        try:
            exchange = auth.mechanism(name, self.relay.user, secret)
            command = f"AUTH {name}"
            first = "" if exchange.first is None else auth.encoded(exchange.first)
            if first and len(command) + 1 + len(first) <= COMMAND:
                command += f" {first}"  # else the server asks for it (RFC 4954 4)
            reply = self._say(command)
            for _ in range(ROUNDS):
                if reply.code != 334:
                    break
                reply = self._say(auth.respond(exchange, reply.text))
            if reply.code // 100 == 2:
                exchange.finish()
            return _without(secret, reply)
        except TransportRefused as problem:
            raise TransportRefused(f"relay {self.relay}: {problem}; check DIGEST_SMTP_URL") from problem

    def _say(self, command: str) -> Reply:
        self._write(command)
        return at_once(self.wire.reply(within=self.waits.command))

    def _write(self, command: str) -> None:
        at_once(self.wire.write(f"{command}\r\n".encode("ascii", "replace"), within=self.waits.command))

    def _taken(self, what: str, reply: Reply) -> None:
        if reply.code // 100 != 2:
            raise self._refusal(what, reply)

    def _refusal(self, what: str, reply: Reply) -> TransportDown:
        kind, remedy = (TransportRefused, "check DIGEST_SMTP_URL") if reply.code >= 500 else (TransportDown, "it is tried again")
        return kind(f"relay {self.relay} {what}: {reply}; {remedy}")


def _without(secret: str, reply: Reply) -> Reply:
    """The reply to a log-in, without what some servers repeat of it."""
    if 500 <= reply.code <= 504:  # "unrecognized command: AUTH PLAIN AGJvYgBz…", perhaps cut off
        return Reply(code=reply.code, enhanced=reply.enhanced, text="it does not understand the log-in")
    return replace(reply, text=reply.text.replace(secret, "…").replace(auth.encoded(secret.encode()), "…"))


def _extensions(lines: Sequence[str]) -> Mapping[str, str]:
    """
    What an answer to EHLO offers; lines that are no keyword are passed over.

    AUTH may stand in several lines, and in the form `AUTH=LOGIN` of old servers: all of them count.
    """
    found: dict[str, str] = {}
    for line in lines:
        if match := _EXTENSION.fullmatch(line.strip()):
            keyword, parameters = match[1].upper(), " ".join((match[2] or "").split())
            known = found.get(keyword, "")
            found[keyword] = f"{known} {parameters}".strip() if keyword == "AUTH" else known or parameters
    return found
