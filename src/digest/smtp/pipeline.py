"""
A session: one connection that takes message after message, as fast as the relay allows.

Every command that is written is remembered, and each reply belongs to the oldest of them (RFC 2920). How far ahead of the
replies we write depends on the extensions that the relay offers: not at all; the next message's commands behind this one's
content (PIPELINING), so that a message costs one round trip; or whole messages, a window of them (CHUNKING, RFC 3030).
"""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import suppress
from typing import Protocol

from digest import log
from digest.errors import TransportDown
from digest.model.ports import Answer, Envelope, Reply, Stage
from digest.model.replies import Cause, counts_messages, judge
from digest.smtp.commands import DATA, LONE_DOT, NEEDS_250, RSET, STAGES, InFlight, Step, opening
from digest.smtp.connection import Connection, ConnectionLost, Timeouts
from digest.smtp.content import as_data, whole
from digest.smtp.handshake import OpenRelay
from digest.smtp.replies import reply_of

LOSSES = 3  #: this many connections lost in a row without an answer, and the relay counts as down
LAST_REPLIES_S = 1.0  #: to read what a relay still sends that closes the connection, or announced it
ROUND_TRIP_S = 0.002  #: for each such part of a round trip, a message more is written ahead of the replies
CANCEL_S = 0.1  #: between looks at whether a connection that is being opened is still wanted


class Dialler(Protocol):
    """The part of a transport that a session needs."""

    timeouts: Timeouts
    window: int
    near: int
    one_by_one: bool
    messages: int

    @property
    def name(self) -> str:
        """Host and port."""

    def learn(self, messages: int) -> None:
        """Take note that a connection takes no more than so many messages."""

    def closed(self, *, after: int) -> None:
        """Take note that the relay closed a connection after so many messages without a reply."""

    async def dial(self) -> OpenRelay:
        """Open a connection that is ready for mail. Raises TransportDown."""


