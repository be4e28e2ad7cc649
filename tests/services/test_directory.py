"""The directory of people: a search finds whom it says, whatever way it takes, and leads through all of them once."""

import csv
import io
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from digest.audience.address import parse
from digest.errors import BadInput, NotFound
from digest.model.states import SubscriptionState
from digest.services import directory, lists, subscribers, subscriptions, suppressions
from digest.services.directory import Search
from digest.store import directory as store
from tests.support.place import Place

pytestmark = pytest.mark.any_database

PEOPLE = (
    # address, name, language, lists
    ("a.tanaka@kyoto.example", "Aiko Tanaka", "ja", ["readers"]),
    ("akira@mail.example", "Akira tanaka", "en", ["readers", "grid"]),
    ("b@tanaka.example", "", "en-GB", ["readers"]),
    ("tanaka@press.example", "Émile Özil", "", ["grid"]),
    ("zoe@mail.example", "Zoë", "fr", []),
    ("émile@mail.example", "Émile", "fr", ["readers"]),
)


@pytest.fixture
def known(place: Place) -> Place:
    lists.add(place.ctx, "grid")
    for address, name, language, on in PEOPLE:
        for mlist in on or ["readers"]:
            _join(place, address, name, language, mlist)
        if not on:
            subscribers.change(place.ctx, address, leave="readers")
    for address, mlist, wanted in (
        ("a.tanaka@kyoto.example", "readers", ["World", "Sport"]),
        ("émile@mail.example", "readers", ["sport"]),
        ("akira@mail.example", "grid", ["Öl & Gas"]),
    ):
        subscribers.change(place.ctx, address, mlist=mlist, wanted=wanted)
    subscribers.change(place.ctx, "b@tanaka.example", mlist="readers", muted=["Sport"])
    suppressions.add(place.ctx, "akira@mail.example", reason="asked by phone")
    return place


def _join(place: Place, address: str, name: str, language: str, mlist: str) -> None:
    subscriptions.add(place.ctx, address, mlist=mlist, name=name, language=language)
    place.clock.turn(days=1)


def found(place: Place, **search: str) -> list[str]:
    page = directory.page(place.ctx, Search(**search))
    assert page.count in (None, len(page.entries))
    return sorted(entry.person.address for entry in page.entries)


