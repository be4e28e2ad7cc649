"""
Compare texts: the tf-idf cosine of their words and of the four-letter pieces of their words,
names and numbers counting more, decaying with the time between them.

Pieces match inflected and compound words. Two bare headlines share few words even when they
report the same, so their similarity is scaled up; one based on few words is scaled down. The
constants were chosen on one half of five sets of news (docs/reference/quality.md has the method
and the figures); no model, no network.

Not every pair is compared, so that the time grows with the number of texts and not with its
square. An inverted index lists the texts with each key (the stems of words; of bare headlines
the pieces too). A text is compared with those that share enough weight of keys with it, and a
key that many texts have leads to only NEAREST of them, so that rare keys decide.
"""

import heapq
import math
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from digest.curate.vectors import Vectors
from digest.model.article import Kin

BARE = 2.4  #: the similarity of two bare headlines is scaled by this
#: A similarity based on few words is chance more often; the factor by the number of shared words, for texts and for bare headlines.
FEW, FEW_BARE = (0.3, 0.3, 0.5, 0.7, 0.85, 1.0), (0.7, 0.7, 0.85, 1.0, 1.0, 1.0)
FADE_DAYS = 2.0  #: after so many days a similarity is 1/e of itself
FLOOR = 0.1  #: smaller ones are dropped: this leaves out most pairs of a day's news, whatever the day's size
#: A text keeps the similarity to so many later texts, and a key leads to so many: bounds time and memory if all texts are similar.
NEAREST = 400
#: The weight of shared keys from which two texts are compared; of two bare headlines. A lower one finds no pair above FLOOR that matters.
SHARED, SHARED_BARE = 0.08, 0.04
_DAY_S = 86400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Likeness:
    """Similarity of two texts, given by their indices; from 0 to 1, of bare headlines up to BARE."""

    first: int
    second: int
    ever: float  #: without decay
    now: float  #: decayed by the time between them


def compare(texts: Sequence[Kin], *, new: int) -> Iterator[Likeness]:
    """Yield the similarity of each pair with one of the first `new` texts in it, without those below FLOOR and beyond the NEAREST."""
    if not new:
        return
    vectors = Vectors(texts)
    stems = [vectors.stems(text) for text in range(len(texts))]
    bare = [not text.text.strip() for text in texts]
    languages = [text.language[:2].lower() for text in texts]
    index = _Index([_keys(vectors, text) if bare[text] else found for text, found in enumerate(stems)], bare)
    for first in range(new):
        wanted = ("", languages[first])
        others = [o for o in index.candidates(first) if not languages[first] or languages[o] in wanted]
        found = []
        for second, cosine in zip(others, vectors.cosines(first, others), strict=True):
            shared = min(len(stems[first].keys() & stems[second].keys()), len(FEW) - 1)
            ever = cosine * (BARE * FEW_BARE[shared] if bare[first] and bare[second] else FEW[shared])
            if ever >= FLOOR:
                now = ever * _decay(texts[first].at, texts[second].at)
                found.append(Likeness(first=first, second=second, ever=ever, now=now))
        yield from sorted(heapq.nlargest(NEAREST, found, key=lambda pair: pair.now), key=lambda pair: pair.second)


def _decay(one: datetime | None, other: datetime | None) -> float:
    """Return the decay factor by the days between two texts; 1 if one is undated."""
    return math.exp(-abs((other - one).total_seconds()) / _DAY_S / FADE_DAYS) if one and other else 1.0


def _keys(vectors: Vectors, text: int) -> Mapping[int, float]:
    """Return the keys of a bare headline: its stems, and below zero the columns of its vector."""
    vector = vectors.vector(text)
    return {**vectors.stems(text), **{~column: weight for column, weight in zip(vector.columns, vector.weights, strict=True)}}


class _Index:
    """Inverted index of the texts by their keys, in order, so that each pair is found once: from the earlier text."""

    def __init__(self, keys: Sequence[Mapping[int, float]], bare: Sequence[bool]) -> None:
        self._keys = keys
        self._bare = bare
        self._entries: dict[int, tuple[list[int], list[float]]] = {}  #: the texts with a key, and its weight in each
        for text, own in enumerate(keys):
            for key, weight in own.items():
                texts, weights = self._entries.setdefault(key, ([], []))
                texts.append(text)
                weights.append(weight)
        #: the first text that a key leads to (the last ones are the newest of those known before), and its greatest weight there
        self._since = {key: texts[-NEAREST:][0] for key, (texts, _) in self._entries.items()}
        self._greatest = {key: max(weights[-NEAREST:]) for key, (_, weights) in self._entries.items()}

    def candidates(self, first: int) -> Sequence[int]:
        """
        Return the later texts that share enough weight of keys with this one.

        Rare keys are followed first, until the others together could not make half of what is enough. Only for
        texts that may have enough then, the shares of the other keys are looked up.
        """
        own = self._keys[first]
        keys = sorted(own, key=lambda key: len(self._entries[key][0]))
        rest = sum(weight * self._greatest[key] for key, weight in own.items())
        shared: dict[int, float] = {}
        followed = 0
        while rest >= self._enough(first, first) / 2 and followed < len(keys):
            key = keys[followed]
            weight = own[key]
            for other, theirs in self._later(key, first):
                shared[other] = shared.get(other, 0.0) + weight * theirs
            rest -= weight * self._greatest[key]
            followed += 1
        left = keys[followed:]
        likely = sorted(other for other, weight in shared.items() if weight + rest >= self._enough(first, other))
        return [o for o in likely if shared[o] + self._shared(own, o, left) >= self._enough(first, o)]

    def _enough(self, one: int, other: int) -> float:
        return SHARED_BARE if self._bare[one] and self._bare[other] else SHARED

    def _later(self, key: int, first: int) -> Iterator[tuple[int, float]]:
        """Yield the texts after `first` that a key leads to, and its weight in each."""
        texts, weights = self._entries[key]
        start = max(bisect_right(texts, first), len(texts) - NEAREST)
        return zip(texts[start:], weights[start:], strict=True)

    def _shared(self, own: Mapping[int, float], other: int, keys: Sequence[int]) -> float:
        """Return the weight of some keys that a text shares with another."""
        theirs = self._keys[other]
        return sum(own[key] * theirs[key] for key in keys if key in theirs and other >= self._since[key])
