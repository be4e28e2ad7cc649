"""Split a newsletter mail into its articles: repeated groups of a headline, a few lines and a link."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from digest.collect.bodies import is_furniture
from digest.collect.markup import BLOCKS, one_line, parsed
from digest.collect.urls import web_link
from digest.model.article import count_words

LEAST = 3  #: stories that make a newsletter; a mail with fewer is one text
HEADLINE_WORDS = range(3, 31)
SUMMARY_WORDS = 6
LOST = 0.25  #: share of a mail's words that may be outside its stories (a greeting); with more it is not split
_HEADINGS = frozenset({"h1", "h2", "h3", "h4"})
_HOUSEKEEPING = re.compile(
    r"unsubscribe|view (?:this|it|in)|in your browser|forward (?:this|to)|manage (?:your )?(?:preferences|subscription)|privacy|update (?:your )?profile"
    r"|abmelden|abbestellen|im browser|se désabonner|désinscri|darse de baja|cancelar|annulla l.iscrizione|afmelden|отписаться|配信停止|退订",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One article of a newsletter."""

    headline: str
    text: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Block:
    text: str
    link: str  #: the first in it
    alone: bool = False  #: it is only a link
    heads: bool  #: it is a heading, or only one link


def parts(markup: str) -> Sequence[Part]:
    """Return the articles of an HTML mail in order; none if it is no newsletter of several."""
    found: list[Part] = []
    lost = kept = 0
    head: _Block | None = None
    told: list[_Block] = []
    for block in [*_blocks(markup), _Block(text="", link="", heads=True)]:
        if not block.heads:
            told.append(block)
            continue
        prose = [b.text for b in told if not b.alone and not is_furniture(b.text) and not _HOUSEKEEPING.search(b.text)]
        words = count_words(" ".join(prose))
        # A story's own link is in its headline, or in a line of only a link ("Read more"); a link in its prose has another target.
        url = next((b.link for b in ([head] if head else []) + [b for b in told if b.alone] if b.link), "")
        if head and url and words >= SUMMARY_WORDS:
            found.append(Part(headline=head.text, text="\n\n".join(prose), url=url))
            kept += words
        else:
            lost += words
        head, told = block, []
    return found if len(found) >= LEAST and lost <= LOST * (lost + kept) else ()


def _blocks(markup: str) -> Iterator[_Block]:
    """Yield the innermost blocks of a mail that contain text."""
    tree = parsed(markup)
    if tree is None:
        return
    for element in tree.iter():
        if element.tag not in BLOCKS or any(child.tag in BLOCKS for child in element.iterdescendants()):
            continue
        text = one_line(element.text_content())
        links = [(one_line(a.text_content()), web_link(a.get("href") or "")) for a in element.iter("a")]
        leading = [(said, link) for said, link in links if link and said]
        linked = len(leading) == 1 and leading[0][0] == text
        headline = (element.tag in _HEADINGS or linked) and count_words(text) in HEADLINE_WORDS
        if text:
            link = next((link for _, link in links if link), "")
            yield _Block(
                text=text, link=link, alone=linked, heads=headline and not _HOUSEKEEPING.search(text) and not is_furniture(text)
            )
