"""
A reader's way through all pages in a real browser: `./run looks`.

`digest serve` runs as a process and mails into an SMTP server of the test. The browser is led to it, over TLS, under the
address that mails name, so that links, forms and policies are the real ones.
"""

import asyncio
import os
import re
import signal
import ssl
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
import trustme
from benchmarks import kill

from digest.services.proofs import browser

pytest.importorskip("playwright.sync_api", reason="the group `looks` is not installed; `./run looks` installs it")
from tests.support.servers import Mailbox, smtp_server
from tests.support.signups import code_in, plain, read

BASE = kill.SETTINGS["DIGEST_BASE_URL"]
WITHIN_S = 60  #: mails come within a second or two; a busy machine takes longer
OVERFLOW = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
STORY = "The harbour opens again {i}\n\nThe harbour opened again on Monday, and {i} hundred people came to see the ships leave.\n"


@dataclass
class Paper:
    """A newsletter with an archive and one issue that was sent, and the pages of its process."""

    folder: Path
    mailbox: Mailbox
    port: int = 0  #: of the pages, over TLS

    def digest(self, *words: str) -> str:
        done = kill.digest(self.folder, self.mailbox.port, *words)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def mails(self, address: str) -> list[EmailMessage]:
        """All mails to an address so far, oldest first."""
        every = [read(content) for content in self.mailbox.contents]
        return [mail for mail in every if address in str(mail["To"])]

    def mail(self, address: str, number: int) -> EmailMessage:
        """Wait for the mail with this number (1 is the first)."""
        until = time.monotonic() + WITHIN_S
        while len(found := self.mails(address)) < number:
            assert time.monotonic() < until, f"mail {number} to {address} did not come; {[str(m['Subject']) for m in found]}"
            time.sleep(0.1)
        return found[number - 1]

    def issue(self, address: str) -> EmailMessage:
        """Wait for welcome and newest issue, which come in any order, and return the issue."""
        self.mail(address, 3)
        return next(mail for mail in self.mails(address) if f"{BASE}/view/" in plain(mail))


@contextmanager
def serving(folder: Path, port: int) -> Iterator[str]:
    """The address of `digest serve` as a process; its newsletter is never due while the test runs."""
    environment = {**os.environ, **kill.SETTINGS, "DIGEST_SMTP_URL": f"smtp://127.0.0.1:{port}", "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, "-m", "digest", "serve", "--port", "0"]
    with (folder / "serve.log").open("w+") as log:
        process = subprocess.Popen(command, cwd=folder, env=environment, stderr=log)
        try:
            yield address(folder / "serve.log")
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=20)


def address(log: Path) -> str:
    until = time.monotonic() + WITHIN_S
    while time.monotonic() < until:
        if found := re.search(r"pages at (http://\S+?)/$", log.read_text(), re.MULTILINE):
            with urllib.request.urlopen(found[1] + "/healthz") as alive:
                assert alive.status == 200
            return found[1]
        time.sleep(0.1)
    raise AssertionError(log.read_text())


@pytest.fixture(scope="module")
def paper(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Paper]:
    folder = tmp_path_factory.mktemp("paper")
    (folder / "texts").mkdir()
    for i in range(1, 9):
        (folder / "texts" / f"{i}.txt").write_text(STORY.format(i=i), encoding="utf-8")
    (folder / "people.csv").write_text("address,name\nbob@example.org,Bob\n")
    with smtp_server(Mailbox()) as mailbox:
        made = Paper(folder, mailbox)
        made.digest("init")
        made.digest("lists", "set", "readers", "--public")
        made.digest("newsletters", "set", "daily", "--archive", "public", "--at", "00:01", "--days", "mon", "--zone", "UTC")
        made.digest("sections", "add", "Harbour", "--topic", "harbour")
        made.digest("sections", "add", "Sport", "--topic", "sport")
        made.digest("sources", "add", "texts", "--topic", "harbour")
        made.digest("subscribers", "import", "people.csv", "--list", "readers")
        made.digest("send", "--yes")
        with serving(folder, mailbox.port) as pages, encrypted(int(pages.rpartition(":")[2])) as port:
            made.port = port
            yield made


