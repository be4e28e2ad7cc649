"""
Load and check a theme: tokens for type, size, colour and brand that the templates' styles use.

A file of TOML tables. A child theme names its parent with `extends` and gives only what differs.
Every token is checked when it is loaded, contrast included: a colour with too little contrast is
refused, and the nearest sufficient one is named.
"""

import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from digest.compose import colour
from digest.errors import ComposeError

_FONTS = re.compile(r"[A-Za-z0-9 ,'-]+, (?:serif|sans-serif|monospace)|serif|sans-serif|monospace")
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
BEHIND = "#ffffff"  #: behind a transparent page in light mode; in dark mode it is unknown, so the page needs a colour
DENSITIES = {"comfortable": 1.0, "compact": 0.7}
COLOURS = ("page", "card", "tint", "text", "muted", "accent", "button", "on_accent", "rule")
CHOICES: Mapping[str, tuple[str, ...]] = {
    "density": tuple(DENSITIES),
    "align": ("start", "center"),
    "rules": ("double", "single", "none"),
    "sections": ("line", "band"),
    "top_picture": ("edge", "inset"),
}


def _number(low: int, high: int) -> Callable[[Any], str]:
    def fault(value: Any) -> str:
        return "" if type(value) is int and low <= value <= high else f"must be a whole number from {low} to {high}"

    return fault


def _type(low: int, high: int) -> Callable[[Any], str]:
    def fault(value: Any) -> str:
        good = type(value) is list and len(value) == 2 and all(type(px) is int for px in value)
        good = good and low <= value[0] <= high and value[0] <= value[1] <= 2 * value[0]
        return "" if good else f"must be [size, line height] in px, the size from {low} to {high}"

    return fault


def _flag(value: Any) -> str:
    return "" if type(value) is bool else "must be true or false"


def _fonts(value: Any) -> str:
    good = type(value) is str and _FONTS.fullmatch(value)
    return (
        ""
        if good
        else "must be font names separated by commas, a generic family last, such as \"Georgia, 'Times New Roman', serif\""
    )


def _address(value: Any) -> str:
    return (
        ""
        if type(value) is str and re.fullmatch(r"https://[a-zA-Z0-9.-]+(?::\d+)?(?:[/?#][^\s\"'<>]*)?|", value)
        else "must be an https address, or empty"
    )


def _words(value: Any) -> str:
    return "" if type(value) is str and value.isprintable() else "must be text on one line"


def _mailbox(value: Any) -> str:
    return (
        ""
        if type(value) is str and re.fullmatch(r"[^\s\"'<>@,;]+@[a-z0-9.-]+\.[a-z]{2,}|", value)
        else "must be a mail address, or empty"
    )


def _hex(value: Any) -> str:
    return "" if type(value) is str and _COLOUR.fullmatch(value) else "must be a colour such as #a3262a"


def _page(value: Any) -> str:
    return "" if value == "transparent" else _hex(value)


def _one_of(names: Sequence[str]) -> Callable[[Any], str]:
    def fault(value: Any) -> str:
        return "" if type(value) is str and value in names else f"must be {' or '.join(names)}"

    return fault


_DARK: Mapping[str, Callable[[Any], str]] = dict.fromkeys(COLOURS, _hex)
#: Every token of a theme, by table, with the check of its value.
TOKENS: Mapping[str, Mapping[str, Callable[[Any], str]]] = {
    "brand": {
        "url": _address,
        "logo": _address,
        "logo_width": _number(16, 544),
        "logo_alt": _words,
        "logo_plate": _flag,
        "reply_to": _mailbox,
    },
    "type": {"head": _fonts, "body": _fonts, "bold_heads": _flag, "caps": _flag},
    "size": {
        "title": _type(20, 56),
        "title_small": _type(20, 44),
        "top": _type(20, 48),
        "top_small": _type(18, 40),
        "lead": _type(18, 40),
        "lead_small": _type(17, 36),
        "head": _type(16, 32),
        "big": _type(16, 24),
        "text": _type(16, 24),
        "meta": _type(13, 18),
        "label": _type(13, 18),
        "small": _type(13, 16),
    },
    "layout": {
        "width": _number(540, 600),
        "gutter": _number(16, 40),
        "gutter_small": _number(12, 28),
        "radius": _number(0, 24),
        "bar": _number(0, 12),
        **{name: _one_of(names) for name, names in CHOICES.items()},
        "pictures": _flag,
        "square": _number(96, 200),
    },
    "light": {**_DARK, "page": _page},
    "dark": _DARK,
}


def load(folders: Sequence[Path], name: str) -> Mapping[str, Any]:
    """
    The theme's tables, complete and checked.

    Raises:
        ComposeError: there is none of that name, it is no TOML, a token is missing, unknown or wrong,
            or a colour cannot be read on its ground.
    """
    theme = _with_parents(folders, name, ())
    faults = [*_faults(theme), *([] if any(True for _ in _faults(theme)) else _low_contrast(theme))]
    if faults:
        raise ComposeError(f"theme {name}: " + "; ".join(faults))
    return {**theme, "space": DENSITIES[theme["layout"]["density"]]}


