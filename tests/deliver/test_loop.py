"""Talks: many wait side by side in one thread, each goes on when what it waits for is there."""

import socket
import threading
import time

import pytest

from digest.deliver.loop import MANY, Loop
from digest.deliver.talk import at_once, elsewhere
from digest.model.ports import Talk, Wait


def pair() -> tuple[socket.socket, socket.socket]:
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    return ours, theirs


def hears(connection: socket.socket, heard: list[bytes], *, until: float = float("inf")) -> Talk[None]:
    """Reads once, when there is something to read or it has become too late."""
    yield Wait(connection, until=until)
    try:
        heard.append(connection.recv(100))
    except BlockingIOError:
        heard.append(b"late")
    connection.close()


def nothing() -> None:
    """What most loops do at a tick."""


@pytest.mark.parametrize("others", [0, MANY])
def test_a_talk_that_waits_delays_no_other(others: int) -> None:
    loop, heard, theirs = Loop(), [], []
    for number in reversed(range(others + 2)):  # the first to be begun is the last to be told
        ours, other = pair()
        theirs.append(other)
        loop.add(hears(ours, heard))
        threading.Timer(0.05 * (number + 1), other.send, [str(number).encode()]).start()

    loop.run(nothing)

    assert heard == [str(number).encode() for number in range(others + 2)]
    for other in theirs:
        other.close()


def test_a_wait_ends_when_its_time_is_over() -> None:
    loop, heard = Loop(), []
    ours, theirs = pair()
    began = time.monotonic()
    loop.add(hears(ours, heard, until=began + 0.2))

    loop.run(nothing)

    assert heard == [b"late"]
    assert time.monotonic() - began >= 0.2
    theirs.close()


def test_what_waits_for_the_time_alone_is_woken_early_by_another_thread() -> None:
    loop, woken = Loop(), threading.Event()

    def sleeps() -> Talk[None]:
        while not woken.is_set():
            yield Wait(until=time.monotonic() + 60)

    def wake() -> None:
        woken.set()
        loop.wake()

    loop.add(sleeps())
    threading.Timer(0.1, wake).start()

    loop.run(nothing)

    assert woken.is_set()


def test_what_one_talk_raises_ends_them_all_and_each_tidies_up() -> None:
    loop, tidied = Loop(), []

    def waits() -> Talk[None]:
        try:
            yield Wait()
        finally:
            tidied.append("waits")

    def breaks() -> Talk[None]:
        yield Wait(until=time.monotonic() + 0.05)
        raise KeyboardInterrupt

    loop.add(waits())
    loop.add(breaks())

    with pytest.raises(KeyboardInterrupt):
        loop.run(nothing)
    assert tidied == ["waits"]


def test_a_number_that_a_closed_connection_had_is_watched_for_its_next_owner_alone() -> None:
    loop, heard = Loop(), []

    def one_after_another() -> Talk[None]:
        """Each connection gets the number of the one before it."""
        for word in (b"first", b"second", b"third"):
            ours, theirs = pair()
            threading.Timer(0.05, theirs.send, [word]).start()
            yield from hears(ours, heard)
            theirs.close()

    loop.add(one_after_another())
    loop.add(one_after_another())

    loop.run(nothing)

    assert sorted(heard) == [b"first", b"first", b"second", b"second", b"third", b"third"]


def test_a_loop_that_is_over_can_be_woken_in_vain() -> None:
    loop = Loop()

    def breaks() -> Talk[None]:
        yield Wait(until=time.monotonic() + 0.05)
        raise KeyboardInterrupt

    loop.add(breaks())
    with pytest.raises(KeyboardInterrupt):
        loop.run(nothing)

    loop.wake()


def test_talks_can_be_begun_while_it_runs() -> None:
    loop, begun = Loop(), []

    def short() -> Talk[None]:
        begun.append(len(begun))
        yield Wait(until=time.monotonic() + 0.05)

    loop.add(short())
    loop.run(lambda: loop.add(short()) if len(begun) < 3 else None)

    assert begun == [0, 1, 2]


def test_what_blocks_is_done_elsewhere_while_others_go_on() -> None:
    loop, order = Loop(), []

    def slow() -> str:
        time.sleep(0.3)
        return "slow"

    def waits_for_it() -> Talk[None]:
        order.append((yield from elsewhere(slow)))

    def quick() -> Talk[None]:
        yield Wait(until=time.monotonic() + 0.05)
        order.append("quick")

    loop.add(waits_for_it())
    loop.add(quick())
    loop.run(nothing)

    assert order == ["quick", "slow"]


def test_what_goes_wrong_elsewhere_is_raised_to_who_waits() -> None:
    def fails() -> None:
        raise OSError("no route")

    with pytest.raises(OSError, match="no route"):
        at_once(elsewhere(fails))


def test_a_talk_alone_returns_what_it_comes_to() -> None:
    def counts() -> Talk[int]:
        for _ in range(3):
            yield Wait(until=time.monotonic() + 0.01)
        return 3

    assert at_once(counts()) == 3
