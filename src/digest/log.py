"""
Log events: a dotted past-tense name and fields, one line each, to stderr.

What is bound by `bound` or `bind` (the request, the job, the issue) is in every event that is logged meanwhile. Addresses are shown as `a***@example.org`; tokens and passwords in links are hidden; control
characters cannot reach a terminal or split a line. docs/reference/events.md lists every name.
Messages that libraries log with `logging` are printed in the same form.

structlog is loaded at the first event: importing it takes as long as all other imports of a short command.
"""

import logging
import re
import sys
import threading
import time
import traceback
from collections.abc import Callable, Collection, Iterator, Mapping, MutableMapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from structlog.typing import FilteringBoundLogger

REPEAT_S = 60.0  #: a warning or an error that is repeated is printed once in this time, with the count
MOST_KEPT = 1_000  #: different faults that are counted
LONGEST = 1_000  #: characters of a field
_FAULTS = ("warning", "error", "critical")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")
#: a local part, which may be quoted, then a domain or an address literal
_ADDRESS = re.compile(r"(\"(?:[^\"\\]|\\.){1,200}\"|[^\s@<>\"(),;:\[\]]+)@(\[[^\]\s]+\]|[^\s@<>\"'(),;:\[\]]+)")
_IN_URL = re.compile(r"([\w.%+~-]+)%40([\w.%-]+)")
_LINKS = "address|approve|confirm|data|new|p|u|view|waiting|welcome"  #: the paths of ours that a token follows
#: what stands before a secret, then the secret
_SECRETS = (
    re.compile(r"(://)[^\s/]*(?=@)"),  # user and password
    re.compile(rf"(/(?:{_LINKS})/)[\w.~-]{{20,}}"),
    re.compile(r"\b(digest_|whsec_)[\w+/=-]{8,}"),  # tokens of programs, secrets of webhooks
    re.compile(r"([?&;](?:[\w.-]*(?:key|token|secret|pass|pwd|auth|sig)[\w.-]*)=)[^\s&;#]+", re.IGNORECASE),
    re.compile(r"\b((?:basic|bearer)\s+)[\w.~+/=-]{8,}", re.IGNORECASE),
)


def mask(text: str) -> str:
    """Reduce every mail address in a text to its first letter and its domain, and remove the secrets of links."""
    for secret in _SECRETS:
        text = secret.sub(r"\1***", text)
    return _ADDRESS.sub(_masked, _IN_URL.sub(r"***%40\2", text))


def _masked(found: re.Match[str]) -> str:
    local = found[1].lstrip('"')
    return found[0] if local.endswith("***") else f"{local[:1]}***@{found[2]}"


def without(text: str, address: str) -> str:
    """Hide the local part of an address where it stands alone, as in "no such user ann"."""
    local = address.rpartition("@")[0]
    return re.sub(rf"(?<![\w@])(?<!\w\.){re.escape(local)}(?!\w|@|\.\w)", "***", text, flags=re.IGNORECASE) if local else text


class Plain(str):
    """A text that is printed as it is, since a person needs the secret in it: the link that makes the first account."""

    __slots__ = ()


def place(problem: BaseException) -> str:
    """Return the line of digest that raised an exception, such as `sending.py:88`."""
    frames = traceback.extract_tb(problem.__traceback__)
    ours = [frame for frame in frames if "/digest/" in frame.filename and "site-packages/" not in frame.filename] or frames
    return f"{ours[-1].filename.rpartition('/')[2]}:{ours[-1].lineno}" if ours else ""


def setup(*, verbose: bool = False, reported: Collection[str] = (), clock: Callable[[], float] = time.monotonic) -> None:
    """Print warnings and worse to stderr as text; with `verbose` all events. `reported`: events that the caller reports itself."""
    global _output
    level = logging.INFO if verbose else logging.WARNING
    _output = _OutputOptions(level=level, reported=frozenset(reported), repeats=Repeats(clock))
    _configured.cache_clear()
    root = logging.getLogger()
    root.handlers = [handler for handler in root.handlers if not isinstance(handler, _LibraryHandler)] + [
        _LibraryHandler(logging.WARNING)
    ]


def use_json() -> None:
    """Print each event as a JSON object from now on."""
    _output.json = True
    _configured.cache_clear()


def is_json() -> bool:
    """Return whether each event is printed as a JSON object."""
    return _output.json


_context: ContextVar[Mapping[str, object]] = ContextVar("log_context", default=MappingProxyType({}))


@contextmanager
def bound(**fields: object) -> Iterator[None]:
    """Add fields to every event that is logged within the block, by what it calls and by tasks that it begins."""
    before = _context.set({**_context.get(), **fields})
    try:
        yield
    finally:
        _context.reset(before)


def bind(**fields: object) -> None:
    """Add fields to every event from here to the end of the task, such as that of a request."""
    _context.set({**_context.get(), **fields})


@contextmanager
def all_caught() -> Iterator[None]:
    """Log the exceptions that end a thread, and warnings of Python, which are printed as several lines otherwise."""
    before, threading.excepthook = threading.excepthook, _log_thread_failure
    logging.captureWarnings(True)
    try:
        yield
    finally:
        threading.excepthook = before
        logging.captureWarnings(False)


