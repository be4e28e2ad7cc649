"""A list comes in line by line: whole or rejected with the reason, and nobody who left comes back."""

import csv
import io
import itertools
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from digest.audience.exporter import with_guard, without_guard, write
from digest.audience.importer import Outcome, decide
from digest.audience.standing import Standing
from digest.errors import BadInput, NotFound
from digest.model.states import SubscriptionState
from digest.model.subscriber import Suppression
from digest.model.tokens import address_hmac
from digest.services import undo
from digest.store import exports, subscribers
from tests.audience.lists import PEPPER, added, counts, import_list, people, take
from tests.support.place import Place


def exported(place: Place, mlist: str = "") -> str:
    out = io.StringIO()
    with place.ctx.db.read() as tx:
        write(exports.exported(tx, exports.Filter(mlist_id=subscribers.get_list(tx, mlist).id if mlist else None)), out)
    return out.getvalue()


def leave(place: Place, key: str) -> None:
    with place.ctx.db.begin() as tx:
        person = subscribers.get(tx, key)
        subscribers.leave(tx, subscribers.subscriptions_of(tx, person.id)[0][0], at=place.clock())


def forget(place: Place, key: str) -> None:
    with place.ctx.db.begin() as tx:
        subscribers.remove(tx, subscribers.get(tx, key), at=place.clock())


def suppress(place: Place, key: str) -> None:
    with place.ctx.db.begin() as tx:
        subscribers.suppress(
            tx, Suppression(address_hmac=address_hmac(key, PEPPER), address=key, reason="550 no", made_at=place.clock())
        )


# --- lines -----------------------------------------------------------------------------------


def test_a_line_becomes_an_active_subscription_with_its_evidence(place: Place) -> None:
    assert added(take(place, "address,name\nann@example.org,Ann\n")) == 1

    with place.ctx.db.read() as tx:
        person = subscribers.get(tx, "ann@example.org")
        tie = subscribers.subscriptions_of(tx, person.id)[0][0]
    assert (person.name, tie.state) == ("Ann", SubscriptionState.ACTIVE)
    assert "people.csv, line 2, at 2026-03-03 06:00 UTC" in tie.evidence


def test_bad_lines_are_rejected_whole_with_number_field_value_and_reason(place: Place) -> None:
    text = (
        "address,name,zone,language\n"
        "ann@example.org,Ann,,\n"
        "not an address,Bob,,\n"
        ",Carl,,\n"
        "dora@example.org,Dora,Mars/Base,\n"
        "eve@example.org,Eve,,,extra\n"
        f"fay@example.org,{'x' * 2000},,\n"
        "gil@example.org,Gil,,klingon\n"
        "hal@example.org,Ha\0l,,\n"
    )

    report = take(place, text)

    assert added(report) == 1
    assert [(r.line, r.field, r.value) for r in report.rejects] == [
        (3, "address", "not an address"),
        (4, "address", ""),
        (5, "zone", "Mars/Base"),
        (6, "line", ""),
        (7, "name", "x" * 20 + "…"),
        (8, "language", "klingon"),
        (9, "name", "Ha\\0l"),
    ]
    assert all(r.reason for r in report.rejects)
    assert people(place) == {"ann@example.org": "active"}


def test_long_cells_in_columns_that_nobody_reads_reject_nobody(place: Place) -> None:
    report = take(place, f"Email,NOTES\nann@example.org,{'x' * 100_000}\nbob@example.org,\0\n")

    assert (added(report), report.unread) == (2, ("NOTES",))


@pytest.mark.parametrize("size", [131_073, 10_000_000, 13_000_000])
def test_an_enormous_cell_rejects_its_line_and_not_the_file(place: Place, size: int) -> None:
    report = take(place, f"Email,NOTES\nann@example.org,\nbig@example.org,{'x' * size}\nbob@example.org,\n")

    assert people(place) == {"ann@example.org": "active", "bob@example.org": "active"}
    assert [row.line for row in report.rejects] == [3]


