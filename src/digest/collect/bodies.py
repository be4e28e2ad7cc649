"""
Locate the article in a text that a crude scraper stored: all visible lines of a page.

Each line gets a probability of being prose from its form and its position: a
logistic model of twenty plain features, fitted on 91 real pages (16,328 lines) by
`benchmarks/dropped_texts.py --fit`, the method and the figures by cross-validation in
docs/reference/quality.md. The article is the best run of lines: each adds its probability
above a threshold times its length; a comment heading, a rights notice, a date line in the
way costs. No network, no language model, no list of sites.
"""

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from digest.collect.label_phrases import SHARE, SOURCE
from digest.collect.phrases import COMMENTS, DATED, ELSEWHERE, FURNITURE, RIGHTS

_ENDS = re.compile(r"[.!?…。！？؟।]['\"”’»）)\]]*(?:\[\d+\])?$")
_STOPS = re.compile(r"[.!?…。！？؟।]['\"”’»)\]]*\s|[,;:、，；،]\s|[。、，]")
_LINKISH = re.compile(r"https?:|[|»@]")

#: Fitted weights, in the order of `features`; the last is the constant.
WEIGHTS: tuple[float, ...] = (
    *(0.59, -0.07, 1.6, -0.06, -0.07, -1.02, -0.94, -1.18, 0.2, -0.88, 0.22, 1.38, -2.82, -3.35),  # the line itself
    *(0.18, 0.13, 0.24, 0.26, 0.55, 0.6),  # its neighbours
    -5.48,
)

THRESHOLD = 0.25  #: below this probability a line lowers the run's score
LINE_WORDS = 8.0  #: number of words added to each line's own
MAX_WORDS = 60.0
DROP = 0.06  #: inside the run, a line less likely than this is furniture
#: Penalties for including one of these lines, in words of certain prose.
COST_COMMENTS, COST_RIGHTS, COST_ELSEWHERE, COST_DATED = 20.0, 60.0, 10.0, 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """Lines of the article: from `start` up to but not including `end`; `kept` are the indices of prose."""

    start: int
    end: int
    kept: Sequence[int]


def find(lines: Sequence[str]) -> Body:
    """Find the best run of `lines` (stripped, none empty)."""
    chances = probabilities(lines)
    gains = [_gain(line, chance) for line, chance in zip(lines, chances, strict=True)]
    start, end = _best_run(gains)
    kept = [i for i in range(start, end) if chances[i] >= DROP and not is_furniture(lines[i])]
    return Body(start=start, end=end, kept=kept)


def is_furniture(line: str) -> bool:
    """True if a short line belongs to the page around the article: a heading of another part of the page, a button."""
    if len(line) >= 80:
        return False
    if COMMENTS.match(line) or ELSEWHERE.match(line) or SHARE.match(line):
        return True
    return bool(FURNITURE.match(line)) and not _ENDS.search(line)


def width(line: str) -> float:
    """Return the length in Latin letters; a CJK character counts as two and a half."""
    return sum(2.5 if "\u2e80" <= c <= "\u9fff" or "\uac00" <= c <= "\ud7af" or "\uf900" <= c <= "\uffef" else 1.0 for c in line)


def probabilities(lines: Sequence[str]) -> list[float]:
    """Return the probability of each line to be prose of the article, by the fitted model."""
    *weights, constant = WEIGHTS
    sums = (sum(w * f for w, f in zip(weights, row, strict=True)) + constant for row in features(lines))
    return [1 / (1 + math.exp(-max(-30.0, min(30.0, s)))) for s in sums]


def features(lines: Sequence[str]) -> list[list[float]]:
    """Return the model's features, one row per line."""
    widths = [width(line) for line in lines]
    ends = [bool(_ENDS.search(line)) for line in lines]
    prose = [w if (end and w > 60) or w > 160 else 0.0 for w, end in zip(widths, ends, strict=True)]
    repeated = Counter(lines)
    return [_line(line, widths[i], ends[i], repeated[line]) + _around(prose, i) for i, line in enumerate(lines)]


def _line(line: str, w: float, ends: bool, repeated: int) -> list[float]:
    words = line.split()
    capitals = sum(1 for word in words if word[:1].isupper()) / len(words) if len(words) > 2 else 0.0
    return [
        math.log(w + 1),
        min(w, 300.0) / 100,
        float(ends),
        float(ends) * min(w, 200.0) / 100,
        float(min(3, len(_STOPS.findall(line)))),
        float(bool(FURNITURE.match(line))),
        capitals,
        float(repeated > 1),
        sum(c.isdigit() for c in line) / max(1, len(line)),
        float(bool(_LINKISH.search(line))),
        float(line[:1].islower()),
        float(line[:1] in '"“«‘„'),
        float(bool(RIGHTS.search(line))),
        float(line.endswith(("…", "...", ".."))),
    ]


def _around(prose: Sequence[float], i: int) -> list[float]:
    def at(j: int) -> float:
        return min(prose[j], 200.0) / 100 if 0 <= j < len(prose) else 0.0

    before, after = prose[max(0, i - 5) : i], prose[i + 1 : i + 6]
    return [at(i - 1), at(i + 1), at(i - 2), at(i + 2), min(600.0, sum(before)) / 200, min(600.0, sum(after)) / 200]


def _gain(line: str, chance: float) -> float:
    if len(line) < 70 and COMMENTS.match(line):
        return -COST_COMMENTS
    if len(line) < 250 and (RIGHTS.search(line) or (len(line) < 120 and SOURCE.match(line))):
        return -COST_RIGHTS
    if len(line) < 80 and ELSEWHERE.match(line):
        return -COST_ELSEWHERE
    gain = (chance - THRESHOLD) * (min(width(line) / 6, MAX_WORDS) + LINE_WORDS)
    return gain - COST_DATED if len(line) < 80 and DATED.match(line) else gain


def _best_run(gains: Sequence[float]) -> tuple[int, int]:
    """Return the run with the greatest sum (Kadane)."""
    best, best_run = 0.0, (0, 0)
    current, start = 0.0, 0
    for i, gain in enumerate(gains):
        if current <= 0:
            current, start = 0.0, i
        current += gain
        if current > best:
            best, best_run = current, (start, i + 1)
    return best_run
