"""
Days of `digest serve` in minutes: what a process needs that is never restarted, and what restarts leave behind.

    python -m benchmarks.hours [--hours 72] [--speed 200] [--readers 500] [--restarts 1 3 5] [--database sqlite]

The clock of the served process goes `--speed` times as fast, and so do the intervals of its scheduler, so that every tick of
these hours is done, as far as the machine comes after; all else is as `digest serve` has it: pages, scheduler, sends to an SMTP
server, one process. Each simulated hour brings news by a feed over HTTP, by a feed file and as a dropped text, mails that come
back into a Maildir, sign-ups with their confirmation, and visitors; three issues go out a day. At the hours of `--restarts` it gets
SIGTERM and is started again. Printed by the hour: resident memory, open files, threads, connections to the database, temporary files,
journals, and the size of the database with its log. In the first half caches and pools fill; it ends with an error where, in the second
half, memory grows by more than a twentieth, files, threads or connections by more than two (a pool opens one more at the moment when more
ask at once than ever before), or anything else at all, where a job failed, where nobody could sign up, or where a reader was mailed
more or less often than the ledger says.
"""

import argparse
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection, HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import psutil
import sqlalchemy as sa
from sqlmodel import col
from tests.support.bounced import dsn, rows
from tests.support.place import Hands, Place, new_place
from tests.support.servers import PIPELINING, Mailbox, smtp_server
from tests.support.signups import link_in, plain, read
from tests.support.workers import SETTINGS

from benchmarks.kill import databases
from benchmarks.mailbox_kills import ABSENCE, BACK, PERSON
from benchmarks.throughput import free_port, with_path
from digest.model.delivery import Delivery
from digest.model.issue import Issue
from digest.model.newsletter import Newsletter
from digest.model.states import ArchiveAccess, DeliveryState, IssueState, ListAccess, SourceKind
from digest.services import lists
from digest.services import sources as source_services

AT = "07:00,13:00,19:00"
#: What may grow in the second half: to so many times as much, and by so many.
GROWTH = {"memory": (1.05, 0), "files": (1, 2), "threads": (1, 2), "connections": (1, 2), "temporary": (1, 0), "journals": (1, 0)}
FORM = "/subscribe/readers"
PAGES = ("/", "/healthz", FORM, "/pages.css", "/admin/", "/nothing")


# --- the served process ----------------------------------------------------------------------


def serve(speed: float, began: float, start: float, port: int) -> None:
    """Be `digest serve` with a clock that was at `start` when it was `began`, and goes `speed` times as fast."""
    from dataclasses import replace

    from digest import log, settings
    from digest.model.event import NOBODY
    from digest.runtime import jobs, open_files, schedule, supervisor
    from digest.services import context
    from digest.web.public import app
    from digest.web.server import Server, listen

    def clock() -> datetime:
        return datetime.fromtimestamp(start + (time.time() - began) * speed, UTC)

    ticks = Counter[str]()

    safely = jobs.safely

    def counted(*job: Any) -> None:
        ticks["all"] += 1
        safely(*job)

    for name in [name for name in vars(schedule) if name.endswith("_S")]:
        setattr(schedule, name, getattr(schedule, name) / speed)
    jobs.safely = counted  # type: ignore[assignment]
    log.setup(verbose=True)
    open_files.raise_limit()
    ctx = replace(context.build(settings.read(), clock=clock), person=NOBODY)
    try:
        supervisor.serve(ctx, pages=lambda: Server(app(ctx), listen("127.0.0.1", port)), workers=2, say=print)
    finally:
        print(f"ticks: {ticks['all']}", flush=True)


# --- what it lives on ------------------------------------------------------------------------


@dataclass
class Feed:
    """A feed with the newest entries."""

    entries: list[str] = field(default_factory=list)
    port: int = 0

    def add(self, title: str, at: datetime) -> None:
        link = f"https://news.example.com/{title.replace(' ', '-')}"
        self.entries = [entry(title, link, at), *self.entries][:30]

    @property
    def text(self) -> bytes:
        head = "<feed xmlns='http://www.w3.org/2005/Atom'><title>News</title><id>n</id><updated>2026-01-01T00:00:00Z</updated>"
        return f"{head}{''.join(self.entries)}</feed>".encode()


