"""Read complaints: feedback reports (RFC 5965), and what the mailbox providers send that is none."""

import re
from collections.abc import Sequence

from digest.bounces import fields
from digest.bounces.mime import Mail, Part, split
from digest.bounces.reasons import line
from digest.bounces.report import Kind, Reason, Recipient, Report

_ADDRESS = re.compile(r"(?<![^\s<>,;:\"()])[^\s<>,;:\"()@]{1,200}@[^\s<>,;:\"()@]{1,200}")
_FEEDBACK = re.compile(r"^feedback-type[ \t]*:", re.IGNORECASE | re.MULTILINE)  # providers name the part's type wrongly, too
#: Types of feedback that say something else than "I do not want this" (RFC 5965 7.3, RFC 6591, RFC 6430).
_OTHER_TYPES = {"auth-failure": Reason.AUTHENTICATION, "virus": Reason.POLICY, "not-spam": Reason.DELIVERED}


def complaint(mail: Mail, returned: Sequence[Part]) -> Report | None:
    """Read a complaint; None if the mail is none. Recipients that the provider has hidden are missing."""
    report = next(
        (part.text for part in mail.parts if part.kind == "message/feedback-report" or _FEEDBACK.search(part.text)), None
    )
    heads = [split(part.body)[0] for part in returned]
    if "x-apple-unsubscribe" in mail.fields:
        who = addressees(mail.fields.get("from", ()))[:1]
        return Report(
            kind=Kind.COMPLAINT,
            recipients=[Recipient(address=a, reason=Reason.LEFT, sentence="X-Apple-Unsubscribe") for a in who],
        )
    if report is None:
        hotmail = [address for head in heads for address in head.get("x-hmxmroriginalrecipient", ())]
        return _of("abuse", hotmail) if hotmail else None
    group = {name: value for found in fields.groups(report) for name, value in found.items()}
    named = addressees([group.get("original-rcpt-to", "")])
    return _of(group.get("feedback-type", "abuse").lower(), named or addressees(heads[0].get("to", ()) if heads else ()))


def addressees(values: Sequence[str]) -> Sequence[str]:
    """Return the addresses in fields such as To, in their order, each once."""
    return list(dict.fromkeys(address for value in values for address in _ADDRESS.findall(value)))


def _of(kind: str, named: Sequence[str]) -> Report:
    reason = _OTHER_TYPES.get(kind, Reason.SPAM)
    return Report(
        kind=Kind.COMPLAINT,
        recipients=[Recipient(address=a, reason=reason, sentence=line(f"Feedback-Type: {kind}")) for a in named],
    )
