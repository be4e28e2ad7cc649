"""Parse and validate mail addresses; code that holds an `Address` need not check it again."""

import re
import unicodedata
from urllib.parse import unquote

from email_validator import EmailNotValidError, validate_email

from digest.errors import BadAddress
from digest.model.subscriber import Address

_UNFIT = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")
#: The form of nearly all addresses, which `email_validator` returns unchanged: its check takes 40 µs.
_USUAL = re.compile(
    r"(?=[^@]{1,64}@)[A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)*"
    r"@(?=.{4,200}$)(?:[a-z0-9](?:[a-z0-9]|-(?!-)){0,61}(?<!-)\.)+(?!(?:test|local|onion|arpa|invalid|localhost)$)[a-z]{2,20}",
    re.ASCII | re.IGNORECASE,
)
_WITH_NAME = re.compile(r'\s*"?(?P<name>[^"<>]*?)"?\s*<\s*(?P<address>[^<>\s]+)\s*>\s*')
#: Japanese carriers gave out such local parts until 2009, against RFC 5321, and they are in use.
_ODD_DOTS = re.compile(r"[A-Za-z0-9_+.?/-]{1,64}@(?P<domain>(?:[a-z0-9-]+\.)+jp|au\.com|willcom\.com)", re.ASCII | re.IGNORECASE)


def parse(text: str) -> Address:
    """
    Parse a mail address; internationalised ones are accepted as they are. No DNS query.

    Raises:
        BadAddress: with the reason.
    """
    plain = text.strip()
    if _USUAL.fullmatch(plain):
        local, _, domain = plain.rpartition("@")
        return _address(local, domain.lower())
    if _UNFIT.search(plain):
        raise BadAddress(plain[:80].encode("unicode_escape").decode("ascii"), "it holds a control or invisible character")
    if odd := _ODD_DOTS.fullmatch(plain):
        return _address(plain.rpartition("@")[0], _validated(f"quoted@{odd['domain']}", plain)[1])
    local, domain = _validated(plain, plain)
    local = unicodedata.normalize("NFC", local)
    if len(local.encode()) > 64:
        raise BadAddress(plain[:80], "the part before the @ is longer than 64 bytes")  # RFC 5321 4.5.3.1.1
    return _address(local, domain)


def written(text: str) -> tuple[Address, str]:
    """
    Parse an address as people write one, and the name beside it: `Zoë <a@b.org>`, `mailto:a@b.org`, `<a@b.org>`.

    Of several that a contact program joins by ` ::: `, return the first.

    Raises:
        BadAddress: with the reason.
    """
    plain = text.partition(" ::: ")[0].strip().strip(";,").strip()
    name = ""
    if with_name := _WITH_NAME.fullmatch(plain):
        name, plain = with_name["name"].strip(), with_name["address"]
    if plain[:7].lower() == "mailto:":
        plain = unquote(plain[7:].partition("?")[0])
    return parse(plain), name


def shown(address: str) -> str:
    """Return an address as a person writes it: its domain decoded from IDNA."""
    local, _, domain = address.rpartition("@")
    try:
        return f"{local}@{domain.encode('ascii').decode('idna')}"
    except (UnicodeError, ValueError):
        return address


def _validated(text: str, plain: str) -> tuple[str, str]:
    try:
        found = validate_email(text, check_deliverability=False, allow_smtputf8=True, allow_quoted_local=False)
    except EmailNotValidError as problem:
        raise BadAddress(plain[:80], str(problem)) from problem
    return found.local_part, found.ascii_domain.lower()


def _address(local: str, domain: str) -> Address:
    return Address(text=f"{local}@{domain}", key=f"{_folded(local)}@{domain}")


def _folded(local: str) -> str:
    if local.isascii():
        return local.lower()
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", local).casefold())
