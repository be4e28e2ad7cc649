"""
A place: its settings, its database and a clock.

Enough for commands that read or change rows, and quick to load. `context.build` adds the parts
that collect, render and send. The clock is read here and nowhere else.
"""

import contextlib
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parseaddr
from pathlib import Path
from urllib.parse import urlsplit

from digest.errors import SettingsError
from digest.model.ports import Clock
from digest.model.tokens import address_hmac
from digest.settings import Settings
from digest.store import schema, subscribers
from digest.store.engine import Database, resolve

PACKAGE = Path(__file__).parent
LOCAL_URL = "http://localhost:8000"  #: the base URL of links where none is set


def now() -> datetime:
    """The time, aware, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Settings, database and clock."""

    settings: Settings
    db: Database
    clock: Clock


def open_place(settings: Settings, *, clock: Clock = now, checked: bool = True) -> Place:
    """
    The place of these settings.

    Raises:
        SettingsError: a secret is missing.
        StoreError: the database is not there, older or newer (unless not `checked`).
    """
    missing = [
        f"DIGEST_{name} is not set; `digest init` makes one"
        for name in ("SECRET_KEY", "PEPPER")
        if not getattr(settings, name.lower())
    ]
    if missing:
        raise SettingsError(missing)
    db = Database(resolve(settings.database_url, settings.home))
    if checked:
        schema.check(db)
        check_pepper(db, settings.pepper)
    return Place(settings=settings, db=db, clock=clock)


def check_pepper(db: Database, pepper: str) -> None:
    """
    Nothing, if the pepper is the one that the database was filled with.

    Raises:
        SettingsError: it is another; suppressed addresses would be mailed again.
    """
    with db.read() as tx:
        known = subscribers.any_one(tx)
    if known is not None and address_hmac(known.address_key, pepper) != known.address_hmac:
        raise SettingsError(
            [
                "DIGEST_PEPPER is not the one that this database was filled with; put the old one back, or suppressed addresses would be mailed again"
            ]
        )


def sender_domain(settings: Settings) -> str:
    """The domain that mail comes from and is signed for, in A-labels (RFC 5890)."""
    domain = parseaddr(settings.sender)[1].rpartition("@")[2] or urlsplit(settings.base_url).hostname or "localhost"
    with contextlib.suppress(UnicodeError):  # what cannot be encoded the check of the mail names
        return domain.encode("idna").decode("ascii")
    return domain


def destination(settings: Settings) -> str:
    """Where mail goes, in words: a folder, or relays without their passwords."""
    if settings.smtp_url.startswith("outbox:"):
        return f"files in {settings.home / settings.smtp_url.removeprefix('outbox:')}; no relay is set (DIGEST_SMTP_URL)"
    from digest.smtp.relay import Relay  # only where there is one

    return " and ".join(f"the relay {Relay.parse(url)}" for url in settings.smtp_url.split())


def warnings(settings: Settings) -> list[str]:
    """What a real relay would refuse, and an outbox does not mind."""
    found = []
    if not settings.sender:
        found.append(f"DIGEST_FROM is not set: mails come from digest@{sender_domain(settings)}")
    if not settings.base_url.startswith("https://"):
        found.append("DIGEST_BASE_URL is not an https address: one-click unsubscribe needs one")
    if not settings.postal_address:
        found.append("DIGEST_POSTAL_ADDRESS is not set: the law wants one in every mail")
    return found
