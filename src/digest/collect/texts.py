"""
Parse dropped texts: an article as plain text, with remains of the page around it.

Extracts headline, standfirst, text without page furniture and biography, publisher and
author. The body is found first (`bodies`), everything else by its position relative to it.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise

from digest.collect import bodies, walls
from digest.collect.headlines import ENDS, headline_at, shared_words, trimmed
from digest.collect.labels import biographer, byline, is_caption, is_dated, is_label, publisher
from digest.collect.markdown import front_matter, plain
from digest.collect.phrases import FURNITURE
from digest.collect.urls import web_link
from digest.errors import ParseError
from digest.model.article import Page

STANDFIRST_MAX = 700.0  #: width of the longest standfirst
STANDFIRST_MIN = 40.0
SHORT_SENTENCES, LONGER = 3, 3  #: sentences of a standfirst right below its headline; longer paragraphs that must follow it
_RULE = re.compile(r"^[=*_~•#\s-]{3,}$")
_SENTENCE_END = re.compile(r"[.!?…؟।][\"'”’»)\]]*(?=\s|$)|[。！？]")
_URL = re.compile(r"^<?(https?://\S+?)>?$")
_ISO_DATE = re.compile(r"\b((?:19|20)\d\d)-(\d\d)-(\d\d)\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    """Roles of the lines of a text."""

    body: bodies.Body
    headline: int | None
    standfirst: int | None
    biographies: frozenset[int]
    paragraphs: Sequence[int]


def parse(text: str, *, where: str) -> Page:
    """
    Parse a dropped text. A field that is not in the text stays empty.

    Raises:
        ParseError: there is no text in it.
    """
    meta, rest = front_matter(text)
    lines = to_lines(plain(rest))
    if not lines:
        raise ParseError(where, "holds no text")
    plan = _plan(lines)
    title = trimmed(lines[plan.headline]) if plan.headline is not None else ""
    standfirst = lines[plan.standfirst] if plan.standfirst is not None else ""
    paragraphs = [lines[i] for i in plan.paragraphs]
    if wall := walls.recognise(walls.Seen(headings=[title, lines[0]], visible="\n".join(lines)), "\n".join(paragraphs)):
        raise ParseError(where, wall.value)
    return Page(
        title=meta.get("title") or title,
        standfirst=meta.get("description") or standfirst,
        text="\n\n".join(paragraphs),
        author=meta.get("author") or _author(lines, plan),
        publisher=meta.get("source") or _publisher(lines),
        published_at=_date(meta.get("date", "")) or _date_near(lines, plan),
        language=meta.get("language", ""),
        url=web_link(meta.get("url", "")) or _url(lines, plan.body),
    )


def to_lines(text: str) -> list[str]:
    """Split a text into paragraphs: lines that were wrapped at a column are joined again, others stay separate."""
    raw = [" ".join(line.split()) for line in unicodedata.normalize("NFC", text).split("\n")]
    found: list[str] = []
    for block in _blocks(raw):
        found += [" ".join(block)] if _wrapped(block) else block
    return [line for line in found if not _RULE.match(line)]


def _plan(lines: Sequence[str]) -> _Plan:
    body = bodies.find(lines)
    if not body.kept:  # too short for the model: a first line that is no sentence is the headline, the rest the article
        start = int(len(lines) > 1 and not ENDS.search(lines[0]))
        kept = [i for i in range(start, len(lines)) if not is_label(lines[i])] or [start]
        body = bodies.Body(start=start, end=len(lines), kept=kept)
    at = headline_at(lines, body)
    kept = [i for i in body.kept if at is None or i > at]
    biographies = frozenset(i for i in _end_of(body, lines) if biographer(lines[i]))
    standfirst = _standfirst_at(lines, at, kept)
    paragraphs = [i for i in kept if i != standfirst and i not in biographies and not is_label(lines[i])]
    return _Plan(body=body, headline=at, standfirst=standfirst, biographies=biographies, paragraphs=paragraphs)


def _blocks(lines: Iterable[str]) -> Iterable[list[str]]:
    block: list[str] = []
    for line in [*lines, ""]:
        if line:
            block.append(line)
        elif block:
            yield block
            block = []


def _wrapped(block: Sequence[str]) -> bool:
    """True if the lines were wrapped at a column: similar lengths, and few end with a sentence."""
    if len(block) < 3:
        return len(block) == 2 and 55 <= len(block[0]) <= 85 and not ENDS.search(block[0]) and block[1][:1].islower()
    widths = [len(line) for line in block[:-1]]
    ends = sum(bool(ENDS.search(line)) for line in block[:-1])
    return max(widths) <= 100 and min(widths) >= 0.6 * max(widths) >= 30 and ends <= len(widths) / 2


def _standfirst_at(lines: Sequence[str], at: int | None, kept: Sequence[int]) -> int | None:
    """Return the index of the paragraph between headline and article that summarises it, if there is one."""
    if at is None:
        return None
    headline = trimmed(lines[at])
    below = (i for i in range(at + 1, min(at + 8, len(lines))) if trimmed(lines[i]) != headline)
    i = next((i for i in below if _may_be_standfirst(lines[i])), None)
    later = [j for j in kept if i is not None and j > i]
    if i is None or len(later) < 2:
        return None
    if i not in kept or any(byline(line) or is_dated(line) for line in lines[i + 1 : later[0]]):
        return i  # it is separated from the article by page furniture, a byline or a date
    text = [lines[j] for j in later]
    return i if _restated(lines[i], text) or (i == at + 1 and _introduces(lines[i], text)) else None


def _may_be_standfirst(line: str) -> bool:
    furniture = is_label(line) or is_dated(line) or is_caption(line) or FURNITURE.match(line)
    return STANDFIRST_MIN <= bodies.width(line) <= STANDFIRST_MAX and not furniture


def _introduces(first: str, later: Sequence[str]) -> bool:
    """Report whether a paragraph is short, and those that follow it are longer."""
    longer = [line for line in later[:LONGER] if bodies.width(line) > bodies.width(first)]
    return len(longer) == LONGER and 1 <= len(_SENTENCE_END.findall(first)) <= SHORT_SENTENCES


def _restated(first: str, later: Sequence[str]) -> bool:
    """True if the text after this paragraph starts again and repeats it at more length."""
    mine = shared_words(first)
    opening, whole = shared_words(later[0]), shared_words(" ".join(later))
    return len(mine) >= 6 and len(mine & opening) >= 0.3 * len(mine) and len(mine & whole) >= 0.6 * len(mine)


def _end_of(body: bodies.Body, lines: Sequence[str]) -> range:
    """Return the range of lines that may hold biographies: the article's last lines and those after them."""
    last = body.kept[-1]
    return range(max(body.kept[0] + 1, last - 3), min(len(lines), last + 15))


