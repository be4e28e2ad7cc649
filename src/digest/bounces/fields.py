"""
Read the fields of a delivery status notification (RFC 3464), in its own part or in the midst of a text.

A group of fields is about one recipient if it names one. Groups are separated by an empty line, and by
a field that the group has already: some mailers forget the line.
"""

import re
from collections.abc import Iterator, Mapping

from digest.bounces.reasons import code_in, is_specific, line, status_in
from digest.bounces.report import Reason, Recipient

_NAMES = (
    "original-recipient|final-recipient|x-actual-recipient|action|status|diagnostic-code|remote-mta|last-attempt-date|will-retry-until"
    "|reporting-mta|arrival-date|received-from-mta|original-envelope-id|feedback-type|original-rcpt-to|original-mail-from|removal-recipient"
)
_LINE = re.compile(rf"[ \t>]*({_NAMES})[ \t]*:[ \t]*(.*)", re.IGNORECASE)
_FOLDED = re.compile(r"[ \t]+\S")
_ARRIVED = ("delivered", "relayed", "expanded")
_SPACE = re.compile(r"\s")
LINES = 5_000  #: of a report that are read

Group = Mapping[str, str]


def groups(text: str) -> Iterator[Group]:
    """Yield the groups of fields in a text, names in lower case."""
    group: dict[str, str] = {}
    last = ""
    for row in text.split("\n", LINES)[:LINES]:
        if not row.strip():
            if group:
                yield group
            group, last = {}, ""
        elif match := _LINE.match(row):
            last = match[1].lower()
            if last in group and last not in ("original-rcpt-to", "removal-recipient"):
                yield group
                group = {}
            group[last] = f"{group[last]} {match[2].strip()}" if last in group else match[2].strip()
        elif last and _FOLDED.match(row):
            group[last] += f" {row.strip()}"
        else:
            last = ""
    if group:
        yield group


def names_recipient(group: Group) -> bool:
    """Return whether a group of fields is about a recipient."""
    return any(address(group.get(name, "")) for name in ("final-recipient", "original-recipient"))


def recipient(group: Group) -> Recipient:
    """Return what a group of fields says of its recipient; the reason only where the fields alone decide it."""
    final, original, actual = (
        address(group.get(name, "")) for name in ("final-recipient", "original-recipient", "x-actual-recipient")
    )
    kind, separator, said = group.get("diagnostic-code", "").partition(";")
    said = said.strip() if separator else kind.strip()
    action = group.get("action", "").partition(" ")[0].strip(";,").lower()
    action = action if action in ("delayed", *_ARRIVED) else "failed"
    why = Reason.OTHER
    if action in _ARRIVED:
        why = Reason.DELIVERED
    elif kind.strip().lower() == "x-unix":  # a program of the recipient's host has failed, not the address
        why = Reason.SYSTEM
    return Recipient(
        address=final or original,
        original=original or actual,
        status=_status(group.get("status", ""), said),
        reply=code_in(said),
        action=action,
        reason=why,
        sentence=line(said or group.get("status", "").partition("(")[2].rstrip(")")),
    )


def address(value: str) -> str:
    """Return the address of a recipient field (`rfc822; reader@example.org`); empty if it has none."""
    text = value.rpartition(";")[2].strip().strip("<>").strip()
    return text if "@" in text and not _SPACE.search(text) else ""


def _status(reported: str, said: str) -> str:
    """Return the status code that the server's own words have, which says more; else the reported one."""
    own, theirs = status_in(reported), status_in(said)
    return theirs if theirs and (not is_specific(own) or own[0] == theirs[0]) else own