@pytest.mark.parametrize(
    ("cell", "address", "name"),
    [
        ("Zoë <zoe@example.org>", "zoe@example.org", "Zoë"),
        ('"""Doe, Jane"" <jane@example.org>"', "jane@example.org", "Doe, Jane"),
        ("mailto:ann%2Bnews@example.org?subject=x", "ann+news@example.org", ""),
        ("<ann@example.org>;", "ann@example.org", ""),
        ("ann@example.org ::: home@example.org", "ann@example.org", ""),
        ("a..b@docomo.ne.jp", "a..b@docomo.ne.jp", ""),
        ("taro.@ezweb.ne.jp", "taro.@ezweb.ne.jp", ""),
    ],
)
def test_addresses_are_taken_as_people_write_them(place: Place, cell: str, address: str, name: str) -> None:
    take(place, f"Email\n{cell}\n")

    with place.ctx.db.read() as tx:
        [(person, _, _)] = subscribers.each(tx)
    assert (person.address, person.name) == (address, name)


def test_zones_and_languages_are_read_in_any_case_and_by_name(place: Place) -> None:
    take(
        place,
        "email,zone,language\na@x.org,europe/BERLIN,EN\nb@x.org,America/New York,pt_br\nc@x.org,,German\nd@x.org,utc,français\n",
    )

    with place.ctx.db.read() as tx:
        found = [(p.zone, p.language) for p, _, _ in subscribers.each(tx)]
    assert found == [("Europe/Berlin", "en"), ("America/New_York", "pt-BR"), ("", "de"), ("UTC", "fr")]


def test_addresses_that_look_mistyped_are_imported_with_a_warning(place: Place) -> None:
    report = take(place, "email\nann@gmial.com\nbob@gmail.com\nzoe@mail.com\n")

    assert added(report) == 3
    assert [(doubt.line, doubt.text) for doubt in report.doubts] == [(2, "ann@gmial.com looks mistyped; is it gmail.com?")]


def test_an_imported_row_is_stored_as_one_that_was_added_by_hand(place: Place) -> None:
    take(place, "email,status\nann@example.org,active\nleft@example.org,left\n")
    place.readers("bob@example.org")

    with place.ctx.db.read() as tx:
        rows = tx.connection().exec_driver_sql(
            "SELECT s.made_at, t.made_at, t.active_at, t.left_at, t.state FROM subscription t JOIN subscriber s ON s.id = t.subscriber_id ORDER BY s.id"
        )
        ann, left, bob = ([str(value) for value in row] for row in rows)
    assert ann == bob
    assert left == [ann[0], ann[1], "None", ann[0], "unsubscribed"]


# --- columns ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "address,name\nann@example.org,Ann\n",
        "\ufeffaddress;name\r\nann@example.org;Ann\r\n",
        "Name\tE-Mail\nAnn\tann@example.org\n",
        'first name,last name,EMAIL\n"Ann",,ann@example.org\n\n',
        "email_address|FNAME\nann@example.org|Ann\n",
        "First Name,E-mail Address,E-mail 2 Address\nAnn,ann@example.org,other@example.org\n",
        "First Name,E-mail 1 - Label,E-mail 1 - Value,E-mail 2 - Value\nAnn,Home,,ann@example.org\n",
        "Address,City,Email\n1 Pier Rd,Hull,Ann <ann@example.org>\n",
        "E-Mail-Adresse;Vorname\nann@example.org;Ann\n",
        "Adresse e-mail;Prénom\nann@example.org;Ann\n",
        "メールアドレス,お名前\nann@example.org,Ann\n",
        "emailAddress,firstName\nann@example.org,Ann\n",
        "Email (required),Email,Name\n,ann@example.org,Ann\n",
        "sep=;\nEmail;Name\nann@example.org;Ann\n",
        '"sep=|"\r\nEmail|Name\r\nann@example.org|Ann\r\n',
        '"Name, as printed";Email;Name\n;ann@example.org;Ann\n',
        'Email,"Name; first",name\nann@example.org,,Ann\n',
        "Name, given;Email;First name\nx;ann@example.org;Ann\n",
        "\n\nEmail,Name\nann@example.org,Ann\n",
        "Email,Name\rann@example.org,Ann\r",
        "Email,Name\r\nann@example.org,Ann\n\r",
        "ann@example.org,x\n",
    ],
)
def test_lists_of_many_makes_are_read(place: Place, text: str) -> None:
    assert counts(take(place, text)) == {"added": 1}
    with place.ctx.db.read() as tx:
        person = subscribers.get(tx, "ann@example.org")
    assert person.name == ("" if text.startswith("ann@") else "Ann")


