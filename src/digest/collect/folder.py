"""Folders of dropped files: which files count, and what is new in them."""

import os
from collections.abc import Iterator
from pathlib import Path

from digest.errors import FetchError

SUFFIXES = frozenset({".txt", ".md", ".markdown", ".html", ".htm", ".eml"})
MAX_FILES = 10_000


def files(folder: Path) -> Iterator[Path]:
    """
    The files that digest reads, below the folder, by name; hidden ones and links are passed by.

    Raises:
        FetchError: the folder is missing or may not be read.
    """
    if not folder.is_dir():
        raise FetchError(str(folder), "is not there; put the folder back, or `digest sources remove` it")
    if not os.access(folder, os.R_OK | os.X_OK):
        raise FetchError(str(folder), "may not be read by this user; check its permissions")
    found = 0
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            path = Path(place, name)
            if path.suffix.lower() not in SUFFIXES or name.startswith(".") or path.is_symlink():
                continue
            found += 1
            if found > MAX_FILES:
                raise FetchError(str(folder), f"holds more than {MAX_FILES:,} files; move old ones away")
            yield path
