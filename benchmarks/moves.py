"""
A million subscribers and an issue half sent, from SQLite to PostgreSQL, and through a backup into an empty place.

    python -m benchmarks.moves [--readers 1000000] [--sent 50000] [--kills 3] [--seed 1] [--skip-backup]

The same place is backed up and restored into another SQLite file, by `digest backup` and `digest restore`, and then moved by `digest
move`, which is killed (`kill -9`) at `--kills` random instants and started again. Printed: seconds, rows a second, and peak memory of
the process. It ends with an error where a row is missing, a delivery has another state than before, or where at any
moment both databases, or after the end the old one, could be used.
"""

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from sqlmodel import col
from tests.support.postgres import Server

from benchmarks.kill import SETTINGS, digest
from benchmarks.million import fill
from benchmarks.throughput import TEXT, sink, with_path
from digest.errors import DigestError
from digest.model.delivery import Delivery
from digest.store import copying, schema
from digest.store.engine import Database

OF_THE_END = {"event": 1}  #: rows that a restore or a move adds to a table
KILL_S = 90.0  #: within which a move of a million readers is killed


@dataclass(frozen=True)
class Figures:
    """What a command took."""

    seconds: float
    memory: float  #: MB, peak of a process
    code: int


def timed(folder: Path, *words: str, kill_after_s: float = 0.0) -> Figures:
    """Run a command of digest in a folder; with `kill_after_s` kill it then, if it still runs."""
    env = with_path({**os.environ, **SETTINGS})
    began = time.monotonic()
    with (folder / "said.txt").open("ab") as said:
        process = subprocess.Popen([sys.executable, "-m", "digest", *words], cwd=folder, env=env, stdout=said, stderr=said)
    while kill_after_s:
        if time.monotonic() - began >= kill_after_s:
            process.kill()
            break
        if os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT):
            break
        time.sleep(0.05)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return Figures(seconds=time.monotonic() - began, memory=used.ru_maxrss / 1024, code=process.returncode)


def make(folder: Path, readers: int, sent: int) -> None:
    """A place with so many readers, whose issue went to some of them."""
    with sink() as port:
        env = {**os.environ, **SETTINGS, "DIGEST_SMTP_URL": f"smtp://127.0.0.1:{port}"}
        (folder / "texts").mkdir(parents=True)
        for i in range(40):
            (folder / "texts" / f"{i}.txt").write_text(TEXT.format(i=i), encoding="utf-8")
        for words in (("init",), ("sources", "add", "texts"), ("collect", "--force")):
            digest(folder, port, *words, environment=env)
        fill(folder, readers)
        doing = [sys.executable, "-m", "benchmarks.million", "--do", "--sent", str(sent)]
        subprocess.run(doing, cwd=folder, env=with_path(env), stdout=subprocess.DEVNULL, check=True)


def counts(url: str) -> tuple[Counter[str], Counter[str]]:
    """Rows by table, and deliveries by state."""
    db = Database(url)
    with db.read() as tx:
        by_table = Counter({name: copying.count(tx, name) for name in copying.kept()})
        states = tx.execute(sa.select(col(Delivery.state), sa.func.count()).group_by(col(Delivery.state)))
        by_state = Counter({str(state): int(count) for state, count in states})
    db.close()
    return by_table, by_state


def usable(url: str) -> bool:
    db = Database(url)
    try:
        schema.check(db)
    except DigestError:
        return False
    finally:
        db.close()
    return True


def check(what: str, source: tuple[Counter[str], Counter[str]], target: tuple[Counter[str], Counter[str]]) -> None:
    if target[0] - Counter(OF_THE_END) != source[0] or target[1] != source[1]:
        raise SystemExit(f"{what}: {source} became {target}")


def restored(folder: Path, before: tuple[Counter[str], Counter[str]]) -> None:
    """Back the place up, and restore it beside."""
    there = folder.parent / "restored"
    there.mkdir()
    shutil.copy(folder / ".env", there / ".env")
    made = timed(folder, "backup", "../drill.zip")
    size = (folder.parent / "drill.zip").stat().st_size / (1 << 20)
    back = timed(there, "restore", "../drill.zip", "--nothing-sent-since", "--yes")
    if made.code or back.code:
        raise SystemExit(f"backup ended with {made.code}, restore with {back.code}: {(there / 'said.txt').read_text()[-500:]}")
    check("the backup", before, counts(f"sqlite:///{there}/var/digest.db"))
    say("backup", made, before, f", {size:.0f} MB")
    say("restore", back, before)
    shutil.rmtree(there)
    (folder.parent / "drill.zip").unlink()


def moved(folder: Path, url: str, before: tuple[Counter[str], Counter[str]], kills: int, chance: random.Random) -> None:
    """Move the place, killed so often, and started again."""
    old, tries = f"sqlite:///{folder}/var/digest.db", list[Figures]()
    longest = 2.0 + KILL_S * before[0]["subscriber"] / 1_000_000
    while len(tries) < kills:
        tries.append(timed(folder, "move", "--to", url, "--yes", kill_after_s=chance.uniform(1.0, longest)))
        if tries[-1].code == 0:
            break
        if usable(old) and usable(url):
            raise SystemExit("both databases could be used after a kill")
    if not tries or tries[-1].code:
        tries.append(timed(folder, "move", "--to", url, "--yes"))
    if tries[-1].code:
        raise SystemExit(f"the move ended with {tries[-1].code}: {(folder / 'said.txt').read_text()[-500:]}")
    if usable(old) or not usable(url):
        raise SystemExit("the old database can be used, or the new one cannot")
    check("the move", before, counts(url))
    whole = Figures(seconds=sum(one.seconds for one in tries), memory=max(one.memory for one in tries), code=0)
    say("move", whole, before, f", {sum(one.code != 0 for one in tries)} kills")


def say(what: str, figures: Figures, rows: tuple[Counter[str], Counter[str]], more: str = "") -> None:
    total = rows[0].total()
    print(
        f"{what}: {total:,} rows in {figures.seconds:.0f} s ({total / figures.seconds:,.0f}/s), peak {figures.memory:.0f} MB{more}",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description="A million subscribers and an issue half sent, moved and restored.")
    parser.add_argument("--readers", type=int, default=1_000_000)
    parser.add_argument("--sent", type=int, default=50_000)
    parser.add_argument("--kills", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--skip-backup", action="store_true", help="The move alone.")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="digest-moves-") as name:
        folder = Path(name) / "place"
        make(folder, given.readers, given.sent)
        before = counts(f"sqlite:///{folder}/var/digest.db")
        print(json.dumps({"deliveries": before[1], "load": os.getloadavg()[0]}))
        if not given.skip_backup:
            restored(folder, before)
        with Server.running(Path(name) / "pg", safe=True) as server, server.database(template="template0") as url:
            moved(folder, url, before, given.kills, random.Random(given.seed))


if __name__ == "__main__":
    main()
