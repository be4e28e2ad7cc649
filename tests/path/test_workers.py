"""Many processes on one server share the work: whichever of them dies, everybody gets one mail."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from digest import begin, context, intake, jobs, publish, workers
from digest.deliver.greet import Relay
from digest.deliver.smtp import Smtp
from digest.model.job import Job, JobKind
from digest.model.states import DeliveryState, IssueState, SourceKind
from digest.prepare import prepare
from digest.settings import Settings
from digest.store import deliveries, issues, sources
from tests.conftest import Hands, Place
from tests.postgres import Server
from tests.servers import PIPELINING, Mailbox, smtp_server

D = DeliveryState
SETTINGS = {
    "DIGEST_BASE_URL": "https://ledger.example.org",
    "DIGEST_POSTAL_ADDRESS": "12 Harbour Street, Dublin",
    "DIGEST_FROM": "The Morning Ledger <paper@ledger.example.org>",
    "DIGEST_SECRET_KEY": "s" * 32,
    "DIGEST_PEPPER": "p" * 32,
    "DIGEST_TIMEZONE": "Europe/Berlin",
    "DIGEST_SMTP_CONNECTIONS": "2",
}


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with smtp_server(Mailbox(extensions=PIPELINING, delay_s=0.005)) as box:
        yield box


@pytest.fixture
def shared_place(server: Server, tmp_path: Path, mailbox: Mailbox) -> Iterator[Place]:
    """A place on the server, its mail to a relay, its clock the real one."""
    with server.database() as url:
        settings = Settings(
            sender="The Morning Ledger <paper@ledger.example.org>",
            base_url="https://ledger.example.org",
            postal_address="12 Harbour Street, Dublin",
            secret_key="s" * 32,
            pepper="p" * 32,
            timezone="Europe/Berlin",
            home=tmp_path,
            database_url=url,
            smtp_connections=2,
        )
        ctx = context.build(settings, checked=False)
        begin.set_up(ctx, title="The Morning Ledger")
        relay = Relay(scheme="smtp", host="127.0.0.1", port=mailbox.port)
        ctx = replace(ctx, transports=(Smtp(relay, helo="test"),))
        yield Place(ctx=ctx, clock=Hands(ctx.clock()), folder=tmp_path)
        ctx.db.close()


def queued(place: Place, readers: int) -> int:
    """An issue that waits to be sent to so many."""
    place.readers(*(f"r{i}@example.org" for i in range(readers)))
    place.drop("The harbour opens again")
    place.collect()
    slot = place.daily.timetable.today(place.ctx.clock())
    issue = publish.take_slot(place.ctx, place.daily, slot)
    issue = publish.freeze(place.ctx, issue, prepare(place.ctx, place.daily, slot, now=place.ctx.clock()))
    return publish.queue(place.ctx, issue, place.daily).id or 0


def counts(place: Place, issue: int) -> dict[DeliveryState, int]:
    with place.ctx.db.read() as tx:
        return dict(deliveries.counts(tx, issue))


@contextmanager
def processes(place: Place, mailbox: Mailbox, *commands: tuple[str, ...]) -> "Iterator[list[subprocess.Popen[bytes]]]":
    """`digest` commands, each a process of its own."""
    environment = {
        **os.environ,
        **SETTINGS,
        "DIGEST_DATABASE_URL": place.ctx.settings.database_url,
        "DIGEST_SMTP_URL": f"smtp://127.0.0.1:{mailbox.port}",
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


def until(true: Callable[[], bool], *, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not come about in time"
        time.sleep(0.05)


def state(place: Place, issue: int) -> IssueState:
    with place.ctx.db.read() as tx:
        return issues.get(tx, issue).state


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


@pytest.mark.parametrize("made", [threads, shared])
def test_a_dispatcher_has_jobs_done_whatever_else_it_is_given(
    shared_place: Place, mailbox: Mailbox, made: Callable[[Place], "contextmanager[jobs.Dispatcher]"]
) -> None:
    place = shared_place
    issue = queued(place, 30)
    place.drop("Something else")
    with place.ctx.db.read() as tx:
        unread = [source.id or 0 for source in sources.all_of(tx) if source.checked_at is None]
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
        until(lambda: not intake.due_sources(place.ctx))

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


def test_a_thousand_sources_are_read_by_whoever_is_free(shared_place: Place, mailbox: Mailbox) -> None:
    place = shared_place
    folder = place.folder / "texts"
    folder.mkdir()
    for number in range(120):
        (folder / str(number)).mkdir()
        (folder / str(number) / "a.txt").write_text(f"Headline number {number}\n\nThis is what happened in place {number}.\n")
        source = begin.new_source(place.ctx, kind=SourceKind.FOLDER, location=str(folder / str(number)), name=f"s{number}")
        begin.add_source(place.ctx, source)
    with processes(place, mailbox, ("worker",), ("worker",)):
        jobs.collect_due(place.ctx, workers.SharedDispatcher(place.ctx))
        until(lambda: not intake.due_sources(place.ctx))


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
