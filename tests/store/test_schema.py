"""Migrations bring a filled database up, lose no child, and end at the model."""

import re
import sqlite3
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.script import ScriptDirectory
from sqlmodel import SQLModel

from digest.cli.remedies import worded
from digest.errors import StoreError
from digest.store import schema, tables
from digest.store.engine import Database
from tests.support.dumps import differences
from tests.support.place import Place


@pytest.mark.filterwarnings("ignore:Skipped unsupported reflection of expression-based index")
def test_no_difference_is_left_between_model_and_migrations(place: Place) -> None:
    assert len(tables.ALL) == len(SQLModel.metadata.tables)
    assert differences(place.ctx.db) == []


def test_the_highest_numbered_migration_is_the_head_of_one_line() -> None:
    folder = str(schema.VERSIONS.parent)

    assert ScriptDirectory(folder).get_heads() == [schema.newest()]


def test_upgrading_a_filled_database_again_loses_no_row(place: Place) -> None:
    place.readers("a@example.org", "b@example.org")
    place.drop("First", "Second")
    place.collect()
    place.send()
    before = rows(place.ctx.db)

    schema.upgrade(place.ctx.db)

    assert rows(place.ctx.db) == before


def test_an_upgrade_from_the_first_schema_keeps_every_child_of_a_rebuilt_table(tmp_path: Path) -> None:
    db = Database(f"sqlite:///{tmp_path}/old.db")
    schema.upgrade(db, "0001")
    with db.engine.connect() as connection, connection.begin():
        connection.exec_driver_sql("INSERT INTO mlist (id, name, title, made_at) VALUES (1, 'readers', '', '2026-01-01')")
        connection.exec_driver_sql(
            "INSERT INTO source (id, kind, location, name, topic, weight, paused, added_at, error) VALUES (1, 'feed', '/x', 'x', '', 1, 0, '2026-01-01', '')"
        )
        connection.exec_driver_sql(
            "INSERT INTO article (source_id, guid, headline, standfirst, text, author, publisher, topic, url, fingerprint, language, image, first_seen_at, hidden, pinned)"
            " VALUES (1, 'g', 'h', '', '', '', '', '', '', 'f', '', '', '2026-01-01', 0, 0)"
        )
    before = rows(db)

    schema.upgrade(db)

    assert before.items() <= rows(db).items()
    schema.check(db)
    db.close()


def test_a_database_without_tables_says_how_to_make_them(tmp_path: Path) -> None:
    sqlite3.connect(tmp_path / "x.db").execute("CREATE TABLE other (n INTEGER)").connection.close()

    with pytest.raises(StoreError) as refused:
        schema.check(Database(f"sqlite:///{tmp_path}/x.db"))

    assert "run `digest init`" in worded(refused.value)


def test_a_missing_database_says_how_to_make_it(tmp_path: Path) -> None:
    with pytest.raises(StoreError) as refused:
        schema.check(Database(f"sqlite:///{tmp_path}/none.db"))

    assert re.search(r"no database at .*; run `digest init`", worded(refused.value))


def test_a_newer_database_is_refused(place: Place) -> None:
    set_revision(place, "9999")

    with pytest.raises(StoreError, match="newer"):
        schema.check(place.ctx.db)
    with pytest.raises(StoreError, match="newer"):
        schema.upgrade(place.ctx.db)


@pytest.mark.file_only
def test_the_database_is_readable_by_its_owner_alone(place: Place) -> None:
    assert place.ctx.db.file is not None
    assert place.ctx.db.file.stat().st_mode & 0o077 == 0


def set_revision(place: Place, revision: str) -> None:
    with place.ctx.db.engine.connect() as connection, connection.begin():
        connection.exec_driver_sql(f"UPDATE alembic_version SET version_num = '{revision}'")


def rows(db: Database) -> dict[str, int]:
    with db.engine.connect() as connection:
        return {
            name: connection.exec_driver_sql(f'SELECT count(*) FROM "{name}"').scalar_one()
            for name in sa.inspect(connection).get_table_names()
            if name != "alembic_version"
        }
