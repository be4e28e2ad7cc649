"""Views of events."""

from datetime import datetime
from typing import Any

from digest.model.event import EventKind
from digest.services.views import View


class EventView(View):
    """Something that happened to a noun."""

    id: int
    at: datetime
    kind: EventKind
    actor: str
    person: str  #: who it was, if a person did it: a user of the system, or the name of an account
    account_id: int | None  #: that account
    ip: str  #: where they were, as DIGEST_IP_POLICY keeps it
    noun: str
    noun_id: int | None
    newsletter_id: int | None
    mlist_id: int | None
    facts: dict[str, Any]
    told_at: datetime | None  #: when every admin had been mailed of it; None: they need not be, or are not yet
    newsletter: str | None  #: its name; None: it is no newsletter's
    timezone: str | None  #: the newsletter's
