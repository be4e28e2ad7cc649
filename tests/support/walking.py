"""
A person's way through the pages of a real `digest serve` in a real browser.

The process mails into an SMTP server of the test. The browser is led to it, over TLS, under the address that mails
name, so that links, forms, cookies and policies are the real ones.
"""

import asyncio
import base64
import hashlib
import os
import re
import signal
import ssl
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import trustme
from benchmarks import kill
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.support.servers import Mailbox
from tests.support.signups import read

BASE = kill.SETTINGS["DIGEST_BASE_URL"]
HOST = BASE.partition("//")[2]
WITHIN_S = 60  #: mails come within a second or two; a busy machine takes longer
#: Elements that reach beyond the page, which then can be scrolled sideways; none where it cannot.
OVERFLOW = """() => {
  const wide = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= wide) return [];
  const found = [...document.querySelectorAll("body *")].filter((one) => one.getBoundingClientRect().right > wide + 0.5);
  return found.slice(-5).map((one) => one.outerHTML.slice(0, 200));
}"""
STORY = "The harbour opens again {i}\n\nThe harbour opened again on Monday, and {i} hundred people came to see the ships leave.\n"
#: Of stories that have nothing in common.
HEADLINES = (
    "Harbour pilots train on a lake full of small ships",
    "School canteens cook with what the market could not sell",
    "A compiler turns forty and still finds new mistakes",
    "Two villages swap mayors for a week in spring",
    "Storks are three weeks early on every chimney",
    "The last telephone directory goes to the printer",
    "A choir rehearses in an empty reservoir",
    "Rye sourdough survives a year in orbit",
)
DIGEST = (sys.executable, "-m", "digest")


def until(found: Callable[[], Any], what: str, *, within_s: float = WITHIN_S) -> Any:
    """Ask again and again until something is found, and return it."""
    end = time.monotonic() + within_s
    while not (result := found()):
        assert time.monotonic() < end, what
        time.sleep(0.1)
    return result


# --- the installation ------------------------------------------------------------------------


@dataclass
class Installation:
    """An installation of its own, the mails that it has sent, and the pages of its process."""

    folder: Path
    mailbox: Mailbox
    more: Mapping[str, str] = field(default_factory=dict)  #: settings beyond those of every installation
    port: int = 0  #: of the pages, over TLS
    key: str = ""  #: of the certificate of the pages, as Chromium names it

    @property
    def environment(self) -> dict[str, str]:
        relay = f"smtp://127.0.0.1:{self.mailbox.port}"
        return {**os.environ, **kill.SETTINGS, "DIGEST_SMTP_URL": relay, "PYTHONUNBUFFERED": "1", **self.more}

    @property
    def log(self) -> str:
        """Everything that the process of the pages has said so far."""
        return (self.folder / "serve.log").read_text(encoding="utf-8")

    def digest(self, *words: str) -> str:
        done = kill.digest(self.folder, self.mailbox.port, *words, environment=self.environment)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def mails(self, address: str) -> list[EmailMessage]:
        """All mails to an address so far, oldest first."""
        every = [read(content) for content in list(self.mailbox.contents)]
        return [mail for mail in every if address in str(mail["To"])]

    def mail(self, address: str, number: int = 1) -> EmailMessage:
        """Wait for the mail with this number (1 is the first)."""
        until(lambda: len(self.mails(address)) >= number, f"mail {number} to {address} did not come")
        return self.mails(address)[number - 1]


def publish(place: Installation) -> None:
    """Set a newsletter up that is never due while a test runs, with an archive and one issue that was sent."""
    drop(place, range(1, 9))
    (place.folder / "people.csv").write_text("address,name\nbob@example.org,Bob\n", encoding="utf-8")
    place.digest("init")
    place.digest("lists", "set", "readers", "--public")
    place.digest("newsletters", "set", "daily", "--archive", "public", "--at", "00:01", "--days", "mon", "--zone", "UTC")
    place.digest("sections", "add", "Harbour", "--topic", "harbour")
    place.digest("sections", "add", "Sport", "--topic", "sport")
    place.digest("sources", "add", "texts", "--topic", "harbour")
    place.digest("subscribers", "import", "people.csv", "--list", "readers")
    place.digest("send", "--yes")


def drop(place: Installation, numbers: Iterable[int]) -> None:
    """Put stories where the source of the newsletter reads them."""
    (place.folder / "texts").mkdir(exist_ok=True)
    for i in numbers:
        (place.folder / "texts" / f"{i}.txt").write_text(STORY.format(i=i), encoding="utf-8")


