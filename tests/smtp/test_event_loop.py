"""Blocking calls run in threads while coroutines go on."""

import asyncio
import time

import pytest

from digest.smtp.event_loop import run_in_thread
from tests.support.running import run

pytestmark = pytest.mark.usefixtures("each_event_loop")


def test_a_blocking_call_delays_no_coroutine() -> None:
    order: list[str] = []

    def slow() -> str:
        time.sleep(0.3)
        return "slow"

    async def waits_for_it() -> None:
        order.append(await run_in_thread(slow))

    async def quick() -> None:
        await asyncio.sleep(0.05)
        order.append("quick")

    async def both() -> None:
        await asyncio.gather(waits_for_it(), quick())

    run(both())

    assert order == ["quick", "slow"]


def test_what_a_blocking_call_raises_is_raised_where_it_is_awaited() -> None:
    def fails() -> None:
        raise OSError("no route")

    with pytest.raises(OSError, match="no route"):
        run(run_in_thread(fails))


def test_a_cancelled_blocking_call_ends_in_vain() -> None:
    ended: list[bool] = []

    async def cancel() -> None:
        waiting = asyncio.ensure_future(run_in_thread(lambda: ended.append(time.sleep(0.2) is None)))
        await asyncio.sleep(0.05)
        waiting.cancel()
        await asyncio.sleep(0.4)

    run(cancel())

    assert ended == [True]
