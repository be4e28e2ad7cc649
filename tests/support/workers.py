"""Worker processes that share an issue."""

import time
from collections.abc import Callable

from digest.model.states import IssueState
from digest.services import freezing, sending
from digest.services import issues as issue_services
from digest.services.selection import prepare
from digest.store import issues
from tests.support.place import Place

SETTINGS = {
    "DIGEST_BASE_URL": "https://ledger.example.org",
    "DIGEST_POSTAL_ADDRESS": "12 Harbour Street, Dublin",
    "DIGEST_FROM": "The Morning Ledger <paper@ledger.example.org>",
    "DIGEST_SECRET_KEY": "s" * 32,
    "DIGEST_PEPPER": "p" * 32,
    "DIGEST_TIMEZONE": "Europe/Berlin",
    "DIGEST_SMTP_CONNECTIONS": "2",
}


def queued(place: Place, readers: int, *others: str) -> int:
    """An issue that waits to be sent to so many, and to these addresses."""
    place.readers(*(f"r{i}@example.org" for i in range(readers)), *others)
    place.drop("The harbour opens again")
    place.collect()
    slot = place.daily.timetable.today(place.ctx.clock())
    issue = issue_services.take_slot(place.ctx, place.daily, slot)
    issue = freezing.freeze(place.ctx, issue, prepare(place.ctx, place.daily, slot, now=place.ctx.clock()))
    return sending.queue(place.ctx, issue, place.daily).id


def until(true: Callable[[], bool], *, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not come about in time"
        time.sleep(0.05)


def state(place: Place, issue: int) -> IssueState:
    with place.ctx.db.read() as tx:
        return issues.get(tx, issue).state
