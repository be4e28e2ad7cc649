"""
Rules of signing up: accepted names and addresses, signs of a robot, the part of an IP address that is stored, validity of codes.

Pure: settings, time and texts come in as arguments.
"""

import hashlib
import ipaddress
import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import Enum

from disposable_email_domains import blocklist

from digest.audience.fields import Unfit
from digest.languages import Language
from digest.model.signup import CODE_DIGITS, CODE_TRIES, RESEND_AFTER, Letter, SignUp
from digest.model.subscriber import MUTED, WANTED, Address, TopicChoice

NAME_MAX = 80  #: characters
FASTEST = timedelta(seconds=2)  #: in which a person fills in the form
SLOWEST = timedelta(days=1)  #: for which a form that was shown can be sent
#: Providers where so many people have their address that a limit by domain would shut visitors out.
CROWDED = frozenset(
    "gmail.com googlemail.com outlook.com hotmail.com live.com msn.com yahoo.com ymail.com aol.com icloud.com me.com mac.com"
    " gmx.de gmx.net gmx.at web.de t-online.de orange.fr free.fr laposte.net proton.me protonmail.com mail.ru yandex.ru"
    " qq.com 163.com 126.com naver.com daum.net docomo.ne.jp ezweb.ne.jp softbank.ne.jp yahoo.co.jp".split()
)
_LINK = re.compile(r"://|www\.|@|[^\W\d_]{2}\.[^\W\d_]{2}", re.IGNORECASE)
_MARKUP = re.compile(r"[<>{}\[\]|\\/]")
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")


def name(text: str) -> str:
    """
    Return a typed name with its spaces collapsed.

    Raises:
        Unfit: it has a link, markup or invisible characters, or is too long to be a name.
    """
    plain = " ".join(text.strip(" ").split(" "))
    shown = plain[:NAME_MAX].encode("unicode_escape").decode("ascii")
    if _UNSEEN.search(plain):
        raise Unfit("name", shown, "holds a line break or an invisible character")
    if _LINK.search(plain) or _MARKUP.search(plain):
        raise Unfit("name", shown, "carries a link or markup")
    if len(plain) > NAME_MAX:
        raise Unfit("name", shown, f"is longer than {NAME_MAX} characters")
    return plain


def is_disposable(address: Address) -> bool:
    """True if the address belongs to a provider of disposable mailboxes."""
    labels = address.key.rpartition("@")[2].split(".")
    return any(".".join(labels[n:]) in blocklist for n in range(len(labels) - 1))


def is_too_fast(shown_at: datetime, now: datetime) -> bool:
    """True if a form was submitted faster than a person fills it in."""
    return now - shown_at < FASTEST


def is_too_old(shown_at: datetime, now: datetime) -> bool:
    """True if a form was shown too long ago to be accepted."""
    return now - shown_at > SLOWEST


def network(ip: str) -> str:
    """Return the key that limits count by: an IPv4 address, the /64 of an IPv6 address; empty if the address is unknown."""
    return _cut(ip, v4=32, v6=64)


def kept(ip: str, policy: str) -> str:
    """Return the part of an IP address to store as evidence: the address (`full`), its /24 or /48 (`truncated`), nothing (`none`)."""
    if policy == "full":
        return _cut(ip, v4=32, v6=128)
    return _cut(ip, v4=24, v6=48) if policy == "truncated" else ""


def _cut(ip: str, *, v4: int, v6: int) -> str:
    try:
        found = ipaddress.ip_address(ip.partition("%")[0])
    except ValueError:
        return ""
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped:
        found = found.ipv4_mapped
    bits = v4 if found.version == 4 else v6
    cut = ipaddress.ip_network(f"{found}/{bits}", strict=False)
    return str(found) if bits == found.max_prefixlen else str(cut)


# --- codes -----------------------------------------------------------------------------------


class Verdict(Enum):
    """Result of checking a typed code."""

    RIGHT = "right"
    WRONG = "wrong"
    EXPIRED = "expired"  #: it is older than 15 minutes, or none was mailed
    LOCKED = "locked"  #: five were wrong
    USED = "used"  #: it is the right one, and the sign-up is confirmed already


def judge(row: SignUp, *, matches: bool, now: datetime) -> Verdict:
    """
    Judge a typed code; `matches`: its hash is the stored one.

    Anybody who types an address sees its waiting page. Without the right code it must not reveal whether the sign-up was confirmed.
    """
    if row.confirmed_at is not None and matches:
        return Verdict.USED
    return judge_code(row.code_until, row.wrong_codes, matches=matches, now=now)


def judge_code(until: datetime | None, wrong_codes: int, *, matches: bool, now: datetime) -> Verdict:
    """Judge a typed code by its age and by how many were wrong before."""
    if until is None or until <= now:
        return Verdict.EXPIRED
    if wrong_codes >= CODE_TRIES:
        return Verdict.LOCKED
    return Verdict.RIGHT if matches else Verdict.WRONG


def typed_code(text: str) -> str:
    """Extract the digits of a code as people type it: with spaces or a hyphen, in any script's digits; empty if it is no code."""
    digits = "".join(part for part in text if not part.isspace() and part != "-")
    if len(digits) != CODE_DIGITS or not digits.isdecimal():
        return ""
    return "".join(str(int(digit)) for digit in digits)


def may_mail_again(row: SignUp, now: datetime) -> bool:
    """True if a new code may be mailed: no mail is pending, and the last one is at least RESEND_AFTER old."""
    return row.letter in (None, Letter.WELCOME) and (row.mailed_at is None or now - row.mailed_at >= RESEND_AFTER)


# --- consent ---------------------------------------------------------------------------------


def asking_text(language: Language, title: str) -> str:
    """Return the consent text above the form's button."""
    return language.gettext("Mail me %(title)s until I unsubscribe. One click in every mail ends it.") % {"title": title}


def confirming_text(language: Language, title: str) -> str:
    """Return the consent text above the button of the confirmation pages."""
    return language.gettext("With this button you agree that %(title)s is mailed to you until you unsubscribe.") % {
        "title": title
    }


def topic_lines(language: Language, topics: Sequence[str], choice: TopicChoice) -> Sequence[str]:
    """Return the topics of a form with the word that stands beside what was chosen, a line each."""
    _ = language.gettext
    words = {WANTED: _("Wanted"), MUTED: _("None"), "": _("As usual")}
    return [f"{topic}: {words[choice.wish(topic)]}" for topic in topics]


def version(text: str) -> str:
    """Return a short hash that identifies one wording."""
    return hashlib.sha256(text.encode()).hexdigest()[:12]
