"""Relocation: every row goes into another database, whenever it is interrupted, and never can both databases be used."""

import gc
import itertools
import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlmodel import Session, select

from digest.cli.remedies import worded
from digest.deliver.journal import Journal
from digest.errors import BadInput, Conflict, DigestError, NothingToDo, StoreError
from digest.model.delivery import Delivery
from digest.model.event import EventKind
from digest.model.ports import Reply, Stage
from digest.model.relay import RelayLimits
from digest.model.states import DeliveryState, IssueState
from digest.model.subscriber import Subscriber
from digest.services import context, deliveries, events, relocation, sending
from digest.services.context import Context
from digest.store import claims, copying, issues, owners, schema
from digest.store.engine import Database
from tests.support.commands import Run
from tests.support.deliveries import queued
from tests.support.events import Stopped
from tests.support.place import Place
from tests.support.postgres import Server
from tests.support.servers import Mailbox
from tests.support.workers import until

READERS = tuple(f"r{number}@example.org" for number in range(12))
D = DeliveryState


@pytest.fixture
def server_url(server: Server) -> Iterator[str]:
    """A fresh database of a server, without tables."""
    with server.database(template="template0") as url:
        yield url


@pytest.fixture
def file_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/new/digest.db"


@pytest.fixture
def filled(place: Place) -> Place:
    """A place with an issue that was sent, and with names that languages and octets order differently."""
    queued(place, *READERS)
    place.send()
    with place.ctx.db.begin() as tx:
        tx.add_all(
            RelayLimits(name=name, connections=3, messages=0, seen_at=place.clock()) for name in ("a:25", "B:25", "a-b:25")
        )
        tx.delete(tx.exec(select(Subscriber).where(Subscriber.address == READERS[-1])).one())  # a number that is not given again
    return place


@contextmanager
def moved(place: Place, url: str) -> Iterator[Place]:
    """The place after its rows were moved."""
    settings = place.ctx.settings.model_copy(update={"database_url": url})
    there = context.build(settings, clock=place.clock)
    yield replace(place, ctx=replace(place.ctx, db=there.db, settings=settings))
    there.db.close()


def rows_of(tx: Session) -> dict[str, list[copying.Row]]:
    return {name: list(copying.rows(tx, name)) for name in copying.kept()}


def everything(ctx: Context) -> dict[str, list[copying.Row]]:
    with ctx.db.read() as tx:
        return rows_of(tx)


def usable(url: str) -> bool:
    """Whether a process would use this database, and has its rows."""
    db = Database(url)
    try:
        schema.check(db)
        with db.read() as tx:
            return bool(copying.filled(tx))
    except DigestError:
        return False
    finally:
        db.close()


def check_moved(place: Place, url: str, before: dict[str, list[copying.Row]]) -> None:
    """The new database has all that the old one had, gives the numbers behind them, and is the only one that can be used."""
    with moved(place, url) as there:
        found = everything(there.ctx)
        assert {**found, "event": found["event"][:-1]} == before
        assert events.listed(there.ctx)[0].kind is EventKind.MOVED
        there.readers("new@example.org")
        with there.ctx.db.read() as tx:
            assert max(tx.exec(select(Subscriber.id))) > len(READERS)
    with pytest.raises(StoreError, match="was moved to"):
        schema.check(place.ctx.db)


def test_every_row_goes_to_a_server(filled: Place, server_url: str) -> None:
    before = everything(filled.ctx)

    found = relocation.move(filled.ctx, to=server_url)

    assert found.rows == sum(map(len, before.values())) + 1
    assert (found.waiting, found.unsure, found.resumed, found.settings_written) == (0, 0, False, False)
    check_moved(filled, server_url, before)


def test_every_row_goes_to_a_file(filled: Place, file_url: str) -> None:
    before = everything(filled.ctx)

    relocation.move(filled.ctx, to=file_url)

    check_moved(filled, file_url, before)
    assert (filled.folder / "new" / "digest.db").stat().st_mode & 0o077 == 0


@contextmanager
def killed_at(commit: int) -> Iterator[None]:
    """A process that ends right before its transaction of this number is committed, in whichever database."""
    commits = itertools.count(1)

    def stop(_connection: sa.Connection) -> None:
        if next(commits) == commit:
            raise Stopped

    sa.event.listen(sa.Engine, "commit", stop)
    try:
        yield
    finally:
        sa.event.remove(sa.Engine, "commit", stop)


def is_killed(place: Place, url: str, commit: int) -> bool:
    """Move, and be killed at a commit; False if there were not so many."""
    was_killed = False
    try:
        with killed_at(commit):
            relocation.move(place.ctx, to=url)
    except Stopped:
        was_killed = True
    gc.collect()  # the connection that a process would have left behind
    place.ctx.db.close()
    return was_killed


@contextmanager
def killed_after_rows() -> Iterator[None]:
    """A process that ends when the rows are copied, before they are compared."""

    def stop(*_: object) -> None:
        raise Stopped

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(relocation, "_compare", stop)
        yield


