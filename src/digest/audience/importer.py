"""
CSV lists become subscriptions: each line whole or rejected, with number, field and reason.

An import never re-activates who left, and an address that returns keeps its history. Takes a
byte order mark, `;` and tabs; columns by name, in any order, in a few languages.
"""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from zoneinfo import available_timezones

from sqlmodel import Session

from digest.audience.address import parse
from digest.errors import BadAddress, BadInput
from digest.model.ports import Clock
from digest.model.states import SubscriptionState
from digest.model.subscriber import Address, Import, Subscriber, Subscription
from digest.model.tokens import address_hmac
from digest.store import subscribers
from digest.store.engine import Database

BATCH = 500
MAX_CELL = 1000
MAX_BYTES = 500_000_000
#: What a header may say → the field.
COLUMNS: Mapping[str, str] = {
    **dict.fromkeys(("address", "email", "e-mail", "mail", "email address", "e-mail-adresse", "courriel", "correo"), "address"),
    **dict.fromkeys(("name", "full name", "nom", "nombre"), "name"),
    **dict.fromkeys(("first name", "firstname", "first_name", "vorname", "prénom"), "first"),
    **dict.fromkeys(("last name", "lastname", "last_name", "nachname", "surname"), "last"),
    **dict.fromkeys(("language", "lang", "sprache", "langue"), "language"),
    **dict.fromkeys(("zone", "timezone", "time zone", "time_zone", "zeitzone"), "zone"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """A line that was not imported."""

    line: int
    field: str
    reason: str
    cells: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    line: int
    cells: Sequence[str]
    address: Address
    name: str
    language: str
    zone: str


@dataclass(slots=True, kw_only=True)
class Report:
    """What an import did or, on a dry run, would do."""

    import_id: int | None = None
    lines: int = 0
    added: int = 0
    already: int = 0
    left_before: int = 0  #: they unsubscribed; they stay so
    suppressed: int = 0  #: on the list, and never mailed
    rejected: list[Rejected] = field(default_factory=list)


def _read_rows(path: Path, columns: Mapping[str, str]) -> Iterator[_Row | Rejected]:
    """
    The lines of a CSV file, checked. `columns` maps more headers to fields.

    Raises:
        BadInput: the file cannot be read, is no CSV, or has no column of addresses.
    """
    with _opened(path) as file:
        reader = csv.reader(file, _dialect(file, path), strict=False)
        try:
            header = next(reader, [])
            places = _places(header, columns, path)
            for cells in reader:
                if any(cell.strip() for cell in cells):
                    yield _row(cells, places, reader.line_num, len(header))
        except csv.Error as problem:
            raise BadInput(f"{path}, line {reader.line_num}: {problem}; save it as CSV, one person a line") from problem
        except UnicodeDecodeError as problem:
            raise BadInput(f"{path} is not UTF-8 ({problem.reason}); save it as CSV UTF-8") from problem


def import_file(
    db: Database,
    path: Path,
    list_name: str,
    *,
    columns: Mapping[str, str],
    consent: str,
    pepper: str,
    clock: Clock,
    dry_run: bool = False,
    on_progress: Callable[[int], None] = lambda _count: None,
) -> Report:
    """
    Import a CSV file into a list, a batch a transaction; on a dry run everything is taken back.

    `columns` maps headers to fields beyond COLUMNS; `consent` is kept as evidence where given.

    Raises:
        BadInput: the file is not a CSV file with a column of addresses; nothing was imported.
        NotFound: there is no such list.
    """
    report = Report()
    for _ in _read_rows(path, columns):
        continue  # a file that breaks off in its middle fails here, before anything is written
    rows = batches(_read_rows(path, columns))
    now = clock()
    with db.begin() as tx:
        mlist = subscribers.get_list(tx, list_name)
        assert mlist.id is not None
        made = Import(mlist_id=mlist.id, file=str(path), made_at=now)
        if dry_run:
            for batch in rows:
                _import_batch(tx, batch, made, evidence=consent, pepper=pepper, now=now, report=report)
                on_progress(len(batch))
            tx.rollback()
            return report
        tx.add(made)
    report.import_id = made.id
    for batch in rows:
        with db.begin() as tx:
            _import_batch(tx, batch, tx.merge(made), evidence=consent, pepper=pepper, now=now, report=report)
        on_progress(len(batch))
    return report


def _import_batch(
    tx: Session, rows: Sequence["_Row | Rejected"], made: Import, *, evidence: str, pepper: str, now: datetime, report: Report
) -> None:
    """Store one batch of rows and count in `report` what became of each."""
    good: dict[str, _Row] = {}
    for row in rows:
        report.lines += 1
        if isinstance(row, Rejected):
            report.rejected.append(row)
        elif row.address.key in good:
            report.already += 1
        else:
            good[row.address.key] = row
    hmacs = {key: address_hmac(key, pepper) for key in good}
    people = dict(subscribers.by_keys(tx, list(good)))
    new = {key: _person(row, hmacs[key], now) for key, row in good.items() if key not in people}
    tx.add_all(new.values())
    tx.flush()
    people |= new
    ties = subscribers.ties(tx, made.mlist_id, [person.id or 0 for person in people.values()])
    for key, row in good.items():
        tie = ties.get(people[key].id or 0)
        if tie is not None:
            left = tie.state is SubscriptionState.UNSUBSCRIBED
            report.left_before += left
            report.already += not left
            continue
        told = evidence or f"imported from {made.file}, line {row.line}, at {now:%Y-%m-%d %H:%M} UTC"
        tx.add(_tie(people[key], made, told, now))
        report.added += 1
    report.suppressed += len(subscribers.suppressed(tx, list(hmacs.values())))
    made.added, made.rejected = report.added, len(report.rejected)
    tx.flush()


def _person(row: "_Row", hmac: str, now: datetime) -> Subscriber:
    return Subscriber(
        address=row.address.text,
        address_key=row.address.key,
        address_hmac=hmac,
        name=row.name,
        language=row.language,
        zone=row.zone,
        made_at=now,
    )


def _tie(person: Subscriber, made: Import, evidence: str, now: datetime) -> Subscription:
    assert person.id is not None
    return Subscription(
        mlist_id=made.mlist_id,
        subscriber_id=person.id,
        state=SubscriptionState.ACTIVE,
        evidence=evidence,
        import_id=made.id,
        made_at=now,
        active_at=now,
    )


def batches(rows: Iterable[_Row | Rejected]) -> Iterator[Sequence[_Row | Rejected]]:
    """Rows in groups, so that no transaction is long."""
    group: list[_Row | Rejected] = []
    for row in rows:
        group.append(row)
        if len(group) == BATCH:
            yield group
            group = []
    if group:
        yield group


def write_rejects(path: Path, rejected: Sequence[Rejected]) -> None:
    """The rejected lines as CSV with number, field and reason in front."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["line", "field", "reason", "as it was"])
        writer.writerows([r.line, r.field, r.reason, *r.cells] for r in rejected)


def _opened(path: Path) -> io.TextIOWrapper:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise BadInput(f"{path} is larger than {MAX_BYTES // 1_000_000} MB; split it")
        return path.open("r", encoding="utf-8-sig", newline="")
    except OSError as problem:
        raise BadInput(f"{path} cannot be read: {problem.strerror}") from problem


def _dialect(file: io.TextIOWrapper, path: Path) -> type[csv.Dialect]:
    """Told from the header line alone: names and zones hold no separators."""
    try:
        head = file.readline(65536)
    except UnicodeDecodeError as problem:
        raise BadInput(f"{path} is not UTF-8 text ({problem.reason}); save it as CSV UTF-8") from problem
    file.seek(0)
    if "\0" in head:
        raise BadInput(f"{path} is not a CSV file (it is binary); save the list as CSV UTF-8")

    class Found(csv.excel):
        delimiter = max(",;\t", key=head.count)

    return Found


def _places(header: Sequence[str], columns: Mapping[str, str], path: Path) -> Mapping[str, int]:
    given = {name.strip().lower(): wanted for name, wanted in columns.items()}
    unknown = set(given) - {name.strip().lower() for name in header}
    if unknown:
        raise BadInput(f"{path} has no column {', '.join(sorted(unknown))}; it has {', '.join(name.strip() for name in header)}")
    known = {**COLUMNS, **given}
    names = [name.strip().lower() for name in header]
    places = {known[name]: i for i, name in reversed(list(enumerate(names))) if name in known}
    places |= {field: names.index(name) for name, field in given.items()}  # what a person says wins
    if "address" not in places:
        seen = ", ".join(repr(name.strip()[:30]) for name in header[:8]) or "nothing"
        raise BadInput(
            f"{path}: no column of addresses; its first line has {seen}. Name one `address`, or say `--map COLUMN=address`"
        )
    return places


def _row(cells: Sequence[str], places: Mapping[str, int], line: int, width: int) -> _Row | Rejected:
    def cell(field: str) -> str:
        place = places.get(field)
        return cells[place].strip() if place is not None and place < len(cells) else ""

    def no(field: str, reason: str) -> Rejected:
        return Rejected(line=line, field=field, reason=reason, cells=[c[:MAX_CELL] for c in cells])

    if len(cells) > width and any(c.strip() for c in cells[width:]):
        return no("line", f"has {len(cells)} cells, the header has {width}; quote cells that hold the separator")
    if any(len(c) > MAX_CELL or "\0" in c for c in cells):
        return no("line", f"a cell is longer than {MAX_CELL} characters or holds a NUL")
    try:
        address = parse(cell("address"))
    except BadAddress as problem:
        return no("address", problem.reason if cell("address") else "is empty")
    zone = cell("zone")
    if zone and zone not in available_timezones():
        return no("zone", f"{zone!r} is no time zone; write one like Europe/Berlin, or nothing")
    name = cell("name") or f"{cell('first')} {cell('last')}".strip()
    return _Row(
        line=line, cells=cells, address=address, name=" ".join(name.split()), language=cell("language").lower(), zone=zone
    )
