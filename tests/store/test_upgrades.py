"""
Upgrades of filled databases: those of older programs are brought up whole, and what they were sending goes on.

The files in `made_at` are dumps of databases that the program of that revision made, on SQLite: an issue went to one reader, was
refused by one and deferred by one; one person is suppressed, and one has left. On a server the migrations up to the revision
make the tables, and the rows of the dump are put there.
"""

import json
import sqlite3
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlmodel import select

from digest.errors import StoreError
from digest.model.issue import Issue
from digest.model.states import DeliveryState, IssueState
from digest.services import context
from digest.settings import Settings
from digest.smtp.relay import Relay
from digest.smtp.transport import Smtp
from digest.store import copying, deliveries, schema
from digest.store.engine import Database, resolve
from tests.support.commands import Run
from tests.support.dumps import differences
from tests.support.place import Hands, Place
from tests.support.postgres import Server
from tests.support.servers import Mailbox
from tests.support.workers import SETTINGS

pytestmark = pytest.mark.filterwarnings("ignore:Skipped unsupported reflection of expression-based index")
MADE_AT = Path(__file__).parent / "made_at"
D = DeliveryState


def dumped(revision: str, file: str) -> sqlite3.Connection:
    """A SQLite database as the program of that revision made it."""
    made = sqlite3.connect(file)
    made.executescript((MADE_AT / f"{revision}.sql").read_text(encoding="utf-8"))
    return made


def fill_server(db: Database, revision: str) -> None:
    """The tables of a revision on a server, with the rows of its dump."""
    schema.upgrade(db, revision)
    old = dumped(revision, ":memory:")
    with db.engine.begin() as connection:
        there = sa.MetaData()
        there.reflect(connection, only=lambda name, _: not name.startswith("procrastinate"))
        for table in there.sorted_tables:
            if table.name == "alembic_version":
                continue
            found = old.execute(f'SELECT * FROM "{table.name}" ORDER BY rowid')
            names = [column[0] for column in found.description]
            rows = [{name: typed(value, table.c[name].type) for name, value in zip(names, row, strict=True)} for row in found]
            if rows:
                connection.execute(table.insert(), rows)
    old.close()


def typed(value: object, kind: sa.types.TypeEngine[object]) -> object:
    """A value of SQLite as a server takes it."""
    if value is None:
        return None
    if isinstance(kind, sa.Boolean):
        return bool(value)
    if isinstance(kind, sa.DateTime):
        return datetime.fromisoformat(str(value)).replace(tzinfo=UTC)
    return json.loads(str(value)) if isinstance(kind, sa.JSON) else value


@pytest.fixture(params=sorted(path.stem for path in MADE_AT.glob("*.sql")))
def older(request: pytest.FixtureRequest, tmp_path: Path, database_url: str) -> Iterator[Database]:
    """A filled database of an older program."""
    if database_url.startswith("sqlite"):
        url = resolve(database_url, tmp_path)
        dumped(request.param, str(tmp_path / "var" / "digest.db")).close()
        db = Database(url)
    else:
        with request.getfixturevalue("server").database(template="template0") as url:
            db = Database(url)
            fill_server(db, request.param)
            yield db
            db.close()
            return
    yield db
    db.close()


def counts(db: Database) -> dict[str, int]:
    with db.read() as tx:
        names = sa.inspect(tx.connection()).get_table_names()
        ours = [name for name in names if not name.startswith(("procrastinate", "alembic", "sqlite"))]
        return {name: tx.execute(sa.text(f'SELECT count(*) FROM "{name}"')).scalar_one() for name in ours}


def test_every_row_of_an_older_database_is_there_after_the_upgrade_and_its_issue_goes_on(
    older: Database, tmp_path: Path, mailbox: Mailbox
) -> None:
    before = counts(older)
    schema.upgrade(older)
    with older.begin() as tx:
        copying.set_sequences(tx, {})  # of the rows that were put into a server by hand

    assert before.items() <= counts(older).items()
    assert differences(older) == []
    if not older.shared:
        with older.read() as tx:
            assert tx.execute(sa.text("PRAGMA integrity_check")).scalars().all() == ["ok"]
            assert tx.execute(sa.text("PRAGMA foreign_key_check")).all() == []

    place = opened(older, tmp_path, mailbox)
    assert place.send().counts == {D.SENT: 2, D.BOUNCED: 1, D.SKIPPED: 1}  # who was deferred gets it
    assert mailbox.taken == {"cy@example.org": 1}
    place.clock.turn(days=1)
    place.drop("Something else happened")
    place.collect()
    place.readers("new@example.org")
    place.send()
    assert mailbox.taken == {"ann@example.org": 1, "cy@example.org": 2, "new@example.org": 1}


