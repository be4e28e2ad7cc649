"""The form under pressure: a widget of our own files, and no way round it."""

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from html import unescape

import pytest
from fastapi.testclient import TestClient

from digest.languages import load, shipped
from digest.services import pressure, subscribers
from digest.web import altcha, public
from tests.support.dumps import dump
from tests.support.pages import hidden, solved
from tests.support.place import Place
from tests.support.signups import ask, opened

pytestmark = pytest.mark.any_database


@pytest.fixture
def pressed(place: Place, monkeypatch: pytest.MonkeyPatch) -> Place:
    """Half of the limit is used."""
    monkeypatch.setattr(pressure, "COST", 10)
    settings = place.ctx.settings.model_copy(update={"signup_limits": "address=2/day,all=2/hour"})
    made = replace(opened(place), ctx=replace(place.ctx, settings=settings))
    ask(made, "first@example.com", ip="198.51.100.1")
    return made


@pytest.fixture
def client(pressed: Place) -> Iterator[TestClient]:
    with TestClient(public.app(pressed.ctx), follow_redirects=False, client=("192.0.2.7", 1)) as made:
        yield made


def puzzle(page: str) -> str:
    found = re.search(r'<altcha-widget [^>]*challenge="([^"]*)"', page)
    assert found is not None
    return unescape(found[1])


def filled(place: Place, page: str, **fields: str) -> dict[str, str]:
    """The form as a person sends it."""
    place.clock.turn(seconds=20)
    return {**hidden(page), "address": "ann@example.org", **fields}


# --- the form --------------------------------------------------------------------------------


def test_a_calm_form_has_no_script(place: Place) -> None:
    with TestClient(public.app(opened(place).ctx)) as client:
        answer = client.get("/subscribe/readers")

    assert "<script" not in answer.text
    assert "script-src" not in answer.headers["content-security-policy"]


def test_a_form_under_pressure_takes_what_the_widget_makes(pressed: Place, client: TestClient) -> None:
    page = client.get("/subscribe/readers")

    answer = client.post("/subscribe/readers", data=filled(pressed, page.text, altcha=solved(puzzle(page.text))))

    assert (answer.status_code, answer.headers["location"][:9]) == (303, "/waiting/")
    assert "script-src 'self'; worker-src 'self'" in page.headers["content-security-policy"]
    assert "unsafe" not in page.headers["content-security-policy"]


def test_a_form_that_was_open_before_the_pressure_is_shown_again_with_what_was_filled_in(
    pressed: Place, client: TestClient
) -> None:
    page = client.get("/subscribe/readers").text

    answer = client.post("/subscribe/readers", data=filled(pressed, page, name="Ann"))
    again = client.post("/subscribe/readers", data=filled(pressed, answer.text, altcha=solved(puzzle(answer.text))))

    assert answer.status_code == 422
    assert 'value="ann@example.org"' in answer.text
    assert 'value="Ann"' in answer.text
    assert 'role="alert"' in answer.text
    assert again.status_code == 303


def test_without_script_the_form_can_be_sent_after_a_minute_however_often_it_was_sent_before(
    pressed: Place, client: TestClient
) -> None:
    page = client.get("/subscribe/readers").text
    assert "<noscript>" in page
    early = client.post("/subscribe/readers", data=filled(pressed, page))
    pressed.clock.turn(seconds=30)

    late = client.post("/subscribe/readers", data=filled(pressed, early.text))

    assert (early.status_code, late.status_code) == (422, 303)


BODIES = {
    "urlencoded": {"data": {}},
    "multipart": {"files": {"none": ("none", b"")}},
    "json": {"headers": {"Content-Type": "application/json"}},
    "text": {"headers": {"Content-Type": "text/plain"}},
    "octets": {"headers": {"Content-Type": "application/octet-stream"}},
    "nothing": {"headers": {"Content-Type": ""}},
}


@pytest.mark.parametrize("kind", BODIES)
def test_no_content_type_leads_round_the_proof(pressed: Place, client: TestClient, kind: str) -> None:
    fields = filled(pressed, client.get("/subscribe/readers").text)
    before = dump(pressed.ctx)
    if kind in ("urlencoded", "multipart"):
        answer = client.post(
            "/subscribe/readers", data=fields, **({"files": BODIES[kind]["files"]} if kind == "multipart" else {})
        )
    else:
        body = json.dumps(fields) if kind == "json" else "&".join(f"{name}={value}" for name, value in fields.items())
        answer = client.post("/subscribe/readers", content=body, headers=BODIES[kind]["headers"])

    assert answer.status_code == 422
    assert dump(pressed.ctx) == before
    assert subscribers.listed(pressed.ctx) == []


@pytest.mark.parametrize("code", shipped())
def test_the_form_and_the_widget_speak_the_visitors_language(pressed: Place, client: TestClient, code: str) -> None:
    page = client.get("/subscribe/readers", headers={"Accept-Language": code}).text
    words = load(code).gettext(
        "Many people are signing up at this moment, so your browser does a small sum before it sends the form."
    )
    scripts = re.findall(r'<script type="module" src="(/altcha/[^"]+)"', page)

    assert words in unescape(page)
    assert f'dir="{load(code).direction}"' in page
    assert len(scripts) == 3
    assert all(client.get(path).status_code == 200 for path in scripts)


# --- its files -------------------------------------------------------------------------------


def test_the_widgets_files_are_those_that_its_page_names() -> None:
    named = dict(
        re.findall(r"^\| (\S+) \| ([0-9a-f]{64}) \|$", (altcha.FOLDER / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    )
    found = {
        str(path.relative_to(altcha.FOLDER)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in altcha.FOLDER.rglob("*")
        if path.suffix in altcha.TYPES and path.name != "start.js"
    }

    assert named == found
    assert (altcha.FOLDER / "LICENSE.txt").read_text(encoding="utf-8").startswith("MIT License")


@pytest.mark.parametrize("name", ["README.md", "LICENSE.txt", "../pages.py", "%2e%2e/pages.py", "i18n", "", "nothing.js"])
def test_nothing_but_the_widgets_files_is_served(client: TestClient, name: str) -> None:
    assert client.get(f"/altcha/{name}").status_code == 404


def test_the_widgets_files_are_served_with_their_types(client: TestClient) -> None:
    script, sheet = client.get("/altcha/start.js"), client.head("/altcha/altcha.css")

    assert script.headers["content-type"].startswith("text/javascript")
    assert sheet.headers["content-type"].startswith("text/css")
    assert script.headers["x-content-type-options"] == "nosniff"
