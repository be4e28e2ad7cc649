"""
`kill -9` at random instants of sends to a counting server: nobody lost, nobody twice unlisted.

    python -m benchmarks.kill [--kills 1000] [--readers 4000] [--seed 1] [--database sqlite]
                              [--processes 1] [--unsure hold] [--within 0.3]

Each send is a process of its own, killed from outside while mail is in flight, and started again
until its issue has nothing left to do; then the next issue begins. With several processes they
share the issue, and one of them is killed at a time. Counted over all: kills in mid-flight, readers
neither mailed nor listed `unsure` (lost), readers mailed twice, mails for which the ledger has no
doubt on record, and readers of whom it says `sent` though the server has nothing: it refuses every
fifth for now. With `hold` nobody may be mailed twice, with `resend` nobody more often than the
ledger doubts; and no kill may leave more in doubt than the victim had connections.
"""

import argparse
import json
import multiprocessing
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from pathlib import Path

import sqlalchemy as sa
from sqlmodel import col
from tests.support.servers import PIPELINING, Mailbox, smtp_server

from digest.model.delivery import Attempt, Delivery
from digest.model.ports import Stage
from digest.store.engine import Database

SETTINGS = {
    "DIGEST_BASE_URL": "https://ledger.example.org",
    "DIGEST_POSTAL_ADDRESS": "12 Harbour Street, Dublin",
    "DIGEST_FROM": "The Morning Ledger <paper@ledger.example.org>",
    "DIGEST_SMTP_CONNECTIONS": "4",
}
CONNECTIONS = int(SETTINGS["DIGEST_SMTP_CONNECTIONS"])
KILLS_AN_ISSUE = 40
SEND = ("send", "--no-collect", "--yes")


@dataclass
class Count:
    """What came of all sends."""

    kills: int = 0  #: of a process that had mail in flight
    mailed: int = 0
    unsure: int = 0
    doubted: int = 0  #: handed over again though they may have got it
    lost: int = 0
    twice: int = 0
    unlisted: int = 0  #: mails more than the ledger accounts for
    untrue: int = 0  #: said to be sent, and are not

    def faults(self, *, hold: bool) -> list[str]:
        """What must not be."""
        told = {
            "readers were lost": self.lost,
            "mails are not accounted for": self.unlisted,
            "are recorded as sent and were not": self.untrue,
            "were mailed twice": self.twice if hold else 0,
            "in doubt are more than the killed had in flight": max(0, self.unsure + self.doubted - self.kills * CONNECTIONS),
        }
        return [f"{number} {what}" for what, number in told.items() if number]


def _environment(port: int) -> dict[str, str]:
    return {**os.environ, **SETTINGS, "DIGEST_SMTP_URL": f"smtp://127.0.0.1:{port}"}


def digest(folder: Path, port: int, *words: str, environment: dict[str, str] | None = None) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "digest", *words]
    env = environment or _environment(port)
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)


