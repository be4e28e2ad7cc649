"""The pages of people: who is found, what is changed for one and for many, and the four steps of an import."""

import re
from collections.abc import Iterator

import pytest

from digest.errors import NotFound
from digest.languages import ADMIN_DOMAIN, load
from digest.model.account import Role
from digest.model.event import Actor, EventKind
from digest.model.states import ListAccess, SubscriptionState
from digest.services import events, imports, lists, sections, subscribers, suppressions, uploads
from digest.services.bulk import Act
from digest.web.admin import event_words, subscriber_words
from tests.support.newsroom import Browser, Person, browsers, hidden, person
from tests.support.place import Place

pytestmark = pytest.mark.any_database

NASTY = "\"'><script>alert(1)</script><img src=x onerror=alert(2)>"
RUNS = re.compile(r"<script>|<img src=x|onerror=alert\(2\)>\s*<", re.IGNORECASE)
FILE = "E-Mail,Vorname,Status\nada@lovelace.example,Ada,active\ngrace@@navy.example,Grace,active\nleft@navy.example,Li,unsubscribed\n"


@pytest.fixture
def known(place: Place) -> Place:
    place.readers(*(f"r{n}@example.org" for n in range(5)))
    lists.add(place.ctx, "grid")
    return place


@pytest.fixture
def mara(known: Place) -> Person:
    return person(known)


@pytest.fixture
def browser(known: Place, mara: Person) -> Iterator[Browser]:
    with browsers(known) as (made, *_):
        made.log_in(known, mara)
        yield made


def state_of(place: Place, address: str, mlist: str = "readers") -> SubscriptionState | None:
    return {tie.list: tie.state for tie in subscribers.show(place.ctx, address).subscriptions}.get(mlist)


def number_of(place: Place, address: str) -> int:
    return subscribers.show(place.ctx, address).id


def suppressed(place: Place) -> list[str | None]:
    return sorted(entry.address or "" for entry in suppressions.every(place.ctx))


# --- to find ---------------------------------------------------------------------------------


def test_a_search_shows_whom_it_finds_and_how_many(browser: Browser) -> None:
    everybody, some, none = (browser.open(f"/admin/subscribers{query}").text for query in ("", "?text=r3", "?text=nobody"))

    assert everybody.count('name="id"') == 5
    assert "5 people, the newest first" in everybody
    assert "the newest first" not in some
    assert "1 person found." in some
    assert "r3@example.org" in some
    assert "r2@example.org" not in some
    assert "Nobody is found" in none


@pytest.mark.parametrize(("query", "is_open"), [("", False), ("?text=r3", False), ("?domain=example.org", True)])
def test_filters_are_open_where_one_is_used(browser: Browser, query: str, is_open: bool) -> None:
    page = browser.open(f"/admin/subscribers{query}").text

    assert ('<details class="more" open>' in page) is is_open


def test_a_search_by_topic_finds_who_wants_it(known: Place, browser: Browser) -> None:
    sections.add(known.ctx, "Sport", newsletter="daily", topic="Sport", size=5, least=0)
    subscribers.change(known.ctx, "r3@example.org", mlist="readers", wanted=["Sport"])
    page = browser.open("/admin/subscribers?topic=Sport").text

    assert "<option selected>Sport</option>" in page
    assert "1 person found." in page
    assert "r3@example.org" in page


def test_an_empty_directory_says_what_to_do_next(place: Place) -> None:
    who = person(place)
    with browsers(place) as (browser, *_):
        browser.log_in(place, who)
        page = browser.open("/admin/subscribers").text

    assert "No subscribers yet" in page
    assert 'href="/admin/imports/new"' in page


@pytest.mark.parametrize("query", ["state=king", "since=soon", "domain=@@", "mlist=nobody", "language=klingonish"])
def test_what_is_no_filter_gets_a_message(browser: Browser, query: str) -> None:
    answer = browser.open(f"/admin/subscribers?{query}")

    assert (answer.status_code, 'role="alert"' in answer.text) == (422, True)


