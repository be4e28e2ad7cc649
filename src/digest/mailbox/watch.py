"""
Wait for new mail on an IMAP server that says when there is some (IDLE, RFC 2177).

A connection of its own, which reads nothing: whoever waits here reads the mailbox by `opening`.
"""

import imaplib
import select
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import TypeVar

from digest.errors import FetchError
from digest.mailbox.imap import log_in, quoted
from digest.mailbox.location import Account, Token

IDLE_S = 28 * 60.0  #: a server may end an idle session after 30 minutes, so that IDLE is sent again before
LOOK_S = 1.0  #: between two looks at whether somebody wants the wait to end
TIMEOUT_S = 60.0
LINE = 10_000  #: octets of a line that are read

T = TypeVar("T")


class _Direct(imaplib.IMAP4):
    """A connection that holds back no octet: a select on its socket, and a look at TLS, tells whether there is a line."""

    def readline(self) -> bytes:
        """Read a line. Raises IMAP4.abort at the end of the connection."""
        line = b""
        while not line.endswith(b"\n") and len(line) < LINE:
            octet = self.sock.recv(1)
            if not octet:
                raise self.abort("the connection was closed")
            line += octet
        return line

    def read(self, size: int) -> bytes:
        """Read so many octets."""
        read = b""
        while len(read) < size and (part := self.sock.recv(size - len(read))):
            read += part
        return read

    def has_line(self, wait_s: float) -> bool:
        """Return whether something to read comes within this time."""
        sock = self.sock
        return (isinstance(sock, ssl.SSLSocket) and sock.pending() > 0) or bool(select.select([sock], [], [], wait_s)[0])


class _DirectTls(_Direct, imaplib.IMAP4_SSL):
    """The same over TLS."""


def changes(
    account: Account, *, tls: Callable[[], ssl.SSLContext], token: Token | None, until: Callable[[], bool]
) -> Iterator[None]:
    """
    Yield once the folder is watched, and whenever the server says that something happened in it, until `until` is true.

    Nothing is yielded where the server does not offer it.

    Raises:
        FetchError: the server cannot be reached, does not let us in, or has closed the connection.
    """
    imap = _tried(account, lambda: _opened(account, tls(), token))
    try:
        if "IDLE" not in imap.capabilities:
            return
        yield
        while not until():
            if _tried(account, lambda: _idle(imap, until)):
                yield
    finally:
        with suppress(imaplib.IMAP4.error, OSError):
            imap.logout()
        with suppress(OSError):
            imap.shutdown()


def _opened(account: Account, tls: ssl.SSLContext, token: Token | None) -> _Direct:
    if account.scheme == "imaps":
        imap: _Direct = _DirectTls(account.host, account.port, ssl_context=tls, timeout=TIMEOUT_S)
    else:
        imap = _Direct(account.host, account.port, timeout=TIMEOUT_S)
    try:
        if account.scheme == "imap+starttls":
            imap.starttls(ssl_context=tls)
        log_in(imap, account, token)
        _, capabilities = imap.capability()  # a server may offer more to whom it knows
        imap.capabilities = tuple((capabilities[0] or b"").decode("ascii", "replace").upper().split())
        status, _ = imap.select(quoted(account.folder), readonly=True)
        if status != "OK":
            raise FetchError(str(account), f"has no folder {account.folder}")
    except BaseException:
        imap.shutdown()
        raise
    return imap


def _idle(imap: _Direct, until: Callable[[], bool]) -> bool:
    """Send IDLE, and end it when something is said or it is time to send it again; return whether something happened."""
    tag = imap._new_tag()  # the standard library speaks IDLE from Python 3.14 on
    imap.send(tag + b" IDLE\r\n")
    said = []
    while not (line := imap.readline()).startswith(b"+"):
        if line.startswith(tag):
            raise imap.error(f"IDLE was refused: {line.decode('utf-8', 'replace').strip()}")
        said.append(line)
    end = time.monotonic() + IDLE_S
    while not said and not until() and time.monotonic() < end:
        if imap.has_line(min(LOOK_S, IDLE_S)):
            said.append(imap.readline())
            said = [line for line in said if _is_change(line)]
    imap.send(b"DONE\r\n")
    while not (line := imap.readline()).startswith(tag):
        said.append(line)
    return any(map(_is_change, said))


def _is_change(line: bytes) -> bool:
    """Return whether a line speaks of mails; servers say `* OK Still here`, too."""
    return line.upper().rstrip().endswith((b" EXISTS", b" RECENT"))


def _tried(account: Account, step: Callable[[], T]) -> T:
    try:
        return step()
    except (imaplib.IMAP4.error, OSError, ValueError) as problem:
        raise FetchError(str(account), f"IMAP failed: {problem}") from problem