class SmtpSession:
    """A Session over one connection at a time; see `Transport.session`."""

    def __init__(self, transport: Dialler, before_end: Callable[[int], bool], on_answer: Callable[[Answer], None]) -> None:
        self._transport = transport
        self._before_end = before_end
        self._on_answer = on_answer
        self._name = transport.name
        self._relay: OpenRelay | None = None
        self._unanswered: deque[tuple[Step, InFlight]] = deque()  #: written and not yet answered, oldest first
        self._in_flight: list[InFlight] = []  #: oldest first
        self._needs_rset = False  #: a refusal left a transaction open; RSET comes first
        self._begun = 0  #: messages of this connection
        self._window = transport.window
        self._full = False  #: this connection takes no more messages; the next goes over another
        self._refusing = False  #: the relay has said that it takes nothing more: what it does not answer it has not taken
        self._closing = False  #: and that it closes the connection (421)
        self._losses = 0
        self._down: TransportDown | None = None  #: nothing more can be sent; raised when all answers are given

    async def open(self, *, unless: Callable[[], bool] | None = None) -> OpenRelay | None:
        """See `Session.open`."""
        if self._relay is None:
            await self._dial(unless)
        return self._relay

    async def _connected(self) -> OpenRelay:
        """Return the open connection, dialled if there is none. Raises TransportDown."""
        if self._relay is None:
            await self._dial(None)
        assert self._relay is not None
        return self._relay

    async def _dial(self, unless: Callable[[], bool] | None) -> None:
        try:
            relay = await (self._transport.dial() if unless is None else _dial_unless(unless, self._transport.dial))
        except TransportDown as down:
            down.connecting = True
            raise
        except (OSError, RuntimeError) as problem:  # no more files or threads
            raise self._unavailable(f"cannot be dialled now: {problem}") from problem
        if relay is not None:
            # No more than is worth it: what is in flight is in doubt if this process is killed.
            self._window = min(self._transport.window, self._transport.near + int(relay.round_trip_s / ROUND_TRIP_S))
            self._needs_rset = self._full = self._refusing = self._closing = False
            self._relay, self._begun = relay, 0

    def _unavailable(self, what: str) -> TransportDown:
        """Return the error for a relay that refuses the connection itself."""
        down = TransportDown(f"relay {self._name} {what}")
        down.connecting = True
        return down

    async def send(self, envelope: Envelope) -> None:
        """See `Session.send`."""
        await self._guard(self._send(envelope))
        await self._raise_if_down()

    async def flush(self) -> None:
        """See `Session.flush`."""
        await self._guard(self._end_all())
        await self._raise_if_down()

    async def close(self) -> None:
        """Send QUIT; if that fails, messages that were answered stay answered."""
        if self._closing:
            self.abort()
        if self._relay is not None:
            with suppress(ConnectionLost):
                await self._relay.connection.write(b"QUIT\r\n", within=self._transport.timeouts.quit)
                await self._relay.connection.reply(within=self._transport.timeouts.quit)
            self.abort()

    def abort(self) -> None:
        """See `Session.abort`; what is in flight is not answered any more."""
        if self._relay is not None:
            self._relay.connection.abort()
        self._relay = None
        self._unanswered.clear()
        self._in_flight.clear()

    async def _raise_if_down(self) -> None:
        """Raise TransportDown where the relay is unavailable, after every message in flight has its answer."""
        if self._losses >= LOSSES or self._down is not None:
            await self._guard(self._read_all())
            raise self._down or TransportDown(f"relay {self._name} takes nothing now; it is tried again later")

    # --- writing -------------------------------------------------------------------------

    async def _send(self, envelope: Envelope) -> None:
        if self._relay is not None and (self._full or 0 < self._transport.messages <= self._begun):
            await self._guard(self._end_all())
            await self.close()
        relay = await self._connected()
        pipelines = relay.offers("PIPELINING") and not self._transport.one_by_one
        if not pipelines:
            await self._guard(self._end_all())
            relay = await self._connected()
        if self._down is not None:
            return
        message = InFlight(envelope, time.monotonic())
        if (refusal := relay.refusal(envelope)) is not None:
            self._answer(message, *refusal)
            return
        self._begun += 1
        if pipelines and relay.offers("CHUNKING"):
            await self._send_whole(relay, message)
        else:
            await self._begin(message, pipelines=pipelines)

    async def _send_whole(self, relay: OpenRelay, message: InFlight) -> None:
        """Write the whole message; while the window is full, read what earlier ones are answered with."""
        if not self._before_end(message.envelope.delivery_id):
            self._answer(message, Stage.CONTENT, None)
            return
        content = whole(message.envelope)
        # Whatever became of the message before, this one begins anew (RFC 3030 2).
        end = (Step.END, b"BDAT %d LAST\r\n%b" % (len(content), content))
        self._in_flight.append(message)
        await self._write([RSET, *opening(relay, message.envelope), end], message, ends=message)
        while len(self._in_flight) >= self._window:
            await self._read_some()

    async def _begin(self, message: InFlight, *, pipelines: bool) -> None:
        """Send a message up to the reply to DATA. A message that waits to be ended is ended in the same write."""
        waiting = self._in_flight[0] if self._in_flight else None
        if waiting is not None and not self._before_end(waiting.envelope.delivery_id):
            self._abandon(waiting)
            waiting = None
        relay = await self._connected()
        commands = [*((RSET,) if self._needs_rset else ()), *opening(relay, message.envelope), DATA]
        self._needs_rset = False
        self._in_flight.append(message)
        if pipelines:
            await self._write(commands, message, ends=waiting)
            await self._read_all()
        else:
            for command in commands:
                if not message.answered:
                    await self._write([command], message)
                    await self._read_all()
        if message.open and message.answered:  # refused, and yet its content is waited for: the lone dot, of no consequence
            await self._write([(Step.END, LONE_DOT)], message)
            await self._read_all()

    async def _end_all(self) -> None:
        """End every content that was begun, and read all answers."""
        for message in [message for message in self._in_flight if message.open and not message.ended]:
            if self._before_end(message.envelope.delivery_id):
                await self._write([], message, ends=message)
            else:
                self._abandon(message)
        await self._read_all()

    def _abandon(self, message: InFlight) -> None:
        """Close the connection, which is the only way not to end a content that was begun."""
        self._answer(message, Stage.CONTENT, None)
        self.abort()

    async def _write(self, commands: Sequence[tuple[Step, bytes]], message: InFlight, *, ends: InFlight | None = None) -> None:
        """Write and remember commands. `ends`: the message whose content this ends, before the commands or as their last."""
        content = b""
        if ends is not None and ends.open:
            content = as_data(ends.envelope)
            self._unanswered.append((Step.END, ends))
        self._unanswered.extend([(step, message) for step, _ in commands])
        words = b"".join([LONE_DOT if content else b"", *[octets for _, octets in commands]])
        within = self._transport.timeouts.content if ends else self._transport.timeouts.command
        try:
            await self._connection.write(content, words, within=within)
        except ConnectionLost as lost:
            if ends is not None:
                ends.ended = lost.written >= (len(content) + len(LONE_DOT) if content else len(words))
            raise (await self._read_last()) or lost from lost
        if ends is not None:
            ends.ended = True

    # --- reading -------------------------------------------------------------------------

    @property
    def _connection(self) -> Connection:
        assert self._relay is not None
        return self._relay.connection

    async def _read_all(self) -> None:
        """Read until everything that was written is answered."""
        while self._unanswered:
            await self._read_some()
        if self._relay is not None and self._connection.unread:
            unasked = await self._connection.reply(within=LAST_REPLIES_S)
            raise (
                ConnectionLost(f"it closes the connection: {unasked}")
                if unasked.code == 421
                else self._mismatch("it sends more replies than there were commands")
            )

    async def _read_some(self, *, at_most: float = 3600.0) -> None:
        """Read one reply, and those that came with it; match each with the command that it answers."""
        connection = self._connection
        within = min(self._timeout(self._unanswered[0][0]), at_most)
        self._match(*(await connection.lines(within=within)))
        while self._unanswered and (more := connection.read()) is not None:
            self._match(*more)

    def _timeout(self, step: Step) -> float:
        if self._closing:
            return LAST_REPLIES_S
        timeouts = self._transport.timeouts
        return timeouts.end if step is Step.END else timeouts.data if step is Step.DATA else timeouts.command

    def _match(self, code: int, texts: Sequence[bytes]) -> None:
        """Give a reply to the oldest command that has none."""
        step, message = self._unanswered.popleft()
        if code == 250 and step in NEEDS_250:
            self._refusing = self._closing = False  # a relay that carries on after its 421 is read like any other
            return
        if code == 354 and step is Step.DATA:
            message.open = True
            return
        reply = reply_of(code, texts)
        if reply.code == 421:
            self._refusing = self._closing = self._full = True
        if step is Step.END:
            self._take_end(message, reply)
        elif step is Step.RESET and reply.code != 421:
            raise ConnectionLost(f"it refuses RSET: {reply}")
        elif reply.code >= 400:
            self._take_refusal(message, step, reply)
        elif step is Step.DATA or reply.code >= 300:
            raise self._mismatch(f"it answers {step.value} with {reply}")

    def _take_end(self, message: InFlight, reply: Reply) -> None:
        """Take the reply to a content's end."""
        if message.answered:
            return  # refused before: what is said of its content is of no consequence
        if reply.code < 400 and (reply.code >= 300 or not message.ended):
            raise self._mismatch(f"it answers the content's end with {reply}")
        self._losses = 0
        if reply.code >= 400 and judge(Stage.END, reply).cause is Cause.CONNECTION:
            self._full = True
        self._answer(message, Stage.END, reply)

    def _take_refusal(self, message: InFlight, step: Step, reply: Reply) -> None:
        """Take a refusal of a command."""
        if message.answered:
            return  # 503 and the like, after a refusal
        self._needs_rset = True
        if judge(STAGES[step], reply).cause is Cause.CONNECTION:
            self._take_connection_limit(step, reply)
        elif step is not Step.MAIL:
            self._losses = 0
        elif reply.code < 500:
            self._losses += 1  # it throttles us, whoever the reader is
        self._answer(message, STAGES[step], reply)

    def _take_connection_limit(self, step: Step, reply: Reply) -> None:
        """Handle a relay that accepts no more over this connection; if it accepted nothing at all, it is unavailable."""
        before = self._answered()
        if not before and step in (Step.RESET, Step.MAIL):
            self._down = self._unavailable(f"takes nothing now ({reply}); it is tried again later")
        elif before and counts_messages(reply):
            self._transport.learn(before)
        self._refusing = self._full = True

    def _answered(self) -> int:
        """Number of messages of this connection that were answered."""
        return self._begun - len(self._in_flight)

    def _answer(self, message: InFlight, stage: Stage, reply: Reply | None) -> None:
        message.answered = True
        seconds = time.monotonic() - message.began
        if message in self._in_flight:
            self._in_flight.remove(message)
        number = message.envelope.delivery_id
        self._on_answer(Answer(delivery_id=number, stage=stage, reply=reply, relay=self._name, seconds=seconds))

    # --- losing the connection -----------------------------------------------------------

    async def _guard(self, work: Awaitable[None]) -> None:
        """Await work; where the connection is lost in it, answer every message in flight by how far it had come."""
        try:
            await work
        except ConnectionLost as lost:
            log.get().info("connection.lost", relay=self._name, reason=str(lost))
            self._answer_all(lost)
            self.abort()
            self._losses += 1
        except TransportDown as down:
            self._down = down

    def _answer_all(self, lost: ConnectionLost) -> None:
        """
        Answer every message in flight by how far it had come.

        After its 421, or a refusal of the connection, a relay takes nothing. Nor does one that ended the connection when it
        should have answered MAIL: the RSET before it was answered, so that it had nothing in hand and read no further.
        """
        if not self._refusing:
            self._transport.closed(after=self._answered())
        untaken = self._refusing or (lost.orderly and bool(self._unanswered) and self._unanswered[0][0] is Step.MAIL)
        for message in list(self._in_flight):
            if not message.answered:
                self._answer(message, Stage.END if message.ended and not untaken else Stage.CONTENT, None)

    async def _read_last(self) -> ConnectionLost | None:
        """Read all that the relay sent before it closed the connection while we wrote; return how that ended."""
        try:
            while self._unanswered:
                await self._read_some(at_most=LAST_REPLIES_S)
        except ConnectionLost as lost:
            return lost
        return None

    def _mismatch(self, what: str) -> ConnectionLost:
        """Handle replies that no longer match their commands: send this relay one command at a time from now on."""
        self._transport.one_by_one = True
        log.get().warning("relay.miscounted", relay=self._name, reason=what)
        return ConnectionLost(what)


async def _dial_unless(unless: Callable[[], bool], dial: Callable[[], Coroutine[None, None, OpenRelay]]) -> OpenRelay | None:
    """Dial; cancel it and return None once it is no longer wanted."""
    dialling = asyncio.ensure_future(dial())
    try:
        while not (await asyncio.wait({dialling}, timeout=CANCEL_S))[0]:
            if unless():
                return None
        return dialling.result()
    finally:
        dialling.cancel()
