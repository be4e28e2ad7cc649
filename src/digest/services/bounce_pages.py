"""
What came back as the admin pages show it: counts over time, lists by keyset, one report beside the mail that it is about.

What a report did, and how that is taken back, is in `bounces`.
"""

import zlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import partial
from itertools import pairwise

from sqlmodel import Session

from digest.audience.address import parse
from digest.bounces.excerpt import Excerpt, excerpt
from digest.bounces.report import Reason, Verdict
from digest.errors import NotFound
from digest.model.bounce import Bounce, Chosen
from digest.model.delivery import Delivery
from digest.model.issue import Issue
from digest.model.newsletter import Newsletter
from digest.model.states import SubscriptionState
from digest.model.tokens import address_hmac
from digest.services import reports
from digest.services.context import Place
from digest.services.tallies import Tallies
from digest.store import bounce_reports, bounces, deliveries, issues, newsletters, subscribers

REPORTS_SHOWN, DOMAINS_SHOWN, REPORTS_OF_DELIVERY = 50, 20, 20
SPANS = (7, 30, 90)  #: days that can be looked at
VERDICTS, REASONS = tuple(verdict.value for verdict in Verdict), tuple(reason.value for reason in Reason)

Counted = Sequence[tuple[str, str, str, int]]  #: verdict, reason, domain, how many


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A row of a table of counts."""

    name: str
    verdicts: Mapping[str, int]

    @property
    def total(self) -> int:
        """Number of reports."""
        return sum(self.verdicts.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """Reports of one issue that wait for a person, since too many came at once."""

    issue: Issue
    paper: Newsletter
    domains: Mapping[str, int]

    @property
    def total(self) -> int:
        """Number of reports."""
        return sum(self.domains.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """Reports of the last days, by day, reason and domain."""

    days: Sequence[tuple[date, Mapping[str, int]]]  #: by verdict, the oldest day first
    verdicts: Mapping[str, int]
    reasons: Sequence[Line]  #: the most frequent first
    domains: Sequence[Line]  #: likewise, as many as are shown
    held: Sequence[Held]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportPage:
    """Some reports, newest first, and the number of the last where there are more."""

    rows: Sequence[Bounce]
    papers: Mapping[int, Newsletter]
    more_after: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportDetail:
    """A report with all that it is about."""

    bounce: Bounce
    via: str  #: how it came: the mailbox, or the mail provider whose webhook posted it
    paper: Newsletter | None
    issue: Issue | None
    delivery: Delivery | None
    excerpt: Excerpt | None  #: None: the mail was forgotten
    is_suppressed: bool  #: the address is not mailed now
    frees_address: bool  #: to take the report back lets the address be mailed again
    resumes: str  #: title of the list on which a subscription would go on; empty: none would

    @property
    def can_be_undone(self) -> bool:
        """True if the report has an effect that `bounces.undo` takes back."""
        return self.bounce.effect in reports.HARMING


def overview(ctx: Place, tallies: Tallies, *, days: int) -> Overview:
    """Return the reports of the last days, counted in days of the place's zone."""
    zone, now = ctx.settings.zone, ctx.clock()
    today = now.astimezone(zone).date()
    span = [today - timedelta(days=ago) for ago in reversed(range(days))]
    starts = [datetime.combine(day, time(), zone) for day in [*span, today + timedelta(days=1)]]
    with ctx.db.read() as tx:
        found = tallies.kept(("bounces", days, today), partial(_by_day, tx, starts))
        waiting = _held(tx)
    return Overview(
        days=[(day, _by(counted, 0)) for day, counted in zip(span, found, strict=True)],
        verdicts=_by([row for counted in found for row in counted], 0),
        reasons=_lines(found, 1),
        domains=[line for line in _lines(found, 2) if line.name][:DOMAINS_SHOWN],
        held=waiting,
    )


def _by_day(tx: Session, starts: Sequence[datetime]) -> Sequence[Counted]:
    return [bounce_reports.counts(tx, since=since, until=until) for since, until in pairwise(starts)]


