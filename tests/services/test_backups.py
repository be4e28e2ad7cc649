"""Backups: whole and consistent while mails go out, restored whole or not at all, on either kind of database."""

import itertools
import stat
import zipfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlmodel import Session, select

from digest.errors import BadInput, Conflict, NothingToDo, SettingsError
from digest.model.delivery import Delivery
from digest.model.event import EventKind
from digest.model.states import DeliveryState
from digest.model.subscriber import Subscriber
from digest.services import backups, context, deliveries, events, sending
from digest.services.context import Context
from digest.store import copying
from digest.store.engine import Database
from tests.support.commands import Run
from tests.support.deliveries import queued
from tests.support.events import Stopped
from tests.support.place import Place

READERS = tuple(f"r{number}@example.org" for number in range(12))
U = DeliveryState.UNSURE


@contextmanager
def elsewhere(place: Place, url: str = "sqlite:///var/digest.db", name: str = "elsewhere") -> Iterator[Context]:
    """An empty place in another folder, with the same secrets."""
    folder = place.folder / name
    folder.mkdir()
    settings = place.ctx.settings.model_copy(update={"home": folder, "database_url": url})
    ctx = context.build(settings, clock=place.clock, checked=False)
    yield ctx
    ctx.db.close()


def rows_of(tx: Session) -> dict[str, list[copying.Row]]:
    kept = [name for name in copying.NAMES if name not in copying.PASSING]
    return {name: list(copying.rows(tx, name)) for name in kept}


def everything(ctx: Context, *, without_last_event: bool = False) -> dict[str, list[copying.Row]]:
    with ctx.db.read() as tx:
        found = rows_of(tx)
    if without_last_event:  # of the restore itself
        found["event"].pop()
    return found


def states(ctx: Context) -> Counter[DeliveryState]:
    with ctx.db.read() as tx:
        return Counter(tx.exec(select(Delivery.state)).all())


@pytest.fixture
def filled(place: Place) -> Place:
    """A place with an issue that was sent."""
    queued(place, *READERS)
    place.send()
    return place


def test_every_row_comes_back(filled: Place) -> None:
    made = backups.backup(filled.ctx, filled.folder / "b.zip")

    with elsewhere(filled) as there:
        found = backups.restore(there, filled.folder / "b.zip")

        assert everything(there, without_last_event=True) == everything(filled.ctx)
        assert events.listed(there)[0].kind is EventKind.RESTORED
    assert made.rows == found.rows == sum(map(len, everything(filled.ctx).values()))
    assert stat.S_IMODE((filled.folder / "b.zip").stat().st_mode) == 0o600


def test_a_restored_place_gives_no_number_twice(place: Place) -> None:
    place.readers("ann@example.org", "bob@example.org")
    with place.ctx.db.begin() as tx:
        last = tx.exec(select(Subscriber)).all()[-1]
        gone = last.id
        tx.delete(last)
    backups.backup(place.ctx, place.folder / "b.zip")

    with elsewhere(place) as there:
        backups.restore(there, place.folder / "b.zip")
        replace(place, ctx=there).readers("new@example.org")
        with there.db.read() as tx:
            numbers = tx.exec(select(Subscriber.id)).all()

    assert max(numbers) > gone


def test_from_one_kind_of_database_to_the_other_and_back(filled: Place, request: pytest.FixtureRequest) -> None:
    """On PostgreSQL: to SQLite, and from there to another database of the server."""
    if request.config.getoption("--database") == "sqlite":
        pytest.skip("needs a server")
    before = everything(filled.ctx)
    backups.backup(filled.ctx, filled.folder / "1.zip")
    with elsewhere(filled) as file:
        backups.restore(file, filled.folder / "1.zip")
        assert everything(file, without_last_event=True) == before
        backups.backup(file, filled.folder / "2.zip")

        with request.getfixturevalue("server").database(template="template0") as url:
            settings = filled.ctx.settings.model_copy(update={"database_url": url})
            back = context.build(settings, clock=filled.clock, checked=False)
            backups.restore(back, filled.folder / "2.zip")
            found = everything(back, without_last_event=True)
            replace(filled, ctx=back).readers("new@example.org")  # its numbers go on behind the restored ones
            back.db.close()

    assert {**found, "event": found["event"][:-1]} == before


