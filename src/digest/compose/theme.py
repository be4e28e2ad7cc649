"""A theme: tokens for type, size and colour that the templates' styles are made of."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from digest.errors import ComposeError

#: Every token a theme must have, by table.
TOKENS: Mapping[str, frozenset[str]] = {
    "type": frozenset({"head", "body"}),
    "size": frozenset({"width", "gutter", "gutter_small", "radius", "thumb", "thumb_small"}),
    "light": frozenset({"page", "card", "tint", "text", "muted", "accent", "on_accent", "rule"}),
    "dark": frozenset({"page", "card", "tint", "text", "muted", "accent", "on_accent", "rule"}),
}


def load(folders: tuple[Path, ...], name: str) -> Mapping[str, Any]:
    """
    The theme's tables.

    Raises:
        ComposeError: there is none of that name, it is no TOML, or a token is missing.
    """
    path = next(
        (folder / "themes" / f"{name}.toml" for folder in folders if (folder / "themes" / f"{name}.toml").is_file()), None
    )
    if path is None:
        raise ComposeError(f"there is no theme {name}; there are {', '.join(names(folders))}")
    try:
        theme = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as problem:
        raise ComposeError(f"{path}: {problem}") from problem
    missing = [f"[{table}] {token}" for table, tokens in TOKENS.items() for token in sorted(tokens - set(theme.get(table, {})))]
    if missing:
        raise ComposeError(f"{path}: missing {', '.join(missing)}")
    return theme


def names(folders: tuple[Path, ...]) -> tuple[str, ...]:
    """The themes there are."""
    return tuple(sorted({path.stem for folder in folders for path in (folder / "themes").glob("*.toml")}))
