"""
Find the headline among the lines above an article's body.

A conditional logit over the candidate lines: twenty plain features, fitted on the 85
of the 91 pages whose headline is known (`benchmarks/dropped_texts.py --fit`; right in 0.84 of
them by cross-validation, docs/reference/quality.md).
"""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from digest.collect.bodies import Body, width
from digest.collect.labels import byline, is_caption, is_dated, is_label
from digest.collect.phrases import FURNITURE

REACH = 100  #: number of lines above the body that are searched for the headline
ENDS = re.compile(r"[.!?…。！？؟।]['\"”’»）)\]]*$")
_ONLY_URL = re.compile(r"^<?https?://\S+$")
_AUTHOR_NEXT = re.compile(r"^(?:author|by|publish(?:ed)? date|posted by|written by|von|par|por|autor|auteur):?$", re.IGNORECASE)
_SAYS = re.compile(r"\bsaid:|\bmin(?:uten?|utos?|utes?)?\b(?: read)?", re.IGNORECASE)

#: Fitted weights, in the order of `features`.
WEIGHTS: tuple[float, ...] = (
    *(2.45, 0.29, 2.23, 1.92, -1.35, -3.11, -3.07, -1.42, 0.1, -2.24, -2.08),  # the line itself
    *(-0.78, 1.11, -0.65, 0.91, 2.13, -0.67, 0.14, -3.65, -0.13),  # its position
)


def headline_at(lines: Sequence[str], body: Body) -> int | None:
    """Return the number of the headline's line; None if no line can be it."""
    rows = list(features(lines, body))
    if not rows:
        return None
    return max(rows, key=lambda row: (sum(w * f for w, f in zip(WEIGHTS, row[1], strict=True)), -row[0]))[0]


def trimmed(line: str) -> str:
    """Remove the section or site name that is joined to a headline by a bar."""
    parts = [part.strip() for part in re.split(r"\s*[|｜]\s*|\s+[»›]\s+", line) if part.strip()]
    longest = max(parts, key=len, default=line)
    return longest if len(parts) > 1 and len(longest) > 0.5 * len(line) else line.lstrip("#• ").strip()


def shared_words(text: str) -> set[str]:
    """Return the terms for comparing two passages: words of four letters and more, pairs of characters in unspaced scripts."""
    folded = text.casefold()
    spaced = {word for word in re.findall(r"\w{4,}", folded) if not _unspaced(word[0])}
    return spaced | {a + b for a, b in pairwise(folded) if _unspaced(a) and _unspaced(b)}


def features(lines: Sequence[str], body: Body) -> Iterator[tuple[int, list[float]]]:
    """Yield the candidate lines, each with the model's features."""
    first = body.kept[0] if body.kept else body.start
    words = shared_words(" ".join(lines[i] for i in body.kept[:12]))
    opening = shared_words(" ".join(lines[i] for i in body.kept[:2]))
    for i in range(max(0, first - REACH), min(first + 2, len(lines))):
        if _possible(lines, i, first):
            yield i, _line(trimmed(lines[i]), words, opening) + _place(lines, i, first, words)


def _possible(lines: Sequence[str], i: int, first: int) -> bool:
    line = trimmed(lines[i])
    w = width(line)
    if not 8 <= w <= 200 or line[:1] in "—–•*@" or (i >= first and (w > 120 or _is_sentence(line))):
        return False
    if is_label(line) or is_caption(line) or is_dated(line) or _ONLY_URL.match(line):
        return False
    return not (i and _AUTHOR_NEXT.match(lines[i - 1]))


def _line(line: str, words: set[str], opening: set[str]) -> list[float]:
    w = width(line)
    mine = shared_words(line)
    shared = len(mine & words)
    return [
        min(shared, 4) / 4,
        shared / max(2, len(mine)),
        len(mine & opening) / max(2, len(mine)),
        min(w, 60.0) / 60,
        max(0.0, w - 100) / 50,
        float(_is_sentence(line)),
        float(line.endswith((":", "：", ",", ";", "...", "…"))),
        float(len(line.split()) < 4 and w < 30),
        float(bool(FURNITURE.match(line)) and w < 60),
        float(any(c in line for c in ">@|")),
        float(bool(_SAYS.search(line))),
    ]


def _is_sentence(line: str) -> bool:
    return bool(ENDS.search(line)) and line[-1] not in "?!？！" and not re.search(r"\b[A-Z]\.$", line)


def _place(lines: Sequence[str], i: int, first: int, words: set[str]) -> list[float]:
    above = [width(line) for line in lines[max(0, i - 3) : i]]
    below = list(lines[i + 1 : i + 4])
    rivals = sum(_like_a_title(line) for line in lines[i + 1 : first])
    return [
        min(rivals, 5) / 5,
        float(max(above, default=0.0) < 32),
        float(any(_like_a_title(line) and len(shared_words(line) & words) >= 2 for line in lines[max(0, i - 2) : i])),
        float(bool(below) and width(below[0]) > 50 and bool(ENDS.search(below[0])) and not is_caption(below[0])),
        float(any(byline(line) or is_dated(line) for line in below)),
        float(len(below) > 1 and all(_like_a_menu(line) for line in below[:2])),
        float(_is_repeated(lines, i)),
        float(i >= first),
        max(0, first - i) / 30,
    ]


def _like_a_title(line: str) -> bool:
    return (
        20 <= width(line) <= 150
        and not ENDS.search(line)
        and not (is_label(line) or is_dated(line) or is_caption(line) or FURNITURE.match(line))
    )


def _like_a_menu(line: str) -> bool:
    return width(line) < 24 and not (byline(line) or is_dated(line) or FURNITURE.match(line))


def _is_repeated(lines: Sequence[str], i: int) -> bool:
    """True if a line is repeated nearby, as page title, breadcrumb and headline are."""
    mine = trimmed(lines[i]).casefold()
    near = [*lines[max(0, i - 60) : i], *lines[i + 1 : i + 4]]
    return width(mine) >= 22 and any(mine in other.casefold() and len(other) < 2 * len(mine) + 40 for other in near)


def _unspaced(c: str) -> bool:
    return "\u3040" <= c <= "\u30ff" or "\u4e00" <= c <= "\u9fff" or "\uac00" <= c <= "\ud7af" or "\u0e00" <= c <= "\u0e7f"
