"""Files of people in other forms than one CSV file: NDJSON, archives, folders; and whose export a file is."""

import json
import os
import zipfile
from pathlib import Path

import pytest

from digest.audience.files import MAX_BYTES, lists_in
from digest.audience.importer import KEPT
from digest.errors import BadInput, NothingToDo
from digest.services import subscribers as subscriber_services
from digest.services.imports import Options, import_file, parts_of
from digest.services.lists import add
from digest.services.views.people import ImportView
from digest.store import subscribers
from tests.audience.lists import counts, people, take
from tests.support.place import Place
from tests.support.signups import with_topics

pytestmark = pytest.mark.any_database


def archive(path: Path, **members: str) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for name, text in members.items():
            made.writestr(f"{name}.csv", text)
    return path


def take_all(place: Place, path: Path, mlist: str = "") -> list[ImportView]:
    return [import_file(place.ctx, part) for part in parts_of(path, mlist)]


# --- NDJSON ----------------------------------------------------------------------------------


def test_objects_a_line_are_read_by_their_keys_whatever_the_file_is_called(place: Place) -> None:
    lines = [
        {"email": "ann@example.org", "name": "Ann", "language": "de", "subscribed": True},
        {"subscribed": False, "email": "left@example.org"},
        {"email": "bob@example.org", "tags": ["a", "b"], "subscribed": True, "age": 7, "name": None},
    ]

    report = take(place, "\n".join(map(json.dumps, lines)) + "\n\n", name="people.csv")

    assert (report.separator, counts(report)) == ("", {"added": 2, "left": 1})
    assert (report.unread, dict(report.other_tags)) == (("age",), {"a": 1, "b": 1})
    assert people(place) == {"ann@example.org": "active", "left@example.org": "unsubscribed", "bob@example.org": "active"}


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('{"email": "x@example.org"', "is not a JSON object"),
        ('["x@example.org"]', "is not a JSON object"),
        ('{"email": "x@example.org", "email": "y@example.org"}', "has the key 'email' twice"),
        ('{"email": ' + "[" * 100_000 + "]" * 100_000 + "}", "is not a JSON object"),
        ('{"email": "x@example.org", "name": "\\ud800"}', "holds bytes that are not UTF-8"),
        ('{"email": "x@example.org", "name": "a\\u0000b"}', "holds a NUL character"),
        ('{"name": "X"}', "is empty"),
    ],
)
def test_a_line_that_is_no_usable_object_is_rejected_alone(place: Place, line: str, reason: str) -> None:
    report = take(place, f'{{"email": "ann@example.org"}}\n{line}\n{{"email": "bob@example.org"}}\n')

    assert counts(report) == {"added": 2, "rejected": 1}
    assert [(row.line, row.reason) for row in report.rejects] == [(2, reason)]


def test_one_json_document_is_no_list_of_lines(place: Place) -> None:
    for text in ('[{"email": "ann@example.org"}]', '{\n  "email": "ann@example.org"\n}\n', '[\n{"email": "ann@example.org"}\n]'):
        with pytest.raises(BadInput, match="one object a line"):
            take(place, text)


def test_a_name_that_begins_like_a_formula_stays_as_it_is_in_json(place: Place) -> None:
    take(place, '{"email": "ann@example.org", "name": "\'=1+1"}\n')

    with place.ctx.db.read() as tx:
        assert subscribers.get(tx, "ann@example.org").name == "'=1+1"


# --- archives and folders --------------------------------------------------------------------

MAILCHIMP = "Email Address,First Name,Last Name,MEMBER_RATING,OPTIN_TIME,OPTIN_IP,CONFIRM_TIME,CONFIRM_IP,LEID,EUID,TAGS"


def line(address: str) -> str:
    return f"{address},Ann,Ash,2,2021-03-04 10:00:00,192.0.2.1,2021-03-04 10:01:00,192.0.2.2,1,2,VIP\n"


