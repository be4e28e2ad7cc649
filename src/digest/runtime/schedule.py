"""
The scheduler: APScheduler ticks, and each tick only looks up what is due. A restart loses nothing.

The mailbox of mails that come back is watched besides, where its server says when there is one.

Separate jobs, one instance each, so that a slow collect holds no issue back; coalesced and
without a misfire limit, since APScheduler drops a run that is a second late by default.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger

from digest import log
from digest.runtime import jobs
from digest.runtime.watch import Watcher
from digest.services.context import Context
from digest.services.readiness import Pulse

COLLECT_S, PUBLISH_S, APPROVE_S, DELIVER_S, TELL_S, RETAIN_S = 60, 5, 15, 5, 5, 3600
READERS_S, TIDY_S, BOUNCES_S, BACKUP_S, WEBHOOKS_S = 1, 300, 60, 600, 1
BEAT_S = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticking:
    """A running scheduler and what it dispatches to."""

    scheduler: BackgroundScheduler
    dispatcher: jobs.Dispatcher
    watcher: Watcher

    def end(self) -> None:
        """Stop ticking, and wait for running jobs."""
        self.watcher.end()
        self.scheduler.shutdown()
        self.dispatcher.wait()


def start(
    ctx: Context, dispatcher: jobs.Dispatcher, *, leads: Callable[[], bool] = lambda: True, pulse: Pulse | None = None
) -> Ticking:
    """Start ticking; the caller calls `end`. A tick of a process that does not lead asks nothing, but beats the pulse."""
    defaults = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
    scheduler = BackgroundScheduler(timezone="UTC", job_defaults=defaults)
    ticks: tuple[tuple[str, int, Callable[[], object]], ...] = (
        ("collect", COLLECT_S, partial(jobs.collect_due, ctx, dispatcher)),
        ("publish", PUBLISH_S, partial(jobs.publish_due, ctx)),
        ("approve", APPROVE_S, partial(jobs.ask_approvers, ctx)),
        ("deliver", DELIVER_S, partial(jobs.deliver_due, ctx, dispatcher)),
        ("tell", TELL_S, partial(jobs.tell_admins, ctx)),
        ("retain", RETAIN_S, partial(jobs.apply_retention, ctx)),
        ("backup", BACKUP_S, partial(jobs.make_backup, ctx)),
        ("readers", READERS_S, partial(jobs.mail_readers, ctx)),
        ("webhooks", WEBHOOKS_S, partial(jobs.send_webhooks, ctx)),
        ("bounces", BOUNCES_S, partial(jobs.read_bounces, ctx)),
        ("tidy", TIDY_S, partial(jobs.tidy_signups, ctx)),
    )
    for name, seconds, tick in ticks:
        trigger = IntervalTrigger(seconds=seconds, timezone="UTC")
        scheduler.add_job(_tick, trigger, args=[name, tick, leads], id=name, next_run_time=ctx.clock())
    if pulse is not None:
        scheduler.add_job(pulse.beat, IntervalTrigger(seconds=BEAT_S, timezone="UTC"), id="pulse", next_run_time=ctx.clock())
    scheduler.start()
    watcher = Watcher(ctx, wake=lambda: scheduler.modify_job("bounces", next_run_time=ctx.clock()), leads=leads)
    return Ticking(scheduler=scheduler, dispatcher=dispatcher, watcher=watcher)


def _tick(name: str, tick: Callable[[], object], leads: Callable[[], bool]) -> None:
    try:
        is_ours = leads()
    except Exception as problem:  # the database is away; the next tick asks again
        log.get().error("job.failed", error=f"{type(problem).__name__}: {problem}", job=name)
        return
    if is_ours:
        jobs.safely(name, tick)
