"""
Secrets that nobody can guess: tokens of cookies, links and forms, and recovery codes. Only hashes of them are stored.
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Sequence

from digest.model.account import RECOVERY_CODES

TOKEN_BYTES = 32


def token() -> str:
    """Return a new token, for a cookie or a link."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def token_hash(text: str) -> str:
    """Return the stored form of a token or a recovery code, both of which nobody can guess."""
    return hashlib.sha256(text.encode()).hexdigest()


def form_token(visitor: str, key: str) -> str:
    """Return what a form of the visitor with this cookie carries, so that no other site can send it."""
    return hmac.new(key.encode(), b"form\0" + visitor.encode(), hashlib.sha256).hexdigest()


def is_form_token(text: str, visitor: str, keys: Sequence[str]) -> bool:
    """Return whether a form is one that this visitor was shown."""
    return any(hmac.compare_digest(text.encode(), form_token(visitor, key).encode()) for key in keys)


# --- recovery codes --------------------------------------------------------------------------


def recovery_codes() -> list[str]:
    """Return new recovery codes of 80 bits each, such as `ABCD-EFGH-IJKL-MNOP`."""
    found = [base64.b32encode(secrets.token_bytes(10)).decode() for _ in range(RECOVERY_CODES)]
    return ["-".join(code[i : i + 4] for i in range(0, 16, 4)) for code in found]


def recovery_hash(code: str) -> str:
    """Return the stored form of a recovery code, however it is spaced or cased."""
    return token_hash("".join(part for part in code.upper() if part.isalnum()))
