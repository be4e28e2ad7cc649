"""A process says that it lives, and ends nothing once others may have taken it for lost."""

from datetime import timedelta

import pytest

from digest.deliver import heartbeat as module
from digest.deliver.heartbeat import EVERY_S, LIMIT_S, Heartbeat
from digest.store import owners
from tests.support.place import Place

OWNER = "0123456789abcdef"


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds of the clock that goes on while the machine sleeps; set by hand."""
    clock = [1000.0]
    monkeypatch.setattr(module, "_now", lambda: clock[0])
    return clock


def beaten(place: Place, heartbeat: Heartbeat) -> bool:
    with place.ctx.db.begin() as tx:
        return heartbeat.beat(tx)


def test_it_beats_every_few_seconds_in_the_database(place: Place, now: list[float]) -> None:
    heartbeat = Heartbeat(place.ctx.db, OWNER, place="here", clock=place.clock)
    assert not beaten(place, heartbeat)

    now[0] += EVERY_S
    place.clock.turn(seconds=EVERY_S)

    assert heartbeat.due()
    assert beaten(place, heartbeat)
    assert not beaten(place, heartbeat)
    with place.ctx.db.read() as tx:
        assert owners.alive(tx, since=place.clock() - timedelta(seconds=1)) == 1


def test_a_process_that_stood_still_is_stale_before_others_take_it_for_lost_and_stays_so(place: Place, now: list[float]) -> None:
    heartbeat = Heartbeat(place.ctx.db, OWNER, place="here", clock=place.clock)
    assert heartbeat.fresh()

    now[0] += LIMIT_S / 2

    assert not heartbeat.fresh()
    assert not beaten(place, heartbeat)
    assert not heartbeat.fresh()
