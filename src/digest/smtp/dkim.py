"""
DKIM signatures (RFC 6376, 8301, 8463): relaxed/relaxed, RSA and Ed25519 together.

Deterministic: the same message, key and time give the same signature, so that a sent mail can
be made again byte for byte as long as its key is kept. The arithmetic is `cryptography`'s.
"""

import base64
import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa

from digest.errors import BadInput, ComposeError

BITS = 2048  #: RFC 8301 3.2; larger ones do not fit a DNS answer everywhere
SELECTOR = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?")
LINE = 76
#: Signed where they are there.
SIGNED = (
    *("From", "Reply-To", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type"),
    *("List-Unsubscribe", "List-Unsubscribe-Post", "List-Id", "List-Post", "Feedback-ID", "Auto-Submitted", "X-Digest-Delivery"),
)
#: Once more than they occur, so that nobody can add another (RFC 6376 8.15).
OVERSIGNED = ("From", "To", "Subject", "Date", "List-Unsubscribe", "List-Unsubscribe-Post")

PrivateKey = rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A signing key, and the selector under which its public key is published."""

    selector: str
    private: PrivateKey

    @property
    def algorithm(self) -> str:
        """Value of `a=`."""
        return "rsa-sha256" if isinstance(self.private, rsa.RSAPrivateKey) else "ed25519-sha256"

    @property
    def record(self) -> str:
        """Text of its TXT record (RFC 6376 3.6.1, RFC 8463 4.2)."""
        public = self.private.public_key()
        if isinstance(public, rsa.RSAPublicKey):
            octets = public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
            return f"v=DKIM1; k=rsa; p={_base64(octets)}"
        return f"v=DKIM1; k=ed25519; p={_base64(public.public_bytes_raw())}"

    def sign(self, octets: bytes) -> bytes:
        """Sign the hashed data; Ed25519 signs the SHA-256 (RFC 8463 3)."""
        if isinstance(self.private, rsa.RSAPrivateKey):
            return self.private.sign(octets, padding.PKCS1v15(), hashes.SHA256())
        return self.private.sign(hashlib.sha256(octets).digest())


def new_key(selector: str, file: Path, *, ed25519_key: bool) -> Key:
    """
    Make a new key and store it in `file` (0600).

    Raises:
        BadInput: the selector cannot stand in the DNS, or the file is there.
        OSError: it cannot be written.
    """
    if not SELECTOR.fullmatch(selector):
        raise BadInput(f"{selector!r} is no selector: letters, digits and inner hyphens, at most 63, such as `paper2026`")
    private: PrivateKey = ed25519.Ed25519PrivateKey.generate() if ed25519_key else rsa.generate_private_key(65537, BITS)
    pem = private.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        file.touch(mode=0o600, exist_ok=False)
    except FileExistsError as problem:
        raise BadInput(f"{file} is there already; a selector is used once, take another name") from problem
    file.write_bytes(pem)
    return Key(selector=selector, private=private)


def read_key(selector: str, file: Path) -> Key:
    """Read the key in a PEM file. Raises BadInput."""
    if not SELECTOR.fullmatch(selector):
        raise BadInput(f"{selector!r} is no selector: letters, digits and inner hyphens, at most 63")
    try:
        private = serialization.load_pem_private_key(file.read_bytes(), password=None)
    except OSError as problem:
        raise BadInput(f"the key file {file} cannot be read: {problem.strerror}") from problem
    except (ValueError, TypeError, UnsupportedAlgorithm) as problem:
        raise BadInput(f"the key file {file} is no private key in PEM without a password") from problem
    if isinstance(private, rsa.RSAPrivateKey) and private.key_size < BITS:
        raise BadInput(f"the key in {file} has {private.key_size} bits, and receivers want {BITS} (RFC 8301 3.2)")
    if not isinstance(private, rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey):
        raise BadInput(f"the key in {file} is neither RSA nor Ed25519")
    return Key(selector=selector, private=private)


class Signer:
    """Signer for one domain."""

    def __init__(self, domain: str, keys: Sequence[Key]) -> None:
        self.domain = domain
        self.keys: Mapping[str, Key] = {key.selector: key for key in keys}

    def sign(self, message: bytes, selectors: Iterable[str], *, at: datetime, clean: bool = False) -> bytes:
        """
        Return the message with a DKIM-Signature of each selector prepended; CRLF line ends are expected.

        `clean`: the body has no runs of white space, none at line ends, and one line end at its end, so that it is its own
        canonical form; `merge` promises it.

        Raises:
            ComposeError: a selector's key is missing.
        """
        names = list(selectors)
        if missing := [name for name in names if name not in self.keys]:
            raise ComposeError(
                f"the DKIM key {missing[0]!r}, which the issue is signed with, is not at hand", code="no_signing_key"
            )
        if not names:
            return message
        end = message.index(b"\r\n\r\n")
        fields = _fields(message[:end])
        body = memoryview(message)[end + 4 :]
        body_hash = _base64(hashlib.sha256(body if clean else relaxed_body(bytes(body))).digest())
        signatures = [self._signature(self.keys[name], fields, body_hash, at) for name in names]
        return b"".join([*signatures, message])

    def _signature(self, key: Key, fields: Mapping[bytes, bytes], body_hash: str, at: datetime) -> bytes:
        present = [name for name in SIGNED if name.lower().encode() in fields]
        signed = [*present, *OVERSIGNED]
        tags = [
            f"v=1; a={key.algorithm}; c=relaxed/relaxed; t={int(at.timestamp())};",
            f"d={self.domain};",
            f"s={key.selector};",
            *_folded_list("h=", signed),
            f"bh={body_hash};",
        ]
        opening = ("DKIM-Signature: " + "\r\n ".join(tags) + "\r\n b=").encode("ascii")
        hashed = b"".join(
            # An oversigned field that is not there counts as nothing (RFC 6376 5.4.2).
            fields[name.lower().encode()]
            for name in present
        ) + relaxed_field(opening).removesuffix(b"\r\n")
        value = _base64(key.sign(hashed))
        lines = [value[: LINE - 3], *(value[i : i + LINE - 1] for i in range(LINE - 3, len(value), LINE - 1))]
        return opening + "\r\n ".join(lines).encode("ascii") + b"\r\n"


def relaxed_body(body: bytes) -> bytes:
    """Canonicalise a body (RFC 6376 3.4.4): white space runs are one space, none at line ends, no empty lines at the end."""
    if b"\t" in body:
        body = body.replace(b"\t", b" ")
    while b"  " in body:
        body = body.replace(b"  ", b" ")
    if b" \r\n" in body:
        body = body.replace(b" \r\n", b"\r\n")
    stripped = body.rstrip(b"\r\n")
    return stripped + b"\r\n" if stripped else b""


def relaxed_field(field: bytes) -> bytes:
    """Canonicalise a field (RFC 6376 3.4.2): the name in lower case, the value unfolded, white space runs one space."""
    name, _, value = field.partition(b":")
    return name.strip().lower() + b":" + b" ".join(value.split()) + b"\r\n"


def _fields(head: bytes) -> Mapping[bytes, bytes]:
    """Return the canonical fields of a header by lower-case name; of several the last, which `h=` refers to first."""
    canonical = [relaxed_field(raw) for raw in re.split(rb"\r\n(?![ \t])", head)]
    return {field.partition(b":")[0]: field for field in canonical}


def _folded_list(tag: str, names: Sequence[str]) -> list[str]:
    """Fold a colon-separated list into lines."""
    lines, current = [], tag
    for i, name in enumerate(names):
        piece = name + (";" if i == len(names) - 1 else ":")
        if len(current) + len(piece) > LINE - 1:
            lines.append(current)
            current = ""
        current += piece
    return [*lines, current]


def _base64(octets: bytes) -> str:
    return base64.b64encode(octets).decode("ascii")
