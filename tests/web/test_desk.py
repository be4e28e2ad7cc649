"""The issue desk in a browser: without script, by each role, and by two at once."""

import re
from collections.abc import Iterator

import pytest

from digest.model.account import Role
from digest.model.states import IssueState
from digest.services import drafts, issues
from digest.services.tallies import Tallies
from tests.support.newsroom import Browser, browsers, hidden, person
from tests.support.place import Place

pytestmark = pytest.mark.any_database

DESK = "/admin/desk/daily"
NASTY = "\"'><script>alert(1)</script><img src=x onerror=alert(2)>"


@pytest.fixture
def filled(place: Place) -> Place:
    place.clock.turn(hours=-2)
    place.drop("A harbour opens", "B bridge closes", "C choir sings")
    place.collect()
    place.readers("ann@example.org")
    return place


@pytest.fixture
def two(filled: Place) -> Iterator[list[Browser]]:
    """Mara the owner and Jonas the editor, both at the desk."""
    people = [person(filled), person(filled, "jonas@ledger.example.org", role=Role.EDITOR)]
    with browsers(filled) as made:
        for browser, who in zip(made, people, strict=False):
            browser.log_in(filled, who)
        yield made[:2]


@pytest.fixture
def browser(two: list[Browser]) -> Browser:
    return two[0]


def order(place: Place) -> list[str]:
    return [story.headline for story in drafts.draft(place.ctx, place.daily, Tallies()).stories]


def path(place: Place, letter: str) -> str:
    found = drafts.draft(place.ctx, place.daily, Tallies())
    number = next(s.story for s in (*found.stories, *found.out) if s.original_headline.startswith(letter))
    return f"{DESK}/stories/{number}"


def test_the_desk_shows_the_coming_issue_in_order_with_reasons_and_scores(filled: Place, browser: Browser) -> None:
    page = browser.open("/admin/desk")
    assert (page.status_code, page.headers["location"]) == (303, DESK)
    shown = browser.open(DESK).text

    places = [shown.index(headline) for headline in order(filled)]
    assert places == sorted(places)
    assert "Top story" in shown
    assert "number 1 by score" in shown
    assert "freshness" in shown
    assert f'href="{DESK}"' in browser.open("/admin/").text


def test_buttons_move_take_out_put_back_and_rewrite_without_script(filled: Place, browser: Browser) -> None:
    b, c = path(filled, "B"), path(filled, "C")
    for where, fields in (
        (c, {"act": "up"}),
        (b, {"act": "rewrite", "headline": "The bridge is shut", "summary": ""}),
    ):
        assert browser.send(where, DESK, **fields).headers["location"].startswith(DESK)

    assert order(filled) == ["A harbour opens", "C choir sings", "The bridge is shut"]
    browser.send(path(filled, "A"), DESK, act="out")
    shown = browser.open(DESK).text
    assert "Original: B bridge closes" in shown
    assert "taken out of this issue by Mara" in shown
    browser.send(path(filled, "A"), DESK, act="leave")
    browser.send(b, DESK, act="move", **{"as": "top", "section": "", "place": ""})
    assert order(filled)[0] == "The bridge is shut"


def test_words_that_are_as_the_original_go_on_with_the_source(filled: Place, browser: Browser) -> None:
    where = path(filled, "B")
    fields = {"act": "rewrite", "headline": "B bridge closes", "summary": "Ours."}
    browser.send(where, DESK, **fields)

    [story] = [s for s in drafts.draft(filled.ctx, filled.daily, Tallies()).stories if s.original_headline.startswith("B")]
    assert (story.headline, story.summary) == ("B bridge closes", "Ours.")


def test_of_two_at_once_the_second_sees_both_and_chooses(filled: Place, two: list[Browser]) -> None:
    mara, jonas = two
    where = path(filled, "B")
    seen = hidden(mara.open(DESK).text)
    jonas.send(where, DESK, act="rewrite", headline="By Jonas", summary="")

    mine = {"act": "rewrite", "headline": "By Mara", "summary": "", **seen}
    refused = mara.client.post(
        where, data=mine, headers={"Sec-Fetch-Site": "same-origin", "Origin": "https://ledger.example.org"}
    )

    assert refused.status_code == 409
    assert "Jonas" in refused.text
    assert "By Jonas" in refused.text
    assert "By Mara" in refused.text
    assert "By Jonas" in order(filled)
    kept = hidden(refused.text)
    mara.client.post(where, data=kept, headers={"Sec-Fetch-Site": "same-origin", "Origin": "https://ledger.example.org"})
    assert "By Mara" in order(filled)


def test_a_form_that_is_wrong_comes_back_with_what_was_typed(filled: Place, browser: Browser) -> None:
    long = browser.send(path(filled, "B"), DESK, act="rewrite", headline="x" * 201, summary="kept text")
    empty = browser.send(f"{DESK}/add", headline=" ", summary="kept text")
    link = browser.send(f"{DESK}/add", link="nonsense")

    assert [answer.status_code for answer in (long, empty, link)] == [422] * 3
    assert "The headline is too long." in long.text
    assert "kept text" in long.text
    assert "A story needs a headline." in empty.text
    assert "kept text" in empty.text
    assert "That is not a web address." in link.text


