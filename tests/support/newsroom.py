"""Short words for what tests do with accounts and the admin pages."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html import unescape

import httpx2
import pyotp
from fastapi.testclient import TestClient

from digest.model.account import Role
from digest.services import accounts, login, welcome
from digest.services.login import Visitor
from digest.services.welcome import App
from digest.web import public
from tests.support.place import Place

ORIGIN = "https://ledger.example.org"  #: of the place's pages
PASSWORD = "a long and good enough one"
AT_HOME = Visitor(ip="192.0.2.7", browser="Firefox, Linux")


@dataclass(frozen=True)
class Person:
    """Somebody with an account, their password and their app."""

    number: int
    address: str
    secret: str
    recovery_codes: tuple[str, ...]


def code(place: Place, secret: str) -> str:
    """What the app shows now."""
    return str(pyotp.TOTP(secret).at(place.clock.now))


def person(place: Place, address: str = "mara@ledger.example.org", *, role: Role = Role.OWNER, sends: bool = False) -> Person:
    """Make an account that logs in with a password and an app; the log-in that comes of it is ended."""
    made = accounts.add(place.ctx, address, name=address.partition("@")[0].title(), role=role, sends=sends)
    secret = pyotp.random_base32()
    app = App(secret=secret, code=code(place, secret))
    token = made.link.rpartition("/")[2]
    accepted = welcome.by_password(place.ctx, token, welcome.Applicant(), password=PASSWORD, app=app, visitor=AT_HOME)
    login.log_out(place.ctx, accepted.entered.token)
    place.clock.turn(minutes=1)  # the code of the step before is used
    return Person(number=made.account.id, address=address, secret=secret, recovery_codes=accepted.recovery_codes)


def enter(place: Place, who: Person, visitor: Visitor = AT_HOME) -> str:
    """Log in; return the token of the cookie."""
    half = login.by_password(place.ctx, who.address, PASSWORD, visitor)
    place.clock.turn(minutes=1)
    return login.by_code(place.ctx, half.token, code(place, who.secret), visitor).token


class Browser:
    """A browser at the pages: it keeps its cookie, and says where its forms come from."""

    def __init__(self, client: TestClient) -> None:
        self.client = client

    @property
    def token(self) -> str:
        return str(self.client.cookies.get("__Host-digest") or "")

    def open(self, path: str) -> httpx2.Response:
        return self.client.get(path)

    def send(self, path: str, page: str = "", *, headers: dict[str, str] | None = None, **fields: str) -> httpx2.Response:
        """Send a form with what stands hidden in it, as it is on `page`."""
        form = hidden(self.open(page or path).text) | fields
        return self.client.post(path, data=form, headers={"Sec-Fetch-Site": "same-origin", "Origin": ORIGIN} | (headers or {}))

    def upload(self, path: str, name: str, content: bytes) -> httpx2.Response:
        """Send a file with the form that stands at the same address."""
        form = hidden(self.open(path).text)
        headers = {"Sec-Fetch-Site": "same-origin", "Origin": ORIGIN}
        return self.client.post(path, data=form, files={"file": (name, content)}, headers=headers)

    def log_in(self, place: Place, who: Person, password: str = PASSWORD) -> httpx2.Response:
        """Go through both steps; return the last answer."""
        answer = self.send("/admin/login", address=who.address, password=password)
        if answer.status_code != 303:
            return answer
        place.clock.turn(minutes=1)
        return self.send("/admin/login/code", code=code(place, who.secret))


@contextmanager
def browsers(place: Place) -> Iterator[list[Browser]]:
    """Three browsers at one application."""
    app = public.app(place.ctx)
    with TestClient(app, base_url=ORIGIN, follow_redirects=False) as first:
        others = [TestClient(app, base_url=ORIGIN, follow_redirects=False) for _ in range(2)]
        yield [Browser(client) for client in (first, *others)]


def hidden(page: str) -> dict[str, str]:
    """The hidden fields of a page's forms."""
    return {name: unescape(value) for name, value in re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page)}
