"""Somebody at the admin pages, with a browser, a passkey and an app for codes."""

import re
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyotp
from starlette.routing import compile_path

from digest.web.admin.routes import ROUTES
from digest.web.admin.visit import Route
from tests.support.newsroom import PASSWORD
from tests.support.walking import Installation, Visitor

WIDTHS = (320, 390, 768, 1024, 1440)
LOOKS = tuple((width, scheme) for width in (390, 1440) for scheme in ("light", "dark"))
#: Addresses below /admin/ that are no pages: files, frames and streams.
NO_PAGE = re.compile(r"\.(csv|eml|opml)$|/(preview|mail|issue|checks|live)$|^/admin/static/")
_PATTERNS = [(compile_path(route.path)[0], route) for route in ROUTES]


def route_of(path: str, method: str = "GET") -> Route | None:
    """The route that answers at a path."""
    found = (route for pattern, route in _PATTERNS if route.method == method and pattern.match(path.partition("?")[0]))
    return next(found, None)


@dataclass
class Staff(Visitor):
    """A person with an account; the pages are used as a person does, by the names of what is on them."""

    seen: set[tuple[str, str]]  #: pages that were judged, by the path of their route and their language
    language: str = "en"
    complaints: list[str] = field(default_factory=list)  #: of the browser's console: errors, and what the policy refused
    secret: str = ""  #: of the app for codes

    # --- to look -----------------------------------------------------------------------------

    @property
    def main(self) -> Any:
        return self.page.get_by_role("main")

    def look(self, state: str = "", looks: Sequence[tuple[int, str]] = LOOKS) -> None:
        """Judge the page that is open, unless one of its kind was judged in this state."""
        route = route_of(re.sub(r"^https?://[^/]+", "", self.page.url))
        kind = (route.path if route else self.page.url, f"{self.language} {state}")
        if kind not in self.seen:
            self.seen.add(kind)
            self.judge(widths=WIDTHS, looks=looks)
            self.page.set_viewport_size({"width": 1440, "height": 900})
            self.page.emulate_media(color_scheme="light")
        assert self.complaints == [], (self.page.url, self.complaints)

    def crawl(self, looks: Sequence[tuple[int, str]] = LOOKS) -> list[str]:
        """Open a page of every kind that links lead to, from the dashboard on, judge it, and return their addresses."""
        found: dict[str, str] = {}
        ahead = ["/admin/"]
        while ahead:
            path = ahead.pop(0)
            route = route_of(path)
            if route is None or route.path in found or NO_PAGE.search(path.partition("?")[0]):
                continue
            found[route.path] = path
            answer = self.visit(path)
            assert answer.status == 200, path
            self.look(looks=looks)
            ahead += self.links()
        return list(found.values())

    def links(self) -> list[str]:
        """Where the links of the page lead, below /admin/."""
        found = self.page.eval_on_selector_all(
            "a[href]", "all => all.filter(a => a.origin === location.origin).map(a => a.pathname + a.search)"
        )
        return [path for path in found if path.startswith("/admin/")]

    # --- to act ------------------------------------------------------------------------------

    def fill(self, label: str, text: str, within: Any = None) -> None:
        """Type into the field whose label begins with these words."""
        (within or self.main).get_by_label(re.compile(rf"^\s*{re.escape(label)}")).first.fill(text)

    def choose(self, label: str, option: str) -> None:
        self.main.get_by_label(re.compile(rf"^\s*{re.escape(label)}")).first.select_option(label=option)

    def press(self, name: str | re.Pattern[str], within: Any = None) -> None:
        """Press a button, and wait for the page that answers."""
        with self.page.expect_navigation():
            (within or self.main).get_by_role("button", name=name, exact=True).first.click()

    def follow(self, name: str | re.Pattern[str], within: Any = None) -> None:
        """Follow a link, and wait for its page."""
        with self.page.expect_navigation():
            (within or self.main).get_by_role("link", name=name, exact=True).first.click()

    def open_part(self, name: str) -> None:
        """Open a part of the page, where it has parts."""
        link = self.main.get_by_role("link", name=re.compile(rf"^{re.escape(name)}\b"))
        if link.count():
            with self.page.expect_navigation():
                link.first.click()

    def go_to(self, place: str) -> None:
        """Follow a link of the navigation at the side."""
        self.follow(place, self.page.get_by_role("navigation", name="Main", exact=True))

    def file(self, link: str | re.Pattern[str]) -> bytes:
        """Download a file by its link."""
        with self.page.expect_download() as started:
            self.main.get_by_role("link", name=link, exact=True).first.click()
        return Path(started.value.path()).read_bytes()

    def post(self, path: str) -> tuple[int, str]:
        """Send a form of ours to a path, though no page has a button for it; the status and the text of the answer."""
        send = """async (path) => {
            const form = document.querySelector("input[name=form]").value;
            const answer = await fetch(path, { method: "POST", body: new URLSearchParams({ form }) });
            return [answer.status, await answer.text()];
        }"""
        status, text = self.page.evaluate(send, path)
        self.complaints[:] = [said for said in self.complaints if f"status of {status}" not in said]
        return status, text

    # --- to log in ---------------------------------------------------------------------------

    def authenticator(self) -> None:
        """Give the browser an authenticator that verifies its user, as a laptop has it."""
        devtools = self.page.context.new_cdp_session(self.page)
        devtools.send("WebAuthn.enable")
        devtools.send(
            "WebAuthn.addVirtualAuthenticator",
            {
                "options": {
                    "protocol": "ctap2",
                    "transport": "internal",
                    "hasResidentKey": True,
                    "hasUserVerification": True,
                    "isUserVerified": True,
                    "automaticPresenceSimulation": True,
                }
            },
        )

    def code(self, *, step: int = 0) -> str:
        """What the app shows, or will show so many half minutes later: no code is taken twice."""
        return str(pyotp.TOTP(self.secret).at(datetime.now(UTC) + timedelta(seconds=30 * step)))

    def pair(self) -> None:
        """Take over the secret that the page shows, and fill in a password and the code."""
        self.secret = self.main.locator("code.key").inner_text()
        self.fill("Password", PASSWORD)
        self.fill("The six digits", self.code())

    def accept(self, link: str) -> None:
        """Take a link that lets somebody in, with a password and an app."""
        self.visit(link)
        self.follow("Use a password and a code from an app instead")
        self.pair()
        self.press("Go on")
        self.follow("I have kept them")

    def log_in(self, address: str) -> None:
        """Log in with the password and the next code of the app."""
        self.fill("Address", address)
        self.fill("Password", PASSWORD)
        self.press("Go on")
        self.look()
        self.fill("The code that your app shows", self.code(step=1))
        self.press("Log in")

    def log_out(self) -> None:
        self.press("Log out", self.page.get_by_role("complementary", name="Side"))


