"""
Values that a template reads by name, and the messages for wrong names and expressions.

Messages use the terms of templates: names, items, numbers; the nearest known name is suggested.
"""

import difflib
import re
from collections.abc import Iterable, Mapping
from typing import Any

import jinja2

#: Errors that an expression can raise → message in a designer's words.
_WORDED: tuple[tuple[type[BaseException], str], ...] = (
    (ZeroDivisionError, "an expression divides by zero"),
    (ArithmeticError, "a number is too large"),
    (LookupError, "an expression asks for an item that is not there"),
    (RecursionError, "it includes or calls itself without end"),
    (TypeError, "a value is used in a way that its kind does not allow; texts and numbers are joined with `~`"),
    (ValueError, "a value cannot be used here"),
    (AttributeError, "a value cannot be used here"),
)


class Names:
    """Read-only values by name, as `slot.name`."""

    __slots__ = ("_path", "_values")

    def __init__(self, path: str, values: Mapping[str, Any]) -> None:
        self._path = path
        self._values = values

    def __getattr__(self, name: str) -> Any:
        if name in self._values:
            return self._values[name]
        raise AttributeError(name)

    def __dir__(self) -> list[str]:
        return list(self._values)

    def __str__(self) -> str:
        return self._path


def plain(value: Any, path: str) -> Any:
    """Convert plain JSON values for a template: mappings to `Names`, lists to tuples."""
    if isinstance(value, dict):
        return Names(path, {name: plain(part, f"{path}.{name}") for name, part in value.items()})
    return tuple(plain(part, path.removesuffix("s")) for part in value) if isinstance(value, list) else value


class Missing(jinja2.StrictUndefined):
    """An undefined name; any use of it raises an error that says so."""

    __slots__ = ()

    @property
    def _undefined_message(self) -> str:
        name = str(self._undefined_name)
        if self._undefined_hint:
            return str(self._undefined_hint)
        if self._undefined_obj is jinja2.utils.missing:
            return f"`{name}` is not known here"
        if isinstance(self._undefined_obj, Names):
            return (
                f"there is no `{self._undefined_obj}.{name}`{nearest(name, dir(self._undefined_obj), f'{self._undefined_obj}.')}"
            )
        if isinstance(self._undefined_name, int):
            return f"there is no item {name}: the list is shorter"
        return f"there is no `{name}` of this value"


def nearest(name: str, known: Iterable[str], path: str = "") -> str:
    """Return `; did you mean slot.name?` if one of `known` is similar, else empty."""
    near = difflib.get_close_matches(name, [other for other in known if not other.startswith("_")], n=1)
    return f"; did you mean `{path}{near[0]}`?" if near else ""


def suggestion(message: str, known: Iterable[str]) -> str:
    """Return the message, without its full stop, with the known name that is most similar to the one it quotes."""
    text = message.rstrip(".")
    if "did you mean" in text:
        return text
    quoted = re.search(r"['`]([^'`]+)['`]", text)
    return text + (nearest(quoted[1], known) if quoted else "")


def worded(problem: BaseException) -> str:
    """Return the message for an expression that cannot be evaluated."""
    if isinstance(problem, jinja2.exceptions.SecurityError):
        found = re.search(r"attribute '([^']+)'", str(problem))
        return f"a template may not use `{found[1]}`" if found else "a template may not do that"
    if isinstance(problem, jinja2.TemplateError) or str(problem).startswith("macro "):
        return str(problem).rstrip(".")
    return next(text for kind, text in _WORDED if isinstance(problem, kind))
