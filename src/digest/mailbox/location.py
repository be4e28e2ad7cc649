"""The location of a mailbox: `imaps://user:password@host/INBOX`, `pop3s://…`, `maildir:PATH`, or the path of files."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

from digest.errors import BadInput

PORTS = {"imaps": 993, "imap+starttls": 143, "imap": 143, "pop3s": 995, "pop3+starttls": 110, "pop3": 110}
LIKE = "`imaps://user:password@mail.example.org`, `pop3s://…` or `maildir:/var/mail/bounces`"
_HERE = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A mailbox on a server."""

    scheme: str
    host: str
    port: int
    user: str
    password: str = field(default="", repr=False)  #: empty: an access token logs in
    folder: str = "INBOX"

    def __str__(self) -> str:
        return f"{self.scheme}://{self.host}:{self.port}"


def parse(text: str, *, home: Path = Path()) -> Account | Path:
    """
    Parse a location; a relative path counts from `home`.

    Raises:
        BadInput: it is none; the message holds no part of it, since any part may be one of the password.
    """
    scheme, separator, rest = text.partition(":")
    if scheme == "maildir" and separator and rest:
        return home / rest
    if "://" not in text:
        return home / text
    if scheme not in PORTS:
        raise BadInput(f"is not like {LIKE}")
    return _account(text)


def _account(text: str) -> Account:
    try:
        parts = urlsplit(text)
        port = parts.port or PORTS[parts.scheme]
    except ValueError as problem:
        raise BadInput(f"is not like {LIKE}; write a sign in a password as %40 and the like") from problem
    host = (parts.hostname or "").lower()
    if not host or not parts.username or parts.query or parts.fragment:
        raise BadInput(f"is not like {LIKE}; write a sign in a password as %40 and the like")
    if parts.scheme in ("imap", "pop3") and host not in _HERE:
        raise BadInput(
            f"would send the password in clear to another machine; write `{parts.scheme}s://` or `{parts.scheme}+starttls://`"
        )
    folder = unquote(parts.path.strip("/")) or "INBOX"
    return Account(
        scheme=parts.scheme,
        host=host,
        port=port,
        user=unquote(parts.username),
        password=unquote(parts.password or ""),
        folder=folder,
    )


#: Returns an access token. Raises TransportError.
Token = Callable[[], str]


def xoauth2(user: str, token: str) -> bytes:
    """Return the response of XOAUTH2, before base64."""
    return f"user={user}\1auth=Bearer {token}\1\1".encode()
