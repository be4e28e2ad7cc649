"""
A flood of sign-ups at a real `digest serve`: what its victims are mailed, and what real visitors notice.

    python -m benchmarks.signup [--requests 100000] [--victims 10] [--connections 16] [--proofs 50] [--seed 1]

The flood comes from as many networks as requests (by a trusted proxy's X-Forwarded-For), through the page and as every
content type, with stamps of real forms that get old enough to count as waited for, and with some proofs of work that it
has solved. Meanwhile a visitor a second (six at once at most), from a network and to a domain of their own, opens the form, solves what it asks
for as a browser does, and sends it. Counted: mails to each victim (two at most), and visitors who were let in (all).
Reference, in the same run: the same visitors before the flood. p99 is of their requests, without the solving.
"""

import argparse
import asyncio
import html
import json
import multiprocessing
import os
import random
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode

import aiohttp
import altcha

from benchmarks.kill import SETTINGS, digest

FORM = "/subscribe/readers"
TYPES = ("application/x-www-form-urlencoded", "multipart/form-data", "application/json", "text/plain", "")
IDLE_S = 40
MOST_VISITORS = 6
APART = multiprocessing.get_context("spawn")  #: for processes that are started beside threads
SLOW_S = 3.0  #: from opening a form to sending it: faster ones are taken for robots


@dataclass
class Visits:
    """What visitors noticed."""

    seconds: list[float] = field(default_factory=list)  #: of each request
    answers: Counter[int] = field(default_factory=Counter)  #: statuses of sent forms
    asked: int = 0  #: of how many a proof was asked

    @property
    def p99_ms(self) -> float:
        return sorted(self.seconds)[int(len(self.seconds) * 0.99)] * 1000


# --- the flood -------------------------------------------------------------------------------


def solve(challenge: str) -> str:
    """Do what the widget does, at a low priority: it is another computer's work."""
    os.nice(0 if os.nice(0) >= 19 else 19)
    made = altcha.Challenge.from_dict(json.loads(challenge))
    solution = altcha.solve_challenge(made)
    assert solution is not None
    return altcha.Payload(made, solution).to_base64()


def flood(
    port: int,
    count: int,
    victims: int,
    connections: int,
    proofs: int,
    seed: int,
    answers: "multiprocessing.Queue[dict[int, int]]",
) -> None:
    """Send so many requests; put the counts of their answers."""
    answers.put(asyncio.run(_flood(port, count, victims, connections, proofs, random.Random(seed))))


async def _flood(port: int, count: int, victims: int, connections: int, proofs: int, chance: random.Random) -> dict[int, int]:
    seen: Counter[int] = Counter()
    left = iter(range(count))
    async with aiohttp.ClientSession(f"http://127.0.0.1:{port}", connector=aiohttp.TCPConnector(limit=connections)) as session:
        pages = [await (await session.get(FORM, headers=_from(chance))).text() for _ in range(200)]
        stamps = [_hidden(page) for page in pages]
        solved: list[str] = []
        await asyncio.sleep(SLOW_S)

        async def attacker() -> None:
            for number in left:
                fields = {**chance.choice(stamps), "address": f"victim{number % victims}@v{number % victims}.example.org"}
                if solved and chance.random() < 0.01:
                    fields["altcha"] = solved.pop() if chance.random() < 0.5 else chance.choice(solved)
                kind = chance.choice(TYPES)
                try:
                    async with session.post(FORM, allow_redirects=False, **_body(fields, kind, chance)) as answer:  # type: ignore[arg-type]
                        seen[answer.status] += 1
                        text = await answer.text()
                except aiohttp.ClientError:  # the server closed an idle connection just then
                    seen[0] += 1
                    continue
                if len(solved) < proofs and number % 500 == 499 and (challenge := _challenge(text)):
                    solved.append(await asyncio.to_thread(solve, challenge))

        await asyncio.gather(*(attacker() for _ in range(connections)))
    return dict(seen)


def _body(fields: dict[str, str], kind: str, chance: random.Random) -> dict[str, object]:
    headers = _from(chance)
    if kind == "multipart/form-data":
        form = aiohttp.FormData(fields, default_to_multipart=True)
        return {"data": form, "headers": headers}
    text = json.dumps(fields) if kind == "application/json" else urlencode(fields)
    return {"data": text.encode(), "headers": {**headers, "Content-Type": kind}}


def _from(chance: random.Random) -> dict[str, str]:
    return {"X-Forwarded-For": f"10.{chance.randrange(256)}.{chance.randrange(256)}.{chance.randrange(256)}"}


def _hidden(page: str) -> dict[str, str]:
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))


def _challenge(page: str) -> str:
    found = re.search(r'<altcha-widget [^>]*challenge="([^"]*)"', page)
    return html.unescape(found[1]) if found else ""


# --- the visitors ----------------------------------------------------------------------------


