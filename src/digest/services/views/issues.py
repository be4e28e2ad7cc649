"""Views of what is published: issues, candidates, deliveries, results of sends."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from digest.model.states import DeliveryState, Form, IssueState
from digest.services.views import View


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
    waits_until: datetime | None  #: when mails of it go that wait for the warm-up of a relay
    retried_at: datetime | None
    withdrawn_at: datetime | None
    approved_at: datetime | None
    approved_by: str
    revision: int
    version: int
    corrects_id: int | None
    corrects_version: int | None
    newsletter: str
    timezone: str  #: the newsletter's


class IssueDetails(IssueView):
    """An issue with its stories, and how its deliveries stand."""

    deliveries: dict[DeliveryState, int]
    passed_by: dict[str, int]
    versions: dict[int, int]  #: how many got which, where it was amended
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


class DraftStory(View):
    """A story of a draft, and what editors want of it."""

    story: int
    place: int | None  #: among those of its section and form, from 1; None: it is out
    members: int  #: how many these are
    section: str
    form: str
    headline: str
    summary: str
    original_headline: str  #: as its source has it
    original_summary: str
    publisher: str
    publishers: int  #: how many tell it
    url: str
    topic: str
    since: datetime | None  #: None: it is frozen
    score: float
    parts: dict[str, float]
    reason: str
    is_kept: bool
    is_hidden: bool
    is_rewritten: bool
    by: str  #: the editor who said something of it last


class DraftView(View):
    """The coming issue of a newsletter as it would go."""

    newsletter: str
    slot: str
    due_at: datetime
    timezone: str  #: the newsletter's
    revision: int  #: how often editors have changed it
    issue: int | None  #: its row; None: nobody has changed it yet
    state: IssueState
    reason: str
    editable: bool
    note: str
    note_by: str
    sections: tuple[str, ...]  #: that a story can be moved to
    stories: tuple[DraftStory, ...]  #: in the order of publication
    out: tuple[DraftStory, ...]  #: best first


class DraftChange(View):
    """A change of a draft by an editor."""

    at: datetime
    by: str
    act: str
    headline: str  #: of the story; empty: it is about the introduction
    before: dict[str, Any]
    after: dict[str, Any]


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
    version: int  #: of the issue that its mail was made from; 0: it was never claimed
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
    """Result of a send."""

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
    """Result of a dry run."""

    newsletter: str
    slot: str
    stories: int
    mails: int
    folder: Path
    candidates: tuple[CandidateView, ...]


class WrongView(View):
    """A story that some readers got wrong."""

    place: int  #: in the issue, from 1
    story: int
    wrong: tuple[dict[str, str], ...]  #: what they read: headline and summary
    headline: str  #: what is right; empty: the story was withdrawn
    summary: str
    withdrawn: bool


class CorrectionPlan(View):
    """Content of a correction of an issue before it is made, and the number of its readers."""

    issue: int | None
    newsletter: str
    version: int  #: of the issue, which has the right words
    readers: int
    stories: tuple[WrongView, ...]
    unfinished: int | None  #: number of a correction that is on its way


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
