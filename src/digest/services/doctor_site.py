"""Checks of the public pages as a mail provider reaches them: by the base URL, over https, by a POST without a cookie."""

import http.client
import ssl
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from digest.errors import ProviderDown
from digest.model.finding import Finding, error, good, hint, warning
from digest.model.tokens import Purpose, sign
from digest.services.context import Context, trust
from digest.services.doctor_mail import certificate
from digest.settings import variable
from digest.smtp.probe import ends_at

WAITED_S = 10.0
SKEW = timedelta(minutes=2)  #: between our clock and that of whoever answers for the base URL
NOBODY = 0  #: a subscription that nobody has
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Answer to a request."""

    status: int
    headers: Mapping[str, str]  #: names in lower case
    body: bytes
    certificate_ends: datetime | None


def pages(ctx: Context) -> Iterator[Finding]:
    """Ask for the health page, and unsubscribe a subscription that does not exist by a one-click POST."""
    base = ctx.settings.base_url.rstrip("/")
    if not base:
        yield warning(
            "base-url", f"{variable('base_url')} is not set: links in mails lead nowhere", "", remedy="set it to an https address"
        )
        return
    if not base.startswith("https://"):
        yield warning("base-url", f"{base} is not https: one-click unsubscribe needs it", "RFC 8058 3.1", where=base)
    try:
        health = _ask(ctx, f"{base}/healthz", "GET")
        one_click = _ask(ctx, f"{base}/u/{sign(NOBODY, Purpose.UNSUBSCRIBE, ctx.settings.secret_keys[0])}", "POST")
    except ssl.SSLCertVerificationError as problem:
        said = f"the certificate of {base} is not valid: {problem.verify_message}"
        yield error("certificate", said, "RFC 5280", where=base, remedy="renew it, or set it up for this name")
        return
    except (OSError, http.client.HTTPException) as problem:
        yield error("unreachable", f"{base} cannot be reached: {problem}", "", where=base)
        return
    yield from certificate(health.certificate_ends, ctx.clock(), of=base)
    yield _health(base, health)
    yield _one_click(base, one_click)
    yield from _skew(base, health, ctx.clock())


def provider(ctx: Context) -> Iterator[Finding]:
    """Ask the OpenID provider for its metadata, where one is set."""
    if ctx.provider is None:
        return
    issuer = ctx.provider.client.issuer
    try:
        ctx.provider.metadata(time.monotonic() + WAITED_S)
    except ProviderDown as problem:
        yield error(
            "openid", str(problem), "OpenID Connect Discovery 1.0", where=issuer, remedy=f"check {variable('oidc_issuer')}"
        )
        return
    yield good("openid", f"{issuer} can be asked who logs in", where=issuer)


def _health(base: str, page: Page) -> Finding:
    if page.status == 200 and b'"ok"' in page.body:
        return good("base-url", f"{base} is answered by digest", where=base)
    if page.status == 503:
        return error("base-url", f"{base} is answered by digest, which cannot reach its database", "", where=base)
    said = f"{base}/healthz answers {page.status}, and not as digest does"
    return error("proxy", said, "", where=base)


def _one_click(base: str, page: Page) -> Finding:
    """A subscription that nobody has gets our own page for links that lead nowhere; a proxy's or a redirect is a fault."""
    ours = "content-security-policy" in page.headers
    if page.status == 404 and ours:
        return good("one-click", "a one-click POST reaches digest without a cookie", where=base)
    what = "is redirected" if 300 <= page.status < 400 else f"is answered with {page.status}, and not by digest"
    said = f"the POST of one-click unsubscribe {what}"
    remedy = "the proxy must pass POST requests to /u/… on, without a log-in, a check for robots or a redirect"
    return error("one-click", said, "RFC 8058 3.2", where=base, remedy=remedy)


def _skew(base: str, page: Page, now: datetime) -> Iterator[Finding]:
    try:
        there = parsedate_to_datetime(page.headers.get("date", ""))
    except ValueError:
        return
    if abs(there - now) > SKEW:
        said = f"the clock of this machine is {abs(there - now)} off that of {base}"
        yield hint("clock", said, where=base, remedy="set both by a time server")


def _ask(ctx: Context, url: str, method: str) -> Page:
    """Make one request, without following a redirect. Raises OSError, ssl.SSLError, HTTPException."""
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port
    connection = (
        http.client.HTTPSConnection(host, port, timeout=WAITED_S, context=trust(ctx.settings))
        if parts.scheme == "https"
        else http.client.HTTPConnection(host, port, timeout=WAITED_S)
    )
    try:
        connection.connect()
        ends = ends_at(connection.sock.getpeercert()) if isinstance(connection.sock, ssl.SSLSocket) else None
        body = b"List-Unsubscribe=One-Click" if method == "POST" else None
        connection.request(method, parts.path or "/", body=body, headers=_FORM if body else {})
        answer = connection.getresponse()
        headers = {name.lower(): value for name, value in answer.getheaders()}
        return Page(status=answer.status, headers=headers, body=answer.read(10_000), certificate_ends=ends)
    finally:
        connection.close()
