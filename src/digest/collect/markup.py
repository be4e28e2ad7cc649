"""HTML becomes plain text, paragraph by paragraph; scripts, styles and tracking pixels vanish."""

import html
import re

from lxml import etree
from lxml import html as lxml_html

from digest.collect.decode import UNFIT
from digest.collect.urls import web_link

BLOCKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "center",
        "dd",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "li",
        "main",
        "nav",
        "ol",
        "p",
        "pre",
        "section",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "ul",
    ]
)
_DROPPED = frozenset(
    [
        "script",
        "style",
        "noscript",
        "template",
        "iframe",
        "object",
        "embed",
        "svg",
        "form",
        "select",
        "button",
        "textarea",
        "head",
        "title",
    ]
)
_MARKUP = re.compile(r"<[a-zA-Z!/][^<>]{0,2000}>|&(#\d{1,7}|#x[0-9a-fA-F]{1,6}|\w{2,31});")
_VISIBLE = re.compile(r"[^\s\u00ad\u034f\u061c\u115f\u180e\u200b-\u200f\u2028-\u202f\u205f-\u206f\u3164\ufeff]")
TITLE_MAX = 1000  #: characters of a line that are looked at; more is no title


def one_line(text: str) -> str:
    """One line of plain text: markup gone, entities decoded, white space folded."""
    short = text[: 4 * TITLE_MAX]
    plain = to_text(short) if _MARKUP.search(short) else short
    if _MARKUP.search(plain):  # escaped twice, as feeds do
        plain = html.unescape(plain)
    line = " ".join(UNFIT.sub("", plain).split())[:TITLE_MAX]
    return line if _VISIBLE.search(line) else ""


def to_text(markup: str) -> str:
    """Plain text of an HTML fragment; an empty line between paragraphs."""
    tree = parsed(markup)
    if tree is None:
        return _tidy(html.unescape(re.sub(r"<[^>]*>", "", markup)))
    parts: list[str] = []
    _walk(tree, parts)
    return _tidy("".join(parts))


def first_image(markup: str, base: str = "") -> str:
    """The first picture of a fragment that is not a tracking pixel; empty where there is none."""
    tree = parsed(markup) if "<img" in markup.lower() else None
    for image in tree.iter("img") if tree is not None else ():
        sizes = [image.get("width", ""), image.get("height", "")]
        if any(re.fullmatch(r"\s*[0-4]?[0-9]\s*(?:px)?\s*", size) for size in sizes):
            continue
        if link := web_link(image.get("src") or "", base):
            return link
    return ""


def parsed(markup: str) -> lxml_html.HtmlElement | None:
    """The tree of a fragment below one `div`; None where there is nothing in it."""
    clean = UNFIT.sub("", markup)
    if not clean.strip():
        return None
    try:
        # huge_tree stays off: nesting and text sizes keep libxml2's own caps
        return lxml_html.fragment_fromstring(clean, create_parent="div")
    except (etree.LxmlError, ValueError, AssertionError):
        return None


def _walk(root: lxml_html.HtmlElement, parts: list[str]) -> None:
    """Text in document order; without recursion, since hostile markup nests deeply."""
    for event, element in etree.iterwalk(root, events=("start", "end", "comment", "pi")):
        if event in ("comment", "pi"):
            parts.append(element.tail or "")
            continue
        tag = element.tag if isinstance(element.tag, str) else ""
        if event == "start":
            if tag in BLOCKS:
                parts.append("\n\n")
            elif tag == "br":
                parts.append("\n")
            if not _inside_dropped(element):
                parts.append(element.text or "")
            continue
        if tag in BLOCKS:
            parts.append("\n\n")
        if element is not root and not _inside_dropped(element.getparent()):
            parts.append(element.tail or "")


def _inside_dropped(element: lxml_html.HtmlElement | None) -> bool:
    return element is not None and (element.tag in _DROPPED or any(a.tag in _DROPPED for a in element.iterancestors()))


def _tidy(text: str) -> str:
    paragraphs = re.split(r"\n\s*\n", UNFIT.sub("", text))
    kept = ("\n".join(" ".join(line.split()) for line in p.split("\n")).strip() for p in paragraphs)
    return "\n\n".join(p for p in kept if p)
