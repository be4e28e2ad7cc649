"""Check the contrast of text on its background, in light and in dark (WCAG 2.2, 1.4.3)."""

import re
from collections.abc import Iterator, Mapping
from functools import cache

from lxml import etree

from digest.compose import colour
from digest.compose.lint.reading import Mail
from digest.model.finding import Expected, Finding, error

_NO_COLOUR = frozenset({"inherit", "initial", "unset", "transparent", "none", "currentcolor", "url"})
_DARK = re.compile(r"@media\s*\(prefers-color-scheme:\s*dark\)\s*\{((?:[^{}]*\{[^{}]*\})*)\s*\}")
#: Mail programs' own background, and their colour for text without one.
GROUND = {"light": ("#000000", "#ffffff"), "dark": ("#ffffff", "#1e1e1e")}


def check(mail: Mail, _expected: Expected) -> Iterator[Finding]:
    """Report text below 4.5 : 1, one finding for each pair of colours and scheme."""
    body = mail.page.find("body") if mail.page is not None else None
    if body is None:
        return
    dark = _dark_rules(mail.html)
    seen: set[tuple[str, str, str]] = set()
    for scheme in ("light", *(["dark"] if dark else [])):
        rules = dark if scheme == "dark" else {}
        for text, ink, ground in _coloured_texts(body, *GROUND[scheme], rules):
            if (scheme, ink, ground) not in seen and (ratio := _contrast(ink, ground)) < colour.AA:
                yield error(
                    "contrast",
                    f"in {scheme}, {ink} on {ground} has {ratio:.2f} : 1, and {colour.AA} is needed: {text[:40]!r}",
                    "WCAG 2.2 1.4.3",
                    where=scheme,
                    remedy=f"{colour.nearest(ink, [ground]) or 'another ground'} is the nearest that has it",
                )
            seen.add((scheme, ink, ground))


@cache
def _contrast(ink: str, ground: str) -> float:
    return colour.contrast(ink, ground)


def _dark_rules(html: str) -> Mapping[str, Mapping[str, str]]:
    """Return the properties that the dark scheme sets, by class."""
    found: dict[str, dict[str, str]] = {}
    for block in _DARK.findall(html):
        for selector, declarations in re.findall(r"\.([a-z][\w-]*)\{([^{}]*)\}", block):
            pairs = (pair.partition(":") for pair in declarations.replace("!important", "").split(";"))
            found.setdefault(selector, {}).update({name.strip(): value.strip() for name, _, value in pairs if value})
    return found


def _coloured_texts(
    element: etree._Element, ink: str, ground: str, rules: Mapping[str, Mapping[str, str]]
) -> Iterator[tuple[str, str, str]]:
    """Yield every text with its colour and its background."""
    if not isinstance(element.tag, str) or element.tag in ("style", "script"):
        return
    style = dict(re.findall(r"(?:^|;)\s*([a-z-]+)\s*:\s*([^;]+)", element.get("style") or ""))
    if "none" in style.get("display", ""):
        return
    for name in (element.get("class") or "").split():
        style.update(rules.get(name, {}))
    ink = _colour(style.get("color", ""), ink)
    ground = _colour(style.get("background-color") or style.get("background") or element.get("bgcolor") or "", ground)
    if (element.text or "").strip(" \n\t\u00a0\u034f"):
        yield (element.text or "").strip(), ink, ground
    for child in element:
        yield from _coloured_texts(child, ink, ground, rules)
        if (child.tail or "").strip(" \n\t\u00a0\u034f"):
            yield (child.tail or "").strip(), ink, ground


def _colour(value: str, inherited: str) -> str:
    for part in re.findall(r"#[0-9a-f]{3,8}\b|[a-z]+\([^)]*\)|[a-z]+", value.replace("!important", ""), re.IGNORECASE):
        if part.lower() not in _NO_COLOUR and (found := colour.as_hex(part)):
            return found
    return inherited
