"""
The values that use cases return: one frozen model a noun, with one JSON form.

`--json` prints them and an API serves them, so a field that is there stays there. Times are ISO 8601 in
UTC. docs/reference/json.md lists every model with its fields.
"""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field

from digest.model.states import DeliveryState, Form, IssueState, RuleKind, SourceKind, SubscriptionState


class View(BaseModel):
    """A frozen value; made of a stored row by `model_validate`. Validators are built when they are first used, so that commands start fast."""

    model_config = ConfigDict(frozen=True, from_attributes=True, defer_build=True)

    @classmethod
    def of(cls, row: BaseModel, **more: object) -> Self:
        """Make one of a row, and of what the row lacks."""
        return cls.model_validate({**row.model_dump(), **more})


class ArticleLine(View):
    """An article in a list."""

    id: int
    source_id: int
    story_id: int | None
    guid: str
    headline: str
    standfirst: str
    author: str
    publisher: str
    topic: str
    url: str
    canonical_url: str | None
    language: str
    image: str
    image_info: dict[str, Any]
    published_at: datetime | None
    first_seen_at: datetime
    settles_at: datetime
    revised_at: datetime | None
    tags: str
    hidden: bool
    pinned: bool
    file: str
    withdrawn_at: datetime | None
    is_free: bool | None


class ArticleView(ArticleLine):
    """An article with its text."""

    text: str
    fingerprint: str
    source: str
    word_count: int


class SourceView(View):
    """A source, how it is asked for and how its last checks went."""

    id: int
    kind: SourceKind
    location: str
    name: str
    topic: str
    weight: float
    paused: bool
    removed_at: datetime | None
    allow_private: bool
    etag: str
    last_modified: str
    failures: int
    added_at: datetime
    checked_at: datetime | None
    due_at: datetime | None
    not_before: datetime | None
    rhythm_s: int
    succeeded_at: datetime | None
    error: str
    user_agent: str
    headers: str
    basic_auth: str
    cookie: str

    @property
    def is_local(self) -> bool:
        """Whether it lies on this machine's disk."""
        return "://" not in self.location


class SourceDetails(SourceView):
    """A source with the newsletters that publish from it."""

    newsletters: tuple[str, ...]


class FoundArticle(View):
    """An article that a source would give."""

    headline: str
    standfirst: str
    author: str
    publisher: str
    url: str
    published_at: datetime | None


class SourceTest(View):
    """What a location gives, without being added."""

    kind: SourceKind
    name: str
    articles: tuple[FoundArticle, ...]
    problems: tuple[str, ...]


class CollectedView(View):
    """What a source gave at one check."""

    source: str
    added: int
    edited: int
    withdrawn: int
    failed: bool
    problems: tuple[str, ...]


class ListView(View):
    """A mailing list, with its people by what becomes of an issue for them."""

    name: str
    title: str
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


class DeliveryLine(View):
    """A delivery in a list."""

    id: int
    issue_id: int
    address: str
    state: DeliveryState
    reason: str
    sent_at: datetime | None
    reply: str
    issue: int | None
    slot: str
    newsletter: str
    timezone: str  #: the newsletter's


class SubscriberView(View):
    """A person: lists, where each subscription came from, what was sent."""

    id: int
    address: str
    address_key: str
    name: str
    language: str
    zone: str
    made_at: datetime
    suppressed: str | None  #: why they are never mailed
    subscriptions: tuple[SubscriptionView, ...]
    deliveries: tuple[DeliveryLine, ...]


class SuppressionView(View):
    """An address that is never mailed."""

    address_hmac: str
    address: str | None
    reason: str
    made_at: datetime


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
    next_note: str
    next_note_by: str
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
    """What an editor asks of the choice."""

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


class IssueView(View):
    """An issue and where it stands."""

    id: int
    newsletter_id: int
    slot: str
    number: int | None
    state: IssueState
    reason: str
    note: str
    note_by: str
    due_at: datetime
    made_at: datetime
    frozen_at: datetime | None
    queued_at: datetime | None
    sent_at: datetime | None
    retried_at: datetime | None
    newsletter: str
    timezone: str  #: the newsletter's


class IssueDetails(IssueView):
    """An issue with its stories, and how its deliveries stand."""

    deliveries: dict[DeliveryState, int]
    passed_by: dict[str, int]
    stories: tuple[dict[str, Any], ...]


class CandidateView(View):
    """A story that was considered for an issue, and why it is in or out."""

    place: int | None  #: None: it is out
    section: str
    form: str
    headline: str
    score: float
    parts: dict[str, float]
    reason: str
    summary_from: str  #: what its summary was made from

    @classmethod
    def made(
        cls,
        headline: str,
        reason: str,
        score: Mapping[str, float],
        *,
        rank: int | None = None,
        section: str = "",
        form: Form | None = None,
        made_from: str = "",
    ) -> "CandidateView":
        """Make one of a score and a rank that counts from 0."""
        return cls(
            place=rank + 1 if rank is not None else None,
            section=section,
            form=str(form or ""),
            headline=headline,
            score=round(sum(score.values()), 2),
            parts=dict(score),
            reason=reason,
            summary_from=made_from,
        )


class DeliveryView(View):
    """A delivery, all of it but what identifies its reader elsewhere."""

    id: int
    issue_id: int
    newsletter_id: int
    subscriber_id: int
    subscription_id: int
    period: str
    state: DeliveryState
    reason: str
    address: str
    name: str
    rendition_id: int
    key_id: str
    dated_at: datetime | None
    owner: str | None
    next_at: datetime | None
    sent_at: datetime | None
    reply: str
    relay: str
    tries: int
    issue: int | None
    slot: str
    newsletter: str
    timezone: str  #: the newsletter's


class SentView(View):
    """How a send went."""

    issue: int | None
    newsletter: str
    slot: str
    state: IssueState
    stories: int
    resumed: bool
    deliveries: dict[DeliveryState, int]
    mail_goes_to: str
    sent_now: int
    candidates: tuple[CandidateView, ...] | None = None


class DryRun(View):
    """What a send would do now."""

    newsletter: str
    slot: str
    stories: int
    mails: int
    folder: Path
    candidates: tuple[CandidateView, ...]


class TestCopy(View):
    """A test copy that was handed over."""

    newsletter: str
    to: str
    reply: str | None  #: what the relay said; None: nothing
    taken: bool  #: the relay took it


class FindingView(View):
    """One finding, and in whose mails it was."""

    rule: str
    severity: str
    message: str
    source: str
    where: str
    remedy: str
    mails: tuple[str, ...]


class NewsletterStatus(View):
    """Where a newsletter stands."""

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
    timezone: str


class FailingSource(View):
    """A source whose last check went wrong."""

    source: str
    error: str


class StatusView(View):
    """Where things stand."""

    newsletters: tuple[NewsletterStatus, ...]
    failing_sources: tuple[FailingSource, ...]
    articles: int
    mail_goes_to: str
    warnings: tuple[str, ...]


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
    """How a file of people was read, and what became of its lines. Each line is in exactly one of the counts."""

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
        """How many lines were understood."""
        return self.lines - self.rejected


class SuppressionImport(View):
    """How a list of suppressions was read, and what became of its lines."""

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
