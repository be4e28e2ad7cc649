"""Views of newsletters, their sections and rules, and their state."""

from datetime import datetime

from digest.model.states import ApprovalPolicy, ArchiveAccess, DeliveryState, IssueState, RuleKind, Silence
from digest.services.views import View
from digest.services.views.bounces import PauseView


class NewsletterView(View):
    """A newsletter and its timetable."""

    id: int
    name: str
    title: str
    mlist_id: int
    template: str
    theme: str
    language: str
    zone: str
    days: str
    at: str
    max_stories: int
    min_stories: int
    max_lateness_s: int
    max_age_s: int | None
    welcome_issue: bool
    next_note: str
    next_note_by: str
    bounce_rules: str  #: what differs from those that apply elsewhere
    archive: ArchiveAccess
    approval: ApprovalPolicy
    approval_min: int
    approval_silence: Silence
    approvers: str
    made_at: datetime
    timetable_at: datetime
    paused_from: datetime | None
    paused_until: datetime | None
    paused: bool
    next_due: datetime | None  #: None: it is paused until somebody resumes it


class NewsletterDetails(NewsletterView):
    """A newsletter with its list, sources and sections."""

    list: str
    sources: tuple[str, ...]
    sections: tuple[str, ...]
    max_age_is_s: int  #: how old a story may be, by its own setting or by its timetable
    bounce_rules_are: str  #: all of them


class SectionView(View):
    """A named part of a newsletter."""

    id: int
    newsletter_id: int
    position: int
    name: str
    topic: str
    sources: str
    words: str
    size: int
    min_size: int


class RuleView(View):
    """An editorial rule."""

    id: int
    newsletter_id: int
    kind: RuleKind
    words: str
    topic: str
    section: str
    weight: float


class DueSlot(View):
    """A due time of a newsletter."""

    newsletter: str
    slot: str
    due_at: datetime
    local: str


class NewsletterStatus(View):
    """State of a newsletter."""

    newsletter: str
    list: str
    paused: bool
    next_due: datetime | None
    sources: int
    readers: int
    last_issue: int | None
    slot: str | None
    state: IssueState | None
    reason: str
    deliveries: dict[DeliveryState, int]
    waits_until: datetime | None  #: when what waits of its last issue for the warm-up of a relay goes
    timezone: str


class FailingSource(View):
    """A source whose last check went wrong."""

    source: str
    error: str


class WarmUpView(View):
    """A relay in its warm-up."""

    relay: str
    day: int  #: of the warm-up; a day on which it was given nothing does not count
    days: int  #: of the whole warm-up
    allowed: int  #: messages that it may be given today
    given: int  #: today


class StatusView(View):
    """State of everything."""

    newsletters: tuple[NewsletterStatus, ...]
    failing_sources: tuple[FailingSource, ...]
    paused: tuple[PauseView, ...]  #: domains and relays that are given no mail for a while
    warm_ups: tuple[WarmUpView, ...]
    articles: int
    mail_goes_to: str
    warnings: tuple[str, ...]
