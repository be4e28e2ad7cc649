"""Convert the Markdown of dropped texts: marks to plain lines, front matter to fields."""

import re

_FENCE = re.compile(r"\A---[ \t]*\n(.*?)\n(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_FIELD = re.compile(r"^([A-Za-z_-]{2,20})[ \t]*:[ \t]*(.+)$")
#: Every run is bounded, so that no text makes the search quadratic.
_LINK = re.compile(
    r"\[([^\[\]\n]{1,500})\]\([^()\s]{0,1000}(?:\([^()\s]{0,300}\)[^()\s]{0,300})?(?:[ \t]{1,5}\"[^\"\n]{0,300}\")?\)"
)
_EMPHASIS = re.compile(r"(\*\*|__)(?=\S)([^*_\n]{1,500})(?<=\S)\1|(?<!\w)([*_])(?=\S)([^*_\n]{1,500})(?<=\S)\3(?!\w)")
#: Spellings of a field → its name here.
_NAMES = {
    "title": "title",
    "headline": "title",
    "description": "description",
    "summary": "description",
    "subtitle": "description",
    "excerpt": "description",
    "author": "author",
    "authors": "author",
    "by": "author",
    "source": "source",
    "publisher": "source",
    "site": "source",
    "date": "date",
    "published": "date",
    "url": "url",
    "link": "url",
    "canonical": "url",
    "lang": "language",
    "language": "language",
}


def front_matter(text: str) -> tuple[dict[str, str], str]:
    """Return the fields between two `---` lines at the top, by their names here, and the rest of the text."""
    found = _FENCE.match(text.lstrip("\n"))
    if not found:
        return {}, text
    fields: dict[str, str] = {}
    for line in found[1].split("\n"):
        if (field := _FIELD.match(line)) and (name := _NAMES.get(field[1].lower())):
            fields.setdefault(name, re.sub(r"^\[(.*)\]$", r"\1", field[2].strip()).strip("\"' "))
    return fields, text.lstrip("\n")[found.end() :]


def plain(text: str) -> str:
    """Remove Markdown marks; text without any is returned unchanged."""
    text = re.sub(r"^[ \t]{0,3}(```|~~~)[^\n]*\n(?:.*\n)*?[ \t]{0,3}\1[^\n]*$", "", text, flags=re.MULTILINE)
    text = re.sub(r"!\[[^\[\]\n]{0,300}\]\([^)\s]{0,2000}(?:[ \t]{1,5}\"[^\"\n]{0,300}\")?\)", "", text)
    text = _LINK.sub(r"\1", text)
    text = "\n".join(_heading(line) for line in text.split("\n"))
    text = re.sub(r"^(?P<line>[^\n]{1,300})\n[ \t]{0,3}(?:={3,}|-{3,})[ \t]{0,9}$", r"\n\g<line>\n", text, flags=re.MULTILINE)
    text = re.sub(r"^[ \t]{0,3}>[ \t]?", "", text, flags=re.MULTILINE)
    return _EMPHASIS.sub(lambda m: m[2] or m[4] or "", text)


def _heading(line: str) -> str:
    """Convert a heading to a separate paragraph."""
    found = re.match(r"[ \t]{0,3}#{1,6}[ \t]", line)
    return f"\n{line[found.end() :].strip().rstrip('#').strip()}\n" if found else line
