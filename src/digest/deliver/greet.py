"""From a relay's URL to a greeted, encrypted, logged-in connection (RFC 5321, 3207, 4954)."""

import base64
import socket
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote, urlsplit

from digest.deliver.talk import at_once
from digest.deliver.wire import Lost, Waits, Wire
from digest.errors import BadInput, TransportDown, TransportRefused
from digest.model.ports import NONE, Limits, Reply

_PORTS = {"smtp": 25, "smtps": 465, "smtp+starttls": 587}
_LIKE = "`smtp+starttls://user:password@mail.example.org:587`"


@dataclass(frozen=True, slots=True, kw_only=True)
class Relay:
    """Where mail is handed over, how, and how much of it."""

    scheme: str
    host: str
    port: int
    user: str = ""
    password: str = ""
    limits: Limits = NONE

    @classmethod
    def parse(cls, url: str) -> "Relay":
        """From `smtp+starttls://user:password@host:587?rate=50&weight=2`. Raises BadInput."""
        try:
            parts = urlsplit(url)
            port = parts.port or _PORTS[parts.scheme]
        except (ValueError, KeyError) as problem:
            raise BadInput(f"is not like {_LIKE}") from problem
        if not parts.hostname:
            raise BadInput("names no host; it is like `smtp://mail.example.org:25`")
        return cls(
            scheme=parts.scheme,
            host=parts.hostname,
            port=port,
            user=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
            limits=_limits(parts.query),
        )

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


def _limits(query: str) -> Limits:
    """`rate=50&connections=4&messages=100&daily=50000&weight=2`; each may be left out."""
    given = dict(parse_qsl(query, keep_blank_values=True))
    known = Limits.__dataclass_fields__
    for name, text in given.items():
        if name not in known:
            raise BadInput(f"has the limit {name!r}, which there is not; there are {', '.join(known)}")
        if not text.isdecimal() or (name == "weight" and int(text) == 0):
            raise BadInput(f"has the limit {name}={text!r}, which is not a whole number")
    return Limits(**{name: int(text) for name, text in given.items()})


@dataclass(slots=True)
class Greeted:
    """A connection that takes mail, and what the relay can."""

    wire: Wire
    extensions: Mapping[str, str]  #: keyword in capitals → its parameters

    def can(self, keyword: str) -> bool:
        """Whether the relay offers an extension."""
        return keyword in self.extensions

    @property
    def size(self) -> int:
        """The largest message it takes, in octets (RFC 1870); 0 = it does not say."""
        text = self.extensions.get("SIZE", "")
        return int(text) if text.isdecimal() else 0


def dial(relay: Relay, *, helo: str, tls: ssl.SSLContext, waits: Waits) -> Greeted:
    """
    A connection that takes mail; it blocks until then.

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
        return _Greeting(relay, wire, helo, tls, waits).whole()
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
    """The talk before the first message."""

    relay: Relay
    wire: Wire
    helo: str
    tls: ssl.SSLContext
    waits: Waits

    def whole(self) -> Greeted:
        if self.relay.scheme == "smtps":
            self.wire.encrypt(self.tls, self.relay.host, within=self.waits.connect)
        self._taken("refuses us", at_once(self.wire.reply(within=self.waits.banner)))
        extensions = self._hello()
        if self.relay.scheme == "smtp+starttls":
            extensions = self._encrypted(extensions)
        if self.relay.user:
            self._log_in(extensions.get("AUTH", "").upper().split())
        return Greeted(self.wire, extensions)

    def _hello(self) -> Mapping[str, str]:
        self._write(f"EHLO {self.helo}")
        code, said = at_once(self.wire.lines(within=self.waits.command))
        lines = [line.decode("utf-8", "replace") for line in said]
        if code // 100 == 2:
            words = [line.replace("=", " ").split(maxsplit=1) for line in lines[1:] if line.strip()]
            return {word[0].upper(): (word[1:] or [""])[0] for word in words}
        if code // 100 == 5 and code != 521:
            self._taken("refuses us", self._say(f"HELO {self.helo}"))
            return {}  # a server from before 1995 takes plain mail
        raise self._refusal("refuses us", Reply(code=code, text=" ".join(lines)))

    def _encrypted(self, extensions: Mapping[str, str]) -> Mapping[str, str]:
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
        self.wire.encrypt(self.tls, self.relay.host, within=self.waits.connect)
        return self._hello()  # what was said in clear counts no more (RFC 3207 4.2)

    def _log_in(self, offered: Sequence[str]) -> None:
        """One try with one mechanism: going through them all is so many refusals, and those lock accounts."""
        user, password = self.relay.user.encode(), self.relay.password.encode()
        if "PLAIN" in offered:
            reply = self._say("AUTH PLAIN " + _base64(b"\0" + user + b"\0" + password))
        elif "LOGIN" in offered:
            reply = self._say("AUTH LOGIN")
            for secret in (user, password):
                if reply.code == 334:
                    reply = self._say(_base64(secret))
        else:
            raise TransportRefused(f"relay {self.relay}: it offers no AUTH PLAIN or LOGIN; use another scheme in DIGEST_SMTP_URL")
        self._taken("refuses the log-in", reply)

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


def _base64(octets: bytes) -> str:
    return base64.b64encode(octets).decode("ascii")