def opened(db: Database, folder: Path, mailbox: Mailbox) -> Place:
    """The place of an upgraded database, half an hour after its issue was sent."""
    settings = Settings(
        database_url=db.url,
        sender=SETTINGS["DIGEST_FROM"],
        base_url=SETTINGS["DIGEST_BASE_URL"],
        postal_address=SETTINGS["DIGEST_POSTAL_ADDRESS"],
        secret_key=SETTINGS["DIGEST_SECRET_KEY"],
        pepper=SETTINGS["DIGEST_PEPPER"],
        timezone=SETTINGS["DIGEST_TIMEZONE"],
        settle=0,
        home=folder,
    )
    with db.read() as tx:
        [issue] = tx.exec(select(Issue)).all()
        assert issue.state is IssueState.SENDING
        assert dict(deliveries.counts(tx, issue.id)) == {D.SENT: 1, D.BOUNCED: 1, D.DEFERRED: 1, D.SKIPPED: 1}
    assert issue.frozen_at is not None
    clock = Hands(issue.frozen_at + timedelta(minutes=30))
    ctx = context.build(settings, clock=clock)
    relay = Relay(scheme="smtp", host="127.0.0.1", port=mailbox.port)
    return Place(ctx=replace(ctx, transports=(Smtp(relay, helo="test"),), db=db), clock=clock, folder=folder)


def test_of_two_upgrades_at_once_on_a_server_the_second_waits_and_finds_it_done(server: Server) -> None:
    with server.database(template="template0") as url:
        databases = [Database(url) for _ in range(2)]
        schema.upgrade(databases[0], "0004")
        failed: list[BaseException] = []

        def upgrade(db: Database) -> None:
            try:
                schema.upgrade(db)
            except BaseException as problem:
                failed.append(problem)

        threads = [threading.Thread(target=upgrade, args=(db,)) for db in databases]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        schema.check(databases[0])
        for db in databases:
            db.close()

    assert failed == []


def test_a_table_that_somebody_reads_for_long_fails_an_upgrade_and_changes_nothing(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schema, "LOCK_S", 1)
    with server.database(template="template0") as url:
        db, reader = Database(url), Database(url)
        schema.upgrade(db, "0004")
        with reader.read() as tx:
            copying.count(tx, "lease")
            tx.execute(sa.text("SELECT count(*) FROM delivery"))
            with pytest.raises(StoreError, match="another process holds it for long; try again"):
                schema.upgrade(db)
        assert counts(db) == counts(reader)
        schema.upgrade(db)
        schema.check(db)
        for one in (db, reader):
            one.close()


def test_an_older_program_says_of_a_newer_database_that_it_must_be_renewed(run: Run, tmp_path: Path) -> None:
    assert run("init").code == 0
    with sqlite3.connect(tmp_path / "var" / "digest.db") as db:
        db.execute("UPDATE alembic_version SET version_num = '9999'")
    db.close()

    said = [run(*words) for words in (("status",), ("send",), ("serve",), ("worker",), ("init",), ("backup", "b.zip"))]

    assert [one.code for one in said] == [1] * len(said)
    assert {one.err for one in said} == {
        "digest: the database is newer (9999) than this version of digest; install the newer digest\n"
    }


def test_a_program_of_the_version_before_can_go_on_writing_for_a_moment_after_the_upgrade(place: Place) -> None:
    """On a server it runs on while another upgrades: what it can write has its place in the new tables, and they need no more."""
    old = dumped(max(path.stem for path in MADE_AT.glob("*.sql")), ":memory:")
    new = sa.MetaData()
    with place.ctx.db.engine.connect() as connection:
        new.reflect(connection)

    for (name,) in old.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"):
        written = {column for _, column, *_ in old.execute(f'PRAGMA table_info("{name}")')}
        columns = new.tables[name].c
        needed = {one.name for one in columns if not one.nullable and one.server_default is None and not one.primary_key}
        assert (name, needed - written, written - set(columns.keys())) == (name, set(), set())
    old.close()
