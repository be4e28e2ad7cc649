"""What a body extractor leaves around an article: its headline again, pointers elsewhere, pleas and credits at its end."""

import re
from collections import Counter
from collections.abc import Sequence

from digest.collect.bodies import is_furniture
from digest.collect.labels import biographer, byline, is_dated

POINTER_MAX, TAIL_MAX = 200, 8  #: characters of a line that may point elsewhere; lines of an end that are looked at
ALIKE = 0.85  #: of the words of two lines; then they say the same

#: A line that leads to another article.
_POINTER = re.compile(
    r"^\W*(?:(?:related|read (?:more|next|also|on)|see (?:more|also)|also (?:read|see|on \S+|watch)|watch(?: now| also| this)?|listen|more"
    r"|don['’]t miss|editor['’]s (?:pick|note)|recommended|must read|leggi anche|lire aussi|à lire(?: aussi)?|lesen sie auch|mehr(?: zum thema)?"
    r"|lee también|le puede interesar|leia também|lees ook|läs (?:också|mer)|czytaj (?:też|także)|читайте также|tl;dr)\s*(?:[:：|–—]|$)"
    r"|leggi anche\b|read (?:the )?(?:full|original|rest))",
    re.IGNORECASE,
)
#: A line below an article that is no part of it: who helped, what to sign up for, whom to follow.
_TAIL = re.compile(
    r"^\W*(?:\(?(?:additional |with )?(?:reporting|writing|editing|compiled|edited|reported|written) (?:by|from)\b|.{0,120}\bcontributed (?:to|reporting)\b"
    r"|(?:please )?(?:sign up|subscribe|follow us|follow \S+(?: \S+){0,4} on|like (?:this|us)|share (?:this|it|your)|click here|get (?:the|our|more)"
    r"|join (?:us|our|the)|download (?:the|our)|support (?:us|our)|tell us|let us know|have (?:a|any) (?:tip|story|news)|got a (?:tip|story)"
    r"|send (?:us|tips)|if you (?:buy|click|purchase|have a)|we may (?:earn|receive)|this (?:article|story|post|content) (?:was|is|has been|first|originally"
    r"|appeared|contains)|(?:this|the) material may not|copyright|©|all rights reserved|note:|disclaimer|for more (?:information|on)|more information"
    r"|contact|e-?mail|view (?:all )?comments?|comments?\b.{0,20}$|\d+ comments?|photos?(?: by|:)|the views expressed|opinions expressed"
    r"|updated (?:at|on)\b))|^\S+@\S+\.\w+$|^(?:https?://)?(?:www\.)?(?:twitter|x)\.com/\S+$|^@\w+$",
    re.IGNORECASE,
)


def trim(lines: Sequence[str], *, headline: str) -> Sequence[str]:
    """The lines of an article's body without what is none of it."""
    kept = [line for line in _below_headline(lines, headline) if re.search(r"\w", line)]
    while len(kept) > 2 and (byline(kept[0]) or is_dated(kept[0])):
        kept = kept[1:]
    kept = [line for line in kept if len(line) >= POINTER_MAX or not _POINTER.match(line)]
    for _ in range(TAIL_MAX):
        if len(kept) <= 2 or not (_TAIL.search(kept[-1]) or biographer(kept[-1]) or is_furniture(kept[-1])):
            break
        kept = kept[:-1]
    return kept


def _below_headline(lines: Sequence[str], headline: str) -> Sequence[str]:
    """The lines without the headline, where one of the first says it again, and without the short ones above it."""
    for i, line in enumerate(lines[:4]):
        if headline and len(line) < 300 and _same(line, headline):
            above = [] if all(len(other) < POINTER_MAX for other in lines[:i]) and i < 3 else list(lines[:i])
            return [*above, *lines[i + 1 :]]
    return lines


def _same(line: str, headline: str) -> bool:
    mine, its = (re.sub(r"\W+", " ", text).strip().casefold() for text in (line, headline))
    words, others = mine.split(), its.split()
    if not words or not others:
        return False
    shared = sum((Counter(words) & Counter(others)).values())
    return 2 * shared / (len(words) + len(others)) >= ALIKE or (len(mine) > 20 and mine in its)
