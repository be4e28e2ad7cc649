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

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from digest.curate.matrix import Ints, Matrix, Row, beside, from_rows, only, product, ranges
from digest.curate.terms import terms, tokens
from digest.model.article import COMPARED, Kin

HEADLINE, NAME, NUMBER = 3.0, 2.0, 1.5  #: weights of a term in a headline, with a capital, with a digit
PIECES = 0.6  #: the share of the pieces in a similarity; the rest is the words'
PIECE, STEM = 4, 6  #: letters of a piece, and of a stem
#: Smoothing of document frequencies: so many additional texts, each term in one of a thousand, for when there are few articles.
IMAGINED, RARE = 300, 0.001
BARE = 2.4  #: the similarity of two bare headlines is scaled by this
#: A similarity based on few words is chance more often; the factor by the number of shared words, for texts and for bare headlines.
FEW, FEW_BARE = np.array([0.3, 0.3, 0.5, 0.7, 0.85, 1.0], np.float32), np.array([0.7, 0.7, 0.85, 1.0, 1.0, 1.0], np.float32)
FADE_DAYS = 2.0  #: after so many days a similarity is 1/e of itself
FLOOR = 0.1  #: smaller ones are dropped: this leaves out most pairs of a day's news, whatever the day's size
#: A text keeps the similarity to so many later texts, and a key leads to so many: bounds time and memory if all texts are similar.
NEAREST = 400
#: The weight of shared keys from which two texts are compared; of two bare headlines. A lower one finds no pair above FLOOR that matters.
SHARED, SHARED_BARE = 0.08, 0.04


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
    vectors, stems = _matrices(texts)
    bare = np.array([not t.text.strip() for t in texts])
    days = np.array([t.at.timestamp() / 86400 if t.at else np.nan for t in texts])
    codes: dict[str, int] = {"": 0}
    languages = np.array([codes.setdefault(t.language[:2].lower(), len(codes)) for t in texts])
    index = _Index(stems=stems, vectors=vectors, bare=bare)
    row, stem_row = Row(vectors), Row(replace(stems, data=np.ones_like(stems.data)))
    for first in range(new):
        others = index.candidates(first)
        others = others[(languages[first] == 0) | (languages[others] == 0) | (languages[others] == languages[first])]
        if not len(others):
            continue
        shared = np.minimum(stem_row.dot(first, others), len(FEW) - 1).astype(np.intp)
        ever = row.dot(first, others) * np.where(bare[first] & bare[others], BARE * FEW_BARE[shared], FEW[shared])
        others, ever = others[ever >= FLOOR], ever[ever >= FLOOR]
        now = ever * _decay(days[others] - days[first])
        if len(others) > NEAREST:
            nearest = np.sort(np.argpartition(now, -NEAREST)[-NEAREST:])
            others, ever, now = others[nearest], ever[nearest], now[nearest]
        for second, ever_alike, now_alike in zip(others.tolist(), ever.tolist(), now.tolist(), strict=True):
            yield Likeness(first=first, second=second, ever=ever_alike, now=now_alike)


def _decay(gap: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the decay factor by the days between two texts; 1 if one is undated."""
    return np.where(np.isnan(gap), 1.0, np.exp(-np.abs(np.nan_to_num(gap)) / FADE_DAYS))


class _Index:
    """Inverted index of the texts by their keys, in order, so that each pair is found once: from the earlier text."""

    def __init__(self, *, stems: Matrix, vectors: Matrix, bare: NDArray[np.bool_]) -> None:
        self._bare = bare
        self._keys = keys = beside(stems, only(vectors, bare))
        order = np.argsort(keys.columns, kind="stable")
        self._texts, self._weights = keys.rows[order], keys.data[order]
        self._places = np.empty(len(order), np.int64)  #: of each entry of `keys` in the index
        self._places[order] = np.arange(len(order))
        self._ends = np.cumsum(np.bincount(keys.columns, minlength=keys.width))

    def candidates(self, first: int) -> Ints:
        """Return the later texts that share enough weight of keys with this one."""
        own = self._keys.row(first)
        ends = self._ends[self._keys.columns[own]]
        lengths = np.minimum(ends - self._places[own] - 1, NEAREST)  # the last ones: the newest of those known before
        places = ranges(ends - lengths, lengths)
        weights = np.repeat(self._keys.data[own], lengths) * self._weights[places]
        shared = np.bincount(self._texts[places], weights)
        found: Ints = np.flatnonzero(shared >= SHARED_BARE)
        enough: Ints = found[(shared[found] >= SHARED) | (self._bare[first] & self._bare[found])]
        return enough


def _matrices(texts: Sequence[Kin]) -> tuple[Matrix, Matrix]:
    """Return the words and pieces of each text as one unit vector, and its stems, each with the weight of its words."""
    counts, vocabulary = _counts(texts)
    parts: dict[str, int] = {}
    pieces = [Counter(parts.setdefault(piece, len(parts)) for piece in _pieces(word)) for word in vocabulary]
    ends: dict[str, int] = {}
    stems = [{ends.setdefault(word[:STEM], len(ends)): 1.0} for word in vocabulary]
    words = _tfidf(counts)
    both = beside(_scaled(words, 1 - PIECES), _scaled(_tfidf(product(counts, from_rows(pieces, width=len(parts)))), PIECES))
    squares = product(replace(words, data=words.data**2), from_rows(stems, width=len(ends)))
    return both, replace(squares, data=np.sqrt(squares.data))


def _counts(texts: Sequence[Kin]) -> tuple[Matrix, Sequence[str]]:
    """Return the weight of each word in each text, and the words in the order of the columns."""
    vocabulary: dict[str, int] = {}
    known: dict[str, Sequence[tuple[int, float]]] = {}  # a token as it is written → its columns and weights
    rows = []
    for text in texts:
        body = text.text[:COMPARED]
        found: dict[int, float] = {}
        for source, worth in ((text.headline, HEADLINE if body.strip() else 1.0), (body, 1.0)):
            for token in tokens(source):
                if token not in known:
                    known[token] = [(vocabulary.setdefault(t.casefold(), len(vocabulary)), _weight(t)) for t in terms(token)]
                for column, weight in known[token]:
                    found[column] = found.get(column, 0.0) + worth * weight
        rows.append(found)
    return from_rows(rows, width=len(vocabulary)), list(vocabulary)


def _weight(term: str) -> float:
    return NAME if term[0].isupper() else NUMBER if term[0].isdigit() else 1.0


def _pieces(word: str) -> Iterator[str]:
    padded = f"_{word}_"
    return (padded[i : i + PIECE] for i in range(max(1, len(padded) - PIECE + 1)))


def _tfidf(counts: Matrix) -> Matrix:
    """Return rows of unit length: 1 + ln(count), times the inverse document frequency."""
    frequency = np.bincount(counts.columns, minlength=counts.width)
    rarity = np.log((1 + counts.height + IMAGINED) / (1 + frequency + IMAGINED * RARE)) + 1
    data = (1 + np.log(np.maximum(counts.data, 1.0))) * rarity[counts.columns]
    rows = counts.rows
    length = np.sqrt(np.bincount(rows, data * data, minlength=counts.height))
    return replace(counts, data=(data / length[rows]).astype(np.float32))


def _scaled(vectors: Matrix, share: float) -> Matrix:
    """Scale vectors so that they have this share in a cosine."""
    return replace(vectors, data=vectors.data * np.float32(math.sqrt(share)))