def test_a_drag_is_a_form_that_names_the_new_place_and_is_refused_like_any_other(filled: Place, two: list[Browser]) -> None:
    mara, jonas = two
    stale = hidden(mara.open(DESK).text)
    first, second, third = order(filled)
    fields = {"act": "move", "section": "", "as": "full", "place": "2"}
    jonas.send(path(filled, second[0]), DESK, **fields)
    moved = order(filled)
    jonas.send(path(filled, third[0]), DESK, act="leave")
    refused = mara.client.post(
        path(filled, third[0]),
        data=stale | fields | {"place": "1"},
        headers={"Sec-Fetch-Site": "same-origin", "Origin": "https://ledger.example.org"},
    )

    assert moved == [first, third, second]
    assert (refused.status_code, "Move the story" in refused.text, third in refused.text) == (409, True, True)
    assert order(filled) == moved


def test_the_desk_shows_the_part_that_is_asked_for_and_stays_there(filled: Place, browser: Browser) -> None:
    browser.send(path(filled, "A"), DESK, act="out", part="")
    out = browser.open(f"{DESK}?part=out").text
    back = browser.send(path(filled, "A"), DESK, act="leave", part="out")

    assert 'class="desk" data-part="out"' in out
    assert back.headers["location"].startswith(f"{DESK}?part=out#s")
    assert 'class="desk" data-part="issue"' in browser.open(f"{DESK}?part=nonsense").text


def test_introduction_and_a_story_by_hand_are_in_the_mail_that_the_desk_shows(filled: Place, browser: Browser) -> None:
    browser.send(f"{DESK}/introduction", note="Good morning.", by="Mara L.")
    browser.send(f"{DESK}/add", headline="We move", summary="From Monday.", url="", publisher="", section="")
    page, text, dark = (browser.open(f"{DESK}/preview?{query}") for query in ("view=phone", "view=text", "scheme=dark"))
    reader = browser.open(f"{DESK}/preview?view=text&as=ann%40example.org").text
    stranger = browser.open(f"{DESK}/preview?as=nobody%40example.org").text

    assert "Good morning." in page.text
    assert "We move" in text.text
    assert "sandbox" in page.headers["content-security-policy"]
    assert "@media all" in dark.text
    assert "@media not all" in page.text
    assert "We move" in reader
    assert "would get no mail" in stranger


def test_the_frame_of_checks_says_size_and_findings(filled: Place, browser: Browser) -> None:
    answer = browser.open(f"{DESK}/checks")

    assert re.search(r"<b>\d+ kB</b> of 95 kB", answer.text)
    assert "frame-ancestors 'self'" in answer.headers["content-security-policy"]


def test_a_test_copy_goes_to_the_one_who_asks(filled: Place, browser: Browser) -> None:
    shown = browser.send(f"{DESK}/test", DESK)

    assert "A test copy is on its way to mara@ledger.example.org." in shown.text
    [mail] = filled.mails()
    assert b"To: mara@ledger.example.org" in mail.read_bytes()


def test_a_viewer_looks_and_changes_nothing(filled: Place) -> None:
    who = person(filled, "vera@ledger.example.org", role=Role.VIEWER)
    with browsers(filled) as (browser, *_):
        browser.log_in(filled, who)
        shown = browser.open(DESK).text
        refused = browser.send(path(filled, "A"), "/admin/me", act="out", slot="", revision="0")

    assert "A harbour opens" in shown
    assert 'name="act"' not in shown
    assert refused.status_code == 403
    assert len(order(filled)) == 3


def test_what_sources_and_editors_write_is_shown_and_never_run(filled: Place, browser: Browser) -> None:
    browser.send(f"{DESK}/add", headline=NASTY, summary=NASTY, url="", publisher=NASTY, section="")
    browser.send(f"{DESK}/introduction", note=NASTY, by=NASTY[:80])
    story = path(filled, NASTY[0])
    pages = [
        browser.open(where).text
        for where in (DESK, story, f"{DESK}/introduction", f"{DESK}/preview", f"{DESK}/preview?view=text")
    ]

    for page in pages:
        assert "<script>alert" not in page
        assert "<img src=x" not in page


def test_a_frozen_issue_says_so_and_offers_no_forms_and_a_cancelled_one_is_reopened(filled: Place, browser: Browser) -> None:
    browser.send(f"{DESK}/introduction", note="Good morning.", by="Mara")
    browser.send("/admin/issues/1/cancel", reason="a slip")
    cancelled = browser.open(DESK).text
    refused = browser.send(path(filled, "A"), f"{DESK}/introduction", act="out")
    browser.send("/admin/issues/1/reopen")

    assert 'name="act"' not in cancelled
    assert refused.status_code == 409
    assert issues.show(filled.ctx, newsletter="daily", key="2026-03-03").state is IssueState.DRAFT
    assert 'name="act"' in browser.open(DESK).text


def test_a_paused_newsletter_has_a_desk_that_says_what_to_do(filled: Place, browser: Browser) -> None:
    with filled.ctx.db.begin() as tx:
        tx.get(type(filled.daily), filled.daily.id).paused_from = filled.clock()  # type: ignore[union-attr]

    assert "digest newsletters set daily --resume" in browser.open(DESK).text