def test_an_export_has_whom_the_search_finds(browser: Browser) -> None:
    answer = browser.open("/admin/subscribers/export.csv?text=r3")

    assert answer.headers["content-disposition"] == 'attachment; filename="subscribers.csv"'
    assert [line.partition(",")[0] for line in answer.text.splitlines()] == ["address", "r3@example.org"]


def test_a_viewer_looks_and_has_no_buttons(known: Place, mara: Person) -> None:
    who = person(known, "vic@example.org", role=Role.VIEWER)
    with browsers(known) as (browser, *_):
        browser.log_in(known, who)
        page, one = browser.open("/admin/subscribers"), browser.open(f"/admin/subscribers/{number_of(known, 'r1@example.org')}")
        export = browser.open("/admin/subscribers/export.csv")

    assert (page.status_code, one.status_code, export.status_code) == (200, 200, 403)
    assert 'name="id"' not in page.text
    assert "/erase" not in one.text


# --- one person ------------------------------------------------------------------------------


def test_a_person_has_lists_evidence_deliveries_and_history(known: Place, browser: Browser) -> None:
    known.drop("The harbour opens again")
    known.collect()
    known.send()
    subscribers.change(known.ctx, "r1@example.org", leave="readers")

    page = browser.open(f"/admin/subscribers/{number_of(known, 'r1@example.org')}").text

    for said in ("unsubscribed", "a test", "left a list, or taken off", 'href="/admin/deliveries/', "a command"):
        assert said in page


def test_a_person_is_added_with_evidence(known: Place, browser: Browser) -> None:
    refused = browser.send("/admin/subscribers/new", address="ann@example.org", mlist="grid")
    added = browser.send("/admin/subscribers/new", address="ann@example.org", mlist="grid", consent="by phone", language="de")
    found = subscribers.show(known.ctx, "ann@example.org")

    assert (refused.status_code, "kept as evidence" in refused.text) == (422, True)
    assert 'value="ann@example.org"' in refused.text
    assert added.headers["location"] == f"/admin/subscribers/{found.id}"
    assert (found.language, found.subscriptions[0].evidence) == ("de", "by phone")


def test_what_is_known_of_a_person_is_changed(known: Place, browser: Browser) -> None:
    path = f"/admin/subscribers/{number_of(known, 'r1@example.org')}/change"
    refused = browser.send(path, name="Ann", language="klingonish", zone="")
    browser.send(path, name="Ann", language="de", zone="Europe/Berlin")
    found = subscribers.show(known.ctx, "r1@example.org")

    assert (refused.status_code, 'value="klingonish"' in refused.text) == (422, True)
    assert (found.name, found.language, found.zone) == ("Ann", "de", "Europe/Berlin")
    assert events.listed(known.ctx, kind=EventKind.SUBSCRIBER_CHANGED)[0].person == "Mara"


def test_a_person_is_paused_and_woken(known: Place, browser: Browser) -> None:
    path = f"/admin/subscribers/{number_of(known, 'r1@example.org')}"
    refused = browser.send(f"{path}/pause", until="2020-01-01")
    browser.send(f"{path}/pause", until="2026-04-01")
    paused = subscribers.show(known.ctx, "r1@example.org").paused_until
    shown = browser.open(path).text
    browser.send(f"{path}/wake")

    assert (refused.status_code, paused is not None, "Paused: nothing is mailed" in shown) == (422, True, True)
    assert subscribers.show(known.ctx, "r1@example.org").paused_until is None


def test_a_person_moves_between_lists_and_never_comes_back_by_our_hand(known: Place, browser: Browser) -> None:
    path = f"/admin/subscribers/{number_of(known, 'r1@example.org')}"
    refused = browser.send(f"{path}/move?list=readers", to="grid", words="")
    browser.send(f"{path}/move?list=readers", to="grid", words="asked by phone")
    back = browser.send(f"{path}/join", mlist="readers", words="we would like it")

    assert refused.status_code == 422
    assert (state_of(known, "r1@example.org"), state_of(known, "r1@example.org", "grid")) == ("unsubscribed", "active")
    assert (back.status_code, "only they can return" in back.text) == (422, True)


