"""The dashboard: what is due, what is sent, what needs a hand, who came and went."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.audience.files import ListFile
from digest.model.source import is_silent
from digest.model.states import DeliveryState, IssueState
from digest.services import dashboard, imports, issues, subscriptions
from digest.services import sources as source_services
from digest.services.dashboard import Dashboard, ToDoKind
from digest.services.importing import Options, Part
from digest.services.tallies import Tallies
from digest.store import deliveries
from digest.store import issues as issue_store
from tests.support.deliveries import set_states
from tests.support.place import TUESDAY, Place

SENT = DeliveryState.SENT


def look(place: Place) -> Dashboard:
    return dashboard.dashboard(place.ctx, Tallies())


def to_dos(place: Place) -> list[ToDoKind]:
    return [to_do.kind for to_do in look(place).to_dos]


@pytest.fixture
def sent(place: Place) -> Place:
    """The place after its first issue went to three readers."""
    place.readers("a@example.org", "b@example.org", "c@example.org")
    place.drop("The harbour opens again", "A bridge is closed")
    place.collect()
    place.send()
    return place


def test_a_fresh_place_needs_sources_and_readers(place: Place) -> None:
    found = look(place)

    assert to_dos(place) == [ToDoKind.NO_SOURCES, ToDoKind.NO_READERS]
    assert (found.last, found.sending, found.quiet, found.movement.over(30)) == (None, [], [], (0, 0))


def test_the_next_issue_has_its_time_and_the_stories_that_wait_for_it(sent: Place) -> None:
    sent.drop("A third thing happened")
    sent.collect()
    found = look(sent)

    assert found.next is not None
    assert (found.next.slot, found.next.waiting) == ("2026-03-04", 1)
    assert [due.slot for due in found.due] == ["2026-03-04", "2026-03-05"]


def test_the_last_issue_accounts_for_its_readers(sent: Place) -> None:
    found = look(sent).last

    assert found is not None
    assert (found.issue.number, found.queued, dict(found.counts), found.stories) == (1, 3, {SENT: 3}, 2)
    assert found.headline in ("The harbour opens again", "A bridge is closed")


def test_a_held_issue_and_unsure_deliveries_need_a_hand(sent: Place) -> None:
    set_states(sent, deliveries="unsure unsure sent")
    issues.hold(sent.ctx, 1, reason="a look first")

    found = look(sent).to_dos
    assert [(to_do.kind, to_do.count, to_do.said) for to_do in found] == [
        (ToDoKind.HELD, 0, "a look first"),
        (ToDoKind.UNSURE, 2, ""),
    ]


def test_a_send_shows_how_far_it_is_and_how_fast(sent: Place) -> None:
    tallies = Tallies()
    set_states(sent, deliveries="sent queued queued")
    sent.clock.now = TUESDAY + timedelta(seconds=10)
    first = dashboard.sending(sent.ctx, tallies)
    set_states(sent, deliveries="sent sent queued")
    tallies.forget(1)
    sent.clock.turn(seconds=2)
    second = dashboard.sending(sent.ctx, tallies, first)
    set_states(sent, deliveries="sent sent sent")
    tallies.forget(1)

    assert [(one.card.sent, one.to_go, round(one.rate, 2)) for one in first] == [(1, 2, 0.1)]
    assert [(one.card.sent, one.to_go, one.rate) for one in second] == [(2, 1, 0.5)]
    assert second[0].done_at == sent.clock.now + timedelta(seconds=2)
    assert dashboard.sending(sent.ctx, tallies, second) == []


def test_a_send_that_stands_still_has_no_end(sent: Place) -> None:
    set_states(sent, deliveries="queued queued queued")

    (found,) = dashboard.sending(sent.ctx, Tallies())
    assert (found.rate, found.done_at) == (0, None)


def test_who_came_and_went_is_counted_by_day(place: Place) -> None:
    for n in range(3):
        subscriptions.add(place.ctx, f"r{n}@example.org", mlist="readers")
    place.clock.turn(days=10)
    subscriptions.add(place.ctx, "late@example.org", mlist="readers")
    subscriptions.unsubscribe(place.ctx, 1, by="reader")

    found = look(place).movement
    assert (found.over(30), found.over(7)) == ((4, 1), (1, 1))
    assert [(gained, lost) for _, gained, lost in found.days if gained or lost] == [(3, 0), (1, 1)]
    assert len(found.days) == 30


def test_days_of_who_came_and_went_begin_at_midnight_of_the_place_and_an_import_counts_each(place: Place) -> None:
    def add(*addresses: str) -> None:
        for address in addresses:
            subscriptions.add(place.ctx, address, mlist="readers")

    place.clock.now = datetime(2026, 3, 28, 22, 59, tzinfo=UTC)  # the clocks change in the night after
    add("a@example.org")
    place.clock.turn(minutes=1)
    add("b@example.org", "c@example.org")
    place.clock.now = datetime(2026, 3, 29, 21, 59, tzinfo=UTC)
    add("d@example.org")
    place.clock.turn(minutes=1)
    add("e@example.org")
    (place.folder / "people.csv").write_text("address\nf@example.org\ng@example.org\n", encoding="utf-8")
    imports.import_file(place.ctx, Part(file=ListFile(place.folder / "people.csv"), mlist="readers"), Options())

    found = {day: gained for day, gained, _ in look(place).movement.days if gained}
    assert found == {date(2026, 3, 28): 1, date(2026, 3, 29): 3, date(2026, 3, 30): 3}


def test_a_source_that_fails_is_named_and_one_that_is_paused_is_not(sent: Place) -> None:
    sent.drop("Another source")
    sent.collect()
    for name in ("feed1", "feed2"):
        (sent.folder / f"{name}.xml").unlink()
    sent.clock.turn(hours=3)
    sent.collect()
    source_services.pause(sent.ctx, "feed2", paused=True)

    assert [(one.source.name, one.fails) for one in look(sent).quiet] == [("feed1", True)]


@given(count=st.integers(2, 1000), hours=st.integers(0, 24 * 30))
def test_a_source_is_silent_after_five_times_its_pause_and_never_within_two_days(count: int, hours: int) -> None:
    usual_hours = 30 * 24 / count

    silent = is_silent(count=count, days=30, last_at=TUESDAY, now=TUESDAY + timedelta(hours=hours))

    assert silent == (hours > max(48, 5 * usual_hours))


def test_a_source_that_brought_one_article_or_none_is_not_called_silent() -> None:
    assert not is_silent(count=1, days=30, last_at=TUESDAY, now=TUESDAY + timedelta(days=29))
    assert not is_silent(count=0, days=30, last_at=None, now=TUESDAY)


def test_a_tally_is_counted_anew_when_it_is_old_or_forgotten(sent: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    tallies, counted = Tallies(), []
    real = deliveries.counts
    monkeypatch.setattr(deliveries, "counts", lambda tx, number: counted.append(number) or real(tx, number))
    now = [0.0]
    monkeypatch.setattr(
        "digest.services.tallies.time.monotonic", lambda: now.__setitem__(0, now[0] + 1) or now[0]
    )  # a second a look

    with sent.ctx.db.read() as tx:
        for _ in range(10):
            assert tallies.of(tx, 1) == {SENT: 3}
        assert len(counted) == 1
        now[0] += 30
        tallies.of(tx, 1)
        tallies.forget(1)
        tallies.of(tx, 1)
    assert len(counted) == 3


def test_issues_are_listed_by_state(sent: Place) -> None:
    with sent.ctx.db.read() as tx:
        assert [issue.number for issue in issue_store.in_states(tx, [IssueState.SENT])] == [1]
        assert issue_store.in_states(tx, [IssueState.HELD]) == []
