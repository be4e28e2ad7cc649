"""
An OpenID provider: its metadata and keys, which are fetched when they are needed and kept for an hour, and the exchange of
an authorization code.

A provider that did not answer is left alone for a while, so that requests at the button cannot keep threads waiting.
"""

import ssl
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from digest.errors import Forbidden, ProviderDown
from digest.oidc.id_token import Expected, Identified, UnknownKey, address_in, keys_of, read
from digest.oidc.requests import Answer, ask, is_secure

if TYPE_CHECKING:
    from joserfc.jwk import KeySet

KEPT = timedelta(hours=1)  #: metadata and keys
LEFT_ALONE = timedelta(seconds=20)  #: a provider that did not answer
WITHIN_S = 4.0  #: metadata must come
EXCHANGE_S = 8.0  #: all requests of an exchange must have ended
SCOPE = "openid email"
_JSON = {"Accept": "application/json"}
_FORM = {**_JSON, "Content-Type": "application/x-www-form-urlencoded"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """Registration of this place at a provider."""

    issuer: str
    client_id: str
    client_secret: str = field(default="", repr=False)  #: empty: a public client


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """Values of the discovery document (OpenID Connect Discovery 1.0) that are used."""

    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str  #: empty: there is none
    token_auth_methods: Sequence[str]
    algorithms: Sequence[str]
    names_issuer: bool  #: its responses say who sends them (RFC 9207)


@dataclass(frozen=True, slots=True, kw_only=True)
class Authorization:
    """An authorization request, as it began and as its code is exchanged."""

    redirect_uri: str
    state: str
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)  #: of PKCE (RFC 7636)
    max_age_s: int | None = None  #: how long ago the person may have shown the provider who they are


