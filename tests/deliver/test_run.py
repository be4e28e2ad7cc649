"""The state of a run: once it is stopping it stays so, and the first reason is kept."""

import threading

import pytest

from digest.deliver.run import RunState, Tally
from digest.errors import TransportDown, TransportRefused
from digest.model.states import DeliveryState


def test_a_run_goes_on_until_somebody_asks_it_to_end() -> None:
    asked = threading.Event()
    run = RunState(asked)
    assert not run.stopping

    asked.set()

    assert run.stopping
    assert run.result().down == ""


def test_an_issue_that_is_held_stops_its_run_without_a_reason_of_the_relays() -> None:
    run = RunState()

    run.stop()

    assert run.stopping
    assert run.result() == Tally()


def test_the_first_relay_that_takes_nothing_is_named_and_a_refusal_is_remembered() -> None:
    run = RunState()

    run.stop_for(TransportDown("relay a is away"))
    run.stop_for(TransportRefused("relay b wants another password"))

    assert run.stopping
    assert (run.result().down, run.result().refused) == ("relay a is away", True)


def test_the_first_failure_is_raised() -> None:
    run = RunState()

    run.fail(OSError("disk full"))
    run.fail(ValueError("and more"))

    assert run.stopping
    with pytest.raises(OSError, match="disk full"):
        run.result()


def test_a_tally_counts_every_outcome_and_what_was_given_back_apart() -> None:
    tally = Tally()
    for number, state in enumerate(
        (DeliveryState.SENT, DeliveryState.DEFERRED, DeliveryState.BOUNCED, DeliveryState.SKIPPED, DeliveryState.UNSURE), 1
    ):
        tally.count(state, number)
    tally.count(DeliveryState.QUEUED, 7)

    assert (tally.settled, tally.given_back) == (15, 7)


def test_a_process_that_stood_still_says_so_and_begins_nothing_more() -> None:
    run = RunState(issue_id=7)

    run.stand_down()

    assert run.stopping
    assert "stood still" in run.result().down
    assert not run.result().refused
