"""`digest serve` and `digest schedule`."""

from dataclasses import replace
from typing import TYPE_CHECKING

import click

from digest.cli.output import announce, as_json, context, emit, note, open_place, table
from digest.model.event import NOBODY

if TYPE_CHECKING:
    from collections.abc import Callable

    from digest.runtime.supervisor import Pages
    from digest.services.context import Context
    from digest.services.readiness import Pulse


@click.command()
@click.option("--count", type=click.IntRange(1, 100), default=5, show_default=True, help="How many for each newsletter.")
@as_json
def schedule(count: int, as_json: bool) -> None:
    """The next due times of each newsletter, in its own time.

    \b
    Example:  digest schedule --count 10
    """
    from digest.services import newsletters

    def paused(name: str) -> None:
        note(f"{name} is paused; `digest newsletters set {name} --resume` ends that")

    rows = newsletters.schedule(open_place(), count=count, on_paused=paused)
    if as_json:
        emit(rows)
        return
    table(["newsletter", "slot", "due"], [(r.newsletter, r.slot, r.local) for r in rows], empty="nothing is due")


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
    from digest.runtime import supervisor
    from digest.services.readiness import Pulse

    log.setup(verbose=True)
    ctx = replace(context(), person=NOBODY)  # what the pages do, no user of the system did
    pulse = None if no_scheduler else Pulse()
    pages = None if no_web else _pages(ctx, host, port, pulse)
    supervisor.serve(ctx, pages=pages, workers=None if no_scheduler else workers, say=announce, pulse=pulse)
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
    from digest.runtime import supervisor

    log.setup(verbose=True)
    supervisor.work(context(), concurrency=count, say=announce)
    raise click.exceptions.Exit(130)


def _pages(ctx: "Context", host: str, port: int, pulse: "Pulse | None") -> "Callable[[], Pages]":
    """Return a function that binds the pages' port and makes their server."""
    from digest.web.public import app
    from digest.web.server import Server, listen

    def bound() -> Server:
        listener = listen(host, port)
        return Server(app(ctx, pulse=pulse), listener)

    return bound