@pytest.mark.parametrize(
    ("header", "cells", "name"),
    [
        ("email,Name,Last name", "a@x.org,Ann,Other", "Ann Other"),
        ("email,Name,Last name", "a@x.org,Ann Other,Other", "Ann Other"),
        ("email,Name,First Name,Last name", "a@x.org,Dr Ann Other,Ann,Other", "Dr Ann Other"),
        ("email,First Name,Last Name,Nickname", "a@x.org,Ann,Other,Annie", "Ann Other"),
        ("email,nom,prénom", "a@x.org,Petit,Zoé", "Zoé Petit"),
    ],
)
def test_names_are_put_together_as_their_columns_mean(place: Place, header: str, cells: str, name: str) -> None:
    take(place, f"{header}\n{cells}\n")

    with place.ctx.db.read() as tx:
        assert subscribers.get(tx, "a@x.org").name == name


def test_a_column_of_another_name_is_mapped_and_one_can_be_ignored(place: Place) -> None:
    text = "Your mail;Status\nann@example.org;Gold\n"

    assert [r.value for r in take(place, text, columns={"Your mail": "address"}).rejects] == ["Gold"]
    assert added(take(place, text, columns={"your mail": "address", "Status": "ignore"})) == 1


def test_the_columns_that_nobody_reads_are_named(place: Place) -> None:
    report = take(place, "Email,Notes,State,Street\nann@example.org,x,Ohio,1 Pier Rd\n")

    assert (report.unread, counts(report)) == (("Notes", "Street", "State"), {"added": 1})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"", "no column of addresses"),
        (b"name,city\nAnn,Cork\n", "no column of addresses; its first line has 'name', 'city'"),
        (b"\x89PNG\r\n\x1a\n\0\0", "PNG|is not|neither"),
        (b"PK\x03\x04whatever", "is a spreadsheet"),
    ],
)
def test_a_file_that_is_no_list_is_refused_before_anything_is_written(place: Place, text: bytes, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        take(place, text)

    assert people(place) == {}


def test_a_missing_file_and_an_unknown_list_are_named(place: Place) -> None:
    with pytest.raises(BadInput, match=r"none\.csv cannot be read"):
        import_list(place, Path("none.csv"))
    with pytest.raises(NotFound, match="there is no list nobody; there is readers"):
        take(place, "address\nann@example.org\n", mlist="nobody")


# --- again, and back -------------------------------------------------------------------------


def test_an_import_again_adds_nobody_and_one_address_in_two_spellings_is_one_person(place: Place) -> None:
    text = "address\nAnn@example.org\nann@EXAMPLE.org\n"

    first, second = take(place, text), take(place, text)

    assert (counts(first), counts(second)) == ({"added": 1, "already": 1}, {"already": 2})


def test_who_left_stays_away_whatever_is_imported(place: Place) -> None:
    take(place, "address\nann@example.org\n")
    leave(place, "ann@example.org")

    assert counts(take(place, "address,status\nann@example.org,active\n")) == {"left_before": 1}
    assert people(place) == {"ann@example.org": "unsubscribed"}


def test_a_suppressed_address_is_not_brought_back(place: Place) -> None:
    suppress(place, "ann@example.org")

    assert counts(take(place, "address\nann@example.org\n")) == {"suppressed": 1}
    assert people(place) == {}


def test_of_a_removed_person_who_had_left_only_a_hash_stays_and_keeps_them_away(place: Place) -> None:
    take(place, "address\nann@example.org\n")
    leave(place, "ann@example.org")
    forget(place, "ann@example.org")

    for text in (
        "address\nann@example.org\n",
        "address,status\nann@example.org,unsubscribed\n",
        "address,status\nann@example.org,bounced\n",
    ):
        assert counts(take(place, text)) == {"suppressed": 1}
    assert people(place) == {}
    with place.ctx.db.read() as tx:
        assert "ann" not in repr(subscribers.suppressions(tx))


def test_removing_a_suppressed_person_erases_the_plain_address(place: Place) -> None:
    take(place, "address\nann@example.org\n")
    suppress(place, "ann@example.org")
    forget(place, "ann@example.org")

    with place.ctx.db.read() as tx:
        [entry] = subscribers.suppressions(tx)
    assert (entry.address, entry.reason) == (None, "550 no")


def test_a_person_who_never_left_may_be_removed_and_added_again(place: Place) -> None:
    take(place, "address\nann@example.org\n")
    forget(place, "ann@example.org")

    assert added(take(place, "address\nann@example.org\n")) == 1


def test_more_than_a_batch_comes_in_whole(place: Place) -> None:
    text = "address\n" + "".join(f"r{i}@example.org\n" for i in range(12_003)) + "r1@example.org\nwrong\n"

    report = take(place, text)

    assert counts(report) == {"added": 12_003, "already": 1, "rejected": 1}
    assert len(people(place)) == 12_003


def test_an_import_can_be_taken_back_and_who_arrived_as_left_stays_so(place: Place) -> None:
    take(place, "address\nold@example.org\n")
    report = take(
        place, "address,status\nold@example.org,active\nann@example.org,active\nbob@example.org,pending\ncy@example.org,left\n"
    )

    undone = undo.undo(place.ctx, report.import_id or 0)

    assert (undone.removed, undone.kept) == (2, {"left": 1})
    assert people(place) == {"old@example.org": "active", "cy@example.org": "unsubscribed"}


def test_rejected_lines_can_be_mended_and_imported_again(place: Place) -> None:
    with (place.folder / "rejects.csv").open("w", encoding="utf-8", newline="") as file:
        take(place, "address,name\nwrong,=1+1\nann@example.org,Ann\n", rejects=file)

    text = (place.folder / "rejects.csv").read_text(encoding="utf-8")
    header, row = csv.reader(text.splitlines())
    assert header == ["line", "field", "reason", "address", "name"]
    assert (row[:2], row[3:]) == (["2", "address"], ["wrong", "'=1+1"])
    assert added(take(place, text.replace(",wrong,", ",bob@example.org,"))) == 1


# --- dry runs --------------------------------------------------------------------------------


def test_a_dry_run_says_what_would_be_and_changes_nothing(place: Place) -> None:
    take(place, "address\nold@example.org\ngone@example.org\n")
    leave(place, "gone@example.org")
    suppress(place, "never@example.org")
    before = people(place)
    lines = ["new@example.org,", "new@example.org,", "old@example.org,", "gone@example.org,", "never@example.org,"]
    lines += ["left@example.org,unsubscribed", "left@example.org,active", "bad@example.org,bounced", "bad@example.org,active"]
    text = "address,status\n" + "\n".join(line if line[-1] != "," else line + "active" for line in lines) + "\nwrong,active\n"

    dry = take(place, text, dry_run=True)

    assert people(place) == before
    assert dry.import_id is None
    assert counts(dry) == counts(take(place, text))


def test_a_dry_run_knows_what_earlier_batches_would_have_made(place: Place) -> None:
    text = "address,status\n" + "".join(f"r{i}@example.org,{('active', 'left', 'bounced')[i % 3]}\n" for i in range(6_000)) * 2

    dry = take(place, text, dry_run=True)

    assert counts(dry) == counts(take(place, text))
    assert dry.counts[Outcome.ADDED] == 2_000


def test_a_dry_run_opens_no_writing_transaction(place: Place) -> None:
    with place.ctx.db.begin():  # who writes holds the lock; a second writer would wait for it
        assert added(take(place, "address\nann@example.org\n", dry_run=True)) == 1


# --- export and import -----------------------------------------------------------------------


@given(cell=st.text(alphabet="'=+-@\t\rab", max_size=5))
def test_the_guard_against_formulas_can_be_taken_off(cell: str) -> None:
    guarded = with_guard(cell)

    assert guarded[:1] not in ("=", "+", "-", "@", "\t", "\r")
    assert without_guard(guarded) == cell


def test_an_export_imported_elsewhere_gives_the_same_people(place: Place) -> None:
    people_csv = (
        "email,name,zone,language\n-dash@example.org,=Sum,europe/berlin,de\n+tag@example.org,@handle,,\n"
        'plain@example.org,"O""Hara, Ann",,\nquote@example.org,\'=x,,\njörg@bücher.example,Jörg,,ko\n'
        "left@example.org,L,,\nbad@example.org,B,,\n"
    )
    take(place, people_csv)
    leave(place, "left@example.org")
    suppress(place, "bad@example.org")
    before, everybody = exported(place, "readers"), people(place)
    with place.ctx.db.begin() as tx:
        subscribers.add_list(tx, subscribers.MailingList(name="elsewhere", made_at=place.clock()))
        for entry in subscribers.suppressions(tx):
            subscribers.unsuppress(tx, entry.address_hmac)
    for key in [row[0].address_key for row in _everybody(place)]:
        forget(place, key)
        with place.ctx.db.begin() as tx:
            subscribers.unsuppress(tx, address_hmac(key, PEPPER))
    place.clock.turn(days=1)

    report = take(place, before, name="export.csv", mlist="elsewhere")

    assert counts(report) == {"added": 5, "left": 1, "suppressed": 1}
    assert people(place) == everybody
    assert exported(place) == before.replace(",readers,", ",elsewhere,")


def _everybody(place: Place) -> list[tuple[subscribers.Subscriber, object, str]]:
    with place.ctx.db.read() as tx:
        return list(subscribers.each(tx))


def test_a_person_on_no_list_is_exported_as_such_and_not_subscribed_by_it(place: Place) -> None:
    report = take(place, "address\nann@example.org\n")
    with place.ctx.db.begin() as tx:
        [(_, tie, _)] = subscribers.each(tx)
        tx.delete(tx.merge(tie))

    assert report.import_id
    assert counts(take(place, exported(place), name="export.csv")) == {"not_subscribed": 1}


# --- the law ---------------------------------------------------------------------------------

EXAMPLES = itertools.count()
GONE = (Standing.LEFT, Standing.SUPPRESSED)
WORDS = {
    Standing.ACTIVE: "active",
    Standing.PENDING: "pending",
    Standing.NEVER: "nonsubscribed",
    Standing.LEFT: "unsubscribed",
    Standing.SUPPRESSED: "bounced",
}


@given(st.lists(st.sampled_from(Standing), max_size=8), st.booleans())
def test_who_left_or_bounced_anywhere_is_never_active_in_whatever_order(lines: list[Standing], suppressed: bool) -> None:
    state: SubscriptionState | None = None
    for standing in lines:
        outcome, state = decide(standing, state, suppressed=suppressed)
        suppressed = suppressed or outcome is Outcome.SUPPRESSED

    if set(GONE) & set(lines) or suppressed:
        assert suppressed or state is SubscriptionState.UNSUBSCRIBED
    if Standing.ACTIVE not in lines:
        assert state is not SubscriptionState.ACTIVE


@settings(max_examples=12, deadline=timedelta(seconds=20), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(st.tuples(st.integers(0, 3), st.sampled_from(Standing)), max_size=6), max_size=3))
def test_imported_files_obey_the_law_and_count_every_line_once(place: Place, files: list[list[tuple[int, Standing]]]) -> None:
    number = next(EXAMPLES)  # all examples share one place, and none must meet the people of another
    said: dict[str, set[Standing]] = {}
    for lines in files:
        text = "email,status\n" + "".join(f"p{who}.{number}@example.org,{WORDS[standing]}\n" for who, standing in lines)
        report = take(place, text)
        assert sum(report.counts.values()) + report.rejected == report.lines == len(lines)
        for who, standing in lines:
            said.setdefault(f"p{who}.{number}@example.org", set()).add(standing)

    found = people(place)
    for address, standings in said.items():
        expected = "active" if Standing.ACTIVE in standings else "pending" if Standing.PENDING in standings else ""
        expected = "unsubscribed" if Standing.LEFT in standings else expected
        expected = "never" if Standing.SUPPRESSED in standings else expected
        assert found.get(address, "") == expected
