"""An editor and a viewer at the admin pages, two editors at one desk, and the desk without a mouse: `./run looks`."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

pytest.importorskip("playwright.sync_api", reason="the group `looks` is not installed; `./run looks` installs it")
from digest.model.account import Permission
from tests.support.servers import Mailbox, smtp_server
from tests.support.staff import ROUTES, Staff, forms, headlines, route_of, staff
from tests.support.walking import BASE, HEADLINES, Installation, browsing, publish, served


@dataclass
class House:
    """An installation with an issue that was sent, stories for the next one, and somebody of each role logged in."""

    place: Installation
    running: Any
    axe: str
    kept: dict[str, Any]  #: what the browser of each role keeps
    seen: set[tuple[str, str]] = field(default_factory=set)

    @contextmanager
    def of(self, role: str) -> Iterator[Staff]:
        with staff(self.running, self.place, self.axe, self.seen, state=self.kept[role]) as person:
            yield person


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, launch: Any, axe: str) -> Iterator[House]:
    with smtp_server(Mailbox()) as mailbox:
        place = Installation(tmp_path_factory.mktemp("house"), mailbox)
        publish(place)
        for i, headline in enumerate(HEADLINES):
            text = f"{headline}\n\n{headline}, and the town talks of it. Who was there says that it took all morning.\n"
            (place.folder / "texts" / f"next-{i}.txt").write_text(text, encoding="utf-8")
        place.digest("collect")
        links = {role: invited(place, role) for role in ("owner", "editor", "viewer")}
        with served(place), browsing(launch, place) as running:
            kept = {}
            for role, link in links.items():
                with staff(running, place, axe, set()) as person:
                    person.accept(link)
                    kept[role] = person.page.context.storage_state()
            yield House(place, running, axe, kept)


def invited(place: Installation, role: str) -> str:
    said = place.digest("accounts", "add", f"{role}@ledger.example.org", "--name", role.title(), "--role", role)
    found = re.search(rf"{BASE}/admin/welcome/[\w-]+", said)
    assert found is not None, said
    return found[0]


def test_an_editor_edits_and_manages_neither_accounts_nor_sending(house: House) -> None:
    with house.of("editor") as editor:
        pages = editor.crawl()
        for path in pages:
            editor.visit(path)
            assert refused(editor, {Permission.ACCOUNTS, Permission.SEND}) == []
        assert "/admin/accounts" not in pages
        for path in posts({Permission.ACCOUNTS, Permission.SEND}):
            assert editor.post(path)[0] == 403, path

        editor.visit("/admin/desk/daily")
        _, first, *_ = headlines(editor)
        editor.press(f"Take out: {first}")

        assert first not in headlines(editor)


def test_a_viewer_sees_every_page_of_the_newsroom_and_changes_nothing(house: House) -> None:
    changes = {Permission.EDIT, Permission.SEND, Permission.ACCOUNTS}
    with house.of("viewer") as viewer:
        for path in viewer.crawl():
            viewer.visit(path)
            assert refused(viewer, changes) == []
            assert path.startswith("/admin/me") or forms(viewer) == [], path
        for path in posts(changes):
            status, text = viewer.post(path)
            assert (status, "Your role does not allow this" in text) == (403, True), path


def refused(person: Staff, permissions: set[Permission]) -> list[str]:
    """The links and forms of the page that lead to what these permissions allow."""
    shown = [route_of(path) for path in person.links()] + [route_of(path, "POST") for path in forms(person)]
    return [route.path for route in shown if route is not None and route.needs in permissions]


def posts(permissions: set[Permission]) -> list[str]:
    """The paths of all forms that need one of these permissions."""
    values = {"name": "daily", "number": "1", "story": "1", "token": "x"}
    return [
        re.sub(r"\{(\w+)\}", lambda found: values.get(found[1], "1"), route.path)
        for route in ROUTES
        if route.method == "POST" and route.needs in permissions
    ]


# --- two at the desk -------------------------------------------------------------------------


def test_of_two_editors_at_the_desk_neither_loses_a_change_without_being_told(house: House) -> None:
    with house.of("owner") as mara, house.of("editor") as jonas:
        mara.visit("/admin/desk/daily")
        jonas.visit("/admin/desk/daily")
        *_, other, last = headlines(mara)
        mara.follow(f"Edit: {other}")
        mara.fill("Headline", "Mara's headline")
        jonas.press(f"Take out: {last}")
        with mara.page.expect_response(lambda answer: answer.status == 409):
            mara.press("Save the words")
        mara.complaints.clear()  # of the 409
        mara.look("conflict")
        assert "Editor" in mara.text()
        assert last in mara.text()
        assert "Mara's headline" in mara.text()
        mara.press("Keep mine, on top of theirs")

        assert "Mara's headline" in headlines(mara)
        assert last not in headlines(mara)


def enter(person: Staff, selector: str) -> None:
    """Reach what leads to another page, and press Enter."""
    person.reach(selector)
    with person.page.expect_navigation():
        person.page.keyboard.press("Enter")


def test_the_desk_is_used_with_the_keyboard_alone(house: House) -> None:
    with house.of("owner") as mara:
        mara.visit("/admin/")
        mara.reach("a.skip")
        mara.page.keyboard.press("Enter")
        enter(mara, "main a[href^='/admin/desk']")
        _, first, second, *_ = headlines(mara)
        enter(mara, f'[aria-label="Move down: {first}"]')
        assert headlines(mara).index(first) > headlines(mara).index(second)
        enter(mara, f'[aria-label="Edit: {first}"]')
        mara.reach("input[name=headline]")
        mara.page.keyboard.press("Control+A")
        mara.page.keyboard.type("Typed by hand")
        enter(mara, "button[value=rewrite]")

        assert "Typed by hand" in headlines(mara)


def test_people_are_imported_and_the_import_is_undone_with_the_keyboard_alone(house: House) -> None:
    with house.of("owner") as mara:
        mara.visit("/admin/subscribers")
        before = mara.text()
        mara.visit("/admin/imports")
        enter(mara, "main a[href='/admin/imports/new']")
        mara.reach("input[type=file]")
        with mara.page.expect_file_chooser() as chosen:
            mara.page.keyboard.press("Enter")
        content = b"Kontakt;Rufname\nkey1@many.example;Ann\nkey2@many.example;Bob\nnobody;Eve\n"
        chosen.value.set_files({"name": "festival.csv", "mimeType": "text/csv", "buffer": content})
        enter(mara, "main form[method=post] button")
        for column, letters in (("Kontakt", "Addr"), ("Rufname", "First")):
            mara.reach(f'select[aria-label="What {column} holds"]')
            mara.page.keyboard.type(letters)  # the option that begins with them
        mara.reach("textarea[name=consent]")
        mara.page.keyboard.type("signed at the festival")
        enter(mara, "form[method=get] button")
        assert "2 + 1 = 3 lines" in mara.text()
        enter(mara, "form[action$='/go'] button")
        assert re.search(r"added\s+2\s+changed\s+0\s+taken off\s+0\s+rejected\s+1", mara.text())
        enter(mara, "main a[href$='/undo']")
        enter(mara, "main form[method=post] button")
        mara.visit("/admin/subscribers")
        assert mara.text() == before
