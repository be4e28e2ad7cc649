"""An OpenID provider on loopback: discovery, authorization with PKCE, tokens, keys that rotate, and user info."""

import base64
import hashlib
import json
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

from digest.services import context
from tests.support.place import Hands, Place

CLIENT, SECRET = "digest", "s3cret:with/odd+signs%"
Claims = dict[str, Any]


@cache
def rsa(name: str) -> RSAKey:
    """The key of a name: to make one takes longer than all else in a test."""
    return RSAKey.generate_key(2048, {"kid": name, "use": "sig"})


@dataclass
class OpenId:
    """The provider, who is logged in there, and everything that it was asked."""

    clock: Hands
    issuer: str = ""
    subject: str = "248289761001"
    claims: Claims = field(default_factory=lambda: {"email": "mara@ledger.example.org", "email_verified": True})
    asked: list[str] = field(default_factory=list)  #: methods and paths
    codes: dict[str, Claims] = field(default_factory=dict)  #: requests that codes were given for
    keys: list[RSAKey] = field(default_factory=list)  #: the last one signs
    rotations: int = 0
    broken: bool = False  #: every answer is an error of the server
    metadata: Claims = field(default_factory=dict)  #: in place of what the discovery document says
    user_info: Claims | None = None  #: None: claims of the ID token are there too
    authenticated_at: float | None = None  #: when the person logged in at the provider; None: the tokens do not say
    #: makes the token of claims and key, in place of the honest way
    sign: Callable[[Claims, RSAKey], str] = lambda claims, key: honest(claims, key)

    def rotate(self) -> None:
        """Sign with a new key from now on."""
        self.rotations += 1
        self.keys = [rsa(f"key-{self.rotations}")]

    def discovery(self) -> Claims:
        return {
            "issuer": self.issuer,
            **{f"{name}_endpoint": f"{self.issuer}/{name}" for name in ("authorization", "token", "userinfo")},
            "jwks_uri": f"{self.issuer}/keys",
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
            "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"],
            "authorization_response_iss_parameter_supported": True,
            **self.metadata,
        }

    def authorize(self, url: str) -> str:
        """Log a person in who was led here; return where their browser is led back to."""
        given = dict(parse_qsl(urlsplit(url).query))
        assert given["response_type"] == "code"
        assert given["client_id"] == CLIENT
        assert given["code_challenge_method"] == "S256"
        assert "openid" in given["scope"].split()
        now = self.clock().timestamp()
        if "max_age" in given and self.authenticated_at is not None and self.authenticated_at < now - int(given["max_age"]):
            self.authenticated_at = now  # it asks for the password again
        code = secrets.token_urlsafe(16)
        self.codes[code] = given
        return f"{given['redirect_uri']}?{urlencode({'code': code, 'state': given['state'], 'iss': self.issuer})}"

    def token(self, form: Claims) -> tuple[int, Claims]:
        """Answer the token endpoint: a code is good once, for its client, redirect URI and PKCE verifier."""
        given = self.codes.pop(form.get("code", ""), None)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest()).rstrip(b"=")
        if (form.get("client_id"), form.get("client_secret")) != (CLIENT, SECRET):
            return 401, {"error": "invalid_client"}
        if given is None or given["code_challenge"] != challenge.decode() or given["redirect_uri"] != form["redirect_uri"]:
            return 400, {"error": "invalid_grant"}
        access_token = secrets.token_urlsafe(16)
        now = int(self.clock().timestamp())
        half = hashlib.sha256(access_token.encode()).digest()[:16]
        claims = {
            "iss": self.issuer,
            "sub": self.subject,
            "aud": CLIENT,
            "iat": now,
            "exp": now + 300,
            "nonce": given["nonce"],
            "at_hash": base64.urlsafe_b64encode(half).rstrip(b"=").decode(),
            **({} if self.authenticated_at is None else {"auth_time": int(self.authenticated_at)}),
            **self.claims,
        }
        return 200, {"access_token": access_token, "token_type": "Bearer", "id_token": self.sign(claims, self.keys[-1])}

    def answer(self, method: str, path: str, form: Claims) -> tuple[int, Claims]:
        self.asked.append(f"{method} {path}")
        if self.broken:
            return 503, {}
        if path == "/.well-known/openid-configuration":
            return 200, self.discovery()
        if path == "/keys":
            return 200, {"keys": [{"kty": "unheard-of"}, *(key.as_dict(private=False) for key in self.keys)]}
        if path == "/token" and method == "POST":
            return self.token(form)
        if path == "/userinfo":
            return 200, {"sub": self.subject, **(self.claims if self.user_info is None else self.user_info)}
        return 404, {}


def honest(claims: Claims, key: RSAKey) -> str:
    return jwt.encode({"alg": "RS256", "kid": key.kid}, claims, key)


@contextmanager
def openid(clock: Hands) -> Iterator[OpenId]:
    """A running provider."""
    made = OpenId(clock)
    made.rotate()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.reply(*made.answer("GET", urlsplit(self.path).path, {}))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            self.reply(*made.answer("POST", urlsplit(self.path).path, {name: one[0] for name, one in parse_qs(body).items()}))

        def reply(self, status: int, document: Claims) -> None:
            body = json.dumps(document).encode()
            with suppress(ConnectionError):
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.issuer = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)


def with_provider(place: Place, provider: OpenId, **settings: str) -> Place:
    """The place with this provider in its settings."""
    given = {
        "oidc_issuer": provider.issuer,
        "oidc_client_id": CLIENT,
        "oidc_client_secret": SECRET,
        "oidc_name": "The House",
        **settings,
    }
    changed = place.ctx.settings.model_copy(update=given)
    made = context.openid_provider(changed, place.clock)
    return replace(place, ctx=replace(place.ctx, settings=changed, provider=made))
