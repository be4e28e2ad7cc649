"""The page that examines the installation: nothing is asked by a mere look, and each fault is shown with what to do."""

from collections.abc import Iterator

import pytest

from digest.model.account import Role
from tests.support.newsroom import Browser, browsers, person
from tests.support.place import Place

pytestmark = pytest.mark.any_database


@pytest.fixture
def browser(place: Place) -> Iterator[Browser]:
    """A browser that an editor is logged in with."""
    who = person(place, role=Role.EDITOR)
    with browsers(place) as [made, *_]:
        made.log_in(place, who)
        yield made


def test_an_editor_examines_the_installation(place: Place, browser: Browser) -> None:
    assert "Relay" not in browser.open("/admin/doctor").text

    found = browser.send("/admin/doctor", page="/admin/doctor", sending="", copy_to="")

    assert found.status_code == 200
    assert "mail goes into files: no relay is set" in found.text
    assert 'href="/admin/sources/new"' in found.text  # the newsletter has no source
    assert place.ctx.settings.pepper not in found.text


def test_what_is_no_ip_address_is_said_and_kept(browser: Browser) -> None:
    answer = browser.send("/admin/doctor", page="/admin/doctor", sending="192.0.2.10 mail.example", copy_to="")

    assert answer.status_code == 422
    assert "no IP address" in answer.text
    assert 'value="192.0.2.10 mail.example"' in answer.text
