"""The pages of the newsroom: they show what is there and run nothing of it, and do what the button says to whom it says."""

import re
from collections.abc import Iterator

import pytest

from digest.languages import ADMIN_DOMAIN, load
from digest.model.account import Role
from digest.model.event import EventKind
from digest.model.states import IssueState, Skip
from digest.services import events, newsroom
from digest.services.tallies import Tallies
from digest.web.admin import words
from tests.support.deliveries import rows_of, set_states
from tests.support.newsroom import Browser, Person, browsers, person
from tests.support.place import Place

pytestmark = pytest.mark.any_database

NASTY = "\"'><script>alert(1)</script><img src=x onerror=alert(2)>"
RUNS = re.compile(r"<script>|<img src=x|onerror=alert\(2\)>\s*<", re.IGNORECASE)


@pytest.fixture
def sent(place: Place) -> Place:
    place.readers(*(f"r{n}@example.org" for n in range(5)))
    place.drop("The harbour opens again", "A bridge is closed")
    place.collect()
    place.send()
    return place


@pytest.fixture
def mara(sent: Place) -> Person:
    return person(sent)


@pytest.fixture
def browser(sent: Place, mara: Person) -> Iterator[Browser]:
    with browsers(sent) as (made, *_):
        made.log_in(sent, mara)
        yield made


def state_of(place: Place) -> IssueState:
    return newsroom.issue_detail(place.ctx, Tallies(), 1).issue.state


# --- to look ---------------------------------------------------------------------------------


def test_the_dashboard_shows_the_last_issue_and_the_next(browser: Browser) -> None:
    page = browser.open("/admin/").text

    assert "Good morning, Mara" in page
    assert "of 5 readers" in page
    assert "Nothing. All issues went their way." in page


def test_issues_are_found_by_newsletter_and_state(browser: Browser) -> None:
    every, sent, held, other = (
        browser.open(f"/admin/issues{query}") for query in ("", "?state=sent", "?state=held", "?newsletter=daily")
    )

    assert all("The Morning Ledger No. 1" in page.text for page in (every, sent, other))
    assert '<option value="sent" selected>' in sent.text
    assert "There are none." in held.text
    assert "No issue yet" not in held.text
    assert [browser.open(f"/admin/issues?{query}").status_code for query in ("state=odd", "newsletter=nothing")] == [404, 404]


def test_a_fresh_place_says_what_to_do_next(place: Place) -> None:
    who = person(place)
    with browsers(place) as (browser, *_):
        browser.log_in(place, who)
        today, issues, mails = (browser.open(path).text for path in ("/admin/", "/admin/issues", "/admin/deliveries"))

    assert "digest sources add" in today
    assert "digest subscribers import" in today
    assert "digest send" in issues
    assert "Type the whole address" in mails


