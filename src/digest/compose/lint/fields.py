"""Rules of the header: fields, addresses, encoded words, the list."""

import re
from collections.abc import Iterator
from datetime import datetime
from email.utils import getaddresses
from urllib.parse import unquote

from digest.compose.lint.reading import Field, Mail, decoded
from digest.model.finding import Expected, Finding, error, warning

ONCE = ("Date", "From", "To", "Subject", "Message-ID")
AT_MOST_ONCE = ("Sender", "Reply-To", "In-Reply-To", "References", "MIME-Version")
STRUCTURED = ("date", "message-id", "mime-version", "content-type", "content-transfer-encoding", "auto-submitted", "feedback-id")
FREEMAIL = frozenset(
    [
        "gmail.com",
        "googlemail.com",
        "yahoo.com",
        "outlook.com",
        "hotmail.com",
        "live.com",
        "aol.com",
        "icloud.com",
        "me.com",
        "gmx.de",
        "gmx.net",
        "web.de",
        "t-online.de",
        "qq.com",
        "163.com",
        "mail.ru",
        "yandex.ru",
        "proton.me",
    ]
)
#: A mailbox provider's own relay may send from its users' addresses.
PROVIDERS = (
    ".gmail.com",
    ".googlemail.com",
    ".outlook.com",
    ".office365.com",
    ".live.com",
    ".mail.me.com",
    ".yahoo.com",
    ".aol.com",
    ".gmx.net",
    ".gmx.com",
    ".web.de",
    ".t-online.de",
    ".qq.com",
    ".163.com",
    ".mail.ru",
    ".yandex.ru",
    ".yandex.com",
    ".protonmail.ch",
)
_WORD = re.compile(r"=\?[^?\s]*\?[^?\s]*\?[^?\s]*\?=")
_DATE = re.compile(
    r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), (\d{1,2} (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} \d{2}:\d{2}:\d{2}) [+-]\d{4}"
)
_ADDRESS = re.compile(r"(?:[^\s@<>\"(),:;\[\]\\]+|\"[^\s@<>\"(),:;\[\]\\]+\")@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*")
_BIDI = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def check(mail: Mail, expected: Expected) -> Iterator[Finding]:
    """Run all rules of the header."""
    yield from _form(mail)
    yield from _once(mail)
    yield from _identity(mail, expected)
    for field in mail.fields:
        yield from _encoded_words(field)
    yield from _subject(mail)
    yield from (_no_list(mail) if expected.system else _list(mail, expected))