def test_what_was_open_when_an_issue_was_backed_up_is_unsure_and_reaches_everybody_once_settled(place: Place) -> None:
    queued(place, *READERS)
    backups.backup(place.ctx, place.folder / "b.zip")

    with elsewhere(place) as there:
        found = backups.restore(there, place.folder / "b.zip")
        assert found.unsure == len(READERS)
        assert states(there) == {U: len(READERS)}
        [line, *_] = deliveries.listed(there, state=U)
        assert line.reason == "restored from the backup of 2026-03-03 06:00 UTC: its mail may have gone since"

        restored = replace(place, ctx=there)
        with pytest.raises(NothingToDo, match="12 unsure"):  # nothing goes by itself
            sending.send(there, restored.daily)
        deliveries.settle(there, deliveries.unsure(there, issue="1"), as_sent=False)
        sending.send(there, restored.daily)

        assert states(there) == {DeliveryState.SENT: len(READERS)}
    assert len(list((place.folder / "elsewhere" / "var" / "outbox").glob("*.eml"))) == len(READERS)


def test_whoever_knows_that_nothing_was_sent_since_keeps_the_queue(place: Place) -> None:
    queued(place, *READERS)
    backups.backup(place.ctx, place.folder / "b.zip")

    with elsewhere(place) as there:
        assert backups.restore(there, place.folder / "b.zip", nothing_sent_since=True).unsure == 0
        sending.send(there, replace(place, ctx=there).daily)

        assert states(there) == {DeliveryState.SENT: len(READERS)}


@contextmanager
def stopped_at(commit: int, db: Database) -> Iterator[None]:
    """A process that ends right before its transaction of this number is committed."""
    commits = itertools.count(1)

    def stop(_connection: sa.Connection) -> None:
        if next(commits) == commit:
            raise Stopped

    sa.event.listen(db.engine, "commit", stop)
    try:
        yield
    finally:
        sa.event.remove(db.engine, "commit", stop)


def test_a_restore_that_is_killed_leaves_nothing_or_nothing_that_is_sent_again(place: Place) -> None:
    queued(place, *READERS)
    backups.backup(place.ctx, place.folder / "b.zip")

    for commit in itertools.count(1):
        with elsewhere(place, name=f"try{commit}") as there:
            try:
                with stopped_at(commit, there.db):
                    backups.restore(there, place.folder / "b.zip")
                break
            except Stopped:
                with there.db.read() as tx:
                    is_filled = "delivery" in copying.filled(tx)
                if is_filled:  # killed after its rows were stored
                    assert states(there) == {U: len(READERS)}
                else:
                    backups.restore(there, place.folder / "b.zip")
                    assert states(there) == {U: len(READERS)}

    assert commit > 2


@pytest.mark.parametrize("at", [0.2, 0.5, 0.8])
def test_a_damaged_backup_restores_nothing(filled: Place, at: float) -> None:
    file = filled.folder / "b.zip"
    backups.backup(filled.ctx, file)
    octets = bytearray(file.read_bytes())
    place = int(len(octets) * at)
    octets[place : place + 40] = bytes(40)
    file.write_bytes(octets)

    with elsewhere(filled) as there:
        with pytest.raises(BadInput, match=r"damaged|no backup"):
            backups.restore(there, file)
        filled.folder.joinpath("b.zip").unlink()
        backups.backup(filled.ctx, file)
        backups.restore(there, file)  # the place is as empty as before

        assert everything(there, without_last_event=True) == everything(filled.ctx)


def test_a_row_that_was_changed_in_the_file_is_found(filled: Place) -> None:
    file, forged = filled.folder / "b.zip", filled.folder / "forged.zip"
    backups.backup(filled.ctx, file)
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(forged, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name).replace(b"r3@example.org", b"me@example.org"))

    with elsewhere(filled) as there, pytest.raises(BadInput, match="damaged at the table"):
        backups.restore(there, forged)


@pytest.mark.parametrize("content", [b"", b"PK", b"nothing of ours"])
def test_another_file_is_no_backup(place: Place, content: bytes) -> None:
    (place.folder / "b.zip").write_bytes(content)

    with elsewhere(place) as there, pytest.raises(BadInput, match="no backup"):
        backups.restore(there, place.folder / "b.zip")


