"""Recognise lines that are metadata of an article, not prose: bylines, source lines, dates, captions, biographies."""

import re

from digest.collect.bodies import is_furniture
from digest.collect.label_phrases import SOURCE, SOURCE_ALONE
from digest.collect.phrases import (
    BIOGRAPHY,
    BIOGRAPHY_ARABIC,
    BIOGRAPHY_UNSPACED,
    BIOGRAPHY_WORDS,
    BYLINE,
    BYLINE_UNSPACED,
    FURNITURE,
)
from digest.collect.urls import host

_ENDS = re.compile(r"[.!?…。！？؟।]['\"”’»)\]]*$")
_CAPTION = re.compile(
    r"\bphotos?(?: by|:|/|graph)|\bcredit\b|getty|reuters\)|\(ap\)|\(afp|\bimages?[:/)]|image (?:by|credit|caption)|caption|courtesy|^file -"
    r"|\bpicture:|screenshot|opens in|/ ?(?:ap|afp|reuters|dpa)\b|\bfoto:|bild:|photo :|写真[:：]|사진=|图[:：]",
    re.IGNORECASE,
)
_MONTH = r"(?:jan|feb|m[aä]r|apr|ma[iy]|jun|jul|aug|sep|o[ck]t|nov|de[cz]|janv|f[eé]v|avr|juin|juil|ao[uû]t|ene|abr|ago|dic|gen|mag|giu|lug|set|ott|янв|фев|мар|апр|мая|июн|июл|авг|сен|окт|ноя|дек)"
_WHEN = re.compile(
    rf"\d{{1,2}}:\d\d(?::\d\d)?(?: ?[ap]\.?m\.?)?|\d+ \w+ ago\b|\b{_MONTH}\w*\.? \d{{1,2}}(?:st|nd|rd|th)?\b,?(?: \d{{4}})?|\b\d{{1,2}}(?:st|nd|rd|th|\.)?(?: de)? {_MONTH}\w*\.?(?: de)?(?: \d{{4}})?"
    r"|\b\d{1,4}[./-]\d{1,2}[./-]\d{1,4}\b|\d{4}\s?年\s?\d{1,2}\s?月\s?\d{1,2}\s?日|\d{4}년 ?\d{1,2}월 ?\d{1,2}일|\bngày \d+.*\d{4}|(?:vor|il y a|hace|há|sedan) \d+ \w+",
    re.IGNORECASE,
)


def byline(line: str) -> str:
    """Return the names of a byline, comma-separated; empty if the line is none."""
    if len(line) > 120 or _ENDS.search(line):
        return ""
    if found := BYLINE_UNSPACED.match(line):
        return next(group for group in found.groups() if group).strip()
    found = BYLINE.match(line)
    if not found:
        return ""
    names = re.split(r"\s*[,&+]\s*|\s+(?:and|und|et|y|e|en|og|och|i|dan|và|и|та|و|ve)\s+", found[1])
    return ", ".join(name.strip() for name in names if name.strip())


def publisher(line: str, below: str = "") -> str:
    """Return the original publisher that a source line names, or the line `below` its label; empty if the line is none."""
    if len(line) > 160:
        return ""
    found = SOURCE.match(line)
    named = next((group for group in found.groups() if group), "").strip() if found else ""
    if not named and _is_source_label(line) and not _ENDS.search(below):
        named = below.strip()
    if not named or len(named.split()) > 8:
        return ""
    link = re.search(r"https?://\S+", named)
    return host(link[0]) if link else named.strip(" .()[]").removeprefix("www.")


def _is_source_label(line: str) -> bool:
    return len(line) <= 60 and bool(SOURCE_ALONE.match(line))


def is_label(line: str) -> bool:
    """True if a line names an author, a source or a part of the page, and nothing else."""
    return bool(byline(line) or publisher(line) or _is_source_label(line) or is_furniture(line))


def is_caption(line: str) -> bool:
    """True if a line is a picture's caption or credit."""
    return len(line) < 300 and bool(_CAPTION.search(line))


def is_dated(line: str) -> bool:
    """True if a line is a date and little else."""
    if len(line) > 110 or not _WHEN.search(line):
        return False
    rest = re.sub(r"[\W\d_]+", "", _WHEN.sub("", line))
    return len(rest) < 10 or (len(rest) < 40 and bool(FURNITURE.match(line)))


def biographer(line: str) -> str:
    """Return the name that a biography begins with, `?` if it names nobody; empty if the line is no biography."""
    found = BIOGRAPHY.match(line)
    if found and BIOGRAPHY_WORDS.search(line[:400]):
        return found[1]
    if found := BIOGRAPHY_ARABIC.match(line):
        return found[1]
    if BIOGRAPHY_UNSPACED.match(line):
        name = re.match(r"[\w・·]{2,14}?(?=は|，|,|是|는 |은 |（|\()", line)
        return name[0] if name else "?"
    return ""
