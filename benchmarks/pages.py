"""
How much of an article page's body is found, and what it costs.

    python -m benchmarks.pages FOLDER

FOLDER has NAME.html.gz files and ground-truth.json: {NAME: {articleBody, url}}, as the
article-extraction-benchmark lays them out. F1 of shingles of four words, precision and recall
averaged over pages; "exact" is the share of pages without a shingle too many or too few. The
reference, in the same run, is trafilatura alone. Headline, author and date are compared with the
page's own JSON-LD, read here by another way than the one that is measured.
"""

import argparse
import gzip
import html
import json
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import trafilatura

from digest.collect.extract import read_page
from digest.errors import ParseError
from digest.model.article import Page


@dataclass(frozen=True)
class Figures:
    """How well bodies were found."""

    pages: int
    precision: float
    recall: float
    exact: float
    milliseconds: float  #: a page

    @property
    def f1(self) -> float:
        return 2 * self.precision * self.recall / (self.precision + self.recall)


def load(folder: Path) -> dict[str, tuple[bytes, str, str]]:
    """Each page's bytes, address and true body."""
    truth = json.loads((folder / "ground-truth.json").read_text(encoding="utf-8"))
    return {
        name: (gzip.decompress((folder / f"{name}.html.gz").read_bytes()), values["url"], values["articleBody"])
        for name, values in sorted(truth.items())
    }


def ours(raw: bytes, url: str) -> str:
    """The body as the path finds it; empty where it finds none."""
    page = _page(raw, url)
    return page.text if page else ""


def _page(raw: bytes, url: str) -> Page | None:
    try:
        return read_page(raw, where=url, url=url)
    except ParseError:
        return None


def plain(raw: bytes, url: str) -> str:
    """The reference's body."""
    return trafilatura.extract(raw, url=url, include_comments=False, include_tables=False, fast=True) or ""


def measure(pages: Mapping[str, tuple[bytes, str, str]], extract: Callable[[bytes, str], str]) -> Figures:
    """Read every page and compare."""
    precision = recall = exact = 0.0
    begun = time.perf_counter()
    found = {name: extract(raw, url) for name, (raw, url, _) in pages.items()}
    took = time.perf_counter() - begun
    for name, (_, _, body) in pages.items():
        true, mine = _shingles(body), _shingles(found[name])
        shared = sum((true & mine).values())
        precision += shared / sum(mine.values()) if mine else float(not true)
        recall += shared / sum(true.values()) if true else float(not mine)
        exact += true == mine
    count = len(pages)
    return Figures(count, precision / count, recall / count, exact / count, took / count * 1000)


def _shingles(text: str) -> Counter[tuple[str, ...]]:
    words = re.findall(r"\w+", text)
    return Counter(tuple(words[i : i + 4]) for i in range(max(1, len(words) - 3))) if words else Counter()


@dataclass(frozen=True)
class Said:
    """How often what the path says of an article is what the page's JSON-LD says; of the pages that have it."""

    headline: float
    author_there: float
    author: float
    date: float


def said(pages: Mapping[str, tuple[bytes, str, str]]) -> Said:
    """Compare with the pages' JSON-LD."""
    headline, there, author, date = [], [], [], []
    for raw, url, _ in pages.values():
        node = next((n for n in _nodes(raw.decode("utf-8", "replace")) if n.get("headline")), None)
        page = _page(raw, url)
        if node is None or page is None:
            continue
        headline.append(_alike(str(node["headline"]), page.title))
        if names := _names(node.get("author")):
            there.append(bool(page.author))
            author.append(_alike(", ".join(names), page.author))
        try:
            published = datetime.fromisoformat(str(node.get("datePublished")))
        except ValueError:
            continue
        if published.year > 1:
            near = page.published_at and abs((page.published_at.replace(tzinfo=None) - published.replace(tzinfo=None)).days) <= 1
            date.append(bool(near))
    return Said(*(sum(share) / max(1, len(share)) for share in (headline, there, author, date)))


def _nodes(markup: str) -> Iterator[dict[str, Any]]:
    for block in re.findall(r"<script[^>]*ld\+json[^>]*>(.*?)</script>", markup, re.DOTALL | re.IGNORECASE):
        try:
            waiting = [json.loads(block, strict=False)]
        except ValueError:
            continue
        while waiting:
            node = waiting.pop()
            if isinstance(node, dict):
                kind = node.get("@type")
                if any(str(k).endswith("Article") for k in (kind if isinstance(kind, list) else [kind])):
                    yield node
                waiting += list(node.values())
            elif isinstance(node, list):
                waiting += node


def _names(value: Any) -> list[str]:
    people = value if isinstance(value, list) else [value]
    named = [person.get("name") if isinstance(person, dict) else person for person in people]
    return [name for name in named if isinstance(name, str) and name]


def _alike(one: str, other: str) -> bool:
    a, b = (Counter(re.findall(r"\w+", html.unescape(text).lower())) for text in (one, other))
    return 2 * sum((a & b).values()) >= 0.8 * (sum(a.values()) + sum(b.values()))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    pages = load(parser.parse_args().folder)
    for name, extract in (("trafilatura", plain), ("digest", ours)):
        f = measure(pages, extract)
        print(
            f"{name:12} {f.pages} pages: F1 {f.f1:.4f} (precision {f.precision:.3f}, recall {f.recall:.3f}),"
            f" exact {f.exact:.2f}, {f.milliseconds:.0f} ms a page"
        )
    s = said(pages)
    print(
        f"as JSON-LD says: headline {s.headline:.3f}, author there {s.author_there:.3f}, author {s.author:.3f}, date {s.date:.3f}"
    )


if __name__ == "__main__":
    main()
