"""A list comes in line by line: whole or rejected with the reason, and nobody who left comes back."""

import csv
import io
from pathlib import Path

import pytest

from digest.audience.exporter import write
from digest.audience.importer import Report, import_file, write_rejects
from digest.errors import BadInput, NotFound
from digest.model.states import SubscriptionState
from digest.model.subscriber import Suppression
from digest.model.tokens import address_hmac
from digest.store import subscribers
from tests.conftest import Place


def take(
    place: Place, text: str | bytes, *, mlist: str = "readers", dry_run: bool = False, columns: dict[str, str] | None = None
) -> Report:
    path = place.folder / "people.csv"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return import_file(
        place.ctx.db, path, mlist, columns=columns or {}, consent="", pepper="p" * 32, clock=place.clock, dry_run=dry_run
    )


def readers(place: Place) -> dict[str, str]:
    with place.ctx.db.read() as tx:
        return {person.address: tie.state.value if tie else "" for person, tie, _ in subscribers.each(tx)}


@pytest.mark.parametrize(
    "text",
    [
        "address,name\nann@example.org,Ann\n",
        "\ufeffaddress;name\r\nann@example.org;Ann\r\n",
        "Name\tE-Mail\nAnn\tann@example.org\n",
        'first name,last name,EMAIL\n"Ann",,ann@example.org\n\n',
    ],
)
def test_lists_of_many_makes_are_read(place: Place, text: str) -> None:
    assert take(place, text).added == 1
    with place.ctx.db.read() as tx:
        person = subscribers.get(tx, "ann@example.org")
        tie = subscribers.subscriptions_of(tx, person.id or 0)[0][0]
    assert person.name == "Ann"
    assert "people.csv, line 2, at 2026-03-03 06:00 UTC" in tie.evidence


def test_bad_lines_are_rejected_whole_with_number_field_and_reason(place: Place) -> None:
    text = (
        "address,name,zone\nann@example.org,Ann,\nnot an address,Bob,\n,Carl,\ndora@example.org,Dora,Mars/Base\neve@example.org,Eve,,extra\nfay@example.org,"
        + "x" * 2000
        + ",\n"
    )

    report = take(place, text)

    assert report.added == 1
    assert [(r.line, r.field) for r in report.rejected] == [(3, "address"), (4, "address"), (5, "zone"), (6, "line"), (7, "line")]
    assert all(r.reason for r in report.rejected)
    assert readers(place) == {"ann@example.org": "active"}


def test_rejected_lines_can_be_written_for_mending(place: Place) -> None:
    report = take(place, "address,name\nwrong,Bob\n")
    write_rejects(place.folder / "rejects.csv", report.rejected)

    rows = list(csv.reader((place.folder / "rejects.csv").read_text(encoding="utf-8").splitlines()))
    assert rows[1][:2] == ["2", "address"]
    assert rows[1][3:] == ["wrong", "Bob"]


def test_an_import_again_adds_nobody_and_one_address_in_two_spellings_is_one_person(place: Place) -> None:
    text = "address\nAnn@example.org\nann@EXAMPLE.org\n"

    first, second = take(place, text), take(place, text)

    assert (first.added, first.already) == (1, 1)
    assert (second.added, second.already) == (0, 2)


def test_who_left_stays_away_whatever_is_imported(place: Place) -> None:
    take(place, "address\nann@example.org\n")
    with place.ctx.db.begin() as tx:
        person = subscribers.get(tx, "ann@example.org")
        tie = subscribers.subscriptions_of(tx, person.id or 0)[0][0]
        subscribers.leave(tx, tie, at=place.clock())

    report = take(place, "address\nann@example.org\n")

    assert (report.added, report.left_before) == (0, 1)
    assert readers(place) == {"ann@example.org": SubscriptionState.UNSUBSCRIBED}


def test_a_suppressed_address_may_be_on_a_list_and_is_counted(place: Place) -> None:
    with place.ctx.db.begin() as tx:
        subscribers.suppress(
            tx, Suppression(address_hmac=address_hmac("ann@example.org", "p" * 32), reason="x", made_at=place.clock())
        )

    assert take(place, "address\nann@example.org\n").suppressed == 1


def test_a_dry_run_says_what_would_be_and_changes_nothing(place: Place) -> None:
    report = take(place, "address\nann@example.org\nwrong\n", dry_run=True)

    assert (report.added, len(report.rejected), report.import_id) == (1, 1, None)
    assert readers(place) == {}


def test_more_than_a_batch_comes_in_whole(place: Place) -> None:
    text = "address\n" + "".join(f"r{i}@example.org\n" for i in range(1203))

    assert take(place, text).added == 1203
    assert len(readers(place)) == 1203


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"", "no column of addresses"),
        (b"name,city\nAnn,Cork\n", "no column of addresses; its first line has 'name', 'city'"),
        (b"\x89PNG\r\n\x1a\n\0\0", "is not"),
        ("address\nj\xf6rg@example.org\n".encode("latin-1"), "is not UTF-8"),
    ],
)
def test_a_file_that_is_no_list_is_refused_before_anything_is_written(place: Place, text: bytes, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        take(place, text)

    assert readers(place) == {}


def test_a_column_of_another_name_is_mapped(place: Place) -> None:
    assert take(place, "Your mail,x\nann@example.org,1\n", columns={"Your mail": "address"}).added == 1


def test_an_unknown_list_names_those_there_are(place: Place) -> None:
    with pytest.raises(NotFound, match="there is no list nobody; there is readers"):
        take(place, "address\nann@example.org\n", mlist="nobody")


def test_an_import_can_be_taken_back(place: Place) -> None:
    take(place, "address\nold@example.org\n")
    report = take(place, "address\nold@example.org\nann@example.org\n")

    with place.ctx.db.begin() as tx:
        assert subscribers.undo_import(tx, subscribers.get_import(tx, report.import_id or 0), at=place.clock()) == 1
    assert readers(place) == {"old@example.org": "active"}


def test_an_export_is_what_import_reads_and_runs_nothing_in_a_spreadsheet(place: Place) -> None:
    take(place, "address,name\nann@example.org,=cmd|calc\n")
    out = io.StringIO()
    with place.ctx.db.read() as tx:
        assert write(subscribers.each(tx), out) == 1

    assert "'=cmd|calc" in out.getvalue()
    assert take(place, out.getvalue()).already == 1


def test_a_missing_file_is_named(place: Place) -> None:
    with pytest.raises(BadInput, match=r"none\.csv cannot be read"):
        import_file(place.ctx.db, Path("none.csv"), "readers", columns={}, consent="", pepper="p" * 32, clock=place.clock)