def test_an_address_is_suppressed_and_let_be_mailed_again(known: Place, browser: Browser) -> None:
    path = f"/admin/subscribers/{number_of(known, 'r1@example.org')}"
    browser.send(f"{path}/suppress")
    before = [entry.reason for entry in suppressions.every(known.ctx)]
    browser.send(f"{path}/unsuppress")

    assert (before, suppressed(known)) == (["by Mara"], [])


def test_a_person_is_taken_off_a_list(known: Place, browser: Browser) -> None:
    browser.send(f"/admin/subscribers/{number_of(known, 'r1@example.org')}/leave?list=readers")

    assert state_of(known, "r1@example.org") is SubscriptionState.UNSUBSCRIBED


def test_a_person_is_erased_once_the_address_is_typed(known: Place, browser: Browser) -> None:
    path = f"/admin/subscribers/{number_of(known, 'r1@example.org')}/erase"
    asked = browser.open(path).text
    refused = browser.send(path, address="r2@example.org")
    done = browser.send(path, address="R1@example.org")

    assert "1 subscription" in asked
    assert (refused.status_code, done.headers["location"]) == (422, "/admin/subscribers")
    with pytest.raises(NotFound):
        subscribers.show(known.ctx, "r1@example.org")


# --- many ------------------------------------------------------------------------------------


def ticked(place: Place, *addresses: str) -> str:
    return "&".join(f"id={number_of(place, address)}" for address in addresses)


def test_those_who_are_ticked_are_taken_off_a_list(known: Place, browser: Browser) -> None:
    asked = f"/admin/subscribers/bulk?act=leave&{ticked(known, 'r1@example.org', 'r3@example.org')}"
    page = browser.open(asked).text
    done = browser.client.post(
        "/admin/subscribers/bulk",
        data=hidden(page) | {"mlist": "readers"},
        headers={"Sec-Fetch-Site": "same-origin", "Origin": "https://ledger.example.org"},
    )

    assert "Take 2 people off a list" in page
    assert "2 people were taken off the list" in done.text
    assert [state_of(known, f"r{n}@example.org") for n in range(5)] == [
        "active",
        "unsubscribed",
        "active",
        "unsubscribed",
        "active",
    ]


def test_all_who_are_found_are_suppressed_and_each_is_accounted_for(known: Place, browser: Browser) -> None:
    suppressions.add(known.ctx, "r4@example.org", reason="asked")
    asked = "/admin/subscribers/bulk?act=suppress&all=yes&of-domain=example.org"
    page = browser.open(asked).text
    form = dict(re.findall(r'name="([\w-]+)" value="([^"]*)"', page))
    done = browser.client.post(
        "/admin/subscribers/bulk",
        data=form | {"words": "the domain is gone"},
        headers={"Sec-Fetch-Site": "same-origin", "Origin": "https://ledger.example.org"},
    )

    assert "Never mail 5 people again" in page
    assert "4 people are never mailed again" in done.text
    assert "1 were suppressed already" in done.text
    assert "4 + 1 = 5 chosen." in done.text
    assert suppressed(known) == [f"r{n}@example.org" for n in range(5)]


def test_of_those_who_are_put_on_a_list_who_may_not_is_counted(known: Place, browser: Browser) -> None:
    subscribers.change(known.ctx, "r0@example.org", leave="readers")
    page = browser.open(f"/admin/subscribers/bulk?act=join&{ticked(known, 'r0@example.org', 'r1@example.org')}").text
    headers = {"Sec-Fetch-Site": "same-origin", "Origin": "https://ledger.example.org"}
    silent = browser.client.post("/admin/subscribers/bulk", data=hidden(page) | {"mlist": "grid", "words": " "}, headers=headers)
    onto_old = browser.client.post(
        "/admin/subscribers/bulk", data=hidden(page) | {"mlist": "readers", "words": "asked"}, headers=headers
    )
    onto_new = browser.client.post(
        "/admin/subscribers/bulk", data=hidden(page) | {"mlist": "grid", "words": "asked"}, headers=headers
    )

    assert silent.status_code == 422
    assert "1 left the list, and only they can return" in onto_old.text
    assert "1 were on the list already" in onto_old.text
    assert "2 people are on the list now" in onto_new.text


