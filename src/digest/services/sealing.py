"""Encryption under a passphrase: AES-256-GCM (RFC 5116) with a key by scrypt (RFC 7914)."""

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from digest.errors import BadInput

SALT, NONCE = 16, 12  #: octets before the encrypted ones
COST = {"length": 32, "n": 1 << 15, "r": 8, "p": 1}  #: of scrypt: 32 MB and a tenth of a second a try


def sealed(text: bytes, passphrase: str) -> bytes:
    """Encrypt octets under a passphrase."""
    salt, nonce = os.urandom(SALT), os.urandom(NONCE)
    return salt + nonce + AESGCM(_key(passphrase, salt)).encrypt(nonce, text, None)


def opened(sealed: bytes, passphrase: str) -> bytes:
    """Decrypt what `sealed` made. Raises BadInput where the passphrase is another, or an octet was changed."""
    salt, nonce, text = sealed[:SALT], sealed[SALT : SALT + NONCE], sealed[SALT + NONCE :]
    try:
        return AESGCM(_key(passphrase, salt)).decrypt(nonce, text, None)
    except InvalidTag as problem:
        raise BadInput("the passphrase is not the one that the backup was made with", code="wrong_passphrase") from problem


def _key(passphrase: str, salt: bytes) -> bytes:
    return Scrypt(salt=salt, **COST).derive(passphrase.encode())
