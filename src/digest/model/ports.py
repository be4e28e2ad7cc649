"""Ports: the external services that the packages need, as Protocols. `services/context.py` passes in the real ones."""

import re
from collections.abc import Callable, Coroutine, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from digest.errors import BadInput, FetchError

_UNSAFE = re.compile(r"[\x00-\x20<>\x7f-\x9f]")

#: The time, aware, in UTC.
Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request to fetch a source's location."""

    source_id: int
    location: str  #: an absolute path or a URL
    etag: str = ""
    last_modified: str = ""
    allow_private: bool = False  #: private addresses and any port are fine
    robots: bool = False  #: the site's robots.txt is asked first
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)  #: of this source alone; they may hold secrets


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """Result of a fetch."""

    url: str = ""  #: after redirects; empty for a file
    content_type: str = ""
    body: bytes = b""
    etag: str = ""
    last_modified: str = ""
    unchanged: bool = False  #: it is as it was (304, or the same bytes)
    body_hash: str = ""  #: of what was read; set when it is compared with the last read
    moved_to: str = ""  #: where it has moved for good (301, 308)
    fresh_for: timedelta | None = None  #: how long its server calls it fresh


class Fetcher(Protocol):
    """Fetches the content at sources' locations."""

    def fetch_all(self, wanted: Sequence[Request]) -> Iterator[tuple[Request, Fetched | FetchError]]:
        """
        Yield each request with its result or its error, in the order in which they end.

        One slow host delays no other; every fetch stays within the limits of size and time.
        """


class Stage(StrEnum):
    """Stage that a message had reached when its answer was given."""

    CONNECT = "connect"
    MAIL = "mail"
    RCPT = "rcpt"
    CONTENT = "content"  #: before its end was written
    END = "end"  #: after its end was written: without a reply, nobody knows


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """Reply of a server."""

    code: int
    enhanced: str = ""
    text: str = ""

    def __str__(self) -> str:
        """`550 5.1.1 no such user`, on one line."""
        return " ".join(f"{self.code} {self.enhanced} {self.text}".split())


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """One message to one recipient."""

    delivery_id: int
    sender: str
    recipient: str
    message_id: str
    content: bytes
    clean: bool = False  #: its lines end in CRLF alone, the last one too, and none begins with a dot: `merge` promises it

    def __post_init__(self) -> None:
        """Raises BadInput where an address would break out of its command (GHSA-v3q9-hj7j-63hq)."""
        if _UNSAFE.search(self.sender + self.recipient):
            raise BadInput(f"delivery {self.delivery_id}: an address of its envelope cannot stand in an SMTP command")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Outcome of one envelope; no reply after stage END means unsure."""

    delivery_id: int
    stage: Stage
    reply: Reply | None
    relay: str = ""  #: which relay said so
    seconds: float = 0.0  #: from the envelope's first command to this


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Limits of a transport; 0 = no limit."""

    connections: int = 0  #: at a time; 0 = as many as DIGEST_SMTP_CONNECTIONS says
    rate: int = 0  #: messages a second
    messages: int = 0  #: a connection
    daily: int = 0  #: messages in 24 hours
    weight: int = 1  #: its share, beside the other relays'
    warmup: tuple[int, ...] = ()  #: messages on each day of its warm-up, after which it has no such limit; empty: it has none


#: No limit but those of the settings.
NONE = Limits()


class Session(Protocol):
    """A connection of a transport, opened when it is needed; used by one coroutine at a time."""

    def open(self, *, unless: Callable[[], bool] | None = None) -> Coroutine[None, None, object]:
        """Connect, if that was not done; None as soon as `unless` says that it is no longer wanted. Raises TransportDown."""

    def send(self, envelope: Envelope) -> Coroutine[None, None, None]:
        """
        Send a message. Each gets one answer, here or later and in any order; several may be in flight at once.

        Raises:
            TransportDown: nothing more can be sent; envelopes without an answer were not ended.
        """

    def flush(self) -> Coroutine[None, None, None]:
        """End and answer the messages in flight: there is nothing more to send now. Raises TransportDown."""

    def close(self) -> Coroutine[None, None, None]:
        """Close the connection in order, with QUIT."""

    def abort(self) -> None:
        """Close at once, whatever is in flight."""


class Transport(Protocol):
    """A destination that accepts mail: a relay or a folder."""

    messages: int  #: that a connection takes, by its limits and by what was seen of it; 0 = any number

    @property
    def name(self) -> str:
        """Name of the transport in reports and in the ledger."""

    @property
    def limits(self) -> Limits:
        """Limits that senders keep to."""

    @property
    def repeatable(self) -> bool:
        """True if the same message handed over twice arrives once; then nothing is ever unsure."""

    def session(self, *, before_end: Callable[[int], bool], on_answer: Callable[[Answer], None]) -> Session:
        """
        Return a new session.

        `before_end(delivery_id)` is called before a content's last bytes leave; where it returns
        False the content is not ended and the answer is CONTENT without a reply. `on_answer` is called with each answer.
        """
