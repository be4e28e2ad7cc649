"""Claims between the database and the workers: who gets what, when more is claimed, and what goes back."""

import threading
import time
from datetime import timedelta

from digest.deliver.buffer import GROUP, LEAST, LOSSES, MOST, SOON_S, TAKE, ClaimSize, FinishedQueue
from digest.deliver.pace import Pace
from digest.deliver.results import Finished
from digest.deliver.run import RunState
from digest.errors import TransportDown
from digest.model.delivery import Result
from digest.model.ports import Reply
from digest.model.replies import Cause, Outcome, Verdict
from digest.model.states import DeliveryState
from tests.deliver.making import buffer_of, claimed, some, transport
from tests.support.place import TUESDAY


def test_claims_that_are_taken_in_no_time_are_followed_by_larger_ones() -> None:
    size = ClaimSize()
    sizes = []
    for step in range(8):
        size.claimed(1000 + step * SOON_S / 2)
        sizes.append(size.rows)

    assert sizes == sorted(sizes)
    assert sizes[-1] == MOST


def test_claims_that_last_are_followed_by_smaller_ones() -> None:
    size = ClaimSize()
    for step in range(8):
        size.claimed(1000 + step * SOON_S * 2)

    assert size.rows == LEAST


def test_a_full_group_of_finished_deliveries_wakes_the_writer() -> None:
    work = threading.Condition()
    queue, woken = FinishedQueue(work), threading.Event()

    def wait() -> None:
        with work:
            work.wait(10)
            woken.set()

    waiting = threading.Thread(target=wait)
    waiting.start()
    time.sleep(0.1)
    for delivery in some(GROUP - 1):
        queue.put(Finished(delivery=delivery))
    assert not queue.is_due
    assert not woken.is_set()

    queue.put(Finished(delivery=claimed(GROUP)))
    waiting.join(10)

    assert woken.is_set()
    assert queue.is_due
    assert len(queue.take_all()) == GROUP
    assert not queue


def test_few_finished_deliveries_are_due_when_a_worker_has_nothing_more_to_do() -> None:
    queue = FinishedQueue(threading.Condition())
    queue.hurry()
    assert not queue.is_due

    queue.put(Finished(delivery=claimed(1)))

    assert queue.is_due
    queue.take_all()
    queue.put_back([Finished(delivery=claimed(1))])
    assert not queue.is_due
    assert queue


def test_workers_take_a_few_deliveries_at_a_time_in_order() -> None:
    buffer, [route], woken = buffer_of()
    buffer.add(some(40), exhausted=False)

    first, second = buffer.take(route), buffer.take(route)

    assert [delivery.delivery_id for delivery in (*first, *second)] == list(range(1, 2 * TAKE + 1))
    assert woken == ["woken"]
    assert buffer.is_outstanding
    assert set(buffer.outstanding()) == set(range(1, 41))


def test_nothing_is_taken_or_claimed_once_the_run_is_stopping() -> None:
    run = RunState()
    buffer, [route], _ = buffer_of(run=run)
    buffer.add(some(40), exhausted=False)
    assert buffer.wanted()

    run.stop()

    assert buffer.take(route) == ()
    assert not buffer.wanted()


def test_rows_are_claimed_until_none_are_due_and_again_when_one_is_given_back() -> None:
    buffer, [route], _ = buffer_of()
    assert buffer.begin_claim() == 2 * LEAST
    buffer.add(some(2), exhausted=False)
    buffer.add((), exhausted=True)
    assert not buffer.wanted()
    assert not buffer.is_over(route)

    buffer.recorded([Result(delivery_id=1, state=DeliveryState.SENT), Result(delivery_id=2, state=DeliveryState.QUEUED)])

    assert buffer.wanted()
    buffer.add((), exhausted=True)
    assert buffer.is_over(route)


def test_a_refusal_that_is_not_confirmed_yet_keeps_no_worker() -> None:
    buffer, [route], _ = buffer_of()
    buffer.add(some(1), exhausted=False)
    buffer.add((), exhausted=True)
    assert not buffer.is_over(route)

    buffer.withheld = 1

    assert buffer.is_over(route)


