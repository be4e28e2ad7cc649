"""Fetcher for files on the local disk."""

import os
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

from digest.errors import FetchError
from digest.model.ports import Fetched, Request

MAX_BYTES = 10_000_000  #: of one body; the same budget as a download's


class DiskFetcher:
    """Read regular files, never symbolic links or devices."""

    def fetch_all(self, wanted: Sequence[Request]) -> Iterator[tuple[Request, Fetched | FetchError]]:
        """Implement `Fetcher.fetch_all`."""
        for request in wanted:
            try:
                yield request, Fetched(body=read_file(Path(request.location)))
            except FetchError as problem:
                yield request, problem


def read_file(path: Path) -> bytes:
    """
    Read a regular file.

    Raises:
        FetchError: it is missing, unreadable, no file, a link, or larger than MAX_BYTES.
    """
    try:
        # O_NONBLOCK, so that a named pipe cannot block the collector for ever.
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as problem:
        missing = isinstance(problem, FileNotFoundError)
        raise FetchError(str(path), _error_text(path, problem), code="source_missing" if missing else "") from problem
    with os.fdopen(handle, "rb") as file:
        about = os.fstat(file.fileno())
        if not stat.S_ISREG(about.st_mode):
            raise FetchError(str(path), "is not a file")
        if about.st_size > MAX_BYTES:
            raise FetchError(
                str(path), f"is too large: {about.st_size / 1e6:.1f} MB, at most {MAX_BYTES // 1_000_000} MB are read"
            )
        return file.read(MAX_BYTES + 1)


def _error_text(path: Path, problem: OSError) -> str:
    if path.is_symlink():
        return "is a link; put the file itself there"
    said = {
        FileNotFoundError: "is not there; put it back, or remove the source",
        PermissionError: "may not be read by this user; check its permissions",
    }
    return next((text for kind, text in said.items() if isinstance(problem, kind)), problem.strerror or str(problem))
