"""
Mechanisms of AUTH (RFC 4954), by which the sender authenticates to the relay.

With a password over TLS, PLAIN comes first: every server that offers it can check it, while some
offer SCRAM for accounts whose password they keep in another form. Without TLS those come first
that do not show the password.
"""

import base64
import binascii
import hmac
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence

from digest import log
from digest.errors import TransportRefused

_SCRAM = ("SCRAM-SHA-256", "SCRAM-SHA-512", "SCRAM-SHA-1")
_SHOWN, _HIDDEN = ("PLAIN", "LOGIN"), (*_SCRAM, "CRAM-MD5")
_BEARER = ("OAUTHBEARER", "XOAUTH2")


class Mechanism(ABC):
    """One authentication exchange."""

    first: bytes | None = None  #: the initial response; none: the server speaks first

    @abstractmethod
    def respond(self, challenge: bytes) -> bytes:
        """Return the response to a challenge; to an empty one the initial response, which some servers ask for again."""

    def finish(self) -> None:  # noqa: B027  # most have nothing to check
        """Complete the exchange: the server has accepted it."""


class _Plain(Mechanism):
    """PLAIN (RFC 4616)."""

    def __init__(self, user: str, password: str) -> None:
        self.first: bytes = b"\0" + user.encode() + b"\0" + password.encode()

    def respond(self, challenge: bytes) -> bytes:  # noqa: ARG002  # there is but one
        return self.first


class _Login(Mechanism):
    """LOGIN, which is no standard, so that prompts differ; one that mentions a password is answered with it."""

    def __init__(self, user: str, password: str) -> None:
        self._user, self._password = user.encode(), password.encode()
        self._asked = 0

    def respond(self, challenge: bytes) -> bytes:
        self._asked += 1
        prompt = challenge.lower()
        password = b"pass" in prompt or (b"user" not in prompt and self._asked > 1)
        return self._password if password else self._user


class _CramMd5(Mechanism):
    """CRAM-MD5 (RFC 2195)."""

    def __init__(self, user: str, password: str) -> None:
        self._user, self._password = user, password

    def respond(self, challenge: bytes) -> bytes:
        return f"{self._user} {hmac.new(self._password.encode(), challenge, 'md5').hexdigest()}".encode()


class _Scram(Mechanism):
    """SCRAM (RFC 5802, 7677). The library is imported where it is used: few relays need it, and its import is slow."""

    def __init__(self, name: str, user: str, password: str) -> None:
        import scramp

        self._wrong = scramp.ScramException
        try:
            self._client = scramp.ScramClient([name], user, password)
            self.first: bytes = self._client.get_client_first().encode()
        except self._wrong as problem:
            raise ValueError("a character may not be in a user or password") from problem
        self._said: list[str] = []

    def respond(self, challenge: bytes) -> bytes:
        if not challenge:
            return self.first if not self._said else b""
        self._said.append(challenge.decode("utf-8", "replace"))
        try:
            if len(self._said) > 1:
                self._client.set_server_final(self._said[1])
                return b""
            self._client.set_server_first(self._said[0])
            return str(self._client.get_client_final()).encode()
        except self._wrong as problem:
            raise ValueError("the server's part is wrong") from problem

    def finish(self) -> None:
        if len(self._said) < 2:  # TLS has said who it is; without, nobody knows
            log.get().warning("relay.unproven", reason="it did not show that it knows the password, as SCRAM wants")


class _Bearer(Mechanism):
    """An OAuth token; `error` is the response to a refusal, after which the server replies 535."""

    def __init__(self, first: str, error: bytes) -> None:
        self.first: bytes = first.encode()
        self._error = error

    def respond(self, challenge: bytes) -> bytes:
        return self._error if challenge else self.first


def _oauthbearer(user: str, token: str) -> Mechanism:
    """Make the exchange of OAUTHBEARER (RFC 7628)."""
    name = user.replace("=", "=3D").replace(",", "=2C")
    return _Bearer(f"n,a={name},\x01auth=Bearer {token}\x01\x01", b"\x01")


def _xoauth2(user: str, token: str) -> Mechanism:
    """Make the exchange of XOAUTH2, the mechanism of Google and Microsoft."""
    return _Bearer(f"user={user}\x01auth=Bearer {token}\x01\x01", b"")


def _scram(name: str) -> Callable[[str, str], Mechanism]:
    return lambda user, password: _Scram(name, user, password)


_MAKE: Mapping[str, Callable[[str, str], Mechanism]] = {
    "PLAIN": _Plain,
    "LOGIN": _Login,
    "CRAM-MD5": _CramMd5,
    "OAUTHBEARER": _oauthbearer,
    "XOAUTH2": _xoauth2,
    **{name: _scram(name) for name in _SCRAM},
}


def choose(offered: Sequence[str], *, by_token: bool, encrypted: bool) -> str | None:
    """
    Choose the mechanism to use, of those that a relay offers; None: it offers none that we know.

    A password goes as a token where nothing but tokens is taken. One mechanism is tried, not
    one after the other: each refusal counts, and some servers lock the account after a few.
    """
    passwords = (*_SHOWN, *_HIDDEN) if encrypted else (*_HIDDEN, *_SHOWN)
    wanted = _BEARER if by_token else (*passwords, *_BEARER)
    return next((name for name in wanted if name in offered), None)


def mechanism(name: str, user: str, secret: str) -> Mechanism:
    """Make the exchange of a mechanism that `choose` returned. Raises TransportRefused where it cannot take this user or secret."""
    try:
        return _MAKE[name](user, secret)
    except ValueError as problem:
        raise TransportRefused(f"{name} cannot be used: {problem}") from problem


def respond(exchange: Mechanism, challenge: str) -> str:
    """
    Return the response to a challenge, both in base64.

    Raises:
        TransportRefused: the challenge is wrong, or the server does not know the password.
    """
    try:
        octets = base64.b64decode(challenge, validate=True)
    except (binascii.Error, ValueError):
        octets = challenge.encode("utf-8", "replace")  # some say `334 Password:` as it is
    try:
        return encoded(exchange.respond(octets))
    except ValueError as problem:
        raise TransportRefused("its side of the log-in is wrong") from problem


def encoded(octets: bytes) -> str:
    """Encode in base64."""
    return base64.b64encode(octets).decode("ascii")
