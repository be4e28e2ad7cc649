"""
Compare texts: the tf-idf cosine of their words and of the four-letter pieces of their words,
names and numbers counting more, fading with the time between them.

Pieces let inflected and compound words meet. Two bare headlines share few words even when they
tell the same, so their likeness is scaled up; one that rests on few words is scaled down. The
constants were chosen on one half of five sets of news (docs/reference/quality.md has the method
and the figures); no model, no network.

Not every pair is compared, so that the time grows with the number of texts and not with its
square. An inverted index lists the texts with each key (the stems of words; of bare headlines
the pieces too). A text is compared with those that share enough weight of keys with it, and a
key that many texts have leads to NEAREST of them, which leaves it to the rare ones to tell.
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

HEADLINE, NAME, NUMBER = 3.0, 2.0, 1.5  #: what a term in a headline, with a capital, with a digit counts
PIECES = 0.6  #: the share of the pieces in a likeness; the rest is the words'
PIECE, STEM = 4, 6  #: letters of a piece, and of a stem
#: As many texts are thought beside those at hand, each term in one of a thousand, so that a dozen articles are not judged by their own few.
IMAGINED, RARE = 300, 0.001
BARE = 2.4  #: the likeness of two bare headlines is scaled by this
#: Likeness that rests on few words is chance more often; the factor by how many are shared, of texts and of bare headlines.
FEW, FEW_BARE = np.array([0.3, 0.3, 0.5, 0.7, 0.85, 1.0], np.float32), np.array([0.7, 0.7, 0.85, 1.0, 1.0, 1.0], np.float32)
FADE_DAYS = 2.0  #: after so many days a likeness is 1/e of itself
FLOOR = 0.1  #: less is nothing: most pairs of a day's news are left out here, whatever the day's size
#: Of the texts behind it, a text keeps the likeness to so many, and a key leads to so many: what bounds time and memory where all are alike.
NEAREST = 400
#: The weight of shared keys from which two texts are compared; of two bare headlines. A lower one finds no pair above FLOOR that matters.
SHARED, SHARED_BARE = 0.08, 0.04


@dataclass(frozen=True, slots=True, kw_only=True)
class Likeness:
    """How alike two texts are, by their places; from 0 to 1, bare headlines up to BARE."""

    first: int
    second: int
    ever: float  #: whenever they were published
    now: float  #: faded by the time between them


def compare(texts: Sequence[Kin], *, new: int) -> Iterator[Likeness]:
    """The likeness of each pair with one of the first `new` texts in it; those below FLOOR and beyond the NEAREST are left out."""
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
        now = ever * _fading(days[others] - days[first])
        if len(others) > NEAREST:
            nearest = np.sort(np.argpartition(now, -NEAREST)[-NEAREST:])
            others, ever, now = others[nearest], ever[nearest], now[nearest]
        for second, ever_alike, now_alike in zip(others.tolist(), ever.tolist(), now.tolist(), strict=True):
            yield Likeness(first=first, second=second, ever=ever_alike, now=now_alike)


def _fading(gap: NDArray[np.float64]) -> NDArray[np.float64]:
    """The factor by the days between two texts; 1 where one is undated."""
    return np.where(np.isnan(gap), 1.0, np.exp(-np.abs(np.nan_to_num(gap)) / FADE_DAYS))


class _Index:
    """The texts by their keys, in order, so that each pair is met once: from the one that stands before."""

    def __init__(self, *, stems: Matrix, vectors: Matrix, bare: NDArray[np.bool_]) -> None:
        self._bare = bare
        self._keys = keys = beside(stems, only(vectors, bare))
        order = np.argsort(keys.columns, kind="stable")
        self._texts, self._weights = keys.rows[order], keys.data[order]
        self._places = np.empty(len(order), np.int64)  #: of each entry of `keys` in the index
        self._places[order] = np.arange(len(order))
        self._ends = np.cumsum(np.bincount(keys.columns, minlength=keys.width))

    def candidates(self, first: int) -> Ints:
        """The texts behind this one that share enough keys with it."""
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
    """The words and pieces of each text as one unit vector; and its stems, each with the weight of its words."""
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
    """How much each word of a text counts; and the words, as the columns have them."""
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
    """Rows of unit length: 1 + ln(count), times the inverse document frequency."""
    frequency = np.bincount(counts.columns, minlength=counts.width)
    rarity = np.log((1 + counts.height + IMAGINED) / (1 + frequency + IMAGINED * RARE)) + 1
    data = (1 + np.log(np.maximum(counts.data, 1.0))) * rarity[counts.columns]
    rows = counts.rows
    length = np.sqrt(np.bincount(rows, data * data, minlength=counts.height))
    return replace(counts, data=(data / length[rows]).astype(np.float32))


def _scaled(vectors: Matrix, share: float) -> Matrix:
    """The vectors with this share in a cosine."""
    return replace(vectors, data=vectors.data * np.float32(math.sqrt(share)))
