"""Synchronous sending of a few messages without a ledger: test copies, dry runs, reports to admins."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Iterator

from digest.errors import TransportDown
from digest.model.ports import Answer, Envelope, Session, Transport
from digest.smtp.event_loop import new_event_loop


def hand_over(
    transport: Transport, envelopes: Iterable[Envelope], *, before_end: Callable[[int], bool] = lambda _number: True
) -> Iterator[Answer]:
    """
    Send each envelope and yield the answers. `before_end`: see `Transport.session`.

    Raises:
        TransportDown: the transport is unavailable; the answers that it had given are yielded before.
    """
    answers: list[Answer] = []
    session = transport.session(before_end=before_end, on_answer=answers.append)
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        try:
            for step in _steps(session, envelopes):
                down: TransportDown | None = None
                try:
                    runner.run(step)
                except TransportDown as problem:
                    down = problem
                yield from answers
                answers.clear()
                if down is not None:
                    raise down
        finally:
            session.abort()


def _steps(session: Session, envelopes: Iterable[Envelope]) -> Iterator[Coroutine[None, None, object]]:
    yield session.open()
    for envelope in envelopes:
        yield session.send(envelope)
    yield session.flush()
    yield session.close()
