"""
A mailbox on an IMAP server (RFC 3501): mails that were understood are deleted, others moved to the folder `digest-unclear`.

Mails are fetched without being marked as read, a batch at a time, so that a mailbox of any size fits in memory.
"""

import imaplib
import re
import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import Any, TypeVar

from digest.errors import FetchError
from digest.mailbox.folders import LARGEST
from digest.mailbox.location import Account, Token, xoauth2
from digest.mailbox.ports import Message

UNCLEAR = "digest-unclear"
BATCH = 500
TIMEOUT_S = 60.0
_PREFIX = re.compile(rb'^\(\("([^"]*)"')  #: of one's own folders, in the answer to NAMESPACE (RFC 2342)

T = TypeVar("T")


class Imap:
    """An IMAP mailbox that is open."""

    def __init__(self, account: Account, *, tls: ssl.SSLContext, token: Token | None = None) -> None:
        self._account = account
        self._imap = self._tried(lambda: _connected(account, tls))
        try:
            self._tried(lambda: log_in(self._imap, account, token))
            self._tried(lambda: self._imap.enable("UTF8=ACCEPT") if "UTF8=ACCEPT" in self._imap.capabilities else None)
            self._folder = self._unclear()
        except FetchError:
            self.close()
            raise

    def messages(self) -> Iterator[Message]:
        """See `Mailbox`."""
        done: set[bytes] = set()
        while fresh := [uid for uid in self._uids() if uid not in done]:
            for uid in fresh:
                done.add(uid)
                raw = self._fetched(uid)
                if raw is not None:
                    yield Message(uid.decode("ascii"), raw)
            self._tried(self._expunge_batch)

    def put_away(self, message: Message, *, understood: bool) -> None:
        """See `Mailbox`."""
        if not understood:
            if "MOVE" in self._imap.capabilities:
                self._command("MOVE", message.key, self._folder)
                return
            self._command("COPY", message.key, self._folder)
        self._command("STORE", message.key, "+FLAGS.SILENT", r"(\Deleted)")
        if "UIDPLUS" in self._imap.capabilities:
            self._command("EXPUNGE", message.key)

    def close(self) -> None:
        """See `Mailbox`."""
        with suppress(imaplib.IMAP4.error, OSError):
            self._expunge_batch()
            self._imap.logout()

    def _unclear(self) -> str:
        """Return the name of the folder for mails that are not understood, below the prefix of one's own folders."""
        prefix = ""
        if "NAMESPACE" in self._imap.capabilities:
            _, data = self._tried(self._imap.namespace)
            match = _PREFIX.match(data[0] or b"") if data else None
            prefix = match[1].decode("ascii", "replace") if match else ""
        name = f'"{prefix}{UNCLEAR}"'
        self._tried(lambda: self._imap.create(name))  # NO: it is there
        return name

    def _uids(self) -> Sequence[bytes]:
        status, data = self._tried(lambda: self._imap.select(quoted(self._account.folder)))
        if status != "OK":
            raise FetchError(str(self._account), f"has no folder {self._account.folder}")
        count = int(data[0] or 0)
        if not count:
            return ()
        found: Sequence[bytes | None] = self._command("SEARCH", None, f"1:{min(count, BATCH)}", "UNDELETED")
        return (found[0] or b"").split()

    def _fetched(self, uid: bytes) -> bytes | None:
        """Return a mail; None where another process has put it away."""
        data = self._command("FETCH", uid.decode("ascii"), f"(BODY.PEEK[]<0.{LARGEST}>)")
        return next((part[1] for part in data if isinstance(part, tuple)), None)

    def _expunge_batch(self) -> None:
        if "UIDPLUS" not in self._imap.capabilities:
            self._imap.expunge()

    def _command(self, name: str, *words: str | None) -> Sequence[Any]:
        status, data = self._tried(lambda: self._imap.uid(name, *words))  # type: ignore[arg-type]  # None is allowed
        if status != "OK":
            raise FetchError(str(self._account), f"refused {name}: {_text(data)}")
        return data

    def _tried(self, step: Callable[[], T]) -> T:
        try:
            return step()
        except (imaplib.IMAP4.error, OSError, ValueError) as problem:
            raise FetchError(str(self._account), f"IMAP failed: {problem}") from problem


def log_in(imap: imaplib.IMAP4, account: Account, token: Token | None) -> None:
    """Log in by the password, or by an access token where there is none. Raises IMAP4.error, TransportError."""
    if account.password or token is None:
        imap.login(account.user, account.password)
        return
    said = xoauth2(account.user, token())
    imap.authenticate("XOAUTH2", lambda challenge: b"" if challenge else said)  # a challenge is an error in JSON


def quoted(name: str) -> str:
    """Quote the name of a folder for a command."""
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _connected(account: Account, tls: ssl.SSLContext) -> imaplib.IMAP4:
    if account.scheme == "imaps":
        return imaplib.IMAP4_SSL(account.host, account.port, ssl_context=tls, timeout=TIMEOUT_S)
    imap = imaplib.IMAP4(account.host, account.port, timeout=TIMEOUT_S)
    if account.scheme == "imap+starttls":
        imap.starttls(ssl_context=tls)
    return imap


def _text(data: Sequence[object]) -> str:
    return " ".join(part.decode("utf-8", "replace") for part in data if isinstance(part, bytes))
