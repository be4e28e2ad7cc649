"""
The text of a configuration file: TOML to things with their settings, and back.

The text is the same whoever writes it: things by name, settings in one order, each on a line of its own, those that have
their default left out. Every problem of a text is found at once, each with its line.
"""

import difflib
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import tomli_w

from digest.errors import BadInput, DigestError
from digest.services.config_settings import SETTINGS, Noun, Setting, Value

Key = tuple[Noun, str, str]  #: noun, newsletter and name of a thing
KeyPath = tuple[str | int, ...]  #: of a table or key: names, and positions in arrays of tables

#: Keys of the file, and those of a newsletter's table, that hold things: each is named by its key, or stands in an array.
TABLES: Mapping[str, Noun] = {"lists": Noun.LIST, "newsletters": Noun.NEWSLETTER, "accounts": Noun.ACCOUNT}
ARRAYS: Mapping[str, Noun] = {"sources": Noun.SOURCE}
PARTS: Mapping[str, Noun] = {"sections": Noun.SECTION, "rules": Noun.RULE}

HEAD = """\
# The configuration of digest, as it was exported. A dry run of applying it shows what would change.
# A setting that is left out has its default. Secrets and readers are not in this file.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A thing with all its settings; those that a file leaves out have their default."""

    noun: Noun
    name: str
    newsletter: str = ""  #: of a section or rule
    values: Mapping[str, Value]
    line: int = 0

    @property
    def key(self) -> Key:
        """The key by which it is found again. Sections are told apart whatever the case of their names."""
        name = self.name.casefold() if self.noun is Noun.SECTION else self.name
        return self.noun, self.newsletter, name


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A problem of a file; `where` is the path of its key."""

    line: int
    where: str
    error: DigestError


@dataclass(slots=True)
class Document:
    """A file that was read."""

    items: list[Item] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    kinds: set[Noun] = field(default_factory=set)  #: nouns of whose things the file has a table, also an empty one


# --- to read ---------------------------------------------------------------------------------


def read(raw: bytes, defaults: Mapping[str, Value]) -> Document:
    """Read a file; `defaults` are those of settings that depend on the machine, by name."""
    document = Document()
    try:
        text = raw.decode("utf-8-sig")
        content = tomllib.loads(text)
    except UnicodeDecodeError as problem:
        line = len(raw[: problem.start].split(b"\n"))
        document.problems.append(Problem(line=line, where="", error=BadInput("the file is not UTF-8; save it as that")))
        return document
    except tomllib.TOMLDecodeError as problem:
        document.problems.append(_syntax(str(problem)))
        return document
    _Reader(document, lines_of(text), defaults).read(content)
    return document


def _syntax(said: str) -> Problem:
    found = re.search(r" \(at line (\d+), column (\d+)\)", said)
    column = f", column {found[2]}" if found else ""
    error = BadInput(f"this is no TOML{column}: {said[: found.start()] if found else said}")
    return Problem(line=int(found[1]) if found else 0, where="", error=error)


def lines_of(text: str) -> Mapping[KeyPath, int]:
    """Return the line of each table and key of a text that is TOML."""
    found: dict[KeyPath, int] = {}
    counts: dict[KeyPath, int] = {}  #: tables in each array of tables
    table: KeyPath = ()
    for line, statement in _statements(text):
        parsed = tomllib.loads(statement)
        if not statement.startswith("["):
            for path in _paths(parsed, table):
                found.setdefault(path, line)
            continue
        table = ()
        for name in _header(parsed):
            table = (*table, name)
            if table in counts:
                table = (*table, counts[table] - 1)
        if statement.startswith("[["):
            # The header of a further table ends in the position of the last one.
            array = table[:-1] if table and isinstance(table[-1], int) else table
            counts[array] = counts.get(array, 0) + 1
            table = (*array, counts[array] - 1)
        found.setdefault(table, line)
    return found


def _statements(text: str) -> Iterator[tuple[int, str]]:
    """Yield each header and each key with its value, with the line on which it begins."""
    begun, waiting = 0, ""
    for number, line in enumerate(text.replace("\r\n", "\n").split("\n"), start=1):
        if not waiting and (not line.strip() or line.lstrip().startswith("#")):
            continue
        begun = begun or number
        waiting += line + "\n"
        try:  # A value may go on over several lines; where it ends, what was read so far is TOML.
            tomllib.loads(waiting)
        except tomllib.TOMLDecodeError:
            continue
        yield begun, waiting.strip()
        begun, waiting = 0, ""


def _header(parsed: Mapping[str, Any]) -> Iterator[str]:
    """Yield the names in a table's header."""
    while parsed:
        [(name, inner)] = parsed.items()
        yield name
        parsed = inner[0] if isinstance(inner, list) else inner


