"""
Extract the article of a web page.

Structured data is read first (`structured`). Banners are removed (`clearing`). The body is
the one of three extractions that the others agree with: trafilatura's fast and thorough ones, and that of
the readability algorithm which trafilatura ships; then it is trimmed. A page in an
article's place is refused (`walls`). Accuracy: docs/reference/quality.md.
"""

import re
from collections import Counter
from collections.abc import Sequence
from configparser import ConfigParser

import trafilatura
from lxml import etree
from lxml import html as lxml_html
from trafilatura.readability_lxml import Document as Readable
from trafilatura.settings import Document, use_config

from digest.collect import clearing, images, pictures, structured, walls
from digest.collect.markup import one_line, to_text
from digest.collect.trimming import trim
from digest.collect.urls import host, web_link
from digest.errors import ParseError
from digest.model.article import UNTOLD, Page

NOTHING = "holds no article that could be found"
MAX_ELEMENTS = 40_000  #: of a page; reading one takes time in proportion
SHINGLE = 4  #: words; bodies are compared by their runs of so many


def parse(markup: str, *, where: str, url: str = "") -> Page:
    """
    Parse an article page. `url` is its address, if that is known.

    Raises:
        ParseError: there is no article on it.
    """
    tree = trafilatura.load_html(markup)
    if tree is None:
        raise ParseError(where, NOTHING)
    if sum(1 for _ in tree.iter()) > MAX_ELEMENTS:
        raise ParseError(where, f"has more than {MAX_ELEMENTS:,} elements; no article has")
    said = structured.read(tree, url=url)
    seen = walls.look(tree, markup, is_article=said.is_article)
    for block in tree.xpath(structured.BLOCKS):  # read above; that of other articles on the page must not be taken for this one's
        block.drop_tree()
    clearing.clear(tree)
    cleared = lxml_html.tostring(tree, encoding="unicode")
    found = _read(cleared, url, careful=False) or Document()
    headline = said.headline or one_line(found.title or "")
    text = _body(cleared, url, found, headline=headline) or said.body
    if wall := walls.recognise(seen, text):
        raise ParseError(where, wall.value)
    if not text:
        raise ParseError(where, NOTHING)
    link = _own(said.url, url) or web_link(url)
    image = _picture(tree, [said.image, web_link(found.image or "", url)], url)
    return Page(
        title=headline,
        standfirst=said.description or one_line(found.description or ""),
        text=text,
        author=said.author or one_line((found.author or "").replace(";", ",")),
        publisher=said.publisher or one_line(found.sitename or "") or host(link),
        published_at=said.published_at or structured.date(found.date or ""),
        language=said.language or found.language or "",
        section=said.section,
        image=image,
        image_info=images.of_page(tree, said.image_info if image == said.image else UNTOLD, image, url),
        url=link,
        is_free=said.is_free,
    )


def _body(markup: str, url: str, found: Document, *, headline: str) -> str:
    """Return the body that three extractions agree on, in paragraphs; empty if none finds one."""
    readings = (found.text, getattr(_read(markup, url, careful=True), "text", ""), _readable(markup))
    bodies = [lines for reading in readings if (lines := _lines(reading))]
    return "\n\n".join(_agreed([trim(lines, headline=headline) for lines in bodies]))


def _picture(tree: lxml_html.HtmlElement, named: Sequence[str], url: str) -> str:
    """Return the picture that the page names for its article, unless it is the site's logo; else the first in the article."""
    own = next((link for link in named if link and pictures.is_fit(link)), "")
    holders = tree.xpath("//article | //*[@itemprop='articleBody'] | //main")
    return own or next((link for holder in holders[:1] if (link := pictures.first_in(holder, url))), "")


def _own(canonical: str, url: str) -> str:
    """Return a page's canonical URL; one on another site is accepted only if the page's URL is unknown."""
    return canonical if canonical and (not url or host(canonical) == host(url)) else ""


def _read(markup: str, url: str, *, careful: bool) -> Document | None:
    """Extract with trafilatura; None if it finds nothing."""
    found = trafilatura.bare_extraction(
        markup,
        url=url or None,
        with_metadata=not careful,
        include_comments=False,
        include_tables=False,
        favor_precision=careful,
        fast=not careful,
        config=_config(),
    )
    return found if isinstance(found, Document) else None


def _readable(markup: str) -> str:
    try:
        return to_text(Readable(trafilatura.load_html(markup)).summary())
    except (etree.LxmlError, ValueError, TypeError, AttributeError, KeyError):
        return ""  # a failure of readability alone; the other two extractions remain


def _lines(text: str | None) -> Sequence[str]:
    return [line for raw in (text or "").split("\n") if (line := " ".join(raw.split()))]


def _agreed(bodies: Sequence[Sequence[str]]) -> Sequence[str]:
    """Return the body that is most similar to the others; of equals the first."""
    shingles = [_shingles(body) for body in bodies]
    agreement = [sum(_similarity(one, other) for other in shingles) for one in shingles]
    return bodies[agreement.index(max(agreement))] if bodies else ()


def _shingles(lines: Sequence[str]) -> Counter[tuple[str, ...]]:
    words = re.findall(r"\w+", " ".join(lines))
    return Counter(tuple(words[i : i + SHINGLE]) for i in range(max(1, len(words) - SHINGLE + 1)))


def _similarity(one: Counter[tuple[str, ...]], other: Counter[tuple[str, ...]]) -> float:
    return 2 * sum((one & other).values()) / max(1, sum(one.values()) + sum(other.values()))


def _config() -> ConfigParser:
    config = use_config()
    # Its own time-out uses signals, which only a main thread may.
    config.set("DEFAULT", "EXTRACTION_TIMEOUT", "0")
    return config
