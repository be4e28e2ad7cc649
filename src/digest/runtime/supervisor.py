"""The supervisor: what `serve` and `worker` start, and how they end."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Protocol

from digest import __version__, log
from digest.errors import BadInput, StoreError
from digest.model.event import NOBODY, Actor
from digest.runtime import jobs, memory, schedule
from digest.runtime.signals import Say, draining
from digest.services import accounts, metrics
from digest.services.context import Context, outdated
from digest.services.readiness import Pulse

LEFT_S = 2.0  #: for the pages to end
FLUSH_S = 15  #: seconds; as often as Prometheus asks
LOOK_S = 5.0  #: between two looks at the revision of the database


class Pages(Protocol):
    """The server of the pages, bound to its port."""

    should_exit: bool

    @property
    def address(self) -> str:
        """URL of its address."""

    def run(self) -> None:
        """Serve until `should_exit` is set."""


def serve(ctx: Context, *, pages: Callable[[], Pages] | None, workers: int | None, say: Say, pulse: Pulse | None = None) -> None:
    """
    Run the pages, the scheduler and the jobs until a signal comes; `pages` binds the port and makes their server.

    `pulse`: what the scheduler beats, so that the pages can tell whether it is alive.

    While nobody has an account, `say` gets the link that makes the first one.

    Raises:
        BadInput: the port is in use, or the pages ended by themselves.
        StoreError: the database was upgraded meanwhile, or is moved.
    """
    memory.share_arenas()
    ctx = replace(ctx, actor=Actor.SCHEDULER, person=NOBODY)
    with log.all_caught(), draining(say) as stop, _keeping(ctx, stop), _guarded(ctx, stop):
        server = _start_pages(ctx, pages, stop, say) if pages else None  # first: a used port must not send anything
        end_jobs = _start_jobs(ctx, workers, stop, pulse) if workers else None
        say("the scheduler is ticking" if end_jobs else "no scheduler")
        mail = " ".join(transport.name for transport in ctx.transports)
        log.get().info("serve.started", version=__version__, mail=mail, scheduler=bool(workers), pages=pages is not None)
        try:
            while not stop.wait(0.5):
                if server is not None and not server.is_alive():
                    raise BadInput("the pages ended by themselves; the log above says why")
        finally:
            stop.set()
            if end_jobs is not None:
                end_jobs()  # bounded by `draining`, which ends the process after ten seconds
            if server is not None:
                server.join(LEFT_S)
            log.get().info("serve.stopped")


def work(ctx: Context, *, concurrency: int, say: Say) -> None:
    """
    Do the jobs of a `serve` elsewhere until a signal comes.

    Raises:
        BadInput: the database is a file, which no other machine can share.
        StoreError: the database was upgraded meanwhile, or is moved.
    """
    if not ctx.db.shared:
        raise BadInput("a worker needs PostgreSQL, and the database is a file", code="needs_server")
    from digest.runtime import workers

    memory.share_arenas()
    ctx = replace(ctx, actor=Actor.SCHEDULER, person=NOBODY)
    with log.all_caught(), draining(say) as stop, _keeping(ctx, stop), _guarded(ctx, stop):
        say("waiting for jobs")
        workers.run(ctx, concurrency=concurrency, stop=stop)


def _start_jobs(ctx: Context, count: int, stop: threading.Event, pulse: Pulse | None) -> Callable[[], None]:
    """Start the scheduler and the jobs, in threads; return a function that ends them and waits for running jobs."""
    if not ctx.db.shared:
        rest = jobs.BackOff(ctx.clock)
        dispatcher = jobs.ThreadDispatcher(count, lambda job: jobs.perform(ctx, job, stop, rest))
        return schedule.start(ctx, dispatcher, pulse=pulse).end
    from digest.runtime import workers

    leader = workers.Leader(ctx)
    working = threading.Thread(target=workers.run, args=(ctx,), kwargs={"concurrency": count, "stop": stop}, name="worker")
    working.start()
    ticking = schedule.start(ctx, workers.SharedDispatcher(ctx), leads=leader, pulse=pulse)

    def end() -> None:
        ticking.end()
        leader.end()
        working.join()

    return end


def _start_pages(ctx: Context, pages: Callable[[], Pages], stop: threading.Event, say: Say) -> threading.Thread:
    """Start the pages in a thread, which ends when `stop` is set."""
    server = pages()
    thread = threading.Thread(target=server.run, name="pages", daemon=True)
    thread.start()
    threading.Thread(target=_end_with, args=(server, stop), daemon=True).start()
    say(f"pages at {server.address}")
    # A passkey belongs to a name, so that the link says `localhost` where the place has no address of its own.
    base_url = ctx.settings.base_url or server.address.replace("127.0.0.1", "localhost")
    if link := accounts.first_link(ctx, base_url):
        say(f"nobody has an account yet; this link makes the first one, within an hour: {link}")
    return thread


def _end_with(server: Pages, stop: threading.Event) -> None:
    stop.wait()
    server.should_exit = True


@contextmanager
def _keeping(ctx: Context, stop: threading.Event) -> Iterator[None]:
    """Print repeats of faults and store what is counted, now and then, until `stop` is set; and once more at the end."""

    def keep() -> None:
        turns = 0
        while not stop.wait(1.0):
            log.flush()
            turns += 1
            if turns % FLUSH_S == 0:
                metrics.flush(ctx)

    keeping = threading.Thread(target=keep, name="keeping", daemon=True)
    keeping.start()
    try:
        yield
    finally:
        stop.set()
        keeping.join(LEFT_S)
        metrics.flush(ctx)


@contextmanager
def _guarded(ctx: Context, stop: threading.Event) -> Iterator[None]:
    """Set `stop` when the database is not for this program any more, and raise the reason at the end."""
    found: list[StoreError] = []

    def look() -> None:
        while not stop.wait(LOOK_S):
            if problem := outdated(ctx):
                found.append(problem)
                stop.set()

    threading.Thread(target=look, name="guard", daemon=True).start()
    yield
    if found:
        raise found[0]