def _paths(parsed: Mapping[str, Any], table: KeyPath) -> Iterator[KeyPath]:
    for name, value in parsed.items():
        yield (*table, name)
        if isinstance(value, dict):
            yield from _paths(value, (*table, name))


class _Reader:
    """Reads the tables of a file into a document."""

    def __init__(self, document: Document, lines: Mapping[KeyPath, int], defaults: Mapping[str, Value]) -> None:
        self._document = document
        self._lines = lines
        self._defaults = defaults
        self._by_key: dict[Key, Item] = {}

    def read(self, content: Mapping[str, Any]) -> None:
        for key, value in content.items():
            if noun := TABLES.get(key):
                self._document.kinds.add(noun)
                self._tables(noun, value, (key,))
            elif noun := ARRAYS.get(key):
                self._document.kinds.add(noun)
                self._array(noun, value, (key,), newsletter="")
            else:
                self._refuse((key,), _unknown(key, [*TABLES, *ARRAYS]))

    def _tables(self, noun: Noun, tables: object, path: KeyPath) -> None:
        if not isinstance(tables, dict):
            self._refuse(path, f"is no table; write [{path[0]}.NAME]")
            return
        for name, table in tables.items():
            if not isinstance(table, dict):
                self._refuse((*path, name), f"is no table; write [{path[0]}.NAME], and settings below it")
                continue
            parts = PARTS if noun is Noun.NEWSLETTER else {}
            self._item(noun, name, {k: v for k, v in table.items() if k not in parts}, (*path, name))
            for key in parts.keys() & table.keys():
                self._array(parts[key], table[key], (*path, name, key), newsletter=name)

    def _array(self, noun: Noun, tables: object, path: KeyPath, *, newsletter: str) -> None:
        if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
            self._refuse(path, f"is no array of tables; write [[{'.'.join(map(str, path))}]] above each")
            return
        for position, table in enumerate(tables):
            self._item(noun, "", table, (*path, position), newsletter=newsletter)

    def _item(self, noun: Noun, name: str, table: Mapping[str, object], path: KeyPath, *, newsletter: str = "") -> None:
        settings = {setting.name: setting for setting in SETTINGS[noun]}
        for key in table.keys() - settings.keys():
            known = [*settings, *(PARTS if noun is Noun.NEWSLETTER else ())]
            self._refuse((*path, key), _unknown(key, known))
        given = {key: self._checked(settings[key], table[key], (*path, key)) for key in table if key in settings}
        name = name or _named(noun, given)
        values: dict[str, Value] = {}
        for key, setting in settings.items():
            value = given.get(key)
            if value is None:
                value = self._defaults.get(key, setting.default_for(name))
            if value is None:
                if key not in table:
                    self._refuse(path, f"has no {key}; it must have one")
                return
            values[key] = value
        item = Item(noun=noun, name=name, newsletter=newsletter, values=values, line=self._line(path))
        self._add(item, path)

    def _add(self, item: Item, path: KeyPath) -> None:
        item = numbered(item, self._document.items)
        first = self._by_key.setdefault(item.key, item)
        if first is item:
            self._document.items.append(item)
        else:
            self._refuse(path, f"is the {item.noun} {item.name} again; it stands on line {first.line} too")

    def _checked(self, setting: Setting, value: object, path: KeyPath) -> Value | None:
        """Return the value of a setting in its one form; None where it cannot be used."""
        try:
            return setting.check(value)
        except BadInput as problem:
            said = str(problem)
            self._refuse(path, said if said.startswith("is ") else f"cannot be used: {said}")
            return setting.default

    def _refuse(self, path: KeyPath, said: str) -> None:
        self._document.problems.append(Problem(line=self._line(path), where=_dotted(path), error=BadInput(said)))

    def _line(self, path: KeyPath) -> int:
        """Return the line of a path, or of the nearest table around it."""
        return next((self._lines[path[:end]] for end in range(len(path), 0, -1) if path[:end] in self._lines), 0)