def test_the_files_of_an_archive_are_taken_by_their_names(place: Place) -> None:
    path = archive(
        place.folder / "audience.zip",
        cleaned_email_audience_export_1a=f"{MAILCHIMP}\n{line('bad@example.org')}",
        nonsubscribed_email_audience_export_1a=f"{MAILCHIMP}\n{line('never@example.org')}",
        subscribed_email_audience_export_1a=f"{MAILCHIMP}\n{line('ann@example.org')}",
        unsubscribed_email_audience_export_1a=f"{MAILCHIMP}\n{line('left@example.org')}",
    )

    reports = take_all(place, path, "readers")

    assert [(r.added, r.left, r.suppressed, r.not_subscribed, r.system) for r in reports] == [
        (0, 0, 1, 0, "Mailchimp"),
        (0, 0, 0, 1, "Mailchimp"),
        (1, 0, 0, 0, "Mailchimp"),
        (0, 1, 0, 0, "Mailchimp"),
    ]
    assert people(place) == {"bad@example.org": "never", "ann@example.org": "active", "left@example.org": "unsubscribed"}
    with place.ctx.db.read() as tx:
        [(tie, _)] = subscribers.subscriptions_of(tx, subscribers.get(tx, "ann@example.org").id)
    assert tie.evidence.endswith("joined 2021-03-04 10:00:00 from 192.0.2.1; confirmed 2021-03-04 10:01:00 from 192.0.2.2")


def test_files_that_a_mac_adds_to_an_archive_are_passed_by(place: Place) -> None:
    path = place.folder / "a.zip"
    with zipfile.ZipFile(path, "w") as made:
        made.writestr("lists/people.csv", "email\nann@example.org\n")
        made.writestr("__MACOSX/lists/._people.csv", b"\0\5\26\7")
        made.writestr("read me.pdf", b"%PDF")

    assert [str(file) for file in lists_in(path)] == [f"{path} (lists/people.csv)"]


def test_a_folder_has_a_file_a_list_in_either_format(place: Place) -> None:
    add(place.ctx, "weekly")
    (place.folder / "lists").mkdir()
    (place.folder / "lists" / "readers.csv").write_text("email\nann@example.org\n")
    (place.folder / "lists" / "weekly.ndjson").write_text('{"email": "bob@example.org"}\n')
    (place.folder / "lists" / "README.md").write_text("lists")

    reports = take_all(place, place.folder / "lists")

    assert [(report.list, report.format, report.added) for report in reports] == [("readers", "csv", 1), ("weekly", "ndjson", 1)]


def bomb(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("people.csv", b"email\n" + b"a" * 50_000_000)


def huge(path: Path) -> None:
    """A member that says it is larger than any list; written as a header alone."""
    archive(path, people="email\n")
    raw = bytearray(path.read_bytes())
    at = raw.index(b"PK\1\2")
    raw[at + 24 : at + 28] = (MAX_BYTES + 1).to_bytes(4, "little")
    path.write_bytes(raw)


def crowded(path: Path) -> None:
    archive(path, **{f"list{i}": "email\n" for i in range(101)})


def spreadsheet(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as made:
        made.writestr("[Content_Types].xml", "<Types/>")


def encrypted(path: Path) -> None:
    archive(path, people="email\nann@example.org\n")
    raw = bytearray(path.read_bytes())
    raw[6] |= 1
    raw[raw.index(b"PK\1\2") + 8] |= 1
    path.write_bytes(raw)


def damaged(path: Path) -> None:
    archive(path, people="email\n" + "".join(f"r{i}@example.org\n" for i in range(1_000)))
    raw = bytearray(path.read_bytes())
    raw[60:70] = b"\xff" * 10
    path.write_bytes(raw)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (bomb, "compressed more than 200-fold"),
        (huge, "larger than 500 MB"),
        (crowded, "an archive of lists may have 100"),
        (encrypted, "is encrypted"),
        (damaged, "cannot be unpacked"),
        (lambda path: archive(path), "holds no .csv file"),
        (lambda path: path.write_bytes(b"PK\5\6" + b"\0" * 10), "it is binary"),
        (spreadsheet, "is a spreadsheet"),
        (lambda path: os.mkfifo(path), "is not a regular file"),
        (lambda path: path.symlink_to("/dev/zero"), "is not a regular file"),
        (lambda path: path.symlink_to(path), "cannot be read"),
    ],
)
def test_what_is_no_list_is_refused_with_the_reason(place: Place, make: object, said: str) -> None:
    path = place.folder / "people.zip"
    make(path)  # type: ignore[operator]

    with pytest.raises(BadInput, match=said):
        take_all(place, path, "readers")
    assert people(place) == {}


