"""Trim an extracted body: remove its repeated headline, links to other articles, appeals and credits at its end."""

import re
from collections.abc import Sequence

from digest.collect.banner_phrases import TERMS_REACH, is_offer, is_term
from digest.collect.bodies import is_furniture
from digest.collect.labels import biographer, byline, is_dated
from digest.model.article import shared

POINTER_MAX = 160  #: characters of a line that may link to another article
TAIL_MAX, TAIL_LINE = 8, 240  #: lines of an end that are checked; characters of one, unless it has an address
ALIKE = 0.85  #: share of common words from which two lines count as equal

_LEADS = (
    r"related|read (?:more|next|also|on)|see (?:more|also)|also (?:read|see|on \S+|watch)|watch (?:now|also)|listen|don['’]t miss|editor['’]s (?:pick|note)"
    r"|recommended|must read|leggi anche|lire aussi|à lire(?: aussi)?|lesen sie auch|mehr zum thema|lee también|le puede interesar|leia também|lees ook"
    r"|läs (?:också|mer)|czytaj (?:też|także)|читайте также"
)
#: A line that links to another article: its name and a colon, or only its name.
_POINTER = re.compile(rf"^\W{{0,3}}(?:(?:{_LEADS}|more|tl;dr)\s*(?:[:：|]|$)|\(?(?:{_LEADS})\s*[:：|–—])", re.IGNORECASE)
#: A line below an article that is no part of it: credits, sign-up forms, accounts to follow.
_TAIL = re.compile(
    r"^(?:[^\w\s\"'“„«‘]\W*)?(?:"
    r"\(?(?:additional |with )?(?:reporting|writing|editing)(?: and \w+)? by \w+|compiled by \w+|edited by \w+"
    r"|.{0,120}\bcontributed (?:to this|to the|reporting)\b.{0,30}$"
    r"|(?:please )?(?:sign up (?:for|to|here)|subscribe (?:to|here|now|for)|follow us\b|follow \S+(?: \S+){0,4} on (?:twitter|facebook|instagram|x|linkedin|youtube|tiktok))"
    r"|like this (?:story|article)\?|share (?:this (?:story|article|post)|your (?:thoughts|views))|click here (?:to|for)"
    r"|get (?:our|the) .{0,40}(?:newsletter|app|delivered|inbox)|join (?:us|our) .{0,40}(?:newsletter|community|facebook|group|on )"
    r"|download (?:the|our) .{0,30}app\b|support (?:us\b|our (?:work|journalism))|tell us what you think|let us know (?:what|in the comments)"
    r"|(?:have|got) a (?:tip|story|news tip)\b|send (?:us|your) tips|if you (?:buy|purchase|click) .{0,80}(?:commission|share of|affiliate)"
    r"|we may (?:earn|receive) .{0,60}commission|this (?:article|story|post) (?:was|is|has been) (?:first |originally )?(?:published|updated|written|sponsored|part of)"
    r"|this (?:article|story|post) (?:first|originally) appeared|(?:this|the) material may not be|copyright (?:©|\(c\)|\d{4})|©|all rights reserved"
    r"|disclaimer:|note: (?:this|we)\b.{0,80}(?:comments?|article|story|affiliate)|for more information,? (?:visit|contact|go to|see|call|email)"
    r"|contact (?:us|the (?:author|editor|writer|newsroom))\b|e-?mail\b.{0,60}@|view (?:all )?comments?\b|comments?(?: \(?\d+\)?)?(?: are closed)?\.?$"
    r"|\d+ comments?$|photos?(?: by|:) |the views expressed|opinions expressed|updated (?:at|on) \d"
    r")|^\S+@\S+\.\w+$|^(?:https?://)?(?:www\.)?(?:twitter|x)\.com/\S+$|^@\w+$",
    re.IGNORECASE,
)


#: Phrases of an author's biography that do not occur in news about a journalist.
_ABOUT = re.compile(
    r"\b(?:covers|writes (?:about|for|on)|reports (?:on|for|from)|is (?:a|an|the) [\w -]{0,40}(?:reporter|writer|editor|correspondent|columnist|contributor|curator|author)\b(?! who)"
    r"|schreibt (?:über|für)|berichtet (?:über|für|aus)|écrit (?:sur|pour)|escribe (?:sobre|para)|scrive (?:di|per))",
    re.IGNORECASE,
)


def trim(lines: Sequence[str], *, headline: str) -> Sequence[str]:
    """Return the lines of an article's body without foreign ones."""
    kept = [line for line in _below_headline(lines, headline) if re.search(r"\w", line)]
    while len(kept) > 2 and ((byline(kept[0]) and len(kept[0].split()) < 7) or is_dated(kept[0])):
        kept = kept[1:]
    kept = _without_offers([line for line in kept if len(line) >= POINTER_MAX or not _POINTER.match(line)])
    for _ in range(TAIL_MAX):
        if len(kept) <= 2 or not _is_tail(kept[-1]):
            break
        kept = kept[:-1]
    return kept


def _without_offers(lines: Sequence[str]) -> list[str]:
    """Remove a paywall's offers and, close to one, its terms."""
    offers = {i for i, line in enumerate(lines) if is_offer(line)}
    near = {j for i in offers for j in range(i - TERMS_REACH, i + TERMS_REACH + 1)}
    return [line for i, line in enumerate(lines) if i not in offers and not (i in near and is_term(line))]


def _is_tail(line: str) -> bool:
    """True if a line below an article is not part of it; a paragraph only if it is about the author, or names an address."""
    if len(line) > TAIL_LINE and not re.search(r"@|https?://|www\.", line):
        return False
    return bool(_TAIL.search(line) or is_furniture(line) or (biographer(line) and _ABOUT.search(line)))


def _below_headline(lines: Sequence[str], headline: str) -> Sequence[str]:
    """Remove the headline if one of the first lines repeats it, and the short lines above it."""
    for i, line in enumerate(lines[:4]):
        if headline and len(line) < 300 and _same(line, headline):
            above = [] if all(len(other) < POINTER_MAX for other in lines[:i]) and i < 3 else list(lines[:i])
            return [*above, *lines[i + 1 :]]
    return lines


def _same(line: str, headline: str) -> bool:
    mine, its = (re.sub(r"\W+", " ", text).strip().casefold() for text in (line, headline))
    return bool(mine and its) and (shared(mine, its) >= ALIKE or (len(mine) > 20 and mine in its))
