"""The issue desk in a real browser: stories are dragged, moved by the keyboard, and changed by keys; on a phone it has four parts."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from digest.services import drafts, editing, sections
from digest.services.editing import Seen
from digest.services.tallies import Tallies
from digest.web import public
from tests.support.http import serving
from tests.support.newsroom import enter, person
from tests.support.place import Hands, Place, new_place

OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
STORIES = ("A harbour opens", "B harbour closes", "C harbour sings", "D market falls", "E market rises", "F market waits")


@pytest.fixture
def filled(tmp_path: Path, clock: Hands) -> Iterator[Place]:
    """A place with a draft of two sections."""
    with ThreadPoolExecutor(1) as pool:  # the browser's event loop runs in this thread
        place = pool.submit(_filled, tmp_path, clock).result()
    yield place
    place.ctx.db.close()


def _filled(folder: Path, clock: Hands) -> Place:
    place = new_place(folder, clock, "sqlite:///var/digest.db")
    place.ctx = replace(place.ctx, settings=place.ctx.settings.model_copy(update={"base_url": "http://localhost"}))
    clock.turn(hours=-2)
    for name, words in (("World", "harbour"), ("Economy", "market")):
        sections.add(place.ctx, name, newsletter="daily", words=words, size=5, least=0)
    place.drop(*STORIES)
    place.collect()
    place.readers("ann@example.org")
    return place


@pytest.fixture
def port(filled: Place) -> Iterator[int]:
    with serving(public.app(filled.ctx)) as made:
        yield made


def open_desk(chromium: Any, place: Place, port: int, *, path: str = "", **options: Any) -> tuple[Any, list[str]]:
    """The desk of somebody who is logged in, and what the console complains of."""
    with ThreadPoolExecutor(1) as pool:
        token = pool.submit(lambda: enter(place, person(place))).result()
    context = chromium.new_context(**options)
    context.add_cookies([{"name": "digest", "value": token, "url": f"http://localhost:{port}"}])
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda said: "favicon" in said.location["url"] or complaints.append(said.text))
    page.on("pageerror", lambda problem: complaints.append(str(problem)))
    page.goto(f"http://localhost:{port}/admin/desk/daily{path}")
    return page, complaints


def order(place: Place) -> list[tuple[str, str]]:
    """Section, or the form of the top story, and the letter of each story in order."""
    found = drafts.draft(place.ctx, place.daily, Tallies()).stories
    return [("top" if story.form == "top" else story.section, story.original_headline[0]) for story in found]


def letters(place: Place, section: str) -> str:
    return "".join(letter for where, letter in order(place) if where == section)


#: Returns whether a row is in the list of another, behind or before it.
IS_THERE = """([row, other, behind]) => row.parentElement === other.parentElement
  && !!(other.compareDocumentPosition(row) & (behind ? Node.DOCUMENT_POSITION_FOLLOWING : Node.DOCUMENT_POSITION_PRECEDING))"""


def drag(page: Any, letter: str, *, onto: str, below: bool) -> None:
    """Drag a story by its handle onto the upper or lower half of another, and drop it when it lies there, as a person does."""
    handle = page.get_by_role("button", name=f"Move: {letter} ")
    dragged, row = (page.locator(".pick", has=page.get_by_role("button", name=f"Move: {one} ")) for one in (letter, onto))
    handle.scroll_into_view_if_needed()
    elements = [dragged.element_handle(), row.element_handle(), below]
    start, end = handle.bounding_box(), row.bounding_box()
    page.mouse.move(start["x"] + start["width"] / 2, start["y"] + start["height"] / 2)
    page.mouse.down()
    page.mouse.move(start["x"] + 20, start["y"] + 30, steps=4)
    x, y = end["x"] + 40, end["y"] + end["height"] * (0.9 if below else 0.1)
    page.mouse.move(x, y, steps=12)
    for n in range(40):
        if page.evaluate(IS_THERE, elements):
            break
        page.mouse.move(x, y + n % 2)
        page.wait_for_timeout(50)
    with page.expect_navigation():
        page.mouse.up()


def test_a_story_is_dragged_within_its_section_and_into_another(chromium: Any, filled: Place, port: int) -> None:
    page, complaints = open_desk(chromium, filled, port, viewport={"width": 1440, "height": 1400})
    before = letters(filled, "World")
    drag(page, before[0], onto=before[1], below=True)
    within = letters(filled, "World")
    drag(page, within[0], onto=letters(filled, "Economy")[0], below=False)

    assert within == before[1] + before[0]
    assert letters(filled, "World") == before[0]
    assert letters(filled, "Economy")[0] == before[1]
    assert complaints == []


def test_a_story_is_moved_by_the_keyboard_and_keeps_the_focus(chromium: Any, filled: Place, port: int) -> None:
    page, complaints = open_desk(chromium, filled, port, viewport={"width": 1440, "height": 1400})
    before = letters(filled, "World")
    handle = page.get_by_role("button", name=f"Move: {before[0]} ")
    handle.focus()
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    said = page.get_by_role("status").filter(has_text="Place").inner_text()
    page.keyboard.press("Escape")
    left = letters(filled, "World")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    with page.expect_navigation():
        page.keyboard.press("Space")

    assert said == "Place 2 of 2, World"
    assert left == before
    assert letters(filled, "World") == before[1] + before[0]
    page.wait_for_function("name => document.activeElement.ariaLabel?.startsWith(name)", arg=f"Move: {before[0]} ")
    assert complaints == []


def test_keys_work_in_the_list_alone(chromium: Any, filled: Place, port: int) -> None:
    page, complaints = open_desk(chromium, filled, port, viewport={"width": 1440, "height": 1400})
    page.keyboard.press("h")  # outside the list
    first, second = (letter for _, letter in order(filled)[:2])
    page.get_by_role("button", name=f"Move: {first} ").focus()
    page.keyboard.press("j")
    below = page.evaluate("document.activeElement.getAttribute('aria-label')")
    page.keyboard.press("w")
    shown = page.locator(".pick", has_text=second).get_by_text("Why it is in").first.is_visible()
    page.keyboard.press("?")
    keys = page.get_by_role("dialog", name="Keys in the list").is_visible()
    page.keyboard.press("Escape")
    with page.expect_navigation():
        page.keyboard.press("h")

    assert below.startswith(f"Move: {second} ")
    assert (shown, keys) == (True, True)
    assert second not in [letter for _, letter in order(filled)]
    assert first in [letter for _, letter in order(filled)]
    assert complaints == []


def test_a_form_is_saved_and_left_by_keys(chromium: Any, filled: Place, port: int) -> None:
    page, complaints = open_desk(chromium, filled, port, path="/introduction")
    page.get_by_label("What you say at its top").fill("Good morning.")
    page.once("dialog", lambda asked: asked.dismiss())
    page.keyboard.press("Escape")
    stayed = page.url.endswith("/introduction")
    with page.expect_navigation():
        page.keyboard.press("Control+Enter")

    assert stayed
    assert drafts.draft(filled.ctx, filled.daily, Tallies()).note == "Good morning."
    assert complaints == []


def test_a_drag_in_a_draft_that_another_has_changed_shows_both(chromium: Any, filled: Place, port: int) -> None:
    page, _ = open_desk(chromium, filled, port, viewport={"width": 1440, "height": 1400})
    world = letters(filled, "World")
    found = drafts.draft(filled.ctx, filled.daily, Tallies())
    market = next(story for story in found.stories if story.section == "Economy" and story.form != "top")
    editing.rewrite(filled.ctx, filled.daily, market.story, Seen(), headline="By another", summary="")
    drag(page, world[0], onto=world[1], below=True)
    shown = page.inner_text("main")
    kept = letters(filled, "World")
    with page.expect_navigation():
        page.get_by_role("button", name="Keep mine, on top of theirs").click()

    assert "By another" in shown
    assert f"{world[0]} harbour" in shown
    assert kept == world
    assert letters(filled, "World") == world[1] + world[0]


def test_on_a_phone_one_part_is_shown_at_a_time_above_a_bar_of_actions(chromium: Any, filled: Place, port: int) -> None:
    page, complaints = open_desk(chromium, filled, port, viewport={"width": 390, "height": 844})
    tabs = page.get_by_role("navigation", name="Parts of the desk")
    shown = {}
    for name, place in {"Preview": ".part-preview", "Out": ".part-out", "Checks": ".part-checks", "Issue": ".part-issue"}.items():
        tabs.get_by_role("link", name=name).click()
        parts = (".part-issue", ".part-preview", ".part-out", ".part-checks")
        shown[name] = [one for one in parts if page.locator(one).last.is_visible()] == [place]
    bar = page.get_by_role("button", name="Send me a test copy").bounding_box()

    assert all(shown.values()), shown
    assert bar["y"] > 700
    assert bar["height"] >= 44
    assert page.evaluate(OVERFLOW) <= 0
    assert complaints == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 390, 1440])
def test_the_desk_is_accessible(chromium: Any, filled: Place, port: int, axe: str, width: int, scheme: str) -> None:
    options = {"viewport": {"width": width, "height": 900}, "color_scheme": scheme, "bypass_csp": True}
    page, _ = open_desk(chromium, filled, port, **options)
    page.evaluate(axe)
    found = page.evaluate("axe.run(document, { iframes: false })")["violations"]

    assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found] == []
    assert page.evaluate(OVERFLOW) <= 0
