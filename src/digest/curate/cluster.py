"""
Which articles tell the same story. Here: the same canonical URL or the same content.

Incremental: new articles join stories that are there, or each other.
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Kin:
    """What of an article says which story it tells."""

    article_id: int
    canonical_url: str | None
    fingerprint: str
    story_id: int | None = None  #: known for what was grouped before


def group(new: Sequence[Kin], known: Sequence[Kin]) -> Sequence[tuple[int | None, Sequence[int]]]:
    """
    The story of each new article: (story that is there or None for one to be made, its articles).

    Articles that share a key, directly or through others, are one group; where it reaches
    several stories that are there, the oldest has it. Groups come in the order of their first
    new article.
    """
    parent: dict[str, str] = {}

    def root(key: str) -> str:
        parent.setdefault(key, key)
        while parent[key] != key:
            parent[key] = parent[parent[key]]
            key = parent[key]
        return key

    for kin in [*known, *new]:
        first, *others = _keys(kin)
        for other in others:
            parent[root(other)] = root(first)
    stories: dict[str, int] = {}
    for kin in known:
        if kin.story_id is not None:
            at = root(_keys(kin)[0])
            stories[at] = min(stories.get(at, kin.story_id), kin.story_id)
    groups: dict[str, list[int]] = {}
    for kin in sorted(new, key=lambda k: k.article_id):
        groups.setdefault(root(_keys(kin)[0]), []).append(kin.article_id)
    return [(stories.get(at), tuple(articles)) for at, articles in groups.items()]


def _keys(kin: Kin) -> Sequence[str]:
    return [f"url {kin.canonical_url}"] * bool(kin.canonical_url) + [f"content {kin.fingerprint}"]