def _by(counted: Counted, column: int) -> Mapping[str, int]:
    sums = Counter[str]()
    for row in counted:
        sums[str(row[column])] += row[3]
    return sums


def _lines(found: Sequence[Counted], column: int) -> Sequence[Line]:
    """Sum up by a column, and within it by verdict; the most frequent first."""
    sums: dict[str, Counter[str]] = {}
    for counted in found:
        for row in counted:
            sums.setdefault(str(row[column]), Counter())[row[0]] += row[3]
    lines = [Line(name=name, verdicts=verdicts) for name, verdicts in sums.items()]
    return sorted(lines, key=lambda line: (-line.total, line.name))


def _held(tx: Session, issue_id: int | None = None) -> Sequence[Held]:
    domains: dict[int, dict[str, int]] = {}
    for number, domain, count in bounce_reports.held(tx, issue_id=issue_id):
        domains.setdefault(number, {})[domain] = count
    papers = {paper.id: paper for paper in newsletters.all_of(tx)} if domains else {}
    return [
        Held(issue=issue, paper=papers[issue.newsletter_id], domains=domains[issue.id])
        for issue in issues.with_ids(tx, set(domains))
    ]


def held_of(ctx: Place, issue_id: int) -> Held:
    """Return the reports on an issue that wait for a person. Raises NotFound where there are none."""
    with ctx.db.read() as tx:
        found = _held(tx, issue_id)
    if not found:
        raise NotFound("held reports of issue", issue_id, code="nothing_held")
    return found[0]


# --- lists -----------------------------------------------------------------------------------


def report_page(ctx: Place, chosen: Chosen, *, address: str = "", after: int | None) -> ReportPage:
    """Return some reports that pass the filters, on one address or on any, older than the one with number `after`. Raises BadAddress."""
    if address:
        hmac = address_hmac(parse(address).key, ctx.settings.pepper)
        chosen = replace(chosen, address_hmac=hmac)
    with ctx.db.read() as tx:
        found = bounce_reports.page(tx, chosen, after=after, limit=REPORTS_SHOWN + 1)
        papers = {paper.id: paper for paper in newsletters.all_of(tx)}
    rows = found[:REPORTS_SHOWN]
    return ReportPage(rows=rows, papers=papers, more_after=rows[-1].id if len(found) > REPORTS_SHOWN else None)


def papers(ctx: Place) -> Sequence[Newsletter]:
    """Return the newsletters that reports can be of."""
    with ctx.db.read() as tx:
        return newsletters.all_of(tx)


def of_delivery(ctx: Place, delivery_id: int) -> Sequence[Bounce]:
    """Return the reports on a delivery, oldest first."""
    with ctx.db.read() as tx:
        return bounce_reports.of_delivery(tx, delivery_id)[:REPORTS_OF_DELIVERY]


# --- one report ------------------------------------------------------------------------------


def report(ctx: Place, number: int) -> ReportDetail:
    """Return a report, the mail behind it, and what to take it back would do. Raises NotFound."""
    with ctx.db.read() as tx:
        bounce = bounces.get(tx, number)
        mail = bounces.mail(tx, bounce.mail_id)
        raw = mail.original
        entry = subscribers.suppression(tx, bounce.address_hmac) if bounce.address_hmac else None
        papers = {paper.id: paper for paper in newsletters.all_of(tx)}
        tie = subscribers.subscription_by_id(tx, bounce.subscription_id) if bounce.subscription_id else None
        return ReportDetail(
            bounce=bounce,
            via=mail.via,
            paper=papers.get(bounce.newsletter_id or 0),
            issue=next(iter(issues.with_ids(tx, {bounce.issue_id})), None) if bounce.issue_id else None,
            delivery=deliveries.find(tx, bounce.delivery_id) if bounce.delivery_id else None,
            excerpt=excerpt(zlib.decompress(raw), sentence=bounce.sentence) if raw else None,
            is_suppressed=entry is not None,
            frees_address=entry is not None and entry.made_at == bounce.at,
            resumes=(tie[1].title or tie[1].name) if tie and tie[0].state is SubscriptionState.UNSUBSCRIBED else "",
        )
