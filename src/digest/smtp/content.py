"""Encoding of contents for BDAT and DATA. Contents made by `merge` are sent unchanged, without a copy."""

import re

from digest.model.ports import Envelope


def whole(envelope: Envelope) -> bytes:
    """Return a content as BDAT takes it."""
    return envelope.content if envelope.clean else repaired(envelope.content)


def repaired(content: bytes) -> bytes:
    """Return a content with CRLF line ends alone, and one at the end (RFC 5321 2.3.8): what else a content has would smuggle (CVE-2023-51764)."""
    repaired = re.sub(rb"\r\n|\r|\n", b"\r\n", content)
    return repaired if repaired.endswith(b"\r\n") else repaired + b"\r\n"


def as_data(envelope: Envelope) -> bytes:
    """Return a content as DATA takes it: dots doubled at the beginning of lines (RFC 5321 4.5.2)."""
    if envelope.clean:
        return envelope.content
    stuffed = repaired(envelope.content).replace(b"\r\n.", b"\r\n..")
    return (b"." if stuffed.startswith(b".") else b"") + stuffed
