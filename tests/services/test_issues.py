"""When an issue is sent, what of it is unfinished, and which slots are due."""

import pytest

from digest.errors import Conflict, NotFound, NothingToDo
from digest.model.issue import Issue
from digest.model.states import DeliveryState, IssueState
from digest.services import freezing, issues, sending
from digest.services.selection import prepare
from digest.store import deliveries
from digest.store import issues as store
from tests.support.place import Place


@pytest.fixture
def queued(place: Place) -> Issue:
    """An issue whose two readers are queued."""
    place.drop("A harbour opens again")
    place.collect()
    place.readers("ann@example.org", "bob@example.org")
    slot = place.daily.timetable.today(place.clock())
    prepared = prepare(place.ctx, place.daily, slot, now=place.clock())
    issue = freezing.freeze(place.ctx, issues.take_slot(place.ctx, place.daily, slot), prepared)
    return sending.queue(place.ctx, issue, place.daily)


@pytest.mark.parametrize("state", DeliveryState)
def test_an_issue_is_sent_when_no_delivery_is_open(place: Place, queued: Issue, state: DeliveryState) -> None:
    is_open = state in (DeliveryState.QUEUED, DeliveryState.SENDING, DeliveryState.DEFERRED, DeliveryState.UNSURE)
    with place.ctx.db.begin() as tx:
        first, second = deliveries.listed(tx, issue_id=queued.id)
        first.state, second.state = DeliveryState.SENT, state

    with place.ctx.db.begin() as tx:
        closed = issues.close_if_done(place.ctx, tx, store.get(tx, queued.id))

    shown = issues.show(place.ctx, newsletter="daily", key="1")
    assert closed is not is_open
    assert shown.state is (IssueState.SENDING if is_open else IssueState.SENT)
    assert (shown.sent_at is None) is is_open


def test_an_issue_that_is_not_sending_is_not_closed(place: Place, queued: Issue) -> None:
    issues.hold(place.ctx, queued.id, reason="a look")
    with place.ctx.db.begin() as tx:
        for delivery in deliveries.listed(tx, issue_id=queued.id):
            delivery.state = DeliveryState.SENT

    with place.ctx.db.begin() as tx:
        assert not issues.close_if_done(place.ctx, tx, store.get(tx, queued.id))


def test_a_view_of_an_issue_has_its_newsletter_stories_and_deliveries(place: Place, queued: Issue) -> None:
    shown = issues.show(place.ctx, newsletter="", key="2026-03-03")

    assert (shown.number, shown.newsletter, shown.timezone) == (1, "daily", "Europe/Berlin")
    assert [story["headline"] for story in shown.stories] == ["A harbour opens again"]
    assert shown.deliveries == {DeliveryState.QUEUED: 2}
    assert [(c.place, c.headline) for c in issues.explain(place.ctx, newsletter="daily", key="1")] == [
        (1, "A harbour opens again")
    ]


def test_an_issue_that_is_not_there_names_its_newsletter(place: Place) -> None:
    with pytest.raises(NotFound) as missing:
        issues.show(place.ctx, newsletter="daily", key="7")

    assert (missing.value.code, missing.value.facts["newsletter"]) == ("no_issue", "daily")


def test_a_slot_that_is_served_is_refused_with_its_code(place: Place, queued: Issue) -> None:
    slot = place.daily.timetable.today(place.clock())

    with pytest.raises(NothingToDo) as refused:
        issues.refuse_served(place.ctx, place.daily, slot)

    assert refused.value.code == "slot_served"
    assert "went out but for 2 queued" in str(refused.value)


def test_of_missed_slots_the_newest_is_published_and_the_others_say_why_not(place: Place) -> None:
    place.clock.turn(days=2)

    slot, skipped = issues.due_slots(place.ctx, place.daily)

    assert slot is not None
    assert slot.name == "2026-03-05"
    assert [(missed.name, reason) for missed, reason in skipped] == [
        ("2026-03-04", "missed; the issue of 2026-03-05 came instead")
    ]


@pytest.mark.parametrize("state", [state for state in IssueState if state is not IssueState.HELD])
def test_only_a_held_issue_is_resumed(place: Place, queued: Issue, state: IssueState) -> None:
    with place.ctx.db.begin() as tx:
        store.get(tx, queued.id).state = state

    with pytest.raises(Conflict, match="not held"):
        issues.resume(place.ctx, queued.id)

    with place.ctx.db.read() as tx:
        assert store.get(tx, queued.id).state is state
