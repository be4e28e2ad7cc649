"""
Make the README's pictures from the demo itself, so that what a stranger sees first is what they get.

    uv run --group looks python docs/pictures/make.py

Runs `digest demo` into a fresh folder, serves its outbox as `digest demo --serve` does, and
photographs the mails in Chromium: `paper.png` (wide and narrow, light and dark), `themes.png` and
`languages.png`. Nothing but this machine is asked for anything.
"""

import base64
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from digest.compose.merge import body
from digest.compose.render import render
from digest.services import demo
from digest.services.messages import sample_facts
from digest.services.proofs import browser
from digest.services.selection import last_printed, paper_of
from digest.web import outbox

HERE = Path(__file__).parent
GAP, GROUND = 32, "#d9d4c9"
THEMES = ("ledger", "meridian", "gazette")
TEMPLATES = ("digest", "weekly", "breaking", "minimal")


@contextmanager
def served(paper: demo.Demo) -> Iterator[str]:
    """The address of the outbox page, as long as the block runs; its thread ends with the program."""
    ready, addresses = threading.Event(), []

    def on_ready(url: str) -> None:
        addresses.append(url)
        ready.set()

    pictures = {demo.PICTURES: demo.samples() / "pictures"}
    work = {"port": 0, "pictures": pictures, "on_ready": on_ready}
    threading.Thread(target=outbox.serve, args=(paper.outbox,), kwargs=work, daemon=True).start()
    ready.wait()
    yield addresses[0]


class Camera:
    """Photographs of mails, and sheets of photographs."""

    def __init__(self, chromium: Any) -> None:
        self._chromium = chromium

    def shot(self, *, width: int, height: int, scheme: str = "light", url: str = "", html: str = "", scale: float = 1) -> bytes:
        """The upper part of a mail: by its address, or as it is."""
        place = self._chromium.new_context(
            viewport={"width": width, "height": height}, color_scheme=scheme, device_scale_factor=scale
        )
        place.route(
            f"{demo.PICTURES}*",
            lambda route: route.fulfill(path=demo.samples() / "pictures" / route.request.url.rpartition("/")[2]),
        )
        page = place.new_page()
        if url:
            page.goto(url, wait_until="load")
        else:
            page.set_content(html, wait_until="load")
        taken: bytes = page.screenshot()
        place.close()
        return taken

    def sheet(self, target: Path, rows: Sequence[Sequence[tuple[bytes, int]]]) -> None:
        """Photographs, each of a width, in rows."""
        lines = "".join('<div class="row">' + "".join(_figure(*one) for one in row) + "</div>" for row in rows)
        style = f"body{{margin:0;padding:{GAP}px;background:{GROUND};width:max-content}}.row{{display:flex;gap:{GAP}px;align-items:flex-start;margin-bottom:{GAP}px}}.row:last-child{{margin:0}}img{{display:block;border-radius:6px;box-shadow:0 6px 24px #0003}}"
        page = self._chromium.new_page(viewport={"width": 600, "height": 400})
        page.set_content(f"<style>{style}</style>{lines}", wait_until="load")
        page.locator("body").screenshot(path=target)
        page.close()


def _figure(image: bytes, width: int) -> str:
    return f'<img width="{width}" src="data:image/png;base64,{base64.b64encode(image).decode("ascii")}">'


def _proof(paper: demo.Demo, *, template: str = "digest", theme: str = "ledger", language: str = "en") -> str:
    """The printed stories in another template, theme or language."""
    ctx, newsletter = paper.ctx, paper.newsletter
    day = ctx.clock().astimezone(newsletter.timetable.zone).date()
    made = paper_of(
        ctx, newsletter, number=1, day=day, sections=demo.SECTIONS, nonce="0" * 12, template=template, theme_name=theme
    )
    rendition = render(replace(made, language=language), last_printed(ctx, newsletter))
    return body(rendition, sample_facts(ctx, rendition, now=ctx.clock()), "html")


def main() -> None:
    with tempfile.TemporaryDirectory() as place, sync_playwright() as started:
        paper = demo.prepare(Path(place), on_progress=lambda _: None)
        demo.send(paper, on_progress=lambda _: None)
        first = paper.mails()[-2].file.stem
        camera = Camera(started.chromium.launch(executable_path=browser(), args=["--no-sandbox", "--hide-scrollbars"]))
        with served(paper) as address:
            mail = f"{address}{first}.html"
            wide = camera.shot(url=mail, width=700, height=1300)
            dark = camera.shot(url=mail, width=640, height=900, scheme="dark")
            narrow = [(camera.shot(url=mail, width=375, height=1300, scheme=scheme), 300) for scheme in ("light", "dark")]
        camera.sheet(HERE / "paper.png", [[(wide, 560), *narrow]])
        looks = [
            [
                (camera.shot(html=_proof(paper, template=template, theme=theme), width=640, height=1100), 320)
                for template in TEMPLATES
            ]
            for theme in THEMES
        ]
        camera.sheet(HERE / "themes.png", looks)
        spoken = [(camera.shot(html=_proof(paper, language=code), width=640, height=900), 400) for code in ("ar", "de", "ja")]
        camera.sheet(HERE / "languages.png", [[*spoken, (dark, 400)]])


if __name__ == "__main__":
    main()
