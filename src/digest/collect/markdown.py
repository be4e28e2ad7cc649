"""Markdown, as far as dropped texts need it: its marks become plain lines, its front matter fields."""

import re

_FENCE = re.compile(r"\A---[ \t]*\n(.*?)\n(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_FIELD = re.compile(r"^([A-Za-z_-]{2,20})[ \t]*:[ \t]*(.+)$")
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
    """The fields between two `---` lines at the top, under their names here, and the rest of the text."""
    found = _FENCE.match(text.lstrip("\n"))
    if not found:
        return {}, text
    fields: dict[str, str] = {}
    for line in found[1].split("\n"):
        if (field := _FIELD.match(line)) and (name := _NAMES.get(field[1].lower())):
            fields.setdefault(name, re.sub(r"^\[(.*)\]$", r"\1", field[2].strip()).strip("\"' "))
    return fields, text.lstrip("\n")[found.end() :]


def plain(text: str) -> str:
    """The text with its Markdown marks removed; text without any comes back as it was."""
    text = re.sub(r"^[ \t]*(```|~~~).*?^[ \t]*\1[^\n]*$", "", text, flags=re.DOTALL | re.MULTILINE)
    text = re.sub(r"!\[[^\]]*\]\([^)\s]*(?:\s+\"[^\"]*\")?\)", "", text)
    text = re.sub(r"\[([^\]\n]+)\]\((?:[^()\s]|\([^()\s]*\))+(?:\s+\"[^\"]*\")?\)", r"\1", text)
    text = re.sub(r"^[ \t]{0,3}#{1,6}[ \t]+(.*?)[ \t]*#*$", r"\n\1\n", text, flags=re.MULTILINE)
    text = re.sub(r"^(?P<line>[^\n]+)\n[ \t]*(?:={3,}|-{3,})[ \t]*$", r"\n\g<line>\n", text, flags=re.MULTILINE)
    text = re.sub(r"^[ \t]{0,3}>[ \t]?", "", text, flags=re.MULTILINE)
    return re.sub(
        r"(\*\*|__)(?=\S)(.+?)(?<=\S)\1|(?<!\w)([*_])(?=\S)([^*_\n]+)(?<=\S)\3(?!\w)", lambda m: m[2] or m[4] or "", text
    )
