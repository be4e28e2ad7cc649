"""
Vectors of texts: their words and the four-letter pieces of their words, weighted by tf-idf.

Plain Python, because numpy takes 75 MB and serves nothing else (docs/decisions/0038 has the measurement). What the
weights are made of is counted once for all texts; a text's own vector is made when the text is first compared, so
that a few new texts cost little whatever the number of known ones.
"""

import math
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from operator import mul

from digest.curate.terms import terms, tokens
from digest.model.article import COMPARED, Kin

HEADLINE, NAME, NUMBER = 3.0, 2.0, 1.5  #: weights of a term in a headline, with a capital, with a digit
PIECES = 0.6  #: the share of the pieces in a similarity; the rest is the words'
PIECE, STEM = 4, 6  #: letters of a piece, and of a stem
#: Smoothing of document frequencies: so many additional texts, each term in one of a thousand, for when there are few articles.
IDF_SMOOTHING_DOCS, IDF_SMOOTHING_SHARE = 300, 0.001


@dataclass(frozen=True, slots=True, kw_only=True)
class Vector:
    """The columns of a text that are not zero, and their weights; of unit length, unless the text is empty."""

    columns: Sequence[int]
    weights: Sequence[float]


class Vectors:
    """The vectors and stems of some texts, which are named by their index."""

    def __init__(self, texts: Sequence[Kin]) -> None:
        self._counts, vocabulary = _counts(texts)
        pieces = _Numbers(begin=len(vocabulary))
        self._pieces = [tuple(map(pieces.of, _pieces(word))) for word in vocabulary]
        stems = _Numbers()
        self._stems = [stems.of(word[:STEM]) for word in vocabulary]
        of_texts = (set(chain.from_iterable(map(self._pieces.__getitem__, words))) for words in self._counts)
        frequency = Counter(chain.from_iterable(chain(self._counts, of_texts)))
        self._rarity = [_rarity(frequency[column], len(texts)) for column in range(pieces.end)]
        self._made: list[Vector | None] = [None] * len(texts)
        self._dense = [0.0] * pieces.end  #: the first of the compared vectors, written out

    def stems(self, text: int) -> Mapping[int, float]:
        """Return the stems of a text's words, each with the weight of its words."""
        squares: dict[int, float] = {}
        for word, weight in self._tfidf(self._counts[text]).items():
            stem = self._stems[word]
            squares[stem] = squares.get(stem, 0.0) + weight * weight
        return {stem: math.sqrt(square) for stem, square in squares.items()}

    def vector(self, text: int) -> Vector:
        """Return the vector of a text."""
        made = self._made[text]
        if made is None:
            made = self._made[text] = self._make(self._counts[text])
        return made

    def cosines(self, first: int, others: Iterable[int]) -> Sequence[float]:
        """Return the cosine of a text with each of the others."""
        own, dense = self.vector(first), self._dense
        for column, weight in zip(own.columns, own.weights, strict=True):
            dense[column] = weight
        found = [sum(map(mul, map(dense.__getitem__, v.columns), v.weights)) for v in map(self.vector, others)]
        for column in own.columns:
            dense[column] = 0.0
        return found

    def _make(self, words: Mapping[int, float]) -> Vector:
        pieces: dict[int, float] = {}
        for word, count in words.items():
            for piece in self._pieces[word]:
                pieces[piece] = pieces.get(piece, 0.0) + count
        both = {
            **_scaled(self._tfidf(words), 1 - PIECES),
            **_scaled(self._tfidf(pieces), PIECES),
        }
        return Vector(columns=tuple(both), weights=array("f", both.values()))

    def _tfidf(self, counts: Mapping[int, float]) -> Mapping[int, float]:
        """Return weights of unit length: 1 + ln(count), times the inverse document frequency."""
        found = {column: (1 + math.log(max(count, 1.0))) * self._rarity[column] for column, count in counts.items()}
        length = math.sqrt(sum(weight * weight for weight in found.values()))
        return {column: weight / length for column, weight in found.items()}


class _Numbers:
    """Numbers of strings, in the order in which they are first asked for."""

    def __init__(self, *, begin: int = 0) -> None:
        self._begin = begin
        self._known: dict[str, int] = {}

    def of(self, text: str) -> int:
        """Return the number of a string."""
        return self._known.setdefault(text, self.end)

    @property
    def end(self) -> int:
        """One more than the last number."""
        return self._begin + len(self._known)


def _counts(texts: Sequence[Kin]) -> tuple[Sequence[Mapping[int, float]], Sequence[str]]:
    """Return the weight of each word in each text, and the words in the order of their numbers."""
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
    return rows, list(vocabulary)


def _weight(term: str) -> float:
    return NAME if term[0].isupper() else NUMBER if term[0].isdigit() else 1.0


def _pieces(word: str) -> Iterator[str]:
    padded = f"_{word}_"
    return (padded[i : i + PIECE] for i in range(max(1, len(padded) - PIECE + 1)))


def _rarity(frequency: int, texts: int) -> float:
    return math.log((1 + texts + IDF_SMOOTHING_DOCS) / (1 + frequency + IDF_SMOOTHING_DOCS * IDF_SMOOTHING_SHARE)) + 1


def _scaled(weights: Mapping[int, float], share: float) -> Mapping[int, float]:
    """Scale weights so that they have this share in a cosine."""
    factor = math.sqrt(share)
    return {column: weight * factor for column, weight in weights.items()}
