"""Mail addresses are checked at this door; inside, an Address is one."""

import re
import unicodedata

from email_validator import EmailNotValidError, validate_email

from digest.errors import BadAddress
from digest.model.subscriber import Address

_UNFIT = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")


def parse(text: str) -> Address:
    """
    The address that a text is; international ones are taken as they are. No DNS.

    Raises:
        BadAddress: with the reason.
    """
    plain = text.strip()
    if _UNFIT.search(plain):
        raise BadAddress(plain[:80].encode("unicode_escape").decode("ascii"), "it holds a control or invisible character")
    try:
        found = validate_email(plain, check_deliverability=False, allow_smtputf8=True, allow_quoted_local=False)
    except EmailNotValidError as problem:
        raise BadAddress(plain[:80], str(problem)) from problem
    local = unicodedata.normalize("NFC", found.local_part)
    if len(local.encode()) > 64:
        raise BadAddress(plain[:80], "the part before the @ is longer than 64 bytes")  # RFC 5321 4.5.3.1.1
    return Address(text=f"{local}@{found.ascii_domain.lower()}", key=f"{_folded(local)}@{found.ascii_domain.lower()}")


def shown(address: str) -> str:
    """An address as a person writes it: its domain in its own script."""
    local, _, domain = address.rpartition("@")
    try:
        return f"{local}@{domain.encode('ascii').decode('idna')}"
    except (UnicodeError, ValueError):
        return address


def _folded(local: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", local).casefold())
