"""
Parsing of a server's replies (RFC 5321 4.2).

Read as Postel would: bare line feeds, 8-bit text, lines without end and lists without end are survived; what is no reply is not.
"""

import re
from collections import deque
from collections.abc import Sequence

from digest import log
from digest.model.ports import Reply

LINE, LINES, REPLY = 4_096, 100, 1 << 20  #: what is kept of a line and of a reply; more than REPLY octets are no reply
TEXT = 500  #: characters of a reply's text that are remembered
CHALLENGE = 334  #: the code of a log-in's challenge (RFC 4954), which is kept whole
_LINE = re.compile(rb"([2-5]\d\d)(?:([ -])(.*))?$", re.DOTALL)
_ENHANCED = re.compile(r"([245]\.\d{1,3}\.\d{1,3})(?:\s+|$)")


class BadReply(Exception):
    """The server sent something that is no reply."""


class ReplyParser:
    """Parser that takes octets as they arrive and returns whole replies, oldest first."""

    def __init__(self) -> None:
        self._lines: deque[bytes] = deque()  #: whole lines that no reply was made of yet
        self._rest = b""  #: the beginning of a line whose end has not arrived
        self._length = 0  #: octets of the reply that is being put together
        self._first = 0  #: its first line's code
        self._texts: list[bytes] = []

    @property
    def pending(self) -> bool:
        """True if something has arrived that was not returned as part of a reply."""
        return bool(self._lines or self._rest)

    @property
    def lines(self) -> int:
        """Whole lines that wait to be read."""
        return len(self._lines)

    def feed(self, octets: bytes) -> None:
        """Add octets that have arrived. Raises BadReply where a line has no end."""
        *lines, self._rest = (self._rest + octets).split(b"\n")
        self._lines += lines
        if len(self._rest) > LINE:
            self._length += len(self._rest) - LINE
            self._rest = self._rest[:LINE]
            if self._length > REPLY:
                raise BadReply("its reply has no end")

    def next(self) -> tuple[int, Sequence[bytes]] | None:
        """
        Return the code and the text lines of the next reply; None until all of it has arrived. If codes differ, the last line's counts.

        Raises:
            BadReply: a line that belongs to no reply, or a reply that is too long.
        """
        while self._lines:
            line = self._lines.popleft()[:LINE].rstrip(b"\r")
            match = _LINE.match(line)
            self._length += len(line)
            if match is None or self._length > REPLY:
                raise BadReply(f"it answered with what is no reply: {line[:60].decode('utf-8', 'replace')!r}")
            code, more, text = int(match[1]), match[2] == b"-", match[3] or b""
            if not more and not self._texts:  # as most are
                self._length = 0
                return code, (text,)
            self._first = self._first or code
            if len(self._texts) < LINES:
                self._texts.append(text)
            if not more:
                return code, self._finish(code)
        return None

    def _finish(self, code: int) -> Sequence[bytes]:
        if code != self._first:
            log.get().warning("reply.mixed", first=self._first, last=code)
        texts, self._texts, self._length, self._first = self._texts, [], 0, 0
        return texts


def reply_of(code: int, lines: Sequence[bytes]) -> Reply:
    """Make a reply with its text on one line and its enhanced code (RFC 2034), which some servers repeat on every line."""
    texts = [line.decode("utf-8", "replace") for line in lines]
    if code == CHALLENGE:
        return Reply(code=code, text=texts[-1].strip())
    match = _ENHANCED.match(texts[-1]) or _ENHANCED.match(texts[0])
    if match is None:
        return Reply(code=code, text=_one_line(texts))
    enhanced = match[1]
    return Reply(code=code, enhanced=enhanced, text=_one_line([text.removeprefix(enhanced) for text in texts]))


def _one_line(texts: Sequence[str]) -> str:
    text = texts[0] if len(texts) == 1 else " ".join(texts)
    return " ".join(text.replace("\0", " ").split())[:TEXT]  # PostgreSQL keeps no NUL