class Visitors:
    """A visitor a second, until told to stop."""

    def __init__(self, port: int, solvers: ProcessPoolExecutor) -> None:
        self._port = port
        self._solvers = solvers
        self._numbers = iter(range(1, 60_000))
        self._lock = threading.Lock()
        self._here = 0  #: visitors who have not been answered yet

    @contextmanager
    def coming(self) -> Iterator[Visits]:
        """Have them come while the block runs; all have been answered at its end."""
        noticed, stop = Visits(), threading.Event()
        with ThreadPoolExecutor(MOST_VISITORS + 1) as pool:
            ticking = pool.submit(self._tick, pool, noticed, stop)
            yield noticed
            stop.set()
            ticking.result()

    def _tick(self, pool: ThreadPoolExecutor, noticed: Visits, stop: threading.Event) -> None:
        while not stop.wait(1.0):
            # No more than so many at once: on a busy machine they would pile up before the one that solves for them.
            if self._here < MOST_VISITORS:
                with self._lock:
                    self._here += 1
                pool.submit(self._visit, next(self._numbers), noticed)

    def _visit(self, number: int, noticed: Visits) -> None:
        came = {"X-Forwarded-For": f"203.{number // 250 % 250}.{number % 250}.1"}
        page, _, first = self._ask("GET", came)
        began = time.monotonic()
        fields = {**_hidden(page), "address": f"reader@r{number}.example.net"}
        challenge = _challenge(page)
        if challenge:
            fields["altcha"] = self._solvers.submit(solve, challenge).result()
        time.sleep(max(0.0, SLOW_S - (time.monotonic() - began)))
        again, status, second = self._ask("POST", came, fields)
        times = [first, second]
        if status == 422 and (challenge := _challenge(again)):  # the pressure came while the form was open
            time.sleep(SLOW_S)
            fields = {**fields, **_hidden(again), "altcha": self._solvers.submit(solve, challenge).result()}
            _, status, third = self._ask("POST", came, fields)
            times.append(third)
        with self._lock:
            self._here -= 1
            noticed.seconds += times
            noticed.answers[status] += 1
            noticed.asked += bool(challenge)

    def _ask(self, method: str, headers: dict[str, str], fields: dict[str, str] | None = None) -> tuple[str, int, float]:
        began = time.perf_counter()
        connection = HTTPConnection("127.0.0.1", self._port, timeout=60)
        sent = {**headers, "Content-Type": TYPES[0]} if fields is not None else headers
        connection.request(method, FORM, urlencode(fields) if fields is not None else None, sent)
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        return text, answer.status, time.perf_counter() - began


# --- the run ---------------------------------------------------------------------------------


@contextmanager
def served(folder: Path) -> Iterator[int]:
    """The port of a `digest serve` in the folder, with an open list and an outbox."""
    environment = {**os.environ, **SETTINGS, "DIGEST_TRUSTED_PROXIES": "127.0.0.1", "DIGEST_SMTP_URL": "outbox:var/outbox"}
    for words in (("init",), ("lists", "set", "readers", "--public")):
        digest(folder, 0, *words, environment=environment)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with (folder / "serve.log").open("wb") as log:
        command = [sys.executable, "-m", "digest", "serve", "--host", "127.0.0.1", "--port", str(port)]
        running = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)
    try:
        _until_answers(port)
        yield port
    finally:
        running.terminate()
        running.wait(60)


def _until_answers(port: int) -> None:
    for _ in range(600):
        try:
            HTTPConnection("127.0.0.1", port, timeout=5).request("GET", FORM)
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit("digest serve does not answer")


def mails_to_victims(folder: Path) -> Counter[str]:
    """How many mails each victim has."""
    found = (str(message_from_bytes(path.read_bytes())["To"]) for path in (folder / "var" / "outbox").glob("*.eml"))
    return Counter(to for to in found if to.startswith("victim"))


def main() -> None:
    """Run it and print the figures; exit 1 where a victim got a third mail or a visitor was not let in."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=100_000)
    parser.add_argument("--victims", type=int, default=10)
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--proofs", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="digest-signup-") as place, ProcessPoolExecutor(1, mp_context=APART) as solvers:
        folder = Path(place)
        with served(folder) as port:
            visitors = Visitors(port, solvers)
            with visitors.coming() as idle:
                time.sleep(IDLE_S)
            began = time.perf_counter()
            with visitors.coming() as busy:
                answers: multiprocessing.Queue[dict[int, int]] = APART.Queue()
                work = (port, options.requests, options.victims, options.connections, options.proofs, options.seed, answers)
                attack = APART.Process(target=flood, args=work)
                attack.start()
                flooded = answers.get()
                attack.join()
            seconds = time.perf_counter() - began
            time.sleep(5)  # for the mails that wait
        victims = mails_to_victims(folder)
    report(flooded, seconds, idle, busy, victims)
    let_in = set(idle.answers) == set(busy.answers) == {303}
    raise SystemExit(0 if let_in and max(victims.values(), default=0) <= 2 else 1)


def report(flooded: dict[int, int], seconds: float, idle: Visits, busy: Visits, victims: Counter[str]) -> None:
    """Print what came of it."""
    print(f"flood: {sum(flooded.values()):,} requests in {seconds:.0f} s, answers {dict(sorted(flooded.items()))}")
    print(f"victims: {dict(sorted(victims.items()))}, at most {max(victims.values(), default=0)} mails each")
    for name, visits in (("before", idle), ("during", busy)):
        print(
            f"visitors {name}: {sum(visits.answers.values())}, answers {dict(visits.answers)}, asked for a proof {visits.asked},"
            f" p99 {visits.p99_ms:.0f} ms"
        )
    print(f"ratio of p99: {busy.p99_ms / idle.p99_ms:.1f}")


if __name__ == "__main__":
    main()
