"""
A mailbox on a POP3 server (RFC 1939): mails that were understood are deleted; others too, once a folder on disk has them.

A server deletes when the session ends in order; after a kill it has all mails still, and hands them out again.
"""

import base64
import hashlib
import os
import poplib
import ssl
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TypeVar

from digest.errors import FetchError
from digest.mailbox.location import Account, Token, xoauth2
from digest.mailbox.ports import Message

TIMEOUT_S = 60.0
poplib._MAXLINE = 1 << 20  # type: ignore[attr-defined]  # The default refuses a whole mail for one line above 2,048 octets.

T = TypeVar("T")


class Pop3:
    """A POP3 mailbox that is open; `unclear` is the folder for mails that are not understood."""

    def __init__(self, account: Account, *, tls: ssl.SSLContext, unclear: Path, token: Token | None = None) -> None:
        self._account = account
        self._unclear = unclear
        self._pop = self._tried(lambda: _connected(account, tls))
        try:
            self._tried(lambda: self._log_in(token))
        except FetchError:
            self.close()
            raise

    def messages(self) -> Iterator[Message]:
        """See `Mailbox`."""
        count, _ = self._tried(self._pop.stat)
        for number in range(1, count + 1):
            _, lines, _ = self._tried(partial(self._pop.retr, number))
            yield Message(str(number), b"\r\n".join(lines) + b"\r\n")

    def put_away(self, message: Message, *, understood: bool) -> None:
        """See `Mailbox`."""
        if not understood:
            self._keep(message.raw)
        self._tried(lambda: self._pop.dele(int(message.key)))

    def close(self) -> None:
        """End the session in order, so that the server deletes."""
        with suppress(poplib.error_proto, OSError):
            self._pop.quit()

    def _keep(self, raw: bytes) -> None:
        try:
            self._unclear.mkdir(mode=0o700, parents=True, exist_ok=True)
            name = hashlib.sha256(raw).hexdigest()[:32]  # a mail that is handed out again is kept once
            with open(self._unclear / f".{name}", "wb", opener=lambda path, flags: os.open(path, flags, 0o600)) as file:
                file.write(raw)
                file.flush()
                os.fsync(file.fileno())
            os.replace(self._unclear / f".{name}", self._unclear / f"{name}.eml")
        except OSError as problem:
            raise FetchError(str(self._unclear), f"cannot be written ({problem.strerror})") from problem

    def _log_in(self, token: Token | None) -> None:
        if self._account.password or token is None:
            self._pop.user(self._account.user)
            self._pop.pass_(self._account.password)
            return
        said = base64.b64encode(xoauth2(self._account.user, token())).decode("ascii")
        answer = self._pop._shortcmd(f"AUTH XOAUTH2 {said}")  # type: ignore[attr-defined]
        if not answer.startswith(b"+OK"):  # a challenge has the reason; an empty answer ends it with -ERR
            self._pop._shortcmd("")  # type: ignore[attr-defined]

    def _tried(self, step: Callable[[], T]) -> T:
        try:
            return step()
        except (poplib.error_proto, OSError) as problem:
            raise FetchError(str(self._account), f"POP3 failed: {_text(problem)}") from problem


def _connected(account: Account, tls: ssl.SSLContext) -> poplib.POP3:
    if account.scheme == "pop3s":
        return poplib.POP3_SSL(account.host, account.port, context=tls, timeout=TIMEOUT_S)
    pop = poplib.POP3(account.host, account.port, timeout=TIMEOUT_S)
    if account.scheme == "pop3+starttls":
        pop.stls(context=tls)
    return pop


def _text(problem: Exception) -> str:
    said = problem.args[0] if problem.args else problem
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else str(problem)
