"""
Classification of a server's reply: one pure function from stage and reply to a verdict.

Order: enhanced codes that mean one thing, then phrases, then general enhanced codes, then the
basic code. The stage matters: replies to the connection and to MAIL concern the sender, those to RCPT the reader. Sources of the
phrases: the providers' postmaster pages, KumoMTA's community rules and sisimai (docs/standards.md).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from digest.model.ports import Reply, Stage


class Outcome(StrEnum):
    """Outcome for the delivery."""

    SENT = "sent"  #: the next hop took it
    DEFERRED = "deferred"  #: not now; tried again
    BOUNCED = "bounced"  #: refused for good
    QUEUED = "queued"  #: not this reader's fault: back to the queue, the issue is held
    UNSURE = "unsure"  #: its content was ended, nothing was answered (RFC 1047)


class Cause(StrEnum):
    """Cause of a refusal, in the terms of the relays' own pages."""

    ACCEPTED = "accepted"
    HARD = "hard"  #: there is no such reader: never mail the address again
    FULL = "full"  #: the mailbox is full
    GREYLIST = "greylist"  #: come again in some minutes
    RATE = "rate"  #: too fast
    CONNECTION = "connection"  #: this connection has had enough messages, or there are too many connections
    BLOCKED = "blocked"  #: we are refused, whoever the reader is
    AUTHENTICATION = "authentication"  #: our log-in, SPF, DKIM, DMARC, TLS or PTR is wrong
    POLICY = "policy"  #: the content is not wanted
    OWN_RULES = "own rules"  #: the reader's own rules refuse it
    OUR_BUG = "our bug"  #: we spoke wrongly
    SILENCE = "silence"  #: no reply
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Soft:
    """Number of soft refusals that an address may get."""

    times: int  #: in so many issues
    within: timedelta
    over: timedelta = timedelta(0)  #: and the first of them at least so long ago


