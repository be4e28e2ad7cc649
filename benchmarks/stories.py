"""
How well articles are grouped into stories, and how fast.

    python -m benchmarks.stories FOLDER      B-cubed F1 (Bagga & Baldwin 1998) on labelled news
    python -m benchmarks.stories --time N    N made-up articles of a day grouped, beside plain tf-idf

FOLDER has JSON lines files, a line an article: id, part, story, title, text (or null), date, source.
Each file with texts is measured with them and by its titles alone; articles are grouped within
their part, as the sets are meant, and once more all in one pool. The reference in the same run is
tf-idf of whole words with average link and the threshold that suits it best.
"""

import argparse
import json
import random
import re
import resource
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from digest.curate import cluster
from digest.model.article import Kin

Row = dict[str, Any]
Grouping = Callable[[Sequence[Row]], Sequence[int]]
THRESHOLDS = (0.06, 0.08, 0.1, 0.12, 0.15, 0.2, 0.25)


def sets(folder: Path) -> dict[str, list[Row]]:
    """The labelled sets: each file, and where it has both its titles alone."""
    found: dict[str, list[Row]] = {}
    for path in sorted(folder.glob("*.jsonl")):
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        titled = [{**row, "text": None} for row in rows if row["title"]]
        found[f"{path.stem} titles"] = titled
        if any(row["text"] for row in rows):
            found[f"{path.stem} texts"] = rows
    return found


def pool(folder: Path) -> list[Row]:
    """All files as one day's news."""
    return [
        {**row, "story": f"{path.stem} {row['story']}"}
        for path in sorted(folder.glob("*.jsonl"))
        for row in map(json.loads, path.read_text(encoding="utf-8").splitlines())
    ]


def ours(rows: Sequence[Row]) -> Sequence[int]:
    """The number of each row's story, by the functions that the path uses."""
    labels = [0] * len(rows)
    for number, group in enumerate(cluster.group(_kin(rows), ())):
        for place in group.articles:
            labels[place] = number
    return labels


def plain(threshold: float) -> Grouping:
    """The reference: tf-idf of words, average link."""

    def grouped(rows: Sequence[Row]) -> Sequence[int]:
        if len(rows) < 2:
            return [0] * len(rows)
        unit = _tfidf([re.findall(r"\w+", f"{row['title'] or ''} {(row['text'] or '')[:2000]}".lower()) for row in rows])
        return _average_link(unit, threshold)

    return grouped


def b_cubed(rows: Sequence[Row], grouped: Grouping, *, by_part: bool) -> float:
    """F1 of B-cubed precision and recall over all rows."""
    parts: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        parts[row["part"] if by_part else ""].append(row)
    truth: dict[Any, set[int]] = defaultdict(set)
    found: dict[Any, set[int]] = defaultdict(set)
    pairs: list[tuple[Any, Any]] = []
    for part, members in parts.items():
        for row, label in zip(members, grouped(members), strict=True):
            pairs.append((row["story"], (part, label)))
    for place, (story, label) in enumerate(pairs):
        truth[story].add(place)
        found[label].add(place)
    shared = [len(truth[story] & found[label]) for story, label in pairs]
    precision = sum(k / len(found[label]) for k, (_, label) in zip(shared, pairs, strict=True)) / len(pairs)
    recall = sum(k / len(truth[story]) for k, (story, _) in zip(shared, pairs, strict=True)) / len(pairs)
    return 2 * precision * recall / (precision + recall)


def measure(folder: Path) -> None:
    """Print the figures of every set, ours and the reference's."""
    mine: list[float] = []
    others: dict[float, list[float]] = {threshold: [] for threshold in THRESHOLDS}
    for name, rows in sets(folder).items():
        own = b_cubed(rows, ours, by_part=True)
        mine.append(own)
        for threshold in THRESHOLDS:
            others[threshold].append(b_cubed(rows, plain(threshold), by_part=True))
        print(f"{name:18} {len(rows):5} articles  B-cubed F1 {own:.3f}")
    threshold, best = max(((t, sum(f) / len(f)) for t, f in others.items()), key=lambda pair: pair[1])
    print(f"{'mean':18} {'':14}  B-cubed F1 {sum(mine) / len(mine):.3f}   tf-idf at {threshold}: {best:.3f}")
    everything = pool(folder)
    reference = max(b_cubed(everything, plain(t), by_part=False) for t in THRESHOLDS)
    own = b_cubed(everything, ours, by_part=False)
    print(f"{'all in one pool':18} {len(everything):5} articles  B-cubed F1 {own:.3f}   tf-idf: {reference:.3f}")


