"""
Issues and deliveries as the admin pages show them: lists by keyset, an account of everybody, one person's mails.

What a person decides about them is in `issues` and `deliveries`.
"""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from digest.audience.address import parse
from digest.compose import frozen
from digest.compose.merge import web_view
from digest.errors import ComposeError, NotFound
from digest.model.amendment import Amendment
from digest.model.delivery import Attempt, Counts, Delivery, all_picks, without
from digest.model.issue import CandidateRow, Issue, can_amend
from digest.model.newsletter import Newsletter
from digest.model.states import ISSUE_MOVES, DeliveryState, IssueState
from digest.services.context import Context, Place
from digest.services.tallies import Tallies
from digest.store import deliveries, issues, newsletters, subscribers, versions

ISSUES_SHOWN, DELIVERIES_SHOWN = 30, 50
CSV_BATCH = 5_000  #: rows that are read at once
CSV_COLUMNS = ("delivery", "address", "state", "reason", "reply", "relay", "tries", "sent_at", "next_at", "version")


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueLine:
    """An issue in a list."""

    issue: Issue
    paper: Newsletter
    headline: str  #: of its first story; empty: nothing is chosen yet


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueDetail:
    """An issue with its stories, and what became of everybody who should get it."""

    issue: Issue
    paper: Newsletter
    picks: Sequence[CandidateRow]
    counts: Counts
    versions: Mapping[int, int]  #: version → how many got it, or perhaps; empty where there is but one
    amendments: Sequence[Amendment]
    corrects: Issue | None  #: the issue that it corrects
    corrections: Sequence[Issue]  #: of it

    @property
    def can_amend(self) -> bool:
        """True if its words can be changed as it stands, after mails have begun to go."""
        return can_amend(self.issue)

    @property
    def has_wrong(self) -> bool:
        """True if readers got an earlier version, so that a correction may have something to tell them."""
        return any(version < self.issue.version for version in self.versions)

    @property
    def total(self) -> int:
        """Number of deliveries: the sum of all states."""
        return sum(self.counts.values())

    @property
    def waiting(self) -> int:
        """Number of deliveries that have not gone out and still may."""
        return sum(self.counts.get(s, 0) for s in (DeliveryState.QUEUED, DeliveryState.SENDING, DeliveryState.DEFERRED))

    @property
    def waits_until(self) -> datetime | None:
        """Time at which deliveries go that wait for the warm-up of a relay; None where none waits."""
        is_sending = self.issue.state is IssueState.SENDING and self.counts.get(DeliveryState.QUEUED)
        return self.issue.waits_until if is_sending else None

    @property
    def acts(self) -> Sequence[str]:
        """Actions that a person may take in its state."""
        may = ISSUE_MOVES[self.issue.state]
        allowed = {
            "hold": IssueState.HELD in may,
            "resume": self.issue.state is IssueState.HELD,
            "settle": bool(self.counts.get(DeliveryState.UNSURE)),
            "retry": self.issue.state in (IssueState.SENDING, IssueState.SENT) and bool(self.counts.get(DeliveryState.BOUNCED)),
            "cancel": IssueState.CANCELLED in may,
            "reopen": self.issue.state is IssueState.CANCELLED,
        }
        return [act for act, is_allowed in allowed.items() if is_allowed]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryPage:
    """Some deliveries of an issue, and the number of the last where there are more."""

    rows: Sequence[Delivery]
    more_after: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryDetail:
    """A delivery with its issue and what happened to it."""

    delivery: Delivery
    issue: Issue
    paper: Newsletter
    attempts: Sequence[Attempt] = ()


# --- issues ----------------------------------------------------------------------------------


def issue_lines(
    ctx: Place, *, newsletter: str = "", state: IssueState | None = None, after: int | None = None
) -> tuple[Sequence[IssueLine], int | None]:
    """
    Return the newest issues, of one newsletter and in one state where they are named; and the number of the last where there are more.

    `after`: those that follow the issue with this number. Raises NotFound.
    """
    with ctx.db.read() as tx:
        papers = {paper.id: paper for paper in newsletters.all_of(tx)}
        chosen = newsletters.get(tx, newsletter).id if newsletter else None
        last = issues.get(tx, after) if after is not None else None
        found = issues.older(tx, last, newsletter_id=chosen, state=state, limit=ISSUES_SHOWN + 1)
        leads = issues.leads(tx, [issue.id for issue in found])
    lines = [IssueLine(issue=i, paper=papers[i.newsletter_id], headline=leads.get(i.id, "")) for i in found[:ISSUES_SHOWN]]
    return lines, lines[-1].issue.id if len(found) > ISSUES_SHOWN else None


