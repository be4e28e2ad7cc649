"""
`kill -9` at random instants of sends to a counting server: nobody lost, nobody twice.

    python -m benchmarks.kill [--kills 100] [--readers 400] [--seed 1] [--database sqlite] [--processes 1]

Each send is a process of its own, killed from outside while mail is in flight, and started again
until its issue has nothing left to do; then the next issue begins. With several processes they
share the issue, and one of them is killed at a time. Counted over all: kills in mid-flight, readers
neither mailed nor listed `unsure` (lost), readers mailed twice. With the default `hold`, both must
be none.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from tests.servers import PIPELINING, Mailbox, smtp_server

SETTINGS = {
    "DIGEST_BASE_URL": "https://ledger.example.org",
    "DIGEST_POSTAL_ADDRESS": "12 Harbour Street, Dublin",
    "DIGEST_FROM": "The Morning Ledger <paper@ledger.example.org>",
    "DIGEST_SMTP_CONNECTIONS": "4",
}
SEND = ("send", "--no-collect", "--yes")


@dataclass
class Count:
    """What came of all sends."""

    kills: int = 0  #: of a process that had mail in flight
    mailed: int = 0
    unsure: int = 0
    lost: int = 0
    twice: int = 0


def _environment(port: int) -> dict[str, str]:
    return {**os.environ, **SETTINGS, "DIGEST_SMTP_URL": f"smtp://127.0.0.1:{port}"}


def digest(folder: Path, port: int, *words: str, environment: dict[str, str] | None = None) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "digest", *words]
    env = environment or _environment(port)
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)


def start(folder: Path, port: int) -> "subprocess.Popen[bytes]":
    words = [sys.executable, "-m", "digest", *SEND]
    return subprocess.Popen(words, cwd=folder, env=_environment(port), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def one_issue(readers: int, chance: random.Random, count: Count, *, most_kills: int, processes: int = 1) -> None:
    """One issue in a fresh place, its sends killed up to `most_kills` times, then finished."""
    box = Mailbox(delay_s=0.002, extensions=PIPELINING)
    with tempfile.TemporaryDirectory() as name, smtp_server(box) as mailbox:
        folder = Path(name)
        (folder / "texts").mkdir()
        (folder / "texts" / "a.txt").write_text(
            "A harbour opens again\n\nIt opened on Monday, after eleven years, and two hundred people came to see the first boat.\n"
        )
        (folder / "people.csv").write_text("address\n" + "".join(f"r{i}@example.org\n" for i in range(readers)))
        digest(folder, mailbox.port, "init")
        digest(folder, mailbox.port, "sources", "add", "texts")
        digest(folder, mailbox.port, "subscribers", "import", "people.csv", "--list", "readers")
        digest(folder, mailbox.port, "collect", "--force")
        running: list[subprocess.Popen[bytes]] = []
        for _ in range(most_kills):
            running = [process for process in running if process.poll() is None]
            running += [start(folder, mailbox.port) for _ in range(processes - len(running))]
            if not kill_one(running, mailbox, chance):
                break
            count.kills += 1
        for process in running:
            process.wait()
        finished = digest(folder, mailbox.port, *SEND)
        if finished.returncode not in (0, 1, 3):
            raise SystemExit(f"the last send ended with {finished.returncode}: {finished.stderr}")
        rows = json.loads(digest(folder, mailbox.port, "deliveries", "list", "--json").stdout)
        unsure = {row["address"] for row in rows if row["state"] == "unsure"}
        count.mailed += len(mailbox.taken)
        count.unsure += len(unsure)
        count.lost += sum(f"r{i}@example.org" not in mailbox.taken and f"r{i}@example.org" not in unsure for i in range(readers))
        count.twice += sum(times > 1 for times in mailbox.taken.values())


def kill_one(running: "list[subprocess.Popen[bytes]]", mailbox: Mailbox, chance: random.Random) -> bool:
    """Kill one of them at a random instant after mail has begun to flow; False: all had ended before."""
    before, until = sum(mailbox.taken.values()), time.monotonic() + 30
    while (
        any(process.poll() is None for process in running) and sum(mailbox.taken.values()) == before and time.monotonic() < until
    ):
        time.sleep(0.001)
    time.sleep(chance.random() * 0.3)
    alive = [process for process in running if process.poll() is None]
    if not alive:
        return False
    victim = chance.choice(alive)
    victim.kill()
    victim.wait()
    return True


@contextmanager
def databases(kind: str) -> "Iterator[object]":
    """Something whose `database()` gives a fresh one each time; None: a file in each place."""
    if kind == "sqlite":
        yield None
        return
    from tests.postgres import Server

    with tempfile.TemporaryDirectory() as folder, Server.running(Path(folder)) as server:
        yield server


def run(*, kills: int, readers: int, seed: int, database: str = "sqlite", processes: int = 1) -> Count:
    """As many issues as it takes for `kills` kills."""
    chance, count = random.Random(seed), Count()
    with databases(database) as server:
        while count.kills < kills:
            with server.database() if server is not None else nullcontext() as url:  # type: ignore[attr-defined]
                if url is not None:
                    SETTINGS["DIGEST_DATABASE_URL"] = url
                one_issue(readers, chance, count, most_kills=min(8, kills - count.kills), processes=processes)
    return count


def main() -> None:
    parser = argparse.ArgumentParser(description="kill -9 at random instants of sends to a counting server.")
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--readers", type=int, default=400)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--processes", type=int, default=1, help="That share each issue.")
    given = parser.parse_args()
    count = run(kills=given.kills, readers=given.readers, seed=given.seed, database=given.database, processes=given.processes)
    print(
        f"{count.kills} kills in mid-flight: {count.mailed} readers mailed, {count.unsure} listed unsure, {count.lost} lost, {count.twice} mailed twice"
    )
    sys.exit(1 if count.lost or count.twice else 0)


if __name__ == "__main__":
    main()
