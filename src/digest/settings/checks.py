"""Checks of single values; each returns the value as it is stored, or raises ValueError with a message for the operator."""

import base64
import re
from ipaddress import ip_network
from typing import Annotated
from urllib.parse import SplitResult, urlsplit

from pydantic import AfterValidator

from digest import zones

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def plain(text: str) -> str:
    if _CONTROL.search(text):
        raise ValueError("holds a control character or a line break")
    return text


def sender(text: str) -> str:
    """Return `Name <a@example.org>` with the name quoted, as RFC 5322 requires where it has a comma or a dot."""
    found = re.fullmatch(r"(?P<name>.*?)\s*<\s*(?P<address>[^<>\s]+)\s*>|(?P<bare>[^<>\s]+)", plain(text).strip())
    address = (found["address"] or found["bare"]) if found else ""
    if text and not re.fullmatch(r"[^@]+@[^@]+", address):
        raise ValueError(
            f"cannot be read: {text!r}; write it like `Morning Paper <paper@example.org>`, the name with or without quotes"
        )
    name = (found["name"] or "").strip() if found else ""
    if len(name) > 1 and name[0] == name[-1] and name[0] in "\"'":
        name = re.sub(r"\\(.)", r"\1", name[1:-1])
    quoted = re.sub(r'([\\"])', r"\\\1", name)
    return f'"{quoted}" <{address}>' if name else address


def bounce_address(text: str) -> str:
    local, _, domain = plain(text).rpartition("@")
    if text and not re.fullmatch(r"[A-Za-z0-9._-]{1,24}", local):
        raise ValueError("is not like `bounces@example.org`: at most 24 letters, digits, dots and hyphens before the @")
    if text and "." not in domain:
        raise ValueError("is not like `bounces@example.org`")
    return text


def mailbox(text: str) -> str:
    scheme, _, rest = plain(text).partition(":")
    servers = ("imaps", "imap+starttls", "imap", "pop3s", "pop3+starttls", "pop3")
    if text and not (rest and (scheme == "maildir" or (scheme in servers and re.match(r"//[^/@]", rest)))):
        raise ValueError("is not like `imaps://user:password@mail.example.org`, `pop3s://…` or `maildir:/var/mail/bounces`")
    return text


def topics(text: str) -> str:
    for part in filter(None, (part.strip() for part in text.split(","))):
        if not re.fullmatch(r"arn:aws(-cn|-us-gov)?:sns:[a-z]{2}(-[a-z]+){1,3}-\d:\d{12}:[\w.-]{1,256}", part, re.ASCII):
            raise ValueError("is not like `arn:aws:sns:eu-central-1:123456789012:bounces`, several separated by commas")
    return text


def hook_secret(text: str) -> str:
    if text and len(plain(text)) < 16:
        raise ValueError("is shorter than 16 characters")
    return text


def standard_secret(text: str) -> str:
    try:
        found = base64.b64decode(text.removeprefix("whsec_"), validate=True)
    except ValueError:
        found = b""
    if text and len(found) < 24:
        raise ValueError("is not like `whsec_` and the base64 of at least 24 bytes; `openssl rand -base64 32` makes some")
    return text


def public_key(text: str) -> str:
    try:
        found = base64.b64decode(text, validate=True)
    except ValueError:
        found = b""
    if text and not found.startswith(b"\x30"):
        raise ValueError("is no public key as SendGrid shows it, in base64")
    return text


def _split(url: str) -> SplitResult:
    """Split a URL; one whose host or port cannot be read has no parts at all."""
    try:
        parts = urlsplit(url)
        _ = parts.port  # read here for its error
    except ValueError:
        return urlsplit("")
    return parts


def web_address(text: str) -> str:
    parts = _split(plain(text))
    if text and (
        parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment or "@" in parts.netloc
    ):
        raise ValueError("is not an http(s) address such as `https://paper.example.org`")
    return text.rstrip("/")


def zone(text: str) -> str:
    found = zones.find(text) if text else ""
    if found is None:
        raise ValueError(f"names no time zone: {text!r}; such as `Europe/Berlin`")
    return found


def database(text: str) -> str:
    """Return a URL; `postgres://`, which libpq takes too and hosting providers hand out, as `postgresql://`."""
    if text.startswith("sqlite:///") and text != "sqlite:///":
        return text
    url = re.sub(r"^postgres://", "postgresql://", text)
    parts = _split(url)
    # A special character in a password can end the host early: the rest of the password would be shown as the name of the database.
    user_info = parts.netloc.rpartition("@")[0]
    stray = "@" in user_info + parts.path + parts.query or parts.fragment
    if parts.scheme != "postgresql" or not parts.path.strip("/") or stray:
        raise ValueError(
            "is not like `sqlite:///var/digest.db` or `postgresql://user:password@host/digest`;"
            " write a sign in a password as %40 and the like"
        )
    return url


