"""
What can be seen wrong in a finished mail's bytes, as named findings.

docs/reference/mail-quality.md lists the rules with their sources. What cannot be seen in the
bytes (the sender's DNS, whether links are alive) is looked at elsewhere.
"""

from digest.compose.lint import clients, contrast, fields, octets, page, plain, signatures
from digest.compose.lint.reading import read
from digest.model.finding import Expected, Finding, Verdict

__all__ = ["Expected", "Finding", "Verdict", "check"]

LISTED = Expected()  #: an issue that goes to a relay
ROOMS = (octets, fields, signatures, plain, page, contrast, clients)


def check(raw: bytes, expected: Expected = LISTED) -> Verdict:
    """Read a finished mail and name every rule it breaks; never raises, whatever the bytes."""
    mail = read(raw)
    found = [finding for rules in ROOMS for finding in rules.check(mail, expected)]
    unique = list(dict.fromkeys(found))
    return Verdict(size_bytes=len(raw), html_bytes=len(mail.html.encode("utf-8", "replace")), findings=unique)