def _named(noun: Noun, given: Mapping[str, Value | None]) -> str:
    """Return the name of a thing that stands in an array."""
    if noun is Noun.SOURCE:
        return str(given.get("location") or "")
    if noun is Noun.SECTION:
        return str(given.get("name") or "")
    return rule_name(given)


def rule_name(values: Mapping[str, Value | None]) -> str:
    """Return what a rule is called: what it names, since it has no name of its own."""
    named = [f"{key} {values[key]!r}" for key in ("words", "topic", "section") if values.get(key)]
    return " ".join([str(values.get("kind") or ""), *named])


def numbered(item: Item, there: Sequence[Item]) -> Item:
    """Return a rule with a number behind its name where others have that name: the same rule may be there twice."""
    if item.noun is not Noun.RULE:
        return item
    mine = [other.name for other in there if other.noun is Noun.RULE and other.newsletter == item.newsletter]
    same = sum(name == item.name or name.startswith(f"{item.name} (") for name in mine)
    return replace(item, name=f"{item.name} ({same + 1})") if same else item


def _unknown(key: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(key, known, n=1)
    return f"is no setting; did you mean {near[0]}?" if near else f"is no setting; there are {', '.join(known)}"


def _dotted(path: KeyPath) -> str:
    """Write a path as `newsletters.daily.at`, positions counted from one."""
    return ".".join(str(part + 1) if isinstance(part, int) else part for part in path)


# --- to write --------------------------------------------------------------------------------


def write(items: Sequence[Item], defaults: Mapping[str, Value]) -> str:
    """Write things as the text of a file; sections and rules follow their newsletter."""
    by_noun = {noun: [item for item in items if item.noun is noun] for noun in Noun}
    blocks = [HEAD]
    for key, noun in (*TABLES.items(), *ARRAYS.items()):
        for item in by_noun[noun]:
            blocks.append(_header_of(key, item) + _body(item, defaults))
            for part, kind in PARTS.items():
                mine = [one for one in by_noun[kind] if noun is Noun.NEWSLETTER and one.newsletter == item.name]
                blocks += [f"[{_table(key, item.name, part)}]\n" + _body(one, defaults) for one in mine]
    return "\n".join(blocks)


def _header_of(key: str, item: Item) -> str:
    return f"[[{key}]]\n" if key in ARRAYS else f"{_table(key, item.name)}\n"


def _table(*names: str) -> str:
    """Write the header of a table, its names quoted where TOML wants it."""
    table: dict[str, Any] = {}
    for name in reversed(names):
        table = {name: table}
    return tomli_w.dumps(table).strip()


def _body(item: Item, defaults: Mapping[str, Value]) -> str:
    written = {
        setting.name: item.values[setting.name]
        for setting in SETTINGS[item.noun]
        if setting.always or item.values[setting.name] != defaults.get(setting.name, setting.default_for(item.name))
    }
    return tomli_w.dumps(written)
