"""Compute contrast, and the nearest colour with enough of it (WCAG 2.2, 1.4.3; lightness in OKLCH)."""

from collections.abc import Sequence
from functools import lru_cache

from coloraide import Color

AA = 4.5  #: of text below 24 px, WCAG 2.2, 1.4.3


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, 1 to 21."""
    return float(Color(one).contrast(other, method="wcag21"))


@lru_cache(maxsize=4096)  # a mail names the same dozen colours a thousand times
def as_hex(text: str) -> str | None:
    """Convert a CSS colour to `#rrggbb`; None if it is no colour."""
    try:
        return str(Color(text).convert("srgb").fit().to_string(hex=True, alpha=False))
    except ValueError:
        return None


def worst(colour: str, grounds: Sequence[str]) -> float:
    """Return the least contrast of a colour on any of the backgrounds."""
    return min(contrast(colour, ground) for ground in grounds)


def nearest(colour: str, grounds: Sequence[str], wanted: float = AA) -> str | None:
    """
    Return the colour of the same hue and the least change of lightness that reaches `wanted` on all backgrounds,
    as `#rrggbb`; None if no lightness does.
    """
    start = Color(colour).convert("oklch")
    for step in range(1, 1001):
        for lightness in (start["lightness"] - step / 1000, start["lightness"] + step / 1000):
            if 0 <= lightness <= 1:
                tried = start.clone().set("lightness", lightness).convert("srgb").fit().to_string(hex=True)
                if worst(tried, grounds) >= wanted:
                    return tried
    return None
