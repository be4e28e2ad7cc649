"""
How alike tellings are: the tf-idf cosine of their words and of the four-letter pieces of their
words, names and numbers counting more, fading with the time between them.

Pieces let inflected and compound words meet. Two bare headlines share few words even when they
tell the same, so their likeness is scaled up; one that rests on few words is scaled down. The
constants were chosen on one half of five sets of news (docs/reference/quality.md has the method
and the figures); no model, no network.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from digest.curate.terms import terms
from digest.model.article import COMPARED, Kin

HEADLINE, NAME, NUMBER = 3.0, 2.0, 1.5  #: what a term in a headline, with a capital, with a digit counts
PIECES = 0.6  #: the share of the pieces in a likeness; the rest is the words'
PIECE = 4  #: letters of a piece
#: As many texts are thought beside those at hand, each term in one of a thousand, so that a dozen articles are not judged by their own few.
IMAGINED, RARE = 300, 0.001
BARE = 2.4  #: the likeness of two bare headlines is scaled by this
#: Likeness that rests on few words is chance more often; the factor by how many are shared, of texts and of bare headlines.
FEW, FEW_BARE = np.array([0.3, 0.3, 0.5, 0.7, 0.85, 1.0], np.float32), np.array([0.7, 0.7, 0.85, 1.0, 1.0, 1.0], np.float32)
FADE_DAYS = 2.0  #: after so many days a likeness is 1/e of itself
FLOOR = 0.1  #: less is nothing: most pairs of a day's news are left out here, whatever the day's size
NEAREST = 400  #: of the texts behind it, a text keeps the likeness to so many: what bounds the memory where all are alike
BLOCK = 128  #: rows compared at once: what bounds the memory

_Matrix = Any  # scipy.sparse.csr_matrix; scipy has no types


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
    words, pieces, stems = _matrices(texts)
    days = np.array([t.at.timestamp() / 86400 if t.at else np.nan for t in texts])
    bare = np.array([not t.text.strip() for t in texts])
    tongues = {"": 0}
    tongue = np.array([tongues.setdefault(t.language[:2].lower(), len(tongues)) for t in texts])
    for start in range(0, new, BLOCK):
        rows = slice(start, min(start + BLOCK, new))
        ever = ((1 - PIECES) * (words[rows] @ words.T) + PIECES * (pieces[rows] @ pieces.T)).toarray()
        shared = (stems[rows] @ stems.T).toarray()
        shared = np.minimum(shared, len(FEW) - 1).astype(np.intp)
        ever *= np.where(bare[rows, None] & bare[None, :], BARE * FEW_BARE[shared], FEW[shared])
        ever *= (tongue[rows, None] == tongue[None, :]) | (tongue[rows, None] == 0) | (tongue[None, :] == 0)
        gap = np.abs(days[rows, None] - days[None, :])
        now = ever * np.where(np.isnan(gap), 1.0, np.exp(-np.nan_to_num(gap) / FADE_DAYS))
        for i in range(ever.shape[0]):
            after = start + i + 1  # each pair once: what is new stands before what is known
            near = np.flatnonzero(ever[i, after:] >= FLOOR) + after
            if len(near) > NEAREST:
                near = np.sort(near[np.argpartition(now[i, near], -NEAREST)[-NEAREST:]])
            for j, ever_alike, now_alike in zip(near.tolist(), ever[i, near].tolist(), now[i, near].tolist(), strict=True):
                yield Likeness(first=start + i, second=j, ever=ever_alike, now=now_alike)


def _matrices(texts: Sequence[Kin]) -> tuple[_Matrix, _Matrix, _Matrix]:
    """Words and pieces as unit vectors of tf-idf, a row a text; and which stems of words it has."""
    vocabulary: dict[str, int] = {}
    counts = _rows([_weighed(text) for text in texts], vocabulary)
    parts: dict[str, int] = {}
    piece_rows = _rows([Counter(_pieces(word)) for word in vocabulary], parts)
    stems: dict[str, int] = {}
    stem_rows = _rows([{word[:6]: 1.0} for word in vocabulary], stems)
    shared = counts.sign() @ stem_rows
    return _tfidf(counts), _tfidf(counts @ piece_rows), shared.sign()


def _weighed(text: Kin) -> dict[str, float]:
    """How much each word of a text counts."""
    body = text.text[:COMPARED]
    found: dict[str, float] = {}
    for source, worth in ((text.headline, HEADLINE if body.strip() else 1.0), (body, 1.0)):
        for term in terms(source):
            weight = NAME if term[0].isupper() else NUMBER if term[0].isdigit() else 1.0
            found[term.casefold()] = found.get(term.casefold(), 0.0) + worth * weight
    return found


def _pieces(word: str) -> Iterator[str]:
    padded = f"_{word}_"
    return (padded[i : i + PIECE] for i in range(max(1, len(padded) - PIECE + 1)))


def _rows(counts: Sequence[Mapping[str, float]], columns: dict[str, int]) -> _Matrix:
    """A sparse matrix, a row each; `columns` learns the terms."""
    data: list[float] = []
    indices: list[int] = []
    ends = [0]
    for row in counts:
        indices.extend(columns.setdefault(term, len(columns)) for term in row)
        data.extend(row.values())
        ends.append(len(indices))
    return sparse.csr_matrix((np.array(data, dtype=np.float32), indices, ends), shape=(len(counts), len(columns)))


def _tfidf(counts: _Matrix) -> _Matrix:
    """Rows of unit length: 1 + ln(count), times the inverse document frequency."""
    found = counts.copy()
    found.data = 1 + np.log(np.maximum(found.data, 1.0))
    texts = found.shape[0]
    frequency = np.bincount(found.indices, minlength=found.shape[1])
    rarity = np.log((1 + texts + IMAGINED) / (1 + frequency + IMAGINED * RARE)) + 1
    found = found @ sparse.diags(rarity.astype(np.float32))
    length: NDArray[np.float32] = np.sqrt(np.asarray(found.multiply(found).sum(axis=1)).ravel())
    length[length == 0] = 1
    return (sparse.diags(1 / length) @ found).tocsr()
