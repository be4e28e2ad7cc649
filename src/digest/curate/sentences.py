"""A text's sentences, in languages with and without spaces."""

import re
from collections.abc import Sequence

#: What ends with a full stop and is no sentence's end.
_ABBREVIATIONS = frozenset(
    [
        "mr",
        "mrs",
        "ms",
        "dr",
        "prof",
        "sr",
        "jr",
        "st",
        "gen",
        "col",
        "lt",
        "sgt",
        "capt",
        "rep",
        "sen",
        "gov",
        "pres",
        "hon",
        "rev",
        "fr",
        "vs",
        "etc",
        "inc",
        "ltd",
        "co",
        "corp",
        "bros",
        "dept",
        "est",
        "approx",
        "no",
        "nos",
        "vol",
        "fig",
        "p",
        "pp",
        "ed",
        "eds",
        "jan",
        "feb",
        "mar",
        "apr",
        "jun",
        "jul",
        "aug",
        "sept",
        "sep",
        "oct",
        "nov",
        "dec",
        "mon",
        "tue",
        "wed",
        "thu",
        "fri",
        "sat",
        "sun",
        "e.g",
        "i.e",
        "a.m",
        "p.m",
        "u.s",
        "u.k",
        "u.n",
        "d.c",
        "ph.d",
        "b.a",
        "m.a",
        "bzw",
        "ca",
        "evtl",
        "ggf",
        "inkl",
        "nr",
        "usw",
        "z.b",
        "d.h",
        "u.a",
        "o.ä",
        "vgl",
        "str",
        "mio",
        "mrd",
        "hr",
        "fr",
        "abs",
        "art",
        "mm",
        "mme",
        "mlle",
        "av",
        "bd",
        "cf",
        "sra",
        "sres",
        "ud",
        "uds",
        "pág",
        "núm",
        "dott",
        "sig",
        "avv",
        "ecc",
    ]
)
_GERMAN_MONTHS = frozenset(
    ["Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November", "Dezember"]
)
LOOK = 40  #: characters on each side that decide whether a stop ends a sentence
_END = re.compile(r"(?:[.!?…؟।]+[\"'”’»)\]]*(?=\s|$))|[。！？]+[」』”’）]*")


def split(text: str) -> Sequence[str]:
    """The sentences of a text, whole and in order; a paragraph's end ends a sentence."""
    return [sentence for paragraph in re.split(r"\n\s*\n", text) for sentence in _of(" ".join(paragraph.split()))]


def ends_whole(text: str) -> bool:
    """Whether a text ends where a sentence does."""
    return bool(re.search(r"[.!?؟।。！？][\"'”’»」』)）\]]*$", text)) and not text.endswith("..")


def _of(paragraph: str) -> Sequence[str]:
    found: list[str] = []
    start = 0
    for end in _END.finditer(paragraph):
        if _goes_on(paragraph, start, end):
            continue
        found.append(paragraph[start : end.end()].strip())
        start = end.end()
    rest = paragraph[start:].strip()
    return [*found, rest] if rest else found


def _goes_on(paragraph: str, start: int, end: re.Match[str]) -> bool:
    after = paragraph[end.end() : end.end() + LOOK].lstrip()
    if not after or paragraph[end.start()] not in ".…":
        return bool(after) and after[0].islower() and paragraph[end.start()] not in "。！？"
    words = paragraph[max(start, end.start() - LOOK) : end.start()].split()
    word = words[-1].strip("\"'“‘(«„") if words else ""
    if word.lower() in _ABBREVIATIONS or re.fullmatch(r"[A-Z]|(?:[A-Za-z]\.)+[A-Za-z]", word):
        return True
    if word.isdigit() and len(word) <= 2:  # "am 3. Mai", or the number of a list
        return end.start() - start <= len(word) + 1 or after.split()[0].strip(",.;") in _GERMAN_MONTHS
    return after[0].islower()
