"""`serve` over its restarts, and when the database is not for it any more."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from digest.errors import StoreError
from digest.model.newsletter import Newsletter
from digest.model.relocation import Side
from digest.model.states import IssueState
from digest.runtime import supervisor
from digest.services import context
from digest.store import issues, relocation
from tests.support.place import Hands, Place, new_place
from tests.support.servers import PIPELINING, Mailbox
from tests.support.workers import SETTINGS, until

#: `digest serve` without pages, its clock as many seconds behind as a file says.
SERVE = """
from datetime import timedelta
from pathlib import Path
from digest import settings
from digest.runtime import supervisor
from digest.services import context
clock = lambda: context.now() - timedelta(seconds=float(Path("behind").read_text()))
ctx = context.build(settings.read(), clock=clock)
supervisor.serve(ctx, pages=None, workers=2, say=lambda text: print(text, flush=True))
"""
READERS = 150


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda tx, _: tx.connection().exec_driver_sql("UPDATE alembic_version SET version_num = '9999'"), "is newer"),
        (
            lambda tx, now: relocation.begin(tx, Side.SOURCE, token="t", other="db.example.org/digest", now=now),
            "is being moved to db.example.org/digest",
        ),
    ],
)
def test_serve_ends_when_its_database_is_upgraded_or_moved(
    place: Place, monkeypatch: pytest.MonkeyPatch, change: object, said: str
) -> None:
    monkeypatch.setattr(supervisor, "LOOK_S", 0.05)

    def begun(_text: str) -> None:
        with place.ctx.db.begin() as tx:
            change(tx, place.clock())  # type: ignore[operator]

    with pytest.raises(StoreError, match=said):
        supervisor.serve(place.ctx, pages=None, workers=1, say=begun)


@contextmanager
def serving(folder: Path, environment: dict[str, str]) -> "Iterator[subprocess.Popen[str]]":
    """A running `serve`, which has begun to tick; it is asked to end, and does so in order."""
    words = [sys.executable, "-c", SERVE]
    with subprocess.Popen(
        words, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        assert process.stdout is not None
        assert any("ticking" in line for line in process.stdout)
        try:
            yield process
            process.send_signal(signal.SIGTERM)
            assert "stopping" in process.stdout.read()
            assert process.wait(15) == 0
        finally:
            process.kill()  # where something failed before


def test_an_issue_goes_out_once_and_in_time_though_serve_is_restarted_before_and_after_its_minute(
    tmp_path: Path, database_url: str, mailbox: Mailbox
) -> None:
    behind = tmp_path / "behind"
    behind.write_text("120")  # the clock only goes forward from here

    def clock() -> datetime:
        return context.now() - timedelta(seconds=float(behind.read_text()))

    place = new_place(tmp_path, Hands(clock()), database_url, ticking=clock)
    place.readers(*(f"r{number}@example.org" for number in range(READERS)))
    place.drop("The harbour opens again")
    place.collect()
    mailbox.extensions, mailbox.delay_s = PIPELINING, 0.01
    environment = {
        **os.environ,
        **SETTINGS,
        "DIGEST_DATABASE_URL": database_url,
        "DIGEST_SETTLE": "0",
        "DIGEST_SMTP_URL": f"smtp://127.0.0.1:{mailbox.port}",
    }

    with serving(tmp_path, environment):
        (tmp_path / "part").write_text(f"{(time.time() - 58) % 60:.3f}")  # so that the next minute begins in two seconds
        (tmp_path / "part").rename(behind)
        due = (clock() + timedelta(minutes=1)).replace(second=0, microsecond=0)
        with place.ctx.db.begin() as tx:
            paper = tx.get_one(Newsletter, place.daily.id)
            paper.days, paper.at = "daily", f"{due.astimezone(place.ctx.settings.zone):%H:%M}"
            paper.timetable_at = due - timedelta(hours=1)
        time.sleep(max(0.0, (due - clock()).total_seconds() - 0.5))
    before = len(mailbox.taken)
    with serving(tmp_path, environment):
        ready = max(due, clock())
        until(lambda: len(mailbox.taken) > 0)
        began = clock()
    halfway = len(mailbox.taken)
    with serving(tmp_path, environment):
        until(lambda: len(mailbox.taken) == READERS)
        until(lambda: is_sent(place))

    assert before == 0
    assert timedelta(0) <= began - ready < timedelta(seconds=30)
    assert 0 < halfway < READERS
    assert set(mailbox.taken.values()) == {1}
    place.ctx.db.close()


def is_sent(place: Place) -> bool:
    with place.ctx.db.read() as tx:
        [issue] = issues.latest(tx)
        return issue.state is IssueState.SENT
