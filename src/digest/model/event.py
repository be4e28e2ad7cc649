"""Event: something that happened to a noun, stored in the transaction that changed it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from digest.model.columns import NO_REUSE, enum_type


class EventKind(StrEnum):
    """Kind of an event; the part before the dot names the noun."""

    SUBSCRIBED = "subscription.started"  #: an admin put a person on a list
    UNSUBSCRIBED = "subscription.ended"  #: a person left a list, or was taken off it
    RESUBSCRIBED = "subscription.resumed"  #: a person took back that they left
    TOPICS_CHOSEN = "subscription.topics"  #: a reader wants other topics of a list
    EXPLAINED = "subscription.explained"  #: a person who left said why
    SUBSCRIBER_CHANGED = "subscriber.changed"  #: a person's name, language or zone is another
    SUBSCRIBER_PAUSED = "subscriber.paused"  #: nothing is mailed to a person before a day
    SUBSCRIBER_WOKEN = "subscriber.woken"  #: a person wants mail again before their pause is over
    SUBSCRIBER_REMOVED = "subscriber.removed"  #: a person was forgotten, with their subscriptions
    SUBSCRIBER_ERASED = "subscriber.erased"  #: everything that names a person was erased, in the ledger too
    SUBSCRIBER_EXPORTED = "subscriber.exported"  #: a person was given the file of what is held about them
    IMPORT_STARTED = "import.started"  #: a file of people is being imported into a list
    IMPORT_FINISHED = "import.finished"  #: the last line of the file is stored; the facts have the counts
    IMPORT_UNDONE = "import.undone"  #: what an import made and changed is taken back
    SUPPRESSED = "suppression.added"  #: an address is never mailed again
    SUPPRESSIONS_IMPORTED = "suppression.imported"  #: a file of addresses is never mailed again; the facts have the counts
    UNSUPPRESSED = "suppression.removed"  #: an address may be mailed again
    LIST_ADDED = "list.added"  #: a mailing list was made
    LIST_CHANGED = "list.changed"  #: a mailing list has another title, others may join it, or it says goodbye or not
    LIST_REMOVED = "list.removed"  #: a mailing list was removed
    SOURCE_ADDED = "source.added"  #: articles come from one source more
    SOURCE_CHANGED = "source.changed"  #: a source has another name, location, newsletter or the like, is paused or resumed
    SOURCE_REMOVED = "source.removed"  #: nothing is read from a source any more
    SOURCE_FAILING = "source.failing"  #: a source that could be read cannot be read any more
    SOURCE_RECOVERED = "source.recovered"  #: a source that was failing was read
    ARTICLE_CHANGED = "article.changed"  #: an editor hid or pinned an article, or took that back
    NEWSLETTER_ADDED = "newsletter.added"  #: a newsletter was made
    NEWSLETTER_CHANGED = "newsletter.changed"  #: a newsletter's values, sections, rules or next note are others
    NEWSLETTER_REMOVED = "newsletter.removed"  #: a newsletter was removed
    ISSUE_DRAFTED = "issue.drafted"  #: an issue holds a slot; what it publishes is not yet decided
    ISSUE_CHANGED = "issue.changed"  #: an issue opens with another note
    ISSUE_EDITED = "issue.edited"  #: an editor changed the draft of an issue; the facts say what, before and after
    ISSUE_AMENDED = (
        "issue.amended"  #: an editor changed an issue whose mails had begun to go; the facts say what, before and after
    )
    ISSUE_CORRECTED = "issue.corrected"  #: a correction tells the readers of an issue what was wrong in it
    ISSUE_FROZEN = "issue.frozen"  #: picks, renditions and number of an issue are fixed
    ISSUE_ASKED = "issue.asked"  #: approvers are asked for a frozen issue
    ISSUE_APPROVED = "issue.approved"  #: a person lets a frozen issue go out at its hour
    ISSUE_QUEUED = "issue.queued"  #: every reader of the issue has a delivery, and sending begins
    ISSUE_HELD = "issue.held"  #: an issue waits for a person
    ISSUE_RESUMED = "issue.resumed"  #: a person let a held issue go on
    ISSUE_SKIPPED = "issue.skipped"  #: nothing is published for a slot
    ISSUE_SENT = "issue.sent"  #: no delivery of the issue is open any more
    ISSUE_CANCELLED = "issue.cancelled"  #: an issue was called off, or came too late
    ISSUE_REOPENED = "issue.reopened"  #: a person took back that an issue was called off
    ISSUE_WITHDRAWN = "issue.withdrawn"  #: a person took an issue, or the story that the facts name, out of what was published
    ISSUE_SETTLED = "issue.settled"  #: a person said what became of unsure deliveries
    ISSUE_RETRIED = "issue.retried"  #: a person had bounced deliveries queued again
    ISSUE_BOUNCING = "issue.bouncing"  #: so many mails of an issue came back that no reader is blamed; a person must look
    ISSUE_RELEASED = "issue.released"  #: a person had the readers suppressed after all whose mails of an issue came back
    ISSUE_DISCARDED = "issue.discarded"  #: a person found that readers are not to blame for the mails of an issue that came back
    ISSUE_REFUSED = "issue.refused"  #: a mail of an issue came back since the sender or the content is refused
    ISSUE_PAUSED = (
        "issue.paused"  #: a domain or a relay is given no mail for a while, since mails of an issue came back as refused
    )
    BOUNCED = "delivery.bounced"  #: a delivery was refused for good, given up, or came back
    PAUSE_ENDED = "pause.ended"  #: a person had mail go again to a domain or by a relay before its pause was over
    BOUNCE_UNDONE = "bounce.undone"  #: a person took back what a report did to its reader
    RESTORED = "database.restored"  #: the database was filled from a backup; the facts say of when
    MOVED = "database.moved"  #: the rows were moved here from another database, or are used here again; the facts say from where
    RETENTION_APPLIED = "retention.applied"  #: personal data whose time was over was removed
    ACCOUNT_ADDED = "account.added"  #: somebody more may log in to the admin pages
    ACCOUNT_CHANGED = "account.changed"  #: an account has another name or role, or another way to log in
    ACCOUNT_RESET = "account.reset"  #: all ways to log in to an account were removed; a link sets new ones
    ACCOUNT_REMOVED = "account.removed"  #: somebody may not log in any more
    LOGGED_IN = "account.logged_in"  #: somebody logged in to the admin pages
    LOGGED_OUT = "account.logged_out"  #: log-ins of an account were ended by a person
    LOGIN_LOCKED = "account.locked"  #: an account takes no password for a while, after too many wrong ones
    API_TOKEN_ADDED = "api_token.added"  # noqa: S105  #: a program may act for an account
    API_TOKEN_REVOKED = "api_token.revoked"  # noqa: S105  #: a program may not do so any more
    WEBHOOK_ADDED = "webhook.added"  #: events are sent to one address more
    WEBHOOK_CHANGED = "webhook.changed"  #: sending to an address was paused or goes on, or messages are sent again
    WEBHOOK_REMOVED = "webhook.removed"  #: nothing is sent to an address any more
    WEBHOOK_FAILED = "webhook.failed"  #: a message was given up after three days, or its address wants nothing any more


class Actor(StrEnum):
    """Originator of an event."""

    COMMAND_LINE = "command line"  #: a person, by a command
    ACCOUNT = "account"  #: a person, by the admin pages
    API = "api"  #: a program, by a token of an account
    SCHEDULER = "scheduler"  #: a job of `serve` or `worker`
    READER = "reader"  #: a reader, by a link of their mail
    RELAY = "relay"  #: a mail server, by its reply
    APPROVER = "approver"  #: a person who was asked to approve an issue, by the link of their mail
    MAILBOX = "mailbox"  #: a mail that came back
    PROVIDER = "provider"  #: a mail provider, by its webhook


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """The person behind a change: a user of the system, or an account and the network that its request came from."""

    name: str
    account_id: int | None = None
    ip: str = ""  #: as DIGEST_IP_POLICY keeps it; empty: at this machine, or not kept


NOBODY = Person(name="")  #: behind what a program does by itself

REASON_MAX = 1_000  #: characters of a reason or reply that an event keeps


class Event(SQLModel, table=True):
    """
    Something that happened to a noun.

    Rows are never changed, and the database refuses it, except for the progress of notifying the admins, and where an
    erasure removes what a server or an admin wrote of the person. Readers are named by their subscriber number, never
    by their address, so that an event outlives an erasure without naming anybody.
    """

    __tablename__ = "event"
    __table_args__ = (
        Index("ix_event_kind", "kind", "id"),
        Index("ix_event_newsletter", "newsletter_id", "id"),
        # Of what persons did, which is a small part of all.
        Index("ix_event_person", "person", "id", sqlite_where=sa.text("person <> ''"), postgresql_where=sa.text("person <> ''")),
        # Of the few rows that wait, so that asking for them costs nothing however many events there are.
        Index(
            "ix_event_tell",
            "tell_at",
            sqlite_where=sa.text("tell_at IS NOT NULL"),
            postgresql_where=sa.text("tell_at IS NOT NULL"),
        ),
        NO_REUSE,
    )

    id: int = Field(default=None, primary_key=True)  #: given when it is stored; a later event has a higher one
    at: datetime
    kind: EventKind = Field(sa_type=enum_type(EventKind, length=32))
    actor: str  #: an Actor
    person: str = ""  #: who it was, if a person did it: a user of the system, or the name of an account
    account_id: int | None = None  #: that account; no foreign key, since an event outlives it
    ip: str = ""  #: where they were, as DIGEST_IP_POLICY keeps it
    noun: str  #: the table of what it happened to
    noun_id: int | None = None  #: the row there; no foreign key, since an event outlives it; None: it has no number
    newsletter_id: int | None = None  #: whose it is, if it is a newsletter's
    mlist_id: int | None = None  #: whose it is, if it is a mailing list's
    facts: dict[str, Any] = Field(default_factory=dict, sa_type=sa.JSON)
    tell_at: datetime | None = None  #: when the admins are mailed next; None: they need not be, or were
    tell_tries: int = 0  #: how often that was tried
    told: list[str] = Field(default_factory=list, sa_type=sa.JSON)  #: hashes of the admins' addresses that are done with
    told_at: datetime | None = None  #: when a relay had taken the mail to every admin
