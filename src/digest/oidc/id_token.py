"""Check of an ID token (OpenID Connect Core 1.0, section 3.1.3.7), and of the keys that sign it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from digest.errors import Forbidden

if TYPE_CHECKING:
    from joserfc.jwk import KeySet

#: Signatures that only the provider can make. With `HS256` whoever knows our secret, or takes the public key for one, could.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
SUBJECT_MAX = 255  #: characters, by section 2
LEEWAY_S = 60  #: between the provider's clock and ours


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """Values that the token must have."""

    issuer: str
    client_id: str
    nonce: str
    access_token: str = field(repr=False)  #: that came with it
    algorithms: Sequence[str]  #: that the provider says it signs with


@dataclass(frozen=True, slots=True, kw_only=True)
class Identified:
    """A person, as the provider identifies them."""

    issuer: str
    subject: str
    address: str = ""  #: as the provider has it; empty: it does not say
    is_verified: bool = False  #: the provider has verified that the address is theirs
    authenticated_at: datetime | None = None  #: when they last showed the provider who they are; None: it does not say
    access_token: str = field(default="", repr=False)


class UnknownKey(Exception):
    """The token names a key that is not among the known ones: the provider may have changed them."""


def keys_of(document: Mapping[str, object]) -> "KeySet":
    """Return the keys of a JWK set that signatures are checked with; those of another kind are left out."""
    from joserfc.errors import JoseError
    from joserfc.jwk import JWKRegistry, KeySet

    listed = document.get("keys")
    found = []
    for one in listed if isinstance(listed, list) else []:
        if isinstance(one, dict) and one.get("kty") in ("RSA", "EC") and one.get("use", "sig") == "sig":
            try:
                found.append(JWKRegistry.import_key(one))
            except (JoseError, ValueError, TypeError):
                continue  # one key that cannot be read must not keep the others from being used
    return KeySet(found)


def read(token: str, keys: "KeySet", expected: Expected, *, now: datetime) -> Identified:
    """
    Return whom an ID token identifies.

    Raises:
        Forbidden: `wrong_identity`: its signature or a claim does not hold.
        UnknownKey: its key is not among the known ones.
    """
    from joserfc.errors import InvalidKeyIdError, JoseError

    try:
        claims = _claims(token, keys, expected, now)
    except InvalidKeyIdError as problem:
        raise UnknownKey from problem
    except (JoseError, ValueError, TypeError, KeyError, RecursionError) as problem:
        raise Forbidden(f"the ID token does not hold: {type(problem).__name__}", code="wrong_identity") from problem
    subject, at = claims["sub"], claims.get("auth_time")
    if not isinstance(subject, str) or not 0 < len(subject) <= SUBJECT_MAX:
        raise Forbidden("the ID token names no subject", code="wrong_identity")
    address, is_verified = address_in(claims)
    return Identified(
        issuer=expected.issuer,
        subject=subject,
        address=address,
        is_verified=is_verified,
        authenticated_at=_time(at, now),
        access_token=expected.access_token,
    )


def _claims(token: str, keys: "KeySet", expected: Expected, now: datetime) -> Mapping[str, object]:
    from authlib.oidc.core import CodeIDToken
    from joserfc import jwt
    from joserfc.jws import JWSRegistry

    allowed = [name for name in ALGORITHMS if name in expected.algorithms]
    if not allowed:  # an empty list would mean the library's own choice, which has HS256 in it
        raise ValueError("the provider signs with no algorithm that we take")
    signed = jwt.decode(token, keys, registry=JWSRegistry(algorithms=allowed, strict_check_header=False))
    claims = CodeIDToken(
        signed.claims,
        signed.header,
        {"iss": {"essential": True, "value": expected.issuer}, "aud": {"essential": True, "value": expected.client_id}},
        {"nonce": expected.nonce, "client_id": expected.client_id, "access_token": expected.access_token},
    )
    claims.validate(now=int(now.timestamp()), leeway=LEEWAY_S)
    return dict(claims)


def address_in(claims: Mapping[str, object]) -> tuple[str, bool]:
    """Return the address that claims name, and whether they say that it is verified: as a boolean, not as a word."""
    address = claims.get("email")
    return address if isinstance(address, str) else "", claims.get("email_verified") is True


def _time(at: object, now: datetime) -> datetime | None:
    """Return the time of a number of seconds; None for anything else, and for one that has not come."""
    if isinstance(at, bool) or not isinstance(at, int | float) or not 0 <= at <= now.timestamp() + LEEWAY_S:
        return None
    return datetime.fromtimestamp(at, UTC)
