"""Several relays: shares by weight, and the circuit breaker of each."""

import time
from collections import Counter

import pytest

from digest.deliver import routes as module
from digest.deliver.routes import ROOM, Route, Routes
from digest.errors import TransportDown, TransportRefused
from tests.deliver.making import claimed, some, transport

AWAY = TransportDown("relay a is away")


def test_relays_get_deliveries_by_their_weight_spread_evenly() -> None:
    routes = Routes([transport("a", weight=3), transport("b")])

    order = []
    for delivery in some(40):
        routes.assign(delivery)
        order.append(next(r.transport.name for r in routes.all if r.waiting and r.waiting[-1] is delivery))

    assert Counter(order) == {"a:25": 30, "b:25": 10}
    assert all(order[at : at + 4].count("b:25") == 1 for at in range(0, 40, 4))


def test_a_delivery_stays_with_the_relay_that_had_it_while_that_is_usable() -> None:
    routes = Routes([transport("a", weight=9), transport("b")])

    routes.assign(claimed(1, relay="b:25"))
    assert len(routes.all[1].waiting) == 1
    routes.all[1].record_failure(AWAY)
    routes.assign(claimed(2, relay="b:25"))

    assert len(routes.all[0].waiting) == 1


def test_a_relay_that_is_stuck_gets_no_more() -> None:
    routes = Routes([transport("a", weight=9), transport("b")])
    routes.all[0].waiting.extend(some(2 * ROOM))

    for delivery in some(10):
        routes.assign(delivery)

    assert len(routes.all[1].waiting) == 10


def test_a_relay_rests_longer_with_each_failure_and_then_one_message_finds_out(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])
    routes = Routes([transport("a")])
    [route] = routes.all
    rests = []
    for _ in range(10):
        route.record_failure(AWAY)
        assert not route.usable()
        assert route.rests
        assert not routes.assign(claimed(1))
        rests.append(route.rests_until - now[0])
        now[0] = route.rests_until
        assert routes.assign(claimed(1))
        assert route.half_open
        assert not routes.assign(claimed(2))

    assert rests == [5, 10, 20, 40, 80, 160, 300, 300, 300, 300]
    route.record_success()
    assert routes.assign(claimed(2))
    assert (route.down, route.failures, route.half_open) == ("", 0, False)


def test_workers_that_find_out_the_same_lengthen_no_rest() -> None:
    route = Route(transport("a"))
    route.record_failure(AWAY)
    until = route.rests_until

    route.record_failure(AWAY)

    assert route.rests_until == until
    assert route.failures == 1


def test_a_message_that_found_out_nothing_lets_another_one_try() -> None:
    route = Route(transport("a"))
    route.down, route.half_open, route.rests_until = "away", True, time.monotonic() - 1
    assert not route.usable()

    route.record_undecided()

    assert route.usable()


def test_a_relay_that_needs_a_person_is_not_tried_again() -> None:
    route = Route(transport("a"))
    route.record_failure(TransportRefused("wrong password"))
    route.rests_until = 0.0

    assert route.refused
    assert not route.usable()


def test_more_connections_than_thought_are_remembered() -> None:
    route = Route(transport("a"))
    for _ in range(3):
        route.record_connection()

    assert (route.open, route.connections) == (3, 3)


def test_rows_are_wanted_for_relays_that_have_few_and_take_something() -> None:
    one = Routes([transport("a")])
    assert one.wanted(100, 75) == 100
    one.all[0].waiting.extend(some(80))
    assert one.wanted(100, 75) == 0

    two = Routes([transport("a"), transport("b")])
    assert two.wanted(512, 400) == 2 * ROOM
    two.all[0].record_failure(AWAY)
    assert two.wanted(512, 400) == ROOM
    two.all[1].waiting.extend(some(ROOM))
    assert two.wanted(512, 400) == 0
    assert two.waiting == ROOM


def test_relays_are_spent_when_every_daily_limit_is_reached() -> None:
    routes = Routes([transport("a", daily=1), transport("b")])
    routes.all[0].left_today = 0
    assert not routes.spent()

    routes.all[1].left_today = 0

    assert routes.spent()
    assert routes.all_down()
    assert not routes.assign(claimed(1))
