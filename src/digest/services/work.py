"""Work: jobs that processes share on a server, and the lease of the one that leads."""

from collections.abc import Callable, Iterable
from datetime import timedelta

from digest.model.job import Job
from digest.services.context import Context
from digest.store import work


def share(ctx: Context, parts: Callable[[int], Iterable[Job]]) -> None:
    """Give jobs to the workers; `parts` makes them for as many workers as there are."""
    with ctx.db.begin(shared=True) as tx:
        work.forget_stalled(tx)
        work.defer(tx, parts(max(1, work.workers(tx))))


def lead(ctx: Context, lease: str, holder: str, *, lasts: timedelta) -> bool:
    """Take the lease, or keep it; False where another has it."""
    with ctx.db.begin(shared=True) as tx:
        return work.lead(tx, lease, holder, now=ctx.clock(), lasts=lasts)


def step_down(ctx: Context, lease: str, holder: str) -> None:
    """Let another lead at once."""
    with ctx.db.begin(shared=True) as tx:
        work.step_down(tx, lease, holder)


def check(ctx: Context) -> None:
    """Raise StoreError at once, and in a sentence, where the database is away."""
    with ctx.db.read() as tx:
        work.workers(tx)
