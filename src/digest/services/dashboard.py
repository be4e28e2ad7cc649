"""
The dashboard: what is due, what is being sent, and what needs a hand, on one page.

It counts no table of people: with a million of them that takes a second. Who came and went is told by the
events, and how many there are by the deliveries of the last issue.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from itertools import pairwise
from zoneinfo import ZoneInfo

from sqlmodel import Session

from digest.model.delivery import Counts
from digest.model.event import EventKind
from digest.model.issue import Issue
from digest.model.newsletter import Newsletter
from digest.model.source import Source, is_silent
from digest.model.states import ApprovalPolicy, DeliveryState, IssueState
from digest.services.context import Context, Place, warnings
from digest.services.tallies import Tallies
from digest.store import articles, bounce_reports, deliveries, events, issues, newsletters, sources, subscribers

DUE_SHOWN = 5
MONTH_DAYS, WEEK_DAYS = 30, 7
NEEDS_S = 3.0  #: for which a count of what waits for a person is kept
_NEEDS = "needs"
#: Kinds of events of one reader, and the kind of an event of many with the fact that counts them.
_GAINED = (EventKind.SUBSCRIBED, EventKind.RESUBSCRIBED), (EventKind.IMPORT_FINISHED, "added")
_LOST = (EventKind.UNSUBSCRIBED, EventKind.SUPPRESSED), (EventKind.IMPORT_UNDONE, "removed")


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueCard:
    """An issue as the dashboard shows it."""

    issue: Issue
    paper: Newsletter
    headline: str  #: of its first story; empty: nothing is chosen yet
    stories: int
    counts: Counts

    @property
    def queued(self) -> int:
        """Number of its deliveries."""
        return sum(self.counts.values())

    @property
    def sent(self) -> int:
        """Number of those that were sent."""
        return self.counts.get(DeliveryState.SENT, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A due time of a newsletter."""

    paper: Newsletter
    slot: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Next(Due):
    """The issue that comes next."""

    waiting: int  #: stories that it may publish


class ToDoKind(StrEnum):
    """Kind of a thing that waits for a person."""

    HELD = "held"  #: an issue is held
    APPROVAL = "approval"  #: an issue that needs an approval waits for it
    UNSURE = "unsure"  #: nobody knows whether some readers have their mail
    NO_SOURCES = "no sources"  #: a newsletter has nothing to publish from
    NO_READERS = "no readers"  #: nobody would get it
    SETTING = "setting"  #: a setting that real mail needs is missing


@dataclass(frozen=True, slots=True, kw_only=True)
class ToDo:
    """A thing that waits for a person."""

    kind: ToDoKind
    paper: Newsletter | None = None
    issue: Issue | None = None
    count: int = 0
    said: str = ""  #: what is known of it