def transport(text: str) -> str:
    scheme, _, rest = text.partition(":")
    if scheme == "outbox" and rest:
        return text
    urls = text.split()
    known = [url.partition("://")[0] in ("smtp", "smtps", "smtp+starttls") for url in urls]
    if known and known[0] and not all(known):
        raise ValueError("has a part that is no relay: a space separates relays, and one in a password is written as %20")
    if not urls or not all(known):
        raise ValueError("is not like `outbox:var/outbox` or `smtp+starttls://user:password@mail.example.org:587`")
    return text


def warmup_first(text: str) -> str:
    if text not in ("engaged", "newest"):
        raise ValueError("is `engaged` or `newest`")
    return text


def token_server(text: str) -> str:
    parts = _split(plain(text))
    if text and (parts.scheme != "https" or not parts.hostname):
        raise ValueError("is not an https address such as `https://oauth2.googleapis.com/token`")
    return text


def issuer(text: str) -> str:
    """Return an OpenID issuer as it is spelled: it is compared letter by letter, and a slash at its end counts."""
    parts = _split(plain(text))
    here = parts.scheme == "http" and parts.hostname in ("localhost", "127.0.0.1", "::1")
    if text and (not (parts.scheme == "https" or here) or not parts.hostname or parts.query or parts.fragment or parts.username):
        raise ValueError("is not an https address such as `https://accounts.google.com`, spelled as the provider spells it")
    return text


def unsure(text: str) -> str:
    if text not in ("hold", "resend"):
        raise ValueError("is `hold` or `resend`")
    return text


def log_format(text: str) -> str:
    if text not in ("text", "json"):
        raise ValueError("is `text` or `json`")
    return text


def rates(text: str) -> str:
    for domain, rate in pairs(text).items():
        if not domain or not re.fullmatch(r"\d+(\.\d+)?", rate) or float(rate) == 0:
            raise ValueError("is not like `gmail=50,example.org=0.5`: messages a second, by family or domain")
    return text


def families(text: str) -> str:
    if not all(domain and family for domain, family in pairs(text).items()):
        raise ValueError("is not like `example.org=gmail`, several separated by commas")
    return text


def pairs(text: str) -> dict[str, str]:
    """Parse `a=b,c=d`."""
    parts = [part.partition("=") for part in text.split(",") if part.strip()]
    return {name.strip().lower(): value.strip().lower() for name, _, value in parts}


def dkim_keys(text: str) -> str:
    if any(not all(part.strip() for part in key.partition("=")[::2]) for key in text.split(",") if text):
        raise ValueError("is not like `paper2026=var/dkim/paper2026.pem`, several separated by commas")
    return text


def addresses(text: str) -> str:
    if any(not re.fullmatch(r"[^@\s,<>]+@[^@\s,<>]+", part.strip()) for part in text.split(",") if text):
        raise ValueError("is not like `ann@example.org`, several separated by commas")
    return text


def one_address(text: str) -> str:
    if "," in addresses(text):
        raise ValueError("is more than one address; name one like `ann@example.org`")
    return text.strip()


def networks(text: str) -> str:
    for part in filter(None, (part.strip() for part in text.split(","))):
        try:
            ip_network(part)
        except ValueError:
            raise ValueError(f"has {part!r}, which is no address or network such as `127.0.0.1` or `10.0.0.0/8`") from None
    return text


def ip_policy(text: str) -> str:
    if text not in ("full", "truncated", "none"):
        raise ValueError("is `full`, `truncated` or `none`")
    return text


def signup_limits(text: str) -> str:
    for name, limit in pairs(text).items():
        if name not in ("address", "domain", "network", "all") or not re.fullmatch(r"[1-9]\d{0,8}/(minute|hour|day)", limit):
            raise ValueError("is not like `address=2/day,domain=100/hour,network=20/hour,all=1000/hour`")
    return text


#: Kinds of data that go after a time → the fewest days: soft refusals are counted over 90, who left can take it back for
#: 30, an import of people who must confirm needs some time, and admins are told of an event for a day.
FEWEST_DAYS = {"attempts": 91, "ips": 1, "pending": 7, "departed": 31, "events": 2, "audit": 2}


def retention(text: str) -> str:
    for name, days in pairs(text).items():
        if name not in FEWEST_DAYS or not re.fullmatch(r"[1-9]\d{0,5}", days):
            raise ValueError(
                "is not like `attempts=180,ips=365,pending=90,departed=1095,events=90,audit=730`: days, by kind of data"
            )
        if int(days) < FEWEST_DAYS[name]:
            raise ValueError(f"keeps {name} for {days} days; {FEWEST_DAYS[name]} at least are needed")
    return text


def secret_keys(text: str) -> str:
    if text and any(len(key.strip()) < 32 for key in text.split(",")):
        raise ValueError("has a key of fewer than 32 characters; `digest init` makes good ones")
    return text


Text = Annotated[str, AfterValidator(plain)]
