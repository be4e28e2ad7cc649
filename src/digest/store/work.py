"""
State that processes share on a server: the queue of jobs (Procrastinate's tables), and the lease
of the leader. A file has neither: there is one process, and it does everything itself.
"""

import json
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col

from digest.model.job import Job, JobKind, Lease
from digest.store.engine import is_shared

QUEUE, TASK = "digest", "digest.job"
#: A job of this name that still waits makes a second one needless; one that runs does not: what came since is its matter.
_DEFER = sa.text(
    """
    SELECT procrastinate_defer_jobs_v1(ARRAY[ROW(:queue, :task, 0, :lock, :name, CAST(:args AS jsonb), NULL)
        ::procrastinate_job_to_defer_v1])
    WHERE NOT EXISTS (SELECT 1 FROM procrastinate_jobs WHERE queueing_lock = :name AND status = 'todo')
    """
)


def defer(tx: Session, jobs: Iterable[Job]) -> None:
    """Queue jobs within this transaction, so that they become visible with its rows. Do nothing where there is no server."""
    if not is_shared(tx):
        return
    for job in jobs:
        args = json.dumps({"kind": job.kind.value, "numbers": job.numbers, "part": job.part})
        lock = job.name if job.kind is JobKind.COLLECT else None  # nobody reads a source twice at a time
        with suppress(IntegrityError), tx.begin_nested():  # another process was quicker to queue the same
            tx.execute(_DEFER, {"queue": QUEUE, "task": TASK, "lock": lock, "name": job.name, "args": args})


def workers(tx: Session) -> int:
    """Count the worker processes with a heartbeat in the last half minute."""
    return int(
        tx.execute(
            sa.text("SELECT count(*) FROM procrastinate_workers WHERE last_heartbeat > now() - interval '30 seconds'")
        ).scalar_one()
    )


def forget_stalled(tx: Session) -> None:
    """Delete the jobs of workers that are dead; their work is in the ledger, and dispatched again from there."""
    tx.execute(
        sa.text(
            """
            DELETE FROM procrastinate_jobs WHERE status = 'doing' AND (worker_id IS NULL OR worker_id NOT IN
                (SELECT id FROM procrastinate_workers WHERE last_heartbeat > now() - interval '30 seconds'))
            """
        )
    )


def lead(tx: Session, name: str, holder: str, *, now: datetime, lasts: timedelta) -> bool:
    """Acquire or renew the lease if nobody else holds it; return whether we hold it."""
    mine = {"name": name, "holder": holder, "until": now + lasts}
    from sqlalchemy.dialects import postgresql  # slow to load, and nothing that only reads needs it

    take = postgresql.insert(Lease).values(mine)
    take = take.on_conflict_do_update(
        index_elements=["name"],
        set_={"holder": holder, "until": now + lasts},
        where=sa.or_(col(Lease.holder) == holder, col(Lease.until) <= now),
    )
    return tx.execute(take.returning(col(Lease.holder))).scalar() == holder


def step_down(tx: Session, name: str, holder: str) -> None:
    """Release the lease, so that another process can lead at once."""
    tx.execute(sa.delete(Lease).where(col(Lease.name) == name, col(Lease.holder) == holder))
