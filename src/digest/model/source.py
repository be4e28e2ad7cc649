"""Source: where articles come from."""

from datetime import datetime, timedelta

from sqlmodel import Field, SQLModel

from digest.model.columns import enum_type
from digest.model.states import SourceKind


class Source(SQLModel, table=True):
    """A feed, a page or a folder; its last error stays on it until it is read again."""

    __tablename__ = "source"

    id: int = Field(default=None, primary_key=True)  #: given when it is stored
    kind: SourceKind = Field(sa_type=enum_type(SourceKind))
    location: str = Field(unique=True)  #: URL, or path; inside the place it counts from there, so that the place can be moved
    name: str
    topic: str = ""  #: its articles' topic; empty = none
    weight: float = 1.0  #: how much its stories count when they are ranked
    paused: bool = False
    removed_at: datetime | None = None  #: it is no source any more; its articles stay, so that nothing is printed again
    allow_private: bool = False  #: it may have a private address, on any port
    etag: str = ""
    last_modified: str = ""
    failures: int = 0  #: checks in a row that went wrong
    added_at: datetime
    checked_at: datetime | None = None
    due_at: datetime | None = None  #: when it is read next, by its own rhythm; None = now
    not_before: datetime | None = None  #: its server asked not to be asked again before
    rhythm_s: int = 1800  #: seconds between two reads
    succeeded_at: datetime | None = None
    error: str = ""  #: what went wrong at the last check; empty = nothing
    body_hash: str = ""  #: of what was read last; the same body is not parsed again
    standing: str = ""  #: the numbers of the articles that its feed had at the last read, in its order
    user_agent: str = ""  #: how it is asked for; empty = as every source
    headers: str = ""  #: more request headers, a `Name: value` a line; a value may be a reference
    basic_auth: str = ""  #: a reference to `user:password`: `env:NAME` or `file:PATH`
    cookie: str = ""  #: a reference to a Cookie header's value

    @property
    def is_local(self) -> bool:
        """True if it is on this machine's disk."""
        return "://" not in self.location


class NewsletterSource(SQLModel, table=True):
    """Link between a newsletter and a source that it publishes from."""

    __tablename__ = "newsletter_source"

    newsletter_id: int = Field(foreign_key="newsletter.id", primary_key=True, ondelete="CASCADE")
    source_id: int = Field(foreign_key="source.id", primary_key=True, ondelete="CASCADE", index=True)


SILENT_FACTOR = 5  #: how many times as long as it usually is from one article to the next
SILENT_LEAST = timedelta(days=2)  #: weekends are no silence


def is_silent(*, count: int, days: int, last_at: datetime | None, now: datetime) -> bool:
    """Return whether a source has fallen silent, by the `count` articles that it brought in the last `days`; False where it never brought any."""
    if last_at is None or count < 2:
        return False
    usual = timedelta(days=days) / count
    return now - last_at > max(SILENT_LEAST, usual * SILENT_FACTOR)
