"""
Recognise pages that are served in place of an article: bot checks, consent pages, log-in forms, soft 404s …

A phrase alone is no evidence, since articles quote them all; it counts beside a body too short to
be an article, and the more, the shorter the body. The phrases are in `wall_phrases`.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lxml import html as lxml_html

from digest.collect.banner_phrases import CONSENT_WORDS, is_consent
from digest.collect.markup import one_line
from digest.collect.wall_phrases import MARKERS, SPEECH, TITLES, Wall
from digest.model.article import count_words

#: Words of a body: from so many on a page is never taken for a wall; below so many a title or a phrase is enough, or even a marker.
LONGEST, SPOKEN, MARKED = 300, 80, 12
CONSENT_BODY = 150  #: words of a body below a consent page's title
HEADING_MAX = 200  #: characters; no wall has a longer title
SITE_NAME = 4  #: further words that a wall's title may have
#: Kinds whose titles articles have too; they need further evidence.
_AMBIGUOUS = frozenset({Wall.LOGIN, Wall.PARKED})
CONSENT_SHARE = 0.5  #: of a body's words in lines that ask for consent
CONSENT_LONGEST = 3000  #: characters of a consent line that are searched
VISIBLE = 6000  #: characters of a page, and of its body, that are searched for phrases
_SEPARATOR = re.compile(r"\s+[|–—·»:•-]+\s+|\s*[|｜]\s*")
_EDGES = re.compile(r"^(?:[\W_]|(?:oops|ooops|sorry|whoops|uh-oh|hoppla|ups|ops|error|http|[45]\d\d)\b)+|[\W_]+$", re.IGNORECASE)


def _union(phrases: Mapping[str, str]) -> str:
    return "|".join(f"(?:{phrase})" for phrase in phrases.values())


_TITLES = {kind: re.compile(_union(phrases), re.IGNORECASE) for kind, phrases in TITLES.items()}
_SPEECH = {kind: re.compile(_union(phrases), re.IGNORECASE) for kind, phrases in SPEECH.items()}
_MARKERS = {kind: re.compile(phrases, re.IGNORECASE) for kind, phrases in MARKERS.items()}
_STATUS = re.compile(r"\W*(?:error|http|fehler|erreur|erro|errore|ошибка)?\W*(404|403|451|5\d\d)\W*", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A page as a visitor sees it."""

    headings: Sequence[str]  #: its title and first headings
    visible: str  #: its text with banners and all, cut at VISIBLE characters
    source: str = ""  #: its markup
    is_article: bool = False  #: its structured data declares an article


def look(tree: lxml_html.HtmlElement, markup: str, *, is_article: bool) -> Seen:
    """Extract the parts of a page that identify a wall. Call before anything is removed from the tree."""
    headings = [e for tag in ("title", "h1", "h2") for e in list(tree.iter(tag))[:1]]
    parts = tree.xpath("//body//text()[not(ancestor::script or ancestor::style or ancestor::template)]")
    visible = "\n".join(line for part in parts[:2000] if (line := " ".join(str(part).split())))
    return Seen(
        headings=[line for e in headings if (line := one_line(e.text_content()[:500]))],
        visible=visible[:VISIBLE],
        source=markup,
        is_article=is_article,
    )


def recognise(seen: Seen, text: str) -> Wall | None:
    """Return the kind of wall that a page is, given its extracted body; None if it may be an article."""
    if _asks_for_consent(seen, text):
        return Wall.CONSENT
    words = count_words(text)
    if words >= LONGEST:
        return None
    return next((kind for kind in Wall if kind is not Wall.CONSENT and _is_wall(kind, seen, text, words)), None)


def _is_wall(kind: Wall, seen: Seen, text: str, words: int) -> bool:
    titled = any(_is_title(kind, heading) for heading in seen.headings)
    said = text[:VISIBLE] if words >= MARKED else f"{text[:VISIBLE]}\n{seen.visible}"
    spoken = bool(kind in _SPEECH and _SPEECH[kind].search(said))
    marked = bool(kind in _MARKERS and _MARKERS[kind].search(seen.source))
    if titled and (spoken or marked or words < MARKED):
        return True
    if words >= SPOKEN or seen.is_article:
        return False
    if spoken and (kind is not Wall.SCRIPT or words < MARKED or _is_mostly_speech(kind, text)):
        return True
    return (titled and kind not in _AMBIGUOUS) or (marked and words < MARKED)


def _is_mostly_speech(kind: Wall, text: str) -> bool:
    lines = [line for line in text.split("\n") if line.strip()]
    return sum(bool(_SPEECH[kind].search(line)) for line in lines) >= len(lines) / 2


def _is_title(kind: Wall, heading: str) -> bool:
    """Report whether a heading, or a part of it beside the site's name, is the title of such a page."""
    if kind not in _TITLES or len(heading) > HEADING_MAX:
        return False
    if kind is Wall.MISSING and _STATUS.fullmatch(heading) and "404" in heading:
        return True
    whole = count_words(heading)
    parts = [heading, *_SEPARATOR.split(heading)]
    near = (_EDGES.sub("", part) for part in parts if whole - count_words(part) <= SITE_NAME)
    return any(plain and _TITLES[kind].fullmatch(plain) for plain in near)


def _asks_for_consent(seen: Seen, text: str) -> bool:
    """True if a body mostly asks for consent; or for hardly any body with a consent title or visible consent lines."""
    lines = [line[:CONSENT_LONGEST] for line in text.split("\n") if line.strip()]
    words = sum(map(count_words, lines))
    asking = sum(count_words(line) for line in lines if is_consent(line))
    if asking and asking >= CONSENT_SHARE * words:
        return True
    if words >= CONSENT_BODY:
        return False
    titled = any(_is_title(Wall.CONSENT, heading) for heading in seen.headings)
    shown = [line for line in seen.visible.split("\n") if is_consent(line)]
    if titled and (shown or len({w.casefold() for w in CONSENT_WORDS.findall(seen.visible)}) >= 3):
        return True
    return bool(shown) and words < MARKED and not seen.is_article
