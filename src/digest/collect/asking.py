"""
Request headers of a source: User-Agent, further headers, credentials, a cookie.

Secrets are not kept with the source. It holds a reference, `env:NAME` (an environment variable or a line
of `.env`) or `file:PATH`, which is resolved when the source is read.
"""

import base64
import re
from collections.abc import Callable, Sequence

from digest.errors import BadInput
from digest.model.source import Source

Headers = tuple[tuple[str, str], ...]

_REFERENCE = re.compile(r"(?:env:[A-Za-z_][A-Za-z0-9_]*|file:.+)", re.DOTALL)
_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")  # RFC 9110 §5.6.2
_VALUE = re.compile(r"[^\x00-\x1f\x7f]*")
#: Headers that the fetcher sets or that carry a body; another value would break it.
_OURS = frozenset(
    "host connection content-length transfer-encoding te upgrade expect accept-encoding if-none-match if-modified-since range".split()
)
_SECRET = frozenset({"authorization", "cookie", "proxy-authorization"})


def headers_text(headers: Sequence[str]) -> str:
    """
    Validate request headers and join them for storage, one `Name: value` per line.

    Raises:
        BadInput: one is no header, belongs to the fetcher, or has a secret that is written out.
    """
    lines = []
    for header in headers:
        name, colon, value = (part.strip() for part in header.partition(":"))
        if not colon or not _NAME.fullmatch(name) or not _VALUE.fullmatch(value):
            raise BadInput(f"--header {header!r} is not like `X-Api-Version: 2`")
        if name.lower() in _OURS:
            raise BadInput(f"--header {name}: digest sets that header itself; leave it out")
        if name.lower() in _SECRET and not _REFERENCE.fullmatch(value):
            raise BadInput(
                f"--header {name}: a secret is not kept in the database; give `{name}: env:NAME` or `{name}: file:PATH`"
            )
        lines.append(f"{name}: {value}")
    return "\n".join(lines)


def reference(option: str, text: str) -> str:
    """Validate a reference to a secret for storage. Raises BadInput if the secret itself is given."""
    if text and not _REFERENCE.fullmatch(text):
        raise BadInput(f"{option}: a secret is not kept in the database; give `env:NAME` or `file:PATH` where it stands")
    return text


def user_agent(text: str) -> str:
    """Validate a User-Agent for storage. Raises BadInput."""
    if not _VALUE.fullmatch(text) or not text.isascii():
        raise BadInput("--user-agent has characters that no request header may have; use plain ASCII")
    return text.strip()


def has_credentials(source: Source) -> bool:
    """True if requests for a source carry a secret."""
    return bool(source.basic_auth or source.cookie or re.search(r": (?:env|file):", source.headers))


def headers_of(source: Source, secret: Callable[[str], str]) -> Headers:
    """
    Build the request headers of a source. `secret` resolves a reference.

    Raises:
        BadInput: a secret is missing, or cannot be sent in a header.
    """
    found = [("User-Agent", source.user_agent)] if source.user_agent else []
    for line in filter(None, source.headers.split("\n")):
        name, _, value = line.partition(": ")
        found.append((name, _resolved(value, secret) if _REFERENCE.fullmatch(value) else value))
    if source.basic_auth:
        login = _resolved(source.basic_auth, secret)
        if ":" not in login:
            raise BadInput(f"{source.basic_auth} is not like `user:password`")
        found.append(("Authorization", "Basic " + base64.b64encode(login.encode()).decode("ascii")))
    if source.cookie:
        found.append(("Cookie", _resolved(source.cookie, secret)))
    return tuple(found)


def _resolved(text: str, secret: Callable[[str], str]) -> str:
    value = secret(text)
    if not _VALUE.fullmatch(value):
        raise BadInput(f"{text} has a line break or a control character, which no request header may have")
    return value
