"""
Select the pictures that are printed, and their shape, by the size that their source states.

Only one mail program crops a picture by style, so every picture is shown whole, never distorted:
a wide one above its story, one that is nearly square beside it. One of unknown size is treated
as a usual one.
"""

from collections import Counter
from collections.abc import Sequence

from digest.model.article import ImageInfo
from digest.model.issue import Pick

WIDE_MIN, SQUARE_MIN = 480, 160  #: px that a picture must have to be printed wide, square
WIDE_RATIO = (1.2, 3.2)  #: of width to height
SQUARE_RATIO = (0.6, 2.0)


def shapes(pick: Pick) -> Sequence[str]:
    """Return the shapes that a pick's picture can have: wide, square, both or neither."""
    if not pick.image:
        return []
    info = pick.image_info
    return [name for name, fits in (("wide", _wide(info)), ("square", _square(info))) if fits]


def shared(picks: Sequence[Pick]) -> frozenset[str]:
    """Return pictures that several stories have: a publisher's logo or a placeholder, which illustrates none of them."""
    return frozenset(image for image, count in Counter(pick.image for pick in picks if pick.image).items() if count > 1)


def _wide(info: ImageInfo) -> bool:
    return (not info.width or info.width >= WIDE_MIN) and _within(info, WIDE_RATIO)


def _square(info: ImageInfo) -> bool:
    known = [size for size in (info.width, info.height) if size]
    return min(known, default=SQUARE_MIN) >= SQUARE_MIN and _within(info, SQUARE_RATIO)


def _within(info: ImageInfo, bounds: tuple[float, float]) -> bool:
    return not (info.width and info.height) or bounds[0] <= info.width / info.height <= bounds[1]
