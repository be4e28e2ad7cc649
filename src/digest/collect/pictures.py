"""
Select the picture of an article among all in a page or a feed's entry.

No emoji, avatar, counter, logo, hidden or tiny picture; lazy loading (`data-src`, `srcset`) and
podcast artwork are read. Whether a picture can be fetched over https is checked later (`services.collecting`).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import unquote, urlsplit

from lxml import html as lxml_html

from digest.collect.markup import parsed
from digest.collect.urls import web_link

SMALLEST = 50  #: pixels; smaller pictures are buttons, avatars or counters
WIDE = 600  #: pixels; of several sizes the smallest of at least this width is taken
_LAZY = ("data-src", "data-original", "data-lazy-src", "data-lazy", "data-url", "data-image", "data-hi-res-src")
_LAZY_SETS = ("data-srcset", "data-lazy-srcset", "data-original-set")
#: Names, in the class or id of a picture, that mark it as not the article's.
_MARKED = re.compile(
    r"(?:^|[\s_-])(?:emojis?|twemoji|wp-smiley|smil(?:ey|ies)|emoticons?|avatars?|gravatar|userpic|profile-?(?:pic|photo|image)|author-?(?:photo|image|pic|img)"
    r"|headshot|byline|logos?|favicons?|icons?|sprites?|badges?|buttons?|share|social|counter|pixel|tracking|tracker|beacon|spacer|advert\w*|captcha)(?:$|[\s_-])",
    re.IGNORECASE,
)
#: The same in the name of a file: alone or beside one word, since news has pictures of icons and of logos too.
_NAMED = re.compile(
    r"(?:emojis?|smil(?:ey|ies)|emoticons?|avatars?|gravatar|userpic|logos?|logotype|favicons?|icons?|sprites?|badges?|buttons?|hitcounter|counter|count"
    r"|pixels?|px|tracker|beacon|spacer|blank|transparent|placeholder|loader|loading|clear|noimage|default)",
    re.IGNORECASE,
)
_NAME_WORDS, _LOGO_WORDS = 2, 4
#: Hosts and paths of counters, avatars and icons.
_COUNTERS = re.compile(
    r"s\.w\.org/images/core/emoji|twemoji|gravatar\.com|pixel\.wp\.com|stats\.wordpress\.com|feeds\.(?:feedburner|wordpress)\.com|/~r/|feedsportal"
    r"|vgwort\.de|ioam\.de|ivwbox|(?:matomo|piwik)(?:\.php|\?)|google-analytics|googletagmanager|doubleclick\.net|scorecardresearch|quantserve|facebook\.com/tr"
    r"|amazon-adsystem|assoc-amazon|img\.shields\.io|badge\.fury|api\.follow\.it|buymeacoffee|ko-fi\.com|counter\.|/count(?:er)?(?:[./?]|$)|/track(?:ing)?/|/open(?:\.gif|/)|rss\.xml",
    re.IGNORECASE,
)
_UNSHOWN = re.compile(r"\.(?:svg|ico|cur|bmp|tiff?)$", re.IGNORECASE)  # mail programs show none of these
_PHOTO = re.compile(r"\.(?:jpe?g|png|webp|gif|avif)$", re.IGNORECASE)
_PLACEHOLDER = re.compile(r"^(?:data:|about:|#|$)|(?:^|[\W_])(?:blank|spacer|placeholder|transparent|loading|lazy|grey|gray|1x1)(?:[\W_]|$)", re.IGNORECASE)  # fmt: skip
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden|opacity\s*:\s*0(?:\.0+)?\s*(?:;|$)", re.IGNORECASE)
_SIDE = re.compile(r"(?:^|[;\s])(?:max-)?(?:width|height)\s*:\s*([\d.]+)\s*(px|r?em)", re.IGNORECASE)
_EM = 16  #: pixels


def is_fit(url: str) -> bool:
    """Report whether an address can be an article's picture: it does not name an icon, an avatar or a counter."""
    parts = urlsplit(url)
    path = unquote(parts.path)
    if _COUNTERS.search(url) or _UNSHOWN.search(path):
        return False
    words = re.findall(r"[^\W\d_]+|\d+x\d+", path.rpartition("/")[2].rpartition(".")[0])
    if len(words) <= _LOGO_WORDS and any(word.lower() in ("logo", "logotype", "favicon") for word in words):
        return False
    return "1x1" not in words and not (len(words) <= _NAME_WORDS and any(_NAMED.fullmatch(word) for word in words[:1]))


def first(markup: str, base: str = "") -> str:
    """Return the first picture of a fragment that can be its article's; empty if there is none."""
    tree = parsed(markup) if re.search(r"<(?:img|source)\b", markup, re.IGNORECASE) else None
    return first_in(tree, base) if tree is not None else ""


def first_in(tree: lxml_html.HtmlElement, base: str = "") -> str:
    """Return the first picture below an element that can be its article's; empty if there is none."""
    for image in tree.iter("img"):
        if _is_shown(image) and (link := next(links(image, base), "")):
            return link
    return ""


