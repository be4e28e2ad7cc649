"""
A million readers: how long queueing takes, and how much memory queueing and sending need.

    python -m benchmarks.million [--readers 1000000] [--sent 50000]

Peak memory of the process that queues all of them and sends the first `--sent` into `smtp-sink`,
against the same with 10,000 readers. The readers are written straight into SQLite, which is no
part of what is timed.
"""

import argparse
import hashlib
import hmac
import json
import os
import resource
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from benchmarks.kill import SETTINGS, digest
from benchmarks.throughput import TEXT, sink, with_path

AT = "2026-01-01 00:00:00.000000"


def fill(folder: Path, readers: int) -> None:
    """So many active readers of the list with the number 1."""
    pepper = next(line for line in (folder / ".env").read_text().splitlines() if line.startswith("DIGEST_PEPPER="))[14:].encode()
    with sqlite3.connect(folder / "var" / "digest.db") as database:
        addresses = ((i, f"reader{i}@example.org") for i in range(1, readers + 1))
        database.executemany(
            "INSERT INTO subscriber (id, address, address_key, address_hmac, name, language, zone, made_at) VALUES (?,?,?,?,'','','',?)",
            ((i, a, a, hmac.new(pepper, a.encode(), hashlib.sha256).hexdigest(), AT) for i, a in addresses),
        )
        database.execute(
            "INSERT INTO subscription (subscriber_id, mlist_id, state, evidence, made_at, active_at) SELECT id, 1, 'active', 'a benchmark', ?, ? FROM subscriber",
            (AT, AT),
        )
    database.close()


def do(sent: int) -> None:
    """Queue everybody, send the first; figures as JSON."""
    from digest import log, settings
    from digest.services import context, freezing, sending
    from digest.services import issues as issue_services
    from digest.services.selection import prepare
    from digest.store import newsletters

    log.setup()
    ctx = context.build(settings.read())
    with ctx.db.read() as tx:
        paper = newsletters.get(tx, "daily")
    slot = paper.timetable.today(ctx.clock())
    issue = freezing.freeze(ctx, issue_services.take_slot(ctx, paper, slot), prepare(ctx, paper, slot, now=ctx.clock()))
    began = time.perf_counter()
    issue = sending.queue(ctx, issue, paper)
    queueing = time.perf_counter() - began
    stop, done = threading.Event(), 0

    def progress(count: int) -> None:
        nonlocal done
        done += count
        if done >= sent:
            stop.set()

    sending.deliver(ctx, issue, on_progress=progress, stop=stop)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"queueing": queueing, "sent": done, "peak": peak}))


def run(readers: int, sent: int, port: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as name:
        folder, env = Path(name), {**os.environ, **SETTINGS, "DIGEST_SMTP_URL": f"smtp://127.0.0.1:{port}"}
        (folder / "texts").mkdir()
        for i in range(40):
            (folder / "texts" / f"{i}.txt").write_text(TEXT.format(i=i), encoding="utf-8")
        for words in (
            ("init",),
            ("newsletters", "set", "daily", "--max-stories", "40"),
            ("sources", "add", "texts"),
            ("collect", "--force"),
        ):
            digest(folder, port, *words, environment=env)
        fill(folder, readers)
        doing = [sys.executable, "-m", "benchmarks.million", "--do", "--sent", str(min(sent, readers))]
        told = subprocess.run(doing, cwd=folder, env=with_path(env), stdout=subprocess.PIPE, check=True).stdout
        figures: dict[str, float] = json.loads(told)
        return figures


def main() -> None:
    parser = argparse.ArgumentParser(description="A million readers: time to queue, memory to queue and send.")
    parser.add_argument("--readers", type=int, default=1_000_000)
    parser.add_argument("--sent", type=int, default=50_000)
    parser.add_argument("--do", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.do:
        do(given.sent)
        return
    with sink() as port:
        small, large = run(10_000, given.sent, port), run(given.readers, given.sent, port)
    for readers, figures in ((10_000, small), (given.readers, large)):
        print(
            f"{readers} readers: queued in {figures['queueing']:.1f} s, {figures['sent']:.0f} sent, peak {figures['peak']:.0f} MB"
        )
    print(f"more memory for more readers: {large['peak'] - small['peak']:.0f} MB")


if __name__ == "__main__":
    main()
