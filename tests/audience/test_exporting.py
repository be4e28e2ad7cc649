"""An export has the chosen people, whole, in either format, and an import of it gives the same rows."""

import csv
import io
import itertools
import json
import os
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from digest.audience.exporter import Format
from digest.audience.files import ListFile
from digest.errors import BadInput, NotFound
from digest.services import lists, subscribers, suppressions
from digest.services.imports import Part, import_file
from digest.services.subscribers import Selection, export, export_to
from tests.audience.lists import take
from tests.support.place import Place

NUMBERS = itertools.count()


def exported(place: Place, form: Format = Format.CSV, **chosen: str) -> str:
    out = io.StringIO()
    export(place.ctx, out, Selection(**chosen), form)
    return out.getvalue()


def addresses(place: Place, **chosen: str) -> list[str]:
    return [row["address"] for row in csv.DictReader(io.StringIO(exported(place, **chosen)))]


@pytest.fixture
def people(place: Place) -> Place:
    lists.add(place.ctx, "weekly")
    take(place, "email,language\nann@example.org,pt-BR\nbob@sub.example.org,pt\n")
    take(place, "email,language,status\nbob@sub.example.org,pt,active\nleft@example.org,de,unsubscribed\n", mlist="weekly")
    place.clock.turn(days=2)
    take(place, "email\ncy@bücher.example\n")
    return place


@pytest.mark.parametrize(
    ("chosen", "found"),
    [
        ({}, ["ann@example.org", "bob@sub.example.org", "bob@sub.example.org", "left@example.org", "cy@bücher.example"]),
        ({"mlist": "weekly"}, ["bob@sub.example.org", "left@example.org"]),
        ({"state": "unsubscribed"}, ["left@example.org"]),
        ({"language": "pt", "mlist": "readers"}, ["ann@example.org", "bob@sub.example.org"]),
        ({"language": "Brazilian Portuguese"}, ["ann@example.org"]),
        ({"domain": "Example.org"}, ["ann@example.org", "left@example.org"]),
        ({"domain": "@bücher.example"}, ["cy@bücher.example"]),
        ({"since": "2026-03-04"}, ["cy@bücher.example"]),
        ({"until": "2026-03-03", "mlist": "readers"}, ["ann@example.org", "bob@sub.example.org"]),
        ({"until": "2026-03-03T07:00"}, []),
        (
            {"since": "2026-03-03T07:00", "until": "2026-03-03T07:01", "mlist": "weekly"},
            ["bob@sub.example.org", "left@example.org"],
        ),
    ],
)
def test_an_export_has_the_chosen_people(people: Place, chosen: dict[str, str], found: list[str]) -> None:
    assert addresses(people, **chosen) == found


@pytest.mark.parametrize(
    ("chosen", "said"),
    [({"since": "yesterday"}, "--since yesterday: write a day"), ({"domain": "a b"}, "--domain a b: write a domain")],
)
@pytest.mark.any_database
def test_a_choice_that_is_not_understood_is_named(place: Place, chosen: dict[str, str], said: str) -> None:
    with pytest.raises(BadInput, match=said):
        exported(place, **chosen)


@pytest.mark.any_database
def test_a_file_is_written_whole_or_not_at_all_and_is_its_owners_alone(place: Place) -> None:
    take(place, "email\nann@example.org\n")
    path = place.folder / "out.csv"
    path.write_text("yesterday's")

    with pytest.raises(NotFound):
        export_to(place.ctx, path, Selection(mlist="nobody"))
    assert path.read_text() == "yesterday's"
    assert export_to(place.ctx, path, Selection()) == 1

    assert path.stat().st_mode & 0o077 == 0
    assert "ann@example.org" in path.read_text(encoding="utf-8")
    assert [file.name for file in place.folder.iterdir() if ".part" in file.name] == []


@pytest.mark.any_database
def test_a_device_is_not_replaced_by_a_file(place: Place) -> None:
    os.mkfifo(place.folder / "pipe")

    with pytest.raises(BadInput, match="is not a regular file"):
        export_to(place.ctx, place.folder / "pipe", Selection())
    with pytest.raises(BadInput, match="cannot be written"):
        export_to(place.ctx, place.folder / "nowhere" / "out.csv", Selection())


TEXT = st.text(
    alphabet=st.one_of(st.sampled_from("='+-@\t\r\n\",; é"), st.characters(codec="utf-8", exclude_categories=["Cc", "Cf"])),
    max_size=9,
)
TOPICS = st.lists(TEXT.map(lambda text: " ".join(text.split())).filter(bool), max_size=2, unique=True)
PEOPLE = st.lists(
    st.tuples(
        TEXT,
        TEXT,
        st.sampled_from(["", "de", "pt-BR"]),
        st.sampled_from(["readers", "weekly"]),
        st.booleans(),
        st.booleans(),
        TOPICS,
        TOPICS,
    ),
    min_size=1,
    max_size=4,
)


@settings(max_examples=15, deadline=timedelta(seconds=20), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(people=PEOPLE, form=st.sampled_from(Format))
@pytest.mark.any_database
def test_an_import_of_an_export_gives_the_same_rows(place: Place, people: list[tuple[Any, ...]], form: Format) -> None:
    from digest.services import subscriptions

    run = next(NUMBERS)
    known = {line.address for line in subscribers.listed(place.ctx)}
    for address in known:
        subscribers.remove(place.ctx, address)
    for entry in suppressions.every(place.ctx):
        with place.ctx.db.begin() as tx:
            subscribers.subscribers.unsuppress(tx, entry.address_hmac)
    if run == 0:
        lists.add(place.ctx, "weekly")
    for number, (name, reason, language, mlist, left, never, wanted, muted) in enumerate(people):
        address = f"+p{run}.{number}@example.org"
        subscriptions.add(place.ctx, address, mlist=str(mlist), name=str(name), language=str(language), consent=str(reason))
        place.clock.turn(minutes=1)
        subscribers.change(place.ctx, address, mlist=str(mlist), wanted=wanted, muted=muted)
        if left:
            subscribers.change(place.ctx, address, leave=str(mlist))
        if never:
            suppressions.add(place.ctx, address, reason=str(reason))
    before = exported(place, form)
    for line in subscribers.listed(place.ctx):
        subscribers.remove(place.ctx, line.address)
    for entry in suppressions.every(place.ctx):
        with place.ctx.db.begin() as tx:
            subscribers.subscribers.unsuppress(tx, entry.address_hmac)
    path = place.folder / f"export{run}"
    path.write_text(before, encoding="utf-8", newline="")

    for mlist in ("readers", "weekly"):
        if f'"{mlist}"' in before or f",{mlist}," in before:
            report = import_file(place.ctx, Part(file=ListFile(path), mlist=mlist, own=True))
            assert report.rejects == ()

    order = (
        (lambda text: sorted(map(str, map(json.loads, text.splitlines()))))
        if form is Format.NDJSON
        else (lambda text: sorted(csv.reader(io.StringIO(text, newline=""))))
    )
    assert order(exported(place, form)) == order(before)
