"""
Parse sources in a child process, so that no feed or page can block an issue.

The process is started once, has no settings and no secrets, and is reused, so that only the first
source waits for its imports. A source that needs more than SECONDS of processor time or MEMORY ends it;
that source has failed, and the next one gets a new process.
"""

import atexit
import contextlib
import json
import os
import selectors
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from digest.collect.bounds import CROWDED, is_crowded
from digest.errors import ParseError
from digest.model.article import Feed, Page

SECONDS = 10.0  #: of processor time, for one source
PATIENCE = 60  #: seconds of wall time until the process is killed; the machine may be busy
MEMORY = 1 << 30  #: bytes of address space beyond the process's initial size

_FEED: TypeAdapter[Feed] = TypeAdapter(Feed)
_PAGES: TypeAdapter[list[Page]] = TypeAdapter(list[Page])


def parse_feed(body: bytes, *, where: str, url: str = "", content_type: str = "", now: datetime | None = None) -> Feed:
    """Call `feeds.parse` within limits. Raises ParseError."""
    when = now.isoformat() if now else None
    return _FEED.validate_json(_run_job("feed", body, where=where, url=url, content_type=content_type, now=when))


def read_page(body: bytes, *, where: str, url: str = "") -> Page:
    """Call `extract.read_page` within limits. Raises ParseError."""
    [page] = _PAGES.validate_json(_run_job("page", body, where=where, url=url))
    return page


def read_pages(body: bytes, *, where: str) -> Sequence[Page]:
    """Call `extract.read_pages` within limits. Raises ParseError."""
    return _PAGES.validate_json(_run_job("pages", body, where=where))


# --- the parent's side -----------------------------------------------------------------------

_lock = threading.Lock()
_child: subprocess.Popen[bytes] | None = None


def _run_job(kind: str, body: bytes, **job: str | None) -> bytes:
    """Run one job in the child and return its result as JSON. Raises ParseError."""
    header = json.dumps({"kind": kind, "size": len(body), "seconds": SECONDS, **job}).encode() + b"\n"
    with _lock:
        answer = _answer_of(header + body)
    if answer[:1] == b"+":
        return answer[1:]
    raise ParseError(str(job["where"]), answer[1:].decode("utf-8").strip())


def _answer_of(message: bytes) -> bytes:
    """Return `+` and the result, or `-` and the reason; a child that does not answer is killed."""
    try:
        child = _running()
        answer = _exchange(child, message, time.monotonic() + PATIENCE)
        if answer.endswith(b"\n"):
            return answer
        status = _end()
    except OSError as problem:
        _end()
        return f"-could not be read: {problem.strerror or problem}".encode()
    except BaseException:  # an interrupted job must not leave its answer to the next
        _end()
        raise
    if status == -signal.SIGPROF:
        return f"-takes more than {SECONDS:.0f} s to read; it was given up".encode()
    return b"-could not be read: the process that parses it ended or did not answer"


def _exchange(child: subprocess.Popen[bytes], message: bytes, until: float) -> bytes:
    """Write the message and read one line concurrently; returns the bytes received so far if the child ends or on timeout."""
    assert child.stdin is not None
    assert child.stdout is not None
    left, parts = memoryview(message), [b""]
    with selectors.DefaultSelector() as waiting:
        waiting.register(child.stdin, selectors.EVENT_WRITE)
        waiting.register(child.stdout, selectors.EVENT_READ)
        while not parts[-1].endswith(b"\n"):
            ready = waiting.select(max(0.0, until - time.monotonic()))
            if not ready:
                break
            for key, _ in ready:
                if key.fileobj is child.stdout:
                    parts.append(os.read(child.stdout.fileno(), 1 << 20))
                    if not parts[-1]:
                        return b"".join(parts)
                else:
                    with contextlib.suppress(BlockingIOError):
                        left = left[os.write(child.stdin.fileno(), left) :]
                    if not left:
                        waiting.unregister(child.stdin)
    return b"".join(parts)


def _running() -> subprocess.Popen[bytes]:
    """Return the child, started on first use; it ends with this process."""
    global _child
    if _child is None or _child.poll() is not None:
        kept = {name: os.environ[name] for name in ("PATH", "PYTHONPATH", "PYTHONHOME", "HOME") if name in os.environ}
        command = [sys.executable, "-P", "-m", "digest.collect.apart"]
        # Start a new session, so that Ctrl-C stops the collecting, not the parser while it reads a source.
        _child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=kept, start_new_session=True)
        assert _child.stdin is not None
        os.set_blocking(_child.stdin.fileno(), False)
    return _child


@atexit.register
def _end() -> int | None:
    """Kill the child; returns its exit status if it had ended by itself."""
    global _child
    if _child is None:
        return None
    child, _child = _child, None
    with contextlib.suppress(subprocess.TimeoutExpired):
        child.wait(0.2)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)
    for stream in (child.stdin, child.stdout):
        if stream is not None:
            with contextlib.suppress(OSError):
                stream.close()
    return child.wait()


# --- the child -------------------------------------------------------------------------------


def main() -> None:
    """Read jobs from stdin (a line of JSON, then the body) and write each answer as a line to stdout, until stdin ends."""
    from digest.collect import extract, feeds

    kinds: Mapping[str, Callable[..., bytes]] = {
        "feed": lambda body, now, **job: _FEED.dump_json(
            feeds.parse(body, now=datetime.fromisoformat(now) if now else None, **job)
        ),
        "page": lambda body, **job: _PAGES.dump_json([extract.read_page(body, **job)]),
        "pages": lambda body, **job: _PAGES.dump_json(list(extract.read_pages(body, **job))),
    }
    _limit_memory()
    signal.signal(signal.SIGPROF, signal.SIG_DFL)  # ends the process, even inside a library's C code
    while header := sys.stdin.buffer.readline():
        job = json.loads(header)
        body = sys.stdin.buffer.read(job.pop("size"))
        signal.setitimer(signal.ITIMER_PROF, job.pop("seconds"))
        answer = _do(kinds[job.pop("kind")], body, job)
        signal.setitimer(signal.ITIMER_PROF, 0)
        sys.stdout.buffer.write(answer + b"\n")
        sys.stdout.buffer.flush()


def _do(work: Callable[..., bytes], body: bytes, job: Mapping[str, Any]) -> bytes:
    if is_crowded(body):
        return b"-" + CROWDED.encode()
    try:
        return b"+" + work(body, **job)
    except ParseError as problem:
        reason = problem.reason
    except MemoryError:
        reason = "needs too much memory to read; it was given up"
    except Exception as problem:  # top of a process: unexpected errors are reported too
        reason = f"could not be understood ({type(problem).__name__}: {problem})"
    return b"-" + " ".join(reason.split()).encode("utf-8", "replace")


def _limit_memory() -> None:
    import resource

    if sys.platform == "linux":  # other systems cannot limit the address space in this way
        held = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (held + MEMORY, held + MEMORY))


if __name__ == "__main__":
    main()
