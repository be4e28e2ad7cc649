"""
Messages a second and CPU a message of the sending engine, against Postfix's own load generator.

    python -m benchmarks.throughput [--n 20000] [--connections 8] [--runs 5] [--sign] [--whole] [--tls]
                                    [--database postgresql --processes 1 2 4]

In alternation, into the same `smtp-sink` on loopback: the engine from ledger rows to recorded
`sent`, a real issue with personal links, and `smtp-source -d` with as many messages of the same
size over as many connections; beside them `smtplib` (threads) and `aiosmtplib` making and sending
the same messages, without a ledger. Needs Postfix's `smtp-sink` and `smtp-source` (Debian: package
postfix); says so and ends where they are missing. What is timed is the sending alone, in a process
of its own: collecting, rendering and queueing come before. With `--whole` it is the command
`digest send` from its start to its end: selecting, rendering, checking and queueing are in it too.
On PostgreSQL the CPU time of the server is printed as well, per message. With `--tls` the engine
and `smtplib` talk to the sink through `stunnel` (Debian: package stunnel4), since `smtp-sink` knows
no TLS; `smtp-source` knows none either and stays in clear text.
"""

import argparse
import asyncio
import contextlib
import gc
import json
import os
import resource
import shutil
import smtplib
import socket
import ssl
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks.kill import SETTINGS, digest

TEXT = "Story {i} is told in full\n\n" + "\n\n".join(
    f"This is paragraph {p} of the story, and it says in some detail what happened next in the harbour." for p in range(8)
)


def tool(name: str, *, package: str = "postfix") -> str:
    found = shutil.which(name, path=os.environ["PATH"] + ":/usr/sbin")
    if not found:
        print(f"skipped: {name} is not installed; Debian's package {package} has it")
        sys.exit(0)
    return found


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def sink() -> Iterator[int]:
    """`smtp-sink` on a free port."""
    port = free_port()
    with subprocess.Popen(
        [tool("smtp-sink"), *(["-u", "nobody"] if os.getuid() == 0 else []), f"127.0.0.1:{port}", "1000"]
    ) as on:
        time.sleep(0.5)
        try:
            yield port
        finally:
            on.terminate()


@contextlib.contextmanager
def encrypted(port: int) -> Iterator[tuple[int, Path]]:
    """`stunnel` before the sink on `port`: its own port, and the certificate to trust."""
    stunnel, openssl, front = tool("stunnel", package="stunnel4"), tool("openssl", package="openssl"), free_port()
    with tempfile.TemporaryDirectory() as name:
        pem = Path(name) / "sink.pem"
        made = [openssl, "req", "-x509", "-nodes", "-days", "1", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]
        named = ["-subj", "/CN=sink", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(pem), "-out", str(pem) + ".crt"]
        subprocess.run([*made, *named], check=True, capture_output=True)
        certificate = pem.with_name("sink.pem.crt")
        config = pem.with_name("stunnel.conf")
        service = f"accept=127.0.0.1:{front}\nconnect=127.0.0.1:{port}\ncert={certificate}\nkey={pem}\n"
        config.write_text(f"foreground=yes\npid=\ndebug=3\nsslVersionMin=TLSv1.3\n[sink]\n{service}")
        with subprocess.Popen([stunnel, str(config)]) as on:
            time.sleep(0.5)
            try:
                yield front, certificate
            finally:
                on.terminate()


@dataclass(frozen=True, slots=True)
class Store:
    """A fresh database; `server` is the process id of its server, 0 where it has none."""

    url: str
    server: int = 0

    def cpu_s(self) -> float:
        """Seconds of CPU time that the server and its processes have used, ended ones included."""
        if not self.server:
            return 0.0
        postmaster = psutil.Process(self.server)
        used = postmaster.cpu_times()
        running = sum(sum(child.cpu_times()[:2]) for child in postmaster.children(recursive=True))
        return float(used.user + used.system + used.children_user + used.children_system + running)


@contextlib.contextmanager
def database(kind: str) -> Iterator[Store]:
    """A fresh database of this kind."""
    if kind == "sqlite":
        yield Store("sqlite:///var/digest.db")
        return
    from tests.support.postgres import Server

    with tempfile.TemporaryDirectory() as folder, Server.running(Path(folder), safe=True) as server, server.database() as url:
        yield Store(url, server=int((Path(folder) / "postmaster.pid").read_text().split()[0]))


def environment(port: int, given: argparse.Namespace, url: str) -> dict[str, str]:
    return {
        **os.environ,
        **SETTINGS,
        "DIGEST_DATABASE_URL": url,
        "DIGEST_SMTP_URL": f"{'smtps' if given.trusted else 'smtp'}://127.0.0.1:{port}",
        "DIGEST_CA_FILE": given.trusted,
        "DIGEST_SMTP_CONNECTIONS": str(given.connections),
        **({"DIGEST_DKIM_KEYS": given.sign_with} if given.sign_with else {}),
    }


