"""
An SMTP relay as a Transport: TLS with verification, AUTH, one connection a line, used again
for message after message.

On `smtplib`, but not on its `data()`, which hides the final dot: content and dot are written
here, so that what fails before the dot is told from what fails after it (RFC 1047).
"""

import smtplib
import socket
import ssl
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from digest.errors import BadInput, TransportDown, TransportRefused
from digest.model.ports import Answer, Envelope, Reply, Stage

CONNECT_S = 10.0
COMMAND_S = 60.0
END_S = 600.0  #: RFC 5321 4.5.3.2.6: an answer to the dot may take ten minutes, and giving up early doubles mail
LOSSES = 3  #: this many connections lost in a row without an answer, and the relay counts as down
_PORTS = {"smtp": 25, "smtps": 465, "smtp+starttls": 587}


@dataclass(frozen=True, slots=True, kw_only=True)
class Relay:
    """Where mail is handed over, and how."""

    scheme: str
    host: str
    port: int
    user: str = ""
    password: str = ""

    @classmethod
    def parse(cls, url: str) -> "Relay":
        """From `smtp+starttls://user:password@host:587`. Raises BadInput."""
        try:
            parts = urlsplit(url)
            port = parts.port or _PORTS[parts.scheme]
        except (ValueError, KeyError) as problem:
            raise BadInput("is not like `smtp+starttls://user:password@mail.example.org:587`") from problem
        if not parts.hostname:
            raise BadInput("names no host; it is like `smtp://mail.example.org:25`")
        return cls(
            scheme=parts.scheme,
            host=parts.hostname,
            port=port,
            user=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
        )

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


class Smtp:
    """A Transport into one relay."""

    repeatable = False

    def __init__(self, relay: Relay, *, helo: str, tls: ssl.SSLContext | None = None) -> None:
        self.relay = relay
        self._helo = helo
        self._tls = tls or ssl.create_default_context()

    @contextmanager
    def connect(self) -> Iterator["SmtpLine"]:
        """A line with a connection of its own, opened at once."""
        line = SmtpLine(self)
        line.open()
        try:
            yield line
        finally:
            line.close()

    def dial(self) -> smtplib.SMTP:
        """
        A greeted, encrypted, logged-in connection.

        Raises:
            TransportRefused: name, certificate, TLS or log-in are wrong, or the relay says 5xx.
            TransportDown: it cannot be reached now, or says 4xx.
        """
        try:
            return self._dial()
        except smtplib.SMTPAuthenticationError as problem:
            raise self._answered(
                "refuses the log-in", problem.smtp_code, problem.smtp_error, refused=problem.smtp_code >= 500
            ) from problem
        except smtplib.SMTPNotSupportedError as problem:
            raise TransportRefused(f"relay {self.relay}: {problem}; use another scheme in DIGEST_SMTP_URL") from problem
        except smtplib.SMTPResponseException as problem:
            raise self._answered(
                "refuses us", problem.smtp_code, problem.smtp_error, refused=problem.smtp_code >= 500
            ) from problem
        except ssl.SSLCertVerificationError as problem:
            raise TransportRefused(
                f"relay {self.relay}: its certificate is not valid ({problem.verify_message}); nothing was sent"
            ) from problem
        except socket.gaierror as problem:
            kind = TransportDown if problem.errno == socket.EAI_AGAIN else TransportRefused
            raise kind(f"relay {self.relay}: its name is not found ({problem.strerror}); check DIGEST_SMTP_URL") from problem
        except (OSError, smtplib.SMTPException, ValueError) as problem:
            said = getattr(problem, "strerror", None) or str(problem)
            raise TransportDown(f"relay {self.relay} cannot be reached: {said}; is it running?") from problem

    def _dial(self) -> smtplib.SMTP:
        relay = self.relay
        if relay.scheme == "smtps":
            smtp: smtplib.SMTP = smtplib.SMTP_SSL(relay.host, relay.port, self._helo, timeout=CONNECT_S, context=self._tls)
        else:
            smtp = smtplib.SMTP(relay.host, relay.port, self._helo, timeout=CONNECT_S)
        try:
            smtp.ehlo_or_helo_if_needed()
            if relay.scheme == "smtp+starttls":
                if not smtp.has_extn("starttls"):
                    raise smtplib.SMTPNotSupportedError("it offers no STARTTLS, and mail must not go in clear")
                smtp.starttls(context=self._tls)
                smtp.ehlo_or_helo_if_needed()
            if relay.user:
                _log_in(smtp, relay)
            if smtp.sock is not None:
                smtp.sock.settimeout(COMMAND_S)
                # The dot is a write of its own; held back for the content's ACK it would cost 40 ms a message.
                smtp.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except BaseException:
            smtp.close()
            raise
        return smtp

    def _answered(self, what: str, code: int, text: bytes | str, *, refused: bool) -> TransportDown:
        said = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
        kind = TransportRefused if refused else TransportDown
        return kind(f"relay {self.relay} {what}: {code} {said}; " + ("check DIGEST_SMTP_URL" if refused else "it is tried again"))


