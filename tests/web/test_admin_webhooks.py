"""The pages of webhooks: an owner adds one, sees what became of its messages, and sends them again."""

import re
from collections.abc import Iterator

import pytest

from digest.model.account import Role
from digest.model.event import EventKind
from digest.services import lists, webhooks
from tests.support.newsroom import Browser, browsers, person
from tests.support.place import Place
from tests.support.receiver import receiving

pytestmark = pytest.mark.any_database


@pytest.fixture
def browser(place: Place) -> Iterator[Browser]:
    """A browser that an owner is logged in with."""
    who = person(place)
    with browsers(place) as [made, *_]:
        made.log_in(place, who)
        yield made


def test_an_owner_adds_a_webhook_and_reads_its_secret_once(place: Place, browser: Browser) -> None:
    assert "No program is sent events yet" in browser.open("/admin/webhooks").text

    shown = browser.send("/admin/webhooks/new", url="https://shop.example.org/hooks", people="on", issues="on")

    [secret] = re.findall(r'value="(whsec_[^"]+)"', shown.text)
    [made] = webhooks.every(place.ctx)
    nouns = {kind.value.partition(".")[0] for kind in made.kinds}
    assert nouns == {"subscription", "subscriber", "import", "suppression", "list", "issue", "newsletter"}
    assert "https://shop.example.org/hooks" in browser.open("/admin/webhooks").text
    assert secret not in browser.open(f"/admin/webhooks/{made.id}").text


@pytest.mark.parametrize("url", ["http://shop.example.org/", "https://a:b@shop.example.org/", "no address"])
def test_an_address_that_will_not_do_is_shown_with_what_is_wrong(place: Place, browser: Browser, url: str) -> None:
    answer = browser.send("/admin/webhooks/new", url=url, sources="on")

    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert 'name="sources" value="on" checked' in answer.text
    assert webhooks.every(place.ctx) == []


def test_what_was_sent_is_listed_tested_and_sent_again(place: Place, browser: Browser) -> None:
    with receiving() as receiver:
        receiver.statuses = [410]
        webhooks.add(place.ctx, receiver.url, kinds=[EventKind.LIST_ADDED], allow_private=True)
        lists.add(place.ctx, "weekend")
        webhooks.deliver_due(place.ctx)
        page = browser.open("/admin/webhooks/1").text
        assert "answers 410" in page
        assert "wants nothing any more" in page

        receiver.statuses = [200]
        assert "It took the test message." in browser.send("/admin/webhooks/1/test", page="/admin/webhooks/1").text
        assert browser.send("/admin/webhooks/1/replay", page="/admin/webhooks/1", message="").status_code == 303
        webhooks.deliver_due(place.ctx)
        assert 'chip ok"' in browser.open("/admin/webhooks/1").text
        assert "nothing to send again" in browser.send("/admin/webhooks/1/replay", page="/admin/webhooks/1", message="").text
        assert browser.send("/admin/webhooks/1/replay", page="/admin/webhooks/1", message="1").status_code == 303


def test_a_webhook_is_removed_after_a_question(place: Place, browser: Browser) -> None:
    webhooks.add(place.ctx, "https://shop.example.org/")
    lists.add(place.ctx, "weekend")
    webhooks._spread(place.ctx)

    assert "1 message that waits is not sent" in browser.open("/admin/webhooks/1/remove").text
    assert browser.send("/admin/webhooks/1/remove").status_code == 303
    assert webhooks.every(place.ctx) == []


def test_an_editor_does_not_see_the_place(place: Place) -> None:
    person(place)
    who = person(place, "ed@ledger.example.org", role=Role.EDITOR)
    with browsers(place) as [browser, *_]:
        browser.log_in(place, who)

        assert browser.open("/admin/webhooks").status_code == 403
        assert "/admin/webhooks" not in browser.open("/admin/me").text