@pytest.mark.parametrize(
    ("search", "expected"),
    [
        ({}, [address for address, *_ in PEOPLE]),
        ({"text": "Tanaka"}, ["a.tanaka@kyoto.example", "akira@mail.example", "b@tanaka.example", "tanaka@press.example"]),
        ({"text": "TANAKA@"}, ["tanaka@press.example"]),
        ({"text": "@mail"}, ["akira@mail.example", "zoe@mail.example", "émile@mail.example"]),
        ({"text": "aki"}, ["akira@mail.example"]),
        ({"text": "émile"}, ["tanaka@press.example", "émile@mail.example"]),
        ({"text": "özil"}, ["tanaka@press.example"]),
        ({"text": "100%"}, []),
        ({"text": "tanaka", "mlist": "grid"}, ["akira@mail.example", "tanaka@press.example"]),
        ({"text": "tanaka", "domain": "press.example"}, ["tanaka@press.example"]),
        ({"mlist": "grid"}, ["akira@mail.example", "tanaka@press.example"]),
        ({"mlist": "grid", "state": "unsubscribed"}, []),
        ({"state": "unsubscribed"}, ["zoe@mail.example"]),
        ({"state": "pending"}, []),
        ({"state": "suppressed"}, ["akira@mail.example"]),
        ({"state": "suppressed", "language": "fr"}, []),
        ({"language": "en"}, ["akira@mail.example", "b@tanaka.example"]),
        ({"language": "fr", "domain": "mail.example"}, ["zoe@mail.example", "émile@mail.example"]),
        ({"domain": "MAIL.example"}, ["akira@mail.example", "zoe@mail.example", "émile@mail.example"]),
        ({"topic": "SPORT"}, ["a.tanaka@kyoto.example", "émile@mail.example"]),
        ({"topic": "Öl & Gas"}, ["akira@mail.example"]),
        ({"topic": "öl"}, []),
        ({"topic": "sport", "language": "fr"}, ["émile@mail.example"]),
        ({"topic": "sport", "mlist": "grid"}, []),
        ({"topic": "sport", "text": "a.t"}, ["a.tanaka@kyoto.example"]),
        ({"until": "2026-03-03"}, ["a.tanaka@kyoto.example"]),
        ({"since": "2026-03-08", "state": "active"}, ["émile@mail.example"]),
    ],
)
def test_a_search_finds_whom_it_says(known: Place, search: dict[str, str], expected: list[str]) -> None:
    assert found(known, **search) == sorted(expected)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    search=st.fixed_dictionaries(
        {
            "mlist": st.sampled_from(["", "readers", "grid"]),
            "state": st.sampled_from(["", *directory.STATES]),
            "language": st.sampled_from(["", "en", "fr", "ja", "de"]),
            "domain": st.sampled_from(["", "mail.example", "tanaka.example"]),
            "topic": st.sampled_from(["", "sport"]),
            "since": st.sampled_from(["", "2026-03-05"]),
            "until": st.sampled_from(["", "2026-03-08"]),
        }
    ),
    few=st.sampled_from([0, 1, 2, 10_000]),
)
def test_whichever_way_a_search_takes_it_finds_the_same(
    known: Place, search: dict[str, str], few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = found(known, **search)
    with monkeypatch.context() as patch:
        patch.setattr(store, "FEW", few)
        other = found(known, **search)

    assert other == usual


def test_pages_lead_through_everybody_once(known: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(directory, "SHOWN", 2)
    seen: list[str] = []
    before: int | None = None
    while True:
        page = directory.page(known.ctx, Search(), before=before)
        seen += [entry.person.address for entry in page.entries]
        before = page.more_before
        if before is None:
            break

    assert seen == [address for address, *_ in reversed(PEOPLE)]


def test_of_too_many_beginnings_some_are_looked_at_and_it_says_so(known: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "MOST", 1)

    page = directory.page(known.ctx, Search(text="@mail"))

    assert (page.is_cut, page.count) == (True, 1)


def test_an_entry_has_the_lists_of_its_person_and_whether_they_are_suppressed(known: Place) -> None:
    (entry,) = directory.page(known.ctx, Search(text="akira@")).entries

    assert entry.ties == [("grid", SubscriptionState.ACTIVE), ("readers", SubscriptionState.ACTIVE)]
    assert entry.is_suppressed


@pytest.mark.parametrize(
    ("search", "code"), [({"state": "king"}, "bad_state"), ({"since": "soon"}, "bad_day"), ({"domain": "@@"}, "bad_domain")]
)
def test_what_is_no_filter_is_refused(known: Place, search: dict[str, str], code: str) -> None:
    with pytest.raises(BadInput) as refused:
        directory.page(known.ctx, Search(**search))

    assert refused.value.code == code


def test_a_list_that_is_not_there_is_refused(known: Place) -> None:
    with pytest.raises(NotFound):
        directory.page(known.ctx, Search(mlist="nobody"))


def test_an_export_has_whom_the_search_finds_in_parts(known: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(directory, "PART", 2)
    text, before = directory.csv_of(known.ctx, Search(mlist="readers"), before=None)
    while before is not None:
        more, before = directory.csv_of(known.ctx, Search(mlist="readers"), before=before)
        text += more
    rows = list(csv.DictReader(io.StringIO(text)))

    assert sorted(row["address"] for row in rows) == found(known, mlist="readers")
    assert {row["list"] for row in rows} == {"readers"}


def test_an_export_of_a_topic_has_the_subscriptions_that_want_it(known: Place) -> None:
    text, _ = directory.csv_of(known.ctx, Search(topic="öl & gas".title()), before=None)
    file = io.StringIO()
    subscribers.export(known.ctx, file, subscribers.Selection(topic="SPORT"))

    assert [(row["address"], row["list"]) for row in csv.DictReader(io.StringIO(text))] == [("akira@mail.example", "grid")]
    exported = [row["address"] for row in csv.DictReader(io.StringIO(file.getvalue()))]
    assert exported == ["a.tanaka@kyoto.example", "émile@mail.example"]


@pytest.mark.parametrize(
    ("search", "index"),
    [
        (Search(text="tanaka"), "ix_subscriber_last_name"),
        (Search(text="tanaka"), "ix_subscriber_name"),
        (Search(text="tanaka"), "ix_subscriber_domain"),
        (Search(domain="mail.example"), "ix_subscriber_domain"),
        (Search(language="fr"), "ix_subscriber_language"),
        (Search(state="unsubscribed"), "ix_subscription_state"),
        (Search(since="2026-03-05"), "ix_subscription_since"),
        (Search(topic="sport"), "ix_subscription_wanted"),
    ],
)
def test_an_index_names_those_who_are_found(known: Place, search: Search, index: str) -> None:
    if known.ctx.db.shared:
        pytest.skip("of so few rows a server reads the table")
    assert index in "".join(plans(known, search))


def plans(place: Place, search: Search) -> Iterator[str]:
    """What SQLite says of each statement that a search makes."""
    statements: list[tuple[str, object]] = []
    engine = place.ctx.db._reader
    sa.event.listen(engine, "before_cursor_execute", lambda _c, _k, text, values, *_: statements.append((text, values)))
    directory.page(place.ctx, search)
    with place.ctx.db.read() as tx:
        for text, values in [one for one in statements if one[0].startswith(("SELECT", "WITH"))]:
            for row in tx.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", values):  # type: ignore[arg-type]
                yield str(row[3])


def test_an_address_key_has_one_at_sign() -> None:
    """The index of domains relies on it."""
    for text in ("ann@example.org", "a..b@docomo.ne.jp", "a.@docomo.ne.jp", "jörg@bücher.example"):
        assert parse(text).key.count("@") == 1