def test_what_has_changed_since_it_was_shown_is_not_done(known: Place, browser: Browser) -> None:
    page = browser.open("/admin/subscribers/bulk?act=suppress&all=yes&of-domain=example.org").text
    form = dict(re.findall(r'name="([\w-]+)" value="([^"]*)"', page))
    known.readers("one.more@example.org")
    answer = browser.client.post(
        "/admin/subscribers/bulk", data=form, headers={"Sec-Fetch-Site": "same-origin", "Origin": "https://ledger.example.org"}
    )

    assert (answer.status_code, suppressed(known)) == (409, [])


@pytest.mark.parametrize(("query", "status"), [("act=leave", 422), ("act=king&id=1", 404), ("act=leave&id=x", 422)])
def test_a_change_for_nobody_is_refused(browser: Browser, query: str, status: int) -> None:
    assert browser.open(f"/admin/subscribers/bulk?{query}").status_code == status


# --- lists and suppressions ------------------------------------------------------------------


def test_a_list_is_made_changed_and_removed(known: Place, browser: Browser) -> None:
    bad = browser.send("/admin/lists/new", name="Großes", title="", access="closed")
    browser.send("/admin/lists/new", name="weekend", title="At the weekend", access="closed")
    browser.send("/admin/lists/weekend", title="Weekend", access="public", goodbye="yes")
    changed = lists.show(known.ctx, "weekend")
    shown = browser.open("/admin/lists").text
    browser.send("/admin/lists/weekend/remove", "/admin/lists/weekend")

    assert (bad.status_code, "small letters" in bad.text) == (422, True)
    assert (changed.title, changed.access, changed.goodbye) == ("Weekend", ListAccess.PUBLIC, True)
    assert "Weekend" in shown
    assert lists.names(known.ctx) == ["grid", "readers"]


def test_a_list_with_people_stays(known: Place, browser: Browser) -> None:
    answer = browser.send("/admin/lists/readers/remove", "/admin/lists/readers")

    assert (answer.status_code, 'role="alert"' in answer.text) == (409, True)


def test_suppressions_are_added_found_and_lifted(known: Place, browser: Browser) -> None:
    browser.send("/admin/suppressions", address="bad@example.org", reason="asked")
    twice = browser.send("/admin/suppressions", address="bad@example.org")
    found, missing = (browser.open(f"/admin/suppressions?address={who}%40example.org").text for who in ("bad", "good"))
    browser.send("/admin/suppressions/remove?address=bad%40example.org")

    assert twice.status_code == 422
    assert "asked" in found
    assert "not suppressed" in missing
    assert suppressed(known) == []


