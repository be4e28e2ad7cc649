"""Report: what a mail that came back says, one recipient at a time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """Kind of a mail that arrived at the bounce address."""

    BOUNCE = "bounce"  #: it says of recipients that a message did not reach them, or not yet
    COMPLAINT = "complaint"  #: a mailbox provider says that a reader called a message spam
    AUTO_REPLY = "auto_reply"  #: a program answered, and no human and no mail server
    NONE = "none"  #: anything else


class Verdict(StrEnum):
    """Meaning of a report for one recipient."""

    HARD = "hard"  #: there is no such recipient
    SOFT = "soft"  #: this message did not reach the recipient; another one may
    BLOCKED = "blocked"  #: the sender or the message was refused, whoever the recipient is
    COMPLAINT = "complaint"  #: the recipient does not want it
    DELAYED = "delayed"  #: the message still waits
    NONE = "none"  #: nothing is wrong: it was delivered or passed on


class Reason(StrEnum):
    """Reason that a report gives."""

    NO_SUCH_USER = "no such user"
    NO_SUCH_HOST = "no such host"  #: the domain does not exist
    NO_MAIL = "no mail accepted"  #: the domain takes no mail at all (RFC 7505)
    MOVED = "moved"  #: to an address that nobody forwards to
    FULL = "mailbox full"
    DISABLED = "disabled"  #: the mailbox exists and is switched off
    OWN_RULES = "own rules"  #: of the recipient or their domain
    TOO_BIG = "too big"
    EXPIRED = "expired"  #: it was tried too long
    NETWORK = "network"  #: the recipient's host was not reached, or mail loops
    SYSTEM = "system"  #: the recipient's host does not work
    RATE = "rate"  #: too many messages or connections
    BLOCKED = "blocked"  #: the sending address, host or domain has a bad name
    AUTHENTICATION = "authentication"  #: SPF, DKIM, DMARC, reverse DNS or the log-in failed
    POLICY = "policy"  #: the content was refused
    MALFORMED = "malformed"  #: the message or the dialogue breaks a standard
    SPAM = "spam"  #: a reader pressed "this is spam"
    LEFT = "unsubscribe"  #: a reader pressed "unsubscribe" in a mail program that writes a mail for it
    DELIVERED = "delivered"
    OTHER = "other"


VERDICTS: Mapping[Reason, Verdict] = {
    **dict.fromkeys((Reason.NO_SUCH_USER, Reason.NO_SUCH_HOST, Reason.NO_MAIL, Reason.MOVED), Verdict.HARD),
    **dict.fromkeys(
        (Reason.RATE, Reason.BLOCKED, Reason.AUTHENTICATION, Reason.POLICY, Reason.MALFORMED),
        Verdict.BLOCKED,
    ),
    Reason.SPAM: Verdict.COMPLAINT,
    Reason.LEFT: Verdict.COMPLAINT,
    Reason.DELIVERED: Verdict.NONE,
}  #: the others are soft


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """A recipient that a report names."""

    address: str
    original: str = ""  #: the address that the message was sent to, where the report tells it from the final one
    status: str = ""  #: enhanced status code (RFC 3463)
    reply: str = ""  #: three-digit code of the SMTP reply
    action: str = ""  #: as RFC 3464 names them: failed, delayed, delivered, relayed, expanded
    reason: Reason = Reason.OTHER
    sentence: str = ""  #: what of the mail says so

    @property
    def verdict(self) -> Verdict:
        """Meaning of the report for this recipient."""
        if self.action in ("delivered", "relayed", "expanded"):
            return Verdict.NONE
        return Verdict.DELAYED if self.action == "delayed" else VERDICTS.get(self.reason, Verdict.SOFT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A mail that came back, as far as it can be understood."""

    kind: Kind
    recipients: Sequence[Recipient] = ()
    sender: str = ""  #: address that the mail is from, of a person or a program
    is_personal: bool = False  #: nothing shows that a program wrote it, so that it may be passed on (RFC 3834 2)
    sent_to: Sequence[str] = ()  #: addresses that the mail itself was sent to; one may be a signed address of ours
    message_ids: Sequence[str] = ()  #: of the message that is sent back or was answered
    marks: Sequence[str] = ()  #: texts in which addresses and links of ours may stand: header fields of that message, and reports