@contextmanager
def encrypted(port: int) -> Iterator[int]:
    """A port that speaks TLS for the pages, as the web server in front of them does."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert(BASE.partition("//")[2]).configure_cert(context)
    loop, ready = asyncio.new_event_loop(), threading.Event()
    ports: list[int] = []

    async def copy(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        while octets := await source.read(65_536):
            target.write(octets)
            await target.drain()
        target.close()

    async def lead(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        from_pages, to_pages = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(copy(reader, to_pages), copy(from_pages, writer), return_exceptions=True)

    async def serve() -> None:
        server = await asyncio.start_server(lead, "127.0.0.1", 0, ssl=context)
        ports.append(server.sockets[0].getsockname()[1])
        ready.set()
        await server.serve_forever()

    def run() -> None:
        with suppress(asyncio.CancelledError):
            loop.run_until_complete(serving_pages)

    serving_pages = loop.create_task(serve())
    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    ready.wait(WITHIN_S)
    yield ports[0]
    loop.call_soon_threadsafe(serving_pages.cancel)
    thread.join(WITHIN_S)


@pytest.fixture(scope="module")
def visitors(paper: Paper) -> Iterator[Any]:
    """A browser that finds the newsletter's host, and no other."""
    playwright = pytest.importorskip("playwright.sync_api")
    program = browser()
    if program is None:
        pytest.skip("Chromium is not installed")
    rules = f"MAP {BASE.partition('//')[2]} 127.0.0.1:{paper.port}, MAP * ~NOTFOUND"
    with playwright.sync_playwright() as started:
        running = started.chromium.launch(
            executable_path=program, args=["--no-sandbox", "--disable-gpu", f"--host-resolver-rules={rules}"]
        )
        yield running
        running.close()


@dataclass
class Visitor:
    """A person with a browser."""

    paper: Paper
    page: Any
    axe: str

    def visit(self, path: str) -> None:
        self.page.goto(path if path.startswith("http") else BASE + path, wait_until="load")

    def judge(self, *, scripts: bool = True) -> None:
        """Nothing overflows at 320 px, and axe finds nothing serious, narrow and wide, light and dark."""
        for width in (320, 375, 1000, 1280, 1440) if scripts else ():
            self.page.set_viewport_size({"width": width, "height": 900})
            assert self.page.evaluate(OVERFLOW) <= 0, (self.page.url, width)
        for width, scheme in ((375, "light"), (1280, "dark")) if scripts else ():
            self.page.set_viewport_size({"width": width, "height": 900})
            self.page.emulate_media(color_scheme=scheme)
            assert self.violations() == [], (self.page.url, width, scheme)

    def violations(self) -> list[Any]:
        self.page.evaluate(self.axe)
        found = self.page.evaluate("() => axe.run(document).then(r => r.violations.map(v => [v.id, v.impact, v.nodes[0].html]))")
        return [violation for violation in found if violation[1] in ("serious", "critical")]

    def text(self) -> str:
        return str(self.page.inner_text("main"))


@contextmanager
def visitor(visitors: Any, paper: Paper, axe: str, *, language: str = "en", scripts: bool = True) -> Iterator[Visitor]:
    place = visitors.new_context(
        viewport={"width": 375, "height": 900}, locale=language, java_script_enabled=scripts, ignore_https_errors=True
    )
    yield Visitor(paper, place.new_page(), axe)
    place.close()


def link(mail: EmailMessage, path: str) -> str:
    """The address below this path in a mail's text."""
    found = re.search(rf"{re.escape(BASE + path)}[\w/-]+", plain(mail))
    assert found is not None, plain(mail)
    return found[0]


def press(visit: Visitor, selector: str = "main form button >> nth=0") -> None:
    """Press a button and wait for the page that answers."""
    with visit.page.expect_navigation():
        visit.page.click(selector)


def sign_up(visit: Visitor, person: str) -> EmailMessage:
    """From the front page to the waiting page; return the mail with the code."""
    visit.visit("/")
    visit.page.get_by_role("link", name=re.compile("mail|البريد")).first.click()
    visit.page.fill("#address", person)
    visit.page.click("summary")
    visit.page.check("input[name='topic/readers/sport'][value=muted]")
    time.sleep(2.1)  # who is faster is taken for a robot
    press(visit)
    return visit.paper.mail(person, 1)


@pytest.mark.parametrize(("language", "person"), [("en", "ann@example.org"), ("ar", "amal@example.org")])
def test_from_the_front_page_to_the_newest_issue_and_out_again(
    language: str, person: str, visitors: Any, paper: Paper, axe: str
) -> None:
    with visitor(visitors, paper, axe, language=language) as visit:
        visit.visit("/")
        assert visit.page.get_attribute("html", "dir") == ("rtl" if language == "ar" else "ltr")
        visit.judge()
        asked = sign_up(visit, person)
        visit.judge()

        visit.page.fill("#code", code_in(asked))
        press(visit)
        visit.judge()
        issue = paper.issue(person)

        visit.visit(link(issue, "/view/"))
        visit.judge()
        assert "Harbour" in visit.page.inner_text("body") or "harbour" in visit.page.inner_text("body")
        visit.visit("/archive/daily")
        visit.judge()
        press(visit, "main a >> nth=0")
        visit.judge()

        visit.visit(link(issue, "/p/"))
        visit.judge()
        assert visit.page.is_checked("input[name='topic/readers/sport'][value=muted]")
        visit.page.fill("#name", "Ann Reader")
        visit.page.check("input[name=pause] >> nth=1")
        press(visit, "main .save button")
        visit.judge()
        chosen = paper.digest("subscribers", "show", person)
        assert "Ann Reader" in chosen
        assert "paused" in chosen
        moved = move(visit, person, mails=3)

        one_click(paper, link(issue, "/u/"))
        assert "unsubscribed" in paper.digest("subscribers", "show", moved)
        visit.visit(link(issue, "/u/"))
        visit.judge()
        press(visit, "main form:has([name=Return]) button")
        visit.judge()
        assert "active" in paper.digest("subscribers", "show", moved)
        visit.visit(link(issue, "/u/"))
        visit.judge()
        press(visit, "main form:has([name=List-Unsubscribe]) button")
        visit.judge()