def place(folder: Path, n: int, env: dict[str, str], sign: bool) -> None:
    """A place with articles for an issue and `n` readers."""
    (folder / "texts").mkdir()
    for i in range(40):
        (folder / "texts" / f"{i}.txt").write_text(TEXT.format(i=i), encoding="utf-8")
    (folder / "people.csv").write_text("address,name\n" + "".join(f"r{i}@example.org,Reader {i}\n" for i in range(n)))
    unsigned = {**env, "DIGEST_DKIM_KEYS": ""}
    digest(folder, 0, "init", environment=unsigned)
    if sign:
        digest(folder, 0, "dkim", "new", "e1", "--ed25519", environment=unsigned)
    for words in (
        ("newsletters", "set", "daily", "--max-stories", "40"),
        ("sources", "add", "texts"),
        ("subscribers", "import", "people.csv", "--list", "readers"),
        ("collect", "--force"),
    ):
        digest(folder, 0, *words, environment=env)


def with_path(env: dict[str, str]) -> dict[str, str]:
    return {**env, "PYTHONPATH": str(Path(__file__).parent.parent)}


def do(what: str) -> None:
    """What a child process does, in a queued place; its figures as JSON."""
    from digest import log, settings
    from digest.services import context, freezing, messages, sending
    from digest.services import issues as issue_services
    from digest.services.selection import prepare
    from digest.store import deliveries, issues, newsletters

    log.setup()
    gc.set_threshold(50_000, 20, 20)  # as the command line does
    ctx = context.build(settings.read())
    with ctx.db.read() as tx:
        paper = newsletters.get(tx, "daily")
    if what == "queue":
        slot = paper.timetable.today(ctx.clock())
        issue = freezing.freeze(ctx, issue_services.take_slot(ctx, paper, slot), prepare(ctx, paper, slot, now=ctx.clock()))
        sending.queue(ctx, issue, paper)
        return
    with ctx.db.read() as tx:
        issue = issues.latest(tx)[0]
        rows = (
            [] if what == "ours" else [deliveries.as_claimed(row, now=ctx.clock()) for row in deliveries.listed(tx, limit=10**7)]
        )
    maker = messages.Maker(ctx)
    cpu, clock = time.process_time(), time.perf_counter()
    if what == "ours":
        done = sending.deliver(ctx, issue).sent
    elif what == "smtplib":
        done = send_with_smtplib(ctx, maker, rows)
    else:
        done = asyncio.run(send_with_aiosmtplib(ctx, maker, rows))
    seconds, cpu = time.perf_counter() - clock, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"done": done, "seconds": seconds, "cpu": cpu, "peak": peak}))


def send_with_smtplib(ctx, maker, rows) -> int:  # type: ignore[no-untyped-def]
    host, port = ctx.transports[0].relay.host, ctx.transports[0].relay.port
    lines = ctx.settings.smtp_connections
    trust = ssl.create_default_context(cafile=ctx.settings.ca_path) if ctx.settings.ca_path else None

    def work(share) -> int:  # type: ignore[no-untyped-def]
        with smtplib.SMTP_SSL(host, port, context=trust) if trust else smtplib.SMTP(host, port) as smtp:
            for row in share:
                envelope = maker(row)
                smtp.sendmail(envelope.sender, [envelope.recipient], envelope.content)
        return len(share)

    with ThreadPoolExecutor(lines) as pool:
        return sum(pool.map(work, [rows[i::lines] for i in range(lines)]))


async def send_with_aiosmtplib(ctx, maker, rows) -> int:  # type: ignore[no-untyped-def]
    import aiosmtplib

    host, port, lines = ctx.transports[0].relay.host, ctx.transports[0].relay.port, ctx.settings.smtp_connections

    async def work(share) -> int:  # type: ignore[no-untyped-def]
        async with aiosmtplib.SMTP(hostname=host, port=port, use_tls=False, start_tls=False) as smtp:
            for row in share:
                envelope = maker(row)
                await smtp.sendmail(envelope.sender, [envelope.recipient], envelope.content)
        return len(share)

    return sum(await asyncio.gather(*(work(rows[i::lines]) for i in range(lines))))


