"""The pages of newsletters and settings: when each is due, what is changed, how it looks, and no secret in it."""

import re
from collections.abc import Iterator

import pytest

from digest import settings
from digest.model.account import Role
from digest.model.states import ApprovalPolicy, ArchiveAccess, Silence
from digest.services import lists, newsletters, suppressions
from tests.support.newsroom import Browser, browsers, person
from tests.support.place import Place

pytestmark = pytest.mark.any_database


@pytest.fixture
def browser(place: Place) -> Iterator[Browser]:
    place.drop("The harbour opens again")
    place.collect()
    who = person(place)
    with browsers(place) as (made, *_):
        made.log_in(place, who)
        yield made


def test_newsletters_are_listed_with_the_readers_of_their_lists(place: Place, browser: Browser) -> None:
    place.readers("ann@example.org", "bob@example.org")
    suppressions.add(place.ctx, "bob@example.org", reason="asked by mail")
    page = browser.open("/admin/newsletters").text

    assert re.search(
        r'href="/admin/subscribers\?mlist=readers&amp;state=active">1</a><span class="small muted"> Readers</span>', page
    )


def test_a_newsletter_that_is_given_another_list_is_listed_with_the_readers_of_that(
    place: Place, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("digest.services.tallies.SHARE", 10**9)  # as if the count of readers took long
    place.readers("ann@example.org")
    lists.add(place.ctx, "grid", title="Grid")
    browser.open("/admin/newsletters")
    browser.send("/admin/newsletters/daily", mlist="grid")
    page = browser.open("/admin/newsletters").text

    assert 'href="/admin/subscribers?mlist=grid&amp;state=active">0</a><span class="small muted"> Grid</span>' in page


def test_a_newsletter_says_when_it_is_due_ten_times(place: Place, browser: Browser) -> None:
    page = browser.open("/admin/newsletters/daily").text

    assert len(re.findall(r'<td class="num nw">Mar \d+, 2026, 07:00 CET', page)) == 10
    assert "paper@ledger.example.org" in page


def test_a_timetable_is_changed_and_a_wrong_one_is_refused(place: Place, browser: Browser) -> None:
    path = "/admin/newsletters/daily"
    bad = browser.send(path, at="25:00", days="mon-fri", zone="Europe/Berlin")
    browser.send(path, at="06:30", days="sat,sun", zone="Europe/Dublin")
    found = newsletters.show(place.ctx, "daily")

    assert (bad.status_code, 'value="25:00"' in bad.text) == (422, True)
    assert (found.at, found.days, found.zone) == ("06:30", "sat,sun", "Europe/Dublin")


def test_values_are_changed_and_those_of_other_forms_stay(place: Place, browser: Browser) -> None:
    lists.add(place.ctx, "weekend")
    values = {"title": "Dawn", "mlist": "weekend", "language": "de", "max_stories": "12", "min_stories": "3", "archive": "public"}
    bad = browser.send("/admin/newsletters/daily", **values | {"max_stories": "many"})
    browser.send("/admin/newsletters/daily", **values)
    found = newsletters.show(place.ctx, "daily")

    assert bad.status_code == 422
    assert (found.title, found.list, found.language, found.max_stories, found.min_stories) == ("Dawn", "weekend", "de", 12, 3)
    assert (found.archive, found.welcome_issue, found.at) == (ArchiveAccess.PUBLIC, False, "07:00")


def test_a_look_is_seen_before_it_is_used(place: Place, browser: Browser) -> None:
    page = browser.open("/admin/newsletters/daily?template=weekly&theme=gazette").text
    framed = browser.open("/admin/newsletters/daily/preview?template=weekly&theme=gazette")
    before = newsletters.show(place.ctx, "daily").template
    browser.send("/admin/newsletters/daily", "/admin/newsletters/daily?template=weekly&theme=gazette")
    found = newsletters.show(place.ctx, "daily")

    assert "preview?template=weekly&amp;theme=gazette" in page
    assert "The harbour opens again" in framed.text
    assert "sandbox" in framed.headers["content-security-policy"]
    assert (before, found.template, found.theme) == ("digest", "weekly", "gazette")
    assert browser.open("/admin/newsletters/daily?template=nope").status_code == 404


def test_an_approval_is_set_by_those_who_may_send(place: Place, browser: Browser) -> None:
    path = "/admin/newsletters/daily/approval"
    fields = {"approval": "required", "approval_min": "20", "approvers": "ann@example.org, jo@example.org"}
    bad = browser.send(path, "/admin/newsletters/daily?tab=approval", **fields | {"approvers": "nobody"}, approval_silence="send")
    done = browser.send(path, "/admin/newsletters/daily?tab=approval", **fields, approval_silence="send")
    found = newsletters.show(place.ctx, "daily")
    editor = person(place, "jonas@example.org", role=Role.EDITOR)
    with browsers(place) as (other, *_):
        other.log_in(place, editor)
        page = other.open("/admin/newsletters/daily?tab=approval").text
        refused = other.send(path, "/admin/me", **fields, approval_silence="hold")

    assert (bad.status_code, 'role="alert"' in bad.text, done.headers["location"]) == (
        422,
        True,
        "/admin/newsletters/daily?tab=approval",
    )
    assert (found.approval, found.approval_min, found.approval_silence) == (ApprovalPolicy.REQUIRED, 20, Silence.SEND)
    assert found.approvers == "ann@example.org,jo@example.org"
    assert (refused.status_code, "Whoever may send can change this." in page, "20 minutes" in page) == (403, True, True)


def test_rules_for_bounces_are_changed_by_number_and_set_back(place: Place, browser: Browser) -> None:
    path, page = "/admin/newsletters/daily", "/admin/newsletters/daily?tab=bounces"
    shown = browser.open(page).text
    names = re.findall(r'name="(bounces-[\w-]+)"', shown)
    usual = dict(re.findall(r'name="(bounces-[\w-]+)" value="([^"]*)"', shown)) | {"bounces-hard": "suppress"}
    bad = browser.send(path, page, **usual | {"bounces-score": "none"})
    browser.send(path, page, **usual | {"bounces-score": "3,5", "bounces-share": "5%", "bounces-complaint": "leave"})
    own = newsletters.show(place.ctx, "daily").bounce_rules
    listed = browser.open("/admin/bounces/pauses").text
    browser.send(path, page, **usual, bounces="default")

    assert len(names) == 9
    assert (bad.status_code, "until the address is suppressed”: this value cannot be used" in bad.text) == (422, True)
    assert own == "score=3.5,share=5%,complaint=leave"
    assert "its own" in listed
    assert newsletters.show(place.ctx, "daily").bounce_rules == ""


def test_a_tab_that_is_not_there_is_a_page_of_its_own(browser: Browser) -> None:
    assert browser.open("/admin/newsletters/daily?tab=nope").status_code == 404


def test_a_newsletter_is_paused_and_let_go_on(place: Place, browser: Browser) -> None:
    path = "/admin/newsletters/daily/pause"
    bad = browser.send(path, "/admin/me", paused="yes", until="2020-01-01")
    browser.send(path, "/admin/me", paused="yes", until="2026-03-10")
    paused = newsletters.show(place.ctx, "daily")
    browser.send(path, "/admin/me", paused="no")

    assert (bad.status_code, paused.paused, paused.paused_until is not None) == (422, True, True)
    assert not newsletters.show(place.ctx, "daily").paused


def test_a_newsletter_is_made_and_removed_unless_it_has_issues(place: Place, browser: Browser) -> None:
    made = browser.send("/admin/newsletters/new", name="weekend", title="Weekend", mlist="readers", at="08:00", days="sat")
    twice = browser.send("/admin/newsletters/new", name="weekend", title="", mlist="readers")
    browser.send("/admin/newsletters/weekend/remove", "/admin/me")
    place.readers("ann@example.org")
    place.send()
    kept = browser.send("/admin/newsletters/daily/remove", "/admin/me")

    assert made.headers["location"] == "/admin/newsletters/weekend"
    assert (twice.status_code, kept.status_code) == (422, 409)
    assert [paper.name for paper in newsletters.every(place.ctx)] == ["daily"]


def test_settings_are_shown_with_where_they_come_from_and_without_secrets(
    place: Place, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    (place.folder / ".env").write_text("DIGEST_POSTAL_ADDRESS=12 Harbour Street, Dublin\n", encoding="utf-8")
    monkeypatch.setenv("DIGEST_FROM", "x")
    page = browser.open("/admin/settings").text

    assert all(name in page for name in settings.names())
    assert "12 Harbour Street" in page
    assert "the file .env" in page
    assert "a variable of the environment" in page
    assert "p" * 32 not in page
    assert "s" * 32 not in page


def test_a_newsletter_that_is_not_there_is_a_page_of_its_own(browser: Browser) -> None:
    assert browser.open("/admin/newsletters/nobody").status_code == 404
    assert browser.open("/admin/newsletters/nobody/rules").status_code == 404