class Provider:
    """One provider, shared by the threads of a process."""

    def __init__(self, client: Client, *, trust: Callable[[], ssl.SSLContext], clock: Callable[[], datetime]) -> None:
        self.client = client
        self._make_trust = trust
        self._trust: ssl.SSLContext | None = None
        self._clock = clock
        self._lock = threading.Lock()
        self._metadata: tuple[Metadata, datetime] | None = None
        self._keys: tuple[KeySet, datetime] | None = None
        self._failed_at: datetime | None = None

    @property
    def is_down(self) -> bool:
        """True while the provider is left alone since it did not answer."""
        return self._failed_at is not None and self._clock() < self._failed_at + LEFT_ALONE

    def authorization_url(self, wanted: Authorization) -> str:
        """Return where a browser is led to, so that its person logs in there. Raises ProviderDown."""
        from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
        from authlib.oauth2.rfc7636 import create_s256_code_challenge

        return str(
            prepare_grant_uri(
                self.metadata(time.monotonic() + WITHIN_S).authorization_endpoint,
                client_id=self.client.client_id,
                response_type="code",
                redirect_uri=wanted.redirect_uri,
                scope=SCOPE,
                state=wanted.state,
                nonce=wanted.nonce,
                code_challenge=create_s256_code_challenge(wanted.verifier),
                code_challenge_method="S256",
                max_age=wanted.max_age_s,
            )
        )

    def exchange(self, code: str, wanted: Authorization, *, issuer: str) -> Identified:
        """
        Exchange the code of a response for an ID token, and return whom it identifies; `issuer`: who the response says
        sends it, empty where it does not.

        Raises:
            Forbidden: `wrong_identity`: the response is another provider's, or the code or the token does not hold.
            ProviderDown: the provider cannot be asked.
        """
        until = time.monotonic() + EXCHANGE_S
        metadata = self.metadata(until)
        if issuer != self.client.issuer and (issuer or metadata.names_issuer):
            # Before the code goes anywhere: it would tell one provider what another one gave (RFC 9207).
            raise Forbidden("the response came from another provider", code="wrong_identity")
        tokens = self._tokens(code, wanted, metadata, until)
        id_token, access_token = tokens.get("id_token"), tokens.get("access_token")
        if not isinstance(id_token, str):
            raise Forbidden("the provider gave no ID token", code="wrong_identity")
        expected = Expected(
            issuer=self.client.issuer,
            client_id=self.client.client_id,
            nonce=wanted.nonce,
            access_token=access_token if isinstance(access_token, str) else "",
            algorithms=metadata.algorithms,
        )
        return self._read(id_token, expected, metadata, until)

    def with_address(self, found: Identified) -> Identified:
        """Return a person with the address that the provider has of them, where the ID token did not name it. Raises ProviderDown."""
        until = time.monotonic() + WITHIN_S
        endpoint = self.metadata(until).userinfo_endpoint
        if found.address or not found.access_token or not endpoint:
            return found
        answer = self._ask(endpoint, until, headers={**_JSON, "Authorization": f"Bearer {found.access_token}"})
        if answer.status != 200 or answer.document.get("sub") != found.subject:  # section 5.3.2
            return found
        address, is_verified = address_in(answer.document)
        return replace(found, address=address, is_verified=is_verified)

    # --- metadata and keys -------------------------------------------------------------------

    def metadata(self, until: float) -> Metadata:
        """Return the metadata of the provider; `until` as `time.monotonic` counts. Raises ProviderDown."""
        with self._lock:
            if self._metadata is None or self._clock() >= self._metadata[1]:
                url = self.client.issuer.rstrip("/") + "/.well-known/openid-configuration"
                answer = self._ask(url, until, headers=_JSON)
                self._metadata = (_metadata(answer, self.client.issuer), self._clock() + KEPT)
            return self._metadata[0]

    def _signing_keys(self, metadata: Metadata, until: float, *, anew: bool = False) -> "KeySet":
        with self._lock:
            if anew or self._keys is None or self._clock() >= self._keys[1]:
                answer = self._ask(metadata.jwks_uri, until, headers=_JSON)
                if answer.status != 200:
                    raise ProviderDown(f"the keys of {self.client.issuer} are answered with {answer.status}")
                self._keys = (keys_of(answer.document), self._clock() + KEPT)
            return self._keys[0]

    def _read(self, id_token: str, expected: Expected, metadata: Metadata, until: float) -> Identified:
        """Read an ID token, with keys fetched anew where it names one that we do not know."""
        try:
            return read(id_token, self._signing_keys(metadata, until), expected, now=self._clock())
        except UnknownKey:
            keys = self._signing_keys(metadata, until, anew=True)
        try:
            return read(id_token, keys, expected, now=self._clock())
        except UnknownKey as problem:
            raise Forbidden("no key of the provider has signed the ID token", code="wrong_identity") from problem

    def _tokens(self, code: str, wanted: Authorization, metadata: Metadata, until: float) -> Mapping[str, object]:
        from authlib.oauth2.auth import ClientAuth
        from authlib.oauth2.rfc6749.parameters import prepare_token_request

        body = prepare_token_request(
            "authorization_code", code=code, redirect_uri=wanted.redirect_uri, code_verifier=wanted.verifier
        )
        proof = ClientAuth(self.client.client_id, self.client.client_secret, self._auth_method(metadata))
        url, headers, body = proof.prepare("POST", metadata.token_endpoint, dict(_FORM), body)
        answer = self._ask(url, until, body=body, headers=headers)
        if answer.status != 200:
            word = str(answer.document.get("error", ""))[:40]
            said = word if word.replace("_", "").isalpha() else str(answer.status)
            raise Forbidden(f"the provider did not take the code: {said}", code="wrong_identity", error=said)
        return answer.document

    def _auth_method(self, metadata: Metadata) -> str:
        """In the body where the provider takes it there: in a header not all providers decode a secret alike."""
        if not self.client.client_secret:
            return "none"
        return "client_secret_post" if "client_secret_post" in metadata.token_auth_methods else "client_secret_basic"

    def _ask(self, url: str, until: float, *, headers: Mapping[str, str], body: str | None = None) -> Answer:
        if self.is_down:
            raise ProviderDown(f"{self.client.issuer} did not answer a moment ago")
        if self._trust is None:
            self._trust = self._make_trust()
        try:
            found = ask(url, trust=self._trust, until=until, body=body, headers=headers)
            if found.status >= 500:
                raise ProviderDown(f"{self.client.issuer} has trouble of its own ({found.status})")
        except ProviderDown:
            self._failed_at = self._clock()
            raise
        self._failed_at = None
        return found


def _metadata(answer: Answer, issuer: str) -> Metadata:
    """Read a discovery document. Raises ProviderDown where it is not this issuer's, or leads to an address without TLS."""
    given = answer.document
    if answer.status != 200:
        raise ProviderDown(f"the discovery document of {issuer} is answered with {answer.status}")
    if given.get("issuer") != issuer:
        raise ProviderDown(f"the discovery document at {issuer} is that of another issuer; the setting must be spelled as there")

    def endpoint(name: str, *, required: bool = True) -> str:
        url = given.get(name)
        if url is None and not required:
            return ""
        if not isinstance(url, str) or not is_secure(url):
            raise ProviderDown(f"the discovery document of {issuer} has no https address as {name}")
        return url

    return Metadata(
        authorization_endpoint=endpoint("authorization_endpoint"),
        token_endpoint=endpoint("token_endpoint"),
        jwks_uri=endpoint("jwks_uri"),
        userinfo_endpoint=endpoint("userinfo_endpoint", required=False),
        token_auth_methods=_texts(given.get("token_endpoint_auth_methods_supported"), "client_secret_basic"),
        algorithms=_texts(given.get("id_token_signing_alg_values_supported"), "RS256"),
        names_issuer=given.get("authorization_response_iss_parameter_supported") is True,
    )


def _texts(given: object, default: str) -> Sequence[str]:
    return tuple(map(str, given)) if isinstance(given, list) else (default,)