def names(folders: Sequence[Path]) -> tuple[str, ...]:
    """Return the names of all themes."""
    return tuple(sorted({path.stem for folder in folders for path in (folder / "themes").glob("*.toml")}))


def _with_parents(folders: Sequence[Path], name: str, children: tuple[str, ...]) -> dict[str, Any]:
    if name in children:
        raise ComposeError(f"theme {name} extends itself: {' → '.join((*children, name))}")
    own = _read(folders, name)
    parent = own.pop("extends", None)
    if parent is None:
        return {**_without_accents(own), **own}
    theme = _with_parents(folders, str(parent), (*children, name))
    for table, tokens in own.items():
        theme[table] = {**theme.get(table, {}), **tokens} if isinstance(tokens, dict) else tokens
    changed = own.get("light", {})
    if "accent" in changed:
        theme["light"] = {**theme["light"], **_button(changed["accent"]), **changed}
        if "accent" not in own.get("dark", {}):
            dark = theme.get("dark", {})
            theme["dark"] = {**dark, **_dark_accent(changed["accent"], dark), **own.get("dark", {})}
    return theme


def _without_accents(own: dict[str, Any]) -> dict[str, Any]:
    """Add defaults: a dark accent of the same hue if there is none, and buttons in the accent."""
    light, dark = own.get("light"), own.get("dark")
    if isinstance(light, dict) and isinstance(dark, dict) and "accent" in light:
        own["light"] = {**_button(light["accent"]), **light}
        own["dark"] = {**(_dark_accent(light["accent"], dark) if "accent" not in dark else _button(light["accent"])), **dark}
    return own


def _dark_accent(accent: Any, dark: Mapping[str, Any]) -> Mapping[str, str]:
    grounds = [dark.get(token) for token in ("card", "tint")]
    if not all(_hex(value) == "" for value in (accent, *grounds)):
        return {}  # the fault is reported where every token is looked at
    found = accent if colour.worst(accent, grounds) >= colour.AA else colour.nearest(accent, grounds)  # type: ignore[arg-type]
    return {"accent": found, **_button(accent)} if found else {}


def _button(accent: Any) -> Mapping[str, str]:
    """Return a button in the light accent, with the text colour of the greatest contrast on it."""
    if _hex(accent):
        return {}
    return {"button": accent, "on_accent": max(("#ffffff", "#111111"), key=lambda one: colour.contrast(one, accent))}


def _read(folders: Sequence[Path], name: str) -> dict[str, Any]:
    path = next((path for folder in folders if (path := folder / "themes" / f"{name}.toml").is_file()), None)
    if path is None or Path(name).name != name:
        raise ComposeError(f"there is no theme {name}; there are {', '.join(names(folders))}")
    try:
        theme = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as problem:
        raise ComposeError(f"{path}: {problem}") from problem
    if type(theme.get("extends", "")) is not str:
        raise ComposeError(f"{path}: `extends` must be the name of a theme")
    for table, tokens in theme.items():
        if table != "extends" and not isinstance(tokens, dict):
            raise ComposeError(f"{path}: {table} must be a table, `[{table}]`")
    return theme


def _faults(theme: Mapping[str, Any]) -> list[str]:
    found = []
    for table, tokens in TOKENS.items():
        values = theme.get(table, {})
        values = values if isinstance(values, dict) else {}
        found += [f"missing [{table}] {token}" for token in tokens if token not in values]
        found += [f"[{table}] {token} is no token" for token in values if token not in tokens]
        found += [f"[{table}] {token} {fault}" for token in tokens if token in values and (fault := tokens[token](values[token]))]
    return found + [f"[{table}] is no table of a theme" for table in theme if table not in TOKENS]


def _low_contrast(theme: Mapping[str, Any]) -> list[str]:
    """Report text colours with less than 4.5 : 1 on one of their backgrounds."""
    found = []
    for scheme in ("light", "dark"):
        tokens = dict(theme[scheme])
        tokens["page"] = BEHIND if tokens["page"] == "transparent" else tokens["page"]
        grounds = dict.fromkeys(("text", "muted", "accent"), ("card", "tint", "page")) | {"on_accent": ("button",)}
        for name, on in grounds.items():
            value, behind = tokens[name], [tokens[ground] for ground in on]
            if colour.worst(value, behind) < colour.AA:
                place = min(on, key=lambda ground: colour.contrast(value, tokens[ground]))
                better = colour.nearest(value, behind)
                found.append(
                    f"[{scheme}] {name} {value} has {colour.contrast(value, tokens[place]):.1f} : 1 on {place} {tokens[place]}, "
                    f"and {colour.AA} is needed"
                    + (f"; {better} is the nearest that has it" if better else "; change the grounds")
                )
    return found