def test_a_folder_without_lists_and_a_file_without_permission_are_said(place: Place) -> None:
    (place.folder / "empty").mkdir()
    with pytest.raises(NothingToDo, match="holds no"):
        lists_in(place.folder / "empty")
    with pytest.raises(BadInput, match="cannot be read"):
        lists_in(place.folder / "nowhere.csv")


# --- whose export it is ----------------------------------------------------------------------

HEADERS = {
    "listmonk": "uuid,email,name,attributes,status,created_at,updated_at",
    "Mailchimp": f"{MAILCHIMP},UNSUB_TIME",
    "Substack": "email,active_subscription,expiry,plan,email_disabled,created_at,first_payment_at",
    "Ghost": "id,email,name,note,subscribed_to_emails,complimentary_plan,stripe_customer_id,created_at,deleted_at,labels,tiers,gift_id",
    "Buttondown": "id,creation_date,email_address,notes,metadata,tags,referrer_url,type,source",
    "Keila": "Email,First name,Last name,Data,Status",
    "digest": "address,name,language,zone,list,state,since,evidence,left_at,suppressed,wanted,muted",
    "": "email,name,status",
}


@pytest.mark.parametrize("system", HEADERS)
def test_an_export_is_recognised_and_its_columns_are_explained(place: Place, system: str) -> None:
    report = take(place, HEADERS[system] + "\n")

    assert report.system == system
    assert bool(system) == any(note.startswith(f"an export of {system}: ") for note in report.notes)
    assert set(report.columns) | {name.partition(".")[0] for name in report.unread} == set(HEADERS[system].split(","))
    assert "address" in report.columns.values()


def test_what_somebody_pays_at_substack_says_nothing_of_the_subscription(place: Place) -> None:
    text = (
        "Email,Name,Stripe plan,Cancel date,Start date,Type,Emails received (6mo)\n"
        "ann@example.org,Ann,,,2024-01-01,Subscriber,5\nbob@example.org,Bob,yearly,2025-01-01,2024-01-01,Author,5\n"
    )

    assert counts(take(place, text)) == {"added": 2}


def test_a_language_among_listmonks_attributes_is_read_and_the_other_keys_are_named(place: Place) -> None:
    text = (
        f"{HEADERS['listmonk']}\n"
        'u,ann@example.org,Ann,"{""lang"": ""de"", ""timezone"": ""Europe/Berlin"", ""city"": ""Cork"", ""tags"": [1]}",enabled,x,x\n'
        "u,bob@example.org,Bob,{broken,enabled,x,x\n"
    )

    report = take(place, text)

    with place.ctx.db.read() as tx:
        ann = subscribers.get(tx, "ann@example.org")
    assert (ann.language, ann.zone) == ("de", "Europe/Berlin")
    assert counts(report) == {"added": 2}
    assert set(report.unread) == {"uuid", "updated_at", "attributes.city", "attributes.(not JSON)"}
    assert dict(report.other_tags) == {"1": 1}