def entry(title: str, link: str, at: datetime) -> str:
    when = at.isoformat()
    said = f"{title} is what happened, and this sentence says so in full. What it means for {title} nobody knows."
    return (
        f"<entry><id>{link}</id><title>{title}</title><link href='{link}'/><published>{when}</published>"
        f"<updated>{when}</updated><summary>{said}</summary></entry>"
    )


@contextmanager
def http(served: Feed) -> Iterator[Feed]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = self.path == "/feed.xml"
            self.send_response(200 if found else 404)
            self.send_header("Content-Type", "application/atom+xml")
            self.end_headers()
            self.wfile.write(served.text if found else b"")

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    served.port = server.server_port
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield served
    finally:
        server.shutdown()
        server.server_close()


@dataclass
class World:
    """A place, and all that comes to it from outside."""

    place: Place
    mailbox: Mailbox
    feed: Feed
    port: int
    maildir: Path
    local: Feed = field(default_factory=Feed)  #: the one in a file
    confirmed: int = 0
    reported: set[int] = field(default_factory=set)  #: deliveries that came back

    def prepare(self, readers: int) -> None:
        place = self.place
        with place.ctx.db.begin() as tx:
            paper = tx.get_one(Newsletter, place.daily.id)
            paper.days, paper.at, paper.timetable_at, paper.archive = "daily", AT, place.clock(), ArchiveAccess.PUBLIC
        lists.change(place.ctx, "readers", access=ListAccess.PUBLIC)
        place.readers(*(f"r{number}@example.org" for number in range(readers)))
        (place.folder / "texts").mkdir()
        (place.folder / "news.xml").write_bytes(self.local.text)
        for kind, location, private in (
            (SourceKind.FEED, f"http://127.0.0.1:{self.feed.port}/feed.xml", True),
            (SourceKind.FEED, str(place.folder / "news.xml"), False),
            (SourceKind.FOLDER, str(place.folder / "texts"), False),
        ):
            made = source_services.new_source(place.ctx, kind=kind, location=location, name=location[-8:], allow_private=private)
            source_services.add_source(place.ctx, made)
        for name in ("new", "cur", "tmp"):
            (self.maildir / name).mkdir(parents=True)

    def hour(self, number: int, at: datetime) -> None:
        """Let what comes in an hour come."""
        self.feed.add(f"Harbour news of hour {number}", at)
        self.local.add(f"Council decision of hour {number}", at)
        (self.place.folder / "news.xml").write_bytes(self.local.text)
        told = " ".join(f"It said sentence {n} of what the town did in hour {number}." for n in range(12))
        (self.place.folder / "texts" / f"{number:04}.txt").write_text(f"Town diary, part {number}\n\n{told}\n")
        self.bounce(number)
        self.visit(number)

    def bounce(self, number: int) -> None:
        """Put mails into the Maildir: a full mailbox, a stranger's absence, and what a person wrote."""
        sent = [row for row in rows(self.place).values() if row.state is DeliveryState.SENT and row.id not in self.reported]
        mails = [ABSENCE.format(back=BACK, number=number).encode(), PERSON.format(back=BACK, number=number).encode()]
        mails += [dsn(row, status="5.2.2", text="552 5.2.2 mailbox full") for row in sent[number % 7 :: 97][:3]]
        self.reported |= {row.id for row in sent[number % 7 :: 97][:3]}
        for place, mail in enumerate(mails):
            (self.maildir / "new" / f"{number}.{place}.m").write_bytes(mail)

    def visit(self, number: int) -> None:
        """Look at the pages, and sign up; who signed up before confirms."""
        for path in PAGES:
            self.ask("GET", path)
        for link in self.links():
            self.confirmed += self.ask("POST", f"/confirm/{link}", {"confirm": "yes"})[0] in (200, 303)
        _, page = self.ask("GET", FORM)
        fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))
        time.sleep(0.2)
        self.ask("POST", FORM, {**fields, "address": f"new{number}@n{number}.example.net"})

    def links(self) -> list[str]:
        """Tokens of the mails that ask for a confirmation; what was mailed is forgotten."""
        with self.mailbox.lock:
            mails, self.mailbox.contents[:] = list(self.mailbox.contents), []
        asked = (read(mail) for mail in mails)
        return [link_in(mail) for mail in asked if "/confirm/" in plain(mail)]

    def ask(self, method: str, path: str, fields: dict[str, str] | None = None) -> tuple[int, str]:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            body = urlencode(fields) if fields is not None else None
            connection.request(
                method, path, body, {"Content-Type": "application/x-www-form-urlencoded"} if fields is not None else {}
            )
            answer = connection.getresponse()
            return answer.status, answer.read().decode("utf-8", "replace")
        except (OSError, HTTPException):
            return 0, ""
        finally:
            connection.close()


