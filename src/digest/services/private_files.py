"""Files with personal data: their owner alone can read them, and they are there whole or not at all."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from digest.errors import BadInput


@contextmanager
def private_file(path: Path) -> Iterator[TextIO]:
    """
    Open a file for writing; it takes the place of one that is there when the block ends without an error.

    Raises BadInput where it cannot be written.
    """
    target = path.resolve()
    if target.exists() and not target.is_file():  # A pipe or a device is not replaced.
        raise BadInput(f"{path} is not a regular file", code="not_a_file")
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8", newline="") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.replace(target)
    except OSError as problem:
        raise BadInput(f"{path} cannot be written: {problem.strerror}") from problem
    finally:
        part.unlink(missing_ok=True)
