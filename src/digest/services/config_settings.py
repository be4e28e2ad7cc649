"""
The settings that a configuration file can hold: of each noun their names, defaults and checks.

A value is checked as the command checks it, and returned in the one form in which it is compared and written, so that
`7:00` in a file is the same as `07:00` in the database.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from digest.errors import BadInput
from digest.model.account import Role
from digest.model.newsletter import EditorialRule, Newsletter, Section
from digest.model.source import Source
from digest.model.states import ApprovalPolicy, ArchiveAccess, ListAccess, RuleKind, Silence, SourceKind
from digest.model.timetable import duration, parse_days
from digest.services import newsletters

Value = str | int | float | bool | tuple[str, ...]
Check = Callable[[object], Value]  #: returns the value in its one form; raises BadInput


class Noun(StrEnum):
    """Kind of a thing in a configuration, in the order in which they are written and applied."""

    LIST = "list"
    NEWSLETTER = "newsletter"
    SOURCE = "source"
    SECTION = "section"  #: of a newsletter
    RULE = "rule"  #: of a newsletter
    ACCOUNT = "account"


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """A setting of a noun."""

    name: str
    check: Check
    default: Value | None = None  #: None: it must be given
    by_name: Callable[[str], str] | None = None  #: makes the default of what the thing is called
    always: bool = False  #: written even where it has its default, which another machine may have otherwise

    def default_for(self, name: str) -> Value | None:
        """Return the default for a thing of this name; None: there is none."""
        return self.by_name(name) if self.by_name else self.default


# --- checks ----------------------------------------------------------------------------------


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise BadInput("is not a text in quotes")
    return value


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise BadInput("is neither true nor false")
    return value


def _texts(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise BadInput('is not a list of texts, such as ["one", "two"]')
    return tuple(value)


def _names(value: object) -> tuple[str, ...]:
    return tuple(sorted(set(_texts(value))))


def _whole(least: int, most: int) -> Check:
    def check(value: object) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise BadInput(f"is not a whole number from {least} to {most}")
        return value

    return check


def _number(least: float, most: float) -> Check:
    def check(value: object) -> float:
        if not isinstance(value, int | float) or isinstance(value, bool) or not least <= value <= most:
            raise BadInput(f"is not a number from {least:g} to {most:g}")
        return float(value)

    return check


def _one_of(enum: type[StrEnum]) -> Check:
    def check(value: object) -> str:
        known = [member.value for member in enum]
        if value not in known:
            raise BadInput(f"is not {', '.join(known[:-1])} or {known[-1]}")
        return str(value)

    return check


def _as_kept(name: str) -> Check:
    """Check a text as the newsletters' commands do; its form is the one that is stored."""
    return lambda value: str(newsletters.checked(newsletters.Changes(**{name: _text(value)}))[name])  # type: ignore[arg-type]


def _days(value: object) -> str:
    parse_days(_text(value))  # raises BadInput
    return _text(value)


def _max_age(value: object) -> str:
    found = newsletters.checked(newsletters.Changes(max_age=_text(value)))["max_age_s"]
    return length(found) if isinstance(found, int) else "auto"


def _max_lateness(value: object) -> str:
    return length(newsletters.checked(newsletters.Changes(max_lateness=_text(value)))["max_lateness_s"])


def length(seconds: object) -> str:
    """Format a number of seconds as `parse_duration` reads it."""
    return duration(timedelta(seconds=int(str(seconds))))


def _bounces(value: object) -> str:
    return str(newsletters.checked(newsletters.Changes(bounces=_text(value)))["bounce_rules"]) or "default"


def _approvers(value: object) -> tuple[str, ...]:
    kept = newsletters.checked(newsletters.Changes(approvers=",".join(_texts(value))))["approvers"]
    return tuple(filter(None, str(kept).split(",")))


