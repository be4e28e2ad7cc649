"""
Map the columns of a file to fields.

The table of headers is meant to be extended: a spelling is added to the line of its field. Case,
accents, hyphens and underscores are ignored, and so is text in parentheses.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Literal, cast, get_args

from digest.audience import exports
from digest.audience.address import written
from digest.audience.csvfile import Record
from digest.audience.exporter import without_guard
from digest.audience.exports import OWN, System
from digest.audience.fields import instant
from digest.audience.standing import AMBIGUOUS, HEADERS, Says, Standing, of_cell, of_file, plain, spellings, word
from digest.audience.table import Table, records
from digest.errors import BadAddress, BadInput

#: Content of a column that is not about the subscription's state. `since`: when the person joined; `origin`: from
#: which IP address or page; `confirmed`, `confirmed_from`: the same of the confirmation; `evidence`: how they agreed, in words;
#: `reason`: why the address is not to be mailed; `tags`: what another system says of the person's interests; `list`, `wanted`,
#: `muted`: the list of a line of digest's own export, and the topics chosen there.
Field = Literal[
    "address",
    "name",
    "first",
    "last",
    "language",
    "zone",
    "since",
    "origin",
    "confirmed",
    "confirmed_from",
    "evidence",
    "reason",
    "tags",
    "list",
    "wanted",
    "muted",
]
#: Values of `--map COLUMN=FIELD`, besides a state column and one that is not to be read.
MAPPABLE = (*get_args(Field)[:6], "state", "ignore")
#: Fields with their headers, the best first: a column of a later line is read where those before are empty.
_TABLE: Sequence[tuple[Field, str]] = (
    (
        "address",
        """
        email, email address, mail, mail address, user email, user_email_address, email id, subscriber email, contact email,
        member email, primary email, email primary, email 1, email 1 - value, email 1 address, email address 1,
        email_address_home, e-mail-adresse, mailadresse, emailadresse, courriel, adresse e-mail, adresse mail,
        adresse électronique, adresse courriel, correo, correo electrónico, dirección de correo, dirección de correo electrónico,
        indirizzo e-mail, indirizzo email, indirizzo di posta elettronica, endereço de e-mail, endereço de correio eletrónico,
        e-mailadres, e-postadress, e-post, sähköposti, adres e-mail, email adres, электронная почта, эл. почта, почта,
        адрес электронной почты, メール, メールアドレス, 电子邮件, 电子邮箱, 邮箱, 電子郵件, 이메일, 이메일 주소, البريد الإلكتروني
        """,
    ),
    ("address", "email 2, email 2 - value, email 2 address, email address 2, email work, email_address_work, work email"),
    ("address", "email 3, email 3 - value, email 3 address, email address 3, email other, email_address_other, other email"),
    ("address", "subscriber, recipient"),
    (
        "name",
        """
        name, full name, display name, user name, contact name, subscriber name, vollständiger name, nom complet, nombre completo,
        nome completo, naam, имя, 氏名, 名前, お名前, 姓名, 이름
        """,
    ),
    (
        "first",
        """
        first name, firstname, fname, given name, forename, vorname, prénom, nombre, nombre de pila, nome, primeiro nome, voornaam,
        imię, förnamn, etunimi
        """,
    ),
    (
        "last",
        """
        last name, lastname, lname, family name, surname, nachname, familienname, nom, nom de famille, apellido, apellidos, cognome,
        sobrenome, apelido, achternaam, nazwisko, efternamn, sukunimi, фамилия
        """,
    ),
    (
        "language",
        "language, lang, preferred language, locale, sprache, langue, idioma, lingua, taal, język, язык, 言語, 语言, 언어",
    ),
    ("zone", "zone, timezone, time zone, tz, zeitzone, fuseau horaire, zona horaria, fuso orario, fuso horário, tijdzone"),
    (
        "since",
        """
        since, optin_time, opt-in time, optin date, opt-in date, opted in at, opted_in_at, subscribed_at, subscribed on, subscription date, subscribe date, subscribed date, date subscribed, date joined,
        date added, joined_at, created_at, created, creation_date, created on, signup date, sign up date, added_time, entered,
        angemeldet am, anmeldedatum
        """,
    ),
    ("confirmed", "confirm_time, confirmed_at, double_opt_in_at"),
    ("confirmed_from", "confirm_ip"),
    ("origin", "optin_ip, opt-in ip, ip_address, signup ip, subscribe ip, signup source, subscription source"),
    ("evidence", "evidence, consent, consent text, consent source, proof of consent"),
    (
        "tags",
        """
        tags, tag, labels, topics, interests, schlagwörter, themen, étiquettes, sujets, etiquetas, temas, etichette, argomenti, tagi,
        теги, метки, темы, タグ, 标签, 標籤, 태그
        """,
    ),
    ("reason", "reason, unsub_reason, unsubscribe reason, suppressionreason, bounce reason, error, description"),
)
_FIELDS: Mapping[str, tuple[int, Field]] = {
    spelling: (rank, field) for rank, (field, headers) in enumerate(_TABLE) for spelling in spellings(headers)
}
#: A postal address or a mail address: read where no other column can hold mail addresses.
_LAST_RESORT = frozenset(spellings("address, adresse, addresses, адрес, アドレス, 地址, 주소"))

_ASSERTING = (Says.WORD, Says.SUBSCRIBED)
#: Fields that are looked for in a column of JSON too.
_IN_DATA: Sequence[Field] = ("name", "first", "last", "language", "zone", "tags")
MAX_NAMED = 100  #: keys in columns of JSON that are named as not read


@dataclass(frozen=True, slots=True, kw_only=True)
class StateColumn:
    """A column that states something about the subscription."""

    place: int
    header: str
    says: Says


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """The columns of one file."""

    header: Sequence[str]
    fields: Mapping[Field, tuple[int, ...]]  #: places, the best first
    readable: Sequence[Field]  #: those of `fields`, and those that a column of JSON may hold
    states: Sequence[StateColumn]
    unread: Sequence[str]  #: headers of columns that are not read
    everybody: Standing | None = None  #: the standing that the file's name gives to all its people
    headless: bool = False  #: there is no header; the first line is a person
    lenient: bool = False  #: an unknown word in a state column says nothing
    system: System | None = None  #: whose export it is
    data: int | None = None  #: the place of a column of JSON objects
    guarded: bool = True  #: cells may have an apostrophe before a formula (CSV)
    lines: int = 0  #: number of records
    lists: Mapping[str, int] = field(
        default_factory=dict
    )  #: of digest's own export: number of records by the list that they name

    def list_of(self, cells: Sequence[str]) -> str:
        """Return the list that a line of digest's own export names; the first one's name where it names none."""
        text = self.cell(cells, "list")
        return (without_guard(text) if self.guarded else text) or next(iter(self.lists), "")

    @property
    def own(self) -> bool:
        """True for digest's own export, which is taken back word for word."""
        return self.system is OWN

    def cell(self, cells: Sequence[str], field: Field) -> str:
        """Return the first cell of a field that is not empty."""
        for place in self.fields.get(field, ()):
            if place < len(cells) and (text := cells[place].strip()):
                return cells[place] if self.own else text
        if self.data is not None and field in _IN_DATA and self.data < len(cells):
            return _fields_of(cells[self.data]).get(field, "")
        return ""

    def statement(self, cells: Sequence[str]) -> "Statement":
        """
        Return the strongest statement about a person.

        Raises:
            UnknownState: a state column has a word that is not in the tables.
        """
        if not self.states and self.everybody is None:
            return SUBSCRIBED
        strongest = Statement(standing=self.everybody or Standing.ACTIVE)
        # If there is a column that asserts subscription, an empty cell means that the person is not subscribed.
        silent = any(column.says in _ASSERTING for column in self.states) and self.everybody is None
        for column in self.states:
            cell = cells[column.place].strip() if column.place < len(cells) else ""
            try:
                stated = of_cell(column.says, cell)
            except ValueError as problem:
                if self.lenient:
                    continue
                raise UnknownState(column.header, cell) from problem
            silent = silent and (stated is None or column.says not in _ASSERTING)
            if stated is not None and (
                stated > strongest.standing or (stated is strongest.standing is Standing.LEFT and not instant(strongest.cell))
            ):
                strongest = Statement(standing=stated, header=column.header, cell=cell[:200])
        return Statement(standing=Standing.NEVER) if silent and strongest.standing < Standing.NEVER else strongest


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A line's statement about its person's subscription, and the cell that makes it."""

    standing: Standing
    header: str = ""
    cell: str = ""

    def __str__(self) -> str:
        return f"{self.header}: {self.cell}" if self.header else self.standing.name.lower()


SUBSCRIBED = Statement(standing=Standing.ACTIVE)  #: of everybody in a file without a state column


class UnknownState(BadInput):
    """A word in a state column whose meaning is unknown."""

    def __init__(self, header: str, word: str) -> None:
        super().__init__(f"{header} {word!r} is not a known state")
        self.header = header
        self.word = word


def recognised(header: Sequence[str], mapped: Mapping[str, str]) -> int:
    """Count the recognised columns of a header; address columns, and those that a person maps, count 100 each."""
    names = [plain(name) for name in header]
    given = {plain(name) for name in mapped}
    addresses = _LAST_RESORT | {name for name, (_, field) in _FIELDS.items() if field == "address"}
    weighty = sum(name in given or name in addresses for name in names)
    return sum(name in _FIELDS or name in HEADERS for name in names) + 100 * (weighty + sum(map(_is_address, header)))


def layout(table: Table, mapped: Mapping[str, str]) -> Layout:
    """
    Detect the columns of a file; `mapped` has fields by header, as a person names them.

    Reads the file to its end, so that damage in its middle is found here; whether a column such as
    `state` describes subscriptions is decided by its cells.

    Raises:
        BadInput: there is no column of addresses, or none that `mapped` names.
    """
    found = _by_header(table, mapped)
    if "address" not in found.fields:
        found = _without_header(table)
    return _survey(found, records(table), certain={plain(name) for name in mapped})


def _by_header(table: Table, mapped: Mapping[str, str]) -> Layout:
    names = [plain(name) for name in table.header]
    system = exports.recognise(table.header)
    given = {**(system.columns if system else {}), **{plain(name): field for name, field in mapped.items()}}
    if unknown := [name for name in mapped if plain(name) not in names]:
        raise BadInput(f"{table.file} has no column {', '.join(unknown)}; it has {', '.join(table.header)}")
    fields: dict[Field, list[tuple[int, int]]] = {}
    states, data = [], None
    for place, name in enumerate(names):
        wanted = given.get(name, "")
        if wanted == "data":
            data = place
        elif wanted == "state" or (not wanted and name in HEADERS):
            states.append(StateColumn(place=place, header=table.header[place].strip(), says=HEADERS.get(name, Says.WORD)))
        elif wanted and wanted != "ignore":
            fields.setdefault(cast(Field, wanted), []).append((-1, place))
        elif not wanted and name in _FIELDS:
            rank, field = _FIELDS[name]
            fields.setdefault(field, []).append((rank, place))
    if "address" not in fields:
        places = [place for place, name in enumerate(names) if name in _LAST_RESORT and name not in given]
        fields |= {"address": [(0, place) for place in places]} if places else {}
    return replace(_layout(table, fields, states, data), system=system)


def _layout(
    table: Table, fields: Mapping[Field, Sequence[tuple[int, int]]], states: Sequence[StateColumn], data: int | None = None
) -> Layout:
    places = {field: tuple(place for _, place in sorted(found)) for field, found in fields.items()}
    read = {place for found in places.values() for place in found} | {column.place for column in states} | {data}
    return Layout(
        header=table.header,
        fields=places,
        readable=tuple(dict.fromkeys((*places, *(_IN_DATA if data is not None else ())))),
        states=states,
        unread=[name.strip() for place, name in enumerate(table.header) if place not in read and name.strip()],
        everybody=of_file(table.file.stem),
        data=data,
        guarded=bool(table.separator),
    )


def _without_header(table: Table) -> Layout:
    """Build the layout of a file without a header."""
    places = [place for place, cell in enumerate(table.header) if _is_address(cell)] if table.separator else []
    if not places:
        seen = ", ".join(repr(name.strip()[:30]) for name in table.header[:8]) or "nothing"
        raise BadInput(
            f"{table.file}: no column of addresses; its first line has {seen}. Name one `address`, or say `--map COLUMN=address`"
        )
    header = ["address" if place in places else f"column {place + 1}" for place in range(len(table.header))]
    found = _layout(replace(table, header=header), {"address": [(0, place) for place in places]}, ())
    return replace(found, headless=True)


def _survey(found: Layout, rows: Iterable[Record | object], *, certain: set[str]) -> Layout:
    """
    Read all rows for what only they tell.

    A column such as `state` stays a state column only if one of its cells is a known state; keys in a
    column of JSON that are not read are named; the lists of digest's own export are collected.
    """
    certain |= {name for name, field in found.system.columns.items() if field == "state"} if found.system else set()
    doubtful = {c.place for c in found.states if plain(c.header) in AMBIGUOUS and plain(c.header) not in certain}
    keys: dict[str, None] = {}
    lists: Counter[str] = Counter()
    lines = int(found.headless)
    for row in rows:
        lines += 1
        if not isinstance(row, Record):
            continue
        if doubtful:
            doubtful -= {place for place in doubtful if place < len(row.cells) and word(row.cells[place]) is not None}
        if found.data is not None and found.data < len(row.cells) and len(keys) < MAX_NAMED:
            keys |= dict.fromkeys(_unread_keys(row.cells[found.data]))
        if found.own:
            lists[found.list_of(row.cells)] += 1
    other = [column.header for column in found.states if column.place in doubtful]
    data = found.header[found.data].strip() if found.data is not None else ""
    return replace(
        found,
        states=[column for column in found.states if column.place not in doubtful],
        unread=[*found.unread, *other, *(f"{data}.{key}" for key in keys)],
        lines=lines,
        lists={name: lists[name] for name in sorted(lists) if name},
    )


@lru_cache(maxsize=64)
def _object(cell: str) -> Mapping[str, object]:
    """Return the object in a column of JSON; a cell that holds none is one key without a meaning."""
    text = cell.strip()
    if text in ("", "{}", "null"):
        return {}
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return {"(not JSON)": ""}
    return value if isinstance(value, dict) else {"(no object)": ""}


def _fields_of(cell: str) -> Mapping[Field, str]:
    """Return the fields that an object names, such as a person's language."""
    known = {key: _FIELDS.get(plain(key)) for key in _object(cell)}
    return {field[1]: _text(_object(cell)[key]).strip() for key, field in known.items() if field and field[1] in _IN_DATA}


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, list) else str(value)


def _unread_keys(cell: str) -> Sequence[str]:
    return [key for key in _object(cell) if plain(key) not in _FIELDS or _FIELDS[plain(key)][1] not in _IN_DATA]


def _is_address(text: str) -> bool:
    try:
        written(text)
    except BadAddress:
        return False
    return True
