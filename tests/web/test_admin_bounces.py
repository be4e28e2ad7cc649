"""The pages of what came back: they show what was said and run nothing of it, and do what the button says."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from digest.bounces.report import Reason, Verdict
from digest.languages import ADMIN_DOMAIN, load
from digest.model.account import Role
from digest.model.bounce import Effect, Proof
from digest.model.pause import PauseKind, SendingPause
from digest.services import bounces, pauses, personal, suppressions
from digest.services.bounce_pages import REPORTS_SHOWN
from digest.settings import Settings
from digest.store import bounces as returned
from digest.store import pauses as store
from digest.web.admin import bounce_words, charts
from tests.support.bounced import dsn, newest, process, publish, rows
from tests.support.newsroom import Browser, browsers, person
from tests.support.place import Place

pytestmark = pytest.mark.any_database

NASTY = "<script>alert(1)</script><img src=x onerror=alert(2)>"


@pytest.fixture
def back(place: Place) -> Place:
    """A place to which mails of Ann and Bob have come back."""
    told = place.ctx.settings.model_copy(update={"bounce_address": "bounces@paper.example"})
    place.ctx = replace(place.ctx, settings=told)
    publish(place, "ann@example.org", "bob@other.example", "eve@example.org")
    found = rows(place)
    process(
        place,
        dsn(found["ann@example.org"], text=f"550 5.1.1 user unknown {NASTY}"),
        dsn(found["bob@other.example"], status="5.2.2", text="552 5.2.2 mailbox full"),
    )
    return place


@pytest.fixture
def browser(back: Place) -> Iterator[Browser]:
    who = person(back)
    with browsers(back) as (made, *_):
        made.log_in(back, who)
        yield made


def addresses(page: str) -> list[str]:
    return re.findall(r'<a class="rowlink" href="/admin/bounces/\d+">([^<]+)</a>', page)


# --- to look ---------------------------------------------------------------------------------


def test_a_place_to_which_nothing_came_back_says_how_it_is_read(place: Place) -> None:
    who = person(place)
    with browsers(place) as (browser, *_):
        browser.log_in(place, who)
        page, listed = browser.open("/admin/bounces").text, browser.open("/admin/bounces/reports").text

    assert "Nothing came back in this time" in page
    assert "DIGEST_BOUNCE_MAILBOX" in page
    assert "There are none." in listed


def test_the_overview_counts_by_day_reason_and_domain(browser: Browser) -> None:
    page = browser.open("/admin/bounces").text

    assert 'aria-label="1 no such address, 1 did not arrive"' in page
    assert "mailbox full" in page
    assert "/admin/bounces/reports?domain=other.example" in page
    assert '<th scope="row">Tuesday, March 3, 2026</th>' in page


@pytest.mark.parametrize("days", ["7", "30", "90"])
def test_other_spans_of_time_can_be_chosen(back: Place, days: str) -> None:
    back.clock.turn(days=8)
    process(back, dsn(rows(back)["eve@example.org"]))
    who = person(back)

    with browsers(back) as (browser, *_):
        browser.log_in(back, who)
        label = re.search(r'aria-label="(\d[^"]*)"', browser.open(f"/admin/bounces?days={days}").text)

    assert label is not None
    assert label[1] == ("1 no such address" if days == "7" else "2 no such address, 1 did not arrive")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["bob@other.example", "ann@example.org"]),
        ("verdict=hard", ["ann@example.org"]),
        ("reason=mailbox+full", ["bob@other.example"]),
        ("domain=OTHER.example", ["bob@other.example"]),
        ("domain=%40other.example", ["bob@other.example"]),
        ("newsletter=1", ["bob@other.example", "ann@example.org"]),
        ("newsletter=7", []),
        ("effect=suppressed", ["ann@example.org"]),
        ("effect=taken+back", []),
        ("address=Ann%40EXAMPLE.org", ["ann@example.org"]),
        ("address=nobody%40example.org", []),
        ("verdict=hard&domain=other.example", []),
    ],
)
def test_a_list_is_filtered(browser: Browser, query: str, found: list[str]) -> None:
    assert addresses(browser.open(f"/admin/bounces/reports?{query}").text) == found


@pytest.mark.parametrize(
    "query", ["verdict=odd", "reason=odd", "effect=odd", "newsletter=x", "after=x", "newsletter=" + "9" * 30]
)
def test_a_filter_that_is_none_leads_nowhere(browser: Browser, query: str) -> None:
    assert browser.open(f"/admin/bounces/reports?{query}").status_code == 404
    assert browser.open("/admin/bounces?days=8").status_code == 404


def test_an_address_that_is_none_is_said(browser: Browser) -> None:
    page = browser.open("/admin/bounces/reports?address=ann")

    assert "That is not an e-mail address" in page.text
    assert 'value="ann"' in page.text


def test_a_long_list_goes_on_page_by_page(back: Place, browser: Browser) -> None:
    more = REPORTS_SHOWN + 10
    process(back, *(dsn(rows(back)["eve@example.org"], status="4.2.2", text=f"452 4.2.2 full {n}") for n in range(more)))

    first = browser.open("/admin/bounces/reports?verdict=soft").text
    link = re.search(r'href="\?([^"]*after=\d+)"', first)
    assert link is not None
    second = browser.open(f"/admin/bounces/reports?{link[1].replace('&amp;', '&')}").text

    assert len(addresses(first)) == REPORTS_SHOWN
    assert len(addresses(first)) + len(addresses(second)) == more + 1  # Bob's, too
    assert "after=" not in second


def test_a_report_shows_the_sentence_and_the_mail_it_is_about_and_runs_nothing(back: Place, browser: Browser) -> None:
    ann = rows(back)["ann@example.org"]
    page = browser.open("/admin/bounces/1").text

    assert "The address does not exist" in page
    assert "<mark>550 5.1.1 user unknown &lt;script&gt;" in page
    assert f'src="/admin/deliveries/{ann.id}/mail"' in page
    assert "The address is never mailed again." in page
    assert "<script>alert" not in page
    assert browser.open("/admin/bounces/1/mail.eml").content == bounces.original(back.ctx, 1)
    assert f'<a href="/admin/deliveries/{ann.id}">bounced</a>' in page


def test_delivery_and_search_lead_to_the_reports(back: Place, browser: Browser) -> None:
    page = browser.open(f"/admin/deliveries/{rows(back)['ann@example.org'].id}").text
    search = browser.open("/admin/deliveries?address=ann%40example.org").text

    assert '<a class="rowlink b" href="/admin/bounces/1">no such user</a>' in page
    assert 'href="/admin/bounces/reports?address=ann%40example.org"' in search


def test_of_an_erased_reader_and_a_forgotten_mail_the_verdict_is_left(back: Place, browser: Browser) -> None:
    personal.erase(back.ctx, "ann@example.org")

    page = browser.open("/admin/bounces/1")

    assert page.status_code == 200
    assert "an erased reader" in page.text
    assert "It is not kept any more." in page.text
    assert "ann@" not in page.text
    assert browser.open("/admin/bounces/1/mail.eml").status_code == 404


@pytest.mark.parametrize("path", ["/admin/bounces/99", "/admin/bounces/99/undo", "/admin/bounces/held/99", "/admin/bounces/x"])
def test_what_is_not_there_is_said(browser: Browser, path: str) -> None:
    page = browser.open(path)

    assert page.status_code == 404
    assert "There is nothing here" in page.text


# --- to decide -------------------------------------------------------------------------------


def test_a_report_is_taken_back_once_after_saying_what_that_does(back: Place, browser: Browser) -> None:
    asked = browser.open("/admin/bounces/1/undo").text
    done = browser.send("/admin/bounces/1/undo")
    again = browser.send("/admin/bounces/1/undo")

    assert "ann@example.org may be mailed again from the next issue on." in asked
    assert (done.status_code, done.headers["location"]) == (303, "/admin/bounces/1")
    assert suppressions.every(back.ctx) == []
    assert again.status_code == 409
    assert "There is nothing to take back any more" in again.text
    assert "taken back" in browser.open("/admin/bounces/1").text


def test_what_stays_suppressed_for_another_reason_is_said_before(back: Place, browser: Browser) -> None:
    suppressions.remove(back.ctx, "ann@example.org")
    suppressions.add(back.ctx, "ann@example.org", reason="by hand")

    assert "ann@example.org stays suppressed" in browser.open("/admin/bounces/1/undo").text


def test_reports_that_an_alarm_holds_back_are_decided_about(back: Place) -> None:
    back.clock.turn(days=1)
    publish(back, *(f"r{n}@old.example" for n in range(30)))
    process(back, *(dsn(row) for address, row in rows(back).items() if address.endswith("old.example")))
    who = person(back)
    with browsers(back) as (browser, *_):
        browser.log_in(back, who)
        decide_about_30(back, browser)


def decide_about_30(back: Place, browser: Browser) -> None:
    overview = browser.open("/admin/bounces").text
    report = browser.open(f"/admin/bounces/{newest(back).id}").text
    asked = browser.open("/admin/bounces/held/2?domain=old.example").text
    stale = browser.send("/admin/bounces/held/2", how="release", count="29")
    unclear = browser.send("/admin/bounces/held/2", how="")
    done = browser.send("/admin/bounces/held/2", how="release")

    assert "30 reports on The Morning Ledger No. 2" in overview
    assert 'href="/admin/bounces/held/2"' in report
    assert "Decide about 30 reports" in asked
    assert (stale.status_code, unclear.status_code, done.status_code) == (409, 422, 303)
    assert len(suppressions.every(back.ctx)) == 31
    assert "a person must look" not in browser.open("/admin/bounces").text


def test_who_may_only_look_sees_no_button(back: Place) -> None:
    who = person(back, "vera@ledger.example.org", role=Role.VIEWER)
    with browsers(back) as (browser, *_):
        browser.log_in(back, who)

        assert "/admin/bounces/1/undo" not in browser.open("/admin/bounces/1").text
        assert browser.open("/admin/bounces/1/undo").status_code == 403


# --- words -----------------------------------------------------------------------------------


@pytest.mark.parametrize("code", ["en", "de", "fr", "es"])
def test_everything_that_a_report_can_say_has_words(code: str) -> None:
    spoken = load(code, ADMIN_DOMAIN)

    assert set(bounce_words.verdicts(spoken)) == {verdict.value for verdict in Verdict} == set(charts.VERDICT_TONES)
    assert set(bounce_words.reasons(spoken)) == {reason.value for reason in Reason}
    assert set(bounce_words.effects(spoken)) == set(Effect)
    assert set(bounce_words.proofs(spoken)) == set(Proof)
    assert all(bounce_words.verdict_means(spoken, verdict) for verdict in Verdict)
    assert all(bounce_words.effect_means(spoken, effect) for effect in Effect)


def test_stacks_are_as_high_as_their_counts() -> None:
    found = charts.stacks([{"hard": 3, "soft": 1}, {}, {"soft": 2}], charts.VERDICT_TONES)

    assert found.most == 4
    assert [(p.tone, p.x, p.y, p.height) for p in found.parts] == [
        ("bad", 0.0, 21.0, 63.0),
        ("wait", 0.0, 0.0, 21.0),
        ("wait", 213.3, 42.0, 42.0),
    ]


# --- pauses, and how a report came -----------------------------------------------------------


def pause(place: Place, name: str) -> None:
    with place.ctx.db.begin() as tx:
        now = place.clock()
        until = now + timedelta(minutes=20)
        store.save(tx, SendingPause(kind=PauseKind.DOMAIN, name=name, began_at=now, until=until, reason="5 mails came back"))


def test_a_pause_is_shown_and_ended_by_those_who_may_send(back: Place, browser: Browser) -> None:
    before = browser.open("/admin/bounces/pauses").text
    pause(back, "gmail")
    shown = browser.open("/admin/bounces/pauses").text
    editor = person(back, "jonas@example.org", role=Role.EDITOR)
    with browsers(back) as (other, *_):
        other.log_in(back, editor)
        looked = other.open("/admin/bounces/pauses").text
        refused = other.send("/admin/bounces/pauses/end", "/admin/me", name="gmail")
    browser.send("/admin/bounces/pauses/end", "/admin/bounces/pauses")
    again = browser.send("/admin/bounces/pauses/end", "/admin/me", name="gmail")

    assert "Nobody is paused" in before
    assert ("gmail" in shown, "5 mails came back" in shown, "End the pause of gmail" in shown) == (True, True, True)
    assert ("gmail" in looked, "End the pause" in looked, refused.status_code) == (True, False, 403)
    assert (pauses.listed(back.ctx), again.status_code) == ([], 409)
    assert "Where an address does not exist" in shown


def test_a_report_says_how_it_came(back: Place, browser: Browser) -> None:
    number = newest(back).id
    by_mail = browser.open(f"/admin/bounces/{number}").text
    with back.ctx.db.begin() as tx:
        returned.mail(tx, returned.get(tx, number).mail_id).via = "sendgrid"

    assert "as a mail to the bounce address" in by_mail
    assert "by the webhook of SendGrid" in browser.open(f"/admin/bounces/{number}").text
    assert bounces.show(back.ctx, number).via == "sendgrid"


def test_every_provider_has_its_name() -> None:
    settings = [name for name in Settings.model_fields if name.startswith("hook_")]

    assert sorted(f"hook_{name}" for name in bounce_words.PROVIDERS) == sorted(settings)
