"""Memory of a process that runs for months."""

import platform
import subprocess
import sys

import pytest

pytestmark = pytest.mark.any_database

#: Print how many arenas of 64 MB the threads of a process have, beside the heap of the first thread.
ARENAS = """
import re, threading
from pathlib import Path
from digest.runtime import memory

{before}
together = threading.Barrier(6)
def take():
    kept = bytearray(5_000)
    together.wait()
    together.wait()
threads = [threading.Thread(target=take) for _ in range(5)]
for thread in threads: thread.start()
together.wait()
lines = Path("/proc/self/maps").read_text().splitlines()
starts = [int(line.partition("-")[0], 16) for line in lines if re.search(r" rw-p 0+ 00:00 0 *$", line)]
print(sum(start % (64 << 20) == 0 for start in starts))
together.wait()
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other C libraries have no arenas")
def test_threads_share_two_arenas() -> None:
    def arenas(before: str) -> int:
        return int(subprocess.check_output([sys.executable, "-c", ARENAS.format(before=before)], text=True))

    assert arenas("") > 1
    assert arenas("memory.share_arenas()") <= 1
