"""Whatever a file of people holds: each line of it is in exactly one count, or the file is refused with the reason."""

import csv
import io
import itertools
import tracemalloc
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from digest.audience.csvfile import MAX_RECORD
from digest.audience.files import ListFile
from digest.audience.importer import open_list
from digest.audience.rows import Rejected, Row, rows
from digest.errors import BadInput
from tests.audience.lists import counts, people, take
from tests.support.place import Place

NUMBERS = itertools.count()
FAST = settings(deadline=timedelta(seconds=5), suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=100)


def read(path: Path) -> list[Row | Rejected]:
    opened = open_list(ListFile(path), mapped={}, encoding="")
    return list(rows(opened.table, opened.layout))


def written(folder: Path, raw: bytes) -> Path:
    path = folder / f"list{next(NUMBERS)}.csv"
    path.write_bytes(raw)
    return path


# --- encodings -------------------------------------------------------------------------------

ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be", "cp1252"]


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_a_list_is_read_in_any_encoding_with_any_line_end_and_separator(
    tmp_path: Path, encoding: str, end: str, separator: str
) -> None:
    lines = [separator.join(cells) for cells in (["email", "name"], ["ann@example.org", "Zoë Ångström"], ["bob@example.org", ""])]

    found = read(written(tmp_path, (end.join(lines) + end).encode(encoding)))

    assert [(row.address.text, row.name) for row in found if isinstance(row, Row)] == [
        ("ann@example.org", "Zoë Ångström"),
        ("bob@example.org", ""),
    ]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "utf-8-sig", "utf-16-le"])
def test_objects_a_line_are_read_in_any_encoding(tmp_path: Path, encoding: str) -> None:
    [row] = read(written(tmp_path, '{"email": "ann@example.org", "name": "Zoë"}\n'.encode(encoding)))

    assert isinstance(row, Row)
    assert row.name == "Zoë"


@pytest.mark.parametrize(("encoding", "found"), [("iso8859-2", "iso8859-2"), ("cp1250", "cp1250"), ("cp1252", "cp1252")])
def test_encodings_of_one_byte_a_character_are_guessed_by_their_letters_and_said(
    tmp_path: Path, encoding: str, found: str
) -> None:
    names = ["Łukasz Wąsik", "Śliwa Żółć"] if encoding != "cp1252" else ["Zoë Çelik", "20 °C, £5"]
    text = "email,name\n" + "".join(f'a{i}@example.org,"{name}"\n' for i, name in enumerate(names))

    opened = open_list(ListFile(written(tmp_path, text.encode(encoding))), mapped={}, encoding="")

    assert (opened.table.encoding, opened.table.guessed) == (found, True)
    assert [row.name for row in rows(opened.table, opened.layout) if isinstance(row, Row)] == names


# --- sizes and shapes ------------------------------------------------------------------------


def test_a_cell_of_ten_megabytes_costs_its_line_alone(tmp_path: Path) -> None:
    raw = b"email,name,note\nann@example.org,Ann,\nbob@example.org," + b"B" * 10_000_000 + b",\ncy@example.org,Cy,\n"

    found = read(written(tmp_path, raw))

    assert [isinstance(row, Row) for row in found] == [True, False, True]
    assert "is too long" in str(found[1])


def test_a_hundred_thousand_columns_are_read_and_named_in_brief(place: Place) -> None:
    header = "email," + ",".join(f"c{i}" for i in range(100_000))
    text = f"{header}\nann@example.org{',x' * 100_000}\nbob@example.org{',x' * 100_001}\n"

    report = take(place, text)

    assert counts(report) == {"added": 1, "rejected": 1}
    assert (len(report.unread), report.rejects[0].reason[:17]) == (100_000, "has 100002 cells,")


def unclosed(lines: int) -> bytes:
    """Lines that each close the quote of the line before and open one of their own."""
    return b"email,name\n" + b'a","\n' * lines


@pytest.mark.parametrize(
    "make",
    [
        lambda: b"email\n" + b"\0" * 1_000,
        lambda: b"email,name\n" + b'"' * 999_999 + b"\n",
        lambda: unclosed(500),
        lambda: b"email\nx" + b"," * 1_000_000 + b"\n",
        lambda: b"email,name\n" + b'ann@example.org,"open\n' + b"bob@example.org,Bob\n" * 10_000,
        lambda: b"email\r\r\n\nann@example.org\r\n\rbob@example.org\n",
        lambda: b'{"email": "ann@example.org"}\n' * 2 + b'{"email": ' + b"9" * 10_000 + b"}\n" + b"{" * 100_000 + b"\n",
    ],
    ids=["nul", "quotes", "each line opens a quote", "separators", "one open quote", "line ends", "json"],
)
def test_hostile_files_are_counted_line_by_line_within_bounded_memory(tmp_path: Path, make: Callable[[], bytes]) -> None:
    raw = make()
    path = written(tmp_path, raw)
    tracemalloc.start()

    found = read(path)

    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 60_000_000
    assert found


def test_a_file_of_quotes_that_are_never_closed_is_refused_before_it_takes_hours(place: Place) -> None:
    opening = b'a","' + b"x" * 100_000 + b"\n"  # Each line ends within a quote, whether it began in one or not.

    with pytest.raises(BadInput, match="too many quotes are never closed, such as in line"):
        take(place, b"email,name\n" + opening * (3 * MAX_RECORD // len(opening)))
    assert people(place) == {}


# --- laws ------------------------------------------------------------------------------------

CELLS = st.text(
    alphabet=st.one_of(st.sampled_from("=+-@\t\r\n\"',;| aé\u2028\ufeff\0"), st.characters(exclude_categories=["Cs"])),
    max_size=12,
)


@FAST
@given(
    raw=st.binary(max_size=300),
    head=st.sampled_from([b"", b"email,name\n", b"\xff\xfe", b"\xef\xbb\xbfemail\n", b"{", b"PK\3\4"]),
)
def test_any_bytes_are_read_or_refused(tmp_path: Path, raw: bytes, head: bytes) -> None:
    try:
        found = read(written(tmp_path, head + raw))
    except BadInput:
        return
    assert all(isinstance(row, Row | Rejected) for row in found)


@FAST
@given(
    table=st.lists(st.tuples(CELLS, CELLS), max_size=6), separator=st.sampled_from(",;\t|"), end=st.sampled_from(["\n", "\r\n"])
)
def test_each_record_of_a_file_is_a_row_or_a_rejection(
    tmp_path: Path, table: list[tuple[str, str]], separator: str, end: str
) -> None:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=separator, lineterminator=end, quoting=csv.QUOTE_ALL)
    writer.writerow(["email", "name"])
    writer.writerows(table)

    found = read(written(tmp_path, out.getvalue().encode()))

    assert len(found) == sum(any(cell.strip() for cell in cells) for cells in table)


@FAST
@given(table=st.lists(st.dictionaries(st.sampled_from(["email", "name", "x"]), CELLS, min_size=1), min_size=1, max_size=6))
def test_each_object_of_a_file_is_a_row_or_a_rejection(tmp_path: Path, table: list[dict[str, str]]) -> None:
    import json

    lines = [{"email": "ann@example.org"}, *table]

    found = read(written(tmp_path, "\n".join(json.dumps(row) for row in lines).encode()))

    assert len(found) == len(lines)
