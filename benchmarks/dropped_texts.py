"""
How much of a dropped text's article is found: body F1 and right headlines over a folder of real pages.

    python -m benchmarks.dropped_texts FOLDER          measure
    python -m benchmarks.dropped_texts FOLDER --fit    fit the weights anew, with figures by cross-validation
                                                       (needs scikit-learn)

FOLDER has one .txt a page (all visible text, a line a block) and truth.json: {name: {text, headline}}.
Body F1 is that of the article-extraction-benchmark: shingles of four words, precision and recall
averaged over pages. A headline is right where its words' F1 with the true one is 0.8 or more.
"""

import argparse
import json
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from digest.collect import bodies, headlines, texts
from digest.collect.markdown import plain


@dataclass(frozen=True)
class Figures:
    """What was measured."""

    pages: int
    precision: float
    recall: float
    headlines: float  #: share of right ones, of the pages whose headline is known

    @property
    def f1(self) -> float:
        return 2 * self.precision * self.recall / (self.precision + self.recall)


@dataclass(frozen=True)
class Truth:
    raw: str
    text: str
    headline: str


def load(folder: Path) -> list[Truth]:
    """The pages of a folder with what is true of them."""
    truth = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    return [
        Truth((folder / f"{name}.txt").read_text(encoding="utf-8"), values["text"], values.get("headline") or "")
        for name, values in sorted(truth.items())
    ]


def measure(folder: Path) -> Figures:
    """Read every page and compare."""
    pages = load(folder)
    found = [texts.parse(page.raw, where="page") for page in pages]
    return _figures(
        [(t.text, p.text) for t, p in zip(pages, found, strict=True)],
        [(t.headline, p.title) for t, p in zip(pages, found, strict=True)],
    )


def _figures(texts_: Sequence[tuple[str, str]], titles: Sequence[tuple[str, str]]) -> Figures:
    shares = [_overlap(true, got) for true, got in texts_]
    known = [(true, got) for true, got in titles if true]
    return Figures(
        pages=len(shares),
        precision=sum(p for p, _ in shares) / len(shares),
        recall=sum(r for _, r in shares) / len(shares),
        headlines=sum(same_headline(true, got) for true, got in known) / max(1, len(known)),
    )


def shingles(text: str) -> Counter[tuple[str, ...]]:
    words = re.findall(r"\w+", text)
    return Counter(tuple(words[i : i + 4]) for i in range(max(1, len(words) - 3))) if words else Counter()


def _overlap(true: str, got: str) -> tuple[float, float]:
    a, b = shingles(true), shingles(got)
    both = sum((a & b).values())
    return (both / sum(b.values()) if b else 0.0, both / sum(a.values()) if a else 1.0)


def same_headline(true: str, got: str) -> bool:
    a, b = (set(re.findall(r"\w+", text.casefold())) for text in (true, got))
    return 2 * len(a & b) / max(1, len(a) + len(b)) >= 0.8


# --- fitting -----------------------------------------------------------------------------------


def fit(folder: Path, folds: int = 13) -> None:
    """Print weights for `bodies` and `headlines`, and what they reach on pages they were not fitted on."""
    pages = load(folder)
    groups = [[page for j, page in enumerate(pages) if j % folds == i] for i in range(folds)]
    bodies_, titles = [], []
    for i, held_out in enumerate(groups):
        _fit_both([page for j, group in enumerate(groups) if j != i for page in group])
        found = [texts.parse(page.raw, where="page") for page in held_out]
        bodies_ += [(page.text, got.text) for page, got in zip(held_out, found, strict=True)]
        titles += [(page.headline, got.title) for page, got in zip(held_out, found, strict=True)]
    figures = _figures(bodies_, titles)
    print(f"by cross-validation: body F1 {figures.f1:.3f}, headlines {figures.headlines:.3f}")
    _fit_both(pages)
    print("bodies.WEIGHTS =", tuple(round(w, 2) for w in bodies.WEIGHTS))
    print("headlines.WEIGHTS =", tuple(round(w, 2) for w in headlines.WEIGHTS))


def _fit_both(pages: Sequence[Truth]) -> None:
    bodies.WEIGHTS = _fit_bodies(pages)
    headlines.WEIGHTS = _fit_headlines(pages)


def _fit_bodies(pages: Sequence[Truth]) -> tuple[float, ...]:
    """Logistic regression of `in the article` on a line's features, lines weighed by their width."""
    from sklearn.linear_model import LogisticRegression

    rows, labels, weights = [], [], []
    for page in pages:
        lines = texts.to_lines(plain(page.raw))
        true = shingles(page.text)
        for line, row in zip(lines, bodies.features(lines), strict=True):
            mine = shingles(line)
            few = len(re.findall(r"\w+", line)) < 4
            inside = len(line) > 20 and line in page.text if few else sum((mine & true).values()) > sum(mine.values()) / 2
            rows.append(row)
            labels.append(inside)
            weights.append(min(bodies.width(line), 300.0))
    mean = sum(weights) / len(weights)
    model = LogisticRegression(max_iter=5000).fit(rows, labels, sample_weight=[w / mean for w in weights])
    return (*(float(w) for w in model.coef_[0]), float(model.intercept_[0]))


def _fit_headlines(pages: Sequence[Truth], penalty: float = 10.0, steps: int = 500) -> tuple[float, ...]:
    """Conditional logit over the lines that could be a page's headline, by gradient descent (Adam)."""
    import numpy as np

    choices: list[tuple[Any, Any]] = []
    for page in pages:
        lines = texts.to_lines(plain(page.raw))
        rows = list(headlines.features(lines, bodies.find(lines)))
        right = (
            np.array([same_headline(page.headline, headlines.trimmed(lines[i])) for i, _ in rows], float)
            if page.headline
            else np.zeros(1)
        )
        if right.sum():
            choices.append((np.array([row for _, row in rows]), right / right.sum()))
    scale = np.concatenate([rows for rows, _ in choices]).std(0) + 1e-9
    weights = np.zeros(len(scale))
    first, second = np.zeros_like(weights), np.zeros_like(weights)
    for step in range(1, steps):
        gradient = penalty * weights / len(choices)
        for rows, right in choices:
            scores = np.exp((rows / scale) @ weights - ((rows / scale) @ weights).max())
            wanted = right * scores / scores.sum()
            gradient = gradient + (rows / scale).T @ (scores / scores.sum() - wanted / wanted.sum()) / len(choices)
        first = 0.9 * first + 0.1 * gradient
        second = 0.99 * second + 0.01 * gradient * gradient
        weights = weights - 0.05 * (first / (1 - 0.9**step)) / (np.sqrt(second / (1 - 0.99**step)) + 1e-8)
    return tuple(float(w) for w in weights / scale)


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure how dropped texts are read.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--fit", action="store_true")
    given = parser.parse_args()
    if given.fit:
        fit(given.folder)
        return
    figures = measure(given.folder)
    print(
        f"{figures.pages} pages: body F1 {figures.f1:.3f} (precision {figures.precision:.3f}, recall {figures.recall:.3f}), headlines {figures.headlines:.3f}"
    )


if __name__ == "__main__":
    main()
