"""CSV files of any make are read: their encoding, separator, line ends and damage."""

import pytest

from digest.errors import BadInput
from tests.audience.lists import added, counts, people, take
from tests.support.place import Place

pytestmark = pytest.mark.any_database

LIST = "name;email\r\nJörg Müller;jörg@example.org\r\nZoë;zoe@example.org\r\n"


@pytest.mark.parametrize(
    ("raw", "encoding"),
    [
        (LIST.encode("utf-8"), "utf-8"),
        (LIST.encode("utf-8-sig"), "utf-8"),
        (b"\xff\xfe" + LIST.encode("utf-16-le"), "utf-16-le"),
        (b"\xfe\xff" + LIST.encode("utf-16-be"), "utf-16-be"),
        (LIST.encode("utf-16-le"), "utf-16-le"),
        (LIST.encode("utf-16-be"), "utf-16-be"),
        (LIST.encode("cp1252"), "cp1252"),
    ],
)
def test_encodings_are_detected_and_said(place: Place, raw: bytes, encoding: str) -> None:
    report = take(place, raw)

    assert (report.encoding, report.separator, added(report)) == (encoding, ";", 2)
    assert people(place) == {"jörg@example.org": "active", "zoe@example.org": "active"}
    assert [note[:20] for note in report.notes] == (["read as Windows-1252"] if encoding == "cp1252" else [])


@pytest.mark.parametrize(
    ("text", "encoding"), [("email,name\nann@example.org,Łukasz\n", "cp1250"), ("email,名前\na@x.jp,表示\n", "shift_jis")]
)
def test_an_encoding_can_be_named(place: Place, text: str, encoding: str) -> None:
    assert added(take(place, text.encode(encoding), encoding=encoding)) == 1


def test_text_that_can_be_none_of_the_known_encodings_asks_for_its_name(place: Place) -> None:
    with pytest.raises(BadInput, match="--encoding shift_jis"):
        take(place, "email,名前\na@x.jp,ユーザー\n".encode("shift_jis"))


@pytest.mark.parametrize("encoding", ["klingon", "base64", "rot13"])
def test_an_unknown_encoding_is_refused(place: Place, encoding: str) -> None:
    with pytest.raises(BadInput, match=f"--encoding {encoding}"):
        take(place, "email\n", encoding=encoding)


def test_bytes_that_the_named_encoding_does_not_allow_are_said_before_anything_is_stored(place: Place) -> None:
    with pytest.raises(BadInput, match="is not ascii throughout"):
        take(place, "email,name\nann@example.org,Ann\nbob@example.org,Jörg\n", encoding="ascii")

    assert people(place) == {}


def test_single_bad_bytes_in_a_utf8_file_reject_their_lines_alone(place: Place) -> None:
    raw = "email,name,note\nann@example.org,Jörg Müller,\nbob@example.org,".encode() + b"B\xf6b,\ncy@example.org,Cy,\xf6\n"

    report = take(place, raw)

    assert people(place) == {"ann@example.org": "active", "cy@example.org": "active"}
    assert [(row.line, row.field, row.value) for row in report.rejects] == [(3, "name", "B?b")]


@pytest.mark.parametrize(
    ("text", "rejected", "kept"),
    [
        ('email,name\nann@example.org,"never closed\nbob@example.org,Bob\n', [2], 1),
        ('email,name\nann@example.org,Ann\n"bob@example.org,Bob\ncy@example.org,Cy', [3], 2),
        ('email,name\n"never closed', [2], 0),
    ],
)
def test_a_quote_that_is_never_closed_costs_its_line_alone(place: Place, text: str, rejected: list[int], kept: int) -> None:
    report = take(place, text)

    assert [row.line for row in report.rejects] == rejected
    assert added(report) == kept


def test_quoted_cells_may_hold_separators_quotes_and_line_ends(place: Place) -> None:
    report = take(place, 'email,name,note\nann@example.org,"Ann ""A"", Other","one\r\ntwo"\nwrong,Bob,\n')

    assert counts(report) == {"added": 1, "rejected": 1}
    assert report.rejects[0].line == 4


def test_a_line_without_an_end_is_rejected_and_the_next_is_read(place: Place) -> None:
    report = take(place, "email,note\nann@example.org," + "x" * 17_000_000 + "\nbob@example.org,\n")

    assert people(place) == {"bob@example.org": "active"}
    assert report.rejected == 1


def test_formulas_in_a_list_are_text(place: Place) -> None:
    report = take(place, "email,name\nann@example.org,=cmd|' /C calc'!A0\n'+tag@example.org,'@handle\n")

    assert added(report) == 2
    assert "+tag@example.org" in people(place)
