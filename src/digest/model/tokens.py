"""
Link tokens: subscription id, purpose, key id and HMAC, URL-safe. No time in them, no expiry.

An HMAC-SHA256 of 128 bits under a secret key; the key id (a short hash) says under which.
Pure: keys come in as arguments.
"""

import base64
import hashlib
import hmac
from collections.abc import Sequence
from enum import StrEnum
from functools import cache
from typing import NewType

LinkToken = NewType("LinkToken", str)
MAC_BYTES = 16
KEY_ID_BYTES = 3


class Purpose(StrEnum):
    """Action that a token permits."""

    UNSUBSCRIBE = "u"
    VIEW = "v"
    WAIT = "w"  #: the waiting page of a sign-up: take its code, mail a new one
    CONFIRM = "c"  #: the link of a sign-up's mail
    FORM = "f"  #: when a form was shown, in seconds since 1970
    DATA = "d"  #: the page where a person sees what is held about them
    PREFERENCES = "p"  #: see and change what a reader has chosen
    NEW_ADDRESS = "n"  #: confirm or stop a move to another address, by the new one
    OLD_ADDRESS = "o"  #: the same, by the one that the mail goes to now
    APPROVE = "a"  #: approve or hold an issue
    BOUNCE = "b"  #: names a delivery in its envelope's sender


@cache
def key_id(key: str) -> str:
    """Return the public name of a secret key."""
    return hashlib.sha256(b"key id\0" + key.encode()).hexdigest()[: KEY_ID_BYTES * 2]


def sign(number: int, purpose: Purpose, key: str) -> LinkToken:
    """Return the token that names `number` (a subscription's or delivery's id) for `purpose`."""
    return LinkToken(base64.urlsafe_b64encode(_sealed(number, purpose, key)).rstrip(b"=").decode("ascii"))


def _sealed(number: int, purpose: Purpose, key: str) -> bytes:
    head = _begins(purpose, key) + number.to_bytes(max(1, (number.bit_length() + 7) // 8), "big")
    return head + _mac(head, key)


@cache
def _begins(purpose: Purpose, key: str) -> bytes:
    return bytes.fromhex(key_id(key)) + purpose.encode()


def verify(token: str, purpose: Purpose, keys: Sequence[str]) -> int | None:
    """Return the number that a token names; None for any token that we did not sign for this purpose."""
    try:
        raw = base64.b64decode(token.encode("ascii") + b"=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except ValueError:
        return None
    head, mac = raw[:-MAC_BYTES], raw[-MAC_BYTES:]
    if len(head) < KEY_ID_BYTES + 2 or head[KEY_ID_BYTES : KEY_ID_BYTES + 1] != purpose.encode():
        return None
    number = int.from_bytes(head[KEY_ID_BYTES + 1 :], "big")
    for key in keys:
        # The whole token is compared, so that a second spelling of the same bits is refused too.
        if hmac.compare_digest(mac, _mac(head, key)) and hmac.compare_digest(token, sign(number, purpose, key)):
            return number
    return None


def verp(address: str, number: int, key: str, purpose: Purpose = Purpose.BOUNCE) -> str:
    """
    Return the envelope sender of one delivery: `bounces@…` becomes `bounces+TOKEN@…`, so that a bounce identifies its delivery.

    With another purpose, an address to which a reader can write for it. In lower case, which is all that some servers keep of a local part.
    """
    local, _, domain = address.rpartition("@")
    return f"{local}+{base64.b32encode(_sealed(number, purpose, key)).decode('ascii').rstrip('=').lower()}@{domain}"


def from_verp(address: str, keys: Sequence[str], purpose: Purpose = Purpose.BOUNCE) -> int | None:
    """Return the number that an address made by `verp` for this purpose names; None for any other address."""
    text = address.rpartition("@")[0].rpartition("+")[2].upper()
    try:
        raw = base64.b32decode(text + "=" * (-len(text) % 8))
    except ValueError:
        return None
    return verify(base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii"), purpose, keys)


def code_hash(code: str, number: int, key: str) -> str:
    """Return the stored form of a sign-up's code: an HMAC bound to its number, since six digits are soon tried through."""
    mac = _keyed(key).copy()
    mac.update(b"code\0%d\0" % number + code.encode())
    return mac.hexdigest()


def is_code(code: str, number: int, stored: str, keys: Sequence[str]) -> bool:
    """Return whether a code matches the one that was stored for this number, under any of the keys."""
    return any(hmac.compare_digest(stored, code_hash(code, number, key)) for key in keys)


def challenge_key(key: str) -> str:
    """Return the key that signs challenges of proofs of work, which is no other key's."""
    mac = _keyed(key).copy()
    mac.update(b"challenge\0")
    return mac.hexdigest()


def address_hmac(address_key: str, pepper: str) -> str:
    """Return the key of a suppression: it recognises an address again, and does not reveal it."""
    mac = _keyed(pepper).copy()
    mac.update(address_key.encode())
    return mac.hexdigest()


def _mac(head: bytes, key: str) -> bytes:
    mac = _keyed(key).copy()
    mac.update(head)
    return mac.digest()[:MAC_BYTES]


@cache  # A copy is cheaper than `hmac.digest`, which looks the digest up and lets other threads in each time.
def _keyed(key: str) -> hmac.HMAC:
    return hmac.new(key.encode(), digestmod=hashlib.sha256)