def _log_thread_failure(failed: threading.ExceptHookArgs) -> None:
    problem = failed.exc_value
    if problem is not None and not isinstance(problem, SystemExit):
        name = failed.thread.name if failed.thread else ""
        get().error("thread.failed", thread=name, error=f"{type(problem).__name__}: {problem}", where=place(problem))


def flush() -> None:
    """Print the suppressed repeats of faults that have not occurred again. Long-running processes call it regularly."""
    for event in _output.repeats.over():
        level = event.pop("level")
        getattr(get(), level)(event.pop("event"), **event)


def get() -> "FilteringBoundLogger":
    """Return the logger; bind known fields once: `log.get().bind(issue=7)`."""
    return _configured()


@cache
def _configured() -> "FilteringBoundLogger":
    import structlog

    text = structlog.processors.KeyValueRenderer(key_order=["time", "level", "event"])
    as_json = (_in_order, structlog.processors.JSONRenderer(ensure_ascii=False))
    structlog.configure(
        processors=[
            _without_reported,
            structlog.processors.add_log_level,
            _output.repeats,
            _with_context,  # behind the repeats: the same fault of another request is the same
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
            _clean,
            *(as_json if _output.json else (text,)),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(_output.level),
        logger_factory=lambda *_: _StderrPrinter(),
        cache_logger_on_first_use=False,
    )
    logger: FilteringBoundLogger = structlog.get_logger()
    return logger


@dataclass(slots=True)
class _Fault:
    """A fault that was printed, and the number of its repeats since."""

    event: MutableMapping[str, Any]
    until: float
    repeated: int = 0


class Repeats:
    """Filter that passes the same warning or error once a minute; the next one has the count of those `repeated` meanwhile."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._seen: dict[str, _Fault] = {}
        self._lock = threading.Lock()

    def __call__(self, _logger: Any, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        """See structlog."""
        from structlog import DropEvent

        key = event.pop("repeats_as", None) or repr(sorted((name, value) for name, value in event.items() if name != "repeated"))
        if event["level"] not in _FAULTS:
            return event
        with self._lock:
            now = self._clock()
            known = self._seen.get(key)
            if known is not None and now < known.until:
                known.repeated += 1
                raise DropEvent
            if known is not None and known.repeated:
                event["repeated"] = known.repeated
            if known is None and len(self._seen) >= MOST_KEPT:
                self._seen = {name: fault for name, fault in self._seen.items() if now < fault.until or fault.repeated}
            if known is not None or len(self._seen) < MOST_KEPT:
                self._seen[key] = _Fault(event=dict(event, repeats_as=key), until=now + REPEAT_S)
        return event

    def over(self) -> list[MutableMapping[str, Any]]:
        """Remove and return the faults whose minute is over and that were repeated in it, each with its count."""
        with self._lock:
            now = self._clock()
            found = {name: fault for name, fault in self._seen.items() if fault.repeated and now >= fault.until}
            self._seen = {name: fault for name, fault in self._seen.items() if name not in found}
        return [{**fault.event, "repeated": fault.repeated} for fault in found.values()]


@dataclass(slots=True)
class _OutputOptions:
    """Options of printing events."""

    level: int = logging.WARNING
    json: bool = False
    reported: frozenset[str] = frozenset()  #: events that are not printed
    repeats: Repeats = field(default_factory=lambda: Repeats(time.monotonic))


_output = _OutputOptions()


def _without_reported(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    if event["event"] in _output.reported:
        from structlog import DropEvent

        raise DropEvent
    return event


class _LibraryHandler(logging.Handler):
    """Handler that prints a library's log records as events. Records of one line of code are the same fault, whatever their text."""

    def emit(self, record: logging.LogRecord) -> None:
        """See logging."""
        problem = record.exc_info[1] if record.exc_info else None
        fields = {"error": f"{type(problem).__name__}: {problem}", "where": place(problem)} if problem else {}
        fields |= {
            "logger": record.name,
            "message": record.getMessage().strip(),
            "repeats_as": f"{record.pathname}:{record.lineno}:{type(problem).__name__}",
        }
        if record.levelno >= logging.ERROR:
            get().error("library.logged", **fields)
        else:
            get().warning("library.logged", **fields)


class _StderrPrinter:
    """Printer of lines to the current stderr. A full disk or a closed pipe must not stop the work that is logged."""

    def msg(self, line: str) -> None:
        """Print a line."""
        with suppress(OSError, ValueError):
            sys.stderr.write(f"{line}\n")  # at once: `print` writes the line break by itself, behind that of another thread
            sys.stderr.flush()

    debug = info = warning = error = critical = msg


def _with_context(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for name, value in _context.get().items():
        event.setdefault(name, value)
    return event


def _in_order(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Begin with what every object has, under the names that programs which read logs look for."""
    head = {
        "time": event["time"],
        "level": event["level"],
        "logger": "digest",
        "event": event["event"],
        "message": event["event"],
    }
    return {**head, **event}


def _clean(_logger: Any, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for key, value in event.items():
        if not isinstance(value, bool | int | float | Plain | None):
            text = mask(_CONTROL.sub(lambda found: repr(found[0])[1:-1], str(value)[: 4 * LONGEST]))
            event[key] = text if len(text) <= LONGEST else text[:LONGEST] + "…"
    return event