def move(visit: Visitor, person: str, *, mails: int) -> str:
    """Go on with mails and have them go to another address; both confirm. Return the address. `mails`: that came so far."""
    other = person.replace("@", ".new@")
    visit.page.check("input[name=pause] >> nth=0")
    visit.page.fill("#address", other)
    press(visit, "main .save button")
    for address, number in ((person, mails + 1), (other, 1)):
        visit.visit(link(visit.paper.mail(address, number), "/address/"))
        visit.judge()
        press(visit, "main form:has([name=confirm]) button")
        visit.judge()
    return other


def one_click(paper: Paper, address: str) -> None:
    """Leave as a mail program does (RFC 8058)."""
    trust = ssl.create_default_context()
    trust.check_hostname, trust.verify_mode = False, ssl.CERT_NONE
    at = address.replace(BASE, f"https://127.0.0.1:{paper.port}")
    with urllib.request.urlopen(urllib.request.Request(at, data=b"List-Unsubscribe=One-Click"), context=trust) as answer:
        assert answer.status == 200


def test_the_front_page_alone_is_enough_to_sign_up(visitors: Any, paper: Paper, axe: str) -> None:
    with visitor(visitors, paper, axe, scripts=False) as visit:
        visit.visit("/")
        visit.page.fill("#address", "eva@example.org")
        press(visit)

        visit.page.fill("#code", code_in(paper.mail("eva@example.org", 1)))
        press(visit)
        assert "active" in paper.digest("subscribers", "show", "eva@example.org")


def test_every_step_works_without_script(visitors: Any, paper: Paper, axe: str) -> None:
    with visitor(visitors, paper, axe, scripts=False) as visit:
        asked = sign_up(visit, "carl@example.org")

        visit.page.fill("#code", code_in(asked))
        press(visit)
        issue = paper.issue("carl@example.org")
        visit.visit(link(issue, "/p/"))
        visit.page.fill("#name", "Carl")
        press(visit, "main .save button")
        assert "Carl" in paper.digest("subscribers", "show", "carl@example.org")
        visit.visit(link(issue, "/u/"))
        press(visit, "main form:has([name=List-Unsubscribe]) button")

        assert "unsubscribed" in paper.digest("subscribers", "show", "carl@example.org")


def test_every_step_works_with_the_keyboard_alone(visitors: Any, paper: Paper, axe: str) -> None:
    """Tab until the next field or button has the focus, which is seen; Enter presses it."""
    with visitor(visitors, paper, axe) as visit:

        def reach(selector: str) -> None:
            for _ in range(60):
                visit.page.keyboard.press("Tab")
                if visit.page.evaluate("s => document.activeElement.matches(s)", selector):
                    style = visit.page.evaluate("() => getComputedStyle(document.activeElement).outlineStyle")
                    assert style != "none", selector
                    return
            raise AssertionError(f"{selector} is not reached on {visit.page.url}")

        visit.visit("/")
        reach("a[href^='/subscribe']")
        visit.page.keyboard.press("Enter")
        visit.page.wait_for_selector("#address")
        reach("#address")
        visit.page.keyboard.type("dora@example.org")
        time.sleep(2.1)  # who is faster is taken for a robot
        visit.page.keyboard.press("Enter")
        visit.page.wait_for_selector("#code")
        code = code_in(paper.mail("dora@example.org", 1))
        reach("#code")
        visit.page.keyboard.type(code)
        visit.page.keyboard.press("Enter")
        issue = paper.issue("dora@example.org")
        visit.visit(link(issue, "/u/"))
        reach("main form:has([name=List-Unsubscribe]) button")
        visit.page.keyboard.press("Enter")
        visit.page.wait_for_selector("[name=Return]", state="attached")

        assert "unsubscribed" in paper.digest("subscribers", "show", "dora@example.org")