def measured(folder: Path, env: dict[str, str], store: Store, what: str, processes: int = 1) -> dict[str, float]:
    """Figures of children doing `what` at the same time."""
    words = [sys.executable, "-m", "benchmarks.throughput", "--do", what]
    server = store.cpu_s()
    children = [subprocess.Popen(words, cwd=folder, env=with_path(env), stdout=subprocess.PIPE) for _ in range(processes)]
    told = [json.loads(child.communicate()[0]) for child in children]
    seconds = max(one["seconds"] for one in told)
    done = sum(one["done"] for one in told)
    return {
        "done": done,
        "rate": done / seconds,
        "cpu": sum(one["cpu"] for one in told) / max(done, 1) * 1e6,
        "peak": max(one["peak"] for one in told),
        "server": (store.cpu_s() - server) / max(done, 1) * 1e6,
    }


def measured_whole(folder: Path, env: dict[str, str], store: Store) -> dict[str, float]:
    """Figures of one `digest send`, from the start of its process to its end."""
    words = [sys.executable, "-m", "digest", "send", "--no-collect", "--yes", "--json"]
    before, server, began = resource.getrusage(resource.RUSAGE_CHILDREN), store.cpu_s(), time.perf_counter()
    sent = subprocess.run(words, cwd=folder, env=env, capture_output=True, check=True)
    seconds, used = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    done = json.loads(sent.stdout)["deliveries"]["sent"]
    cpu = used.ru_utime + used.ru_stime - before.ru_utime - before.ru_stime
    return {
        "done": done,
        "rate": done / seconds,
        "cpu": cpu / done * 1e6,
        "peak": used.ru_maxrss / 1024,
        "server": (store.cpu_s() - server) / done * 1e6,
    }


def source(port: int, n: int, connections: int, size: int) -> float:
    """Messages a second of `smtp-source`."""
    command = [tool("smtp-source"), "-d", "-s", str(connections), "-m", str(n), "-l", str(size), f"127.0.0.1:{port}"]
    began = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return n / (time.perf_counter() - began)


def run(given: argparse.Namespace, port: int, what: str, processes: int = 1) -> tuple[dict[str, float], int]:
    """One measurement in a fresh place, and the size of a message."""
    with tempfile.TemporaryDirectory() as name, database(given.database) as store:
        folder, env = Path(name), environment(port, given, store.url)
        place(folder, given.n, env, given.sign)
        if what == "whole":
            figures = measured_whole(folder, env, store)
        else:
            queue = [sys.executable, "-m", "benchmarks.throughput", "--do", "queue"]
            subprocess.run(queue, cwd=folder, env=with_path(env), check=True)
            figures = measured(folder, env, store, what, processes)
        shown = subprocess.run(
            [sys.executable, "-m", "digest", "deliveries", "show", "1", "--eml"],
            cwd=folder,
            env=env,
            capture_output=True,
            check=True,
        )
        return figures, len(shown.stdout)


def main() -> None:
    parser = argparse.ArgumentParser(description="The sending engine against smtp-source.")
    parser.add_argument("--n", type=int, default=20_000)
    parser.add_argument("--connections", type=int, default=8)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--sign", action="store_true", help="Sign with an Ed25519 key.")
    parser.add_argument("--whole", action="store_true", help="Time the command `digest send`, from its start to its end.")
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--processes", type=int, nargs="*", default=[1])
    parser.add_argument("--tls", action="store_true", help="Talk TLS 1.3 to the sink, through stunnel.")
    parser.add_argument("--others", action="store_true", help="smtplib and aiosmtplib too.")
    parser.add_argument("--do", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.do:
        do(given.do)
        return
    given.sign_with = "e1=var/dkim/e1.pem" if given.sign else ""
    with sink() as port, encrypted(port) if given.tls else contextlib.nullcontext((port, "")) as (front, trusted):
        given.trusted = str(trusted)
        for processes in given.processes:
            ratios = []
            for _ in range(given.runs):
                ours, size = run(given, front, "whole" if given.whole else "ours", processes)
                theirs = source(port, given.n, given.connections, size)
                ratios.append(ours["rate"] / theirs)
                print(
                    f"{ours['done']:.0f} messages of {size} bytes, {given.database}, {processes} process(es): {ours['rate']:.0f}/s, "
                    f"{ours['cpu']:.0f} µs CPU a message, server {ours['server']:.0f} µs, peak {ours['peak']:.0f} MB; "
                    f"smtp-source {theirs:.0f}/s",
                    flush=True,
                )
            print(f"ratio of speeds, median of {given.runs}: {statistics.median(ratios):.2f}", flush=True)
        for other in (("smtplib",) if given.tls else ("smtplib", "aiosmtplib")) if given.others else ():
            figures, _ = run(given, front, other)
            print(f"{other}: {figures['rate']:.0f}/s, {figures['cpu']:.0f} µs CPU a message, without a ledger", flush=True)


if __name__ == "__main__":
    main()
