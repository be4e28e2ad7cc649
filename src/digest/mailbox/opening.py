"""Open a mailbox, whatever it is."""

import ssl
from collections.abc import Callable
from pathlib import Path

from digest.mailbox.folders import open_path
from digest.mailbox.location import Account, Token
from digest.mailbox.ports import Mailbox


def open_mailbox(
    where: Account | Path, *, tls: Callable[[], ssl.SSLContext], unclear: Path, token: Token | None = None
) -> Mailbox:
    """
    Open a mailbox; `unclear` is where mails that are not understood go if the mailbox has no place for them.

    Raises:
        BadInput: it is a path that is not there.
        FetchError: its server cannot be reached or does not let us in.
    """
    if isinstance(where, Path):
        return open_path(where)
    if where.scheme.startswith("imap"):
        from digest.mailbox.imap import Imap  # most places have a folder, or none

        return Imap(where, tls=tls(), token=token)
    from digest.mailbox.pop3 import Pop3

    return Pop3(where, tls=tls(), unclear=unclear, token=token)
