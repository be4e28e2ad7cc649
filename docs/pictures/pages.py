"""
Make the pictures of readers' pages from the demo.

    uv run --group looks python docs/pictures/pages.py

Prints the demo's issue after those of the days before, serves the pages, and goes a visitor's way through them in
Chromium. Nothing but this machine is asked for anything.
"""

import base64
import re
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from digest.model.states import ArchiveAccess, ListAccess, SourceKind
from digest.services import collecting, context, demo, lists, newsletters, sending, setup, signup_mails, sources, subscriptions
from digest.services.context import Context
from digest.services.newsletters import Changes
from digest.services.proofs import browser
from digest.web import public, server

HERE = Path(__file__).parent
PHONE, DESKTOP = (390, 780), (1280, 860)
QUALITY = 75  #: of WebP, in which a page with a picture takes 20 to 60 KB
READER, VISITOR = "ines@example.org", "nora@example.org"
EARLIER = (
    ("School canteens cook with what the market could not sell", "A compiler turns forty", "Two villages swap mayors"),
    ("Harbour pilots train on a lake full of small ships", "Storks are three weeks early", "Open maps gain a billionth node"),
    ("The last telephone directory goes to print", "Fibre reaches the outer isles", "A choir rehearses in a reservoir"),
    ("Parliament counts its own chairs and finds nine too many", "Night nurses get a bus line", "Glass bottles get thinner"),
    ("A river wins a lawsuit against the lock that dried it", "A dictionary drops 400 words", "Rye sourdough goes to orbit"),
)


@dataclass
class Clock:
    """A clock that is set by hand."""

    at: datetime = field(default_factory=lambda: datetime.now(UTC))

    def __call__(self) -> datetime:
        return self.at


def published(ctx: Context, clock: Clock) -> demo.Demo:
    """A newsletter with a public archive and an open list: issues of some days, the demo's is the newest."""
    today = clock.at
    clock.at = today - timedelta(days=len(EARLIER) + 1)
    setup.set_up(ctx, title=demo.TITLE)
    subscriptions.add(ctx, READER, mlist=setup.LIST, name="Ines Aalto", consent="the first reader of the demo")
    folder = ctx.settings.home / "texts"
    folder.mkdir()
    sources.add_source(ctx, sources.new_source(ctx, kind=SourceKind.FOLDER, location=str(folder), name="Letters"))
    for before, headlines in enumerate(EARLIER):
        clock.at = today - timedelta(days=len(EARLIER) - before)
        for headline in headlines:
            text = f"{headline}\n\n{headline}, and the town talks of it. Who was there says that it took all morning.\n"
            (folder / f"{headline}.txt").write_text(text, encoding="utf-8")
        collecting.collect(ctx, collecting.active_sources(ctx))
        sending.send(ctx, newsletters.get(ctx, setup.NEWSLETTER))
    clock.at = today
    paper = demo.fill(ctx, on_progress=lambda _: None)
    lists.change(ctx, setup.LIST, access=ListAccess.PUBLIC)
    newsletters.change(ctx, setup.NEWSLETTER, Changes(archive=ArchiveAccess.PUBLIC))
    demo.send(paper, on_progress=lambda _: None)
    return paper


@contextmanager
def served(ctx: Context) -> Iterator[str]:
    """The address of the pages, as long as the block runs."""
    running = server.Server(public.app(ctx), server.listen("127.0.0.1", 0))
    thread = threading.Thread(target=running.run)
    thread.start()
    try:
        yield running.address.rstrip("/")
    finally:
        running.should_exit = True
        thread.join()


@dataclass
class Walk:
    """A visitor's way through the pages, and the camera."""

    chromium: Any
    address: str

    def open(self, path: str, size: tuple[int, int], *, scheme: str = "light", language: str = "en") -> Any:
        """Open a page in a window of its own; pictures come from the samples."""
        width, height = size
        place = self.chromium.new_context(viewport={"width": width, "height": height}, color_scheme=scheme, locale=language)
        place.route(
            f"{demo.PICTURES}*",
            lambda route: route.fulfill(path=demo.samples() / "pictures" / route.request.url.rpartition("/")[2]),
        )
        page = place.new_page()
        page.goto(self.address + path, wait_until="networkidle")
        return page

    def shoot(self, page: Any, name: str, *, whole: bool = False) -> None:
        """Photograph a page: what the window shows, or all of it."""
        how = {"format": "webp", "quality": QUALITY, "captureBeyondViewport": whole}
        taken = page.context.new_cdp_session(page).send("Page.captureScreenshot", how)
        (HERE / f"{name}.webp").write_bytes(base64.b64decode(taken["data"]))
        page.context.close()

    def shots(self, path: str, name: str, sizes: Sequence[str] = ("phone", "desktop"), **how: str) -> None:
        for size in sizes:
            self.shoot(self.open(path, {"phone": PHONE, "desktop": DESKTOP}[size], **how), f"{name}-{size}")


def tokens(paper: demo.Demo, kind: str) -> list[str]:
    """The paths of a kind of link in the demo's mails."""
    text = b"".join(mail.file.read_bytes().replace(b"=\r\n", b"") for mail in paper.mails()).decode("utf-8", "replace")
    return sorted(set(re.findall(rf"{demo.BASE_URL}(/{kind}/[\w-]+)", text)))


def in_another_thread(act: Callable[[], object]) -> None:
    """Run what needs an event loop of its own: Playwright's runs in this thread."""
    thread = threading.Thread(target=act)
    thread.start()
    thread.join()


def photograph(walk: Walk, paper: demo.Demo, clock: Clock) -> None:
    """Take all pictures."""
    newest = walk.open("/archive/daily", DESKTOP).get_attribute("h3 a", "href")
    walk.shots("/", "front")
    walk.shots("/", "front-dark", ["desktop"], scheme="dark")
    walk.shots("/", "front-arabic", ["phone"], language="ar")
    walk.shots("/archive/daily", "archive")
    walk.shots(newest, "issue")
    page = walk.open("/subscribe/readers", PHONE)
    page.click("summary")
    page.locator(".three label").nth(0).click()
    walk.shoot(page, "signup-phone")
    page = walk.open("/subscribe/readers", PHONE)
    page.fill("#address", VISITOR)
    clock.at += timedelta(seconds=30)
    page.click("button")
    in_another_thread(lambda: signup_mails.send_due(paper.ctx))
    page.reload()
    walk.shoot(page, "waiting-phone")
    preferences = tokens(paper, "p")[0]
    walk.shots(preferences, "preferences")
    walk.shots(tokens(paper, "u")[0], "leaving", ["phone"])


def main() -> None:
    with tempfile.TemporaryDirectory() as place:
        clock = Clock()
        paper = published(context.build(demo.settings_of(Path(place)), checked=False, clock=clock), clock)
        with served(paper.ctx) as address, sync_playwright() as started:
            chromium = started.chromium.launch(executable_path=browser(), args=["--no-sandbox", "--hide-scrollbars"])
            photograph(Walk(chromium, address), paper, clock)
            chromium.close()


if __name__ == "__main__":
    main()
