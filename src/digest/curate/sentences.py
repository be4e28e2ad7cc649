"""
Split a text into sentences, in languages with and without spaces.

One compiled pattern finds where a sentence may end; the text on both sides decides. Accuracy by
language, compared with other splitters: docs/reference/quality.md.
"""

import re
from collections.abc import Sequence

from digest.curate.abbreviations import AFTER, BEFORE, BEFORE_NUMBER, COUNTED, MAYBE, ORDINALS, STARTERS, STATES

LOOK = 40  #: characters on each side that decide whether a stop ends a sentence
_KANA_HAN = "\u3040-\u30ff\u4e00-\u9fff"
_MARKS = ".!?…؟؛।॥።։"  #: that end sentences where spaces stand between them
_CLOSING = "\"'”’“‘»«›‹)\\]」』”’）》】*"  #: of all languages: “ and « open in some and close in others
#: A spaced ellipsis or stops with their closing marks before white space; or the stops of a script without spaces.
_END = re.compile(
    rf"(?:\.(?: \.){{2,3}}|[{_MARKS}]+)(?:[{_CLOSING}]|[\s\u00a0\u202f]?»(?!\w))*(?=\s|$)"
    rf"|(?:[。！？｡]|(?<=[{_KANA_HAN}])[!?](?=[{_KANA_HAN}]))+[」』”’）》】)]*"
)
_WHOLE = re.compile(rf"[{_MARKS}。！？｡](?:[{_CLOSING}]|[\s\u00a0\u202f]?»)*$")
#: The mark of an item of a list: a bullet, `2.`, `2)`, `b.`.
_ITEM = re.compile(r"(?:(?<=\s)|^)(?:[•⁃‣▪]\s?\d{1,3}\.\)?|[•⁃‣▪]|\d{1,3}\.?\)|\d{1,3}\.|[a-z]\.)(?=\s)")
_INITIALS = re.compile(r"(?:[^\W\d_]\.-?)+[^\W\d_]|[^\W\d_]|EE")
_ELIDED = re.compile(r"^(?:dell|nell|all|dall|sull|l|d|qu|n|s|j|c)['’](?=\w)", re.IGNORECASE)
_SPACED = re.compile(r"[^\W\d_]{1,2}\.")  # the second half of "z. B.", "EE. UU."
_OPENING = "\"'“‘(«»„‚¿¡—–- "
_MAY_CONTINUE = "」』”’）》】)"  # quotations or asides that ended inside their sentence


def split(text: str, language: str = "") -> Sequence[str]:
    """Return the sentences of a text; a paragraph's end ends one. `language` (BCP 47) decides whether "3." may be "third"."""
    ordinals = language.partition("-")[0].lower() in ORDINALS
    return [s for paragraph in paragraphs(text) for item in _items(paragraph) for s in _of(item, ordinals)]


def paragraphs(text: str) -> Sequence[str]:
    """Return the paragraphs of a text, each on one line."""
    return [" ".join(paragraph.split()) for paragraph in re.split(r"\n\s*\n", text)]


def ends_whole(text: str) -> bool:
    """True if a text ends at the end of a sentence."""
    return bool(_WHOLE.search(text)) and not text.endswith(("..", "…"))


def _items(paragraph: str) -> Sequence[str]:
    """Return the items of a list that was written on one line, counted from its first; else the paragraph."""
    found = list(_ITEM.finditer(paragraph)) if _ITEM.match(paragraph) else []
    first = _item_number(found[0][0]) if found else 0
    if len(found) < 2 or any(_item_number(m[0]) not in (first + n, 0) for n, m in enumerate(found)):
        return [paragraph]
    starts = [m.start() for m in found]
    return [paragraph[a:b].strip() for a, b in zip(starts, [*starts[1:], len(paragraph)], strict=True)]


def _item_number(mark: str) -> int:
    """Return the number of a list item from its mark; 0 for a bullet."""
    number, letter = re.search(r"\d+", mark), re.search(r"[a-z]", mark)
    return int(number[0]) if number else ord(letter[0]) - ord("a") + 1 if letter else 0


def _of(paragraph: str, ordinals: bool) -> Sequence[str]:
    found: list[str] = []
    start = 0
    item = _ITEM.match(paragraph)
    for end in _END.finditer(paragraph, item.end() if item else 0):
        if not _continues(paragraph, start, end, ordinals):
            found.append(paragraph[start : end.end()].strip())
            start = end.end()
    rest = paragraph[start:].strip()
    return [*found, rest] if rest else found


def _continues(paragraph: str, start: int, end: re.Match[str], ordinals: bool) -> bool:
    """True if the sentence continues after this mark."""
    mark = end[0]
    after = paragraph[end.end() : end.end() + LOOK].lstrip()
    if not after:
        return False
    if mark[0] in "。！？｡":
        return mark[-1] in _MAY_CONTINUE and after[0] in "とっ"
    closed = mark[-1] in _CLOSING
    if closed and after[0] == "(":
        return True
    before = paragraph[max(start, end.start() - LOOK) : end.start()].split()
    if ".." in mark or ". ." in mark or "…" in mark:
        return after[0].islower() or after[0] in ".,;"
    if mark[0] in "!?؟":  # "Yahoo! said": a name may carry one
        return after[0].islower() and (closed or (len(before) > 1 and before[-1][:1].isupper()))
    if mark[0] != ".":
        return False
    last = _ELIDED.sub("", before[-1].lstrip("\"'“‘(«„[")) if before else ""
    if closed and last.lower() not in BEFORE:
        return after[0].islower()
    alone = len(before) <= 1 and end.start() - start <= len(last) + 1
    return _abbreviated(last, after, ordinal=alone or (ordinals and len(last) <= 2))


def _abbreviated(last: str, after: str, *, ordinal: bool) -> bool:
    """True if the stop after the word `last` is part of an abbreviation, judged by the word and what follows."""
    low, lower = last.lower(), after[0].islower()
    if len(last) <= 2 and last.isalpha() and last != "I" and _SPACED.match(after):
        return True
    word = re.match(r"[\w'’-]+", after.lstrip(_OPENING))
    starts = word is not None and word[0] in STARTERS
    if low in BEFORE or (low in BEFORE_NUMBER and re.match(r"\d|[IVXLC]+\b|º|°", after)):
        return True
    if low in AFTER:
        return lower
    if low in MAYBE or last in STATES or last == "I":
        return not starts
    if _INITIALS.fullmatch(last) and (len(last) > 1 or last.isupper() or not last.isascii()):
        return not (len(last) > 1 and starts)
    if last.isdigit() and len(last) <= 3 and (ordinal or (word is not None and word[0] in COUNTED)):
        return True
    # Before a lower-case letter only a plain word ends a sentence, since some people write without capitals.
    return lower and not (len(last) > 3 and last.isalpha() and last.islower())
