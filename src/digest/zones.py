"""Time zones by name: the only list of those that are known."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from zoneinfo import available_timezones


def find(text: str) -> str | None:
    """Return a zone's name as the zone database spells it; `text` may have another case, and spaces. None where there is no such zone."""
    return _zones().get(text.strip().casefold().replace(" ", "_"))


@cache
def _zones() -> Mapping[str, str]:
    return {name.casefold(): name for name in available_timezones()}


def of_system() -> str:
    """Return the name of the system's time zone; UTC where it has none."""
    link = Path("/etc/localtime")
    name = str(link.resolve()).partition("zoneinfo/")[2] if link.is_symlink() else ""
    return find(name) or "UTC"
