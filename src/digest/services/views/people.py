"""Views of people: lists, subscribers, suppressions, imports."""

from datetime import datetime

from pydantic import Field, field_validator

from digest.model.bounce import Effect, Proof
from digest.model.leaving import Reason
from digest.model.retention import Kind
from digest.model.signup import ConsentStep, How
from digest.model.states import ListAccess, SubscriptionState
from digest.services.views import View
from digest.services.views.events import EventView
from digest.services.views.issues import DeliveryLine, DeliveryView


class ListView(View):
    """A mailing list with the newsletters that it gets, and its people by what becomes of an issue for them."""

    name: str
    title: str
    access: ListAccess
    goodbye: bool
    newsletters: tuple[str, ...]
    readers: int
    suppressed: int
    pending: int
    active: int
    unsubscribed: int


class ReasonLine(View):
    """Words of a reader who left."""

    reason: Reason
    text: str
    at: datetime


class LeaveReasons(View):
    """Reasons for which readers left a list."""

    list: str
    left: int  #: people who left, whether they said why or not
    counts: dict[str, int]  #: by reason
    words: tuple[ReasonLine, ...]  #: newest first


class SubscriberLine(View):
    """A person on one list, or on none."""

    id: int  #: the person's
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
    choices: str  #: topics of the form and what was chosen, in words, a line each
    version: str
    language: str


class SignUpView(View):
    """A request to join a list, until a week after it was confirmed or was last asked to be."""

    list: str
    address: str
    name: str
    language: str
    wanted: tuple[str, ...]  #: topics
    muted: tuple[str, ...]
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


class ReportView(View):
    """Statement of a returned mail about a person's address."""

    at: datetime
    verdict: str
    reason: str
    status: str
    reply: str
    sentence: str
    proof: Proof
    effect: Effect
    delivery_id: int | None
    undone_at: datetime | None


class RetentionLine(View):
    """Kind of data, the time for which it is kept, and the number of rows that are older."""

    what: Kind
    days: int | None  #: None: for ever
    rows: int


class MoveView(View):
    """A person's change to another address, made or asked for."""

    address: str  #: the new one
    asked_at: datetime
    new_confirmed_at: datetime | None
    old_confirmed_at: datetime | None
    made_at: datetime | None  #: None: both addresses have not confirmed it


class LeaveReasonView(View):
    """Reason that a person gave when they left a list."""

    reason: Reason
    text: str  #: their own words
    at: datetime


class ImportChangeView(View):
    """The former values of a person or a subscription that an import changed; kept so that it can be taken back."""

    import_id: int
    subscription_id: int | None  #: None: the person themselves
    before: dict[str, str | None]


class PersonalData(View):
    """Everything that is held about one person, the evidence of consent with it."""

    address: str
    made_at: datetime  #: when this was read
    person: PersonView | None  #: None: nobody has the address now
    suppression: SuppressionView | None  #: None: the address may be mailed
    subscriptions: tuple[SubscriptionView, ...]
    changes: tuple[ImportChangeView, ...]
    consents: tuple[ConsentView, ...]
    signups: tuple[SignUpView, ...]
    events: tuple[EventView, ...]
    deliveries: tuple[DeliveryView, ...]
    attempts: tuple[AttemptView, ...]
    moves: tuple[MoveView, ...]
    reasons: tuple[LeaveReasonView, ...]
    bounces: tuple[ReportView, ...]


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
    changed: int
    left_before: int
    left: int
    suppressed: int
    unconfirmed: int
    not_subscribed: int
    rejected: int
    topics: dict[str, int]  #: tags that are topics of the list's newsletters, each with its lines
    other_tags: dict[str, int]  #: that are none and are not read
    unread: tuple[str, ...]
    notes: tuple[str, ...]
    warnings: tuple[ImportWarning, ...]
    rejects: tuple[Rejection, ...]
    doubtful: int  #: lines that look wrong; `warnings` has the first of them

    @property
    def done(self) -> int:
        """Number of lines that were understood."""
        return self.lines - self.rejected


class ImportLine(View):
    """An import or a sync as it is kept."""

    id: int
    list: str
    file: str
    made_at: datetime
    finished_at: datetime | None  #: None: it was interrupted, or is running
    undone_at: datetime | None
    added: int
    changed: int
    ended: int
    rejected: int


class KeptRow(View):
    """A person whom the undo of an import leaves as they are, and why."""

    address: str
    why: str  #: `mailed`, `changed` since, or arrived as `left`


class UndoPlan(View):
    """Plan of an undo: the rows that it takes back, and those that it keeps."""

    id: int = Field(serialization_alias="import")
    list: str
    file: str
    made_at: datetime
    removed: int  #: subscriptions that it made
    restored: int  #: people and subscriptions that it changed, and that get their former values back
    kept: dict[str, int]  #: what stays, by the reason
    keeps: tuple[KeptRow, ...]


class SyncFile(View):
    """Result of a sync of one file with its list, or the plan of it."""

    file: str
    list: str
    import_id: int | None = Field(serialization_alias="import")  #: None: nothing was stored
    lines: int
    added: int
    changed: int
    already: int
    left_before: int
    left: int
    suppressed: int
    unconfirmed: int
    not_subscribed: int
    rejected: int
    rejects: tuple[Rejection, ...]
    taken_off: int  #: subscriptions that end, since the file has no line for them
    asked_themselves: int  #: subscriptions that stay without a line, since the person asked for the list
    problem: str  #: why nothing is done with this file; empty: it can be
    problem_code: str
    moves: int  #: people who are changed by it


class SyncView(View):
    """Result of a sync of a folder's files, or the plan of it."""

    files: tuple[SyncFile, ...]
    without_file: tuple[str, ...]  #: lists that have no file here and stay as they are
    passed_by: tuple[str, ...]  #: files that are nobody's list: the sample


class SuppressionImport(View):
    """Result of importing a list of suppressions, or, on a dry run, its expected result."""

    file: str
    dry_run: bool  #: nothing was stored
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
