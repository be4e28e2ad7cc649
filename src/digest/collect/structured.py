"""
Read a page's structured data: JSON-LD (schema.org), OpenGraph, microdata, meta names.

The first with a value is used, in this order; impossible values (a date in the
year 1, a site's name as the headline) are skipped.
"""

import json
import re
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from lxml import html as lxml_html

from digest.collect import images
from digest.collect.markup import one_line, to_text
from digest.collect.urls import web_link
from digest.model.article import UNTOLD, ImageInfo, count_words, same_matter

_ARTICLE = re.compile(r"(?:.*Article|BlogPosting|LiveBlogPosting|Report|Review|Recipe|SocialMediaPosting|CreativeWork)$")
_AUTHORS = (
    "author",
    "article:author",
    "byl",
    "parsely-author",
    "sailthru.author",
    "dc.creator",
    "dcterms.creator",
    "twitter:creator:name",
)
_DATES = (
    "article:published_time",
    "og:article:published_time",
    "datepublished",
    "parsely-pub-date",
    "sailthru.date",
    "pubdate",
    "publishdate",
    "publish-date",
    "publish_date",
    "article.published",
    "dc.date.issued",
    "dcterms.created",
    "dc.date",
    "date",
    "cxenseparse:recs:publishtime",
)
_LOCKED = ("locked", "metered")  #: values of article:content_tier
BODY_WORDS = 40  #: a shorter articleBody is a teaser
#: XPath of a page's JSON-LD.
BLOCKS = "//script[contains(translate(@type, 'LDJSON', 'ldjson'), 'ld+json')]"
EARLIEST = 1990  #: no page is older; a date before is a placeholder
MAX_BLOCK, MAX_NODES = 1_000_000, 2000  #: characters of a JSON-LD block that are read; nodes of it that are visited


@dataclass(frozen=True, slots=True, kw_only=True)
class Structured:
    """Structured data of a page's article; fields without a value are empty."""

    headline: str = ""
    description: str = ""
    author: str = ""
    publisher: str = ""
    published_at: datetime | None = None
    image: str = ""
    image_info: ImageInfo = UNTOLD
    section: str = ""
    language: str = ""
    url: str = ""
    body: str = ""  #: paragraphs; of pages that show theirs by scripts alone
    is_article: bool = False
    is_free: bool | None = None  #: schema.org's isAccessibleForFree; None: not stated


def read(tree: lxml_html.HtmlElement, *, url: str = "") -> Structured:
    """Read the structured data of a page's article. `url` is the base of relative links."""
    meta, item = _meta(tree), _microdata(tree)
    node = _article(tree, meta)
    publisher = _name(node.get("publisher")) or meta.get("og:site_name", "")
    image = _image(node.get("image"), url) or web_link(meta.get("og:image", "") or meta.get("twitter:image", ""), url)
    return Structured(
        headline=_headline(tree, node, meta, item, publisher),
        description=_text(node.get("description")) or meta.get("og:description", "") or meta.get("description", ""),
        author=_author(node, meta, item),
        publisher=publisher or meta.get("application-name", ""),
        published_at=_published(tree, node, meta, item),
        image=image,
        image_info=images.for_machines(node.get("image"), meta, image, url),
        section=_text(_first(node.get("articleSection"))) or meta.get("article:section", ""),
        language=tree.get("lang", "") or _text(node.get("inLanguage")) or meta.get("og:locale", "").replace("_", "-"),
        url=_url(tree, meta, url),
        body=_body(node),
        is_article=bool(node) or meta.get("og:type", "").lower() == "article",
        is_free=_is_free(node, meta, item),
    )


def date(text: str) -> datetime | None:
    """Parse an ISO 8601 or RFC 5322 date, UTC if it names no zone; None if it is invalid or a placeholder."""
    plain = text.strip()
    try:
        found = datetime.fromisoformat(re.sub(r"\s+(?=[+-]\d\d)", "", plain))
    except ValueError:
        try:
            found = parsedate_to_datetime(plain)
        except (ValueError, OverflowError):
            return None
    if found.year < EARLIEST:
        return None
    try:
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except OverflowError:
        return None


def _meta(tree: lxml_html.HtmlElement) -> Mapping[str, str]:
    """Return meta properties and names in lower case; the first of each."""
    found: dict[str, str] = {}
    for element in tree.iter("meta"):
        name = (element.get("property") or element.get("name") or "").lower()
        value = one_line(element.get("content") or "")
        if name and value:
            found.setdefault(name, value)
    return found


def _microdata(tree: lxml_html.HtmlElement) -> Mapping[str, str]:
    """Return the item properties of the page; the first of each."""
    found: dict[str, str] = {}
    for element in tree.xpath("//*[@itemprop]"):
        if isinstance(element.tag, str):
            value = element.get("content") or element.get("datetime") or element.text_content()
            for name in element.get("itemprop", "").split():
                if line := one_line(value[:4000]):
                    found.setdefault(name, line)
    return found


def _article(tree: lxml_html.HtmlElement, meta: Mapping[str, str]) -> Mapping[str, Any]:
    """Return the JSON-LD node of the article: of several the one with the page's headline; empty if there is none."""
    nodes = [node for node in _nodes(tree) if any(_ARTICLE.match(kind) for kind in _kinds(node))]
    news = [node for node in nodes if not set(_kinds(node)) <= {"CreativeWork", "Review"}]
    headed = [node for node in [*news, *nodes] if _text(node.get("headline"))]
    if len(headed) > 1:
        shown = [
            meta.get("og:title", ""),
            *(one_line(e.text_content()[:2000]) for e in (*list(tree.iter("h1"))[:1], *list(tree.iter("title"))[:1])),
        ]
        like = (node for node in headed if any(same_matter(_text(node.get("headline")), line) for line in shown if line))
        return next(like, headed[0])
    return next(iter([*headed, *nodes]), {})


