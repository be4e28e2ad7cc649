"""Issue, Candidate and Pick: the stories that a newsletter publishes for one slot, and the reasons."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from digest.model.article import UNTOLD, ImageInfo
from digest.model.columns import enum_type
from digest.model.states import Form, IssueState

GIVE_UP = timedelta(hours=48)  #: a daily paper is stale after two days
GIVE_UP_REASON = "given up after 48 hours; last: "  #: before the last reply


class Issue(SQLModel, table=True):
    """One publication of a newsletter, for one slot."""

    __tablename__ = "issue"
    __table_args__ = (UniqueConstraint("newsletter_id", "slot"), UniqueConstraint("newsletter_id", "number"))

    id: int = Field(default=None, primary_key=True)  #: given when it is stored
    newsletter_id: int = Field(foreign_key="newsletter.id")
    slot: str
    number: int | None = None  #: given when it is frozen, counted per newsletter
    state: IssueState = Field(default=IssueState.DRAFT, sa_type=enum_type(IssueState), index=True)
    reason: str = ""  #: why it is skipped, held or cancelled
    note: str = ""  #: an editor's words that open it
    note_by: str = ""  #: who signed them
    nonce: str  #: random; in the Message-IDs of its mails
    due_at: datetime
    made_at: datetime
    frozen_at: datetime | None = None
    queued_at: datetime | None = None  #: every reader has a delivery
    sent_at: datetime | None = None
    waits_until: datetime | None = None  #: when mails of it go that wait for the warm-up of a relay
    retried_at: datetime | None = None  #: when a person last had what bounced sent again
    withdrawn_at: datetime | None = None  #: when it was taken out of the archive
    approved_at: datetime | None = None  #: when somebody approved it as it is frozen
    approved_by: str = ""
    revision: int = 0  #: how often editors have changed its draft
    version: int = 1  #: of its mails; each amendment makes the next
    corrects_id: int | None = Field(default=None, foreign_key="issue.id")  #: the issue that this one corrects
    corrects_version: int | None = None  #: the version of that issue whose words it tells

    @property
    def is_correction(self) -> bool:
        """True if it tells the readers of another issue what was wrong in that."""
        return self.corrects_id is not None

    @property
    def fresh_from(self) -> datetime:
        """Time from which the age of its mails counts: due, frozen, let go by a warm-up, or retried by a person, whichever came last."""
        return max(self.due_at, *filter(None, (self.frozen_at, self.waits_until, self.retried_at)))

    @property
    def give_up_at(self) -> datetime:
        """Time at which its mails that no relay has accepted are given up."""
        return self.fresh_from + GIVE_UP


def is_editable(issue: Issue) -> bool:
    """Return whether an editor may still change what an issue publishes."""
    return issue.state in (IssueState.DRAFT, IssueState.SKIPPED) or (issue.state is IssueState.HELD and issue.queued_at is None)


def can_amend(issue: Issue) -> bool:
    """Return whether the words of an issue can be changed after its mails have begun to go: it sends nothing now, and is no correction."""
    is_still = issue.state in (IssueState.HELD, IssueState.SENT, IssueState.CANCELLED)
    return issue.queued_at is not None and is_still and not issue.is_correction


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """An editor's words that open an issue, and who signed them; no text: there is none."""

    text: str = ""
    by: str = ""


NO_NOTE = Note()


class CandidateRow(SQLModel, table=True):
    """A story that was considered for an issue, as it is stored."""

    __tablename__ = "candidate"

    issue_id: int = Field(foreign_key="issue.id", primary_key=True, ondelete="CASCADE")
    story_id: int = Field(foreign_key="story.id", primary_key=True, index=True)
    rank: int | None = None  #: 0 is the top story; None: it is out
    section: str = ""
    form: Form | None = Field(default=None, sa_type=enum_type(Form))
    headline: str
    reason: str  #: why it is in or out, for a reader of the paper
    score: dict[str, float] = Field(sa_type=sa.JSON)
    snapshot: dict[str, Any] | None = Field(default=None, sa_type=sa.JSON)  #: a Pick; None: it is out
    withdrawn_at: datetime | None = None  #: when a person took it out of what was published


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """Another publisher that covers the story."""

    publisher: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pick:
    """A story that is published, with everything of it that is published."""

    story_id: int
    section: str
    form: Form
    headline: str
    summary: str
    publisher: str
    author: str
    url: str  #: empty: a dropped text without an address
    image: str
    language: str
    minutes: int  #: reading time; 0 where the text is not known
    also: Sequence[Coverage] = ()
    made_from: str = ""  #: what the summary was made from, in words
    image_info: ImageInfo = UNTOLD
    complete: bool = False  #: it leads nowhere, and the summary is all of its text
    updated: bool = False  #: its article was changed much after it was first seen
    article_id: int = 0  #: the article that it was made from; 0: an earlier version made it
    has_page: bool = False  #: it has no address, and its text is read in the reader's web view
    topics: Sequence[str] = ()  #: that readers choose it by: of its articles, and of its section


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """An article as curation needs it: one report of a story."""

    article_id: int
    source_id: int
    source_weight: float
    headline: str
    standfirst: str
    text: str
    author: str
    publisher: str
    topic: str
    url: str
    image: str
    language: str
    published_at: datetime | None
    first_seen_at: datetime
    word_count: int
    settles_at: datetime
    image_info: ImageInfo = UNTOLD
    revised_at: datetime | None = None
    source_name: str = ""
    tags: Sequence[str] = ()
    hidden: bool = False  #: by an editor, or because it was withdrawn
    withdrawn: bool = False  #: its source has taken it back
    pinned: bool = False
    is_free: bool | None = None  #: everybody may read it; None: it does not say

    @property
    def since(self) -> datetime:
        """Time of publication, as far as it is known; never later than when the article was first seen."""
        return min(self.published_at or self.first_seen_at, self.first_seen_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldStory:
    """A story with all its articles, the lead first."""

    story_id: int
    tellings: Sequence[Telling]
    predecessor_id: int | None = None  #: the story that it develops

    @property
    def lead(self) -> Telling:
        """Article that the issue links to."""
        return self.tellings[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A story considered for an issue: the parts of its score, and why it is in or out."""

    story: ToldStory
    score: dict[str, float]
    reason: str
    pick: Pick | None = None
    original: Pick | None = None  #: the same without an editor's words, where there are some

    @property
    def headline(self) -> str:
        """Headline that is published; the lead's for a story that is not."""
        return self.pick.headline if self.pick else self.story.lead.headline

    @property
    def total(self) -> float:
        """Total score: the sum of its parts."""
        return sum(self.score.values())
