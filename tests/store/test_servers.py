"""What a PostgreSQL server says when it cannot be used as it is, and what a person can do."""

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from digest.cli.remedies import worded
from digest.errors import StoreError
from digest.store import schema
from digest.store.engine import Database, shown
from tests.support.place import Place
from tests.support.postgres import Server
from tests.support.servers import free_port


@pytest.fixture
def url(server: Server) -> Iterator[str]:
    """A fresh database, without tables."""
    with server.database(template="template0") as url:
        yield url


@pytest.fixture
def stranger(server: Server, url: str) -> Iterator[str]:
    """The URL of that database for a user who owns nothing."""
    admin = sa.create_engine(sa.make_url(url).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.exec_driver_sql("CREATE ROLE stranger LOGIN")
        connection.exec_driver_sql("REVOKE CREATE ON SCHEMA public FROM PUBLIC")  # as it is since PostgreSQL 15
        yield sa.make_url(url).set(username="stranger").render_as_string(hide_password=False)
        connection.exec_driver_sql("DROP OWNED BY stranger")
        connection.exec_driver_sql("DROP ROLE stranger")
    admin.dispose()


def refusal(url: str) -> str:
    db = Database(url)
    try:
        with pytest.raises(StoreError) as refused:
            schema.upgrade(db)
    finally:
        db.close()
    return worded(refused.value).removeprefix(f"database {shown(url)}: ")


@pytest.mark.parametrize("encoding", ["SQL_ASCII", "LATIN1"])
def test_a_database_of_another_encoding_is_refused_before_anything_is_made(server: Server, encoding: str) -> None:
    with server.database(template=f"template0 ENCODING '{encoding}' LOCALE 'C'") as url:
        said = refusal(url)

        raw = sa.create_engine(
            sa.make_url(url).set(drivername="postgresql+psycopg"), connect_args={"client_encoding": "utf8"}, poolclass=sa.NullPool
        )
        with raw.connect() as connection:
            assert sa.inspect(connection).get_table_names() == []
    assert said.startswith(f"its encoding is {encoding}, and texts of all languages need UTF8; `createdb --encoding=UTF8")


def test_a_database_that_the_server_does_not_have_is_not_called_empty(url: str) -> None:
    said = refusal(sa.make_url(url).set(database="nowhere", username="ann").render_as_string(hide_password=False))

    assert said == "it refuses the user or the password; check DIGEST_DATABASE_URL"

    said = refusal(sa.make_url(url).set(database="nowhere").render_as_string(hide_password=False))

    assert said.startswith("the server has no database of this name; `createdb --owner=")
    assert said.endswith(" --encoding=UTF8 --template=template0 nowhere` on the server makes it")


def test_a_user_who_may_make_no_tables_is_told_what_an_administrator_types(url: str, stranger: str) -> None:
    name = sa.make_url(url).database

    assert (
        refusal(stranger)
        == f"this user may not make tables there; as the server's administrator: `ALTER DATABASE {name} OWNER TO stranger`"
    )


def test_tables_of_another_user_are_not_read(url: str, stranger: str) -> None:
    owner = Database(url)
    schema.upgrade(owner)
    owner.close()

    assert refusal(stranger) == "its tables belong to another user; check DIGEST_DATABASE_URL"


def test_a_port_where_nothing_answers_and_a_host_of_no_name_are_told_apart() -> None:
    assert refusal(f"postgresql://ann:x@127.0.0.1:{free_port()}/paper") == "nothing answers there; is the server running?"
    assert refusal("postgresql://ann:x@host.invalid/paper") == "there is no host of this name; check DIGEST_DATABASE_URL"


def test_a_missing_file_of_the_connection_is_no_missing_table(tmp_path: Path) -> None:
    assert refusal(f"postgresql:///paper?host={tmp_path}") == "nothing answers there; is the server running?"

    with socket.create_server(("127.0.0.1", 0)) as listener:

        def offer_tls() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(8)
                connection.sendall(b"S")
                connection.recv(1)

        threading.Thread(target=offer_tls, daemon=True).start()
        port = listener.getsockname()[1]

        said = refusal(f"postgresql://127.0.0.1:{port}/paper?sslmode=verify-full&sslrootcert={tmp_path}/none.crt")

    assert 'none.crt" does not exist' in said


def test_an_error_that_nobody_foresaw_is_one_line_without_the_statement(place: Place) -> None:
    with pytest.raises(StoreError) as refused, place.ctx.db.read() as tx:
        tx.execute(sa.text("SELECT 1\nFROM newsletter WHERE id = = 2"))

    assert "\n" not in str(refused.value)
    assert "FROM newsletter" not in str(refused.value)
