"""`digest serve` and `digest schedule`."""

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from digest import __version__
from digest.cli.output import announce, as_json, context, emit, note, open_place, table
from digest.model.timetable import local

if TYPE_CHECKING:
    from digest.services.context import Context
    from digest.web.server import Server


@click.command()
@click.option("--count", type=click.IntRange(1, 100), default=5, show_default=True, help="How many for each newsletter.")
@as_json
def schedule(count: int, as_json: bool) -> None:
    """The next due times of each newsletter, in its own time.

    \b
    Example:  digest schedule --count 10
    """
    from digest.store import newsletters

    ctx = open_place()
    rows = []
    with ctx.db.read() as tx:
        papers = newsletters.all_of(tx)
    for paper in papers:
        after = ctx.clock()
        for _ in range(count):
            slot = paper.next_slot(after)
            if slot is None:
                note(f"{paper.name} is paused; `digest newsletters set {paper.name} --resume` ends that")
                break
            rows.append(
                {
                    "newsletter": paper.name,
                    "slot": slot.name,
                    "due_at": slot.due_at,
                    "local": local(slot.due_at, paper.timetable.zone),
                }
            )
            after = slot.due_at
    rows.sort(key=lambda row: str(row["due_at"]))
    if as_json:
        emit(rows)
    else:
        table(
            ["newsletter", "slot", "due"],
            [(r["newsletter"], r["slot"], r["local"]) for r in rows],
            empty="nothing is due",
        )


@click.command()
@click.option(
    "--host", default="127.0.0.1", show_default=True, help="Where the pages listen; put a web server with TLS in front."
)
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="Of the pages; 0 takes a free one.")
@click.option("--workers", type=click.IntRange(1, 32), default=2, show_default=True, help="How many jobs run at once.")
@click.option("--no-scheduler", is_flag=True, help="Pages only.")
@click.option("--no-web", is_flag=True, help="Scheduler and senders only.")
def serve(host: str, port: int, workers: int, no_scheduler: bool, no_web: bool) -> None:
    """Leave it running: it collects, prints each issue at its hour, sends, and serves readers' pages.

    Ctrl-C or SIGTERM ends it after what is in hand is finished, within ten seconds.

    \b
    Example:  digest serve --port 8000
    """
    from digest import log
    from digest.cli.stopping import draining
    from digest.errors import BadInput

    log.setup(verbose=True)
    ctx = context()
    with draining(announce) as stop:
        server = None if no_web else _pages(ctx, host, port, stop)  # first: a used port must not send anything
        working = None if no_scheduler else _working(ctx, workers, stop)
        announce("the scheduler is ticking" if working else "no scheduler")
        log.get().info("serve.started", version=__version__, mail=_mail(ctx), scheduler=not no_scheduler, pages=not no_web)
        try:
            while not stop.wait(0.5):
                log.flush()
                if server is not None and not server.is_alive():
                    raise BadInput("the pages ended by themselves; the log above says why")
        finally:
            stop.set()
            if working is not None:
                working()  # bounded by `draining`, which ends the process after ten seconds
            if server is not None:
                server.join(2.0)
            log.get().info("serve.stopped")
    raise click.exceptions.Exit(130)


@click.command()
@click.option("--jobs", "count", type=click.IntRange(1, 32), default=2, show_default=True, help="How many jobs run at once.")
def worker(count: int) -> None:
    """Do jobs for a `digest serve` elsewhere: read sources, send. Needs PostgreSQL.

    As many of them as you like, on as many machines; each needs the same settings. Ctrl-C or
    SIGTERM ends it after what is in hand is finished, within ten seconds.

    \b
    Example:  digest worker --jobs 4
    """
    from digest import log
    from digest.cli.stopping import draining
    from digest.errors import BadInput

    log.setup(verbose=True)
    ctx = context()
    if not ctx.db.shared:
        raise BadInput("a worker needs PostgreSQL, and DIGEST_DATABASE_URL is a file; `digest serve` does everything itself")
    from digest.runtime import workers

    with draining(announce) as stop:
        announce("waiting for jobs")
        threading.Thread(target=_flush_until, args=(stop,), daemon=True).start()
        workers.run(ctx, concurrency=count, stop=stop)
    raise click.exceptions.Exit(130)


def _working(ctx: "Context", count: int, stop: threading.Event) -> Callable[[], None]:
    """The scheduler and the jobs, in threads; what is returned ends them and waits for what is in hand."""
    from digest.runtime import jobs
    from digest.runtime import schedule as clock

    if not ctx.db.shared:
        rest = jobs.BackOff(ctx.clock)
        dispatcher = jobs.ThreadDispatcher(count, lambda job: jobs.perform(ctx, job, stop, rest))
        return clock.start(ctx, dispatcher).end
    from digest.runtime import workers

    leader = workers.Leader(ctx)
    working = threading.Thread(target=workers.run, args=(ctx,), kwargs={"concurrency": count, "stop": stop}, name="worker")
    working.start()
    ticking = clock.start(ctx, workers.SharedDispatcher(ctx), leads=leader)

    def end() -> None:
        ticking.end()
        leader.end()
        working.join()

    return end


def _mail(ctx: "Context") -> str:
    """Where mail goes: each relay's name, or the outbox."""
    return " ".join(transport.name for transport in ctx.transports)


def _flush_until(stop: threading.Event) -> None:
    from digest import log

    while not stop.wait(1.0):
        log.flush()


def _pages(ctx: "Context", host: str, port: int, stop: threading.Event) -> threading.Thread:
    """Readers' pages in a thread; ends when `stop` is set."""
    from digest.web.public import app
    from digest.web.server import Server, listen

    listener = listen(host, port)
    server = Server(app(ctx), listener)
    thread = threading.Thread(target=server.run, name="pages", daemon=True)
    thread.start()
    threading.Thread(target=_end_with, args=(server, stop), daemon=True).start()
    announce(f"pages at http://{host}:{listener.getsockname()[1]}/")
    return thread


def _end_with(server: "Server", stop: threading.Event) -> None:
    stop.wait()
    server.should_exit = True
