"""Views of people: lists, subscribers, suppressions, imports."""

from datetime import datetime

from pydantic import Field, field_validator

from digest.model.leaving import Reason
from digest.model.signup import ConsentStep, How
from digest.model.states import ListAccess, SubscriptionState
from digest.services.views import View
from digest.services.views.issues import DeliveryLine


class ListView(View):
    """A mailing list, with its people by what becomes of an issue for them."""

    name: str
    title: str
    access: ListAccess
    goodbye: bool
    readers: int
    suppressed: int
    pending: int
    active: int
    unsubscribed: int


class ListDetails(ListView):
    """A mailing list with the newsletters that it gets."""

    newsletters: tuple[str, ...]


class ReasonLine(View):
    """What a reader said when they left."""

    reason: Reason
    text: str
    at: datetime


class LeaveReasons(View):
    """Why readers left a list."""

    list: str
    left: int  #: people who left, whether they said why or not
    counts: dict[str, int]  #: by reason
    words: tuple[ReasonLine, ...]  #: newest first


class SubscriberLine(View):
    """A person on one list, or on none."""

    address: str
    name: str
    language: str
    zone: str
    list: str
    state: SubscriptionState | None
    since: datetime | None


class SubscriptionView(View):
    """A person's tie to one list."""

    list: str
    id: int
    mlist_id: int
    subscriber_id: int
    state: SubscriptionState
    evidence: str
    import_id: int | None
    made_at: datetime
    active_at: datetime | None
    left_at: datetime | None
    wanted: tuple[str, ...]  #: topics; none: all
    muted: tuple[str, ...]  #: topics that never come

    @field_validator("wanted", "muted", mode="before")
    @classmethod
    def _lines(cls, value: object) -> object:
        """Split the stored form."""
        return tuple(filter(None, value.split("\n"))) if isinstance(value, str) else value


class ConsentView(View):
    """Evidence of consent: the text that a person was shown when they requested a list, or confirmed it."""

    list: str
    step: ConsentStep
    how: How
    at: datetime
    ip: str
    text: str
    version: str
    language: str


class SubscriberView(View):
    """A person: lists, where each subscription came from, what was sent."""

    id: int
    address: str
    address_key: str
    name: str
    language: str
    zone: str
    paused_until: datetime | None  #: nothing is mailed before
    made_at: datetime
    suppressed: str | None  #: why they are never mailed
    subscriptions: tuple[SubscriptionView, ...]
    consents: tuple[ConsentView, ...]
    deliveries: tuple[DeliveryLine, ...]


class SuppressionView(View):
    """An address that is never mailed."""

    address_hmac: str
    address: str | None
    reason: str
    made_at: datetime


class Rejection(View):
    """A line of a file that was not imported."""

    line: int
    field: str
    value: str
    reason: str


class ImportWarning(View):
    """A line of a file that was imported although it looks wrong."""

    line: int
    text: str


class ImportView(View):
    """Result of an import. Each line is in exactly one of the counts."""

    file: str
    import_id: int | None = Field(serialization_alias="import")  #: None: nothing was stored
    encoding: str
    separator: str
    lines: int
    added: int
    already: int
    left_before: int
    left: int
    suppressed: int
    unconfirmed: int
    not_subscribed: int
    rejected: int
    unread: tuple[str, ...]
    notes: tuple[str, ...]
    warnings: tuple[ImportWarning, ...]
    rejects: tuple[Rejection, ...]
    doubtful: int  #: lines that look wrong; `warnings` has the first of them

    @property
    def done(self) -> int:
        """Number of lines that were understood."""
        return self.lines - self.rejected


class SuppressionImport(View):
    """Result of importing a list of suppressions."""

    file: str
    encoding: str
    separator: str
    lines: int
    unread: tuple[str, ...]
    notes: tuple[str, ...]
    rejected: int
    rejects: tuple[Rejection, ...]
    suppressed: int
    already: int
    passed_by: int  #: subscribed there
