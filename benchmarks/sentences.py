"""
How well texts are split into sentences, and how fast.

    python -m benchmarks.sentences FILE.conllu…        F1 of sentence ends on Universal Dependencies treebanks
    python -m benchmarks.sentences --golden FILE.json  the English Golden Rules: [[text, [sentence, …]], …]

A treebank's language is its file's first letters (`de_gsd-ud-test.conllu`). Its sentences that end
with a mark are joined ten at a time, with a space where the language has any. The reference, in the
same run, is pysbd where it is installed (it need not be: it is no part of the project).
"""

import argparse
import json
import re
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from digest.curate.sentences import ends_whole, split

Splitter = Callable[[str, str], Sequence[str]]
TOGETHER = 10
UNSPACED = frozenset({"zh", "ja", "th"})


def documents(path: Path) -> list[list[str]]:
    """The sentences of a treebank, ten at a time."""
    found = re.findall(r"^# text = (.*)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    whole = [text for text in found if ends_whole(text) or text.endswith("…")]
    return [whole[i : i + TOGETHER] for i in range(0, len(whole), TOGETHER)]


def f1(given: list[list[str]], splitter: Splitter, language: str) -> float:
    """F1 of the places where sentences end, counted in characters that are seen."""
    shared = expected = found = 0
    for sentences in given:
        text = ("" if language in UNSPACED else " ").join(sentences)
        true, ours = _ends(sentences), _ends(splitter(text, language))
        shared, expected, found = shared + len(true & ours), expected + len(true), found + len(ours)
    return 2 * shared / (expected + found)


def _ends(sentences: Sequence[str]) -> set[int]:
    found, at = set(), 0
    for sentence in sentences:
        at += len(re.sub(r"\s", "", sentence))
        found.add(at)
    return found


def _pysbd() -> Splitter | None:
    try:
        import pysbd  # type: ignore[import-not-found,unused-ignore]
    except ImportError:
        return None
    known = set(pysbd.languages.LANGUAGE_CODES)
    made = {code: pysbd.Segmenter(language=code, clean=False) for code in known}
    return lambda text, language: made[language if language in known else "en"].segment(text)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", type=Path, nargs="*")
    parser.add_argument("--golden", type=Path)
    given = parser.parse_args()
    reference, ours, theirs = _pysbd(), [], []
    characters = seconds = 0.0
    for path in given.files:
        language, sentences = path.name[:2], documents(path)
        ours.append(f1(sentences, split, language))
        text = "\n\n".join(" ".join(part) for part in sentences)
        begun = time.perf_counter()
        split(text, language)
        seconds, characters = seconds + time.perf_counter() - begun, characters + len(text)
        beside = ""
        if reference:
            theirs.append(f1(sentences, reference, language))
            beside = f"   pysbd {theirs[-1]:.3f}"
        print(f"{path.stem:24} {sum(map(len, sentences)):5} sentences  F1 {ours[-1]:.3f}{beside}")
    if ours:
        beside = f"   pysbd {sum(theirs) / len(theirs):.3f}" if theirs else ""
        print(
            f"mean {sum(ours) / len(ours):.3f}, least {min(ours):.3f}, {characters / seconds / 1e6:.1f} million characters a second{beside}"
        )
    if given.golden:
        rules = json.loads(given.golden.read_text(encoding="utf-8"))
        right = sum([s.strip() for s in split(text, "en")] == wanted for text, wanted in rules)
        print(f"Golden Rules: {right} of {len(rules)}")


if __name__ == "__main__":
    main()
