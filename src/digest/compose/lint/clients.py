"""Check that mail programs support the features of a mail, by the caniemail data set (MIT, shipped with its licence)."""

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from lxml import etree

from digest.compose.lint.reading import Mail
from digest.model.finding import Expected, Finding, warning

DATA = Path(__file__).parent / "caniemail.json"
#: Mail programs by their usual names, and their keys in the data set.
PROGRAMS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "Apple Mail": (("apple-mail", "macos"), ("apple-mail", "ios")),
    "Gmail": (("gmail", "desktop-webmail"), ("gmail", "ios"), ("gmail", "android")),
    "Outlook for Windows (Word)": (("outlook", "windows"),),
    "new Outlook": (("outlook", "outlook-com"), ("outlook", "ios"), ("outlook", "android")),
    "Yahoo": (("yahoo", "desktop-webmail"), ("yahoo", "ios"), ("yahoo", "android")),
}
#: Features whose absence only makes a mail plainer: decoration, or repeated by other means.
GRACEFUL = re.compile(
    r"css-(?:border-radius|border-collapse|border-spacing|letter-spacing|text-transform|word-break|max-width|max-height|overflow|display|display-none"
    r"|color-scheme|at-media.*|important|selector-.*|pseudo-.*|box-shadow|margin|height|width|opacity|unit-.*(?<!rem)(?<!calc)|vertical-align|direction|hyphens)"
    r"|html-(?:role|aria-.*|lang|dir|style|meta-color-scheme|body|valign|align|width|height|comments|doctype|semantics-none|mailto-links|div|cellspacing|cellpadding|lists|target)"
)
_ELEMENTS = [
    "hr",
    "form",
    "select",
    "textarea",
    "video",
    "audio",
    "svg",
    "object",
    "picture",
    "link",
    "base",
    "strong",
    "small",
    "code",
    "pre",
    "blockquote",
    "p",
    "img",
    "table",
    "abbr",
    "bdi",
    "dialog",
    "progress",
    "meter",
    "marquee",
    "ruby",
    "wbr",
    "address",
]
_SEMANTIC = frozenset(
    [
        "article",
        "aside",
        "details",
        "figcaption",
        "figure",
        "footer",
        "header",
        "main",
        "mark",
        "nav",
        "section",
        "summary",
        "time",
    ]
)
_FUNCTIONS = {
    "css-unit-calc": r"calc\(",
    "css-variables": r"var\(",
    "css-function-clamp": r"clamp\(",
    "css-function-light-dark": r"light-dark\(",
    "css-function-min": r"(?<![a-z-])min\(",
    "css-function-max": r"(?<![a-z-])max\(",
    "css-unit-rem": r"\d+rem\b",
    "css-unit-vw": r"\dvw\b",
    "css-background-image": r"background[^;]*url\(",
    "css-linear-gradient": r"linear-gradient\(",
    "css-modern-color": r"(?:oklch|lab|lch|color)\(",
    "css-display-flex": r"display\s*:\s*(?:inline-)?flex",
    "css-display-grid": r"display\s*:\s*(?:inline-)?grid",
}


def check(mail: Mail, _expected: Expected) -> Iterator[Finding]:
    """Yield one finding for each feature that a program does not support."""
    if mail.page is None:
        return
    known = _support()
    for feature in sorted(_features(mail.page)):
        without = [program for program in PROGRAMS if known.get(feature, {}).get(program) == "n"]
        if without and not GRACEFUL.fullmatch(feature):
            yield warning(
                "client-support",
                f"{feature} is unknown to {', '.join(without)}",
                "caniemail.com",
                where=feature,
                remedy=f"https://www.caniemail.com/features/{feature}/",
            )


def _features(page: etree._Element) -> set[str]:
    """Return the features that the document needs: elements, and properties of inline styles. Style blocks only add decoration."""
    found: set[str] = set()
    for element in page.iter():
        if not isinstance(element.tag, str):
            continue
        if element.tag in _ELEMENTS:
            found.add({"table": "html-table"}.get(element.tag, f"html-{element.tag}"))
        if element.tag in _SEMANTIC:
            found.add("html-semantics")
        if element.tag == "a" and (element.get("href") or "").startswith("#"):
            found.add("html-anchor-links")
        if element.tag == "img":
            found |= _picture(element)
        if style := element.get("style"):
            found |= {feature for feature, pattern in _FUNCTIONS.items() if re.search(pattern, style)}
            found |= {f"css-{name.strip().lower()}" for name in re.findall(r"(?:^|;)\s*([a-z-]+)\s*:", style)}
    return found


def _picture(element: etree._Element) -> set[str]:
    source = (element.get("src") or "").lower().partition("?")[0]
    found = {"html-srcset"} if element.get("srcset") else set()
    if source.startswith("data:"):
        return found | {"image-base64"}
    ending = re.search(r"\.(apng|avif|bmp|heif|ico|svg|tiff?|webp|mp4)$", source)
    return found | ({f"image-{ending[1]}"} if ending else set())


@cache
def _support() -> Mapping[str, Mapping[str, str]]:
    """Load the support table; for each feature: program → `y`, `a` (partly) or `n`."""
    features: Mapping[str, Mapping[str, str]] = json.loads(DATA.read_text(encoding="utf-8"))["features"]
    return features