def _asked(name: str) -> Check:
    """Check how a source is asked for, as its commands do."""

    def check(value: object) -> Value:
        from digest.services.discovery import Asking

        if name == "headers":
            return tuple(filter(None, Asking.checked(headers=_texts(value)).headers.split("\n")))
        given = {"agent" if name == "user_agent" else name: _text(value)}
        return str(getattr(Asking.checked(**given), name))  # type: ignore[arg-type]

    return check


# --- settings --------------------------------------------------------------------------------


def _column(table: type, name: str) -> Value:
    """Return the default of a column, so that it stands in one place."""
    found = table.model_fields[name].default  # type: ignore[attr-defined]
    return found.value if isinstance(found, StrEnum) else found


def _of(table: type, checks: Mapping[str, Check]) -> Sequence[Setting]:
    return [Setting(name=name, check=check, default=_column(table, name)) for name, check in checks.items()]


def _local_part(address: str) -> str:
    return address.partition("@")[0]


SETTINGS: Mapping[Noun, Sequence[Setting]] = {
    Noun.LIST: (
        Setting(name="title", check=_text, by_name=str),
        Setting(name="access", check=_one_of(ListAccess), default=ListAccess.CLOSED.value),
        Setting(name="goodbye", check=_flag, default=False),
    ),
    Noun.NEWSLETTER: (
        Setting(name="title", check=_text, by_name=str.title),
        Setting(name="list", check=_text, always=True),
        Setting(name="days", check=_days, default=_column(Newsletter, "days")),
        Setting(name="at", check=_as_kept("at"), default=_column(Newsletter, "at")),
        Setting(name="zone", check=_as_kept("zone"), always=True),
        *_of(
            Newsletter,
            {
                "language": _as_kept("language"),
                "template": _text,
                "theme": _text,
                "max_stories": _whole(1, 100),
                "min_stories": _whole(1, 100),
            },
        ),
        Setting(name="max_age", check=_max_age, default="auto"),
        Setting(name="max_lateness", check=_max_lateness, default=length(_column(Newsletter, "max_lateness_s"))),
        *_of(
            Newsletter,
            {
                "archive": _one_of(ArchiveAccess),
                "welcome_issue": _flag,
                "approval": _one_of(ApprovalPolicy),
                "approval_min": _whole(0, 1440),
                "approval_silence": _one_of(Silence),
            },
        ),
        Setting(name="approvers", check=_approvers, default=()),
        Setting(name="bounces", check=_bounces, default="default"),
        Setting(name="paused", check=_flag, default=False),
        Setting(name="paused_until", check=_text, default=""),
    ),
    Noun.SOURCE: (
        Setting(name="location", check=_text, always=True),
        Setting(name="name", check=_text, by_name=str),
        Setting(name="kind", check=_one_of(SourceKind), default=SourceKind.FEED.value),
        *_of(Source, {"topic": _text, "weight": _number(0, 10), "paused": _flag, "allow_private": _flag}),
        Setting(name="user_agent", check=_asked("user_agent"), default=""),
        Setting(name="headers", check=_asked("headers"), default=()),
        Setting(name="basic_auth", check=_asked("basic_auth"), default=""),
        Setting(name="cookie", check=_asked("cookie"), default=""),
        Setting(name="newsletters", check=_names, default=()),
    ),
    Noun.SECTION: (
        Setting(name="name", check=_text, always=True),
        Setting(name="topic", check=_text, default=""),
        Setting(name="sources", check=_texts, default=()),
        *_of(Section, {"words": _text, "size": _whole(1, 100), "min_size": _whole(0, 100)}),
    ),
    Noun.RULE: (
        Setting(name="kind", check=_one_of(RuleKind), always=True),
        *_of(EditorialRule, {"words": _text, "topic": _text, "section": _text, "weight": _number(0, 10)}),
    ),
    Noun.ACCOUNT: (
        Setting(name="role", check=_one_of(Role), default=Role.EDITOR.value, always=True),
        Setting(name="name", check=_text, by_name=_local_part),
        Setting(name="sends", check=_flag, default=False),
    ),
}