def issue_detail(ctx: Place, tallies: Tallies, issue_id: int) -> IssueDetail:
    """Return an issue and what became of everybody. Raises NotFound."""
    with ctx.db.read() as tx:
        issue = issues.get(tx, issue_id)
        is_amended = issue.version > 1
        return IssueDetail(
            issue=issue,
            paper=newsletters.by_id(tx, issue.newsletter_id),
            picks=issues.picks(tx, issue_id),
            counts=tallies.of(tx, issue_id),
            versions=tallies.kept(("versions", issue_id), lambda: versions.counts(tx, issue_id)) if is_amended else {},
            amendments=versions.amendments(tx, issue_id) if is_amended else (),
            corrects=issues.get(tx, issue.corrects_id) if issue.corrects_id else None,
            corrections=versions.corrections(tx, issue_id) if is_amended else (),
        )


def skipped(ctx: Place, issue_id: int) -> Mapping[str, int]:
    """Return for which reasons deliveries of an issue were skipped, each with its count."""
    with ctx.db.read() as tx:
        return dict(deliveries.reasons(tx, issue_id))


def preview(ctx: Place, issue_id: int) -> str:
    """Return an issue as a page without personal data, whether or not it was published. Raises NotFound where it is not frozen."""
    with ctx.db.read() as tx:
        made = issues.renditions(tx, issue_id)
        if not made:
            raise NotFound("rendition", f"of issue {issue_id}", code="no_page")
        picks = without(all_picks(len(issues.picks(tx, issue_id))), issues.withdrawn(tx, issue_id))
    try:
        return web_view(frozen.load(made[0].content), picks, view=ctx.settings.base_url)
    except ComposeError as problem:  # an earlier version of the program made it
        raise NotFound("rendition", f"of issue {issue_id}", code="no_page") from problem


# --- deliveries ------------------------------------------------------------------------------


def delivery_page(ctx: Place, issue_id: int, *, state: DeliveryState | None, after: int | None) -> DeliveryPage:
    """Return some deliveries of an issue, in one state or in any, that follow the one with number `after`. Raises NotFound."""
    with ctx.db.read() as tx:
        issues.get(tx, issue_id)
        last = deliveries.get(tx, after) if after is not None else None
        found = deliveries.following(tx, issue_id, state=state, last=last, limit=DELIVERIES_SHOWN + 1)
    rows = found[:DELIVERIES_SHOWN]
    return DeliveryPage(rows=rows, more_after=rows[-1].id if len(found) > DELIVERIES_SHOWN else None)


def csv_of(ctx: Place, issue_id: int, *, after: int) -> tuple[str, int]:
    """
    Return a part of the account of an issue as CSV, and the number to continue from; 0 at the end.

    It begins with the names of the columns where `after` is 0.
    """
    with ctx.db.read() as tx:
        rows, last = deliveries.account_rows(tx, issue_id, after=after, limit=CSV_BATCH)
    text = io.StringIO()
    writer = csv.writer(text)
    if not after:
        writer.writerow(CSV_COLUMNS)
    writer.writerows(_harmless(row) for row in rows)
    return text.getvalue(), last


def _harmless(row: Sequence[object]) -> Iterator[object]:
    """Yield the cells of a row; one that a spreadsheet would take for a formula gets a quote before it."""
    for cell in row:
        yield f"'{cell}" if isinstance(cell, str) and cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell


def mails_to(ctx: Place, address: str) -> Sequence[DeliveryDetail]:
    """Return the newest deliveries to a person, by their address; none where nobody has it. Raises BadAddress."""
    key = parse(address).key
    with ctx.db.read() as tx:
        person = subscribers.find(tx, key)
        found = deliveries.of_subscriber(tx, person.id, limit=DELIVERIES_SHOWN) if person else []
        papers = {paper.id: paper for paper in newsletters.all_of(tx)}
        printed = {issue.id: issue for issue in issues.with_ids(tx, {one.issue_id for one in found})}
    return [DeliveryDetail(delivery=one, issue=printed[one.issue_id], paper=papers[one.newsletter_id]) for one in found]


def delivery(ctx: Place, delivery_id: int) -> DeliveryDetail:
    """Return a delivery with its failed tries. Raises NotFound."""
    with ctx.db.read() as tx:
        found = deliveries.get(tx, delivery_id)
        return DeliveryDetail(
            delivery=found,
            issue=issues.get(tx, found.issue_id),
            paper=newsletters.by_id(tx, found.newsletter_id),
            attempts=deliveries.attempts(tx, delivery_id),
        )


def numbers(ctx: Context, issue_id: int, state: DeliveryState) -> Sequence[int]:
    """Return the numbers of the deliveries of an issue that are in a state."""
    with ctx.db.read() as tx:
        return deliveries.ids_in_state(tx, issue_id, state)
