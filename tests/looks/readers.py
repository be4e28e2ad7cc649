"""A reader's way through all pages in a real browser: `./run looks`."""

import re
import ssl
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from typing import Any

import pytest

pytest.importorskip("playwright.sync_api", reason="the group `looks` is not installed; `./run looks` installs it")
from tests.support.servers import Mailbox, smtp_server
from tests.support.signups import code_in, plain
from tests.support.walking import BASE, Installation, Visitor, browsing, publish, served


@pytest.fixture(scope="module")
def paper(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with smtp_server(Mailbox()) as mailbox:
        made = Installation(tmp_path_factory.mktemp("paper"), mailbox)
        publish(made)
        with served(made):
            yield made


@pytest.fixture(scope="module")
def visitors(launch: Any, paper: Installation) -> Iterator[Any]:
    with browsing(launch, paper) as running:
        yield running


@contextmanager
def visitor(visitors: Any, paper: Installation, axe: str, *, language: str = "en", scripts: bool = True) -> Iterator[Visitor]:
    place = visitors.new_context(viewport={"width": 375, "height": 900}, locale=language, java_script_enabled=scripts)
    yield Visitor(paper, place.new_page(), axe)
    place.close()


def issue(paper: Installation, address: str) -> EmailMessage:
    """Wait for welcome and newest issue, which come in any order, and return the issue."""
    paper.mail(address, 3)
    return next(mail for mail in paper.mails(address) if f"{BASE}/view/" in plain(mail))


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
    language: str, person: str, visitors: Any, paper: Installation, axe: str
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
        newest = issue(paper, person)

        visit.visit(link(newest, "/view/"))
        visit.judge()
        assert "Harbour" in visit.page.inner_text("body") or "harbour" in visit.page.inner_text("body")
        visit.visit("/archive/daily")
        visit.judge()
        press(visit, "main a >> nth=0")
        visit.judge()

        visit.visit(link(newest, "/p/"))
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

        one_click(paper, link(newest, "/u/"))
        assert "unsubscribed" in paper.digest("subscribers", "show", moved)
        visit.visit(link(newest, "/u/"))
        visit.judge()
        press(visit, "main form:has([name=Return]) button")
        visit.judge()
        assert "active" in paper.digest("subscribers", "show", moved)
        visit.visit(link(newest, "/u/"))
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


def one_click(paper: Installation, address: str) -> None:
    """Leave as a mail program does (RFC 8058)."""
    trust = ssl.create_default_context()
    trust.check_hostname, trust.verify_mode = False, ssl.CERT_NONE
    at = address.replace(BASE, f"https://127.0.0.1:{paper.port}")
    with urllib.request.urlopen(urllib.request.Request(at, data=b"List-Unsubscribe=One-Click"), context=trust) as answer:
        assert answer.status == 200


def test_the_front_page_alone_is_enough_to_sign_up(visitors: Any, paper: Installation, axe: str) -> None:
    with visitor(visitors, paper, axe, scripts=False) as visit:
        visit.visit("/")
        visit.page.fill("#address", "eva@example.org")
        press(visit)

        visit.page.fill("#code", code_in(paper.mail("eva@example.org", 1)))
        press(visit)
        assert "active" in paper.digest("subscribers", "show", "eva@example.org")


def test_every_step_works_without_script(visitors: Any, paper: Installation, axe: str) -> None:
    with visitor(visitors, paper, axe, scripts=False) as visit:
        asked = sign_up(visit, "carl@example.org")

        visit.page.fill("#code", code_in(asked))
        press(visit)
        newest = issue(paper, "carl@example.org")
        visit.visit(link(newest, "/p/"))
        visit.page.fill("#name", "Carl")
        press(visit, "main .save button")
        assert "Carl" in paper.digest("subscribers", "show", "carl@example.org")
        visit.visit(link(newest, "/u/"))
        press(visit, "main form:has([name=List-Unsubscribe]) button")

        assert "unsubscribed" in paper.digest("subscribers", "show", "carl@example.org")


def test_every_step_works_with_the_keyboard_alone(visitors: Any, paper: Installation, axe: str) -> None:
    """Tab until the next field or button has the focus, which is seen; Enter presses it."""
    with visitor(visitors, paper, axe) as visit:
        visit.visit("/")
        visit.reach("a[href^='/subscribe']")
        visit.page.keyboard.press("Enter")
        visit.page.wait_for_selector("#address")
        visit.reach("#address")
        visit.page.keyboard.type("dora@example.org")
        time.sleep(2.1)  # who is faster is taken for a robot
        visit.page.keyboard.press("Enter")
        visit.page.wait_for_selector("#code")
        code = code_in(paper.mail("dora@example.org", 1))
        visit.reach("#code")
        visit.page.keyboard.type(code)
        visit.page.keyboard.press("Enter")
        newest = issue(paper, "dora@example.org")
        visit.visit(link(newest, "/u/"))
        visit.reach("main form:has([name=List-Unsubscribe]) button")
        visit.page.keyboard.press("Enter")
        visit.page.wait_for_selector("[name=Return]", state="attached")

        assert "unsubscribed" in paper.digest("subscribers", "show", "dora@example.org")
