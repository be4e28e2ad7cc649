"""
Decide why a message did not arrive: from the text of a report, its status codes and the command that was refused.

The phrases of reports come first (`phrases`); what none of them fits is judged as a server's reply, as during a send
(`model.replies`).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from digest.bounces.phrases import CIRCUMSTANCES, NO_SUCH_USER, PHRASES, REFUSED_ADDRESS, REFUSED_RECIPIENT
from digest.bounces.report import Reason
from digest.model.ports import Reply, Stage
from digest.model.replies import Cause, judge

TEXT = 4_000  #: characters of a text that are searched
SENTENCE = 300  #: characters of it that are kept

_OF_CAUSE = {
    Cause.HARD: Reason.NO_SUCH_USER,
    Cause.FULL: Reason.FULL,
    Cause.RATE: Reason.RATE,
    Cause.CONNECTION: Reason.RATE,
    Cause.BLOCKED: Reason.BLOCKED,
    Cause.AUTHENTICATION: Reason.AUTHENTICATION,
    Cause.POLICY: Reason.POLICY,
    Cause.OWN_RULES: Reason.OWN_RULES,
    Cause.OUR_BUG: Reason.MALFORMED,
}
#: What a name server says today may be wrong tomorrow.
_TEMPORARY = {Reason.NO_SUCH_HOST: Reason.NETWORK, Reason.NO_MAIL: Reason.NETWORK}
_OF_THE_MAILBOX = re.compile(r"[45]\.2\.\d")  #: RFC 3463 3.3: the mailbox is there
#: Status codes with one meaning, by what follows their class (RFC 3463 3.2, 3.5; RFC 7505).
_BY_STATUS = {
    "1.1": Reason.NO_SUCH_USER,
    "1.2": Reason.NO_SUCH_HOST,
    "1.3": Reason.NO_SUCH_USER,
    "1.6": Reason.MOVED,
    "1.10": Reason.NO_MAIL,
    "4.4": Reason.NO_SUCH_HOST,
}
_UNFIT = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_CODE = re.compile(r"(?<![\d.\[:-])([45]\d\d)(?=[\s:#-]|$)")
_STATUS = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
#: Words of Postfix, Exim, qmail, Sendmail's transcript, Gmail, Yahoo and DragonFly for the command that was refused.
_STAGES = (
    (
        re.compile(
            r"end of (?:data|message)|after i sent the message|after data\b|>>> (?:data|\.$|bdat)|\(state 1[578]\)|smtp command\s{1,9}data|for text command|(?:data command|body of message) generated response",
            re.IGNORECASE | re.MULTILINE,
        ),
        Stage.END,
    ),
    (
        re.compile(
            r"rcpt to command|(?:after|following) rcpt|(?:>>>|<<<) rcpt|our rcpt to|not like recipient|rejected recipient|smtp:rcpt|additional rcpt to|^(?!.*\b5\.7\.).*has rejected address"
            r"|mail delivery agent at (?:messagelabs|symantec)|\(state (?:8|14)\)|\[rcpt_to\]|address couldn't be found",
            re.IGNORECASE | re.DOTALL,
        ),
        Stage.RCPT,
    ),
    (re.compile(r"\bmail from\b|sender was rejected", re.IGNORECASE), Stage.MAIL),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """Statement of a text about a failure."""

    status: str  #: enhanced status code; empty if there is none
    code: str  #: of the SMTP reply; empty if there is none
    reason: Reason
    sentence: str


def said(text: str, *, status: str = "", code: str = "", stage: Stage | None = None) -> Said:
    """Judge a text; status, code and stage are looked up in it where they are not known from elsewhere."""
    text = text[:TEXT]
    status, code, stage = status or status_in(text), code or code_in(text), stage or stage_in(text)
    return Said(status=status, code=code, reason=_reason(text, status, code, stage), sentence=line(text))


def code_in(text: str) -> str:
    """Return the SMTP reply code in a text; empty if there is none."""
    match = _CODE.search(text)
    return match[1] if match else ""


def status_in(text: str) -> str:
    """Return the enhanced status code in a text; empty if there is none."""
    match = _STATUS.search(text)
    return match[1] if match else ""


def stage_in(text: str) -> Stage | None:
    """Return which command was refused; None where a text does not say it."""
    return next((stage for pattern, stage in _STAGES if pattern.search(text[:TEXT])), None)


def is_specific(status: str) -> bool:
    """Return whether a status code says more than that it failed."""
    return bool(status) and not status.endswith(".0.0")


def line(text: str) -> str:
    """Return a text on one line, as far as it is kept, without characters that a database or a terminal refuses."""
    return " ".join(_UNFIT.sub(" ", text[: SENTENCE * 4]).split())[:SENTENCE]


def _reason(text: str, status: str, code: str, stage: Stage | None) -> Reason:
    found = _first(PHRASES, text) or _of_the_address(text, status, code, stage) or _first(CIRCUMSTANCES, text)
    if found is None:
        number = int(code) if code else 450 if status.startswith("4") else 550
        found = _OF_CAUSE.get(judge(stage or Stage.END, Reply(code=number, enhanced=status, text=text)).cause, Reason.OTHER)
    return _TEMPORARY.get(found, found) if status.startswith("4") else found


def _first(phrases: Iterable[tuple[Reason, re.Pattern[str]]], text: str) -> Reason | None:
    return next((reason for reason, pattern in phrases if pattern.search(text)), None)


def _of_the_address(text: str, status: str, code: str, stage: Stage | None) -> Reason | None:
    """Return the reason where a text or a status code says that the address does not exist, or that it does."""
    says_unknown = NO_SUCH_USER.search(text) is not None
    if _OF_THE_MAILBOX.match(status) and not (says_unknown and stage is Stage.RCPT):
        return Reason.DISABLED if status.endswith("2.1") else Reason.OWN_RULES
    if _is_refused(text, status, code, stage):
        return Reason.NO_SUCH_USER
    if status[2:] in _BY_STATUS:
        return _BY_STATUS[status[2:]]
    if says_unknown:
        # After the content, filters too refuse in these words: a bare reply code is no proof unless RCPT got it.
        is_proof = stage is Stage.RCPT or (is_specific(status) and status[2] != "7") or (stage is None and not code)
        return Reason.NO_SUCH_USER if is_proof else Reason.OWN_RULES
    return None


def _is_refused(text: str, status: str, code: str, stage: Stage | None) -> bool:
    """Return whether the recipient was refused for good, in words that servers use where they have no such address."""
    if stage not in (Stage.RCPT, None) or not (status or stage is Stage.RCPT) or (status or code).startswith("4"):
        return False
    of_policy = status[2:4] == "7."
    return REFUSED_ADDRESS.search(text) is not None or (not of_policy and REFUSED_RECIPIENT.search(text) is not None)