def _nodes(tree: lxml_html.HtmlElement) -> Iterator[Mapping[str, Any]]:
    for script in tree.xpath(BLOCKS):
        try:
            block = re.sub(
                r"^\s*(?:<!--|//\s*<!\[CDATA\[|/\*.*?\*/)|(?:-->|//\s*\]\]>|;)\s*$", "", (script.text or "")[:MAX_BLOCK]
            )
            waiting = deque([json.loads(block, strict=False)])
        except (ValueError, RecursionError):
            continue  # skip a malformed block; the page may have the data in another form
        for _ in range(MAX_NODES):
            if not waiting:
                break
            node = waiting.popleft()
            if isinstance(node, list):
                waiting.extend(part for part in node[:MAX_NODES] if isinstance(part, dict | list))
            elif isinstance(node, dict):
                yield node
                waiting += [value for key, value in node.items() if key in ("@graph", "mainEntity", "mainEntityOfPage")]


def _kinds(node: Mapping[str, Any]) -> Sequence[str]:
    kinds = node.get("@type")
    return [k.rpartition("/")[2] for k in (kinds if isinstance(kinds, list) else [kinds]) if isinstance(k, str)]


def _headline(
    tree: lxml_html.HtmlElement, node: Mapping[str, Any], meta: Mapping[str, str], item: Mapping[str, str], site: str
) -> str:
    headings = [one_line(h.text_content()[:2000]) for h in tree.iter("h1")]
    said = [
        _text(node.get("headline")),
        meta.get("og:title", ""),
        meta.get("twitter:title", ""),
        item.get("headline", ""),
        *headings[:1],
    ]
    titles = [one_line(t.text or "") for t in tree.iter("title")][:1]
    for line in [*said, *titles]:
        plain = _without_site(line, site)
        if plain and plain.casefold() != site.casefold():
            return plain
    return ""


def _without_site(title: str, site: str) -> str:
    """Remove the site's name from either end of a title."""
    if not site:
        return title
    name = re.escape(site)
    return re.sub(rf"\s+[|–—»·:-]+\s+{name}\s*$|^{name}\s*[|–—»·:-]+\s+", "", title, flags=re.IGNORECASE)


def _author(node: Mapping[str, Any], meta: Mapping[str, str], item: Mapping[str, str]) -> str:
    named = _names(node.get("author") or node.get("creator"))
    for name in _AUTHORS:
        if not named and not re.match(r"https?:|@|www\.", meta.get(name, "")):
            named = [re.sub(r"^by\s+", "", meta.get(name, ""), flags=re.IGNORECASE)]
            named = [n for n in named if n]
    if not named and len(item.get("author", "")) < 80:
        named = [re.sub(r"^by\s+", "", item.get("author", ""), flags=re.IGNORECASE)]
    return ", ".join(dict.fromkeys(n for n in named if n))


def _names(value: Any) -> list[str]:
    people = value if isinstance(value, list) else [value]
    return [name for person in people if (name := _name(person)) and not name.startswith(("http://", "https://"))]


def _name(value: Any) -> str:
    value = _first(value)
    return _text(_first(value.get("name"))) if isinstance(value, dict) else _text(value)


def _first(value: Any) -> Any:
    return value[0] if isinstance(value, list) and value else value


def _text(value: Any) -> str:
    return one_line(value) if isinstance(value, str) else ""


def _published(
    tree: lxml_html.HtmlElement, node: Mapping[str, Any], meta: Mapping[str, str], item: Mapping[str, str]
) -> datetime | None:
    said = [_text(node.get("datePublished")), _text(node.get("dateCreated")), *(meta.get(name, "") for name in _DATES)]
    said += [item.get("datePublished", ""), item.get("dateCreated", "")]
    said += [t.get("datetime", "") for t in tree.xpath("//article//time[@datetime] | //time[@pubdate]")[:1]]
    return next((found for text in said if text and (found := date(text))), None)


def _body(node: Mapping[str, Any]) -> str:
    body = node.get("articleBody")
    text = to_text(body[:MAX_BLOCK]) if isinstance(body, str) else ""
    return re.sub(r"\s*\n\s*", "\n\n", text) if count_words(text) >= BODY_WORDS else ""


def _is_free(node: Mapping[str, Any], meta: Mapping[str, str], item: Mapping[str, str]) -> bool | None:
    """True if everybody may read the article, None if the page does not state it; locked parts make it False."""
    parts = node.get("hasPart")
    said = [part.get("isAccessibleForFree") for part in (parts if isinstance(parts, list) else [parts]) if isinstance(part, dict)]
    said += [node.get("isAccessibleForFree"), item.get("isAccessibleForFree")]
    tier = meta.get("article:content_tier", "").lower()
    plain = [str(value).rpartition("/")[2].strip().lower() for value in said if value is not None]
    if tier in _LOCKED or any(value in ("false", "no", "0") for value in plain):
        return False
    return True if tier == "free" or any(value in ("true", "yes", "1") for value in plain) else None


def _image(value: Any, url: str) -> str:
    value = _first(value)
    link = value.get("url") if isinstance(value, dict) else value
    link = _first(link)
    return web_link(link, url) if isinstance(link, str) else ""


def _url(tree: lxml_html.HtmlElement, meta: Mapping[str, str], url: str) -> str:
    """Return the canonical URL of the page."""
    links = tree.xpath("//link[translate(@rel, 'CANOIL', 'canoil')='canonical']/@href")
    return web_link(str(links[0]), url) if links else web_link(meta.get("og:url", ""), url)