def start(folder: Path, port: int) -> "subprocess.Popen[bytes]":
    words = [sys.executable, "-m", "digest", *SEND]
    return subprocess.Popen(words, cwd=folder, env=_environment(port), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def fork(folder: Path, port: int) -> BaseProcess:
    """As `start`, from a process that has imported everything before: a thousand starts else take an hour."""
    process = _SERVER.Process(target=_send, args=(folder, _environment(port)))
    process.start()
    return process


_SERVER = multiprocessing.get_context("forkserver")


def _send(folder: Path, environment: dict[str, str]) -> None:
    from digest.cli import main

    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    os.chdir(folder)
    os.environ.update(environment)
    sys.argv = ["digest", *SEND]
    main()


def one_issue(readers: int, chance: random.Random, count: Count, *, most_kills: int, processes: int, within: float) -> None:
    """One issue in a fresh place, its sends killed up to `most_kills` times, then finished."""
    later = {f"END r{i}@example.org": "451 4.3.0 later" for i in range(0, readers, 5)}
    box = Mailbox(delay_s=0.002, extensions=PIPELINING, answers=later)
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
        running: list[BaseProcess] = []
        for _ in range(most_kills):
            running = [process for process in running if process.is_alive()]
            running += [fork(folder, mailbox.port) for _ in range(processes - len(running))]
            if not kill_one(running, mailbox, chance, within):
                break
            count.kills += 1
        for process in running:
            process.join()
        finished = digest(folder, mailbox.port, *SEND)
        if finished.returncode not in (0, 1, 3):
            raise SystemExit(f"the last send ended with {finished.returncode}: {finished.stderr}")
        reckon(count, mailbox, {f"r{i}@example.org" for i in range(readers)}, folder)


def reckon(count: Count, mailbox: Mailbox, readers: set[str], folder: Path) -> None:
    """What the counting server has, against what the ledger says."""
    rows = json.loads(digest(folder, mailbox.port, "deliveries", "list", "--json").stdout)
    listed = {row["address"]: row["state"] for row in rows}
    doubts = in_doubt(folder)
    states = Counter(listed.values())
    count.mailed += len(mailbox.taken)
    count.unsure += states["unsure"]
    count.doubted += doubts.total() - states["unsure"]
    count.lost += sum(
        address not in mailbox.taken and listed[address] not in ("unsure", "deferred", "sent") for address in readers
    )
    count.untrue += sum(address not in mailbox.taken and state == "sent" for address, state in listed.items())
    count.twice += sum(times > 1 for times in mailbox.taken.values())
    count.unlisted += sum(
        max(0, times - 1 - doubts[address]) if address in readers else times for address, times in mailbox.taken.items()
    )


def in_doubt(folder: Path) -> Counter[str]:
    """How often the ledger tells of an address that a content was ended and not answered."""
    database = Database(SETTINGS.get("DIGEST_DATABASE_URL") or f"sqlite:///{folder}/var/digest.db")
    try:
        with database.read() as tx:
            told = tx.execute(
                sa.select(col(Delivery.address))
                .join(Attempt, col(Attempt.delivery_id) == col(Delivery.id))
                .where(col(Attempt.stage) == Stage.END.value, col(Attempt.code).is_(None))
            )
            return Counter(told.scalars())
    finally:
        database.close()


def kill_one(running: "list[BaseProcess]", mailbox: Mailbox, chance: random.Random, within: float) -> bool:
    """Kill one of them at a random instant of the `within` seconds after mail has begun to flow; False: all had ended before."""
    before, until = sum(mailbox.taken.values()), time.monotonic() + 30
    while any(process.is_alive() for process in running) and sum(mailbox.taken.values()) == before and time.monotonic() < until:
        time.sleep(0.001)
    time.sleep(chance.random() * within)
    while not (sending := [process for process in running if process.is_alive() and has_journal(process)]):
        if not any(process.is_alive() for process in running) or time.monotonic() >= until:
            return False
        time.sleep(0.001)
    victim = chance.choice(sending)
    victim.kill()
    victim.join()
    return True


def has_journal(process: BaseProcess) -> bool:
    """Whether it has claimed something, as far as the system tells what it has open."""
    if not Path("/proc/self/fd").is_dir():
        return True
    with suppress(OSError):  # it has ended meanwhile
        return any("/journal/" in os.readlink(file) for file in Path(f"/proc/{process.pid}/fd").iterdir())
    return False


@contextmanager
def databases(kind: str) -> "Iterator[object]":
    """Something whose `database()` gives a fresh one each time; None: a file in each place."""
    if kind == "sqlite":
        yield None
        return
    from tests.support.postgres import Server

    with tempfile.TemporaryDirectory() as folder, Server.running(Path(folder)) as server:
        yield server


def run(
    *,
    kills: int,
    readers: int,
    seed: int,
    database: str = "sqlite",
    processes: int = 1,
    unsure: str = "hold",
    within: float = 0.3,
) -> Count:
    """As many issues as it takes for `kills` kills."""
    _SERVER.set_forkserver_preload(["digest.cli.send", "digest.services.sending", "digest.services.context"])
    SETTINGS["DIGEST_UNSURE"] = unsure
    chance, count = random.Random(seed), Count()
    with databases(database) as server:
        while count.kills < kills:
            with server.database() if server is not None else nullcontext() as url:  # type: ignore[attr-defined]
                if url is not None:
                    SETTINGS["DIGEST_DATABASE_URL"] = url
                most = min(KILLS_AN_ISSUE, kills - count.kills)
                one_issue(readers, chance, count, most_kills=most, processes=processes, within=within)
    return count


def main() -> None:
    parser = argparse.ArgumentParser(description="kill -9 at random instants of sends to a counting server.")
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--readers", type=int, default=4000, help="Of an issue.")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--processes", type=int, default=1, help="That share each issue.")
    parser.add_argument("--unsure", choices=["hold", "resend"], default="hold", help="What becomes of those in doubt.")
    parser.add_argument("--within", type=float, default=0.3, help="Seconds after mail has begun to flow.")
    given = parser.parse_args()
    count = run(**vars(given))
    print(
        f"{count.kills} kills in mid-flight: {count.mailed} readers mailed, {count.unsure} listed unsure, "
        f"{count.doubted} in doubt and mailed again, {count.lost} lost, {count.twice} mailed twice, "
        f"{count.unlisted} mails not accounted for, {count.untrue} not sent that are recorded so"
    )
    if faults := count.faults(hold=given.unsure == "hold"):
        raise SystemExit("; ".join(faults))


if __name__ == "__main__":
    main()
