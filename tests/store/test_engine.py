"""Two kinds of session: one writes, many read."""

import sqlite3
import threading
from pathlib import Path

import pytest
import sqlalchemy as sa

from digest.cli.remedies import worded
from digest.errors import StoreError
from digest.store.engine import Database
from tests.support.place import Place


def test_a_reading_session_cannot_write(place: Place) -> None:
    with pytest.raises(StoreError), place.ctx.db.read() as tx:
        tx.execute(sa.text("DELETE FROM newsletter"))


def test_a_failed_transaction_leaves_nothing(place: Place) -> None:
    with pytest.raises(ZeroDivisionError), place.ctx.db.begin() as tx:
        tx.execute(sa.text("DELETE FROM newsletter"))
        raise ZeroDivisionError

    assert place.daily.name == "daily"


def test_eight_writers_at_once_all_come_through(place: Place) -> None:
    with place.ctx.db.begin() as tx:
        tx.execute(sa.text("CREATE TABLE tally (n INTEGER)"))
        tx.execute(sa.text("INSERT INTO tally VALUES (0)"))

    def count() -> None:
        for _ in range(10):
            with place.ctx.db.begin() as tx:
                n = tx.execute(sa.text("SELECT n FROM tally")).scalar_one()
                tx.execute(sa.text("UPDATE tally SET n = :n"), {"n": n + 1})

    threads = [threading.Thread(target=count) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with place.ctx.db.read() as tx:
        assert tx.execute(sa.text("SELECT n FROM tally")).scalar_one() == 80


def test_readers_are_not_locked_out_while_one_writes(place: Place) -> None:
    with place.ctx.db.begin() as tx:
        tx.execute(sa.text("UPDATE newsletter SET title = 'changed'"))

        assert place.daily.title == "The Morning Ledger"


def test_a_file_that_is_no_database_is_named_with_the_remedy(tmp_path: Path) -> None:
    (tmp_path / "x.db").write_bytes(b"this is not a database" * 100)

    with (
        pytest.raises(StoreError, match=r"x\.db: this file is not a database") as problem,
        Database(f"sqlite:///{tmp_path}/x.db").read() as tx,
    ):
        tx.execute(sa.text("SELECT 1 FROM newsletter"))

    assert worded(problem.value).endswith("check DIGEST_DATABASE_URL")


@pytest.mark.file_only
def test_a_database_that_another_process_holds_is_named_with_the_remedy(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    holder = sqlite3.connect(place.ctx.db.file or "", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    monkeypatch.setattr("digest.store.engine.BUSY_S", 0.1)
    impatient = Database(place.ctx.db.url)

    with pytest.raises(StoreError, match="another process holds it for long; try again"), impatient.begin() as tx:
        tx.execute(sa.text("DELETE FROM newsletter"))
    holder.close()
    impatient.close()

    assert place.daily.name == "daily"


def test_where_somebody_waits_for_an_answer_a_lock_is_waited_for_only_shortly(place: Place) -> None:
    patient = Database(place.ctx.db.url, timeout_s=0.2)

    with place.ctx.db.begin() as holder:
        holder.execute(sa.text("UPDATE newsletter SET title = 'changed'"))
        with pytest.raises(StoreError, match=r"another process holds it.*; try again"), patient.begin() as tx:
            tx.execute(sa.text("DELETE FROM newsletter"))
        with patient.read() as tx:
            assert tx.execute(sa.text("SELECT title FROM newsletter")).scalar_one() == "The Morning Ledger"
    patient.close()


def test_more_threads_than_connections_get_a_sentence(place: Place) -> None:
    small = Database(place.ctx.db.url)
    small._reader = small._reader.execution_options()
    pool = small._reader.pool
    pool._timeout = 0.0  # type: ignore[attr-defined]
    held = [pool.connect() for _ in range(15)]

    with pytest.raises(StoreError, match="another process holds it for long"), small.read() as tx:
        tx.execute(sa.text("SELECT 1"))
    for connection in held:
        connection.close()
    small.close()
