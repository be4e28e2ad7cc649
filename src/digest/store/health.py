"""Health of the database: its program and version, its size, damage, and what its rows say of time and of providers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import func
from sqlmodel import Session, col, select

from digest.model.bounce import Bounce, Effect
from digest.model.event import Event
from digest.model.issue import Issue
from digest.model.states import IssueState, SubscriptionState
from digest.model.subscriber import Subscriber, Subscription
from digest.store.engine import is_shared

DAMAGES = 5  #: that a check lists at most


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """A database that answers."""

    program: str  #: with its version
    size: int  #: bytes
    damages: Sequence[str]  #: of a file; a server checks itself


def look(tx: Session) -> Health:
    """Read the whole file of a SQLite database for damage, or ask a server for its version and size. Raises StoreError."""
    if is_shared(tx):
        version = str(tx.execute(sa.text("SHOW server_version")).scalar_one())
        return Health(program=f"PostgreSQL {version}", size=size(tx), damages=())
    version = str(tx.execute(sa.text("SELECT sqlite_version()")).scalar_one())
    found = [str(row[0]) for row in tx.execute(sa.text(f"PRAGMA quick_check({DAMAGES})"))]
    return Health(program=f"SQLite {version}", size=size(tx), damages=[line for line in found if line != "ok"])


def size(tx: Session) -> int:
    """Return the size of the database in bytes."""
    server = sa.text("SELECT pg_database_size(current_database())")
    file = sa.text("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size")
    return int(tx.execute(server if is_shared(tx) else file).scalar_one())


def newest_event(tx: Session) -> datetime | None:
    """Return when the newest event was recorded."""
    return tx.exec(select(Event.at).order_by(col(Event.id).desc()).limit(1)).first()


def readers_by_domain(tx: Session) -> Mapping[str, int]:
    """Count the active subscriptions by the domain of the address."""
    key = col(Subscriber.address_key)
    sqlite = tx.connection().dialect.name == "sqlite"
    at = func.instr(key, "@") if sqlite else func.strpos(key, "@")  # a domain has none; a quoted local part may, and is rare
    domain = func.substr(key, at + 1)
    query = (
        select(domain, func.count())
        .join(Subscription, col(Subscription.subscriber_id) == Subscriber.id)
        .where(Subscription.state == SubscriptionState.ACTIVE)
        .group_by(domain)
    )
    return dict(tx.exec(query).all())


def complaints_by_domain(tx: Session, *, since: datetime) -> Mapping[str, int]:
    """Count the complaints by the domain of the address."""
    counted = select(col(Bounce.domain), func.count()).where(
        Bounce.verdict == "complaint", Bounce.at >= since, col(Bounce.effect).not_in([Effect.REPEATED, Effect.UNDONE])
    )
    return dict(tx.exec(counted.group_by(col(Bounce.domain))).all())


def count_issues(tx: Session, *, since: datetime) -> int:
    """Count the issues that were sent."""
    sent = (Issue.state == IssueState.SENT, Issue.due_at >= since)
    return int(tx.exec(select(func.count()).select_from(Issue).where(*sent)).one())
