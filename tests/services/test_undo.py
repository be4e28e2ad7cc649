"""An import is taken back as far as nobody has touched what it made, and a dry run leaves no trace."""

import hashlib

import pytest

from digest.errors import NotFound, NothingToDo
from digest.services import imports, lists, personal, subscribers, subscriptions, undo
from tests.audience.lists import counts, people, take
from tests.support.place import Place


def number(place: Place, text: str, mlist: str = "readers") -> int:
    """Import a file; return the import's number."""
    found = take(place, text, mlist=mlist).import_id
    assert found is not None
    return found


def everything(place: Place) -> list[list[tuple[object, ...]]]:
    """The rows of people and their subscriptions."""
    queries = (
        "SELECT id, address, name, language, zone, revision FROM subscriber ORDER BY id",
        "SELECT id, subscriber_id, mlist_id, state, evidence, active_at, left_at, revision FROM subscription ORDER BY id",
    )
    with place.ctx.db.read() as tx:
        return [[tuple(row) for row in tx.connection().exec_driver_sql(query)] for query in queries]


@pytest.fixture
def known(place: Place) -> Place:
    """A place with a reader without a name, one who waits, and one who is on no list."""
    place.readers("ann@example.org", "lone@example.org")
    take(place, "email,status\nwaits@example.org,pending\n")
    lists.add(place.ctx, "weekly")
    with place.ctx.db.begin() as tx:
        tie = subscribers.subscribers.subscriptions_of(tx, 2)[0][0]
        tx.delete(tie)
    return place


def test_everything_that_an_import_made_and_changed_is_as_it_was(known: Place) -> None:
    before = everything(known)
    done = number(
        known,
        "email,name,language\nann@example.org,Ann,de\nlone@example.org,,\nwaits@example.org,W,\nnew@example.org,New,\nnew@example.org,N,\n",
    )

    taken = undo.undo(known.ctx, done)

    assert (taken.removed, taken.restored, taken.kept) == (2, 3, {})
    assert everything(known) == before


def test_what_was_changed_since_stays_and_is_named(known: Place) -> None:
    done = number(
        known,
        "email,name\nann@example.org,Ann\nleft@example.org,\nnamed@example.org,Old\nback@example.org,\nother@example.org,\nfree@example.org,\n",
    )
    known.clock.turn(hours=1)
    subscribers.change(known.ctx, "ann@example.org", name="Ann Ash")
    subscribers.change(known.ctx, "left@example.org", leave="readers")
    subscribers.change(known.ctx, "named@example.org", name="New")
    tie = subscribers.show(known.ctx, "back@example.org").subscriptions[0].id
    subscriptions.unsubscribe(known.ctx, tie, by="reader")
    subscriptions.resume(known.ctx, tie)
    subscriptions.add(known.ctx, "other@example.org", mlist="weekly")

    plan = undo.plan(known.ctx, done)
    undone = undo.undo(known.ctx, done)

    assert plan == undone
    assert (undone.removed, undone.restored, undone.kept) == (3, 0, {"changed": 3})
    assert {(row.address, row.why) for row in undone.keeps} == {
        ("ann@example.org", "changed"),
        ("left@example.org", "changed"),
        ("back@example.org", "changed"),
    }
    assert people(known) == {
        "ann@example.org": "active",
        "lone@example.org": "",
        "waits@example.org": "pending",
        "left@example.org": "unsubscribed",
        "named@example.org": "",  # an admin corrected the name: the person stays, on no list
        "back@example.org": "active",
        "other@example.org": "active",
    }
    assert subscribers.show(known.ctx, "ann@example.org").name == "Ann Ash"


def test_who_has_been_mailed_since_stays(place: Place) -> None:
    done = number(place, "email\nann@example.org\n")
    place.drop("A harbour opens again", "A bridge closes", "The ferry is late")
    place.collect()
    place.send()
    later = number(place, "email\nbob@example.org\n")

    with pytest.raises(NothingToDo, match="kept: 1 mailed"):
        undo.undo(place.ctx, done)
    assert undo.undo(place.ctx, later).removed == 1
    assert people(place) == {"ann@example.org": "active"}


def test_who_arrived_as_left_or_suppressed_stays_so(place: Place) -> None:
    place.readers("reader@example.org")
    done = number(place, "email,status\nreader@example.org,unsubscribed\nbad@example.org,bounced\nann@example.org,active\n")

    undone = undo.undo(place.ctx, done)

    assert (undone.removed, undone.kept) == (1, {"left": 1})
    assert people(place) == {"reader@example.org": "unsubscribed", "bad@example.org": "never"}
    assert counts(take(place, "email\nreader@example.org\nbad@example.org\n")) == {"left_before": 1, "suppressed": 1}


