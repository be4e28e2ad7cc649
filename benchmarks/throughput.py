"""
Messages a second and CPU a message of a send over SMTP, against Postfix's own load generator.

    python -m benchmarks.throughput [--n 10000] [--connections 8] [--runs 3]

In alternation, into the same `smtp-sink` on loopback: `digest send` from ledger rows in SQLite
to recorded `sent`, and `smtp-source` with as many messages of the same size over as many
connections. Needs Postfix's `smtp-sink` and `smtp-source` (Debian: package postfix); says so
and ends where they are missing. Subscribers are imported and articles collected before the clock
runs; what is timed is the process of the send, whole.
"""

import argparse
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.kill import SETTINGS, digest

TEXT = "Story {i} is told in full\n\n" + "\n\n".join(
    f"This is paragraph {p} of the story, and it says in some detail what happened next in the harbour." for p in range(8)
)


def tool(name: str) -> str:
    found = shutil.which(name, path=os.environ["PATH"] + ":/usr/sbin")
    if not found:
        print(f"skipped: {name} is not installed; Debian's package postfix has it")
        sys.exit(0)
    return found


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def timed(command: list[str], folder: Path, environment: dict[str, str]) -> tuple[float, float, float]:
    """Wall seconds, CPU seconds and peak MB of a process."""
    start = time.perf_counter()
    process = subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{command[0]} ended with {process.returncode}")
    return time.perf_counter() - start, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def our_send(n: int, connections: int, port: int) -> tuple[float, float, float, int]:
    """Seconds, CPU seconds, peak MB and bytes a message of one send to `n` readers."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "texts").mkdir()
        for i in range(40):
            (folder / "texts" / f"{i}.txt").write_text(TEXT.format(i=i), encoding="utf-8")
        (folder / "people.csv").write_text("address,name\n" + "".join(f"r{i}@example.org,Reader {i}\n" for i in range(n)))
        digest(folder, port, "init")
        digest(folder, port, "newsletters", "set", "daily", "--max-stories", "40")
        digest(folder, port, "sources", "add", "texts")
        digest(folder, port, "subscribers", "import", "people.csv", "--list", "readers")
        digest(folder, port, "collect", "--force")
        environment = {
            **os.environ,
            **SETTINGS,
            "DIGEST_SMTP_URL": f"smtp://127.0.0.1:{port}",
            "DIGEST_SMTP_CONNECTIONS": str(connections),
        }
        seconds, cpu, memory = timed([sys.executable, "-m", "digest", "send", "--no-collect", "--yes"], folder, environment)
        eml = subprocess.run(
            [sys.executable, "-m", "digest", "deliveries", "show", "1", "--eml"],
            cwd=folder,
            env=environment,
            capture_output=True,
            check=True,
        )
        return seconds, cpu, memory, len(eml.stdout)


def main() -> None:
    parser = argparse.ArgumentParser(description="A send over SMTP against smtp-source.")
    parser.add_argument("--n", type=int, default=10_000)
    parser.add_argument("--connections", type=int, default=8)
    parser.add_argument("--runs", type=int, default=3)
    given = parser.parse_args()
    source, sink = tool("smtp-source"), tool("smtp-sink")
    port = free_port()
    with subprocess.Popen([sink, *(["-u", "nobody"] if os.getuid() == 0 else []), f"127.0.0.1:{port}", "1000"]) as running:
        time.sleep(0.5)
        try:
            ratios = []
            for _ in range(given.runs):
                seconds, cpu, memory, size = our_send(given.n, given.connections, port)
                command = [source, "-d", "-s", str(given.connections), "-m", str(given.n), "-l", str(size), f"127.0.0.1:{port}"]
                theirs, their_cpu, _ = timed(command, Path("/"), dict(os.environ))
                ratios.append(theirs / seconds)
                print(
                    f"{given.n} messages of {size} bytes: digest {given.n / seconds:.0f}/s, {cpu / given.n * 1e6:.0f} µs CPU a message, peak {memory:.0f} MB; "
                    f"smtp-source {given.n / theirs:.0f}/s, {their_cpu / given.n * 1e6:.0f} µs"
                )
            print(f"ratio of speeds, median of {given.runs}: {statistics.median(ratios):.2f}")
        finally:
            running.terminate()


if __name__ == "__main__":
    main()
