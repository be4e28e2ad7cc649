"""How a person leaves a list and returns, whoever asks for it."""

import pytest

from digest.errors import NotFound
from digest.model.states import SubscriptionState
from digest.model.subscriber import Suppression
from digest.services import subscribers as people
from digest.services import subscriptions
from digest.store import subscribers
from tests.support.place import Place


@pytest.fixture
def ann(place: Place) -> int:
    """The number of a reader's subscription."""
    place.readers("ann@example.org")
    with place.ctx.db.read() as tx:
        person = subscribers.get(tx, "ann@example.org")
        [(tie, _)] = subscribers.subscriptions_of(tx, person.id)
        return tie.id


def state(place: Place) -> SubscriptionState:
    return people.show(place.ctx, "ann@example.org").subscriptions[0].state


def test_a_reader_who_leaves_can_return_for_thirty_days(place: Place, ann: int) -> None:
    left = subscriptions.unsubscribe(place.ctx, ann, by="reader")

    assert left is not None
    assert left.state is state(place) is SubscriptionState.UNSUBSCRIBED
    assert left.returns_until is not None
    assert (left.returns_until - place.clock()).days == 30


def test_to_leave_twice_is_to_leave_once(place: Place, ann: int) -> None:
    first = subscriptions.unsubscribe(place.ctx, ann, by="reader")
    place.clock.turn(days=1)

    assert subscriptions.unsubscribe(place.ctx, ann, by="reader") == first


def test_an_admin_ends_the_same_subscription_as_the_reader(place: Place, ann: int) -> None:
    people.change(place.ctx, "ann@example.org", name="Ann", leave="readers")

    standing = subscriptions.standing(place.ctx, ann)

    assert standing is not None
    assert standing.state is SubscriptionState.UNSUBSCRIBED
    assert people.show(place.ctx, "ann@example.org").name == "Ann"


def test_nothing_of_a_person_is_changed_where_the_list_is_not_theirs(place: Place, ann: int) -> None:
    with pytest.raises(NotFound):
        people.change(place.ctx, "ann@example.org", name="Ann", leave="nowhere")

    assert people.show(place.ctx, "ann@example.org").name == ""


def test_who_returns_is_active_again_and_who_is_suppressed_is_not(place: Place, ann: int) -> None:
    subscriptions.unsubscribe(place.ctx, ann, by="reader")
    subscriptions.resume(place.ctx, ann)
    assert state(place) is SubscriptionState.ACTIVE

    subscriptions.unsubscribe(place.ctx, ann, by="reader")
    with place.ctx.db.begin() as tx:
        hmac = subscribers.get(tx, "ann@example.org").address_hmac
        subscribers.suppress(tx, Suppression(address_hmac=hmac, address=None, reason="550", made_at=place.clock()))
    refused = subscriptions.resume(place.ctx, ann)

    assert refused is not None
    assert (refused.state, refused.returns_until) == (SubscriptionState.UNSUBSCRIBED, None)


def test_a_subscription_that_is_gone_is_nothing(place: Place, ann: int) -> None:
    people.remove(place.ctx, "ann@example.org")

    assert subscriptions.standing(place.ctx, ann) is None
    assert subscriptions.unsubscribe(place.ctx, ann, by="reader") is None
    assert subscriptions.resume(place.ctx, ann) is None