def test_pages_of_suppressions_lead_through_all_of_them_once(
    known: Place, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(suppressions, "SHOWN", 2)
    for n in range(5):
        suppressions.add(known.ctx, f"bad{n}@example.org", reason="asked")
    seen: list[str] = []
    path = "/admin/suppressions"
    while path:
        page = browser.open(path).text
        seen += re.findall(r'class="wrap">(bad\d@example.org)', page)
        more = re.search(r'class="pager"><a class="btn two s" href="([^"]*)"', page)
        path = f"/admin/suppressions{more[1]}" if more else ""

    assert sorted(seen) == [f"bad{n}@example.org" for n in range(5)]


# --- imports ---------------------------------------------------------------------------------


def test_an_import_takes_four_steps_and_the_last_alone_stores(known: Place, browser: Browser) -> None:
    uploaded = browser.upload("/admin/imports/new", "../../people.csv", FILE.encode())
    path = uploaded.headers["location"]
    columns = browser.open(path).text
    query = "column=E-Mail&field=&column=Vorname&field=name&column=Status&field=&mlist=readers&consent=by+contract"
    dry = browser.open(f"{path}/dry-run?{query}").text
    rejects = browser.open(f"{path}/rejects.csv?{query}").text
    nothing = imports.listed(known.ctx)
    done = browser.send(f"{path}/go", f"{path}/dry-run?{query}")
    after = browser.open(done.headers["location"]).text
    ada = subscribers.show(known.ctx, "ada@lovelace.example")

    assert "people.csv" in columns
    assert "ada@lovelace.example" in columns
    assert "grace@@navy.example" in dry
    assert "Import 2" in dry
    assert "grace@@navy.example" in rejects
    assert nothing == []
    assert done.headers["location"] == "/admin/imports/1"
    assert "people.csv" in after
    assert (ada.name, ada.subscriptions[0].evidence) == ("Ada", "by contract")
    assert state_of(known, "left@navy.example") is SubscriptionState.UNSUBSCRIBED
    assert list((known.ctx.settings.data_path / "uploads").iterdir()) == []
    assert [e.person for e in events.listed(known.ctx, kind=EventKind.IMPORT_FINISHED)] == ["Mara"]


def test_evidence_names_the_file_and_not_where_it_lay(known: Place, browser: Browser) -> None:
    path = browser.upload("/admin/imports/new", "people.csv", FILE.encode()).headers["location"]
    browser.send(f"{path}/go", f"{path}/dry-run?mlist=readers")

    (tie,) = subscribers.show(known.ctx, "ada@lovelace.example").subscriptions
    assert tie.evidence.startswith("imported from people.csv, line 2")


def test_an_import_is_taken_back(known: Place, browser: Browser) -> None:
    path = browser.upload("/admin/imports/new", "people.csv", FILE.encode()).headers["location"]
    browser.send(f"{path}/go", f"{path}/dry-run?mlist=readers")
    asked = browser.open("/admin/imports/1/undo").text
    browser.send("/admin/imports/1/undo")
    again = browser.open("/admin/imports/1/undo").text

    assert "1 subscription that it made goes." in asked
    assert "Nothing to take back" in again
    assert "taken back" in browser.open("/admin/imports").text
    with pytest.raises(NotFound):
        subscribers.show(known.ctx, "ada@lovelace.example")


@pytest.mark.parametrize("content", [b"", b"  \n", b"PK\x05\x06" + b"\0" * 18])
def test_a_file_that_holds_nobody_is_refused(browser: Browser, content: bytes) -> None:
    answer = browser.upload("/admin/imports/new", "people.csv", content)

    assert (answer.status_code, 'role="alert"' in answer.text) == (422, True)


def test_a_file_without_a_column_of_addresses_is_mapped_by_hand(known: Place, browser: Browser) -> None:
    path = browser.upload("/admin/imports/new", "odd.csv", b"wer,wie\nada(at)x,Ada\nbob@example.org,Bob\n").headers["location"]
    columns = browser.open(path).text
    refused = browser.open(f"{path}/dry-run?column=wer&field=&column=wie&field=&mlist=readers")
    dry = browser.open(f"{path}/dry-run?column=wer&field=address&column=wie&field=name&mlist=readers").text

    assert 'role="alert"' in columns
    assert (refused.status_code, "Back to the columns" in refused.text) == (422, True)
    assert "Import 1" in dry


def test_a_file_that_is_too_large_is_refused_before_it_is_read(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = browser.upload("/admin/imports/new", "people.csv", b"x" * (uploads.MOST_BYTES + 20_000))

    assert answer.status_code == 413


def test_a_stranger_uploads_nothing(known: Place, mara: Person) -> None:
    with browsers(known) as (browser, *_):
        answer = browser.upload("/admin/imports/new", "people.csv", b"x" * 1_000_000)

    assert answer.status_code == 303
    assert not (known.ctx.settings.data_path / "uploads").exists()


def test_an_upload_is_gone_after_a_day(known: Place, browser: Browser) -> None:
    path = browser.upload("/admin/imports/new", "people.csv", FILE.encode()).headers["location"]
    known.clock.turn(hours=25)
    uploads.sweep(known.ctx)

    assert list((known.ctx.settings.data_path / "uploads").iterdir()) == []
    with pytest.raises(NotFound):
        uploads.files(known.ctx, path.rpartition("/")[2])


@pytest.mark.parametrize("token", ["..", "....................", "a" * 43])
def test_an_upload_that_is_not_there_is_a_page_of_its_own(known: Place, token: str) -> None:
    with pytest.raises(NotFound):
        uploads.files(known.ctx, token)


# --- words -----------------------------------------------------------------------------------


def test_whatever_a_file_or_a_visitor_brought_is_shown_and_not_run(known: Place, browser: Browser) -> None:
    suppressions.add(known.ctx, "r4@example.org", reason=NASTY)
    lists.change(known.ctx, "grid", title=NASTY)
    with known.ctx.db.engine.begin() as connection:
        nasty = NASTY.replace("'", "''")
        connection.exec_driver_sql(f"UPDATE subscriber SET name = '{nasty}', language = '{nasty}', zone = '{nasty}'")
        connection.exec_driver_sql(f"UPDATE subscription SET evidence = '{nasty}', wanted = '{nasty}'")
    path = browser.upload("/admin/imports/new", "people.csv", f'address,"{NASTY}"\nx,"{NASTY}"\n'.encode()).headers["location"]
    number = number_of(known, "r4@example.org")

    for page in (
        "/admin/subscribers",
        "/admin/subscribers?text=%22%3E%3Cscript%3E",
        f"/admin/subscribers/{number}",
        f"/admin/subscribers/{number}/unsuppress",
        "/admin/lists",
        "/admin/lists/grid",
        "/admin/suppressions",
        path,
    ):
        text = browser.open(page).text
        assert "script&gt;" in text, page
        assert not RUNS.search(text), page


@pytest.mark.parametrize("language", ["de", "es", "fr"])
def test_each_kind_of_event_and_each_change_has_words_in_each_language(language: str) -> None:
    english, spoken = load("en", ADMIN_DOMAIN), load(language, ADMIN_DOMAIN)

    assert set(event_words.kinds(spoken)) == set(EventKind)
    assert set(event_words.actors(spoken)) == set(Actor)
    for kind, words in event_words.kinds(spoken).items():
        assert words != event_words.kinds(english)[kind], kind
    for act in Act:
        assert subscriber_words.bulk_means(spoken, act) != subscriber_words.bulk_means(english, act)


# --- suppressions of a file ------------------------------------------------------------------

CLEANED = b"""Email,Status
gone@example.org,cleaned
gone@example.org,cleaned
r1@example.org,subscribed
a@@b.example,cleaned
old@example.org,unsubscribed
"""


def test_suppressions_of_a_file_are_shown_before_they_are_stored(known: Place, browser: Browser) -> None:
    suppressions.add(known.ctx, "old@example.org", reason="asked")
    where = browser.upload("/admin/suppressions/import", "audience.csv", CLEANED).headers["location"]
    shown = browser.open(where).text
    before = suppressed(known)
    done = browser.send(f"{where}/go", f"{where}?reason=our+block+list")

    assert before == ["old@example.org"]
    for said in (">Suppress 1</button>", "suppressed already", "passed by", "a@@b.example", "<b>5</b> lines"):
        assert said in shown, said
    assert "1 address is suppressed" in done.text
    assert suppressed(known) == ["gone@example.org", "old@example.org"]
    assert suppressions.show(known.ctx, "gone@example.org").reason == "our block list"
    assert browser.open(where).status_code == 404


def test_a_file_without_a_known_column_of_addresses_asks_which_it_is(known: Place, browser: Browser) -> None:
    empty = browser.upload("/admin/suppressions/import", "none.csv", b" ")
    where = browser.upload("/admin/suppressions/import", "odd.csv", b"who,why\ngone (at) example.org,x\n").headers["location"]
    odd = browser.open(where)
    chosen = browser.open(f"{where}?column=who")
    browser.send(f"{where}/discard", where)

    assert empty.status_code == 422
    assert (odd.status_code, "<option>who</option>" in odd.text) == (422, True)
    assert (chosen.status_code, "rejected" in chosen.text) == (200, True)
    assert suppressed(known) == []
    assert browser.open(where).status_code == 404
