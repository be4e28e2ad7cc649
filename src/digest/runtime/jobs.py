"""
Background jobs: collect what is due, publish slots whose time has come, send what waits.

Each job asks the database what is due and can be run at any time, twice, or late: the ledger
and the timetable decide, not the caller's memory.
"""

import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial
from itertools import groupby
from typing import Protocol

from digest import log
from digest.errors import DigestError, NothingToDo
from digest.model.issue import Issue
from digest.model.job import Job, JobKind
from digest.model.newsletter import Newsletter
from digest.model.ports import Clock
from digest.services import (
    approvals,
    backups,
    bounces,
    collecting,
    data_requests,
    idempotency,
    issues,
    metrics,
    moving,
    newsletters,
    notices,
    notifications,
    replies,
    retention,
    sending,
    signup_mails,
    webhooks,
)
from digest.services.context import Context

REST, LONGEST_REST = timedelta(seconds=5), timedelta(minutes=5)
BLOCK = 25  #: numbers of sources that one job reads
#: Names of jobs that any process performs, beside those of the scheduler's ticks.
PERFORMED = {JobKind.COLLECT: "collect sources", JobKind.DELIVER: "deliver issue"}


class Dispatcher(Protocol):
    """Dispatcher that decides where jobs run; the ledger stays the truth, so a job lost or run twice does no harm."""

    def run(self, chosen: Iterable[Job]) -> None:
        """Schedule these jobs; one that still waits or runs under its name need not be started again."""

    def wait(self) -> None:
        """Wait until the running jobs of this process are done; nothing more is started afterwards."""


class ThreadDispatcher:
    """Dispatcher that runs jobs in threads of this process."""

    def __init__(self, workers: int, perform: Callable[[Job], object]) -> None:
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="job")
        self._perform = perform
        self._running: dict[str, Future[None]] = {}

    def run(self, chosen: Iterable[Job]) -> None:
        """See `Dispatcher`."""
        self._running = {name: future for name, future in self._running.items() if not future.done()}
        for job in chosen:
            if job.name not in self._running:
                self._running[job.name] = self._pool.submit(safely, PERFORMED[job.kind], partial(self._perform, job))

    def wait(self) -> None:
        """See `Dispatcher`."""
        self._pool.shutdown(wait=True)


class BackOff:
    """Back-off of jobs that failed: it doubles from five seconds to five minutes."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._back_offs: dict[str, tuple[int, datetime]] = {}

    def ready(self, name: str) -> bool:
        """Return whether the back-off of a job is over."""
        if name not in self._back_offs:
            return True
        left = self._back_offs[name][1] - self._clock()
        return left <= timedelta(0) or left > LONGEST_REST  # more than the longest: the clock was set back

    def note(self, name: str, *, worked: bool) -> None:
        """Record whether a job worked."""
        if worked:
            self._back_offs.pop(name, None)
            return
        failures = self._back_offs[name][0] + 1 if name in self._back_offs else 0
        self._back_offs[name] = (failures, self._clock() + min(REST * (1 << min(failures, 10)), LONGEST_REST))


def safely(name: str, job: Callable[[], object]) -> None:
    """Run a job and measure it under its name; log its errors, so that the next one runs."""
    began = time.monotonic()
    with log.bound(job=name):
        outcome = _outcome(job)
    metrics.measure_job(name, outcome, time.monotonic() - began)


def _outcome(job: Callable[[], object]) -> str:
    try:
        job()
        return "done"
    except NothingToDo as nothing:
        log.get().info("job.idle", reason=str(nothing))
        return "idle"
    except DigestError as problem:
        log.get().error("job.failed", error=str(problem))
    except Exception as problem:  # the top of a loop: the next tick goes on
        log.get().error("job.failed", error=f"{type(problem).__name__}: {problem}", where=log.place(problem))
    return "failed"


def perform(ctx: Context, job: Job, stop: threading.Event, rest: BackOff) -> None:
    """Do a job, whichever process scheduled it, on the present state of its rows."""
    if job.kind is JobKind.COLLECT:
        due = {source.id: source for source in collecting.due_now(ctx)}
        collecting.collect(ctx, [due[number] for number in job.numbers if number in due])
        return
    [number] = job.numbers
    waiting = {issue.id: (paper, issue) for paper in newsletters.rows(ctx) for issue in issues.unfinished(ctx, paper)}
    if number in waiting and rest.ready(job.name):
        _deliver_one(ctx, *waiting[number], job, stop, rest)


def collect_due(ctx: Context, dispatcher: Dispatcher) -> None:
    """Schedule reading of the sources that are due, one job for each block of numbers."""
    due = sorted(source.id for source in collecting.due_now(ctx))
    blocks = groupby(due, lambda number: number // BLOCK)
    dispatcher.run([Job(kind=JobKind.COLLECT, numbers=tuple(numbers), part=block) for block, numbers in blocks])


def publish_due(ctx: Context) -> None:
    """Publish the slots that are due, up to the last queued row; `deliver_due` sends them."""
    for paper in newsletters.rows(ctx):
        safely("publish issue", partial(sending.publish_due, ctx, paper))


def deliver_due(ctx: Context, dispatcher: Dispatcher) -> None:
    """
    Schedule sending: issues just queued or interrupted, and deferred mail that is due.

    Each issue is a job of its own; while the relay is down it rests longer and longer.
    """
    sending.recover(ctx)
    waiting = [issue.id for paper in newsletters.rows(ctx) for issue in issues.unfinished(ctx, paper)]
    dispatcher.run(Job(kind=JobKind.DELIVER, numbers=(number,)) for number in waiting)


def ask_approvers(ctx: Context) -> None:
    """Freeze issues that need an approval, mail their approvers, and do what silence means."""
    approvals.tick(ctx)


def tell_admins(ctx: Context) -> None:
    """Mail the admins the events that are due, whichever process recorded them, and however it ended."""
    notifications.tell_due(ctx)


def apply_retention(ctx: Context) -> None:
    """Remove the personal data, the events and the answers to programs whose time is over; add up what is counted."""
    retention.apply(ctx)
    idempotency.forget_old(ctx)
    webhooks.forget_done(ctx)
    bounces.forget_originals(ctx)
    metrics.add_up(ctx)


def make_backup(ctx: Context) -> None:
    """Make the day's backup, where a folder is set for it."""
    backups.backup_due(ctx)


def read_bounces(ctx: Context) -> None:
    """Read the mails that came back, where a mailbox is set, and forward what persons wrote."""
    if ctx.settings.bounce_mailbox:
        bounces.process(ctx)
        replies.forward_due(ctx)


def mail_readers(ctx: Context) -> None:
    """Send the mails of sign-ups, the notices and the codes for people's data at once: a person is waiting."""
    signup_mails.send_due(ctx)
    notices.send_due(ctx)
    data_requests.send_due(ctx)


def send_webhooks(ctx: Context) -> None:
    """Send events to the webhooks that want them, whichever process recorded them, and however it ended."""
    webhooks.deliver_due(ctx)


def tidy_signups(ctx: Context) -> None:
    """Remind people who have not confirmed, and delete expired sign-ups, moves and requests for data."""
    signup_mails.tidy(ctx)
    moving.tidy(ctx)
    data_requests.tidy(ctx)


def _deliver_one(ctx: Context, paper: Newsletter, issue: Issue, job: Job, stop: threading.Event, rest: BackOff) -> None:
    worked = False
    try:
        worked = not sending.finish(ctx, paper, issue, resumed=True, stop=stop).tally.down
    finally:
        rest.note(job.name, worked=worked)