TAGGED = {
    "listmonk": f"{HEADERS['listmonk']}\n" + 'u,@,A,"{""tags"": [""sport"", ""VIP""]}",enabled,x,x',
    "listmonk, topics": f"{HEADERS['listmonk']}\n" + 'u,@,A,"{""Topics"": ""sport, VIP""}",enabled,x,x',
    "Mailchimp": f"{MAILCHIMP}\n" + '@,A,B,2,2021-03-04 10:00:00,192.0.2.1,,,1,2,"""Sport"",""VIP"""',
    "Ghost": f"{HEADERS['Ghost']}\n" + '1,@,A,,true,false,,2025-01-01T00:00:00.000Z,,"SPORT,VIP",,',
    "Buttondown": f"{HEADERS['Buttondown']}\n" + '1,2025-01-01,@,,{},"sport, VIP",,regular,api',
    "Keila": f"{HEADERS['Keila']}\n" + '@,A,B,"{""tags"": [""Sport"", ""VIP""]}",active',
}


@pytest.mark.parametrize("system", TAGGED)
def test_tags_that_are_topics_become_wanted_and_the_others_are_named_with_their_count(place: Place, system: str) -> None:
    with_topics(place, "Sport", "Science")

    dry = take(place, TAGGED[system].replace("@", "ann@example.org"), dry_run=True)
    report = take(place, TAGGED[system].replace("@", "ann@example.org"))

    [tie] = subscriber_services.show(place.ctx, "ann@example.org").subscriptions
    assert (tie.wanted, tie.muted) == (("Sport",), ())
    assert (dict(report.topics), dict(report.other_tags)) == ({"Sport": 1}, {"VIP": 1})
    assert (dry.topics, dry.other_tags) == (report.topics, report.other_tags)


def test_tags_change_nothing_of_who_is_on_the_list(place: Place) -> None:
    with_topics(place, "Sport", "Science")
    place.readers("ann@example.org", "bob@example.org")
    subscriber_services.change(place.ctx, "bob@example.org", muted=["Sport"])

    take(place, "email,tags\nann@example.org,Sport\nbob@example.org,Science\ncy@example.org,\n")

    chosen = {a: subscriber_services.show(place.ctx, f"{a}@example.org").subscriptions[0] for a in ("ann", "bob", "cy")}
    assert {a: (tie.wanted, tie.muted) for a, tie in chosen.items()} == {"ann": ((), ()), "bob": ((), ("Sport",)), "cy": ((), ())}


def test_thousands_of_tags_reject_nobody(place: Place) -> None:
    many = ", ".join(f"t{n}" for n in range(15_000))
    report = take(place, f'email,tags\nann@example.org,"{many}"\nbob@example.org,"an ""odd, quote"\n')

    assert counts(report) == {"added": 2}
    assert len(report.other_tags) == KEPT


def test_columns_of_the_same_name_are_named(place: Place) -> None:
    report = take(place, "email,name,name\nann@example.org,,Ann\n")

    assert "has columns of the same name (name); of each the first that is not empty is read" in report.notes


def test_each_line_of_our_own_export_goes_to_the_list_that_it_names(place: Place) -> None:
    add(place.ctx, "weekly")
    path = place.folder / "all.csv"
    rows = "ann@example.org,,,,readers,active,2026-01-01,x,,\nbob@example.org,,,,weekly,active,2026-01-01,y,,\nwrong,,,,weekly,active,,,,\n"
    path.write_text(f"{HEADERS['digest']}\n{rows}cy@example.org,,,,,none,,,,\n")

    reports = take_all(place, path)

    assert [(r.list, r.lines, r.added, r.not_subscribed, r.rejected) for r in reports] == [
        ("readers", 2, 1, 1, 0),
        ("weekly", 2, 1, 0, 1),
    ]


def test_a_dry_run_leaves_the_archive_and_the_people_as_they_were(place: Place) -> None:
    path = archive(place.folder / "a.zip", people="email\nann@example.org\n")
    before = path.read_bytes()

    [part] = parts_of(path, "readers")

    assert import_file(place.ctx, part, Options(dry_run=True)).added == 1
    assert (path.read_bytes(), people(place)) == (before, {})