@pytest.mark.file_only
def test_killed_at_any_instant_it_goes_on_and_never_both_databases_can_be_used(filled: Place, tmp_path: Path) -> None:
    before = everything(filled.ctx)
    filled.ctx.db.truncate_log()
    filled.ctx.db.close()
    file = filled.ctx.db.file
    assert file is not None
    original = file.read_bytes()
    empty = Database(f"sqlite:///{tmp_path}/empty.db")
    schema.upgrade(empty)
    empty.truncate_log()
    empty.close()
    closed = 0
    for commit in itertools.count(2, 9):  # those that read are counted too
        (tmp_path / f"to{commit}.db").write_bytes((tmp_path / "empty.db").read_bytes())
        url = f"sqlite:///{tmp_path}/to{commit}.db"
        file.write_bytes(original)
        if not is_killed(filled, url, commit):
            break
        assert not (usable(filled.ctx.db.url) and usable(url))
        closed += not usable(filled.ctx.db.url)
        is_killed(filled, url, commit)  # and again, somewhere behind
        relocation.move(filled.ctx, to=url)
        check_moved(filled, url, before)
        filled.ctx.db.close()

    assert closed > 5


def test_an_issue_that_is_half_sent_reaches_everybody_once_from_the_new_database(
    relayed: Place, mailbox: Mailbox, server_url: str
) -> None:
    issue = queued(relayed, *READERS)
    mailbox.delay_s = 0.05
    stop = threading.Event()
    sender = threading.Thread(target=sending.deliver, args=(relayed.ctx, issue), kwargs={"stop": stop})
    sender.start()
    until(lambda: len(mailbox.taken) > 2)
    stop.set()
    sender.join()
    already = len(mailbox.taken)

    found = relocation.move(relayed.ctx, to=server_url)
    with moved(relayed, server_url) as there:
        sent = sending.send(there.ctx, there.daily)

    assert 0 < already < len(READERS) + 3
    assert found.waiting == len(READERS) + 3 - already
    assert (sent.issue.state, sent.counts) == (IssueState.SENT, {D.SENT: len(READERS) + 3})
    assert set(mailbox.taken.values()) == {1}
    assert len(mailbox.taken) == len(READERS) + 3


def test_what_a_killed_process_had_in_hand_is_settled_before_and_what_is_in_doubt_is_listed(
    relayed: Place, mailbox: Mailbox, server_url: str
) -> None:
    issue = queued(relayed)
    journal = Journal(relayed.ctx.journals)
    with relayed.ctx.db.begin() as tx:
        owners.begin(tx, journal.owner, place=journal.place, now=relayed.clock())
        taken, _ = claims.claim(tx, issue.id, owner=journal.owner, now=relayed.clock(), limit=3)
    answered, in_doubt, untouched = (claimed.delivery_id for claimed in taken)
    pen = journal.writer()
    pen.intent(answered)
    pen.answer(answered, Stage.END, Reply(code=250, text="ok"))
    pen.intent(in_doubt)
    journal.close(settled=False)

    found = relocation.move(relayed.ctx, to=server_url)

    assert (found.waiting, found.unsure) == (1, 1)
    with moved(relayed, server_url) as there:
        assert [line.id for line in deliveries.listed(there.ctx, state=D.UNSURE)] == [in_doubt]
        sending.send(there.ctx, there.daily)
        with there.ctx.db.read() as tx:
            assert issues.get(tx, issue.id).state is IssueState.SENDING  # a person decides about the one in doubt
            states = dict(tx.exec(select(Delivery.id, Delivery.state)).all())
    assert states == {answered: D.SENT, in_doubt: D.UNSURE, untouched: D.SENT}
    assert list(mailbox.taken.values()) == [1]


def test_a_place_that_somebody_uses_is_not_moved(filled: Place, file_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relocation, "HELD_S", 0.1)
    other = Database(filled.ctx.db.url)
    with other.read() as tx:
        copying.count(tx, "newsletter")

    with pytest.raises(Conflict, match="use") as refused:  # its connection waits in the pool, as that of `serve` does
        relocation.move(filled.ctx, to=file_url)
    assert "stop `digest serve`" in worded(refused.value)
    other.close()
    schema.check(filled.ctx.db)

    relocation.move(filled.ctx, to=file_url)


@pytest.mark.file_only
def test_nobody_opens_a_place_while_it_is_moved(filled: Place, file_url: str) -> None:
    said = []

    def look(_count: int, _total: int | None) -> None:
        with suppress(StopIteration), pytest.raises(sqlite3.OperationalError, match="locked") as refused:
            sqlite3.connect(filled.ctx.db.file or "", timeout=0).execute("SELECT count(*) FROM mlist")
        said.append(str(refused.value))

    relocation.move(filled.ctx, to=file_url, on_progress=look)

    assert said


