"""Views of webhooks and of their messages."""

from datetime import datetime

from digest.model.event import EventKind
from digest.model.webhook import MessageState
from digest.services.views import View


class WebhookView(View):
    """An address that events are sent to, and how many messages are in which state."""

    id: int
    url: str
    kinds: tuple[EventKind, ...]  #: none: all
    allow_private: bool
    made_at: datetime
    paused_at: datetime | None
    waiting: int
    delivered: int
    failed: int


class WebhookMessageView(View):
    """One event on its way to one webhook."""

    id: int
    webhook_id: int
    event_id: int
    kind: EventKind | None  #: None: the event is not kept any more
    state: MessageState
    made_at: datetime
    tries: int
    next_at: datetime | None
    status: int | None
    said: str
    done_at: datetime | None


class WebhookTestView(View):
    """Answer of an address to a test message."""

    taken: bool
    status: int | None
    problem: str
