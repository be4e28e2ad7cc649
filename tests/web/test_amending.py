"""The pages and paths of the API by which an issue is changed in the middle of its send, and corrected."""

from collections.abc import Iterator

import pytest

from digest.model.account import Role
from digest.model.issue import Issue
from digest.model.states import DeliveryState, IssueState
from digest.services import amending, issues
from tests.support.api import owner
from tests.support.midsend import RIGHT, WRONG, by_address, finish, hand_over, queued, story
from tests.support.newsroom import Browser, browsers, person
from tests.support.place import Place

pytestmark = pytest.mark.any_database

D = DeliveryState


@pytest.fixture
def held(place: Place) -> Issue:
    """An issue that a and b have, and c and d wait for."""
    issue = queued(place, *(f"{letter}@example.org" for letter in "abcd"))
    hand_over(place, issue, D.SENT, D.SENT)
    issues.hold(place.ctx, issue.id, reason="three?")
    return issue


@pytest.fixture
def browser(place: Place, held: Issue) -> Iterator[Browser]:
    who = person(place, role=Role.EDITOR, sends=True)
    with browsers(place) as (made, *_):
        made.log_in(place, who)
        yield made


def test_the_words_are_corrected_for_the_rest_and_the_page_says_who_got_which(
    place: Place, held: Issue, browser: Browser
) -> None:
    home = f"/admin/issues/{held.id}"
    form = f"{home}/stories/{story(place, held)}/correct"
    assert form in browser.open(home).text
    assert "2 mails that wait get them" in browser.open(form).text
    browser.send(form, headline=RIGHT, summary="Two came.")
    browser.send(f"{home}/introduction", note="We can count.", by="")
    browser.send(f"{home}/resume")
    finish(place, held)
    page = " ".join(browser.open(home).text.split())

    assert {version for _, version in by_address(place, held).values()} == {1, 3}
    assert "2 (version 1) + 2 (version 3) = <b>4</b> readers who have it, or may have it." in page
    assert f"<b>{WRONG}</b>" in page
    assert ">Send a correction …<" in page


def test_a_form_that_is_wrong_or_stale_is_shown_again_with_what_was_typed(place: Place, held: Issue, browser: Browser) -> None:
    form = f"/admin/issues/{held.id}/stories/{story(place, held)}/correct"
    empty = browser.send(form, headline=" ", summary="Mine.")
    page = browser.open(form)
    amending.rewrite(place.ctx, held.id, story(place, held), headline="Four ships arrive")
    stale = browser.client.post(
        form,
        data={
            "form": page.text.split('name="form" value="')[1].split('"')[0],
            "version": "1",
            "headline": RIGHT,
            "summary": "Mine.",
        },
        headers={"Sec-Fetch-Site": "same-origin", "Origin": "https://ledger.example.org"},
    )

    assert (empty.status_code, stale.status_code) == (422, 422)
    assert "A story needs a headline." in empty.text
    assert "Mine." in empty.text
    assert "Your words stand here" in stale.text
    assert RIGHT in stale.text
    assert issues.details(place.ctx, held.id).version == 2


def test_a_correction_says_to_how_many_it_goes_and_is_made_with_one_button(place: Place, held: Issue, browser: Browser) -> None:
    amending.rewrite(place.ctx, held.id, story(place, held), headline=RIGHT)
    form = f"/admin/issues/{held.id}/correct"
    asked = browser.open(form).text
    none = browser.send(form)
    made = browser.send(form, **{"story-1": "1", "sentence": "We are sorry."})
    again = browser.open(form)
    page = browser.open(made.headers["location"]).text

    assert "It goes to the 2 readers who got other words than these" in asked
    assert WRONG in asked
    assert RIGHT in asked
    assert none.status_code == 422
    assert made.status_code == 303
    assert "It corrects" in page
    assert "a correction" in page
    assert again.status_code == 409
    assert issues.details(place.ctx, held.id + 1).state is IssueState.READY


def test_nothing_is_offered_while_mails_go_out_or_to_whom_it_is_not_permitted(
    place: Place, held: Issue, browser: Browser
) -> None:
    form = f"/admin/issues/{held.id}/stories/{story(place, held)}/correct"
    issues.resume(place.ctx, held.id)
    while_sending = browser.open(form)
    issues.hold(place.ctx, held.id, reason="x")
    who = person(place, "vera@ledger.example.org", role=Role.VIEWER)
    with browsers(place) as (viewer, *_):
        viewer.log_in(place, who)
        seen = viewer.open(f"/admin/issues/{held.id}").text
        refused = viewer.open(form)

    assert while_sending.status_code == 409
    assert "Hold it first" in while_sending.text
    assert "/correct" not in seen
    assert refused.status_code == 403


def test_a_program_does_the_same(place: Place, held: Issue) -> None:
    number = story(place, held)
    with owner(place) as program:
        changed = program.ask("PUT", f"/issues/{held.id}/stories/{number}", json={"headline": RIGHT})
        noted = program.ask("PUT", f"/issues/{held.id}/note", json={"text": "We can count.", "by": "Mara"})
        planned = program.get(f"/issues/{held.id}/correction")
        made = program.ask("POST", f"/issues/{held.id}/correction", json={"stories": [1]})
        withdrawn = program.ask("POST", f"/issues/{held.id}/stories/{number}/withdraw")
        cancelled = program.ask("POST", f"/issues/{held.id}/cancel", json={})
        reopened = program.ask("POST", f"/issues/{held.id}/reopen")

    assert [one.status_code for one in (changed, noted, planned, withdrawn, cancelled, reopened)] == [200] * 6
    assert (noted.json()["version"], noted.json()["versions"]) == (3, {"1": 2})
    assert (planned.json()["readers"], planned.json()["stories"][0]["headline"]) == (2, RIGHT)
    assert made.status_code == 201
    assert made.json()["corrects_id"] == held.id
    assert (withdrawn.json()["version"], reopened.json()["state"]) == (4, "sending")
