"""A line of a list: checked whole, or rejected with its number, field, value and reason."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from digest.audience.address import written
from digest.audience.columns import Field, Layout, Statement, UnknownState
from digest.audience.csvfile import Broken, Record
from digest.audience.exporter import without_guard
from digest.audience.fields import Unfit, instant, language, printable, tags, zone
from digest.audience.standing import is_no
from digest.audience.table import Table, records
from digest.errors import BadAddress
from digest.model.subscriber import ALL_TOPICS, Address, TopicChoice

MAX_CELL = 1_000  #: characters of a cell that is read
MAX_UNREAD_CELL = 131_072  #: characters of any cell; more is damage, or an attack
_LONGEST: dict[Field, int] = {
    "evidence": 4_000,
    "reason": 4_000,
    **dict.fromkeys(("tags", "wanted", "muted"), MAX_UNREAD_CELL),
}


class Row(NamedTuple):
    """A line that can be imported."""

    line: int
    address: Address
    name: str
    language: str
    zone: str
    statement: Statement
    told: str  #: the file's facts about how the person joined
    reason: str
    since: datetime | None = None  #: of digest's own export: when the subscription was made
    never: bool = False  #: of digest's own export: the address is never mailed, for `reason`
    tags: tuple[str, ...] = ()  #: of another system
    topics: TopicChoice = ALL_TOPICS  #: of digest's own export


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """A line that was not imported."""

    line: int
    field: str
    value: str
    reason: str
    cells: Sequence[str] = ()

    def __str__(self) -> str:
        value = f" {self.value!r}" if self.value else ""
        return f"line {self.line}: {self.field}{value} {self.reason}"


def rows(table: Table, layout: Layout, *, mlist: str = "") -> Iterator[Row | Rejected]:
    """
    Yield the checked lines of a file.

    `mlist`: only the lines of this list of digest's own export; those without a list are its first one's.
    """
    if layout.headless:
        yield check(Record(table.header_line, list(table.header)), layout)
    first = not mlist or mlist == next(iter(layout.lists), "")
    for record in records(table):
        if isinstance(record, Broken):
            if first:
                text = printable(record.text[:MAX_CELL])
                yield Rejected(line=record.line, field="line", value=text[:60], reason=record.reason, cells=[text])
        elif not mlist or layout.list_of(record.cells) == mlist:
            yield check(record, layout)


def check(record: Record, layout: Layout) -> Row | Rejected:
    """Check one line."""
    cells = record.cells
    try:
        _check_shape(cells, layout)
        told = {field: text for field in layout.readable if (text := _cell(cells, layout, field))}
        address, own_name = _address(told.get("address", ""))
        reason = told.get("reason", "")
        return Row(
            line=record.line,
            address=address,
            name=_name(told, layout) or own_name,
            language=language(told.get("language", "")),
            zone=zone(told.get("zone", "")),
            statement=_statement(cells, layout),
            told=told.get("evidence", "") if layout.own else _joining_facts(told),
            reason=reason,
            since=instant(told.get("since", "")) if layout.own else None,
            never=layout.own and not is_no(reason),
            tags=tags(told["tags"]) if "tags" in told else (),
            topics=_topics(told) if layout.own else ALL_TOPICS,
        )
    except Unfit as problem:
        shown = [printable(cell[:MAX_CELL]) for cell in cells]
        return Rejected(
            line=record.line, field=problem.field, value=printable(problem.value[:60]), reason=problem.reason, cells=shown
        )


def _topics(told: Mapping[Field, str]) -> TopicChoice:
    return TopicChoice(wanted=tags(told.get("wanted", "")), muted=tags(told.get("muted", "")))


def _check_shape(cells: Sequence[str], layout: Layout) -> None:
    width = len(layout.header)
    if len(cells) > width and any(cell.strip() for cell in cells[width:]):
        raise Unfit("line", "", f"has {len(cells)} cells, the header has {width}; quote cells that hold the separator")
    longest = max(map(len, cells))
    if longest > MAX_UNREAD_CELL:
        place = max(range(len(cells)), key=lambda place: len(cells[place]))
        header = layout.header[place].strip() if place < width else "line"
        raise Unfit(header, "", f"has {longest:,} characters; a cell may have {MAX_UNREAD_CELL:,}")


def _cell(cells: Sequence[str], layout: Layout, field: Field) -> str:
    text = layout.cell(cells, field)
    if not text:
        return ""
    if len(text) > MAX_CELL and len(text) > _LONGEST.get(field, MAX_CELL):
        raise Unfit(field, text[:20] + "…", f"has {len(text):,} characters; it may have {_LONGEST.get(field, MAX_CELL):,}")
    if "\0" in text:
        raise Unfit(field, text.replace("\0", "\\0"), "holds a NUL character")
    if not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text):
        raise Unfit(field, text, "holds bytes that are not UTF-8")
    return without_guard(text) if layout.guarded else text


def _address(text: str) -> tuple[Address, str]:
    if not text:
        raise Unfit("address", "", "is empty")
    try:
        return written(text)
    except BadAddress as problem:
        raise Unfit("address", text, f"is not a mail address: {problem.reason}") from problem


def _name(told: Mapping[Field, str], layout: Layout) -> str:
    """Return the name; a column `name` beside one of family names alone holds given names (MailerLite)."""
    name, last = told.get("name", ""), told.get("last", "")
    if not name or (last and "first" not in layout.fields and last.casefold() not in name.casefold()):
        name = f"{name or told.get('first', '')} {last}"
    return " ".join(name.split())


def _statement(cells: Sequence[str], layout: Layout) -> Statement:
    try:
        return layout.statement(cells)
    except UnknownState as problem:
        header = problem.header
        reason = (
            f"is a state that digest does not know; correct it, or say `--map {header!r}=ignore` if {header} means something else"
        )
        raise Unfit(header, problem.word, reason) from problem


def _joining_facts(told: Mapping[Field, str]) -> str:
    parts = []
    if since := told.get("since"):
        parts.append(f"joined {since}" + (f" from {told['origin']}" if "origin" in told else ""))
    if confirmed := told.get("confirmed"):
        parts.append(f"confirmed {confirmed}" + (f" from {told['confirmed_from']}" if "confirmed_from" in told else ""))
    if evidence := told.get("evidence"):
        parts.append(f"before: {evidence}")
    return "; ".join(parts)