@contextmanager
def served(place: Installation, program: Sequence[str] = DIGEST) -> Iterator[Installation]:
    """Have `digest serve` run as a process with TLS before it, as long as the block runs."""
    with (place.folder / "serve.log").open("w") as log:
        process = subprocess.Popen([*program, "serve", "--port", "0"], cwd=place.folder, env=place.environment, stderr=log)
        certificate = trustme.CA().issue_cert(HOST)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        certificate.configure_cert(context)
        place.key = key_of(certificate.cert_chain_pems[0].bytes())
        try:
            with encrypted(_port_of(place), context) as place.port:
                yield place
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=20)


def _port_of(place: Installation) -> int:
    found = until(lambda: re.search(r"pages at http://\S+:(\d+)/$", place.log, re.MULTILINE), "the pages did not start")

    def is_alive() -> bool:
        with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{found[1]}/healthz") as alive:
            return bool(alive.status == 200)
        return False

    until(is_alive, "the pages do not answer")
    return int(found[1])


def key_of(certificate: bytes) -> str:
    """The hash of a certificate's public key."""
    key = x509.load_pem_x509_certificate(certificate).public_key()
    octets = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(hashlib.sha256(octets).digest()).decode()


@contextmanager
def encrypted(port: int, context: ssl.SSLContext) -> Iterator[int]:
    """A port that speaks TLS for the pages, as the web server in front of them does."""
    ready = threading.Event()
    running: list[tuple[int, Callable[[], object]]] = []

    async def copy(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        while octets := await source.read(65_536):
            target.write(octets)
            await target.drain()
        target.close()

    async def lead(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        from_pages, to_pages = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(copy(reader, to_pages), copy(from_pages, writer), return_exceptions=True)

    async def serve() -> None:
        loop, ending = asyncio.get_running_loop(), asyncio.Event()
        server = await asyncio.start_server(lead, "127.0.0.1", 0, ssl=context)
        running.append((server.sockets[0].getsockname()[1], lambda: loop.call_soon_threadsafe(ending.set)))
        ready.set()
        await ending.wait()
        server.close()

    thread = threading.Thread(target=lambda: asyncio.run(serve()), daemon=True)
    thread.start()
    ready.wait(WITHIN_S)
    [(made, end)] = running
    yield made
    end()
    thread.join(WITHIN_S)


# --- the browser -----------------------------------------------------------------------------


@contextmanager
def browsing(launch: Callable[..., Any], place: Installation) -> Iterator[Any]:
    """A browser that finds the pages of an installation, trusts their certificate, and finds no other host."""
    rules = f"MAP {HOST} 127.0.0.1:{place.port}, MAP * ~NOTFOUND"
    # Passkeys need a certificate that is trusted, not one whose errors are ignored.
    running = launch(f"--host-resolver-rules={rules}", f"--ignore-certificate-errors-spki-list={place.key}")
    yield running
    running.close()


@dataclass
class Visitor:
    """A person with a browser."""

    paper: Installation
    page: Any
    axe: str

    def visit(self, path: str) -> Any:
        """Open a page; the browser's answer to it."""
        return self.page.goto(path if path.startswith("http") else BASE + path, wait_until="load")

    def reach(self, selector: str) -> None:
        """Tab until what is wanted has the focus, which is seen."""
        for _ in range(200):
            self.page.keyboard.press("Tab")
            if self.page.evaluate("s => document.activeElement.matches(s)", selector):
                style = self.page.evaluate("() => getComputedStyle(document.activeElement).outlineStyle")
                assert style != "none", selector
                return
        raise AssertionError(f"{selector} is not reached on {self.page.url}")

    def judge(
        self,
        *,
        widths: Sequence[int] = (320, 375, 1000, 1280, 1440),
        looks: Sequence[tuple[int, str]] = ((375, "light"), (1280, "dark")),
    ) -> None:
        """Nothing overflows at any of the widths, and axe finds nothing serious in each width and scheme of `looks`."""
        for width in widths:
            self.page.set_viewport_size({"width": width, "height": 900})
            assert self.page.evaluate(OVERFLOW) == [], (self.page.url, width)
        for width, scheme in looks:
            self.page.set_viewport_size({"width": width, "height": 900})
            self.page.emulate_media(color_scheme=scheme)
            found = self.violations()
            assert found == [], (self.page.url, width, scheme, found)

    def violations(self) -> list[Any]:
        self.page.evaluate(self.axe)
        found = self.page.evaluate("() => axe.run(document).then(r => r.violations.map(v => [v.id, v.impact, v.nodes[0].html]))")
        return [violation for violation in found if violation[1] in ("serious", "critical")]

    def text(self) -> str:
        return str(self.page.inner_text("main"))
