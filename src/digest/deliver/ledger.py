"""
A run of the ledger: workers send claimed deliveries, the writer records the answers and claims the next ones.

All workers are coroutines of one event loop, the writer has a thread of its own. No transaction is open while a transport
is at work. Whatever happens between two of them is in the journal. Nothing outside the run is changed, so that several runs
of a process do not disturb each other.
"""

import asyncio
import threading
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from digest.deliver import limits
from digest.deliver.buffer import TAKE, ClaimBuffer
from digest.deliver.departures import Departures
from digest.deliver.heartbeat import Heartbeat
from digest.deliver.journal import Journal
from digest.deliver.pace import Pace
from digest.deliver.results import Rules
from digest.deliver.routes import Route, Routes
from digest.deliver.run import RunState, Tally
from digest.deliver.wakeup import Wakeup
from digest.deliver.warmup import warm_up
from digest.deliver.worker import Make, Shared, Worker
from digest.deliver.writer import Terms, Writer
from digest.model.ports import Clock, Transport
from digest.smtp.event_loop import new_event_loop
from digest.store import deliveries
from digest.store.engine import Database

UTC = ZoneInfo("UTC")
TICK_S = 0.02  #: between looks at whether more workers are worth it


def deliver(
    db: Database,
    transports: Sequence[Transport],
    make: Make,
    *,
    issue_id: int,
    journal: Journal,
    clock: Clock,
    connections: int = 1,
    resend: bool = False,
    pace: Pace | None = None,
    give_up_at: datetime,
    zone: ZoneInfo = UTC,
    on_progress: Callable[[int], None],
    stop: threading.Event | None = None,
) -> Tally:
    """
    Send every due delivery of an issue, until none is left, `stop` is set or no transport takes any more.

    `connections`: to each transport that names no number itself. `give_up_at`: see `Issue.give_up_at`. `zone`: where
    the days of a warm-up are counted. `on_progress` is called after each transaction with how many deliveries got their outcome.
    """
    pace, run, routes = pace or Pace(), RunState(stop, issue_id=issue_id), _routes(db, transports, clock)
    heartbeat = Heartbeat(db, journal.owner, place=journal.place, clock=clock)
    known = limits.recall(db, routes, connections=connections, now=clock())
    rules = Rules(repeatable=transports[0].repeatable, resend=resend, give_up_at=give_up_at)
    terms = Terms(
        issue_id=issue_id,
        owner=journal.owner,
        clock=clock,
        rules=rules,
        pace=pace,
        on_progress=on_progress,
        warmup=warm_up(db, routes, zone=zone, clock=clock),
    )
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        wakeup = Wakeup(runner.get_loop())
        buffer = ClaimBuffer(routes, pace, run, clock=clock, wake=wakeup.wake)
        departures = Departures(db, issue_id, clock=clock)
        writer = Writer(db, buffer, run, departures, heartbeat, terms, wake=wakeup.wake)
        shared = Shared(
            make=make,
            buffer=buffer,
            run=run,
            departures=departures,
            pace=pace,
            journal=journal,
            heartbeat=heartbeat,
            wakeup=wakeup,
        )
        writer.start()
        try:
            runner.run(_work(shared))
        finally:
            writer.close()
    tally = run.result()
    limits.remember(db, routes, known, now=clock())
    return tally


async def _work(shared: Shared) -> None:
    """
    Run workers until all have ended; begin more while there is enough for them to take: a few messages need no more than one.

    Each relay's first has a connection before the others ask for theirs, so that a refusal of one of them is told from
    a relay that takes nothing.
    """
    routes = shared.buffer.routes.all
    tasks = {asyncio.create_task(Worker(route, shared).work()) for route in routes}
    while tasks:
        done, tasks = await asyncio.wait(tasks, timeout=TICK_S)
        for task in done:
            task.result()
        for route in routes:
            if route.open and not shared.run.stopping:
                tasks |= {asyncio.create_task(Worker(route, shared).work()) for _ in range(_worth(route))}


def _worth(route: Route) -> int:
    """Return the number of further workers that there is enough to send for."""
    return max(0, min(route.connections - route.workers, len(route.waiting) // TAKE))


def _routes(db: Database, transports: Sequence[Transport], clock: Clock) -> Routes:
    """Return the relays, each with the remainder of its daily limit."""
    routes = Routes(transports)
    since = clock() - timedelta(days=1)
    with db.read() as tx:
        for route in routes.all:
            if daily := route.transport.limits.daily:
                route.left_today = daily - deliveries.sent_through(tx, route.transport.name, since=since)
    return routes
