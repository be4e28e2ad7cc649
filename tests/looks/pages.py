"""Readers' pages in a real browser: a form under pressure with and without script, and what a scanner's browser changes."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from digest.languages import shipped
from digest.model.signup import How
from digest.services import data_requests, signup, subscribers
from digest.services.signup import Origin
from digest.web import public
from tests.support.dumps import dump
from tests.support.http import serving
from tests.support.place import Hands, Place, new_place
from tests.support.signups import ANN, Post, ask, code_in, opened, plain


@pytest.fixture
def pressed(tmp_path: Path, clock: Hands) -> Iterator[Place]:
    """A place where half of what all may ask for is used."""
    place = opened(new_place(tmp_path, clock, "sqlite:///var/digest.db"))
    settings = place.ctx.settings.model_copy(update={"signup_limits": "address=2/day,all=200/hour"})
    place = replace(place, ctx=replace(place.ctx, settings=settings))
    for n in range(100):
        ask(place, f"flood{n}@example.com", ip=f"198.51.100.{n}")
    yield place
    place.ctx.db.close()


@pytest.fixture
def port(pressed: Place) -> Iterator[int]:
    with serving(public.app(pressed.ctx)) as made:
        yield made


def open_page(chromium: Any, **options: Any) -> tuple[Any, list[str]]:
    """A page, and what its console complains of."""
    page = chromium.new_context(**options).new_page()
    complaints: list[str] = []
    # A browser asks for /favicon.ico by itself, and there is none.
    page.on("console", lambda said: "favicon" in said.location["url"] or complaints.append(said.text))
    page.on("pageerror", lambda problem: complaints.append(str(problem)))
    return page, complaints


def test_a_browser_solves_the_proof_by_itself_and_signs_up(chromium: Any, pressed: Place, port: int) -> None:
    page, complaints = open_page(chromium)
    page.goto(f"http://127.0.0.1:{port}/subscribe/readers")
    pressed.clock.turn(seconds=20)
    page.fill("#address", ANN)
    page.press("#address", "Enter")
    page.wait_for_url("**/waiting/*", timeout=60_000)

    assert "six-digit code" in page.inner_text("main")
    assert complaints == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", shipped())
def test_the_form_with_the_widget_is_accessible(
    chromium: Any, pressed: Place, port: int, axe: str, language: str, scheme: str
) -> None:
    page, complaints = open_page(
        chromium, locale=language, color_scheme=scheme, viewport={"width": 360, "height": 900}, bypass_csp=True
    )
    page.goto(f"http://127.0.0.1:{port}/subscribe/readers")
    page.wait_for_selector("altcha-widget input[type=checkbox]")
    page.evaluate(axe)
    found = page.evaluate("axe.run()")["violations"]

    assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found] == []
    assert complaints == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_without_script_a_visitor_waits_a_minute_and_signs_up(chromium: Any, pressed: Place, port: int) -> None:
    page, _ = open_page(chromium, java_script_enabled=False)
    page.goto(f"http://127.0.0.1:{port}/subscribe/readers")
    page.fill("#address", ANN)
    pressed.clock.turn(seconds=30)
    page.get_by_role("button", name="Sign up").click()
    early = page.inner_text("main")
    pressed.clock.turn(seconds=40)
    page.get_by_role("button", name="Sign up").click()

    assert "Without JavaScript, wait a minute" in early
    assert "/waiting/" in page.url


def test_where_a_browser_has_no_cryptography_a_visitor_waits_as_without_script(chromium: Any, pressed: Place, port: int) -> None:
    page, complaints = open_page(chromium)
    page.add_init_script("Object.defineProperty(window, 'isSecureContext', { value: false })")
    page.goto(f"http://127.0.0.1:{port}/subscribe/readers")
    page.fill("#address", ANN)
    shown = page.is_visible("#patience")
    pressed.clock.turn(seconds=70)
    page.get_by_role("button", name="Sign up").click()

    assert shown
    assert page.locator("altcha-widget").count() == 0
    assert "/waiting/" in page.url
    assert complaints == []


def test_a_scanner_with_a_browser_that_opens_every_link_of_every_mail_changes_nothing(
    chromium: Any, tmp_path: Path, clock: Hands
) -> None:
    """It opens pages, runs their scripts and waits. Nothing is left out of the comparison."""
    with ThreadPoolExecutor(1) as pool:  # the browser's event loop runs in this thread
        place, paths = pool.submit(mailed, tmp_path, clock).result()
    before = dump(place.ctx)

    with serving(public.app(place.ctx)) as port:
        page, _ = open_page(chromium)
        for path in sorted(paths):
            for _ in range(2):
                page.goto(f"http://127.0.0.1:{port}{path}", wait_until="networkidle")
            page.request.head(f"http://127.0.0.1:{port}{path}")

    assert {path.split("/")[1] for path in paths} >= {"confirm", "u", "view", "waiting", "data", "subscribe"}
    assert dump(place.ctx) == before
    place.ctx.db.close()


def mailed(folder: Path, clock: Hands) -> tuple[Place, set[str]]:
    """A place that has sent every kind of mail, and the paths that these lead to."""
    place = opened(new_place(folder, clock, "sqlite:///var/digest.db"))
    post = Post(place)
    token = ask(place)
    mails = post.send()
    signup.confirm_by_code(place.ctx, token, code_in(mails[0]), Origin(how=How.CODE))
    waiting = ask(place, "zoe@example.net")
    place.drop("The harbour opens again")
    place.collect()
    place.send()
    own = data_requests.link(place.ctx, subscribers.show(place.ctx, ANN).subscriptions[0].id)
    data_requests.ask(place.ctx, own)
    data_requests.send_due(place.ctx)
    mails += [*post.send(), *post.new()]
    paths = {path for mail in mails for path in re.findall(r"https://ledger\.example\.org(/[\w/-]*)", plain(mail))}
    return place, paths | {f"/waiting/{token}", f"/waiting/{waiting}", f"/data/{own}", "/subscribe/readers"}