def _publisher(lines: Sequence[str]) -> str:
    return next((found for line, below in pairwise([*lines, ""]) if (found := publisher(line, below))), "")


def _author(lines: Sequence[str], plan: _Plan) -> str:
    top = max(0, (plan.headline if plan.headline is not None else plan.body.start) - 3)
    near = [*lines[top : plan.body.start + 6], *lines[max(plan.body.start, plan.body.end - 3) : plan.body.end + 12]]
    named = next((found for line in near if (found := byline(line))), "")
    biographers = (biographer(lines[i]) for i in sorted(plan.biographies))
    return named or ", ".join(dict.fromkeys(name for name in biographers if name != "?"))


def _url(lines: Sequence[str], body: bodies.Body) -> str:
    """Return the article's URL: a line that is only a URL, or the link of its source line."""
    for i, line in enumerate(lines):
        alone = _URL.match(line)
        if alone and not body.start < i < body.end - 1:
            return web_link(alone[1])
        if publisher(line) and (link := re.search(r"https?://[^\s<>)\]]+", line)):
            return web_link(link[0])
    return ""


def _date_near(lines: Sequence[str], plan: _Plan) -> datetime | None:
    top = max(0, (plan.headline if plan.headline is not None else plan.body.start) - 3)
    near = (line for line in lines[top : plan.body.start + 3] if len(line) < 80)
    return next((found for line in near if (found := _date(line))), None)


def _date(text: str) -> datetime | None:
    """Parse an ISO date anywhere in a line; in other spellings day and month are ambiguous."""
    found = _ISO_DATE.search(text)
    try:
        return datetime(int(found[1]), int(found[2]), int(found[3]), tzinfo=UTC) if found else None
    except ValueError:
        return None
