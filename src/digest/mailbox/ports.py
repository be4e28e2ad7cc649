"""Interface of a mailbox: it hands out its mails, and puts away those that the caller is done with."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Message:
    """A mail of a mailbox; `key` names it there."""

    key: str
    raw: bytes


class Mailbox(Protocol):
    """A mailbox that is open."""

    def messages(self) -> Iterator[Message]:
        """Yield the mails that were not put away, oldest first. Raises FetchError."""

    def put_away(self, message: Message, *, understood: bool) -> None:
        """Put a mail that was handed out away once what it says is stored: it is not yielded again. One that was not understood is kept. Raises FetchError."""

    def close(self) -> None:
        """Close the mailbox."""