def test_two_imports_are_taken_back_in_either_order(place: Place) -> None:
    lists.add(place.ctx, "weekly")
    for order in ((0, 1), (1, 0)):
        done = [number(place, "email,name\nann@example.org,\n"), number(place, "email,name\nann@example.org,Ann\n", "weekly")]
        for which in order:
            undo.undo(place.ctx, done[which])
        remaining = people(place)
        # Whoever was named by the second import was changed after the first, which therefore leaves the person.
        assert remaining in ({}, {"ann@example.org": ""})
        for address in remaining:
            subscribers.remove(place.ctx, address)


def test_an_import_is_undone_once_and_an_interrupted_undo_is_finished(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(undo, "BATCH", 2)
    done = number(place, "email\n" + "".join(f"r{i}@example.org\n" for i in range(7)))
    real, calls = undo._remove, []

    def stops(*args: object) -> int | None:
        calls.append(args)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return real(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(undo, "_remove", stops)
    with pytest.raises(KeyboardInterrupt):
        undo.undo(place.ctx, done)
    monkeypatch.setattr(undo, "_remove", real)
    assert len(people(place)) == 5

    assert undo.undo(place.ctx, done).removed == 5
    assert people(place) == {}
    with pytest.raises(NothingToDo, match="was undone already"):
        undo.undo(place.ctx, done)
    with pytest.raises(NotFound):
        undo.plan(place.ctx, 99)


def test_imports_are_listed_with_what_became_of_them(place: Place) -> None:
    first = number(place, "email,name\nann@example.org,\nwrong,\n")
    second = number(place, "email,name\nann@example.org,Ann\n")
    undo.undo(place.ctx, second)

    found = imports.listed(place.ctx)

    assert [(i.id, i.list, i.added, i.changed, i.rejected) for i in found] == [
        (second, "readers", 0, 1, 0),
        (first, "readers", 1, 0, 1),
    ]
    assert all(line.finished_at for line in found)
    assert [bool(line.undone_at) for line in found] == [True, False]


# --- names, and dry runs ---------------------------------------------------------------------


def test_an_import_fills_what_is_not_known_of_a_person_and_overwrites_nothing(place: Place) -> None:
    take(place, "email,name,language\nann@example.org,Ann,\nleft@example.org,,\n")
    subscribers.change(place.ctx, "left@example.org", leave="readers")

    report = take(
        place, "email,name,language,zone\nann@example.org,Other,de,utc\nann@example.org,,fr,\nleft@example.org,Left,,\n"
    )

    assert counts(report) == {"already": 1, "changed": 1, "left_before": 1}
    ann, left = (subscribers.show(place.ctx, f"{name}@example.org") for name in ("ann", "left"))
    assert (ann.name, ann.language, ann.zone, left.name) == ("Ann", "de", "UTC", "")


@pytest.mark.file_only
def test_a_dry_run_gives_the_counts_of_the_real_run_and_leaves_the_database_file_as_it_is(place: Place) -> None:
    take(place, "email,name\nann@example.org,\nbob@example.org,Bob\n")
    lines = [f"r{i % 7_000}@example.org,N{i}" for i in range(9_000)] + ["ann@example.org,Ann", "bob@example.org,B", "wrong,"]
    text = "email,name\n" + "\n".join([*lines, *lines]) + "\n"
    file = place.ctx.db.file
    assert file is not None
    take(place, "email\nann@example.org\n")  # so that nothing waits to be written home
    before = hashlib.sha256(file.read_bytes()).hexdigest()

    dry = take(place, text, dry_run=True)

    assert hashlib.sha256(file.read_bytes()).hexdigest() == before
    assert counts(dry) == counts(take(place, text)) == {"added": 7_000, "already": 11_003, "changed": 1, "rejected": 2}


def test_the_former_values_of_a_person_are_shown_to_them_and_go_with_them(place: Place) -> None:
    take(place, "email\nann@example.org\n")
    number(place, "email,name\nann@example.org,Ann\n")

    [change] = personal.export(place.ctx, "ann@example.org").changes
    personal.erase(place.ctx, "ann@example.org")

    assert (change.subscription_id, change.before) == (None, {"name": ""})
    with place.ctx.db.read() as tx:
        assert tx.connection().exec_driver_sql("SELECT count(*) FROM import_change").scalar() == 0
