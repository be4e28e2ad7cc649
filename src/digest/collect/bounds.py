"""What no feed or page has, and what parsers need minutes for: elements with thousands of attributes."""

import re

MAX_ATTRIBUTES = 1_000  #: of one element; and namespaces of one feed
CROWDED = f"has an element with more than {MAX_ATTRIBUTES:,} attributes; no feed or page has"
_EQUALS = b"="  # a name of its own: `count` of a literal is taken for a text to translate
_LONG_TAG = re.compile(rb"<[^<>]{10000,}")


def is_crowded(body: bytes) -> bool:
    """Whether an element seems to have more attributes than MAX_ATTRIBUTES; libraries need time in their square."""
    return any(
        tag[0].count(_EQUALS) > 2 * MAX_ATTRIBUTES or len(tag[0].split()) > 10 * MAX_ATTRIBUTES
        for tag in _LONG_TAG.finditer(body)
    )
