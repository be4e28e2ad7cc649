"""A story that was withdrawn is gone from every page and from the mails that wait, and a note stands in its place."""

import re

import pytest
from fastapi.testclient import TestClient

from digest.errors import Conflict, NotFound
from digest.model.states import ArchiveAccess, DeliveryState, Skip
from digest.services import issues, messages, newsletters, sending
from digest.services.newsletters import Changes
from digest.store import deliveries
from digest.web import public
from tests.support.deliveries import queued
from tests.support.newsroom import browsers, person
from tests.support.pages import links
from tests.support.place import Place

pytestmark = pytest.mark.any_database

NOTE = "1 story was taken down after this issue went out."


@pytest.fixture
def sent(place: Place) -> Place:
    """An issue of two stories that Ann got, in a public archive."""
    place.readers("ann@example.org")
    place.drop("A harbour opens", "B bridge closes")
    place.collect()
    newsletters.change(place.ctx, "daily", Changes(archive=ArchiveAccess.PUBLIC))
    place.send()
    return place


def story(place: Place, letter: str) -> int:
    found = issues.show(place.ctx, newsletter="daily", key="1").stories
    return next(int(one["story_id"]) for one in found if one["headline"].startswith(letter))


def test_pages_lose_the_story_and_say_so_and_mails_that_went_stay_byte_for_byte(sent: Place) -> None:
    before = sent.mails()[0].read_bytes()
    [view] = links(sent, "view")
    with TestClient(public.app(sent.ctx)) as client:
        assert "B bridge closes" in client.get(view).text
        issues.withdraw_story(sent.ctx, 1, story(sent, "B"))
        issues.withdraw_story(sent.ctx, 1, story(sent, "B"))
        pages = [client.get(where) for where in (view, "/archive/daily/1")]
        lists = [client.get(where).text for where in ("/archive/daily", "/", "/archive/daily/feed.xml")]

    for page in pages:
        assert page.status_code == 200
        assert "A harbour opens" in page.text
        assert "B bridge closes" not in page.text
        assert NOTE in page.text
    assert not [text for text in lists if "B bridge closes" in text]
    with sent.ctx.db.read() as tx:
        [delivery] = deliveries.listed(tx)
    assert messages.remake(sent.ctx, delivery) == before


def test_mails_that_wait_go_without_it_and_who_would_get_nothing_else_nothing(place: Place) -> None:
    issue = queued(place, "ann@example.org", "bob@example.org")
    only = story(place, issues.show(place.ctx, newsletter="daily", key="1").stories[0]["headline"][0])
    issues.withdraw_story(place.ctx, issue.id, only)
    sending.deliver(place.ctx, issue)

    with place.ctx.db.read() as tx:
        states = {(row.state, row.reason) for row in deliveries.listed(tx)}
    assert states == {(DeliveryState.SKIPPED, Skip.WITHDRAWN.value)}


def test_only_what_went_out_can_be_withdrawn_and_only_what_is_there(sent: Place) -> None:
    with pytest.raises(NotFound) as missing:
        issues.withdraw_story(sent.ctx, 1, 999)
    sent.clock.turn(days=1)
    draft = issues.take_slot(sent.ctx, sent.daily, sent.daily.timetable.today(sent.clock()))
    with pytest.raises(Conflict) as early:
        issues.withdraw_story(sent.ctx, draft.id, 1)

    assert (missing.value.code, early.value.code) == ("no_story_in_issue", "not_published")


def test_the_page_of_the_issue_withdraws_it_after_it_has_said_what_that_does(sent: Place) -> None:
    who = person(sent)
    with browsers(sent) as (browser, *_):
        browser.log_in(sent, who)
        [where] = re.findall(rf"/admin/issues/1/stories/{story(sent, 'B')}/withdraw", browser.open("/admin/issues/1").text)
        asked = browser.open(where).text
        browser.send(where)
        shown, preview = browser.open("/admin/issues/1").text, browser.open("/admin/issues/1/preview").text

    assert "Mails that went out stay with their readers." in asked
    assert where not in shown
    assert "withdrawn" in shown
    assert "B bridge closes" not in preview
