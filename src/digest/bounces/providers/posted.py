"""
Posted: a body that a provider posts, the checks that all providers share, and the events that are read from it.

An event is a report, as a mail that came back is one, or a reader's wish to leave.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from digest.bounces.reasons import line, said
from digest.bounces.report import VERDICTS, Kind, Reason, Recipient, Report, Verdict
from digest.errors import BadInput, Forbidden

MOST = 2_000  #: events of one body that are read
MAX_AGE = timedelta(days=1)  #: of what is posted, by its signed time; providers try again for some hours
SKEW = timedelta(minutes=5)  #: between the clocks of two machines
#: Reasons that a text leaves open, so that a provider's own classification counts.
_OPEN = (Reason.OTHER, Reason.OWN_RULES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """A request to a webhook."""

    headers: Mapping[str, str]  #: names in lower case
    body: bytes

    def header(self, name: str) -> str:
        """Return a header field; empty if there is none."""
        return self.headers.get(name, "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Statement of a provider about one message."""

    key: str  #: the provider's own number of it, the same when it is posted again
    report: Report
    leaves: bool = False  #: the reader unsubscribed at the provider
    original: Mapping[str, Any]  #: as it was posted


def forged(why: str) -> Forbidden:
    """Make the error for a body that the provider did not post."""
    return Forbidden(f"the request is not the provider's: {why}", code="unsigned")


def parsed(body: bytes) -> Any:
    """Parse JSON. Raises BadInput."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as problem:
        raise BadInput("the body is no JSON", code="no_json") from problem


def objects(value: object) -> Sequence[Mapping[str, Any]]:
    """Return the objects of a list of events, or the one event; what is no object is left out."""
    listed = value if isinstance(value, list) else [value]
    return [entry for entry in listed[:MOST] if isinstance(entry, dict)]


def inner(value: Mapping[str, Any], *names: str) -> Mapping[str, Any]:
    """Return an object within another; empty where there is none."""
    for name in names:
        found = value.get(name)
        value = found if isinstance(found, dict) else {}
    return value


def text(value: Mapping[str, Any], name: str) -> str:
    """Return a text or a number of an object as text, on one line; empty where there is none."""
    found = value.get(name)
    return line(str(found)) if isinstance(found, str | int | float) and not isinstance(found, bool) else ""


def check_age(seconds: str, *, now: datetime, most: timedelta = MAX_AGE) -> None:
    """Check the time at which something was signed, in seconds since 1970. Raises Forbidden."""
    if not (seconds.isascii() and seconds.isdecimal() and len(seconds) < 12):
        raise forged("its time cannot be read")
    age = now.timestamp() - int(seconds)
    if not -SKEW.total_seconds() <= age <= most.total_seconds():
        raise forged(f"its time is {int(age)} seconds ago")


def check_secret(posted: Posted, secret: str) -> None:
    """Check that a request has the secret as a bearer token (RFC 6750) or as the password of basic authentication (RFC 7617). Raises Forbidden."""
    scheme, _, given = posted.header("authorization").partition(" ")
    if scheme.lower() == "basic":
        try:
            given = base64.b64decode(given.strip(), validate=True).decode().partition(":")[2]
        except ValueError:
            given = ""
    elif scheme.lower() != "bearer":
        given = ""
    if not hmac.compare_digest(given.strip().encode(), secret.encode()):
        raise forged("the secret is not the one that is set")


def key_of(*parts: object) -> str:
    """Return a number for an event that its provider gives none."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()


def failed(
    address: str, why: str, *, status: str = "", code: str = "", hard: bool | None = None, open_is: Reason | None = None
) -> Recipient:
    """
    Return a recipient whose message was refused.

    `why`: what the server wrote. `hard`: the provider calls it permanent and the address's fault, or not; None: it does not
    say. `open_is`: its reason, where the text leaves it open.
    """
    told = said(why, status=status, code=code)
    reason = told.reason
    if reason in _OPEN:
        reason = Reason.NO_SUCH_USER if hard else open_is or reason
    elif hard is False and VERDICTS.get(reason) is Verdict.HARD:
        reason = Reason.OTHER
    return Recipient(address=address, status=told.status, reply=told.code, action="failed", reason=reason, sentence=told.sentence)


def delayed(address: str, why: str, *, status: str = "", code: str = "") -> Recipient:
    """Return a recipient whose message still waits."""
    told = said(why, status=status, code=code)
    return Recipient(
        address=address, status=told.status, reply=told.code, action="delayed", reason=told.reason, sentence=told.sentence
    )


def bounce(recipient: Recipient, *, message_ids: Sequence[str] = (), marks: Sequence[str] = ()) -> Report:
    """Return the report on one recipient."""
    return Report(kind=Kind.BOUNCE, recipients=[recipient], message_ids=message_ids, marks=marks)


def complaint(address: str, why: str, *, message_ids: Sequence[str] = (), marks: Sequence[str] = ()) -> Report:
    """Return the report on a reader who called a message spam."""
    recipient = Recipient(address=address, reason=Reason.SPAM, sentence=line(why))
    return Report(kind=Kind.COMPLAINT, recipients=[recipient], message_ids=message_ids, marks=marks)


def leaving(address: str, *, message_ids: Sequence[str] = (), marks: Sequence[str] = ()) -> Report:
    """Return the report on a reader who unsubscribed."""
    recipient = Recipient(address=address, reason=Reason.LEFT, sentence="unsubscribed at the mail provider")
    return Report(kind=Kind.COMPLAINT, recipients=[recipient], message_ids=message_ids, marks=marks)


def message_id(value: str) -> Sequence[str]:
    """Return a Message-ID with its angle brackets; none where there is none."""
    return [f"<{value.strip().strip('<>')}>"] if value.strip() else []
