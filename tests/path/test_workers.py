"""Many processes on one server share the work: whichever of them dies, everybody gets one mail."""

import io
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import col, select

from digest import log
from digest.model.delivery import Delivery
from digest.model.job import Job, JobKind
from digest.model.states import DeliveryState, IssueState, SourceKind
from digest.model.warmup import REASON, RelayDay
from digest.runtime import jobs, workers
from digest.services import context
from digest.services import sources as source_services
from digest.smtp.relay import Relay
from digest.smtp.transport import Smtp
from digest.store import articles, deliveries, sources, work
from digest.store.engine import Database
from tests.support.place import Hands, Place, new_place
from tests.support.postgres import Server
from tests.support.servers import PIPELINING, Mailbox, smtp_server
from tests.support.workers import SETTINGS, queued, state, until

D = DeliveryState


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with smtp_server(Mailbox(extensions=PIPELINING, delay_s=0.005)) as box:
        yield box


@pytest.fixture
def shared_place(server: Server, tmp_path: Path, mailbox: Mailbox) -> Iterator[Place]:
    """A place on the server, its mail to a relay, its clock the real one."""
    with server.database() as url:
        place = new_place(tmp_path, Hands(context.now()), url, ticking=context.now)
        transport = Smtp(Relay(scheme="smtp", host="127.0.0.1", port=mailbox.port), helo="test")
        settings = place.ctx.settings.model_copy(update={"smtp_connections": 2})
        place.ctx = replace(place.ctx, transports=(transport,), settings=settings)
        yield place
        place.ctx.db.close()


def counts(place: Place, issue: int) -> dict[DeliveryState, int]:
    with place.ctx.db.read() as tx:
        return dict(deliveries.counts(tx, issue))


@contextmanager
def processes(
    place: Place, mailbox: Mailbox, *commands: tuple[str, ...], warmup: int = 0
) -> "Iterator[list[subprocess.Popen[bytes]]]":
    """`digest` commands, each a process of its own."""
    environment = {
        **os.environ,
        **SETTINGS,
        "DIGEST_DATABASE_URL": place.ctx.settings.database_url,
        "DIGEST_SMTP_URL": f"smtp://127.0.0.1:{mailbox.port}" + (f"?warmup={warmup}" if warmup else ""),
    }
    log = place.folder / "log.txt"
    with log.open("ab") as file:
        started = [
            subprocess.Popen(
                [sys.executable, "-m", "digest", *words], cwd=place.folder, env=environment, stdout=file, stderr=file
            )
            for words in commands
        ]
        try:
            yield started
        finally:
            for process in started:
                process.send_signal(signal.SIGTERM)
            for process in started:
                process.wait(20)


@contextmanager
def threads(place: Place) -> Iterator[jobs.Dispatcher]:
    rest, stop = jobs.BackOff(place.ctx.clock), threading.Event()
    dispatcher = jobs.ThreadDispatcher(2, lambda job: jobs.perform(place.ctx, job, stop, rest))
    yield dispatcher
    dispatcher.wait()


@contextmanager
def shared(place: Place) -> Iterator[jobs.Dispatcher]:
    stop = threading.Event()
    working = threading.Thread(target=workers.run, args=(place.ctx,), kwargs={"concurrency": 2, "stop": stop})
    working.start()
    try:
        yield workers.SharedDispatcher(place.ctx)
    finally:
        stop.set()
        working.join(20)


def all_read(place: Place) -> bool:
    """Each source has been read; those on this machine are due again at once."""
    with place.ctx.db.read() as tx:
        return all(source.checked_at is not None for source in sources.all_of(tx))


@pytest.mark.parametrize("made", [threads, shared])
def test_a_dispatcher_has_jobs_done_whatever_else_it_is_given(
    shared_place: Place, mailbox: Mailbox, made: Callable[[Place], "contextmanager[jobs.Dispatcher]"]
) -> None:
    place = shared_place
    issue = queued(place, 30)
    place.drop("Something else")
    with place.ctx.db.read() as tx:
        unread = [source.id for source in sources.all_of(tx) if source.checked_at is None]
    with made(place) as dispatcher:  # type: ignore[attr-defined]
        for _ in range(3):
            dispatcher.run(
                [
                    Job(kind=JobKind.DELIVER, numbers=(10**6,)),  # an issue that is no more
                    Job(kind=JobKind.DELIVER, numbers=(issue,)),
                    Job(kind=JobKind.COLLECT, numbers=tuple(unread)),
                ]
            )
        until(lambda: state(place, issue) is IssueState.SENT)
        until(lambda: all_read(place))

    assert counts(place, issue) == {D.SENT: 30}
    assert set(mailbox.taken.values()) == {1}


def test_workers_share_an_issue_and_finish_what_a_killed_one_began(shared_place: Place, mailbox: Mailbox) -> None:
    place = shared_place
    with processes(place, mailbox, ("worker",), ("worker",), ("serve", "--no-web", "--workers", "1")) as (first, _, _):
        until(lambda: (place.folder / "log.txt").read_bytes().count(b"waiting for jobs") == 2)
        issue = queued(place, 800)
        until(lambda: sum(mailbox.taken.values()) > 100)
        first.kill()
        first.wait()
        until(lambda: set(counts(place, issue)) <= {D.SENT, D.UNSURE})

    by_state = counts(place, issue)
    assert by_state.get(D.UNSURE, 0) <= 2 * 2  # its connections, one message each
    assert len(mailbox.taken) >= 800 - by_state.get(D.UNSURE, 0)
    assert set(mailbox.taken.values()) == {1}


