"""Rules of what readers say when they leave."""

import re

from digest.model.leaving import TEXT_MAX

_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]+")


def words(text: str) -> str:
    """Return a reader's words on one line, without invisible characters, cut at TEXT_MAX."""
    return " ".join(_UNSEEN.sub(" ", text).split())[:TEXT_MAX]