def test_what_a_domain_cannot_take_goes_back_with_its_own_time_and_is_claimed_again_then() -> None:
    pace = Pace()
    pace.record_reply("slow.example", Verdict(outcome=Outcome.DEFERRED, cause=Cause.RATE, code=421), Reply(code=421), TUESDAY)
    pace.record_reply("slow.example", Verdict(outcome=Outcome.DEFERRED, cause=Cause.RATE, code=421), Reply(code=421), TUESDAY)
    buffer, [route], _ = buffer_of(pace=pace)

    buffer.add([claimed(1, domain="slow.example"), claimed(2)], exhausted=False)

    [paced] = buffer.finished.take_all()
    assert paced.delivery.delivery_id == 1
    assert paced.later == TUESDAY + timedelta(minutes=1)
    assert [delivery.delivery_id for delivery in route.waiting] == [2]
    buffer.recorded([Result(delivery_id=n, state=DeliveryState.SENT) for n in (1, 2)])
    buffer.add((), exhausted=True)
    assert not buffer.is_over(route)  # in a minute there is something to do again
    with buffer.work:
        buffer.retry_paced()
    assert not buffer.wanted() or not buffer.is_over(route)


def test_what_waited_for_a_relay_that_fails_goes_to_the_others() -> None:
    run = RunState()
    buffer, [first, second], woken = buffer_of(transport("a"), transport("b"), run=run)
    buffer.add(some(10), exhausted=False)
    taken = buffer.take(first)
    woken.clear()

    buffer.relay_failed(first, TransportDown("a is away"), taken)

    assert not first.waiting
    assert sorted(delivery.delivery_id for delivery in second.waiting) == list(range(1, 11))
    assert woken
    assert not run.stopping


def test_the_run_stops_when_no_relay_takes_anything() -> None:
    run = RunState()
    buffer, [route], _ = buffer_of(run=run)
    buffer.add(some(3), exhausted=False)

    buffer.relay_failed(route, TransportDown("a is away"), ())

    assert run.stopping
    assert run.tally.down == "a is away"
    assert [one.delivery.delivery_id for one in buffer.finished.take_all()] == [1, 2, 3]


def test_a_relay_that_throttles_several_messages_in_a_row_is_left_alone() -> None:
    buffer, [route, _], _ = buffer_of(transport("a"), transport("b"))
    for _ in range(LOSSES - 1):
        buffer.relay_throttled(route)
    assert not route.down
    buffer.relay_worked(route)
    for _ in range(LOSSES - 1):
        buffer.relay_throttled(route)
    assert not route.down

    buffer.relay_throttled(route)

    assert "takes nothing now" in route.down


def test_a_half_open_relay_that_throttles_or_says_nothing_may_be_tried_by_another_message() -> None:
    buffer, [route, _], _ = buffer_of(transport("a"), transport("b"))
    route.down, route.half_open = "away", True

    buffer.relay_undecided(route)
    assert not route.half_open

    route.half_open = True
    buffer.relay_throttled(route)
    assert not route.half_open
    assert not route.usable()


def test_a_refused_connection_is_a_limit_where_others_are_open() -> None:
    buffer, [route], woken = buffer_of()
    buffer.add(some(20), exhausted=False)
    taken = buffer.take(route)
    route.connections = 8
    assert not buffer.limit_connections(route, taken)

    route.open, route.reconnecting = 2, 1
    woken.clear()

    assert buffer.limit_connections(route, taken)
    assert route.connections == 3
    assert [delivery.delivery_id for delivery in route.waiting] == list(range(1, 21))
    assert woken


def test_a_daily_limit_ends_the_run_for_this_day() -> None:
    run = RunState()
    buffer, [route], _ = buffer_of(transport("a", daily=2), run=run)
    route.left_today = 2

    buffer.add(some(3), exhausted=False)

    assert [one.delivery.delivery_id for one in buffer.finished.take_all()] == [3]
    assert "daily limit" in run.tally.down
    assert not buffer.wanted()


def test_what_no_worker_took_is_given_back() -> None:
    buffer, [route], _ = buffer_of()
    buffer.add(some(5), exhausted=False)

    buffer.give_back()

    assert [one.delivery.delivery_id for one in buffer.finished.take_all()] == [1, 2, 3, 4, 5]
    assert not route.waiting