def test_workers_share_the_number_of_a_warm_up_even_after_one_is_killed(shared_place: Place, mailbox: Mailbox) -> None:
    """What the killed one had reserved and not used is lost for the day: the relay gets less, never more."""
    place, allowed = shared_place, 200
    commands = ("worker",), ("worker",), ("serve", "--no-web", "--workers", "1")
    with processes(place, mailbox, *commands, warmup=allowed) as (first, *_):
        until(lambda: (place.folder / "log.txt").read_bytes().count(b"waiting for jobs") == 2)
        issue = queued(place, 600)
        until(lambda: sum(mailbox.taken.values()) > 60)
        first.kill()
        first.wait()
        until(lambda: _waits(place, issue))
        with place.ctx.db.read() as tx:
            given = tx.exec(select(RelayDay.given)).one()
        before = len(mailbox.taken)
        time.sleep(1)  # in which nobody sends any more

    by_state = counts(place, issue)
    assert before == len(mailbox.taken) <= given <= allowed
    assert set(mailbox.taken.values()) == {1}
    assert by_state[D.SENT] + by_state.get(D.UNSURE, 0) == len(mailbox.taken)
    assert by_state[D.QUEUED] == 600 - len(mailbox.taken)


def _waits(place: Place, issue: int) -> bool:
    """Return whether all that is left of an issue waits for tomorrow, and nobody has any of it in hand."""
    with place.ctx.db.read() as tx:
        left = tx.exec(select(Delivery).where(Delivery.issue_id == issue, col(Delivery.state).not_in((D.SENT, D.UNSURE)))).all()
    return all(one.state is D.QUEUED and one.reason.startswith(REASON) for one in left)


def test_sources_are_read_by_whoever_is_free_each_once(shared_place: Place, mailbox: Mailbox) -> None:
    place = shared_place
    folder = place.folder / "texts"
    folder.mkdir()
    for number in range(120):
        (folder / str(number)).mkdir()
        (folder / str(number) / "a.txt").write_text(f"Headline number {number}\n\nThis is what happened in place {number}.\n")
        source = source_services.new_source(
            place.ctx, kind=SourceKind.FOLDER, location=str(folder / str(number)), name=f"s{number}"
        )
        source_services.add_source(place.ctx, source)
    with processes(place, mailbox, ("worker",), ("worker",)):
        jobs.collect_due(place.ctx, workers.SharedDispatcher(place.ctx))
        until(lambda: all_read(place))

    with place.ctx.db.read() as tx:
        headlines = [article.headline for article in articles.latest(tx, limit=1000)]
        assert all(source.failures == 0 and not source.error for source in sources.all_of(tx))
    assert sorted(headlines) == sorted(f"Headline number {number}" for number in range(120))


def test_two_that_queue_the_same_job_at_once_queue_it_once_and_lose_nothing_else(shared_place: Place) -> None:
    job = Job(kind=JobKind.DELIVER, numbers=(7,))
    first, second = threading.Event(), threading.Event()

    def other() -> None:
        first.wait(10)
        with shared_place.ctx.db.begin(shared=True) as tx:
            second.set()
            work.defer(tx, [job])  # waits for the other's transaction, and finds the name taken
            work.lead(tx, "a test", "other", now=shared_place.ctx.clock(), lasts=timedelta(minutes=1))

    thread = threading.Thread(target=other)
    thread.start()
    with shared_place.ctx.db.begin(shared=True) as tx:
        work.defer(tx, [job])
        first.set()
        second.wait(10)
        time.sleep(0.3)
    thread.join(20)

    with shared_place.ctx.db.read() as tx:
        assert tx.connection().exec_driver_sql("SELECT count(*) FROM procrastinate_jobs").scalar() == 1
        assert tx.connection().exec_driver_sql("SELECT holder FROM lease").scalar() == "other"


def test_a_worker_waits_for_a_database_that_is_away(shared_place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    stop, away = threading.Event(), Database("postgresql://nobody@127.0.0.1:9/nothing")
    working = threading.Thread(
        target=workers.run, args=(replace(shared_place.ctx, db=away),), kwargs={"concurrency": 1, "stop": stop}
    )
    working.start()
    until(lambda: "nothing answers there; is the server running?" in "".join(capsys.readouterr()))
    assert working.is_alive()
    stop.set()
    working.join(5)

    assert not working.is_alive()


def test_one_leads_and_another_takes_over_when_it_is_silent(shared_place: Place) -> None:
    clock = Hands()
    ctx = replace(shared_place.ctx, clock=clock)
    first, second, third = (workers.Leader(ctx) for _ in range(3))

    assert [first(), second(), third()] == [True, False, False]
    clock.turn(seconds=15)
    assert [second(), first(), second()] == [False, True, False]
    clock.turn(seconds=workers.LEASE_LASTS / timedelta(seconds=1) + 1)
    assert [second(), first(), third()] == [True, False, False]
    second.end()
    assert [third(), first()] == [True, False]


def test_a_process_says_once_that_it_leads_however_many_of_its_jobs_ask(
    shared_place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Slow(io.StringIO):
        """As the first line of a process is, which loads what writes it."""

        def write(self, text: str) -> int:
            time.sleep(0.05)
            return super().write(text)

    printed = Slow()
    monkeypatch.setattr("sys.stderr", printed)
    log.setup(verbose=True)
    leader = workers.Leader(shared_place.ctx)
    with ThreadPoolExecutor(8) as jobs_of_a_tick:
        assert all(jobs_of_a_tick.map(lambda _: leader(), range(8)))
    monkeypatch.undo()
    log.setup()

    assert printed.getvalue().count("scheduler.leads") == 1


def test_a_worker_needs_a_server(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("")
    done = subprocess.run(
        [sys.executable, "-m", "digest", "worker"],
        cwd=tmp_path,
        env={**os.environ, **SETTINGS, "DIGEST_ENV": str(tmp_path / ".env")},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode in (1, 2)
    assert "Traceback" not in done.stderr