def test_a_send_is_shown_live_and_ends_with_an_empty_event(
    sent: Place, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("digest.web.admin.today.TICK_S", 0.01)
    monkeypatch.setattr("digest.web.admin.today.STREAM_S", 0.02)
    set_states(sent, deliveries="sent sent queued queued queued")
    page = browser.open("/admin/").text
    running = browser.open("/admin/live")
    set_states(sent, deliveries="sent " * 5)
    browser.send("/admin/issues/1/hold", reason="so that the tally is counted anew")
    over = browser.open("/admin/live")

    assert 'data-live="/admin/live"' in page
    assert running.headers["content-type"].startswith("text/event-stream")
    assert running.text.count("\n\n") == 2
    assert "<b>2</b> of 5 sent" in running.text
    assert set(over.text.split("\n")) == {"data: ", ""}


def test_a_stream_ends_with_the_log_in(sent: Place, browser: Browser, mara: Person) -> None:
    set_states(sent, deliveries="sent queued")
    browser.send("/admin/logout", "/admin/me")

    assert browser.open("/admin/live").status_code == 303


def test_she_got_it_and_here_is_her_mail_byte_for_byte(sent: Place, browser: Browser) -> None:
    found = browser.open("/admin/deliveries?address=R3%40example.org").text
    (link,) = set(re.findall(r'href="(/admin/deliveries/\d+)"', found))
    page, mail, source = (browser.open(link + end) for end in ("", "/mail", "/mail.eml"))

    assert "r3@example.org" in page.text
    assert "The harbour opens again" in mail.text
    assert "sandbox" in mail.headers["content-security-policy"]
    assert source.content in [path.read_bytes() for path in sent.mails()]
    assert source.headers["content-disposition"].startswith("attachment")


def test_the_mail_of_an_erased_reader_is_gone_and_says_so(sent: Place, browser: Browser) -> None:
    with sent.ctx.db.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE delivery SET address = '', name = '' WHERE id = 2")
    pages = [
        browser.open(f"/admin/{path}")
        for path in ("issues/1/deliveries", "deliveries/2", "deliveries/2/mail.eml", "deliveries/2/mail")
    ]

    assert [page.status_code for page in pages] == [200, 200, 404, 404]
    assert "an erased reader" in pages[0].text
    assert all("Its reader was erased" in page.text for page in pages[1:])


@pytest.mark.parametrize("encoding", ["gzip, deflate", "identity"])
def test_the_file_has_everybody(sent: Place, browser: Browser, encoding: str) -> None:
    answer = browser.client.get("/admin/issues/1/everybody.csv", headers={"Accept-Encoding": encoding})

    assert answer.headers.get("content-encoding") == ("gzip" if "gzip" in encoding else None)
    assert answer.headers["content-disposition"] == 'attachment; filename="daily-1.csv"'
    assert len(answer.text.splitlines()) == 6


@pytest.mark.parametrize(
    "path",
    [
        "/admin/issues/99",
        "/admin/issues/x",
        "/admin/issues/1/deliveries?state=king",
        "/admin/issues/1/deliveries?after=x",
        "/admin/issues?after=99",
        "/admin/deliveries/99",
        "/admin/deliveries/99/mail.eml",
        "/admin/issues/99999999999999999999/preview",
    ],
)
def test_what_is_not_there_is_a_page_of_its_own(browser: Browser, path: str) -> None:
    answer = browser.open(path)

    assert (answer.status_code, "There is nothing here" in answer.text) == (404, True)


def test_whatever_an_article_a_reader_or_a_relay_brought_is_shown_and_not_run(sent: Place, browser: Browser) -> None:
    set_states(sent, issue="held", deliveries="sent bounced skipped unsure deferred")
    with sent.ctx.db.engine.begin() as connection:
        nasty = NASTY.replace("'", "''")
        for table, columns in {
            "delivery": ("reply", "name", "relay", "reason"),
            "issue": ("reason",),
            "candidate": ("headline", "section", "reason"),
            "source": ("name", "error"),
            "newsletter": ("title",),
        }.items():
            for column in columns:
                connection.exec_driver_sql(f"UPDATE {table} SET {column} = '{nasty}'")

    paths = [
        "/admin/",
        "/admin/issues",
        "/admin/issues/1",
        "/admin/issues/1/deliveries",
        "/admin/issues/1/cancel",
        "/admin/deliveries/2",
    ]
    for path in [*paths, "/admin/deliveries?address=r1%40example.org", "/admin/deliveries?address=%22%3E%3Cscript%3E"]:
        text = browser.open(path).text
        assert "script&gt;" in text, path
        assert not RUNS.search(text), path


# --- to decide -------------------------------------------------------------------------------


def test_an_issue_is_held_and_goes_on_and_it_is_recorded_who_did_it(sent: Place, browser: Browser) -> None:
    set_states(sent, deliveries="sent sent queued queued deferred")
    asked = browser.open("/admin/issues/1/hold").text
    held = browser.send("/admin/issues/1/hold", reason="a wrong name")
    between = state_of(sent)
    browser.send("/admin/issues/1/resume")

    assert "Hold the remaining 3" in asked
    assert (held.headers["location"], between, state_of(sent)) == ("/admin/issues/1", IssueState.HELD, IssueState.SENDING)
    recorded = [(e.kind, e.person, e.actor) for e in events.listed(sent.ctx, newsletter="daily")[:2]]
    assert recorded == [(EventKind.ISSUE_RESUMED, "Mara", "account"), (EventKind.ISSUE_HELD, "Mara", "account")]


def test_an_issue_is_cancelled_for_as_many_as_the_button_says(sent: Place, browser: Browser) -> None:
    set_states(sent, deliveries="sent sent queued queued deferred")
    asked = browser.open("/admin/issues/1/cancel").text
    browser.send("/admin/issues/1/cancel")

    assert "Cancel the remaining 3" in asked
    assert sorted(rows_of(sent).values()) == ["cancelled"] * 3 + ["sent"] * 2


@pytest.mark.parametrize(("how", "becomes"), [("sent", "sent"), ("again", "queued")])
def test_unsure_deliveries_are_settled(sent: Place, browser: Browser, how: str, becomes: str) -> None:
    set_states(sent, deliveries="unsure unsure sent sent sent")

    browser.send("/admin/issues/1/settle", how=how)

    assert list(rows_of(sent).values())[:2] == [becomes] * 2


def test_bounced_deliveries_are_sent_again(sent: Place, browser: Browser) -> None:
    set_states(sent, issue="sent", deliveries="bounced bounced sent sent sent")

    browser.send("/admin/issues/1/retry")

    assert list(rows_of(sent).values())[:2] == ["queued"] * 2


def test_what_has_changed_since_it_was_shown_is_not_decided(sent: Place, browser: Browser) -> None:
    set_states(sent, deliveries="unsure unsure sent sent sent")

    answer = browser.send("/admin/issues/1/settle", how="sent", count="1")

    assert (answer.status_code, "another number by now" in answer.text) == (409, True)
    assert list(rows_of(sent).values())[:2] == ["unsure"] * 2


def test_what_the_state_does_not_allow_is_refused(sent: Place, browser: Browser) -> None:
    asked = browser.open("/admin/issues/1/resume")
    done = browser.send("/admin/issues/1/hold", "/admin/me")

    assert (asked.status_code, done.status_code) == (409, 409)
    assert state_of(sent) is IssueState.SENT


@pytest.mark.parametrize(("sends", "sees"), [(False, False), (True, True)])
def test_an_editor_sees_the_buttons_that_send_where_an_owner_allows_it(
    sent: Place, mara: Person, sends: bool, sees: bool
) -> None:
    set_states(sent, deliveries="sent queued")
    who = person(sent, "ann@example.org", role=Role.EDITOR, sends=sends)
    with browsers(sent) as (browser, *_):
        browser.log_in(sent, who)
        page = browser.open("/admin/issues/1").text
        status = browser.open("/admin/issues/1/hold").status_code

    assert ('href="/admin/issues/1/hold"' in page, status) == (sees, 200 if sees else 403)


@pytest.mark.parametrize("language", ["de", "es", "fr"])
@pytest.mark.parametrize("skip", Skip)
def test_each_reason_of_a_skipped_delivery_has_words_in_each_language(skip: Skip, language: str) -> None:
    english, spoken = (words.reason(load(code, ADMIN_DOMAIN), skip.value) for code in ("en", language))

    assert english != skip.value or skip in (Skip.SUPPRESSED, Skip.PAUSED)
    assert spoken not in (english, skip.value)
