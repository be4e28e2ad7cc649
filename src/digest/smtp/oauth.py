"""Access tokens for a relay that takes no password (OAuth 2.0, RFC 6749): from a command, or by a refresh token."""

import hashlib
import json
import os
import shlex
import ssl
import subprocess
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from digest.errors import TransportDown, TransportRefused

WITHIN_S = 30.0  #: for a command or a token server to answer
KEPT_S = 300.0  #: a token of which nobody said how long it is good
MARGIN_S = 60.0  #: it is made anew so long before it expires
MOST = 1 << 20  #: octets of an answer


class Source(Protocol):
    """A source of tokens."""

    def fetch(self) -> tuple[str, float]:
        """Return a token, and the number of seconds that it is valid for. Raises TransportDown, TransportRefused."""


class Tokens:
    """The tokens of one account, shared by all connections of a process."""

    def __init__(self, source: Source, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._source = source
        self._clock = clock
        self._lock = threading.Lock()
        self._token = ""
        self._until = 0.0

    def get(self) -> tuple[str, bool]:
        """Return a token, and whether it is new. Raises TransportDown, TransportRefused."""
        with self._lock:
            if self._token and self._clock() < self._until:
                return self._token, False
            self._token, good_for = self._source.fetch()
            self._until = self._clock() + max(0.0, good_for - MARGIN_S)
            return self._token, True

    def forget(self, token: str) -> None:
        """Discard a token that the relay refuses."""
        with self._lock:
            if token == self._token:
                self._token = ""


@dataclass(frozen=True, slots=True)
class Command:
    """A program that prints a token."""

    line: str

    def fetch(self) -> tuple[str, float]:
        """See Source."""
        try:
            done = subprocess.run(
                shlex.split(self.line), stdin=subprocess.DEVNULL, capture_output=True, timeout=WITHIN_S, check=False
            )
        except subprocess.TimeoutExpired as problem:
            raise TransportDown(
                f"the token command did not end within {WITHIN_S:.0f} s; it is tried again later", code="token_command"
            ) from problem
        except (OSError, ValueError) as problem:
            said = getattr(problem, "strerror", None) or "a quote is not closed"
            raise TransportRefused(
                f"the token command cannot be run: {said}; check it in the settings", code="token_command"
            ) from problem
        token = done.stdout.decode("utf-8", "replace").strip()
        if done.returncode or not token or not token.isascii() or len(token.split()) != 1:
            said = f"ended with status {done.returncode}" if done.returncode else "did not print one token"
            raise TransportRefused(f"the token command {said}; run it by hand to see why", code="token_command")
        return token, KEPT_S + MARGIN_S


@dataclass(frozen=True, slots=True, kw_only=True)
class Refresh:
    """A token server that issues tokens for a refresh token (RFC 6749 6)."""

    url: str
    client_id: str
    client_secret: str = field(default="", repr=False)
    refresh_token: str = field(repr=False)
    scope: str = ""
    tls: ssl.SSLContext | None = None
    folder: Path  #: where a refresh token that replaces the one of the settings is kept

    def fetch(self) -> tuple[str, float]:
        """See Source."""
        said = self._ask({"grant_type": "refresh_token", "client_id": self.client_id, "refresh_token": self._newest()})
        token, good_for, next_one = said.get("access_token"), said.get("expires_in"), said.get("refresh_token")
        if not isinstance(token, str) or not token:
            raise TransportRefused(
                f"the token server {self._host} gave no token; check its address in the settings", code="token_server"
            )
        if isinstance(next_one, str) and next_one:
            self._keep(next_one)
        known = isinstance(good_for, int | float | str) and str(good_for).isdecimal()
        return token, float(str(good_for)) if known else KEPT_S

    def _ask(self, form: dict[str, str]) -> Mapping[str, object]:
        form |= {"client_secret": self.client_secret} if self.client_secret else {}
        form |= {"scope": self.scope} if self.scope else {}
        request = urllib.request.Request(  # noqa: S310  # the settings take https alone
            self.url, data=urllib.parse.urlencode(form).encode(), headers={"Accept": "application/json"}
        )
        try:
            with urllib.request.urlopen(request, timeout=WITHIN_S, context=self.tls) as answer:  # noqa: S310
                said = json.loads(answer.read(MOST))
        except urllib.error.HTTPError as problem:
            with problem:
                raise self._refused(problem.code, problem.read(MOST)) from None  # its request holds the secrets
        except (OSError, ValueError) as problem:
            raise TransportDown(f"the token server {self._host} cannot be asked now; it is tried again later") from problem
        return said if isinstance(said, dict) else {}

    def _refused(self, status: int, body: bytes) -> TransportDown:
        """Return the error for a refusal; 400 and 401 are final, and carry an error code (RFC 6749 5.2)."""
        try:
            word = str(json.loads(body).get("error", ""))
        except (ValueError, AttributeError):
            word = ""
        why = word if word.replace("_", "").isalpha() and len(word) < 40 else str(status)
        if status >= 500 or status == 429:
            return TransportDown(f"the token server {self._host} gives no token now ({why}); it is tried again later")
        what = f"the token server {self._host} gives no token ({why}); log in anew and set the new refresh token"
        return TransportRefused(what, code="refresh_token")

    @property
    def _host(self) -> str:
        return urllib.parse.urlsplit(self.url).hostname or ""

    @property
    def _file(self) -> Path:
        """Path of the newest refresh token, named by the token in the settings, so that a new one there takes effect at once."""
        return self.folder / f"refresh-{hashlib.sha256(self.refresh_token.encode()).hexdigest()[:16]}"

    def _newest(self) -> str:
        try:
            return self._file.read_text(encoding="ascii").strip() or self.refresh_token
        except (OSError, ValueError):
            return self.refresh_token

    def _keep(self, token: str) -> None:
        if token == self._newest():
            return
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            part = self._file.with_suffix(f".{os.getpid()}")
            part.unlink(missing_ok=True)
            with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600), "w", encoding="utf-8") as file:
                file.write(token)
            part.replace(self._file)
        except OSError as problem:
            raise TransportRefused(
                f"the new refresh token cannot be kept in {self.folder}: {problem.strerror}; mend that, or later log-ins fail"
            ) from problem
