"""
Rules: the numbers of the policy, as a newsletter may have them, and the text in which an editor writes them.

`score=3,half-life=14d,share=5%` names what differs from the defaults.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import timedelta

from digest.errors import BadInput
from digest.model.timetable import duration, parse_duration

SUPPRESS, RECORD, LEAVE = "suppress", "record", "leave"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """Numbers that decide what a report does."""

    score: float = 2.5  #: of soft failures, at which an address is suppressed
    half_life: timedelta = timedelta(days=30)  #: after which a soft failure counts half
    span: timedelta = timedelta(days=7)  #: between the first and the last of the soft failures that suppress
    unsigned: int = 2  #: hard reports without a signature that suppress
    alarm: int = 20  #: hard reports of one issue, or of one domain in it, below which no alarm is given
    share: float = 0.10  #: of the mails of the issue, above which an alarm is given
    domain_share: float = 0.20  #: the same of those to one domain
    hard: str = SUPPRESS  #: what follows from a hard report; `record`: nothing but the record
    complaint: str = SUPPRESS  #: what follows from a complaint; `leave`: the list alone, and the address stays good


DEFAULT = Rules()


def parse(text: str) -> Rules:
    """
    Parse the rules of a newsletter; what is not named is as by default.

    Raises:
        BadInput: a name is unknown, or a value cannot be used.
    """
    values = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, _, value = (word.strip() for word in part.partition("="))
        if name not in _READ:
            raise BadInput(f"{part!r} is no rule for bounces; write them like {DEFAULT_TEXT}", code="bad_bounce_rule", rule=name)
        try:
            values[name.replace("-", "_")] = _READ[name](value)
        except ValueError as problem:
            raise BadInput(f"{name}={value} is no rule for bounces: {problem}", code="bad_bounce_rule", rule=name) from problem
    return Rules(**values)  # type: ignore[arg-type]


def worded(rules: Rules, *, all_of_them: bool = True) -> str:
    """Format rules as `parse` reads them: all, or those that are not as by default."""
    names = [field.name for field in fields(Rules)]
    return ",".join(
        f"{name.replace('_', '-')}={_WRITE.get(name, _plain)(getattr(rules, name))}"
        for name in names
        if all_of_them or getattr(rules, name) != getattr(DEFAULT, name)
    )


def _number(least: float, most: float) -> Callable[[str], float]:
    def read(text: str) -> float:
        try:
            found = float(text)
        except ValueError:
            raise ValueError("it is not a number") from None
        if not least <= found <= most:
            raise ValueError(f"it is not between {least:g} and {most:g}")
        return found

    return read


def _whole(least: int, most: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not text.isdecimal() or not text.isascii() or not least <= int(text) <= most:
            raise ValueError(f"it is not a whole number between {least} and {most}")
        return int(text)

    return read


def _share(text: str) -> float:
    return _number(0.1, 100)(text.removesuffix("%")) / 100


def _time(least: timedelta, most: timedelta) -> Callable[[str], timedelta]:
    def read(text: str) -> timedelta:
        found = parse_duration(text)  # raises BadInput, which is a ValueError
        if not least <= found <= most:
            raise ValueError(f"it is not between {duration(least)} and {duration(most)}")
        return found

    return read


def _one_of(*words: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in words:
            raise ValueError(f"it is not {' or '.join(words)}")
        return text

    return read


_DAY, _YEAR = timedelta(days=1), timedelta(days=365)
_READ: Mapping[str, Callable[[str], object]] = {
    "score": _number(1, 100),
    "half-life": _time(_DAY, _YEAR),
    "span": _time(_DAY, _YEAR),
    "unsigned": _whole(2, 100),  # one alone could be forged
    "alarm": _whole(1, 1_000_000),
    "share": _share,
    "domain-share": _share,
    "hard": _one_of(SUPPRESS, RECORD),
    "complaint": _one_of(SUPPRESS, LEAVE),
}


def _plain(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


_WRITE: Mapping[str, Callable[..., str]] = {
    "half_life": duration,
    "span": duration,
    "share": lambda value: f"{value * 100:g}%",
    "domain_share": lambda value: f"{value * 100:g}%",
}
DEFAULT_TEXT = worded(DEFAULT)
