"""
Dropped texts yield headline, standfirst, text, author and publisher, whatever page they come from.

Each file in texts/ is a text with a letter before each line: h headline, s standfirst, b body,
a byline, p source line, o biography, x anything else of the page. What must come out is read
off the letters; the text is made by taking them away.
"""

import textwrap
from dataclasses import dataclass
from pathlib import Path

import pytest

from digest.collect import texts
from digest.errors import ParseError

FOLDER = Path(__file__).parent / "texts"
FILES = sorted(FOLDER.glob("*.txt"))


@dataclass(frozen=True)
class Dropped:
    """A text and what is true of it."""

    text: str
    title: str
    standfirst: str
    body: str
    author: str
    publisher: str


def load(path: Path) -> Dropped:
    head, _, rest = path.read_text(encoding="utf-8").partition("---\n")
    fields = {name: value.strip() for name, _, value in (line.partition(":") for line in head.splitlines())}
    lines = [(line[0], line[2:]) for line in rest.splitlines()]
    of = {tag: [text for t, text in lines if t == tag] for tag in "hsbapox"}
    return Dropped(
        text=laid_out(lines, fields),
        title=of["h"][0],
        standfirst="".join(of["s"]),
        body="\n\n".join(of["b"]),
        author=fields["author"],
        publisher=fields["publisher"],
    )


def laid_out(lines: list[tuple[str, str]], fields: dict[str, str]) -> str:
    if fields.get("raw") == "markdown":
        meta = "\n".join(
            ["---", f"author: {fields['author']}", f"source: {fields['publisher']}", f"description: {lines[1][1]}", "---"]
        )
        return meta + f"\n\n# {lines[0][1]}\n\n" + "\n\n".join(text for tag, text in lines if tag == "b")
    if fields.get("join") == "wrapped":
        return "\n\n".join(textwrap.fill(text, 72) for _, text in lines)
    return ("\n" if fields.get("join") == "single" else "\n\n").join(text for _, text in lines)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_field_of_a_dropped_text_is_found(path: Path) -> None:
    truth = load(path)

    page = texts.parse(truth.text, where=path.name)

    found = Dropped(truth.text, page.title, page.standfirst, page.text, page.author, page.publisher)
    assert found == truth


def test_there_are_thirty_texts() -> None:
    assert len(FILES) == 30


def test_a_text_without_line_breaks_is_its_own_body() -> None:
    page = texts.parse("One sentence stands alone. Another follows it.", where="x")

    assert "One sentence stands alone." in page.text + page.title


def test_a_text_of_white_space_is_an_error_that_names_the_file() -> None:
    with pytest.raises(ParseError, match=r"empty\.txt"):
        texts.parse(" \n\t\n", where="empty.txt")
