"""Who leaves while a run is under way is known a second later."""

import pytest

from digest.deliver import departures as module
from digest.deliver.departures import Departures
from digest.services import issues as issue_services
from digest.store import deliveries
from tests.deliver.making import leave, queued
from tests.support.place import Place


def numbers(place: Place) -> dict[str, int]:
    with place.ctx.db.read() as tx:
        return {row.address: row.id or 0 for row in deliveries.listed(tx)}


def test_a_reader_who_leaves_is_in_the_next_snapshot(place: Place) -> None:
    issue = queued(place, "ann@example.org", "bob@example.org")
    ids, departures = numbers(place), Departures(place.ctx.db, issue, clock=place.clock)
    leave(place, "ann@example.org")
    assert not departures.reason(ids["ann@example.org"])

    assert departures.read(list(ids.values()))

    assert departures.reason(ids["ann@example.org"])
    assert not departures.reason(ids["bob@example.org"])


def test_a_snapshot_is_due_before_it_is_too_old(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])
    departures = Departures(place.ctx.db, 1, clock=place.clock)
    ages = []
    for _ in range(12):
        ages.append((departures.due, departures.fresh))
        now[0] += module.MAX_AGE_S / 10

    assert ages[0] == (False, True)
    assert (True, True) in ages
    assert ages[-1] == (True, False)


def test_an_issue_that_was_held_does_not_go_out(place: Place) -> None:
    issue = queued(place, "ann@example.org")
    departures = Departures(place.ctx.db, issue, clock=place.clock)

    issue_services.hold(place.ctx, issue, reason="to look")

    assert not departures.read([])
