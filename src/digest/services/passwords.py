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

import pyotp

if TYPE_CHECKING:
    from cryptography.fernet import MultiFernet

STEP_S = 30  #: of the codes of an app
ITERATIONS, MEMORY_KIB, LANES = 2, 19 * 1024, 1  #: of argon2id, as OWASP recommends: a few log-ins at once fit a small machine
SALT_BYTES, HASH_BYTES = 16, 32


def password_hash(password: str) -> str:
    """Return the stored form of a password (argon2id, as a PHC string)."""
    from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

    salt = secrets.token_bytes(SALT_BYTES)
    hasher = Argon2id(salt=salt, length=HASH_BYTES, iterations=ITERATIONS, memory_cost=MEMORY_KIB, lanes=LANES)
    return hasher.derive_phc_encoded(password.encode())


def is_password(password: str, stored: str) -> bool:
    """Return whether a password is the stored one; without a stored one False, after the same time."""
    from cryptography.exceptions import InvalidKey
    from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

    try:
        Argon2id.verify_phc_encoded(password.encode(), stored or _of_nobody())
    except (InvalidKey, ValueError):
        return False
    return bool(stored)


@cache
def _of_nobody() -> str:
    return password_hash(secrets.token_urlsafe())


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
