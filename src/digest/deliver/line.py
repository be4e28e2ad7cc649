"""
One connection that takes message after message, as fast as the relay lets it.

Every command that is written is remembered, and each reply belongs to the oldest of them
(RFC 2920). How far ahead we write is the relay's to offer: nothing; the next message's
commands behind this one's content (PIPELINING), so that a message costs one round trip; or
whole messages, a window of them (CHUNKING, RFC 3030).
"""

import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from digest import log
from digest.deliver.content import as_data, whole
from digest.deliver.greet import Greeted
from digest.deliver.talk import elsewhere
from digest.deliver.wire import Lost, Waits, reply_of
from digest.errors import TransportDown
from digest.model.ports import Answer, Envelope, Reply, Stage, Talk
from digest.model.replies import Cause, counts_messages, judge

LOSSES = 3  #: this many connections lost in a row without an answer, and the relay counts as down
LAST_WORDS_S = 1.0  #: to hear what a relay still says that hangs up, or said so
ROUND_TRIP_S = 0.002  #: for each such part of a round trip, a message more is written ahead of what is answered


class Step(Enum):
    """What was said, and so what the next reply answers."""

    RESET = "RSET"
    MAIL = "MAIL"
    RCPT = "RCPT"
    DATA = "DATA"
    END = "the content's end"


_STAGES = {Step.RESET: Stage.MAIL, Step.MAIL: Stage.MAIL, Step.RCPT: Stage.RCPT, Step.DATA: Stage.CONTENT}
_PASSED = (Step.RESET, Step.MAIL, Step.RCPT)  #: nothing is to be remembered of a 250 to these
_LONE_DOT = b".\r\n"  #: ends a content
_RSET, _DATA = (Step.RESET, b"RSET\r\n"), (Step.DATA, b"DATA\r\n")


@dataclass(slots=True, eq=False)
class _Flight:
    """A message on its way."""

    envelope: Envelope
    began: float
    open: bool = False  #: its content is waited for
    ended: bool = False  #: its content's end may have left
    answered: bool = False  #: the first refusal counts, whatever is said behind it


class Dialled(Protocol):
    """What a line needs of its transport."""

    waits: Waits
    window: int
    near: int
    one_by_one: bool
    messages: int

    @property
    def name(self) -> str:
        """Host and port."""

    def learn(self, messages: int) -> None:
        """A connection takes no more than so many."""

    def closed(self, *, after: int) -> None:
        """It has closed a connection behind so many messages, and said nothing."""

    def dial(self) -> Greeted:
        """A connection that takes mail; it blocks until then. Raises TransportDown."""


