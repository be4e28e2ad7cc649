"""
`kill -9` at random instants of sends to a counting server: nobody lost, nobody twice.

    python -m benchmarks.kill [--kills 100] [--readers 400] [--seed 1]

Each send is a process of its own, killed from outside while mail is in flight, and started
again until its issue has nothing left to do; then the next issue begins. Counted over all:
kills in mid-flight, readers neither mailed nor listed `unsure` (lost), readers mailed twice.
With the default `hold`, both must be none.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from tests.servers import Mailbox, smtp_server

SETTINGS = {
    "DIGEST_BASE_URL": "https://ledger.example.org",
    "DIGEST_POSTAL_ADDRESS": "12 Harbour Street, Dublin",
    "DIGEST_FROM": "The Morning Ledger <paper@ledger.example.org>",
    "DIGEST_SMTP_CONNECTIONS": "4",
}


@dataclass
class Count:
    """What came of all sends."""

    kills: int = 0  #: of a process that had mail in flight
    mailed: int = 0
    unsure: int = 0
    lost: int = 0
    twice: int = 0


def digest(folder: Path, port: int, *words: str) -> "subprocess.CompletedProcess[str]":
    environment = {**os.environ, **SETTINGS, "DIGEST_SMTP_URL": f"smtp://127.0.0.1:{port}"}
    return subprocess.run(
        [sys.executable, "-m", "digest", *words], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


def start(folder: Path, port: int) -> "subprocess.Popen[bytes]":
    environment = {**os.environ, **SETTINGS, "DIGEST_SMTP_URL": f"smtp://127.0.0.1:{port}"}
    words = [sys.executable, "-m", "digest", "send", "--no-collect", "--yes"]
    return subprocess.Popen(words, cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def one_issue(readers: int, chance: random.Random, count: Count, *, most_kills: int) -> None:
    """One issue in a fresh place, its sends killed up to `most_kills` times, then finished."""
    with tempfile.TemporaryDirectory() as name, smtp_server(Mailbox(delay_s=0.002)) as mailbox:
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
        for _ in range(most_kills):
            before = sum(mailbox.taken.values())
            process = start(folder, mailbox.port)
            until = time.monotonic() + 30
            while process.poll() is None and sum(mailbox.taken.values()) == before and time.monotonic() < until:
                time.sleep(0.001)
            time.sleep(chance.random() * 0.3)
            running = process.poll() is None
            process.kill()
            process.wait()
            count.kills += running
            if not running:
                break
        digest(folder, mailbox.port, "send", "--no-collect", "--yes")
        rows = json.loads(digest(folder, mailbox.port, "deliveries", "list", "--json").stdout)
        unsure = {row["address"] for row in rows if row["state"] == "unsure"}
        count.mailed += len(mailbox.taken)
        count.unsure += len(unsure)
        count.lost += sum(f"r{i}@example.org" not in mailbox.taken and f"r{i}@example.org" not in unsure for i in range(readers))
        count.twice += sum(times > 1 for times in mailbox.taken.values())


def run(*, kills: int, readers: int, seed: int) -> Count:
    """As many issues as it takes for `kills` kills."""
    chance, count = random.Random(seed), Count()
    while count.kills < kills:
        one_issue(readers, chance, count, most_kills=min(8, kills - count.kills))
    return count


def main() -> None:
    parser = argparse.ArgumentParser(description="kill -9 at random instants of sends to a counting server.")
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--readers", type=int, default=400)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    count = run(kills=given.kills, readers=given.readers, seed=given.seed)
    print(
        f"{count.kills} kills in mid-flight: {count.mailed} readers mailed, {count.unsure} listed unsure, {count.lost} lost, {count.twice} mailed twice"
    )
    sys.exit(1 if count.lost or count.twice else 0)


if __name__ == "__main__":
    main()
