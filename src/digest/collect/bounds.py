"""Refuse elements with thousands of attributes, which no real feed or page has and parsers need minutes for."""

import re

MAX_ATTRIBUTES = 1_000  #: of one element; and namespaces of one feed
CROWDED = f"has an element with more than {MAX_ATTRIBUTES:,} attributes; no feed or page has"
_EQUALS = b"="  # a constant, since the extraction of strings takes `count` of a literal for a text to translate
_LONG_TAG = re.compile(rb"<[^<>]{10000,}")


def is_crowded(body: bytes) -> bool:
    """True if an element seems to have more than MAX_ATTRIBUTES attributes; libraries need quadratic time for them."""
    return any(
        tag[0].count(_EQUALS) > 2 * MAX_ATTRIBUTES or len(tag[0].split()) > 10 * MAX_ATTRIBUTES
        for tag in _LONG_TAG.finditer(body)
    )
