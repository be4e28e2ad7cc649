"""
Read the metadata of an article's picture: alternative text, caption, credit, size.

`pictures` selects the picture; this module reads the data about it.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from lxml import html as lxml_html

from digest.collect import pictures
from digest.collect.markup import one_line, parsed
from digest.collect.urls import web_link
from digest.model.article import UNTOLD, ImageInfo

LONGEST = 240  #: characters of a caption or an alternative text
LARGEST = 20_000  #: px; a larger number is a mistake
_CREDIT = re.compile(r"credit|copyright|photographer|byline", re.IGNORECASE)
_SAYS_CREDIT = re.compile(r"\s*(?:(?:photo(?:graph)?|picture|image|foto|credit|©)s?(?: by| credit)?\s*[:/©]|©)\s*", re.IGNORECASE)
_FILE = re.compile(r"\S+\.(?:jpe?g|png|gif|webp|avif)|(?:img|dsc|image|photo)[ _-]?\d*", re.IGNORECASE)


def of_entry(raw: Any, markup: str, address: str, base: str, *, place: str) -> ImageInfo:
    """
    Return the metadata of a picture in a feed's entry, as feedparser gives it. `base` is the base URL of its
    links, `place` that of links in its markup.
    """
    tree = parsed(markup) if address and re.search("<img", markup, re.IGNORECASE) else None
    said = in_tree(tree, address, place or base) if tree is not None else UNTOLD
    item = next((m for m in pictures.media(raw) if address and web_link(str(m.get("url") or ""), base) == address), None)
    if item is None:
        return said
    credits_ = (line(str(c.get("content") or "")) for c in raw.get("media_credit", ()) if isinstance(c, Mapping))
    return replace(
        said,
        alt=said.alt or caption(str(raw.get("media_description") or "")),
        credit=said.credit or next(filter(None, credits_), ""),
        width=number(item.get("width")) or said.width,
        height=number(item.get("height")) or said.height,
    )


def of_page(tree: lxml_html.HtmlElement, told: ImageInfo, address: str, url: str) -> ImageInfo:
    """Return a page's metadata of a picture: from its `img` element, else from the machine-readable data `told`."""
    shown = in_tree(tree, address, url) if address else UNTOLD
    return ImageInfo(**{**told.told, **shown.told})


def for_machines(node: Any, meta: Mapping[str, str], address: str, url: str) -> ImageInfo:
    """Return a page's machine-readable metadata of a picture, from schema.org's ImageObject or OpenGraph."""
    return _in_node(node, address, url) or _in_meta(meta, address, url) or UNTOLD


def in_tree(tree: lxml_html.HtmlElement, address: str, base: str = "") -> ImageInfo:
    """Return the metadata of the `img` with this address below an element; nothing if there is none."""
    for image in tree.iter("img"):
        if address in pictures.links(image, base):
            said, credit = _below(image)
            alt = caption(image.get("alt") or "")
            width, height = number(image.get("width")), number(image.get("height"))
            return ImageInfo(alt=alt, caption=said, credit=credit, width=width, height=height)
    return UNTOLD


def line(text: str) -> str:
    """Return a text as one line for a caption; empty if it is too long."""
    short = one_line(text)
    return short if len(short) <= LONGEST else ""


def caption(text: str) -> str:
    """Clean a caption or alternative text; empty if it is the name of a file."""
    short = line(text)
    return "" if _FILE.fullmatch(short) else short


def number(value: object) -> int:
    """Parse a size in px; 0 if it is none."""
    text = value.get("value", "") if isinstance(value, dict) else value
    found = re.fullmatch(r"\s*(\d{1,5})(?:\.\d+)?\s*(?:px)?\s*", str(text or ""), re.ASCII)
    return int(found[1]) if found and int(found[1]) <= LARGEST else 0


def _in_node(value: Any, address: str, url: str) -> ImageInfo | None:
    node = value[0] if isinstance(value, list) and value else value
    if not isinstance(node, dict) or not isinstance(node.get("url"), str) or web_link(node["url"], url) != address:
        return None
    return ImageInfo(
        caption=caption(str(node.get("caption") or "")),
        credit=line(str(node.get("creditText") or "")),
        width=number(node.get("width")),
        height=number(node.get("height")),
    )


def _in_meta(meta: Mapping[str, str], address: str, url: str) -> ImageInfo | None:
    if web_link(meta.get("og:image", "") or meta.get("twitter:image", ""), url) != address:
        return None
    return ImageInfo(
        alt=caption(meta.get("og:image:alt", "") or meta.get("twitter:image:alt", "")),
        width=number(meta.get("og:image:width")),
        height=number(meta.get("og:image:height")),
    )


def _below(image: lxml_html.HtmlElement) -> tuple[str, str]:
    """Return the caption of the picture's figure, and the credit if it is marked up separately."""
    figure = next(image.iterancestors("figure"), None)
    text = figure.find(".//figcaption") if figure is not None else None
    if text is None:
        return "", ""
    named = [e for e in text.iter("small", "cite", "span") if e.tag == "cite" or _CREDIT.search(e.get("class") or "")]
    credit = line(named[0].text_content()) if named else ""
    whole = line(text.text_content())
    said = whole.replace(credit, "").strip(" .,|/–—-()") if credit else whole
    said = f"{said}." if credit and said and whole.startswith(said + ".") else said
    return said, _SAYS_CREDIT.sub("", credit)
