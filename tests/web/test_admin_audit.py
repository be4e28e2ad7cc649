"""The audit: who changed what, with the values before and after, whichever way they came."""

from collections.abc import Iterator

import pytest

from digest.errors import BadInput
from digest.languages import ADMIN_DOMAIN, load
from digest.model.event import EventKind
from digest.model.states import ListAccess
from digest.services import audit, lists, newsletters, sources, subscribers
from digest.services.audit import Search
from digest.services.newsletters import Changes
from digest.web.admin import event_words
from tests.support.newsroom import Browser, browsers, person
from tests.support.place import Place

pytestmark = pytest.mark.any_database


@pytest.fixture
def browser(place: Place) -> Iterator[Browser]:
    who = person(place)
    with browsers(place) as (made, *_):
        made.log_in(place, who)
        yield made


def changes(place: Place, kind: EventKind) -> tuple[object, object]:
    found = next(event for event in audit.page(place.ctx, Search(everything=True)).events if event.kind is kind)
    return found.facts["before"], found.facts["after"]


def test_a_change_is_kept_with_the_values_before_and_after(place: Place) -> None:
    place.drop("The harbour opens again")
    lists.change(place.ctx, "readers", access=ListAccess.PUBLIC)
    newsletters.change(place.ctx, "daily", Changes(at="06:30", title="Dawn"))
    sources.change(place.ctx, "feed1", sources.Changes(weight=2.0, headers=["X-Key: env:SECRET"]))

    assert changes(place, EventKind.LIST_CHANGED) == ({"access": "closed"}, {"access": "public"})
    assert changes(place, EventKind.NEWSLETTER_CHANGED) == (
        {"title": "The Morning Ledger", "at": "07:00"},
        {"title": "Dawn", "at": "06:30"},
    )
    assert changes(place, EventKind.SOURCE_CHANGED) == ({"weight": 1.0}, {"weight": 2.0})


def test_the_page_says_who_did_it_and_from_which_value_to_which(place: Place, browser: Browser) -> None:
    browser.send("/admin/lists/readers", title="All of them", access="public")
    page = browser.open("/admin/audit?noun=list").text

    assert "Mara" in page
    assert "<ins>All of them</ins>" in page
    assert "list changed" in page


def test_values_of_people_are_not_kept(place: Place, browser: Browser) -> None:
    place.readers("ann@example.org")
    subscribers.change(place.ctx, "ann@example.org", name="Annegret")

    assert "Annegret" not in browser.open("/admin/audit?everything=yes").text


def test_filters_and_pages_lead_through_all_once(place: Place, browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "SHOWN", 2)
    for n in range(5):
        lists.add(place.ctx, f"list{n}")
    seen: list[object] = []
    before: int | None = None
    while True:
        page = audit.page(place.ctx, Search(noun="list", since="2026-03-03", until="2026-03-03", everything=True), before=before)
        seen += [event.facts["name"] for event in page.events]
        before = page.more_before
        if before is None:
            break

    assert seen == [*(f"list{n}" for n in reversed(range(5))), "readers"]
    assert audit.page(place.ctx, Search(noun="list", since="2026-03-04", everything=True)).events == []
    assert {event.person for event in audit.page(place.ctx, Search(person="Mara")).events} == {"Mara"}
    assert "Mara" in audit.page(place.ctx, Search()).persons


@pytest.mark.parametrize("search", [Search(noun="king"), Search(since="soon"), Search(until="9999-12-31")])
def test_what_is_no_filter_is_refused(place: Place, search: Search) -> None:
    with pytest.raises(BadInput):
        audit.page(place.ctx, search)


def test_each_noun_has_words() -> None:
    assert set(event_words.nouns(load("en", ADMIN_DOMAIN))) == set(audit.NOUNS)
