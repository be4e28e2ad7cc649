"""Convert HTML to plain text by paragraphs; scripts, styles and tracking pixels are removed."""

import html
import re

from lxml import etree
from lxml import html as lxml_html
from lxml.html import defs

from digest.collect.bounds import is_crowded
from digest.collect.decode import UNFIT

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
        "svg",
        "form",
        "select",
        "button",
        "textarea",
        "head",
        "title",
    ]
)
#: Tags that only format a title. Others in a title are its subject: "When to use the <details> element", "Vec<T>".
_INLINE = frozenset(
    "a abbr acronym b bdi bdo big cite code del dfn em font i ins kbd mark nobr q rp rt ruby s samp small span strike strong sub sup"
    " time tt u var".split()
)
_VOID = frozenset({"br", "hr", "img", "wbr"})
_SPACED = frozenset({"p", "div", "h1", "h2", "h3", "h4", "h5", "h6", "center", "li", "ul", "ol", "br", "hr", "img"})
FORMATTING = _INLINE | _VOID | _SPACED
_TAG = re.compile(r"<(?P<close>/?)(?P<name>[a-zA-Z][a-zA-Z0-9]*)(?P<attributes>\s[^<>]{0,2000})?\s*/?>")
_UNSEEN = re.compile(r"<!--.{0,2000}?-->|<(script|style)\b[^<>]{0,2000}>.{0,4000}?</\1\s*>", re.IGNORECASE | re.DOTALL)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|\w{2,31});")
_ELEMENTS = defs.tags | frozenset(
    "article aside audio bdi blink canvas data datagrid datalist details dialog embed event-source figcaption figure footer header hgroup"
    " main mark math meter nav nobr output picture progress rp rt ruby section slot source summary svg template time track video wbr".split()
)
_NAMED = re.compile(r"</?([a-zA-Z][a-zA-Z0-9-]*)(?=[\s/>])")
_CLOSED = re.compile(r"</([a-zA-Z][a-zA-Z0-9-]*)\s*>|<(br|hr|img|p)\b[^<>]{0,2000}>", re.IGNORECASE)
_VISIBLE = re.compile(r"[^\s\u00ad\u034f\u061c\u115f\u180e\u200b-\u200f\u2028-\u202f\u205f-\u206f\u3164\ufeff]")
TITLE_MAX = 1000  #: characters of a line that are read; a longer one is no title


def line(text: str) -> str:
    """Return literal text as one line: white space folded, empty if nothing is visible."""
    folded = " ".join(UNFIT.sub("", text[: 4 * TITLE_MAX]).split())[:TITLE_MAX]
    return folded if _VISIBLE.search(folded) else ""


def one_line(text: str) -> str:
    """Return text that may hold HTML as one line: formatting tags are removed, entities decoded, other tags kept as text."""
    plain = decoded(_unformatted(text[: 4 * TITLE_MAX]))
    return line(decoded(plain) if _ENTITY.search(plain) else plain)  # feeds often escape twice


def decoded(text: str) -> str:
    """Resolve the character references of a text."""
    return _ENTITY.sub(lambda found: html.unescape(found[0]), text)


def _unformatted(text: str) -> str:
    """Remove formatting tags from a title: pairs, void ones, and single ones that touch a word."""
    text = _UNSEEN.sub("", re.sub(r"<!\[CDATA\[(.*?)\]\]>", r"\1", text, flags=re.DOTALL))
    tags = [found for found in _TAG.finditer(text) if found["name"].lower() in FORMATTING]
    drop = {
        tag.start() for tag in tags if tag["name"].lower() in _VOID or "=" in (tag["attributes"] or "") or _touches_its_word(tag)
    }
    waiting: dict[str, list[int]] = {}
    for tag in tags:
        openings = waiting.setdefault(tag["name"].lower(), [])
        if not tag["close"]:
            openings.append(tag.start())
        elif openings:
            drop |= {openings.pop(), tag.start()}
    parts, done = [], 0
    for tag in tags:
        if tag.start() in drop:
            parts += [text[done : tag.start()], " " if tag["name"].lower() in _SPACED else ""]
            done = tag.end()
    return "".join([*parts, text[done:]])


def _touches_its_word(tag: re.Match[str]) -> bool:
    """True for formatting tags as in `<b>Breaking` and `news</b>`; in `the <b> element` and `Option<B>` the tag is a word."""
    before, behind = tag.string[: tag.start()][-1:], tag.string[tag.end() :][:1]
    if tag["close"]:
        return bool(before.strip()) and not behind.isalnum()
    return bool(behind.strip()) and not before.strip()


def has_elements(text: str) -> bool:
    """True if a text that may be HTML has an HTML element; `Vec<T>` is none."""
    return "<!--" in text or any(found[1].lower() in _ELEMENTS for found in _NAMED.finditer(text))


def is_surely_html(text: str) -> bool:
    """True if a text that is declared as plain is HTML nevertheless: it closes an element or has a character reference."""
    closed = ((found[1] or found[2]).lower() for found in _CLOSED.finditer(text))
    return any(name in _ELEMENTS for name in closed) or _ENTITY.search(text) is not None


def to_text(markup: str) -> str:
    """Convert an HTML fragment to plain text, with an empty line between paragraphs."""
    tree = parsed(markup)
    if tree is None:
        return tidy(html.unescape(re.sub(r"<[^>]*>", "", markup)))
    parts: list[str] = []
    _walk(tree, parts)
    return tidy("".join(parts))


def parsed(markup: str) -> lxml_html.HtmlElement | None:
    """Parse a fragment into a tree below one `div`; None if it is empty or would take too long to parse."""
    clean = UNFIT.sub("", markup)
    if not clean.strip() or is_crowded(clean.encode()):
        return None
    try:
        # huge_tree stays off: nesting and text sizes keep libxml2's own caps
        return lxml_html.fragment_fromstring(clean, create_parent="div")
    except (etree.LxmlError, ValueError, AssertionError):
        return None


def _walk(root: lxml_html.HtmlElement, parts: list[str]) -> None:
    """Collect text in document order; without recursion, since hostile markup nests deeply."""
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


def tidy(text: str) -> str:
    """Normalise a text: one space between words and one empty line between paragraphs."""
    paragraphs = re.split(r"\n\s*\n", UNFIT.sub("", text))
    kept = ("\n".join(" ".join(line.split()) for line in p.split("\n")).strip() for p in paragraphs)
    return "\n\n".join(p for p in kept if p)
