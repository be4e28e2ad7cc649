"""
Metrics for Prometheus: figures of the database, the same whichever process is asked.

A look reads few rows, however many readers there are. What has to be counted (deliveries by state, bounces, sources) is
counted in a thread of its own, for a twentieth of its time; a look waits for it for a moment, and else has the last counts.
"""

import hmac
import platform
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import product

from sqlmodel import Session

from digest import __version__, log
from digest.bounces.report import Verdict
from digest.deliver.heartbeat import LIMIT_S
from digest.errors import DigestError, Forbidden, NotFound
from digest.model import metric
from digest.model.approval import may_go
from digest.model.issue import Issue
from digest.model.metric import Counts, Key, Metric, MetricKind
from digest.model.newsletter import Newsletter
from digest.model.pause import PauseKind
from digest.model.states import DeliveryState, IssueState
from digest.services import dashboard
from digest.services.backups import newest_backup
from digest.services.context import Context, Place
from digest.services.issues import LOOK_BACK
from digest.store import deliveries, health, issues, metrics, newsletters, owners, pauses, schema, sources, work
from digest.store.meter import METER

SHARE = 20  #: counting rests for so many times as long as it took
WAIT_S = 0.1  #: that a look waits for counts
FAILING_NAMED, HELD_COUNTED = 20, 20
_OPEN = (IssueState.READY, IssueState.SENDING, IssueState.HELD)
_OUTCOMES = ("sent", "deferred", "bounced", "unsure")
_WAITING = (DeliveryState.QUEUED, DeliveryState.DEFERRED, DeliveryState.UNSURE)
Values = Mapping[tuple[str, ...], tuple[float, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A metric with its values, by those of its labels: one value, or of a summary the number and the sum."""

    metric: Metric
    values: Values


def check_token(place: Place, token: str) -> None:
    """Check the token of who asks for metrics. Raises NotFound where no token is set, so that nobody gets them, or Forbidden."""
    known = place.settings.metrics_token
    if not known:
        raise NotFound("metrics", "here")
    if not hmac.compare_digest(token.encode(), known.encode()):
        raise Forbidden("metrics need the token that is set for them", code="not_authenticated")


def read(ctx: Context, counting: "Counting") -> Sequence[Reading]:
    """Return every metric; one of which nothing is known has no values. Raises StoreError."""
    counted = counting.latest()
    found = {**_backup(ctx), **_looked_at(ctx), **(_as_values(counted) if counted else {})}
    return [Reading(metric=one, values=found.get(one.name, {})) for one in metric.METRICS]


# --- what is counted while something happens ----------------------------------------------------


def measure_job(name: str, outcome: str, seconds: float) -> None:
    """Count a job of this process, and its time."""
    METER.measured(metric.JOBS, seconds, name, outcome)


def flush(ctx: Place) -> None:
    """Store what this process has counted; while the database is away, it is kept for the next time."""
    counts = METER.take()
    try:
        with ctx.db.begin(shared=True) as tx:
            metrics.add(tx, counts, holder=METER.holder)
    except DigestError:
        METER.add(counts)


def add_up(ctx: Place) -> None:
    """Add up the counts of all processes, so that those that have ended leave no rows behind."""
    with ctx.db.begin() as tx:
        metrics.add_up(tx)


# --- what is looked at ---------------------------------------------------------------------------


def _looked_at(ctx: Context) -> dict[str, Values]:
    now = ctx.clock()
    with ctx.db.read() as tx:
        papers = newsletters.all_of(tx)
        open_ = issues.in_states(tx, _OPEN)
        states = Counter(issue.state for issue in open_)
        held = Counter(pause.kind for pause in pauses.active(tx, now=now))
        punctual = {paper.name: _punctuality(tx, paper, now) for paper in papers}
        senders = owners.alive(tx, since=now - timedelta(seconds=LIMIT_S))
        return {
            metric.BUILD.name: {_build(ctx): (1,)},
            metric.ISSUES.name: {(state.value,): (states[state],) for state in _OPEN},
            metric.LATENESS.name: {(name,): (late,) for name, (late, _) in punctual.items() if late is not None},
            metric.OVERDUE.name: {(name,): (overdue,) for name, (_, overdue) in punctual.items()},
            metric.NEXT_DUE.name: {(p.name,): (slot.due_at.timestamp(),) for p in papers if (slot := p.next_slot(now))},
            metric.QUEUE_AGE.name: {labels: (age,) for paper in papers for labels, age in _ages(tx, paper, open_, now)},
            metric.SENDERS.name: {(): (senders,)},
            metric.WORKERS.name: {(): (work.workers(tx),)} if ctx.db.shared else {},
            metric.PAUSES.name: {(kind.value,): (held[kind],) for kind in PauseKind},
            metric.DATABASE_SIZE.name: {(): (health.size(tx),)},
            **_stored(ctx, metrics.totals(tx)),
        }


def _build(ctx: Place) -> tuple[str, ...]:
    return __version__, platform.python_version(), "PostgreSQL" if ctx.db.shared else "SQLite", schema.newest()


def _expected(ctx: Context, totals: Counts) -> Counts:
    """Return zero for what may come: Prometheus does not see growth in what was not there before."""
    relays, domains = [transport.name for transport in ctx.transports], ctx.pace.labels
    runs = f"{metric.JOBS.name}_count"
    kinds = {labels[0] for name, labels in totals if name == runs}
    expected: dict[Key, float] = {(metric.DELIVERIES.name, labels): 0.0 for labels in product(relays, domains, _OUTCOMES)}
    return expected | {(runs, (kind, "failed")): 0.0 for kind in kinds}


def _stored(ctx: Context, totals: Counts) -> dict[str, Values]:
    """Return the values of the metrics whose counts are kept in the database."""
    known = {**_expected(ctx, totals), **totals}
    found: dict[str, Values] = {}
    for one in (metric.DELIVERIES, metric.JOBS, metric.DATABASE):
        series = [one.name] if one.kind is MetricKind.COUNTER else one.series
        labels = sorted(labels for name, labels in known if name == series[0])
        found[one.name] = {values: tuple(known.get((name, values), 0.0) for name in series) for values in labels}
    return found


def _punctuality(tx: Session, paper: Newsletter, now: datetime) -> tuple[float | None, float]:
    """Return how late the first mail of the newest slot was, in seconds; and how long it is overdue while none has gone."""
    since = max(paper.timetable_at, now - LOOK_BACK)
    slot = max(paper.slots(after=since, until=now), key=lambda slot: slot.due_at, default=None)
    if slot is None:
        return None, 0.0
    issue = issues.of_slot(tx, paper.id, slot.name)
    first = metrics.first_mail(tx, issue.id) if issue is not None and issue.queued_at else None
    if first is not None:
        return max(0.0, (first - slot.due_at).total_seconds()), 0.0
    return None, (now - slot.due_at).total_seconds() if _is_to_go(paper, issue, now) else 0.0


def _is_to_go(paper: Newsletter, issue: Issue | None, now: datetime) -> bool:
    """Return whether an issue should have gone by now, and no person keeps it back."""
    if issue is None or issue.state in (IssueState.DRAFT, IssueState.SENDING):
        return True
    return issue.state is IssueState.READY and may_go(paper, issue, now=now, by_hand=False)


def _ages(tx: Session, paper: Newsletter, open_: Sequence[Issue], now: datetime) -> Iterator[tuple[tuple[str, ...], float]]:
    """Yield newsletter and state, each with the age of the oldest issue that has deliveries in that state."""
    mine = [issue for issue in open_ if issue.newsletter_id == paper.id and issue.queued_at]
    for state in _WAITING:
        since = [issue.queued_at for issue in mine if issue.queued_at and metrics.any_in(tx, issue.id, state)]
        yield (paper.name, state.value), (now - min(since)).total_seconds() if since else 0.0


def _backup(ctx: Place) -> dict[str, Values]:
    folder = ctx.settings.backup_path
    if folder is None:
        return {}
    newest = newest_backup(folder)
    if newest is None:
        return {metric.BACKUP_AT.name: {(): (0,)}}
    return {metric.BACKUP_AT.name: {(): (newest[1].timestamp(),)}, metric.BACKUP_SIZE.name: {(): (newest[0].stat().st_size,)}}


# --- what has to be counted -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """Counts of many rows."""

    at: datetime
    deliveries: Mapping[tuple[str, ...], int]  #: by newsletter, issue and state
    bounces: Mapping[str, int]  #: by verdict
    sources: Mapping[str, int]  #: by how they do
    failures: Mapping[str, int]  #: in a row, by source


class Counting:
    """The last counts, made anew in a thread when somebody asks and the rest after the last ones is over."""

    def __init__(self, ctx: Place, *, count: "Callable[[Place], Counted] | None" = None) -> None:
        """`ctx`: its database may take its time. `count`: what counts."""
        self._ctx = ctx
        self._make = count or count_all
        self._latest: Counted | None = None
        self._again_at = 0.0
        self._lock = threading.Lock()
        self._idle = threading.Event()
        self._idle.set()

    def latest(self) -> Counted | None:
        """Return the last counts, after a short wait for new ones; None: there are none yet."""
        with self._lock:
            if self._idle.is_set() and time.monotonic() >= self._again_at:
                self._idle.clear()
                threading.Thread(target=self._count, name="counting", daemon=True).start()
        self._idle.wait(WAIT_S)
        return self._latest

    def _count(self) -> None:
        began = time.monotonic()
        try:
            self._latest = self._make(self._ctx)
        except DigestError as problem:
            log.get().warning("metrics.uncounted", error=str(problem))
        finally:
            now = time.monotonic()
            self._again_at = now + SHARE * (now - began)
            self._idle.set()


def count_all(ctx: Place) -> Counted:
    """Count what takes the longer the more rows there are. Raises StoreError."""
    now = ctx.clock()
    with ctx.db.read() as tx:
        names = {paper.id: paper.name for paper in newsletters.all_of(tx)}
        chosen = {issue.id: issue for issue in _recent(tx, list(names))}
        known = sources.all_of(tx)
        quiet = dashboard.quiet(tx, known, now)
        bounced = metrics.bounces(tx)
    by_state: dict[tuple[str, ...], int] = {}
    for issue in chosen.values():
        with ctx.db.read() as tx:  # one by one: a long view of SQLite keeps its log from being emptied
            counts = deliveries.counts(tx, issue.id)
        labels = (names[issue.newsletter_id], str(issue.number or issue.slot))
        by_state.update({(*labels, state.value): counts.get(state, 0) for state in DeliveryState})
    states = Counter(failing=sum(one.fails for one in quiet), paused=sum(source.paused for source in known))
    states["silent"] = len(quiet) - states["failing"]
    states["working"] = len(known) - states.total()
    failing = sorted((source for source in known if source.failures), key=lambda source: -source.failures)[:FAILING_NAMED]
    failures = {log.mask(source.name): source.failures for source in failing}
    return Counted(at=now, deliveries=by_state, bounces=bounced, sources=states, failures=failures)


def _recent(tx: Session, newsletter_ids: Sequence[int]) -> Iterator[Issue]:
    """Yield the newest frozen issue of each newsletter, and the issues that are not done."""
    for number in newsletter_ids:
        yield from [issue for issue in issues.latest(tx, number, limit=5) if issue.queued_at][:1]
    yield from [issue for issue in issues.in_states(tx, _OPEN) if issue.queued_at][:HELD_COUNTED]


def _as_values(counted: Counted) -> dict[str, Values]:
    return {
        metric.ISSUE_DELIVERIES.name: {labels: (number,) for labels, number in counted.deliveries.items()},
        metric.BOUNCES.name: {(verdict.value,): (counted.bounces.get(verdict, 0),) for verdict in Verdict},
        metric.SOURCES.name: {(state,): (number,) for state, number in counted.sources.items()},
        metric.SOURCE_FAILURES.name: {(name,): (number,) for name, number in counted.failures.items()},
        metric.COUNTED_AT.name: {(): (counted.at.timestamp(),)},
    }
