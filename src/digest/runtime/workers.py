"""
Work shared by processes: jobs run on Procrastinate, on the same PostgreSQL, and one scheduler
leads among many.
"""

import asyncio
import secrets
import threading
from collections.abc import Iterable
from contextlib import suppress
from datetime import timedelta

import procrastinate

from digest import log
from digest.model.job import Job, JobKind
from digest.runtime import jobs
from digest.services import work
from digest.services.context import Context
from digest.store.work import QUEUE, TASK

LEASE, LEASE_LASTS = "scheduler", timedelta(seconds=20)
AGAIN_S = 5.0  #: until a database that did not answer is asked again
POLL_S = 1.0  #: a fallback: workers are woken by the database


class SharedDispatcher:
    """Dispatcher whose jobs any worker runs."""

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx

    def run(self, chosen: Iterable[Job]) -> None:
        """See `Dispatcher`; an issue is given to as many workers as there are."""
        given = list(chosen)
        work.share(self._ctx, lambda workers: (part for job in given for part in _parts(job, workers)))

    def wait(self) -> None:
        """Return at once: what is queued belongs to any worker."""


def _parts(job: Job, count: int) -> Iterable[Job]:
    if job.kind is not JobKind.DELIVER:
        return (job,)
    return (Job(kind=job.kind, numbers=job.numbers, part=part) for part in range(count))


class Leader:
    """Lease of the process that leads; another takes over LEASE_LASTS after its last renewal."""

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self._holder = secrets.token_hex(8)
        self._leads = False
        self._changing = threading.Lock()  # several jobs ask at the same tick, and one of them says what changed

    def __call__(self) -> bool:
        """Take the lease, or keep it."""
        leads = work.lead(self._ctx, LEASE, self._holder, lasts=LEASE_LASTS)
        with self._changing:
            has_changed, self._leads = leads != self._leads, leads
        if has_changed and leads:
            log.get().info("scheduler.leads")
        elif has_changed:
            log.get().info("scheduler.follows")
        return leads

    def end(self) -> None:
        """Release the lease, so that another process can lead at once."""
        work.step_down(self._ctx, LEASE, self._holder)


def run(ctx: Context, *, concurrency: int, stop: threading.Event) -> None:
    """Run jobs until `stop` is set and running jobs are finished; wait while the database is unavailable."""
    rest = jobs.BackOff(ctx.clock)
    while not stop.is_set():
        try:
            work.check(ctx)  # the pool would try for long
            asyncio.run(_run(ctx, concurrency, stop, rest))
        except Exception as problem:  # the top of a loop: it goes on when the database is back
            log.get().error("worker.lost", error=f"{type(problem).__name__}: {problem}")
            stop.wait(AGAIN_S)


async def _run(ctx: Context, concurrency: int, stop: threading.Event, rest: jobs.BackOff) -> None:
    app = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=ctx.settings.database_url))

    @app.task(name=TASK, queue=QUEUE)
    def job(kind: str, numbers: list[int], part: int) -> None:
        named = Job(kind=JobKind(kind), numbers=tuple(numbers), part=part)
        jobs.safely(jobs.PERFORMED[named.kind], lambda: jobs.perform(ctx, named, stop, rest))

    async with app.open_async():
        working = asyncio.create_task(
            app.run_worker_async(
                queues=[QUEUE],
                concurrency=concurrency,
                fetch_job_polling_interval=POLL_S,
                install_signal_handlers=False,
                delete_jobs="always",
                update_heartbeat_interval=5.0,
                stalled_worker_timeout=30.0,
            )
        )
        while not stop.is_set() and not working.done():
            await asyncio.sleep(0.1)
        working.cancel()
        with suppress(asyncio.CancelledError):
            await working
