"""
Metrics: what Prometheus is told, by name, kind and labels; and counts that are kept in the database.

Names follow Prometheus' conventions: base units, and `_total` behind a counter, which the exposition adds. Each label
has few values, whatever the number of readers: states, kinds, newsletters, relays, families of domains.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlmodel import Field, SQLModel


class MetricKind(StrEnum):
    """Kind of a metric, as Prometheus knows it."""

    GAUGE = "gauge"  #: a value that goes up and down
    COUNTER = "counter"  #: a count that only grows
    SUMMARY = "summary"  #: the number and the sum of what was measured


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """A metric and what it says."""

    name: str
    kind: MetricKind
    says: str
    labels: Sequence[str] = ()

    @property
    def series(self) -> Sequence[str]:
        """Names of its time series."""
        endings = {MetricKind.COUNTER: ("_total",), MetricKind.SUMMARY: ("_count", "_sum")}
        return [self.name + ending for ending in endings.get(self.kind, ("",))]


#: A count is of a series, by the values of its metric's labels.
Key = tuple[str, tuple[str, ...]]
Counts = Mapping[Key, float]


class MetricCount(SQLModel, table=True):
    """
    A part of a count: what one process has counted. The sum over all holders is the count.

    Each process has rows of its own, so that none waits for another's transaction; every hour they are added up.
    """

    __tablename__ = "metric_count"

    series: str = Field(primary_key=True)  #: without the ending of a counter
    labels: str = Field(primary_key=True)  #: the values, as a JSON array
    holder: str = Field(primary_key=True)  #: the process; empty: what was added up
    value: float


_G, _C, _S = MetricKind


def _metric(name: str, kind: MetricKind, says: str, *labels: str) -> Metric:
    return Metric(name=f"digest_{name}", kind=kind, says=says, labels=labels)


BUILD = _metric("build_info", _G, "Always 1; the labels say what runs.", "version", "python", "database", "revision")

DELIVERIES = _metric("deliveries", _C, "Outcomes of deliveries, recorded with them.", "relay", "domain", "outcome")
ISSUE_DELIVERIES = _metric(
    "issue_deliveries",
    _G,
    "Deliveries of each newsletter's newest issue, and of those that are not done, by state.",
    "newsletter",
    "issue",
    "state",
)
ISSUES = _metric("issues", _G, "Issues that are not done, by state.", "state")
LATENESS = _metric(
    "issue_lateness_seconds", _G, "From the due minute of the newest issue to its first mail; 0: it went before.", "newsletter"
)
OVERDUE = _metric(
    "issue_overdue_seconds",
    _G,
    "Time since the newest due minute while no mail has gone and nobody keeps the issue back; else 0.",
    "newsletter",
)
NEXT_DUE = _metric("next_due_timestamp_seconds", _G, "When a newsletter is due next.", "newsletter")
QUEUE_AGE = _metric(
    "queue_age_seconds", _G, "Time since the oldest issue was queued that has deliveries in this state.", "newsletter", "state"
)
SENDERS = _metric("senders", _G, "Processes that are sending.")
WORKERS = _metric("workers", _G, "Processes that do jobs (PostgreSQL).")
PAUSES = _metric("sending_pauses", _G, "Recipient domains and relays that are given no mail for a while.", "kind")
BOUNCES = _metric("bounces", _C, "Reports of mails that came back, by verdict.", "verdict")

SOURCES = _metric("sources", _G, "Sources, by how they do.", "state")
SOURCE_FAILURES = _metric(
    "source_failures", _G, "Checks in a row that went wrong, of the twenty sources with the most.", "source"
)

JOBS = _metric("job_duration_seconds", _S, "Time of jobs.", "kind", "outcome")
DATABASE = _metric("database_transaction_seconds", _S, "Time of transactions, the wait for a lock included.", "kind")
DATABASE_SIZE = _metric("database_size_bytes", _G, "Size of the database.")
BACKUP_AT = _metric("backup_last_timestamp_seconds", _G, "When the newest backup was made; 0: there is none yet.")
BACKUP_SIZE = _metric("backup_last_size_bytes", _G, "Size of the newest backup.")
COUNTED_AT = _metric("counted_timestamp_seconds", _G, "When deliveries by state, bounces and sources were counted.")

#: Every metric, in the order in which it is shown.
METRICS: Sequence[Metric] = (
    *(BUILD, DELIVERIES, ISSUE_DELIVERIES, ISSUES, LATENESS, OVERDUE, NEXT_DUE, QUEUE_AGE, SENDERS, WORKERS, PAUSES, BOUNCES),
    *(SOURCES, SOURCE_FAILURES, JOBS, DATABASE, DATABASE_SIZE, BACKUP_AT, BACKUP_SIZE, COUNTED_AT),
)
#: Label value for the domains that no family or setting names.
OTHER = "other"
