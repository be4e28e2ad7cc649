"""Rate limits: so many hits in a window, which begins with its first hit."""

from dataclasses import dataclass
from datetime import timedelta

_UNITS = {"minute": timedelta(minutes=1), "hour": timedelta(hours=1), "day": timedelta(days=1)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """Number of hits that one window may have."""

    amount: int
    window: timedelta

    def __str__(self) -> str:
        return f"{self.amount} in {self.window // timedelta(minutes=1)} minutes"


def parse_limit(text: str) -> Limit:
    """Parse a limit such as `20/hour`; the units are `minute`, `hour` and `day`. Raises ValueError or KeyError for anything else."""
    amount, _, unit = text.partition("/")
    return Limit(amount=int(amount), window=_UNITS[unit])