def timed(count: int) -> None:
    """Print how long grouping takes, and the most memory."""
    rows = _made_up(count, random.Random(7))
    begun = time.perf_counter()
    groups = len(set(ours(rows)))
    took = time.perf_counter() - begun
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"{count} articles, {groups} stories: {took:.1f} s, {took / count * 1000:.2f} ms an article, peak {peak} MB")


def _made_up(count: int, chance: random.Random) -> list[Row]:
    """A day's news: words as frequent as in a language (Zipf), stories told by one to eight publishers in words of their own."""
    words = [f"{a}{b}{c}" for a in ("ka", "mor", "len", "tis", "vo", "ra", "shi", "pel") for b in _SYLLABLES for c in _SYLLABLES]
    weights = [1 / (rank + 3) for rank in range(len(words))]
    start = datetime(2026, 3, 2, tzinfo=UTC)
    rows: list[Row] = []
    while len(rows) < count:
        matter = [w.capitalize() if chance.random() < 0.3 else w for w in chance.choices(words, k=40)]
        at = start + timedelta(minutes=chance.randrange(1440))
        for _ in range(min(chance.choice((1, 1, 1, 1, 2, 3, 5, 8)), count - len(rows))):
            body = chance.sample(matter, 25) + chance.choices(words, weights, k=90)
            chance.shuffle(body)
            rows.append(
                {"title": " ".join(chance.sample(matter, 8)), "text": " ".join(body), "date": at.isoformat(), "source": None}
            )
    return rows


_SYLLABLES = tuple(f"{c}{v}" for c in "bdfgklmnprstvz" for v in "aeiou")


def _kin(rows: Sequence[Row]) -> list[Kin]:
    return [
        Kin(
            article_id=place,
            canonical_url=None,
            fingerprint=str(place),
            publisher=row["source"] or "",
            headline=row["title"] or "",
            text=row["text"] or "",
            at=datetime.fromisoformat(row["date"]) if row["date"] else None,
        )
        for place, row in enumerate(rows)
    ]


def _tfidf(texts: Sequence[Sequence[str]]) -> NDArray[np.float32]:
    """The cosine of each two texts, of 1 + ln(count) times ln(texts / texts with it) + 1."""
    columns: dict[str, int] = {}
    counts = [Counter(columns.setdefault(word, len(columns)) for word in text) for text in texts]
    found = np.zeros((len(texts), len(columns)), np.float32)
    for row, words in enumerate(counts):
        found[row, list(words)] = 1 + np.log(list(words.values())) if words else 0
    found *= np.log(len(texts) / np.count_nonzero(found, axis=0)) + 1
    found /= np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-9)
    return found @ found.T


def _average_link(alike: NDArray[np.float32], threshold: float) -> Sequence[int]:
    """The cluster of each text: nearest neighbours are joined while they are alike enough (a nearest-neighbour chain)."""
    count = len(alike)
    np.fill_diagonal(alike, -1)
    sizes, clusters, left = np.ones(count), [[i] for i in range(count)], set(range(count))
    chain: list[int] = []
    while left:
        chain = chain or [min(left)]
        last = chain[-1]
        nearest = int(alike[last].argmax())
        if alike[last, nearest] < threshold:
            left.remove(chain.pop())  # nothing is near enough, and what is joined later is no nearer
            alike[last] = alike[:, last] = -1
        elif len(chain) > 1 and alike[last, chain[-2]] >= alike[last, nearest]:
            one, other = chain.pop(), chain.pop()
            mean = (sizes[one] * alike[one] + sizes[other] * alike[other]) / (sizes[one] + sizes[other])
            alike[one] = alike[:, one] = np.where((alike[one] < 0) | (alike[other] < 0), -1, mean)
            alike[one, one] = -1
            alike[other] = alike[:, other] = -1
            sizes[one] += sizes[other]
            clusters[one] += clusters[other]
            clusters[other] = []
            left.remove(other)
        else:
            chain.append(nearest)
    return [label for _, label in sorted((i, label) for label, members in enumerate(clusters) for i in members)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--time", type=int, metavar="N")
    given = parser.parse_args()
    if given.folder:
        measure(given.folder)
    if given.time:
        timed(given.time)


if __name__ == "__main__":
    main()
