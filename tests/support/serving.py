"""A real `digest serve`."""

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.http import until_answers
from tests.support.place import Place
from tests.support.servers import Mailbox
from tests.support.workers import SETTINGS


def settings_of(place: Place, mailbox: Mailbox) -> dict[str, str]:
    url = place.ctx.settings.database_url
    return {
        **SETTINGS,
        "DIGEST_DATABASE_URL": url,
        "DIGEST_SMTP_URL": f"smtp://127.0.0.1:{mailbox.port}",
        "PATH": "/usr/bin:/bin",
    }


@contextmanager
def digest_serve(place: Place, mailbox: Mailbox, *, files: int = 1_024, **more: str) -> Iterator[tuple[int, Path]]:
    """A real `digest serve` with a limit of open files: its port and its log."""
    written = place.folder / "serve.log"
    limit = f"{sys.executable} -m digest serve --port 0"
    with written.open("wb") as file:
        process = subprocess.Popen(
            ["/bin/sh", "-c", f"echo $$ > pid; ulimit -n {files}; exec {limit}"],
            cwd=place.folder,
            env=settings_of(place, mailbox) | more,
            stdout=file,
            stderr=file,
        )
        try:
            end = time.monotonic() + 60
            while "serve.started" not in (text := written.read_text("utf-8")):
                assert time.monotonic() < end, text
                assert process.poll() is None, text
                time.sleep(0.05)
            found = re.search(r"pages at http://127\.0\.0\.1:(\d+)/", text)
            assert found
            until_answers(int(found[1]))
            yield int(found[1]), written
            process.terminate()
            assert process.wait(20) == 130
        finally:
            process.kill()
            process.wait()
