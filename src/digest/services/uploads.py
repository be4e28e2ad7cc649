"""
Files of people that were uploaded, from the upload to the import.

They are private, have a name that nobody can guess, and are gone after the import, or after a day.
"""

import os
import re
import shutil
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

from digest.audience.files import ListFile, lists_in
from digest.errors import BadInput, NotFound
from digest.services import secrets
from digest.services.context import Place

KEPT = timedelta(days=1)
MOST_BYTES = 5_000_000  #: some 100,000 people: what is imported while a browser waits
NAME_MAX = 80  #: characters of a file's name
_TOKEN = re.compile(r"[A-Za-z0-9_-]{20,100}")


def keep(ctx: Place, name: str, content: bytes) -> str:
    """
    Keep a file that was uploaded, and remove those that are too old; return the token that finds it.

    Raises:
        BadInput: it is empty, or an archive without a list; it is not kept.
    """
    if not content.strip():
        raise BadInput("the file is empty", code="empty_file")
    sweep(ctx)
    token = secrets.token()
    folder = _folder(ctx) / token
    folder.mkdir(parents=True, mode=0o700)
    with os.fdopen(os.open(folder / _safe(name), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
    at = ctx.clock().timestamp()
    os.utime(folder, (at, at))
    try:
        files(ctx, token)
    except BadInput:
        discard(ctx, token)
        raise
    return token


def files(ctx: Place, token: str) -> Sequence[ListFile]:
    """Return an upload as files of people: itself, or what is in the archive. Raises NotFound, or BadInput."""
    found = _find(ctx, token)
    return [ListFile(file.path, file.member, known_as=found.name) for file in lists_in(found)]


def discard(ctx: Place, token: str) -> None:
    """Remove an upload. Raises NotFound."""
    shutil.rmtree(_find(ctx, token).parent)


def sweep(ctx: Place) -> None:
    """Remove the uploads that are too old."""
    oldest = (ctx.clock() - KEPT).timestamp()
    for folder in _folder(ctx).glob("*"):
        with suppress(FileNotFoundError):  # another request was quicker
            if folder.stat().st_mtime < oldest:
                shutil.rmtree(folder)


def _find(ctx: Place, token: str) -> Path:
    if not _TOKEN.fullmatch(token):
        raise NotFound("upload", token)
    found = next((_folder(ctx) / token).glob("*"), None)
    if found is None:
        raise NotFound("upload", token)
    return found


def _folder(ctx: Place) -> Path:
    return ctx.settings.data_path / "uploads"


def _safe(name: str) -> str:
    """Return a file's name as it can stand in a folder; the ending is kept, which says what is in it."""
    plain = re.sub(r"[^\w .()-]", "_", name.replace("\\", "/").rpartition("/")[2]).strip(" .")
    return plain[-NAME_MAX:].strip(" .") or "people.csv"
