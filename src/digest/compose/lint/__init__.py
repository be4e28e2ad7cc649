"""
Check the bytes of a finished mail and report faults as named findings.

docs/reference/mail-quality.md lists the rules with their sources. Faults outside the bytes
(the sender's DNS, dead links) are checked by other modules.
"""

from digest.compose.lint import clients, contrast, fields, octets, page, plain, signatures
from digest.compose.lint.reading import read
from digest.model.finding import Expected, Finding, Verdict

__all__ = ["Expected", "Finding", "Verdict", "check"]

LISTED = Expected()  #: an issue that goes to a relay
ROOMS = (octets, fields, signatures, plain, page, contrast, clients)


def check(raw: bytes, expected: Expected = LISTED) -> Verdict:
    """Check a finished mail and report every violated rule; never raises, whatever the bytes."""
    mail = read(raw)
    found = [finding for rules in ROOMS for finding in rules.check(mail, expected)]
    unique = list(dict.fromkeys(found))
    return Verdict(size_bytes=len(raw), html_bytes=len(mail.html.encode("utf-8", "replace")), findings=unique)