def of_entry(raw: Any, markup: str, base: str, *, place: str = "") -> str:
    """
    Return the picture of a feed's entry as feedparser gives it: of the text, the media it names, its podcast's
    artwork. `base` is the base URL of the entry's links, `place` that of links in its markup.
    """
    artwork = raw.get("image")
    named = artwork.get("href") or artwork.get("url") if isinstance(artwork, Mapping) else ""
    offered = ((web_link(str(item.get("url") or ""), base), item) for item in media(raw))
    fit = [(link, _width(item)) for link, item in offered if link and is_fit(link)]
    wide = [one for one in fit if one[1] >= WIDE]
    # Of several sizes take the one that suits a mail; if none is stated, the first.
    own = min(wide, key=lambda one: one[1]) if wide else max(fit, key=lambda one: one[1], default=("", 0))
    return own[0] or _fit_link(str(named or ""), base) or first(markup, place or base)


def enclosed(raw: Any, base: str) -> str:
    """Return the URL of the enclosure of an entry without a link: the episode of a podcast, a video, a document."""
    links = (web_link(str(item.get("href") or ""), base) for item in raw.get("enclosures", ()))
    return next((link for link in links if link), "")


def secured(url: str) -> str:
    """Return the https URL to try for an `http:` picture; empty if it names a port other than 80, which speaks no TLS."""
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError:
        return ""
    return parts._replace(scheme="https", netloc=parts.hostname or "").geturl() if parts.hostname and port in (None, 80) else ""


def media(raw: Any) -> Iterator[Mapping[str, Any]]:
    """Yield the pictures that an entry names beside its text, those declared as pictures first."""
    named: Sequence[Mapping[str, Any]] = [
        *raw.get("media_content", ()),
        *({**item, "url": item.get("href", "")} for item in raw.get("enclosures", ())),
    ]
    for item in named:
        kind = str(item.get("type") or item.get("medium") or "")
        shown = not kind and _PHOTO.search(urlsplit(str(item.get("url") or "")).path)
        if (kind.startswith("image") or shown) and not _is_tiny(item):
            yield item
    yield from (item for item in raw.get("media_thumbnail", ()) if not _is_tiny(item))


def _width(item: Mapping[str, Any]) -> int:
    """Return the stated width of a picture in pixels; 0 if it is not stated."""
    text = str(item.get("width") or "")
    return int(text) if re.fullmatch(r"\d{1,5}", text, re.ASCII) else 0


def _fit_link(url: str, base: str) -> str:
    link = web_link(url, base)
    return link if link and is_fit(link) else ""


def _is_shown(image: lxml_html.HtmlElement) -> bool:
    """Report whether a picture is one that a visitor sees, and large enough to look at."""
    if _is_tiny(image.attrib) or _MARKED.search(f"{image.get('class') or ''} {image.get('id') or ''}"):
        return False
    if any("hidden" in e.attrib or _HIDDEN.search(e.get("style") or "") for e in (image, *image.iterancestors())):
        return False
    sides = [
        float(size) * (1 if unit.lower() == "px" else _EM)
        for size, unit in _SIDE.findall(image.get("style") or "")
        if size.strip(".")
    ]
    alt = (image.get("alt") or "").strip()
    return not any(side < SMALLEST for side in sides) and not (alt and len(alt) <= 4 and not re.search(r"[\w\s]", alt))


def _is_tiny(attributes: Mapping[str, Any]) -> bool:
    """Report whether a width or height is given in pixels and is small."""
    sizes = (
        re.fullmatch(r"\s*(\d{1,6})(?:\.\d+)?\s*(?:px)?\s*", str(attributes.get(side) or ""), re.ASCII)
        for side in ("width", "height")
    )
    return any(int(size[1]) < SMALLEST for size in sizes if size)


def links(image: lxml_html.HtmlElement, base: str) -> Iterator[str]:
    """Yield the URLs of a picture, the best first: the lazily loaded one, its source, then its other sizes."""
    holder = next(image.iterancestors("picture"), None)
    sources = list(holder.iter("source")) if holder is not None else []
    late = [image.get(name) or "" for name in _LAZY]
    sets = [image.get(name) or "" for name in (*_LAZY_SETS, "srcset")]
    sets += [source.get(name) or "" for source in sources for name in (*_LAZY_SETS, "srcset")]
    written = [*late, image.get("src") or "", *(_best(candidates) for candidates in sets)]
    for url in written:
        if not _PLACEHOLDER.search(url.rpartition("/")[2] if not url.startswith("data:") else url) and (
            link := _fit_link(url, base)
        ):
            yield link


def _best(candidates: str) -> str:
    """Return the URL in a `srcset` that suits a mail's width: the smallest that is WIDE, else the largest."""
    found = re.findall(r"([^\s,]\S*[^\s,])(?:\s+([\d.]+)([wx]))?\s*(?:,|$)", candidates[:20_000])
    sized = [(float(size) * (1 if unit == "w" else 400) if size.strip(".") else 400.0, url) for url, size, unit in found]
    wide = [one for one in sized if one[0] >= WIDE]
    return min(wide)[1] if wide else max(sized, default=(0.0, ""))[1]
