"""Newsletter, Section and EditorialRule: a periodical, its named parts, and what its editors ask for."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from digest.model.columns import enum_type
from digest.model.states import ApprovalPolicy, ArchiveAccess, RuleKind, Silence
from digest.model.timetable import HORIZON, Slot, Timetable


class Newsletter(SQLModel, table=True):
    """A periodical: its sources, sections, template and theme, timetable and mailing list."""

    __tablename__ = "newsletter"

    id: int = Field(default=None, primary_key=True)  #: given when it is stored
    name: str = Field(unique=True)  #: its handle on the command line
    title: str  #: its masthead
    mlist_id: int = Field(foreign_key="mlist.id")
    template: str = "digest"
    theme: str = "ledger"
    language: str = "en"
    zone: str  #: IANA name
    days: str = "mon,tue,wed,thu,fri"
    at: str = "07:00"  #: wall times, commas between
    max_stories: int = 20
    min_stories: int = 1
    max_lateness_s: int = 6 * 3600
    max_age_s: int | None = None  #: None: the timetable's longest gap and 12 hours
    welcome_issue: bool = True  #: who confirms a sign-up is mailed the newest issue
    next_note: str = ""  #: an editor's words that open the next issue; it takes them over
    next_note_by: str = ""
    bounce_rules: str = ""  #: what differs from the rules for bounces that apply elsewhere, as `bounces.rules` reads it
    archive: ArchiveAccess = Field(default=ArchiveAccess.OFF, sa_type=enum_type(ArchiveAccess))
    approval: ApprovalPolicy = Field(default=ApprovalPolicy.NONE, sa_type=enum_type(ApprovalPolicy))
    approval_min: int = 15  #: minutes before its hour until which approvers answer
    approval_silence: Silence = Field(default=Silence.HOLD, sa_type=enum_type(Silence))
    approvers: str = ""  #: addresses, commas between; empty: those of the admins
    made_at: datetime
    timetable_at: datetime  #: since when the timetable is as it is; there are no slots before
    paused_from: datetime | None = None  #: there are no slots from then …
    paused_until: datetime | None = None  #: … until then; None: until somebody says so

    @property
    def timetable(self) -> Timetable:
        """Due times of the newsletter."""
        return Timetable.parse(days=self.days, at=self.at, zone=self.zone)

    def slots(self, *, after: datetime, until: datetime) -> Iterator[Slot]:
        """Return every slot due later than `after` and not later than `until`, except those within the pause."""
        return (slot for slot in self.timetable.slots(after=after, until=until) if not self.is_paused(slot.due_at))

    def next_slot(self, after: datetime) -> Slot | None:
        """Return the first slot due later than `after`; None while the newsletter is paused without an end."""
        if self.is_paused(after):
            if self.paused_until is None:
                return None
            after = max(after, self.paused_until - timedelta(microseconds=1))
        return next(self.slots(after=after, until=after + HORIZON), None)

    def is_paused(self, at: datetime) -> bool:
        """Return whether an instant lies within the pause."""
        return self.paused_from is not None and self.paused_from <= at and (self.paused_until is None or at < self.paused_until)

    @property
    def max_lateness(self) -> timedelta:
        """Longest delay after its due time at which a slot is still published."""
        return timedelta(seconds=self.max_lateness_s)

    @property
    def max_age(self) -> timedelta:
        """Greatest age of a story, whatever the slot."""
        if self.max_age_s is not None:
            return timedelta(seconds=self.max_age_s)
        return self.timetable.longest_gap + timedelta(hours=12)


class Section(SQLModel, table=True):
    """
    A named part of a newsletter: stories with one of its topics, of one of its sources or with one
    of its words, at least `min_size` of them or none, at most `size`. One that asks for nothing takes the rest.
    """

    __tablename__ = "section"
    __table_args__ = (UniqueConstraint("newsletter_id", "name"),)

    id: int = Field(default=None, primary_key=True)  #: given when it is stored
    newsletter_id: int = Field(foreign_key="newsletter.id", ondelete="CASCADE")
    position: int
    name: str
    topic: str = ""  #: topics, commas between
    sources: str = ""  #: names of sources, a line each
    words: str = ""  #: words and phrases, commas between
    size: int = 5
    min_size: int = 0


class EditorialRule(SQLModel, table=True):
    """An editor's rule for the selection: stories with these words or this topic are boosted, required or muted."""

    __tablename__ = "editorial_rule"

    id: int = Field(default=None, primary_key=True)  #: given when it is stored
    newsletter_id: int = Field(foreign_key="newsletter.id", ondelete="CASCADE", index=True)
    kind: RuleKind = Field(sa_type=enum_type(RuleKind))
    words: str = ""  #: words and phrases, commas between
    topic: str = ""
    section: str = ""  #: only for stories of this section; empty = of all
    weight: float = 0.5  #: what a boost adds to the score
