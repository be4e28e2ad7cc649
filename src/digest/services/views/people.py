"""Views of people: lists, subscribers, suppressions, imports."""

from datetime import datetime

from pydantic import Field

from digest.model.retention import Kind
from digest.model.signup import ConsentStep, How
from digest.model.states import ListAccess, SubscriptionState
from digest.services.views import View
from digest.services.views.events import EventView
from digest.services.views.issues import DeliveryLine, DeliveryView


class ListView(View):
    """A mailing list, with its people by what becomes of an issue for them."""

    name: str
    title: str
    access: ListAccess
    readers: int
    suppressed: int
    pending: int
    active: int
    unsubscribed: int


class ListDetails(ListView):
    """A mailing list with the newsletters that it gets."""

    newsletters: tuple[str, ...]


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
    file: str | None  #: that an import read it from; None: it was not imported


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


class SignUpView(View):
    """A request to join a list, until a week after it was confirmed or was last asked to be."""

    list: str
    address: str
    name: str
    language: str
    asked_at: datetime
    expires_at: datetime
    mails: int  #: how many asked for the confirmation
    mailed_at: datetime | None
    confirmed_at: datetime | None


class PersonView(View):
    """A person."""

    id: int
    address: str
    address_key: str
    name: str
    language: str
    zone: str
    paused_until: datetime | None  #: nothing is mailed before
    made_at: datetime


class SubscriberView(PersonView):
    """A person: lists, where each subscription came from, evidence of consent, what happened, what was sent last."""

    suppressed: str | None  #: why they are never mailed
    subscriptions: tuple[SubscriptionView, ...]
    consents: tuple[ConsentView, ...]
    signups: tuple[SignUpView, ...]
    events: tuple[EventView, ...]
    deliveries: tuple[DeliveryLine, ...]  #: the last ten


class SuppressionView(View):
    """An address that is never mailed."""

    address_hmac: str
    address: str | None
    reason: str
    made_at: datetime
    may_return: bool  #: the person alone can lift it, by confirming a sign-up


class AttemptView(View):
    """A failed or unclear try of a delivery."""

    delivery_id: int
    at: datetime
    stage: str
    code: int | None
    enhanced: str
    text: str
    cause: str
    relay: str


class RetentionLine(View):
    """What is kept, for how long, and how many rows are older."""

    what: Kind
    days: int | None  #: None: for ever
    rows: int


class PersonalData(View):
    """Everything that is held about one person, the evidence of consent with it."""

    address: str
    made_at: datetime  #: when this was read
    person: PersonView | None  #: None: nobody has the address now
    suppression: SuppressionView | None  #: None: the address may be mailed
    subscriptions: tuple[SubscriptionView, ...]
    consents: tuple[ConsentView, ...]
    signups: tuple[SignUpView, ...]
    events: tuple[EventView, ...]
    deliveries: tuple[DeliveryView, ...]
    attempts: tuple[AttemptView, ...]


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
    list: str  #: as it was named; empty: the only one
    import_id: int | None = Field(serialization_alias="import")  #: None: nothing was stored
    format: str  #: `csv` or `ndjson`
    encoding: str
    separator: str  #: of CSV
    system: str  #: whose export it is, such as `Ghost`; empty: it is not known
    columns: dict[str, str]  #: what each column that is read holds, in words
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
