"""
Imports: time and memory of a large file, against the least that any importer does.

    python -m benchmarks.imports [--rows 1000000] [--database postgresql]

The reference reads the same file with `csv` and inserts people and subscriptions with `executemany`, 5,000 rows
a transaction, into the same schema: no checks, no evidence, nobody looked up. Both in the same run,
each in a process of its own, into a fresh place. Then the dry run, the same file again (nothing to add), an
export, and the undo.
"""

import argparse
import csv
import hashlib
import hmac
import json
import os
import random
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

AT = "2026-01-01 00:00:00.000000"
FIRST = "Ada Bola Çelik Dörte Émile Hana José Mei Søren Zoë".split()
LAST = "Ash Birch Dąbrowski García Haddad Ito Lindgren Müller Novák".split()


def write(path: Path, rows: int) -> None:
    """A list as it comes from elsewhere: names in several alphabets, many domains, a state."""
    chance = random.Random(1)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["email", "name", "language", "zone", "status"])
        for i in range(rows):
            name = f"{chance.choice(FIRST)} {chance.choice(LAST)}"
            writer.writerow([f"reader.{i}@mail{i % 997}.example.org", name, "en", "Europe/Berlin", "active"])


def reference(path: Path) -> None:
    """Insert a file's people straight into the database; time and memory as JSON."""
    pepper = os.environ["DIGEST_PEPPER"].encode()

    def people() -> Iterator[tuple[str, ...]]:
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                key = row["email"].lower()
                yield (
                    row["email"],
                    key,
                    hmac.new(pepper, key.encode(), hashlib.sha256).hexdigest(),
                    row["name"],
                    row["language"],
                    row["zone"],
                    AT,
                )

    began = time.perf_counter()
    database = sqlite3.connect("var/digest.db", isolation_level=None)
    for pragma in ("journal_mode=WAL", "wal_autocheckpoint=8000", "synchronous=FULL", "foreign_keys=ON"):
        database.execute(f"PRAGMA {pragma}")
    rows = people()
    while batch := list(islice(rows, 5_000)):
        database.execute("BEGIN IMMEDIATE")
        database.executemany(
            "INSERT INTO subscriber (address, address_key, address_hmac, name, language, zone, made_at) VALUES (?,?,?,?,?,?,?)",
            batch,
        )
        database.executemany(
            "INSERT INTO subscription (subscriber_id, mlist_id, state, evidence, made_at, active_at)"
            " SELECT id, 1, 'active', 'a benchmark', ?, ? FROM subscriber WHERE address_key = ?",
            [(AT, AT, row[1]) for row in batch],
        )
        database.execute("COMMIT")
    report(time.perf_counter() - began)


def command(words: list[str]) -> None:
    """Run a command of digest in this process; time and memory as JSON."""
    from digest.cli import digest as cli

    began = time.perf_counter()
    cli(words, standalone_mode=False)
    report(time.perf_counter() - began)


def report(seconds: float) -> None:
    used = resource.getrusage(resource.RUSAGE_SELF)
    print(json.dumps({"s": seconds, "cpu": used.ru_utime + used.ru_stime, "mb": used.ru_maxrss / 1024}))


def timed(folder: Path, env: dict[str, str], *words: str) -> dict[str, float]:
    """Run this module in a process of its own, in a place."""
    program = [sys.executable, "-m", "benchmarks.imports", *words]
    path = os.pathsep.join([str(Path(__file__).parent.parent), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(program, cwd=folder, env={**env, "PYTHONPATH": path}, check=True, capture_output=True, text=True)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def place(folder: Path, env: dict[str, str]) -> Path:
    folder.mkdir()
    subprocess.run([sys.executable, "-m", "digest", "init"], cwd=folder, env=env, check=True, capture_output=True)
    return folder


def run(rows: int, database: str) -> None:
    with tempfile.TemporaryDirectory() as name:
        home, env = Path(name), {**os.environ, "DIGEST_PEPPER": "p" * 32, "DIGEST_SECRET_KEY": "s" * 32}
        path = home / "people.csv"
        write(path, rows)
        least = timed(place(home / "reference", env), env, "--reference", str(path))
        ours = place(home / "ours", env | ({"DIGEST_DATABASE_URL": database} if database else {}))
        env |= {"DIGEST_DATABASE_URL": database} if database else {}
        steps = {
            "dry run": ["import", str(path), "--list", "readers", "--dry-run"],
            "import": ["import", str(path), "--list", "readers"],
            "again": ["import", str(path), "--list", "readers"],
            "export": ["export", "--out", "out.csv"],
            "undo": ["undo-import", "1", "--yes"],
        }
        print(f"{'reference':10} {least['s']:6.1f} s  {least['cpu']:6.1f} s CPU  {least['mb']:4.0f} MB")
        for step, words in steps.items():
            took = timed(ours, env, "--command", *words)
            ratio = f"  ratio {took['s'] / least['s']:.1f} (CPU {took['cpu'] / least['cpu']:.1f})"
            print(f"{step:10} {took['s']:6.1f} s  {took['cpu']:6.1f} s CPU  {took['mb']:4.0f} MB{ratio}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--database", default="", help="the URL of an empty PostgreSQL database; else SQLite")
    parser.add_argument("--reference", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--command", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.reference:
        reference(given.reference)
    elif given.command:
        command(["subscribers", *given.command])
    else:
        run(given.rows, given.database)


if __name__ == "__main__":
    main()
