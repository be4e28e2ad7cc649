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

    Groups come in the order of their first article. Where an article is akin to two stories,
    the older one has it.
    """
    story_of: dict[str, int] = {}
    for kin in sorted(known, key=lambda k: (k.story_id or 0, k.article_id)):
        for key in _keys(kin):
            story_of.setdefault(key, kin.story_id or 0)
    groups: list[tuple[int | None, list[int]]] = []
    group_of: dict[str, int] = {}
    for kin in sorted(new, key=lambda k: k.article_id):
        at = _place(kin, story_of, group_of, groups)
        groups[at][1].append(kin.article_id)
        for key in _keys(kin):
            group_of.setdefault(key, at)
    return [(story, tuple(articles)) for story, articles in groups]


def _place(kin: Kin, story_of: dict[str, int], group_of: dict[str, int], groups: list[tuple[int | None, list[int]]]) -> int:
    joined = [group_of[key] for key in _keys(kin) if key in group_of]
    if joined:
        return min(joined)
    stories = [story_of[key] for key in _keys(kin) if key in story_of]
    story = min(stories) if stories else None
    for at, (there, _) in enumerate(groups):
        if story is not None and there == story:
            return at
    groups.append((story, []))
    return len(groups) - 1


def _keys(kin: Kin) -> Sequence[str]:
    return [f"url {kin.canonical_url}"] * bool(kin.canonical_url) + [f"content {kin.fingerprint}"]
