"""
Remove banners and overlays from a page before the article is extracted.

Cookie banners, paywall offers and hints to enable JavaScript are dropped; an article inside a
container that extractors discard (`<aside>`, `<form>`, `<footer>` …) is put into one they read.
"""

import re
from collections.abc import Iterator

from lxml import etree
from lxml import html as lxml_html

from digest.collect.banner_phrases import CONSENT_BOX, asks_consent, is_offer
from digest.collect.markup import BLOCKS
from digest.model.article import count_words

MISLEADING = ("aside", "header", "footer", "nav", "form", "fieldset", "dialog", "noscript", "figure", "menu")
MISPLACED_WORDS, MISPLACED_SHARE = 40, 0.6  #: of the page's prose; a container that holds so much of it holds the article
PARAGRAPH_WORDS = 8  #: shorter paragraphs are labels and buttons
OFFER_WORDS = 250  #: of a box that is a paywall's; a larger one holds the article too
LOOKED_AT = 2000  #: characters of a block
_OFFER_BOX = re.compile(
    r"paywall|piano|\btp-|subscri|abonn|\babo\b|offer|regwall|registration|metering|premium|gate\b", re.IGNORECASE
)
_COMMENTS = re.compile(r"comment|disqus|discussion|related|recommend|\brepl(?:y|ies)|teaser", re.IGNORECASE)
_OWN = "descendant-or-self::article | descendant-or-self::main | descendant-or-self::*[@itemprop='articleBody']"


def clear(tree: lxml_html.HtmlElement) -> None:
    """Change the tree in place."""
    for element in [e for e in tree.iter() if _is_box(e)]:
        _drop(element)
    for element in [e for e in _leaves(tree) if not _inside_article(e) and asks_consent(_text(e))]:
        _drop(element)
    _unwrap_misplaced(tree)
    for element in list(tree.iter("noscript")):
        _drop(element)


def _is_box(element: lxml_html.HtmlElement) -> bool:
    """Report whether an element is a consent vendor's container, or a paywall's with nothing of the article in it."""
    if element.tag in ("html", "body", "article", "main") or not isinstance(element.tag, str):
        return False
    named = f"{element.get('id') or ''} {element.get('class') or ''}"
    if CONSENT_BOX.search(named):
        return not element.xpath(_OWN)
    if not _OFFER_BOX.search(named) or element.xpath(_OWN):
        return False
    return count_words(element.text_content()) <= OFFER_WORDS and any(is_offer(_text(leaf)) for leaf in _leaves(element))


def _leaves(root: lxml_html.HtmlElement) -> Iterator[lxml_html.HtmlElement]:
    """Yield the blocks that contain no other block."""
    blocks = [element for element in root.iter() if element.tag in BLOCKS]
    outer: set[lxml_html.HtmlElement] = set()
    for block in blocks:
        for above in block.iterancestors():
            if above in outer:
                break
            outer.add(above)
    return (block for block in blocks if block not in outer)


def _unwrap_misplaced(tree: lxml_html.HtmlElement) -> None:
    """Rename the containers around most of the page's prose that extractors would discard with it."""
    prose = [(p, words) for p in tree.iter("p") if (words := count_words(_text(p))) >= PARAGRAPH_WORDS]
    total = sum(words for _, words in prose)
    if total < MISPLACED_WORDS:
        return
    held: dict[lxml_html.HtmlElement, int] = {}
    for paragraph, words in prose:
        for above in paragraph.iterancestors(*MISLEADING):
            held[above] = held.get(above, 0) + words
    for element, words in held.items():
        named = f"{element.get('id') or ''} {element.get('class') or ''}"
        if words >= MISPLACED_SHARE * total and not _COMMENTS.search(named):
            element.tag = "div"
            for name in ("id", "class", "role", "hidden", "style"):
                element.attrib.pop(name, None)


def _inside_article(element: lxml_html.HtmlElement) -> bool:
    return element.tag == "article" or next(element.iterancestors("article"), None) is not None


def _text(element: lxml_html.HtmlElement) -> str:
    return " ".join(element.text_content().split())[:LOOKED_AT]


def _drop(element: lxml_html.HtmlElement) -> None:
    """Remove an element and its content; the text after it stays. The root is emptied but stays."""
    if element.getparent() is None:
        return
    try:
        element.drop_tree()
    except (etree.LxmlError, AssertionError):
        element.getparent().remove(element)