# --- figures ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Figures:
    """What the process holds at one moment."""

    hour: float
    memory: float  #: MB, resident
    files: int  #: open, sockets among them
    threads: int
    connections: int  #: to the database: sessions of a server, or open files of SQLite
    temporary: int  #: files
    journals: int
    database: float  #: MB, with its log

    def __str__(self) -> str:
        return (
            f"hour {self.hour:5.1f}: {self.memory:6.1f} MB, {self.files:3} files, {self.threads:2} threads, "
            f"{self.connections:2} of the database, {self.temporary} temporary, {self.journals} journals, {self.database:5.1f} MB on disk"
        )


def look(world: World, process: "subprocess.Popen[bytes]", hour: float) -> Figures:
    seen, place = psutil.Process(process.pid), world.place
    named = [file.path for file in seen.open_files()]
    if place.ctx.db.shared:
        with place.ctx.db.read() as tx:
            open_ = int(
                tx.execute(sa.text("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()")).scalar_one()
            )
            size = int(tx.execute(sa.text("SELECT pg_database_size(current_database())")).scalar_one())
    else:
        open_ = sum(path.endswith("digest.db") for path in named)
        size = sum(path.stat().st_size for path in (place.folder / "var").glob("digest.db*"))
    return Figures(
        hour=hour,
        memory=seen.memory_info().rss / (1 << 20),
        files=seen.num_fds(),
        threads=seen.num_threads(),
        connections=open_,
        temporary=sum(1 for path in (place.folder / "tmp").rglob("*") if path.is_file()),
        journals=sum(1 for path in (place.folder / "var" / "journal").glob("[0-9a-f]*")),
        database=size / (1 << 20),
    )


