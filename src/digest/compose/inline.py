"""Inline styles: premailer once per issue, then unused classes and white space are removed."""

import logging
import re

import cssutils
from premailer import Premailer

cssutils.log.setLevel(logging.CRITICAL)  # it logs every property newer than CSS 2
_TAG = re.compile(r"<[a-zA-Z][^<>]*>")  # story text has `<` as `&lt;`, so it never matches


def inline(document: str) -> str:
    """Convert classes to style attributes; `<style data-premailer="ignore">` blocks stay as they are."""
    inlined = Premailer(
        document,
        strip_important=False,
        allow_network=False,
        allow_loading_external_files=False,
        disable_validation=True,
        remove_classes=False,
        disable_basic_attributes=["width", "height", "align", "bgcolor"],
        keep_style_tags=False,
        cssutils_logging_level=logging.CRITICAL,
    ).transform()
    return _squeezed(_without_unused_classes(inlined))


def _without_unused_classes(document: str) -> str:
    """Remove classes that no remaining selector uses."""
    kept = set(re.findall(r"\.([a-z][\w-]*)", " ".join(re.findall(r"<style[^>]*>(.*?)</style>", document, re.DOTALL))))

    def prune(found: re.Match[str]) -> str:
        names = [name for name in found[1].split() if name in kept]
        return f' class="{" ".join(names)}"' if names else ""

    return _TAG.sub(lambda tag: re.sub(r' class="([^"]*)"', prune, tag[0]), document)


def _squeezed(document: str) -> str:
    def squeeze(style: re.Match[str]) -> str:
        declarations = re.sub(r"\s*([;:,])\s+", r"\1", style[2]).rstrip("; ")
        return f" style={style[1]}{declarations}{style[1]}"

    squeezed = _TAG.sub(lambda tag: re.sub(r" style=([\"'])(.*?)\1", squeeze, tag[0]), document)
    return re.sub(r"\n\s*\n+", "\n", squeezed)
