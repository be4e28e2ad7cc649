"""
A send into the outbox at two sizes: mails, seconds, peak memory; interrupted once and finished.

    python -m benchmarks.outbox [--readers 1000 10000]

Each size runs in a fresh folder and processes of its own: subscribers are imported, a send is
killed (SIGKILL) when a third of the mails are there, and a second send finishes.
"""

import argparse
import hashlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

TEXT = "A harbour opens again\n\n" + "\n\n".join(
    f"The harbour opened again on Monday, and paragraph {i} says how that went in some detail." for i in range(9)
)


def digest(folder: Path, *words: str) -> None:
    subprocess.run([sys.executable, "-m", "digest", *words], cwd=folder, check=True, capture_output=True)


def peak_of_send(folder: Path) -> tuple[float, float]:
    """Seconds and peak memory in MB of a send of its own process."""
    start = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-m", "digest", "send", "--yes"], cwd=folder, stderr=subprocess.DEVNULL)
    _, _, usage = os.wait4(process.pid, 0)
    process.returncode = 0
    return time.perf_counter() - start, usage.ru_maxrss / 1024


def run(readers: int, *, interrupt: bool) -> str:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "texts").mkdir()
        for i in range(20):
            (folder / "texts" / f"{i}.txt").write_text(TEXT.replace("harbour", f"harbour {i}"), encoding="utf-8")
        (folder / "people.csv").write_text(
            "address,name\n" + "".join(f"r{i}@example.org,Reader {i}\n" for i in range(readers)), encoding="utf-8"
        )
        digest(folder, "init")
        digest(folder, "sources", "add", "texts")
        digest(folder, "subscribers", "import", "people.csv", "--list", "readers")
        outbox = folder / "var" / "outbox"
        killed = 0
        if interrupt:
            with subprocess.Popen(
                [sys.executable, "-m", "digest", "send", "--yes"], cwd=folder, stderr=subprocess.DEVNULL
            ) as first:
                while first.poll() is None and (len(os.listdir(outbox)) if outbox.is_dir() else 0) < readers // 3:
                    time.sleep(0.02)
                first.send_signal(signal.SIGKILL)
            killed = len(list(outbox.glob("*.eml")))
        seconds, memory = peak_of_send(folder)
        mails = len(list(outbox.glob("*.eml")))
        distinct = len({hashlib.sha256(path.read_bytes()).digest() for path in outbox.glob("*.eml")})
        after = f" (killed at {killed})" if interrupt else ""
        return f"{readers:>7} readers{after}: {mails} mails, {distinct} different, {seconds:.1f} s, {readers / seconds:.0f}/s, peak {memory:.0f} MB"


def main() -> None:
    parser = argparse.ArgumentParser(description="A send into the outbox at two sizes.")
    parser.add_argument("--readers", type=int, nargs="+", default=[1000, 10000])
    for readers in parser.parse_args().readers:
        print(run(readers, interrupt=False))
        print(run(readers, interrupt=True))


if __name__ == "__main__":
    main()