@dataclass(frozen=True, slots=True, kw_only=True)
class Quiet:
    """A source that brings nothing: it fails, or has brought nothing for longer than it ever pauses."""

    source: Source
    fails: bool
    last_at: datetime | None  #: its newest article; None: it never brought one


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """Readers gained and lost, a day at a time, the oldest first."""

    days: Sequence[tuple[date, int, int]]

    def over(self, days: int) -> tuple[int, int]:
        """Return how many were gained and lost in the last days."""
        last = self.days[-days:]
        return sum(gained for _, gained, _ in last), sum(lost for _, _, lost in last)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dashboard:
    """Content of the dashboard."""

    now: datetime
    next: Next | None
    due: Sequence[Due]
    to_dos: Sequence[ToDo]
    sending: Sequence["Progress"]
    last: IssueCard | None
    sources: int
    quiet: Sequence[Quiet]
    movement: Movement


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Progress of sending an issue, at one time."""

    at: datetime
    card: IssueCard
    to_go: int
    rate: float  #: mails a second, since the look before, else since it was queued
    done_at: datetime | None  #: when it is done at this rate; None: it stands still


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """Numbers of what waits for a person."""

    to_dos: int
    failing: int  #: sources
    held: int  #: issues whose reports are held back


def needs(ctx: Context, tallies: Tallies) -> Needs:
    """Return how much waits for a person, as it was counted within the last seconds."""
    with ctx.db.read() as tx:
        return tallies.kept(_NEEDS, lambda: _needs(ctx, tx), least_s=NEEDS_S)


def _needs(ctx: Context, tx: Session) -> Needs:
    papers = {paper.id: paper for paper in newsletters.all_of(tx)}
    return Needs(
        to_dos=len(_to_dos(ctx, tx, papers)),
        failing=sum(not source.paused for source in sources.failing(tx)),
        held=len({issue for issue, _, _ in bounce_reports.held(tx)}),
    )


def dashboard(ctx: Context, tallies: Tallies) -> Dashboard:
    """Return what is due, sent and wanting."""
    now = ctx.clock()
    tallies.forget(_NEEDS)
    with ctx.db.read() as tx:
        papers = {paper.id: paper for paper in newsletters.all_of(tx)}
        due = _due(papers.values(), now)
        latest = [issue for paper in papers.values() for issue in issues.latest(tx, paper.id, limit=3)]
        sent = max((i for i in latest if i.state is IssueState.SENT and i.sent_at), key=lambda i: i.sent_at or now, default=None)
        known = sources.all_of(tx)
        return Dashboard(
            now=now,
            next=_next(tx, due[0], now, tallies) if due else None,
            due=due[:DUE_SHOWN],
            to_dos=_to_dos(ctx, tx, papers),
            sending=_sending(tx, papers, tallies, now),
            last=_card(tx, sent, papers, tallies) if sent else None,
            sources=len(known),
            quiet=quiet(tx, known, now),
            movement=_movement(ctx, tx, tallies),
        )


def sending(ctx: Place, tallies: Tallies, before: Sequence[Progress] = ()) -> Sequence[Progress]:
    """Return how far the issues are that are being sent; `before` is what this returned the last time."""
    with ctx.db.read() as tx:
        papers = {paper.id: paper for paper in newsletters.all_of(tx)}
        return _sending(tx, papers, tallies, ctx.clock(), before)


def movement(ctx: Context | Place, tallies: Tallies) -> Movement:
    """Return who came and went in the last month."""
    with ctx.db.read() as tx:
        return _movement(ctx, tx, tallies)


def _due(papers: Iterable[Newsletter], now: datetime) -> Sequence[Due]:
    """Return the next due times of all newsletters, two of each, the soonest first."""
    found = []
    for paper in papers:
        first = paper.next_slot(now)
        second = paper.next_slot(first.due_at) if first else None
        found += [Due(paper=paper, slot=slot.name, at=slot.due_at) for slot in (first, second) if slot]
    return sorted(found, key=lambda due: due.at)


def _next(tx: Session, due: Due, now: datetime, tallies: Tallies) -> Next:
    """Return the issue that comes next, with how many stories there are that it has not published."""

    def count() -> int:
        published = issues.printed_stories(tx, due.paper.id)
        found = articles.story_numbers_since(tx, due.paper.id, since=now - due.paper.max_age)
        return sum(number not in published for number in found)

    return Next(paper=due.paper, slot=due.slot, at=due.at, waiting=tallies.kept(("waiting", due.paper.id), count))


def _card(tx: Session, issue: Issue, papers: Mapping[int, Newsletter], tallies: Tallies) -> IssueCard:
    picks = issues.picks(tx, issue.id)
    return IssueCard(
        issue=issue,
        paper=papers[issue.newsletter_id],
        headline=picks[0].headline if picks else "",
        stories=len(picks),
        counts=tallies.of(tx, issue.id),
    )


def _sending(
    tx: Session, papers: Mapping[int, Newsletter], tallies: Tallies, now: datetime, before: Sequence[Progress] = ()
) -> Sequence[Progress]:
    found = []
    known = {progress.card.issue.id: progress for progress in before}
    for issue in issues.in_states(tx, [IssueState.SENDING]):
        card = _card(tx, issue, papers, tallies)
        to_go = card.counts.get(DeliveryState.QUEUED, 0) + card.counts.get(DeliveryState.SENDING, 0)
        if not to_go:  # what is deferred or unsure is no send that one watches
            continue
        last = known.get(issue.id)
        since, sent = (last.at, card.sent - last.card.sent) if last else (issue.queued_at or now, card.sent)
        rate = max(sent, 0) / max((now - since).total_seconds(), 1.0)
        done_at = now + timedelta(seconds=to_go / rate) if rate else None
        found.append(Progress(at=now, card=card, to_go=to_go, rate=rate, done_at=done_at))
    return found


# --- what needs a hand -----------------------------------------------------------------------


def _to_dos(ctx: Context, tx: Session, papers: Mapping[int, Newsletter]) -> Sequence[ToDo]:
    held = [
        ToDo(kind=ToDoKind.HELD, issue=issue, paper=papers[issue.newsletter_id], said=issue.reason)
        for issue in issues.in_states(tx, [IssueState.HELD])
    ]
    waiting = [
        ToDo(kind=ToDoKind.APPROVAL, issue=issue, paper=paper)
        for issue in issues.in_states(tx, [IssueState.READY])
        if (paper := papers[issue.newsletter_id]).approval is ApprovalPolicy.REQUIRED and issue.approved_at is None
    ]
    unsure = [
        ToDo(kind=ToDoKind.UNSURE, issue=issue, paper=papers[issue.newsletter_id], count=count)
        for issue in issues.in_states(tx, [IssueState.SENDING, IssueState.HELD])
        if (count := deliveries.count_unsure(tx, issue.id))
    ]
    idle = []
    for paper in papers.values():
        if not sources.ids_of(tx, paper.id):
            idle.append(ToDo(kind=ToDoKind.NO_SOURCES, paper=paper))
        if not subscribers.any_reader(tx, paper.mlist_id):
            mlist = subscribers.list_by_id(tx, paper.mlist_id).name
            idle.append(ToDo(kind=ToDoKind.NO_READERS, paper=paper, said=mlist))
    wanting = warnings(ctx.settings)
    settings = [ToDo(kind=ToDoKind.SETTING, count=len(wanting), said=" · ".join(wanting))] if wanting else []
    return [*held, *waiting, *unsure, *idle, *settings]


def quiet(tx: Session, known: Sequence[Source], now: datetime) -> Sequence[Quiet]:
    """Return the sources that fail, then those that are silent."""
    active = [source for source in known if not source.paused]
    given = articles.given(tx, since=now - timedelta(days=MONTH_DAYS))
    failing = [Quiet(source=s, fails=True, last_at=given.get(s.id, (0, None))[1]) for s in active if s.error]
    silent = [
        Quiet(source=source, fails=False, last_at=last_at)
        for source in active
        if not source.error
        for count, last_at in [given.get(source.id, (0, None))]
        if is_silent(count=count, days=MONTH_DAYS, last_at=last_at, now=now)
    ]
    return [*failing, *silent]


def _movement(ctx: Context | Place, tx: Session, tallies: Tallies) -> Movement:
    """Return how many came and went in the last month, by its events, in days of the place's zone."""
    today = ctx.clock().astimezone(ctx.settings.zone).date()
    return tallies.kept(("movement", today), lambda: _count_movement(tx, today, ctx.settings.zone))


def _count_movement(tx: Session, today: date, zone: ZoneInfo) -> Movement:
    days = [today - timedelta(days=n) for n in reversed(range(MONTH_DAYS))]
    starts = [datetime.combine(day, time(), zone) for day in [*days, today + timedelta(days=1)]]
    found = []
    for day, (first, end) in zip(days, pairwise(events.numbers_at(tx, starts)), strict=True):
        gained, lost = (
            events.count_kinds(tx, single, first=first, end=end)
            + sum(int(facts.get(number, 0)) for facts in events.of_kind(tx, many, first=first, end=end))
            for single, (many, number) in (_GAINED, _LOST)
        )
        found.append((day, gained, lost))
    return Movement(days=found)