@contextmanager
def staff(
    running: Any, place: Installation, axe: str, seen: set[tuple[str, str]], *, language: str = "en", state: Any = None
) -> Iterator[Staff]:
    """Somebody with a browser of their own; `state`: what another one of theirs keeps."""
    window = running.new_context(
        viewport={"width": 1440, "height": 900}, locale=language, storage_state=state, reduced_motion="reduce"
    )
    page = window.new_page()
    made = Staff(place, page, axe, seen, language)
    page.on("console", lambda said: _keep(made, said))
    page.on("pageerror", lambda problem: made.complaints.append(str(problem)))
    yield made
    window.close()


def _keep(person: Staff, said: Any) -> None:
    """Keep an error of the console. A browser asks for /favicon.ico by itself, and there is none."""
    if said.type == "error" and "favicon" not in said.location["url"]:
        person.complaints.append(f"{said.text} {said.location['url']}")


def forms(person: Staff) -> Collection[str]:
    """Where the forms of the page send changes to. That for what is dragged has its address from the story that is dropped."""
    found = person.page.eval_on_selector_all(
        "main form[method=post][action]", "all => all.map(form => form.getAttribute('action'))"
    )
    return list(found)


def headlines(person: Staff) -> list[str]:
    """The headlines of the desk's issue, in order."""
    return list(person.page.get_by_role("region", name="The issue, in order").get_by_role("heading", level=3).all_inner_texts())
