"""Clean names of authors: remove the addresses that feeds write beside or instead of them."""

import re
from collections.abc import Iterable

from digest.collect.markup import one_line

_ADDRESS = re.compile(
    r"(?:mailto:)?[^\s<>()\[\]{},;:\"|/]+(?:@|\s?[\[({]at[\])}]\s?)[^\s<>()\[\]{},;:\"|/]+(?:\?subject=\S+)?", re.IGNORECASE
)
_LEFT_OVER = re.compile(r"<\s*>|\(\s*\)|\[\s*\]|^[\s,;:|/–—-]+|[\s,;:|/–—-]+$")


def without_address(text: str) -> str:
    """Return a person's name; empty if there is only an address."""
    plain = text.replace("&lt;", "<").replace("&gt;", ">").strip()
    if not _ADDRESS.search(plain) or re.fullmatch(r"https?://\S+", plain):
        return one_line(re.sub(r"<https?://[^<>]*>", " ", plain))
    name = _ADDRESS.sub(" ", plain)
    for _ in range(3):
        name = _LEFT_OVER.sub(" ", name).strip()
    inside = re.fullmatch(r"\(\s*(.*?)\s*\)|\"\s*(.*?)\s*\"", name)
    return one_line((inside[1] or inside[2] or "") if inside else name.replace('"', ""))


def names(people: Iterable[str]) -> tuple[str, ...]:
    """Return each name once, in order."""
    return tuple(dict.fromkeys(name for name in map(without_address, people) if name))