def _form(mail: Mail) -> Iterator[Finding]:
    if not mail.head.isascii() and not re.search(rb"^(?:To|From):.*[\x80-\xff]", mail.head, re.MULTILINE):
        yield error("header-ascii", "the header holds octets beyond ASCII", "RFC 5322 2.2")
    if re.search(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", mail.head):
        yield error("header-controls", "the header holds a control character", "RFC 5322 2.2")
    if any(mail.stray):
        yield error("header-form", f"a line of the header is no field: {next(filter(None, mail.stray))[:60]!r}", "RFC 5322 2.2")
    for field in mail.fields:
        if any(not line.strip() for line in field.lines[1:]):
            yield error("folding", "a folded line is only white space", "RFC 5322 3.2.2", where=field.name)
        if any(len(line) > 78 and b" " in line.removeprefix(field.name.encode() + b":").strip() for line in field.lines):
            yield warning(
                "header-line-length", "a line has more than 78 octets and could be folded", "RFC 5322 2.1.1", where=field.name
            )


def _once(mail: Mail) -> Iterator[Finding]:
    for name in ONCE:
        if (count := len(mail.values(name))) != 1:
            yield error("fields", f"{name} occurs {count} times, not once", "RFC 5322 3.6", where=name)
    for name in AT_MOST_ONCE:
        if len(mail.values(name)) > 1:
            yield error("fields", f"{name} occurs more than once", "RFC 5322 3.6", where=name)
    for name in ("Cc", "Bcc"):
        if mail.values(name):
            yield error("one-reader", f"{name} shows readers to each other", "GDPR art. 5(1)(f)", where=name)
    for name in ("Received", "Return-Path", "Authentication-Results"):
        if mail.values(name):
            yield warning("trace", f"{name} is for servers to write", "RFC 5321 4.4", where=name)
    for name in ("In-Reply-To", "References"):
        if mail.values(name):
            yield warning("thread", f"{name} fakes a thread", "Gmail sender guidelines", where=name)
    for name in (
        "Disposition-Notification-To",
        "X-Priority",
        "Importance",
        "X-Mailer",
        "X-Originating-IP",
        "X-PHP-Originating-Script",
    ):
        if mail.values(name):
            yield warning("telltale", f"{name} does not belong in a newsletter", "house", where=name)
    if not any(field.key.startswith("x-digest-") for field in mail.fields):
        yield warning("bounce-id", "no X-Digest-… field tells which delivery a bounce belongs to", "RFC 3464 3")
    if mail.value("Auto-Submitted") != "auto-generated":
        yield error(
            "auto-submitted",
            "Auto-Submitted is not `auto-generated`: out-of-office answers come back",
            "RFC 3834 5",
            where="Auto-Submitted",
        )
    if mail.values("Precedence") and mail.value("Precedence").lower() not in ("bulk", "list"):
        yield warning("precedence", "Precedence is neither bulk nor list", "RFC 3834 3.1.8", where="Precedence")


def _identity(mail: Mail, expected: Expected) -> Iterator[Finding]:
    if not _is_date(mail.value("Date")):
        yield error("date", f"Date cannot be read: {mail.value('Date')[:60]!r}", "RFC 5322 3.3", where="Date")
    for name in ("From", "To", "Reply-To", "Sender"):
        for value in mail.values(name)[:1]:
            yield from _mailbox(name, value)
    sender = _address(mail.value("From"))
    host = sender.rpartition("@")[2].lower()
    yield from _host(host, expected)
    reply = _address(mail.value("Reply-To")) or sender
    if re.match(r"no-?reply|do-?not-?reply", reply, re.IGNORECASE):
        yield warning("noreply", f"answers go to {reply.partition('@')[0]}@…, which nobody reads", "EMAIL 40", where="From")
    yield from _message_id(mail.value("Message-ID"), host, expected)


def _is_date(value: str) -> bool:
    """True if a value is a date of RFC 5322 3.3 with the right weekday."""
    found = _DATE.fullmatch(value)
    try:
        return found is not None and datetime.strptime(found[2], "%d %b %Y %H:%M:%S").strftime("%a") == found[1]  # noqa: DTZ007
    except ValueError:  # such as 31 February
        return False


def _address(value: str) -> str:
    """Return the address of a field that holds exactly one; empty if it does not."""
    found = getaddresses([value])
    return found[0][1] if len(found) == 1 and _ADDRESS.fullmatch(found[0][1]) else ""


def _mailbox(name: str, value: str) -> Iterator[Finding]:
    address = _address(value)
    if not address:
        yield error("address", f"{name} does not hold exactly one valid address", "RFC 5322 3.6.2", where=name)
        return
    display = decoded(getaddresses([value])[0][0])
    local, _, domain = address.rpartition("@")
    if len(local.encode()) > 64 or len(domain) > 255 or len(address.encode()) > 254 or not domain.isascii():
        said = f"{name} is longer than addresses may be, or its domain is not in A-labels"
        yield error("address", said, "RFC 5321 4.5.3.1", where=name)
    if "@" in display:
        said = f"the display name of {name} holds an address, which looks forged"
        yield error("display-name", said, "Gmail sender guidelines", where=name)
    if _BIDI.search(display):
        yield error("bidi", f"the display name of {name} holds a bidi control", "Unicode TR36 2.5", where=name)
    if name == "From" and not display:
        remedy = "write the sender as Name <address>"
        yield warning("from-name", "From has no display name", "EMAIL 40", where="From", remedy=remedy)


def _host(host: str, expected: Expected) -> Iterator[Finding]:
    """Report a host that cannot be a sender's."""
    if host and "." not in host:
        said = f"From is at {host}, which is no domain of the internet"
        yield _error_unless_outbox(expected, "from-domain", said, "RFC 5321 2.3.5", where="From")
    elif host.endswith((".local", ".localhost", ".internal")):
        said = f"From is at {host}, a name that only your own network knows"
        yield warning("from-domain", said, "RFC 5321 2.3.5", where="From")
    if host in FREEMAIL and not f".{expected.relay}".endswith(PROVIDERS):
        said = f"From is at {host}, a mailbox provider's: receivers refuse it"
        yield _error_unless_outbox(expected, "from-domain", said, "RFC 9989", where="From", remedy="use a domain of yours")


def _message_id(value: str, host: str, expected: Expected) -> Iterator[Finding]:
    if value and not re.fullmatch(r"<[^\s<>@]+@[^\s<>@]+\.[^\s<>@]+>", value):
        said = f"Message-ID is not <left@domain.tld>: {value[:60]!r}"
        yield _error_unless_outbox(expected, "message-id", said, "RFC 5322 3.6.4", where="Message-ID")
    elif value and host and not value[:-1].lower().endswith("@" + host):
        yield warning("message-id", "Message-ID does not end in the domain of From", "house", where="Message-ID")


def _error_unless_outbox(
    expected: Expected, rule: str, message: str, source: str, *, where: str = "", remedy: str = ""
) -> Finding:
    """Return an error, or a warning in an outbox, since nobody is mailed."""
    return (warning if expected.outbox else error)(rule, message, source, where=where, remedy=remedy)


def _encoded_words(field: Field) -> Iterator[Finding]:
    words = _WORD.findall(field.value)
    if not words and "=?" not in field.value:
        return
    if field.key.startswith("list-") or field.key in STRUCTURED:
        source = "RFC 8058 3.1" if field.key.startswith("list-") else "RFC 2047 5"
        rule = field.key if field.key.startswith("list-") else "encoded-word"
        yield error(
            rule,
            f"{field.name} holds an encoded word, which breaks " + ("one-click" if rule != "encoded-word" else "it"),
            source,
            where=field.name,
        )
        return
    if any(len(word) > 75 for word in words) or any(len(line) > 76 for line in field.lines if b"=?" in line):
        yield error("encoded-word", "an encoded word is over 75 characters, or its line over 76", "RFC 2047 2", where=field.name)
    if any("=?" in part and not _WORD.fullmatch(part.strip("()")) for part in field.value.split()):
        yield error("encoded-word", "an encoded word does not stand alone between white space", "RFC 2047 5", where=field.name)
    for word in words:
        charset, kind, text = word[2:-2].split("?")
        try:
            plain = decoded(word)
            bad = "\ufffd" in plain or re.search(r"[\x00-\x1f\x7f-\x9f]", plain)
        except (LookupError, ValueError):
            bad = True
        if bad or kind.lower() not in "qb" or not text:
            yield error(
                "encoded-word", "an encoded word cannot be decoded, or hides a control character", "RFC 2047 5", where=field.name
            )
        elif charset.lower() != "utf-8":
            yield warning("encoded-word", f"an encoded word is in {charset}", "EMAIL 26", where=field.name)


def _subject(mail: Mail) -> Iterator[Finding]:
    subject = decoded(mail.value("Subject"))
    if mail.values("Subject") and not subject.strip():
        yield error("subject", "the subject is empty", "house", where="Subject")
    if len(subject) > 70:
        yield warning(
            "subject-length", f"the subject has {len(subject)} characters, inboxes show about 70", "EMAIL 40", where="Subject"
        )
    if re.match(r"(?:re|fwd?|aw|wg)\s*:", subject, re.IGNORECASE):
        yield warning("thread", "the subject looks like an answer", "Gmail sender guidelines", where="Subject")
    if _BIDI.search(subject):
        yield error("bidi", "the subject holds a bidi control", "Unicode TR36 2.5", where="Subject")


def _no_list(mail: Mail) -> Iterator[Finding]:
    for field in mail.fields:
        if field.key.startswith("list-"):
            yield error("system-list", f"{field.name} stands in a mail that belongs to no list", "house", where=field.name)


def _list(mail: Mail, expected: Expected) -> Iterator[Finding]:
    values = mail.values("List-Unsubscribe")
    if len(values) != 1:
        said = f"List-Unsubscribe occurs {len(values)} times, not once"
        yield error("list-unsubscribe", said, "RFC 8058 3.1", where="List-Unsubscribe")
    for value in values[:1]:
        yield from _unsubscribe(value, expected)
    if mail.values("List-Unsubscribe-Post") != ["List-Unsubscribe=One-Click"]:
        yield error(
            "list-unsubscribe-post",
            "List-Unsubscribe-Post is not `List-Unsubscribe=One-Click`",
            "RFC 8058 3.1",
            where="List-Unsubscribe-Post",
        )
    identifier = mail.values("List-Id")
    if (
        len(identifier) != 1
        or not re.fullmatch(r"(?:[^<>]* )?<[A-Za-z0-9._-]+\.[A-Za-z0-9._-]+>", identifier[0])
        or len(identifier[0]) > 255
    ):
        yield error(
            "list-id", "List-Id is not one `phrase <label.domain>` of at most 255 characters", "RFC 2919 2", where="List-Id"
        )
    if mail.value("List-Post") != "NO":
        yield warning("list-post", "List-Post is not NO: answers to the list would go nowhere", "RFC 2369 3.4", where="List-Post")
    if not re.fullmatch(r"(?:[^:\s]*:){1,3}[^:\s]{5,15}", mail.value("Feedback-ID")):
        yield warning(
            "feedback-id",
            "Feedback-ID is not up to three ids and a sender id of 5 to 15 characters",
            "Gmail Feedback Loop",
            where="Feedback-ID",
        )
    yield from _uris(mail)


def _unsubscribe(value: str, expected: Expected) -> Iterator[Finding]:
    where = "List-Unsubscribe"
    uris = [part.strip() for part in value.split(",")]
    if "=?" not in value and not all(re.fullmatch(r"<[^<>\s]+>", uri) for uri in uris):
        yield error("list-unsubscribe", "List-Unsubscribe is not <URI> separated by commas", "RFC 2369 2", where=where)
    secure = next((uri for uri in uris if uri.startswith("<https://")), "")
    if not secure:
        said, remedy = "List-Unsubscribe has no https address", "set the base URL of the pages to an https address"
        yield _error_unless_outbox(expected, "list-unsubscribe", said, "RFC 8058 3.1", where=where, remedy=remedy)
    elif len(re.split(r"[/?=&]", secure.strip("<>"))[-1]) < 22:
        yield warning("list-unsubscribe", "the unsubscribe address carries no token of 128 bits", "RFC 8058 3.1", where=where)
    if any(uri.startswith("<http://") for uri in uris):
        yield _error_unless_outbox(
            expected, "list-unsubscribe", "List-Unsubscribe has a plain http address", "RFC 8058 3.1", where=where
        )


def _uris(mail: Mail) -> Iterator[Finding]:
    """Report List-* fields that hold no address, and addresses or links that reveal the reader."""
    values = {field.name: field.value for field in mail.fields if field.key.startswith("list-")}
    for name, value in values.items():
        if name.lower() in ("list-id", "list-post", "list-unsubscribe", "list-unsubscribe-post"):
            continue
        if not all(re.fullmatch(r"<[^<>\s]+>(?: \([^()]*\))?", part.strip()) for part in value.split(",")):
            yield error("list-field", f"{name} is not <URI> separated by commas", "RFC 2369 2", where=name)
    reader = _address(mail.value("To")).lower()
    links = unquote(" ".join([*values.values(), *re.findall(r'href="([^"]*)"', mail.html)])).lower()
    if reader and reader in links:
        yield error("address-in-link", "a link holds the reader's address", "GDPR art. 5(1)(c)")
