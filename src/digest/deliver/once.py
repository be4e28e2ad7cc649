"""A few messages outside the ledger: test copies, dry runs, reports to admins."""

from collections.abc import Callable, Iterable, Iterator

from digest.deliver.talk import at_once
from digest.errors import TransportDown
from digest.model.ports import Answer, Envelope, Line, Talk, Transport


def hand_over(
    transport: Transport, envelopes: Iterable[Envelope], *, before_end: Callable[[int], bool] = lambda _number: True
) -> Iterator[Answer]:
    """
    Hand each over and yield the answers; it blocks. `before_end`: see `Transport.line`.

    Raises:
        TransportDown: the transport takes nothing (more); what it had answered before is yielded before.
    """
    answers: list[Answer] = []
    line = transport.line(before_end=before_end, heard=answers.append)
    down: TransportDown | None = None
    try:
        for talk in _talks(line, envelopes):
            try:
                at_once(talk)
            except TransportDown as problem:
                down = problem
            yield from answers
            answers.clear()
            if down is not None:
                raise down
    finally:
        line.hang_up()


def _talks(line: Line, envelopes: Iterable[Envelope]) -> Iterator[Talk[object]]:
    yield line.open()
    for envelope in envelopes:
        yield line.hand(envelope)
    yield line.finish()
    yield line.close()
