"""
Log events: a dotted past-tense name and fields, to stderr.

Addresses are shown as `a***@example.org`; control characters cannot reach a terminal or
split a line. docs/reference/events.md lists every name.

structlog is loaded at the first event: it costs as much as all else that a short command needs.
"""

import logging
import re
import sys
from collections.abc import MutableMapping
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from structlog.typing import FilteringBoundLogger

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_ADDRESS = re.compile(r"([^\s@<>\"',;:]{1,64})@([^\s@<>\"',;:]+)")


def mask(text: str) -> str:
    """The text with every mail address reduced to its first letter and its domain."""
    return _ADDRESS.sub(lambda found: f"{found[1][:1]}***@{found[2]}", text)


def _clean(_logger: Any, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for key, value in event.items():
        if isinstance(value, str):
            event[key] = mask(_CONTROL.sub(lambda found: repr(found[0])[1:-1], value))
    return event


def setup(*, verbose: bool = False) -> None:
    """Warnings and worse to stderr; with `verbose` all events."""
    global _level
    _level = logging.INFO if verbose else logging.WARNING
    _configured.cache_clear()


_level = logging.WARNING


@cache
def _configured() -> "FilteringBoundLogger":
    import structlog

    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _clean,
            structlog.processors.KeyValueRenderer(key_order=["timestamp", "level", "event"]),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(_level),
        logger_factory=lambda *_: structlog.PrintLogger(file=sys.stderr),
        cache_logger_on_first_use=False,
    )
    logger: FilteringBoundLogger = structlog.get_logger()
    return logger


def get() -> "FilteringBoundLogger":
    """The logger; bind what is known once: `log.get().bind(issue=7)`."""
    return _configured()
