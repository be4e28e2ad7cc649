"""
The clock: APScheduler ticks, and each tick only asks what is due. A restart loses nothing.

Separate jobs, one instance each, so that a slow collect holds no issue back; coalesced and
without a misfire limit, since APScheduler drops a run that is a second late by default.
"""

import threading

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger

from digest import jobs
from digest.context import Context

COLLECT_S, PUBLISH_S, DELIVER_S = 60, 5, 10


def start(ctx: Context, *, workers: int, stop: threading.Event) -> BackgroundScheduler:
    """Start ticking; the caller sets `stop` and calls `shutdown` to end it."""
    dispatcher = jobs.ThreadDispatcher(workers)
    scheduler = BackgroundScheduler(
        timezone="UTC", job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
    )
    ticks = (
        ("collect", COLLECT_S, lambda: jobs.safely(lambda: jobs.collect_due(ctx))),
        ("publish", PUBLISH_S, lambda: jobs.safely(lambda: jobs.publish_due(ctx, dispatcher, stop))),
        ("deliver", DELIVER_S, lambda: jobs.safely(lambda: jobs.deliver_due(ctx, dispatcher, stop))),
    )
    for name, seconds, tick in ticks:
        scheduler.add_job(tick, IntervalTrigger(seconds=seconds, timezone="UTC"), id=name, next_run_time=ctx.clock())
    scheduler.start()
    return scheduler
