"""A sync makes lists what their files say, trusts no damaged file, and brings nobody back who left."""

import contextlib
from pathlib import Path
from zipfile import ZipFile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from digest.errors import BadInput, NothingToDo
from digest.model.signup import How
from digest.services import lists, signup, subscribers, subscriptions, sync, undo
from digest.services.views.people import SyncFile, SyncView
from tests.audience.lists import people
from tests.support.place import Place
from tests.support.signups import Post, ask, by, code_in, opened


def files(place: Place, **texts: str) -> Path:
    """A folder with a file for each list."""
    folder = place.folder / "lists"
    folder.mkdir(exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    for name, text in texts.items():
        (folder / f"{name}.csv").write_text(text)
    return folder


def synced(place: Place, *, force: bool = False, **texts: str) -> SyncView:
    place.clock.turn(minutes=1)
    return sync.sync(place.ctx, sync.plan(place.ctx, files(place, **texts), force=force))


def csv(*names: str) -> str:
    return "email\n" + "".join(f"{name}@example.org\n" for name in names)


def figures(file: SyncFile) -> tuple[int, int, int, int]:
    return file.added, file.changed, file.taken_off, file.already


FOUR = ("ann", "bob", "cy", "dee")


def test_a_list_is_made_what_its_file_says_and_again_there_is_nothing_to_do(place: Place) -> None:
    synced(place, readers=csv(*FOUR, "eve"))

    [file] = synced(
        place, readers="email,name\nann@example.org,Ann\nbob@example.org,\ncy@example.org,\nnew@example.org,\neve@example.org,\n"
    ).files

    assert figures(file) == (1, 1, 1, 3)
    assert people(place) == {f"{name}@example.org": "active" for name in ("ann", "bob", "cy", "eve", "new")} | {
        "dee@example.org": "unsubscribed"
    }
    with pytest.raises(NothingToDo):
        sync.sync(place.ctx, sync.plan(place.ctx, place.folder / "lists"))


def test_a_plan_changes_nothing_and_has_the_figures_of_the_sync(place: Place) -> None:
    synced(place, readers=csv(*FOUR, "eve"))
    before = people(place)

    planned = sync.plan(place.ctx, files(place, readers=csv(*FOUR, "new")))

    assert people(place) == before
    assert figures(planned.view.files[0]) == figures(sync.sync(place.ctx, planned).files[0]) == (1, 0, 1, 4)


def test_whose_line_was_gone_comes_back_with_it_unless_they_left(place: Place) -> None:
    synced(place, readers=csv(*FOUR, "eve", "fay", "gus", "hal"))
    subscribers.change(place.ctx, "eve@example.org", leave="readers")
    synced(place, readers=csv(*FOUR, "gus", "hal"))
    assert people(place)["fay@example.org"] == "unsubscribed"

    [file] = synced(place, readers=csv(*FOUR, "eve", "fay", "gus", "hal")).files

    assert figures(file) == (1, 0, 0, 6)
    assert file.left_before == 1
    assert people(place)["fay@example.org"] == "active"
    assert people(place)["eve@example.org"] == "unsubscribed"


def test_who_was_taken_off_and_then_left_does_not_come_back(place: Place) -> None:
    synced(place, readers=csv(*FOUR))
    synced(place, readers=csv(*FOUR[1:]))
    tie = subscribers.show(place.ctx, "ann@example.org").subscriptions[0].id
    subscriptions.resume(place.ctx, tie)
    subscriptions.unsubscribe(place.ctx, tie, by="reader")

    assert synced(place, readers=csv(*FOUR, "new")).files[0].left_before == 1
    assert people(place)["ann@example.org"] == "unsubscribed"


@pytest.mark.parametrize(
    ("names", "refused"),
    [((), True), (("ann", "bob"), True), (("ann", "bob", "cy"), False), ((*FOUR, "new"), False)],
)
def test_a_sync_takes_off_no_more_than_a_quarter_without_force(place: Place, names: tuple[str, ...], refused: bool) -> None:
    synced(place, readers=csv(*FOUR))

    [file] = sync.plan(place.ctx, files(place, readers=csv(*names))).view.files

    assert bool(file.problem) == refused
    if refused:
        assert synced(place, readers=csv(*names)).files[0].problem
        assert set(people(place).values()) == {"active"}
        assert synced(place, readers=csv(*names), force=True).files[0].taken_off == 4 - len(names)


def test_a_missing_file_leaves_its_list_and_a_damaged_one_does_nothing(place: Place) -> None:
    lists.add(place.ctx, "weekly")
    synced(place, readers=csv(*FOUR), weekly=csv(*FOUR))
    before = people(place)

    missing = sync.plan(place.ctx, files(place, weekly=csv(*FOUR))).view
    empty = sync.plan(place.ctx, files(place, readers="", weekly=csv(*FOUR, "new"))).view
    damaged = synced(place, readers=csv("ann", "bob", "cy") + "wrong\n", weekly=csv(*FOUR, "new"))

    assert (missing.without_file, missing.files[0].moves) == (("readers",), 0)
    assert "no column of addresses" in empty.files[0].problem
    assert (damaged.files[0].problem, damaged.files[0].rejects[0].line) == ("1 lines cannot be read; correct them first", 5)
    assert damaged.files[1].added == 1
    assert people(place) == {**before, "new@example.org": "active"}


def test_a_file_without_a_list_and_a_folder_without_files_are_said(place: Place) -> None:
    planned = sync.plan(place.ctx, files(place, nobody=csv("ann")))

    assert "there is no list nobody" in planned.view.files[0].problem
    with pytest.raises(NothingToDo, match="holds no"):
        sync.plan(place.ctx, files(place))
    with pytest.raises(BadInput, match="is not a folder"):
        sync.plan(place.ctx, place.folder / "none")


def test_an_archive_with_one_file_is_the_list_that_it_is_named_after(place: Place) -> None:
    folder = files(place)
    with ZipFile(folder / "readers.zip", "w") as archive:
        archive.writestr("export/members.csv", csv(*FOUR))

    done = sync.sync(place.ctx, sync.plan(place.ctx, folder))
    with ZipFile(folder / "readers.zip", "w") as archive:
        archive.writestr("export/members.csv", csv(*FOUR[:-1], "eve"))
    place.clock.turn(minutes=1)
    again = sync.sync(place.ctx, sync.plan(place.ctx, folder))

    assert (done.files[0].list, done.files[0].added) == ("readers", 4)
    assert figures(again.files[0]) == (1, 0, 1, 3)


def test_an_archive_with_several_files_is_refused_by_name(place: Place) -> None:
    folder = files(place, readers=csv("ann"))
    with ZipFile(folder / "more.zip", "w") as archive:
        archive.writestr("subscribed.csv", csv("bob"))
        archive.writestr("cleaned.csv", csv("cy"))

    with pytest.raises(BadInput, match=r"several files for the list more \(subscribed.csv, cleaned.csv\)"):
        sync.plan(place.ctx, folder)
    assert people(place) == {}


def test_the_sample_of_a_list_is_nobodys_list_and_is_named(place: Place) -> None:
    with_a_list = sync.plan(place.ctx, files(place, readers=csv("ann"), example=csv("bob"))).view

    assert [file.list for file in with_a_list.files] == ["readers"]
    assert with_a_list.passed_by == ("example.csv",)
    with pytest.raises(NothingToDo, match=r"holds no .csv file but the sample example.csv"):
        sync.plan(place.ctx, files(place, example=csv("bob")))


def test_two_files_for_one_list_are_refused(place: Place) -> None:
    folder = files(place, readers=csv("ann"))
    (folder / "readers.ndjson").write_text('{"email": "bob@example.org"}\n')

    with pytest.raises(BadInput, match="several files for the list readers"):
        sync.plan(place.ctx, folder)


def test_who_asked_for_the_list_themselves_stays_without_a_line(place: Place) -> None:
    synced(place, readers=csv(*FOUR, "hand"))
    opened(place)
    post = Post(place)
    token = ask(place, "web@example.org")
    signup.confirm_by_code(place.ctx, token, code_in(post.send()[0]), by(How.CODE))

    [file] = synced(place, readers=csv(*FOUR)).files

    assert (file.taken_off, file.asked_themselves) == (1, 1)
    assert people(place)["web@example.org"] == "active"
    assert people(place)["hand@example.org"] == "unsubscribed"


def test_a_file_that_is_changed_after_the_plan_is_left_alone(place: Place) -> None:
    planned = sync.plan(place.ctx, files(place, readers=csv(*FOUR)))
    (place.folder / "lists" / "readers.csv").write_text(csv("ann"))

    assert "was changed after it was planned" in sync.sync(place.ctx, planned).files[0].problem
    assert people(place) == {}


def test_a_sync_is_taken_back_like_an_import(place: Place) -> None:
    synced(place, readers=csv(*FOUR))
    before = people(place)
    done = synced(place, readers="email,name\nann@example.org,Ann\nbob@example.org,\ncy@example.org,\nnew@example.org,\n").files[
        0
    ]

    undone = undo.undo(place.ctx, done.import_id or 0)

    assert (undone.removed, undone.restored, undone.kept) == (1, 2, {})
    assert people(place) == before


NAMES = st.sets(st.sampled_from(["a", "b", "c", "d", "e"]), min_size=1)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.tuples(NAMES, st.sampled_from(["", "a", "b"])), min_size=1, max_size=4))
def test_after_any_syncs_the_list_is_the_file_without_who_left(place: Place, steps: list[tuple[set[str], str]]) -> None:
    for address in people(place):
        subscribers.remove(place.ctx, address)
    with place.ctx.db.begin() as tx:
        for entry in subscribers.subscribers.suppressions(tx):
            subscribers.subscribers.unsuppress(tx, entry.address_hmac)
    left: set[str] = set()
    for names, leaver in steps:
        with contextlib.suppress(NothingToDo):
            synced(place, force=True, readers=csv(*names))
        active = {address.partition("@")[0] for address, state in people(place).items() if state == "active"}
        assert active == names - left
        if leaver in active:
            subscribers.change(place.ctx, f"{leaver}@example.org", leave="readers")
            left.add(leaver)