def faults(figures: list[Figures], world: World, log: str) -> list[str]:
    """What must not be."""
    late = figures[len(figures) // 2 :]
    first, last = late[: len(late) // 4 or 1], late[-(len(late) // 4 or 1) :]
    found = []
    # The least of a quarter of the time: a send that is under way at the moment of a look is no growth.
    for name, (times, more) in GROWTH.items():
        before, after = (min(getattr(one, name) for one in part) for part in (first, last))
        if after > before * times + more:
            found.append(f"{name} grew from {before:.0f} to {after:.0f}")
    failed = [line for line in log.splitlines() if "level='error'" in line or "job.failed" in line or "Traceback" in line]
    with world.place.ctx.db.read() as tx:
        issues = Counter(tx.execute(sa.select(col(Issue.state))).scalars())
        sent = Counter(tx.execute(sa.select(col(Delivery.address)).where(col(Delivery.sent_at).is_not(None))).scalars())
    wrong = [who for who in sent if who.endswith("@example.org") and world.mailbox.taken[who] != sent[who]]
    found += [f"{len(failed)} jobs failed, first: {failed[0]}"] if failed else []
    found += [f"{len(wrong)} readers were not mailed as often as the ledger says, such as {wrong[0]}"] if wrong else []
    odd = {state: count for state, count in issues.items() if state is not IssueState.SENT}
    found += [f"issues are {odd}"] if odd else []
    found += [] if issues else ["no issue was made"]
    found += [] if world.confirmed else ["nobody could confirm a sign-up"]
    print(f"issues: {dict(issues)}; mails: {sum(world.mailbox.taken.values())}; sign-ups confirmed: {world.confirmed}")
    return found


# --- the run ---------------------------------------------------------------------------------


@dataclass
class Run:
    """A served process over its restarts."""

    world: World
    speed: float
    began: float
    start: float
    environment: Mapping[str, str]

    def hour(self) -> float:
        return (time.time() - self.began) * self.speed / 3600

    def sleep_until(self, hour: float) -> None:
        time.sleep(max(0.0, (hour - self.hour()) * 3600 / self.speed))

    def begin(self) -> "subprocess.Popen[bytes]":
        words = [
            sys.executable,
            "-m",
            "benchmarks.hours",
            "--serve",
            *map(str, (self.speed, self.began, self.start, self.world.port)),
        ]
        with (self.world.place.folder / "serve.log").open("ab") as log:
            process = subprocess.Popen(words, cwd=self.world.place.folder, env=self.environment, stdout=log, stderr=log)
        while self.world.ask("GET", "/healthz")[0] != 200:
            if process.poll() is not None:
                raise SystemExit("serve ended by itself: " + (self.world.place.folder / "serve.log").read_text()[-2000:])
            time.sleep(0.1)
        return process


def end(process: "subprocess.Popen[bytes]") -> None:
    process.send_signal(signal.SIGTERM)
    process.wait(30)


def run(folder: Path, url: str, options: argparse.Namespace) -> None:
    started = time.time()
    start = (datetime.now(UTC) - timedelta(hours=options.hours + 2)).timestamp()
    clock = Hands(datetime.fromtimestamp(start, UTC))
    with smtp_server(Mailbox(extensions=PIPELINING)) as mailbox, http(Feed()) as news:
        place = new_place(folder, clock, url)
        world = World(place, mailbox, news, free_port(), folder / "maildir")
        world.prepare(options.readers)
        (folder / "tmp").mkdir()
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("DIGEST_")},
            **SETTINGS,
            "DIGEST_DATABASE_URL": url,
            "DIGEST_SMTP_URL": f"smtp://127.0.0.1:{mailbox.port}",
            "DIGEST_BOUNCE_MAILBOX": f"maildir:{world.maildir}",
            "DIGEST_BOUNCE_ADDRESS": BACK,
            "DIGEST_BACKUP_DIR": "backups",
            "DIGEST_SIGNUP_LIMITS": "address=2/day,domain=100/hour,network=200/hour,all=1000/hour",
            "TMPDIR": str(folder / "tmp"),
        }
        life = Run(world, options.speed, time.time(), start, with_path(environment))
        process, figures = life.begin(), []
        try:
            for number in range(1, options.hours + 1):
                life.sleep_until(number - 0.5)
                clock.now = datetime.fromtimestamp(start, UTC) + timedelta(hours=life.hour())
                world.hour(number, clock.now)
                life.sleep_until(number)
                if process.poll() is not None:
                    raise SystemExit("serve ended by itself: " + (folder / "serve.log").read_text()[-2000:])
                figures.append(look(world, process, life.hour()))
                print(figures[-1], flush=True)
                if number in options.restarts:
                    end(process)
                    process = life.begin()
            time.sleep(5)
        finally:
            with suppress(ProcessLookupError):
                end(process)
        log = (folder / "serve.log").read_text(encoding="utf-8", errors="replace")
        ticks = sum(map(int, re.findall(r"^ticks: (\d+)", log, re.MULTILINE)))
        print(
            f"{life.hour():.0f} hours in {(time.time() - started) / 60:.0f} minutes, {ticks} ticks; load {os.getloadavg()[0]:.1f}"
        )
        wrong = faults(figures, world, log)
        place.ctx.db.close()
    if wrong:
        raise SystemExit("; ".join(wrong))


def main() -> None:
    if sys.argv[1:2] == ["--serve"]:
        speed, began, start, port = map(float, sys.argv[2:])
        serve(speed, began, start, int(port))
        return
    parser = argparse.ArgumentParser(description="Days of `digest serve` in minutes.")
    parser.add_argument("--hours", type=int, default=72)
    parser.add_argument("--speed", type=float, default=200)
    parser.add_argument("--readers", type=int, default=500)
    parser.add_argument("--restarts", type=int, nargs="*", default=[1, 3, 5], help="Hours at whose end it is started again.")
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="digest-hours-") as name,
        databases(options.database) as server,
        server.database() if server is not None else nullcontext("sqlite:///var/digest.db") as url,  # type: ignore[attr-defined]
    ):
        run(Path(name), url, options)


if __name__ == "__main__":
    main()