def test_a_place_that_has_rows_is_not_filled(filled: Place) -> None:
    backups.backup(filled.ctx, filled.folder / "b.zip")

    with pytest.raises(Conflict, match="not empty"):
        backups.restore(filled.ctx, filled.folder / "b.zip")


def test_a_backup_replaces_no_file(place: Place) -> None:
    (place.folder / "b.zip").write_text("mine")

    with pytest.raises(BadInput, match="there already"):
        backups.backup(place.ctx, place.folder / "b.zip")

    assert (place.folder / "b.zip").read_text() == "mine"
    assert not list(place.folder.glob(".b.zip*"))


def test_a_backup_of_a_newer_digest_is_refused(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backups, "FORMAT", backups.FORMAT + 1)
    backups.backup(place.ctx, place.folder / "b.zip")
    monkeypatch.undo()

    with elsewhere(place) as there, pytest.raises(BadInput, match="newer digest"):
        backups.restore(there, place.folder / "b.zip")


def test_another_pepper_is_refused(filled: Place) -> None:
    backups.backup(filled.ctx, filled.folder / "b.zip")

    with elsewhere(filled) as there:
        other = replace(there, settings=there.settings.model_copy(update={"pepper": "q" * 32}))
        with pytest.raises(SettingsError, match="PEPPER"):
            backups.restore(other, filled.folder / "b.zip")
        backups.restore(there, filled.folder / "b.zip")  # nothing was left behind


def test_the_scheduler_makes_one_a_day_and_keeps_the_newest(place: Place) -> None:
    settings = place.ctx.settings.model_copy(update={"backup_dir": "backups", "backup_keep": 3})
    ctx, folder = replace(place.ctx, settings=settings), place.folder / "backups"
    made = []
    for _ in range(5 * 4):
        made.append(backups.backup_due(ctx))
        place.clock.turn(hours=6)
    (folder / "digest-mine.zip").touch()
    backups.backup_due(ctx)

    assert len([one for one in made if one]) == 5
    assert [file.name for file in sorted(folder.iterdir())] == [
        *("digest-2026-03-06T0600Z.zip", "digest-2026-03-07T0600Z.zip", "digest-2026-03-08T0600Z.zip"),
        "digest-mine.zip",
    ]


def test_without_a_folder_the_scheduler_makes_none(place: Place) -> None:
    assert backups.backup_due(place.ctx) is None


def test_with_a_passphrase_settings_and_keys_come_along(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIGEST_BACKUP_PASSPHRASE", "a good passphrase")
    assert run("init").code == 0
    assert run("dkim", "new", "s1").code == 0
    env = (tmp_path / ".env").read_text() + "DIGEST_DKIM_KEYS=s1=var/dkim/s1.pem\n"
    (tmp_path / ".env").write_text(env)
    assert run("subscribers", "add", "ann@example.org", "--list", "readers").code == 0
    assert run("backup", str(tmp_path / "b.zip"), "--secrets").code == 0
    assert b"DIGEST_PEPPER" not in (tmp_path / "b.zip").read_bytes()
    (tmp_path / "there").mkdir()
    monkeypatch.chdir(tmp_path / "there")
    monkeypatch.setenv("DIGEST_ENV", str(tmp_path / "there" / ".env"))

    monkeypatch.setenv("DIGEST_BACKUP_PASSPHRASE", "another")
    wrong = run("restore", str(tmp_path / "b.zip"), "--secrets", "--yes")
    monkeypatch.setenv("DIGEST_BACKUP_PASSPHRASE", "a good passphrase")
    right = run("restore", str(tmp_path / "b.zip"), "--secrets", "--yes")

    assert (wrong.code, right.code) == (2, 0), wrong.err + right.err
    assert "passphrase is not the one" in wrong.err
    assert (tmp_path / "there" / ".env").read_text() == env
    assert stat.S_IMODE((tmp_path / "there" / "var" / "dkim" / "s1.pem").stat().st_mode) == 0o600
    assert "ann@example.org" in run("subscribers", "list").out


def test_a_backup_without_settings_says_so(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIGEST_BACKUP_PASSPHRASE", "x")
    assert run("init").code == 0
    assert run("backup", str(tmp_path / "b.zip")).code == 0

    said = run("restore", str(tmp_path / "b.zip"), "--secrets", "--yes")

    assert said.code == 2
    assert "without a passphrase" in said.err