class SmtpLine:
    """One connection, opened anew where it was lost."""

    def __init__(self, transport: Smtp) -> None:
        self._transport = transport
        self._smtp: smtplib.SMTP | None = None
        self._losses = 0

    def open(self) -> smtplib.SMTP:
        """The connection, dialled if there is none."""
        if self._smtp is None:
            self._smtp = self._transport.dial()
        return self._smtp

    def close(self) -> None:
        """Say goodbye; whatever becomes of that, what was answered stays answered."""
        if self._smtp is not None:
            with suppress(OSError, smtplib.SMTPException):
                if self._smtp.sock is not None:
                    self._smtp.sock.settimeout(2.0)
                self._smtp.quit()
            self._drop()

    def send(self, envelopes: Iterable[Envelope], *, before_end: Callable[[int], bool]) -> Iterator[Answer]:
        """Hand over each message; see `Line.send`."""
        for envelope in envelopes:
            smtp = self.open()
            stage, reply = self._hand_over(smtp, envelope, before_end)
            if reply is None or reply.code == 421:
                self._drop()
            self._losses = self._losses + 1 if _lost(stage, reply) else 0
            yield Answer(delivery_id=envelope.delivery_id, stage=stage, reply=reply)
            if self._losses >= LOSSES:
                said = reply or "it drops every connection"
                raise TransportDown(f"relay {self._transport.relay} takes nothing now ({said}); it is tried again later")

    def _hand_over(self, smtp: smtplib.SMTP, envelope: Envelope, before_end: Callable[[int], bool]) -> tuple[Stage, Reply | None]:
        stage = Stage.MAIL
        try:
            options = [f"SIZE={len(envelope.content)}"] if smtp.has_extn("size") else []
            if not envelope.recipient.isascii():
                if not smtp.has_extn("smtputf8"):
                    return Stage.RCPT, Reply(
                        code=550, enhanced="5.6.7", text="the relay offers no SMTPUTF8, and the address needs it"
                    )
                options.append("SMTPUTF8")
                smtp.command_encoding = "utf-8"
            refused = self._said(smtp.mail(envelope.sender, options))
            if refused.code // 100 != 2:
                return stage, self._reset(smtp, refused)
            stage = Stage.RCPT
            refused = self._said(smtp.rcpt(envelope.recipient))
            if refused.code // 100 != 2:
                return stage, self._reset(smtp, refused)
            stage = Stage.CONTENT
            refused = self._said(smtp.docmd("DATA"))
            if refused.code != 354:
                return stage, self._reset(smtp, refused) if refused.code >= 400 else None
            smtp.send(_dot_stuffed(envelope.content))
            if not before_end(envelope.delivery_id):
                self._drop()  # a content that is not ended can only be left by hanging up
                return stage, None
            stage = Stage.END
            if smtp.sock is not None:
                smtp.sock.settimeout(END_S)
            smtp.send(b".\r\n")
            reply = self._said(smtp.getreply())
            if smtp.sock is not None:
                smtp.sock.settimeout(COMMAND_S)
            return stage, reply if reply.code >= 200 else None
        except smtplib.SMTPServerDisconnected:
            return stage, None
        except (OSError, smtplib.SMTPException, UnicodeError):
            return stage, None

    def _reset(self, smtp: smtplib.SMTP, reply: Reply) -> Reply:
        """After a refusal the next message begins anew; a connection that cannot is dropped, the refusal stands."""
        if reply.code != 421:
            try:
                if smtp.rset()[0] // 100 != 2:
                    self._drop()
            except (OSError, smtplib.SMTPException):
                self._drop()
        return reply

    def _drop(self) -> None:
        if self._smtp is not None:
            self._smtp.close()
        self._smtp = None

    @staticmethod
    def _said(answer: tuple[int, bytes]) -> Reply:
        code, raw = answer
        text = " ".join(raw.decode("utf-8", "replace").split())[:500]
        first = text.partition(" ")[0]
        enhanced = first if first.count(".") == 2 and first.replace(".", "").isdigit() else ""
        return Reply(code=code, enhanced=enhanced, text=text.removeprefix(enhanced).strip())


def _lost(stage: Stage, reply: Reply | None) -> bool:
    """Whether the relay itself had enough: no reply, 421, or a 4xx to MAIL, before anything of the reader was said."""
    return reply is None or reply.code == 421 or (stage is Stage.MAIL and 400 <= reply.code < 500)


def _log_in(smtp: smtplib.SMTP, relay: Relay) -> None:
    """One try with one mechanism: `smtplib.login` goes through them all, and so many refusals lock accounts."""
    offered = smtp.esmtp_features.get("auth", "").upper().split()
    smtp.user, smtp.password = relay.user, relay.password
    if "PLAIN" in offered:
        smtp.auth("PLAIN", smtp.auth_plain)
    elif "LOGIN" in offered:
        smtp.auth("LOGIN", smtp.auth_login)
    else:
        raise smtplib.SMTPNotSupportedError("it offers no AUTH PLAIN or LOGIN")


def _dot_stuffed(content: bytes) -> bytes:
    """RFC 5321 4.5.2; content has CRLF line ends and ends with one (`compose` promises it)."""
    stuffed = content.replace(b"\r\n.", b"\r\n..")
    return b"." + stuffed if stuffed.startswith(b".") else stuffed
