"""
How much of a summary that a person wrote ours says, beside as many leading words.

    python -m benchmarks.summaries FILE.jsonl… [--words 60]

A line is a story: docs (each with title and text) and refs, the summaries that people wrote.
ROUGE-1 and ROUGE-2 F1 (Lin 2004) of lower-case words, the best reference, averaged over stories.
The lead is the first document's first words, as many as ours has.
"""

import argparse
import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

from digest.curate.summarise import Document, extract


def rouge(reference: str, summary: str, n: int) -> float:
    """F1 of shared runs of n words."""
    one, other = (_runs(text, n) for text in (reference, summary))
    shared = sum((one & other).values())
    return 2 * shared / (sum(one.values()) + sum(other.values())) if shared else 0.0


def _runs(text: str, n: int) -> Counter[tuple[str, ...]]:
    words = re.findall(r"[a-z0-9]+", text.lower())
    return Counter(zip(*(words[i:] for i in range(n)), strict=False))


def measure(rows: list[dict[str, Any]], words: int) -> dict[str, float]:
    """ROUGE of ours and of the lead, and how many words ours has."""
    sums: Counter[str] = Counter()
    for row in rows:
        documents = [Document(title=doc["title"] or "", text=doc["text"]) for doc in row["docs"]]
        ours = extract(documents, words).text
        length = len(ours.split())
        lead = " ".join(documents[0].text.split()[:length])
        sums["words"] += length
        for n in (1, 2):
            for name, text in (("ours", ours), ("lead", lead)):
                sums[f"{name} ROUGE-{n}"] += max(rouge(reference, text, n) for reference in row["refs"])  # type: ignore[assignment]
    return {name: total / len(rows) for name, total in sums.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--words", type=int, default=60)
    given = parser.parse_args()
    for path in given.files:
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        found = measure(rows, given.words)
        print(
            f"{path.stem}: {len(rows)} stories, {found['words']:.0f} words each; ROUGE-1 {found['ours ROUGE-1']:.3f} (lead {found['lead ROUGE-1']:.3f}),"
            f" ROUGE-2 {found['ours ROUGE-2']:.3f} (lead {found['lead ROUGE-2']:.3f})"
        )


if __name__ == "__main__":
    main()
