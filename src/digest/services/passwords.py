"""
Passwords, and codes of an app.

Chance comes in here. Of a password only a hash is stored; the secret that an app makes its codes from is needed
again, and is stored encrypted under the secret keys.
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING

import argon2
import pyotp

if TYPE_CHECKING:
    from cryptography.fernet import MultiFernet

STEP_S = 30  #: of the codes of an app
#: OWASP's choice for argon2id; with the 64 MiB of the library's own a few log-ins at once would outgrow a small machine.
_HASHER = argon2.PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


def password_hash(password: str) -> str:
    """Return the stored form of a password (argon2id)."""
    return _HASHER.hash(password)


def is_password(password: str, stored: str) -> bool:
    """Return whether a password is the stored one; without a stored one False, after the same time."""
    try:
        return _HASHER.verify(stored or _of_nobody(), password) and bool(stored)
    except (argon2.exceptions.VerificationError, argon2.exceptions.InvalidHashError):
        return False


@cache
def _of_nobody() -> str:
    return _HASHER.hash(secrets.token_urlsafe())


# --- codes of an app -------------------------------------------------------------------------


def code_secret() -> str:
    """Return a new secret for an app that makes codes (RFC 6238), in base32."""
    return pyotp.random_base32()


def is_code_secret(text: str) -> bool:
    """Return whether a text has the form of such a secret."""
    return len(text) == 32 and set(text) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")


def code_address(secret: str, *, address: str, issuer: str) -> str:
    """Return the `otpauth` address that a QR code gives to the app."""
    return pyotp.TOTP(secret).provisioning_uri(name=address, issuer_name=issuer)


def step_of_code(secret: str, code: str, now: datetime) -> int | None:
    """Return the time step that a code belongs to, of the present one and those beside it; None for a wrong code."""
    typed = "".join(code.split())
    present = int(now.timestamp()) // STEP_S
    codes = pyotp.TOTP(secret)
    matching = [
        s for s in (present - 1, present, present + 1) if hmac.compare_digest(codes.generate_otp(s).encode(), typed.encode())
    ]
    return matching[0] if matching else None


def sealed(secret: str, keys: Sequence[str]) -> str:
    """Return a secret encrypted under the newest key."""
    return _box(keys).encrypt(secret.encode()).decode()


def opened(text: str, keys: Sequence[str]) -> str:
    """Return a secret that was encrypted under any of the keys; empty where none of them opens it."""
    from cryptography.fernet import InvalidToken

    try:
        return _box(keys).decrypt(text.encode()).decode()
    except InvalidToken:
        return ""


def _box(keys: Sequence[str]) -> "MultiFernet":
    from cryptography.fernet import Fernet, MultiFernet  # once somebody logs in: an idle server stays small

    return MultiFernet([Fernet(base64.urlsafe_b64encode(hashlib.sha256(b"seal\0" + key.encode()).digest())) for key in keys])
