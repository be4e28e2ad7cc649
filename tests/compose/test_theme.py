"""A theme is complete and readable, or it says what is wrong and what would be right; a child gives only what differs."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.compose import colour, theme
from digest.errors import ComposeError
from tests.compose.making import TEMPLATES

COLOURS = st.tuples(*(st.integers(0, 255) for _ in range(3))).map(lambda rgb: "#{:02x}{:02x}{:02x}".format(*rgb))


def written(tmp_path: Path, text: str, name: str = "mine") -> tuple[Path, ...]:
    (tmp_path / "themes").mkdir(exist_ok=True)
    (tmp_path / "themes" / f"{name}.toml").write_text(text, encoding="utf-8")
    return (tmp_path, TEMPLATES)


def test_three_themes_are_shipped_and_differ() -> None:
    shipped = {name: theme.load([TEMPLATES], name) for name in theme.names([TEMPLATES])}

    assert set(shipped) == {"ledger", "meridian", "gazette"}
    for table, token in (("light", "accent"), ("layout", "radius"), ("size", "title")):
        assert len({str(found[table][token]) for found in shipped.values()}) == 3
    assert len({found["type"]["body"] for found in shipped.values()}) == 3


def test_a_child_gives_only_what_differs(tmp_path: Path) -> None:
    found = theme.load(written(tmp_path, 'extends = "ledger"\n[layout]\nradius = 0\n'), "mine")

    assert found["layout"]["radius"] == 0
    assert found["layout"]["width"] == 600
    assert found["light"]["accent"] == "#a3262a"


def test_a_child_with_an_accent_of_its_own_gets_one_for_the_dark(tmp_path: Path) -> None:
    found = theme.load(written(tmp_path, 'extends = "ledger"\n[light]\naccent = "#00539f"\n'), "mine")

    assert found["dark"]["accent"] != "#ff9c92"
    assert colour.worst(found["dark"]["accent"], [found["dark"]["card"], found["dark"]["tint"]]) >= 4.5
    assert colour.contrast(found["dark"]["on_accent"], found["dark"]["button"]) >= 4.5
    assert found["light"]["button"] == found["dark"]["button"] == "#00539f"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            '[light]\naccent = "#f0a0a0"',
            r"\[light\] accent #f0a0a0 has 1\.\d : 1 on page .*; #[0-9a-f]{6} is the nearest that has it",
        ),
        ('[dark]\nmuted = "#444444"', r"\[dark\] muted #444444 has .* on tint"),
        ('[light]\ntext = "red"', r"\[light\] text must be a colour such as"),
        ("[layout]\nwidth = 700", r"\[layout\] width must be a whole number from 540 to 600"),
        ('[type]\nbody = "Comic; } body { x"', r"\[type\] body must be font names"),
        ('[type]\nhead = "Georgia"', r"\[type\] head must be font names separated by commas, a generic family last"),
        ("[size]\nsmall = [9, 12]", r"\[size\] small must be \[size, line height\]"),
        ('[brand]\nlogo = "http://x.example/l.png"', r"\[brand\] logo must be an https address"),
        ('[layout]\ndensity = "cosy"', r"density must be comfortable or compact"),
        ('[layout]\ncolour = "x"', r"\[layout\] colour is no token"),
        ('[dark]\npage = "transparent"', r"\[dark\] page must be a colour"),
        ("[layout", r"mine\.toml"),
        ('[layout]\ndensity = ["compact"]', r"density must be comfortable or compact"),
    ],
)
def test_a_wrong_token_is_named_with_what_would_be_right(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ComposeError, match=said):
        theme.load(written(tmp_path, f'extends = "ledger"\n{text}\n'), "mine")


def test_a_theme_that_extends_itself_is_refused(tmp_path: Path) -> None:
    written(tmp_path, 'extends = "two"', "one")

    with pytest.raises(ComposeError, match="one → two → one"):
        theme.load(written(tmp_path, 'extends = "one"', "two"), "one")


@given(ink=COLOURS, ground=COLOURS)
@settings(max_examples=60)
def test_the_nearest_colour_passes_and_there_is_one_for_every_ground(ink: str, ground: str) -> None:
    found = colour.nearest(ink, [ground])

    assert found is not None  # black or white has 4.5 : 1 on any ground
    assert colour.contrast(found, ground) >= colour.AA


@pytest.mark.parametrize(
    "text", ["extends = 3", 'extends = "ledger"\nlight = "accent"', 'dark = 5\n[light]\naccent = "#a3262a"', "type = [1]"]
)
def test_a_theme_of_wrong_types_is_refused_in_words(tmp_path: Path, text: str) -> None:
    with pytest.raises(ComposeError, match=r"mine"):
        theme.load(written(tmp_path, text), "mine")


def test_what_a_theme_says_for_the_dark_stands(tmp_path: Path) -> None:
    text = 'extends = "ledger"\n[light]\naccent = "#1a4f8a"\n[dark]\nbutton = "#8cbcf0"\non_accent = "#000000"\n'

    assert theme.load(written(tmp_path, text), "mine")["dark"]["on_accent"] == "#000000"