def test_a_database_that_is_not_empty_is_not_filled(filled: Place, file_url: str, tmp_path: Path) -> None:
    relocation.move(filled.ctx, to=file_url)
    with moved(filled, file_url) as there:
        (tmp_path / "other").mkdir()
        sqlite3.connect(tmp_path / "other" / "x.db").execute("CREATE TABLE theirs (n INTEGER)").connection.close()

        with pytest.raises(Conflict, match="not empty: it has theirs"):
            relocation.move(there.ctx, to=f"sqlite:///{tmp_path}/other/x.db")
        schema.check(there.ctx.db)
        with pytest.raises(NothingToDo, match="already"):
            relocation.move(there.ctx, to=file_url)


def test_a_move_that_was_interrupted_goes_nowhere_else_and_no_other_place_goes_on_with_it(
    filled: Place, file_url: str, tmp_path: Path
) -> None:
    with killed_after_rows(), pytest.raises(Stopped):
        relocation.move(filled.ctx, to=file_url)

    with pytest.raises(Conflict, match="is being moved to"):
        relocation.move(filled.ctx, to=f"sqlite:///{tmp_path}/third.db")
    cancelled = relocation.cancel(filled.ctx)
    with pytest.raises(Conflict, match="unfinished copy"):
        relocation.move(filled.ctx, to=file_url)

    assert (cancelled.was_moved, cancelled.unsure) == (False, 0)
    relocation.move(filled.ctx, to=f"sqlite:///{tmp_path}/third.db")


def test_whoever_takes_an_old_database_up_again_is_told_what_may_have_gone_from_the_new_one(place: Place, file_url: str) -> None:
    queued(place, *READERS)
    relocation.move(place.ctx, to=file_url)

    cancelled = relocation.cancel(place.ctx)

    assert (cancelled.was_moved, cancelled.unsure) == (True, len(READERS))
    schema.check(place.ctx.db)
    [line, *_] = deliveries.listed(place.ctx, state=D.UNSURE)
    assert line.reason.startswith("used again after its rows were moved to ")
    with pytest.raises(NothingToDo):
        relocation.cancel(place.ctx)


def test_a_row_that_was_changed_in_the_copy_is_found(filled: Place, file_url: str, tmp_path: Path) -> None:
    with killed_after_rows(), pytest.raises(Stopped):
        relocation.move(filled.ctx, to=file_url)
    with sqlite3.connect(tmp_path / "new" / "digest.db") as copy:
        copy.execute("UPDATE mlist SET title = 'Writers'")
    copy.close()

    with pytest.raises(StoreError, match=r"the table mlist in .* is not what was copied"):
        relocation.move(filled.ctx, to=file_url)
    assert not usable(file_url)


@pytest.mark.file_only
def test_a_row_that_a_server_cannot_store_is_named_and_the_place_can_be_used_again(place: Place, server_url: str) -> None:
    place.readers("ann@example.org")
    with place.ctx.db.begin() as tx:
        tx.exec(select(Subscriber)).one().name = "Ann\0"

    with pytest.raises(StoreError, match="a row of the table subscriber cannot be stored"):
        relocation.move(place.ctx, to=server_url)
    relocation.cancel(place.ctx)

    schema.check(place.ctx.db)


def test_what_is_no_url_is_not_repeated(place: Place) -> None:
    with pytest.raises(BadInput, match="is not like") as refused:
        relocation.move(place.ctx, to="mysql://u:secret@host/digest")

    assert "secret" not in str(refused.value)


def test_the_command_names_the_new_database_in_the_settings(paper: Run, tmp_path: Path) -> None:
    gc.collect()  # other processes would have ended: their connections are use
    unasked = paper("move", "--to", "sqlite:///var/new.db")
    done = paper("move", "--to", "sqlite:///var/new.db", "--yes", "--json")

    assert (unasked.code, done.code) == (2, 0), done.err
    assert json.loads(done.out)["settings_written"] is True
    assert (tmp_path / ".env").read_text().count("\nDIGEST_DATABASE_URL=sqlite:///var/new.db\n") == 1
    assert (tmp_path / ".env").stat().st_mode & 0o077 == 0
    assert "ann@example.org" in paper("subscribers", "list").out
    assert paper("send", "--yes").code == 0


def test_a_closed_place_says_where_its_rows_are(paper: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    gc.collect()
    assert paper("move", "--to", "sqlite:///var/new.db", "--yes").code == 0
    monkeypatch.setenv("DIGEST_DATABASE_URL", "sqlite:///var/digest.db")

    said = [paper(*words) for words in (("status",), ("init",), ("send",), ("serve",))]

    assert [one.code for one in said] == [1, 1, 1, 1]
    assert all("was moved to" in one.err and "set DIGEST_DATABASE_URL to that one" in one.err for one in said)
    gc.collect()
    assert paper("move", "--cancel", "--yes").code == 0
    assert paper("status").code == 0
