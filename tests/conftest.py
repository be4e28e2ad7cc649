"""A place of one's own for each test: settings, database and outbox in a fresh folder, and a clock that is set by hand."""

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import hypothesis
import pytest
import sqlalchemy as sa

from tests.support.collecting import site
from tests.support.commands import paper, run
from tests.support.place import Hands, Place, new_place
from tests.support.postgres import Server
from tests.support.relayed import mailbox, relayed

__all__ = ["mailbox", "paper", "relayed", "run", "site"]  # fixtures of all tests


MEMORY, ROOM = Path("/dev/shm"), 2**30  # bytes; a server with two databases takes 70 MB
SHARED = Path(__file__).parent.parent.parent / "shared"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--database", choices=["sqlite", "postgresql"], default="sqlite", help="where a place keeps its rows")
    parser.addoption("--golden", action="store_true", help="rewrite the golden files")
    parser.addoption("--fuzz", type=int, default=1_000, help="how many mails to try odd headers on")


_dialects: dict[str, sa.Dialect] = {}
_statements: dict[Any, Any] = {}


@sa.event.listens_for(sa.Engine, "engine_connect")
def _share_statements(connection: sa.Connection) -> None:
    """
    Compile a statement once in a process, not once for the database of each test.

    It took a third of the time of the tests of admin pages, and what mappers keep for each dialect filled a gigabyte. The dialect is a part of the key.
    """
    engine = connection.engine
    shared = _dialects.setdefault(engine.dialect.name, engine.dialect)
    if engine.dialect is not shared or "compiled_cache" not in engine.get_execution_options():
        engine.dialect = shared
        engine.update_execution_options(compiled_cache=_statements)


@pytest.fixture
def clock() -> Hands:
    return Hands()


hypothesis.settings.register_profile("tests", deadline=None)  # no test asserts a time: the machine may be busy
hypothesis.settings.load_profile("tests")


def pytest_xdist_auto_num_workers() -> int:
    """Return how many processes `-n auto` means: most of the time, a test waits for another process or for a server."""
    return 2 * (os.cpu_count() or 1)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "file_only: of a database that is a file")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On a server only what has a database is run again."""
    if config.getoption("--database") == "sqlite":
        return
    again = [
        item
        for item in items
        if {"place", "database_url"} & set(getattr(item, "fixturenames", ())) and not item.get_closest_marker("file_only")
    ]
    config.hook.pytest_deselected(items=[item for item in items if item not in again])
    items[:] = again


@pytest.fixture(scope="session")
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A PostgreSQL server of these tests, with a database to copy for each: a thousand files, ten times as quick in memory as on a disk."""
    has_room = MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM
    with (
        TemporaryDirectory(dir=MEMORY if has_room else tmp_path_factory.mktemp("pg")) as folder,
        Server.running(Path(folder)) as running,
    ):
        yield running


@pytest.fixture
def database_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """A fresh database: a file of the place's, or a copy on the server."""
    if request.config.getoption("--database") == "sqlite":
        yield "sqlite:///var/digest.db"
        return
    server: Server = request.getfixturevalue("server")
    with server.database() as url:
        yield url


@pytest.fixture
def place(tmp_path: Path, clock: Hands, database_url: str) -> Iterator[Place]:
    made = new_place(tmp_path, clock, database_url)
    yield made
    made.ctx.db.close()


@pytest.fixture
def shared() -> Path:
    """The corpora that lie beside a checkout, where they do."""
    if not (SHARED / "corpora").is_dir():
        pytest.skip(f"there are no corpora at {SHARED}")
    return SHARED


@pytest.fixture(params=["uvloop", "asyncio"])
def each_event_loop(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Run a test on uvloop, and again as where uvloop does not install."""
    if request.param == "asyncio":
        monkeypatch.setitem(sys.modules, "uvloop", None)
    else:
        pytest.importorskip("uvloop")
    return str(request.param)
