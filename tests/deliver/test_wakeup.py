"""A wait ends at its time, or when another thread wakes it."""

import asyncio
import threading
import time

import pytest

from digest.deliver.wakeup import Wakeup
from digest.smtp.event_loop import new_event_loop
from tests.support.running import run

pytestmark = pytest.mark.usefixtures("each_event_loop")


async def waited(*, until_s: float, wake_after_s: float | None = None) -> float:
    wakeup, began = Wakeup(asyncio.get_running_loop()), time.monotonic()
    if wake_after_s is not None:
        threading.Timer(wake_after_s, wakeup.wake).start()
    await asyncio.gather(*(wakeup.wait(began + until_s) for _ in range(3)))
    return time.monotonic() - began


def test_a_wait_ends_when_its_time_is_over() -> None:
    [seconds] = run(waited(until_s=0.2))

    assert 0.19 <= seconds < 5


def test_every_wait_is_ended_early_by_another_thread() -> None:
    [seconds] = run(waited(until_s=60, wake_after_s=0.1))

    assert seconds < 30


def test_a_loop_that_is_closed_can_be_woken_in_vain() -> None:
    loop = new_event_loop()
    wakeup = Wakeup(loop)
    waiting = loop.create_task(wakeup.wait(time.monotonic() + 60))
    loop.run_until_complete(asyncio.sleep(0))
    loop.close()

    wakeup.wake()

    assert not waiting.done()
    waiting.get_coro().close()
