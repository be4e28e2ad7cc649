"""List the readable files of folders of dropped files."""

import os
from collections.abc import Iterator
from pathlib import Path

from digest.errors import FetchError

SUFFIXES = frozenset({".txt", ".md", ".markdown", ".html", ".htm", ".eml"})
#: Files that accompany a text (pictures, styles): no notice is needed that they are not read.
BESIDE = frozenset(
    ".avif .bmp .css .gif .heic .ico .jpeg .jpg .js .json .map .mp3 .mp4 .png .svg .tif .tiff .ttf .url .webp .woff .woff2 .bak .tmp .part .swp".split()
)
MAX_FILES = 10_000


def files(folder: Path) -> Iterator[Path]:
    """
    Yield the files below the folder that digest reads, by name; hidden ones and symbolic links are skipped.

    Raises:
        FetchError: the folder is missing or may not be read.
    """
    if not folder.is_dir():
        raise FetchError(str(folder), "is not there; put the folder back, or remove the source", code="source_missing")
    if not os.access(folder, os.R_OK | os.X_OK):
        raise FetchError(str(folder), "may not be read by this user; check its permissions")
    found = 0
    for path in _visible(folder):
        if path.suffix.lower() not in SUFFIXES:
            continue
        found += 1
        if found > MAX_FILES:
            raise FetchError(str(folder), f"holds more than {MAX_FILES:,} files; move old ones away")
        yield path


def not_given(folder: Path) -> str:
    """Return a sentence that names files of a kind that digest does not read, such as .pdf; empty if there are none."""
    names = [path.name for path in _visible(folder) if path.suffix.lower() not in SUFFIXES | BESIDE]
    if not names:
        return ""
    shown = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
    verb = "is" if len(names) == 1 else "are"
    return f"{shown} {verb} not read: a folder gives {', '.join(sorted(SUFFIXES))}; save {'it' if len(names) == 1 else 'them'} as one of these"


def _visible(folder: Path) -> Iterator[Path]:
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            path = Path(place, name)
            if not name.startswith(".") and not path.is_symlink():
                yield path