class SmtpLine:
    """A Line over one connection at a time; see `Transport.line`."""

    def __init__(self, transport: Dialled, before_end: Callable[[int], bool], heard: Callable[[Answer], None]) -> None:
        self._transport = transport
        self._before_end = before_end
        self._heard = heard
        self._name = transport.name
        self._greeted: Greeted | None = None
        self._said: deque[tuple[Step, _Flight]] = deque()  #: written and not yet answered, oldest first
        self._flights: list[_Flight] = []  #: on their way, oldest first
        self._tangled = False  #: a refusal left a transaction behind; RSET comes first
        self._taken = 0  #: messages of this connection
        self._window = transport.window
        self._full = False  #: this connection takes no more messages; the next goes over another
        self._parting = False  #: the relay has said that it takes nothing more: what it does not answer it has not taken
        self._closing = False  #: and that it closes the connection (421)
        self._losses = 0
        self._down: TransportDown | None = None  #: nothing more can be handed over; said when all answers are given

    def open(self, *, unless: Callable[[], bool] | None = None) -> Talk[Greeted | None]:
        """See `Line.open`."""
        return self._greeted or (yield from self._dial(unless))

    def _open(self) -> Talk[Greeted]:
        """The connection, dialled if there is none. Raises TransportDown."""
        greeted = self._greeted or (yield from self._dial(None))
        assert greeted is not None
        return greeted

    def _dial(self, unless: Callable[[], bool] | None) -> Talk[Greeted | None]:
        try:
            greeted = yield from elsewhere(self._transport.dial, unless=unless, discard=lambda late: late.wire.close())
        except TransportDown as down:
            down.connecting = True
            raise
        except (OSError, RuntimeError) as problem:  # no more files or threads
            raise self._unavailable(f"cannot be dialled now: {problem}") from problem
        if greeted is not None:
            # No more than is worth it: what is on its way is in doubt if this process is killed.
            self._window = min(self._transport.window, self._transport.near + int(greeted.round_trip_s / ROUND_TRIP_S))
            self._tangled = self._full = self._parting = self._closing = False
            self._greeted, self._taken = greeted, 0
        return greeted

    def _unavailable(self, what: str) -> TransportDown:
        """The relay would not have a connection."""
        down = TransportDown(f"relay {self._name} {what}")
        down.connecting = True
        return down

    def hand(self, envelope: Envelope) -> Talk[None]:
        """See `Line.hand`."""
        yield from self._kept(self._next(envelope))
        if self._losses >= LOSSES or self._down is not None:
            yield from self._refuse()

    def finish(self) -> Talk[None]:
        """See `Line.finish`."""
        yield from self._kept(self._end_all())
        if self._losses >= LOSSES or self._down is not None:
            yield from self._refuse()

    def close(self) -> Talk[None]:
        """Say goodbye; whatever becomes of that, what was answered stays answered."""
        if self._closing:
            self.hang_up()
        if self._greeted is not None:
            with suppress(Lost):
                yield from self._greeted.wire.write(b"QUIT\r\n", within=self._transport.waits.goodbye)
                yield from self._greeted.wire.reply(within=self._transport.waits.goodbye)
            self.hang_up()

    def hang_up(self) -> None:
        """See `Line.hang_up`; what is on its way is not answered any more."""
        if self._greeted is not None:
            self._greeted.wire.close()
        self._greeted = None
        self._said.clear()
        self._flights.clear()

    def _refuse(self) -> Talk[None]:
        """The relay takes nothing more: what is on its way is answered before that is raised."""
        yield from self._kept(self._hear_all())
        raise self._down or TransportDown(f"relay {self._name} takes nothing now; it is tried again later")

    # --- saying it -----------------------------------------------------------------------

    def _next(self, envelope: Envelope) -> Talk[None]:
        if self._greeted is not None and (self._full or 0 < self._transport.messages <= self._taken):
            yield from self._kept(self._end_all())
            yield from self.close()
        relay = self._greeted or (yield from self._open())
        pipelines = relay.can("PIPELINING") and not self._transport.one_by_one
        if not pipelines:
            yield from self._kept(self._end_all())
            relay = yield from self._open()
        if self._down is not None:
            return
        flight = _Flight(envelope, time.monotonic())
        if (refusal := relay.refuses(envelope)) is not None:
            self._answer(flight, *refusal)
            return
        self._taken += 1
        if pipelines and relay.can("CHUNKING"):
            yield from self._whole(relay, flight)
        else:
            yield from self._begin(flight, pipelines=pipelines)

    def _whole(self, relay: Greeted, flight: _Flight) -> Talk[None]:
        """The whole message is written; while the window is full, what was said before is heard."""
        if not self._before_end(flight.envelope.delivery_id):
            self._answer(flight, Stage.CONTENT, None)
            return
        content = whole(flight.envelope)
        # Whatever became of the message before, this one begins anew (RFC 3030 2).
        end = (Step.END, b"BDAT %d LAST\r\n%b" % (len(content), content))
        self._flights.append(flight)
        yield from self._write([_RSET, *_opening(relay, flight.envelope), end], flight, ends=flight)
        while len(self._flights) >= self._window:
            yield from self._hear()

    def _begin(self, flight: _Flight, *, pipelines: bool) -> Talk[None]:
        """Up to DATA's answer. A message that waits to be ended is ended in the same write."""
        waiting = self._flights[0] if self._flights else None
        if waiting is not None and not self._before_end(waiting.envelope.delivery_id):
            self._leave(waiting)
            waiting = None
        relay = self._greeted or (yield from self._open())
        commands = [*((_RSET,) if self._tangled else ()), *_opening(relay, flight.envelope), _DATA]
        self._tangled = False
        self._flights.append(flight)
        if pipelines:
            yield from self._write(commands, flight, ends=waiting)
            yield from self._hear_all()
        else:
            for command in commands:
                if not flight.answered:
                    yield from self._write([command], flight)
                    yield from self._hear_all()
        if flight.open and flight.answered:  # refused, and yet its content is waited for: the lone dot, of no consequence
            yield from self._write([(Step.END, _LONE_DOT)], flight)
            yield from self._hear_all()

    def _end_all(self) -> Talk[None]:
        """Nothing is on its way any more."""
        for flight in [flight for flight in self._flights if flight.open and not flight.ended]:
            if self._before_end(flight.envelope.delivery_id):
                yield from self._write([], flight, ends=flight)
            else:
                self._leave(flight)
        yield from self._hear_all()

    def _leave(self, flight: _Flight) -> None:
        """A content that is not ended can only be left by hanging up."""
        self._answer(flight, Stage.CONTENT, None)
        self.hang_up()

    def _write(self, commands: Sequence[tuple[Step, bytes]], flight: _Flight, *, ends: _Flight | None = None) -> Talk[None]:
        """One write, remembered. `ends`: the message whose content this ends, before the commands or as their last."""
        content = b""
        if ends is not None and ends.open:
            content = as_data(ends.envelope)
            self._said.append((Step.END, ends))
        self._said.extend([(step, flight) for step, _ in commands])
        words = b"".join([_LONE_DOT if content else b"", *[said for _, said in commands]])
        within = self._transport.waits.content if ends else self._transport.waits.command
        assert self._greeted is not None
        try:
            yield from self._greeted.wire.write(content, words, within=within)
        except Lost as lost:
            if ends is not None:
                ends.ended = lost.written >= (len(content) + len(_LONE_DOT) if content else len(words))
            raise (yield from self._last_words()) or lost from lost
        if ends is not None:
            ends.ended = True

    # --- hearing it ----------------------------------------------------------------------

    def _hear_all(self) -> Talk[None]:
        while self._said:
            yield from self._hear()
        if self._greeted is not None and self._greeted.wire.unread:
            unasked = yield from self._greeted.wire.reply(within=LAST_WORDS_S)
            raise (
                Lost(f"it ended the talk: {unasked}")
                if unasked.code == 421
                else self._miscounted("it says more than it was asked")
            )

    def _hear(self, *, at_most: float = 3600.0) -> Talk[None]:
        """The next replies, each given to what it answers: one at least, and those that came with it."""
        assert self._greeted is not None
        wire = self._greeted.wire
        self._told(*(yield from wire.lines(within=min(self._patience(self._said[0][0]), at_most))))
        while self._said and (more := wire.read()) is not None:
            self._told(*more)

    def _patience(self, step: Step) -> float:
        if self._closing:
            return LAST_WORDS_S
        waits = self._transport.waits
        return waits.end if step is Step.END else waits.data if step is Step.DATA else waits.command

    def _told(self, code: int, texts: Sequence[bytes]) -> None:
        """What the oldest of what was said is answered with."""
        step, flight = self._said.popleft()
        if code == 250 and step in _PASSED:
            self._parting = self._closing = False  # a relay that goes on behind its 421 is heard like any other
            return
        if code == 354 and step is Step.DATA:
            flight.open = True
            return
        reply = reply_of(code, texts)
        if reply.code == 421:
            self._parting = self._closing = self._full = True
        if step is Step.END:
            self._ended(flight, reply)
        elif step is Step.RESET and reply.code != 421:
            raise Lost(f"it refuses to begin anew: {reply}")
        elif reply.code >= 400:
            self._refused(flight, step, reply)
        elif step is Step.DATA or reply.code >= 300:
            raise self._miscounted(f"it answers {step.value} with {reply}")

    def _ended(self, flight: _Flight, reply: Reply) -> None:
        if flight.answered:
            return  # refused before: what is said of its content is of no consequence
        if reply.code < 400 and (reply.code >= 300 or not flight.ended):
            raise self._miscounted(f"it answers the content's end with {reply}")
        self._losses = 0
        if reply.code >= 400 and judge(Stage.END, reply).cause is Cause.CONNECTION:
            self._full = True
        self._answer(flight, Stage.END, reply)

    def _refused(self, flight: _Flight, step: Step, reply: Reply) -> None:
        if flight.answered:
            return  # 503 and the like, behind a refusal
        self._tangled = True
        if judge(_STAGES[step], reply).cause is Cause.CONNECTION:
            self._has_enough(step, reply)
        elif step is not Step.MAIL:
            self._losses = 0
        elif reply.code < 500:
            self._losses += 1  # it has enough, whoever the reader is
        self._answer(flight, _STAGES[step], reply)

    def _has_enough(self, step: Step, reply: Reply) -> None:
        """The relay takes no more over this connection; where it has taken nothing at all, it takes none."""
        before = self._begun_before()
        if not before and step in (Step.RESET, Step.MAIL):
            self._down = self._unavailable(f"takes nothing now ({reply}); it is tried again later")
        elif before and counts_messages(reply):
            self._transport.learn(before)
        self._parting = self._full = True

    def _begun_before(self) -> int:
        """Messages of this connection that were answered."""
        return self._taken - len(self._flights)

    def _answer(self, flight: _Flight, stage: Stage, reply: Reply | None) -> None:
        flight.answered = True
        seconds = time.monotonic() - flight.began
        if flight in self._flights:
            self._flights.remove(flight)
        number = flight.envelope.delivery_id
        self._heard(Answer(delivery_id=number, stage=stage, reply=reply, relay=self._name, seconds=seconds))

    # --- losing it -----------------------------------------------------------------------

    def _kept(self, talk: Talk[None]) -> Talk[None]:
        """A talk; where the connection is lost in it, every message on its way is answered by how far it had come."""
        try:
            yield from talk
        except Lost as lost:
            log.get().info("connection.lost", relay=self._name, reason=str(lost))
            self._settle(lost)
            self.hang_up()
            self._losses += 1
        except TransportDown as down:
            self._down = down

    def _settle(self, lost: Lost) -> None:
        """
        Answer every message on its way by how far it had come.

        Behind its 421, or a refusal of the connection, a relay takes nothing. Nor does one that ended the connection when it should have answered MAIL:
        the RSET before it was answered, so that it had nothing in hand and read no further.
        """
        if not self._parting:
            self._transport.closed(after=self._begun_before())
        untaken = self._parting or (lost.orderly and bool(self._said) and self._said[0][0] is Step.MAIL)
        for flight in list(self._flights):
            if not flight.answered:
                self._answer(flight, Stage.END if flight.ended and not untaken else Stage.CONTENT, None)

    def _last_words(self) -> Talk[Lost | None]:
        """Hear all that the relay said before it hung up while we wrote; how that ended."""
        try:
            while self._said:
                yield from self._hear(at_most=LAST_WORDS_S)
        except Lost as lost:
            return lost
        return None

    def _miscounted(self, what: str) -> Lost:
        """Replies no longer fit their commands: this relay is told one thing at a time from now on."""
        self._transport.one_by_one = True
        log.get().warning("relay.miscounted", relay=self._name, reason=what)
        return Lost(what)


def _opening(relay: Greeted, envelope: Envelope) -> Sequence[tuple[Step, bytes]]:
    mail = f"MAIL FROM:<{envelope.sender}>"
    if relay.can("SIZE"):
        mail += f" SIZE={len(envelope.content)}"
    if not envelope.recipient.isascii():
        mail += " BODY=8BITMIME SMTPUTF8"  # its To has the address as it is (RFC 6531 3.6)
    return (Step.MAIL, f"{mail}\r\n".encode()), (Step.RCPT, f"RCPT TO:<{envelope.recipient}>\r\n".encode())