_STUBBORN = Soft(times=3, within=timedelta(days=90), over=timedelta(days=7))
#: An address that is refused more often for one of these is never mailed again.
SOFT: Mapping[Cause, Soft] = {
    Cause.FULL: Soft(times=5, within=timedelta(days=30)),
    Cause.OWN_RULES: _STUBBORN,
    Cause.OTHER: _STUBBORN,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Verdict of a reply on the delivery it was given to."""

    outcome: Outcome
    cause: Cause

    code: int = 0  #: of the reply; 0 = there was none

    @property
    def blames_us(self) -> bool:
        """True if the reply refuses the sender or the relay permanently: a person must correct the cause."""
        ours = self.cause is Cause.AUTHENTICATION or (self.code >= 500 and self.cause is not Cause.CONNECTION)
        return self.outcome is Outcome.QUEUED and self.cause is not Cause.SILENCE and ours

    @property
    def scores(self) -> Soft | None:
        """Kind of soft refusal that counts against the address; None where none does."""
        refused = self.outcome is Outcome.BOUNCED or (self.cause is Cause.FULL and self.outcome is Outcome.DEFERRED)
        return SOFT.get(self.cause) if refused and not self.suppresses and self.code else None

    @property
    def suppresses(self) -> bool:
        """True if the address must never be mailed again: only for a reply to RCPT that rejects the address itself."""
        return self.cause is Cause.HARD and self.outcome is Outcome.BOUNCED


def _words(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns), re.IGNORECASE)


#: What speaks of us wherever it is said: relays delay their refusal of sender and client to RCPT (Postfix's
#: `smtpd_delay_reject`, the default), so that stage alone does not tell whom a reply blames.
_OF_US = _words(
    r"relay(?:ing)?(?: access)? (?:denied|not (?:permitted|allowed))|not permitted to relay|unable to relay|relay access",
    r"(?:sender address|client host|helo command|sender domain|sender) (?:was )?rejected|sender (?:domain|address)|\b5\.1\.[78]\b",
)
#: Enhanced codes with one meaning, whatever the text around them says.
_NO_SUCH_READER = re.compile(r"5\.1\.(?:[1236]|10)$")
_DECISIVE: tuple[tuple[Cause, re.Pattern[str]], ...] = (
    # Exchange: the mailbox or group takes no mail from outside, or not from this sender.
    (Cause.OWN_RULES, re.compile(r"5\.7\.(?:1[78]|12[49]|13[3-6]|50[47]|513)$")),
    (Cause.AUTHENTICATION, re.compile(r"[45]\.7\.(?:2[3-79]|3[02]|40|509|515)$")),
    (Cause.BLOCKED, re.compile(r"5\.7\.(?:28|511|60[6-9]|6[1-4]\d)$")),
    (Cause.RATE, re.compile(r"4\.7\.(?:28|65[01]|8[5-9]\d)$|5\.7\.508$")),
)
#: Codes that speak of the reader's mailbox (RFC 3463 3.3): it may be full or switched off, but that is never our fault.
_MAILBOX = re.compile(r"5\.2\.[1-4]$")
#: What is said of a connection, not of the pace at which messages come.
_CONNECTION = re.compile(
    r"(?=.*\b(?:connections?|sessions?)\b)(?=.*\b(?:too (?:many|much)|max\w*|limit\w*|exceed\w*|concurrent|simultaneous)\b)"
    r"(?!.*(?:\brate|frequen|\bslow|per (?:second|minute|hour|day)|throttl|unusual|gr[ea]ylist))"
    r"|^4\d\d 4\.5\.3 too many recipients",
    re.IGNORECASE | re.DOTALL,
)
_MESSAGES = _words(r"\b(?:messages?|e?-?mails?|transactions?|deliver(?:y|ies)|submissions?)\b")
_REFUSES_US = _words(
    r"very low reputation",
    r"\bS3140\b|\bS3150\b",
    r"\b5\.7\.(?:28|511)\b|\b5\.7\.6(?:0[6-9]|[1-4]\d)\b",
    r"\[BL2[13]\]|TSS09|TSS11|\b(?:BL|ES|IPBL)\d{3,}\b|\b(?:OFR|LPN\d*)_102\b|\bIP=\S+.*(?:\bBL\b|NOWL|DIAL)",
    r"block[ -]?(?:ed|list|ing)|blacklist|denylist|listed (?:by|at)|is listed in",
    r"spamhaus|spamcop|barracudacentral|cloudmark|proofpoint.*(?:pdr|block)",
    r"poor reputation|ip reputation|not accepting (?:mail|messages) from",
)
#: First that fits wins.
_PHRASES: tuple[tuple[Cause, re.Pattern[str]], ...] = (
    (
        Cause.OWN_RULES,
        _words(
            r"\b5\.7\.(?:13[3-6]|513|507|504)\b|denied by recipient|recipient.*(?:reject|block)s? (?:mail|messages)",
            r"recipient(?:'s)?(?: domain)? polic|(?:personal|private|user|recipient|customer|mailbox)(?:'s)?(?: own)?[ -](?:block|black|deny)[ -]?list",
            r"(?:blocked|rejected|refused|denied) by (?:the |this |its |their )?(?:recipient|user|mailbox owner|addressee|account holder)\b(?!')",
            r"(?:recipient|user|mailbox|addressee|account) (?:has|is) (?:blocked|blocking|not accepting|refus)",
            r"delivery restriction|SenderNotAuthenticatedFor|RestrictedToRecipients",
        ),
    ),
    (
        Cause.AUTHENTICATION,
        _words(
            r"\b[45]\.7\.(?:2[3-79]|3[02]|40|509|515)\b",
            r"\b550 5\.7\.9\b|\bHME1\b|\b501 5\.0\.2\b",
            r"\bspf\b.*\b(?:fail|check|pass)",
            r"\bdkim\b.*\b(?:fail|check|pass|sign)",
            r"\bdmarc\b.*\b(?:fail|policy|reject|pass|align)",
            r"authentication (?:required|failed|unsuccessful|credentials)",
            r"must issue a starttls",
        ),
    ),
    (Cause.RATE, _words(r"temporarily rate limited")),  # "due to IP reputation", which elsewhere is a block
    (Cause.BLOCKED, _REFUSES_US),
    (
        Cause.RATE,
        _words(
            r"\b4\.7\.28\b|unusual rate|rate limit|too (?:many|fast)|throttl|TS0[1-3]\b|TSS0[45]|max message per connection|S775|S3114",
            r"\b4\.7\.6(?:50|51)\b|\b4\.7\.8[5-9]\d\b|\b5\.7\.508\b|server busy|excessive volume|frequency limited|temporarily deferred",
            r"\b4\.2\.1\b|\bHCM1\b|\bBS02\b|\b(?:OFR|LPN\d*)_104\b|\b450 .*policy violations?\b",
        ),
    ),
    (Cause.HARD, _words(r"out of storage space and inactive|OverQuotaPerm")),
    (
        Cause.FULL,
        _words(r"over ?quota|quota exceeded|mailbox (?:is )?full|exceeded storage|\b[45]\.2\.2\b|insufficient storage for"),
    ),
    (Cause.GREYLIST, _words(r"gr[ea]ylist|try again later|internal resources are temporarily unavailable")),
    (
        Cause.HARD,
        _words(
            r"user unknown|unknown user|no such (?:user|mailbox|recipient|address|person)|does(?: not|n't) exist|not exist|account (?:is )?(?:closed|disabled|inactive)",
            r"no longer valid|\b554\.30\b|mailbox (?:not found|does)|not our customer|inactive email address|recipient (?:address rejected: )?unknown|invalid (?:recipient|mailbox)",
        ),
    ),
    (
        Cause.POLICY,
        _words(
            r"spam|virus|content (?:rejected|policy)|policy (?:restriction|violation)|\b554 5\.7\.9\b|message (?:is )?too (?:big|large)|\[PH01\]|CS01"
        ),
    ),
)
_ENHANCED: tuple[tuple[Cause, re.Pattern[str]], ...] = (
    (Cause.HARD, re.compile(r"[45]\.1\.[1236]$|[45]\.1\.10$")),
    (Cause.FULL, re.compile(r"[45]\.2\.2$")),
    (Cause.GREYLIST, re.compile(r"4\.2\.0$")),
    (Cause.POLICY, re.compile(r"[45]\.3\.4$|[45]\.6\.\d+$|5\.7\.[01]$")),
    (Cause.OUR_BUG, re.compile(r"5\.5\.\d+$|5\.4\.6$|5\.7\.512$")),
)


_OF_A_MAILBOX = frozenset({Cause.HARD, Cause.FULL, Cause.OWN_RULES})
_ACCEPTED = Verdict(outcome=Outcome.SENT, cause=Cause.ACCEPTED)


def counts_messages(reply: Reply) -> bool:
    """Return whether a reply limits the messages of a connection (not the number of connections)."""
    text = str(reply)
    return _CONNECTION.search(text) is not None and _MESSAGES.search(text) is not None


def judge(stage: Stage, reply: Reply | None) -> Verdict:
    """Return the verdict on a delivery whose message got `reply` at `stage`; None: no reply at all."""
    if reply is None:
        outcome = Outcome.UNSURE if stage is Stage.END else Outcome.QUEUED
        return Verdict(outcome=outcome, cause=Cause.SILENCE)
    if 200 <= reply.code < 300 and stage is Stage.END:
        return _ACCEPTED
    if reply.enhanced == "5.6.7":  # the address needs SMTPUTF8 and the hop does not have it (RFC 6531 3.5)
        return Verdict(outcome=Outcome.BOUNCED, cause=Cause.OTHER)
    cause = _cause(stage, reply)
    return Verdict(outcome=_outcome(stage, reply, cause), cause=cause, code=reply.code)


def _cause(stage: Stage, reply: Reply) -> Cause:
    cause = _named_cause(stage, reply)
    if reply.code == 421 and stage is Stage.MAIL and cause in (Cause.OTHER, Cause.GREYLIST):
        return Cause.CONNECTION  # the relay closes it (RFC 5321 3.8), and nothing was said of a message
    return cause


def _named_cause(stage: Stage, reply: Reply) -> Cause:
    text = str(reply)
    permanent = reply.code >= 500
    if stage is Stage.RCPT and permanent and _NO_SUCH_READER.match(reply.enhanced) and not _OF_US.search(text):
        return Cause.HARD
    for cause, pattern in _DECISIVE:
        if pattern.match(reply.enhanced) and _possible(cause, stage, permanent=permanent):
            return cause
    if _OF_US.search(text):
        return Cause.BLOCKED
    if _CONNECTION.search(text) and not _REFUSES_US.search(text):
        return Cause.CONNECTION
    mailbox = stage in (Stage.RCPT, Stage.END) and _MAILBOX.match(reply.enhanced) is not None
    for cause, pattern in _PHRASES:
        if cause is Cause.HARD and reply.enhanced.split(".")[1:2] not in ([], ["0"], ["1"], ["2"]):
            continue  # "does not exist" in a text about policy is no word about the address
        if mailbox and cause not in _OF_A_MAILBOX:
            continue
        if pattern.search(text) and _possible(cause, stage, permanent=permanent):
            return cause
    if mailbox:
        return Cause.FULL if reply.enhanced == "5.2.2" else Cause.OWN_RULES
    for cause, pattern in _ENHANCED:
        if pattern.match(reply.enhanced) and _possible(cause, stage, permanent=permanent):
            return cause
    if reply.code == 556 and stage is Stage.RCPT:
        return Cause.HARD  # null MX, RFC 7504
    if reply.code in (530, 534, 535, 538):
        return Cause.AUTHENTICATION
    return Cause.OUR_BUG if 500 <= reply.code <= 504 else Cause.OTHER


def _possible(cause: Cause, stage: Stage, *, permanent: bool) -> bool:
    """Return whether a cause is possible at this stage and code: RCPT alone concerns a reader, a 5xx is hard, a 4xx greylists."""
    if cause is Cause.HARD:
        return stage is Stage.RCPT and permanent
    if cause in (Cause.FULL, Cause.OWN_RULES):
        return stage in (Stage.RCPT, Stage.END)
    if cause is Cause.POLICY:
        return stage in (Stage.CONTENT, Stage.END)  # before there is content, nobody can dislike it
    return not (cause is Cause.GREYLIST and permanent)


def _outcome(stage: Stage, reply: Reply, cause: Cause) -> Outcome:
    if reply.code == 421 and stage in (Stage.CONNECT, Stage.MAIL):
        return Outcome.QUEUED  # the relay closes the connection; nothing was said of this message
    if cause is Cause.CONNECTION:
        return Outcome.QUEUED if stage in (Stage.CONNECT, Stage.MAIL) else Outcome.DEFERRED
    if stage in (Stage.CONNECT, Stage.MAIL) or cause in (Cause.BLOCKED, Cause.AUTHENTICATION, Cause.OUR_BUG):
        temporary = 400 <= reply.code < 500
        return (
            Outcome.DEFERRED if temporary and stage is not Stage.CONNECT and cause is not Cause.AUTHENTICATION else Outcome.QUEUED
        )
    if 400 <= reply.code < 500 or cause in (Cause.RATE, Cause.GREYLIST, Cause.POLICY):
        return Outcome.DEFERRED
    if reply.code >= 500 and stage is Stage.RCPT:
        return Outcome.BOUNCED
    return Outcome.BOUNCED if cause in (Cause.FULL, Cause.OWN_RULES) else Outcome.QUEUED
