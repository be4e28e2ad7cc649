"""
A real Prometheus beside a real `digest serve` that sends an issue to a real SMTP server: `./run looks tests/looks/monitoring.py`.

Every query of the board and every alert is asked, and has data, but for what is rightly none. Needs Debian's package `prometheus`.
"""

import json
import re
import socket
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from shutil import which

import pytest

from digest.services import context
from tests.support.place import Hands, Place, new_place
from tests.support.servers import PIPELINING, Mailbox, smtp_server
from tests.support.serving import digest_serve
from tests.support.workers import until
from tests.test_deploy import RULES, expressions

TOKEN = "0123456789abcdef0123456789abcdef"
READERS = 3_000
#: What is none here: workers on SQLite.
NONE_HERE = {"max(digest_workers)"}


@pytest.fixture
def due(tmp_path: Path) -> Iterator[Place]:
    """A place with an issue that was due a minute ago, a source that fails, and a folder for backups."""
    now = context.now()
    place = new_place(tmp_path, Hands(now), "sqlite:///var/digest.db", ticking=context.now)
    place.readers(*(f"r{i}@{('example.org', 'gmail.com', 'web.de')[i % 3]}" for i in range(READERS)))
    place.drop("The harbour opens again", "A bridge is built", "The ferry stops")
    place.drop("Gone")
    (tmp_path / "feed2.xml").unlink()
    hour = (now - timedelta(minutes=1)).astimezone(place.daily.timetable.zone)
    with place.ctx.db.engine.begin() as connection:
        changed = f"days = 'mon-sun', at = '{hour:%H:%M}', timetable_at = '{now - timedelta(hours=1):%Y-%m-%d %H:%M:%S.%f}'"
        connection.exec_driver_sql(f"UPDATE newsletter SET {changed}")
    yield place
    place.ctx.db.close()


@contextmanager
def prometheus(folder: Path, port: int) -> Iterator[str]:
    """A Prometheus that reads a port each second; the URL of its API."""
    (folder / "token").write_text(TOKEN)
    (folder / "prometheus.yml").write_text(
        "global: {scrape_interval: 1s, evaluation_interval: 1s}\n"
        f"rule_files: [{RULES}]\n"
        "scrape_configs:\n"
        f"- {{job_name: digest, authorization: {{credentials_file: {folder}/token}}, static_configs: [{{targets: ['127.0.0.1:{port}']}}]}}\n"
    )
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        own = free.getsockname()[1]
    words = [
        f"--config.file={folder}/prometheus.yml",
        f"--storage.tsdb.path={folder}/tsdb",
        f"--web.listen-address=127.0.0.1:{own}",
    ]
    with (folder / "prometheus.log").open("wb") as log:
        process = subprocess.Popen(["prometheus", *words], stdout=log, stderr=log)
        try:
            until(lambda: answers(f"http://127.0.0.1:{own}/-/ready"))
            yield f"http://127.0.0.1:{own}/api/v1"
        finally:
            process.terminate()
            process.wait(20)


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def ask(api: str, path: str, **fields: str) -> object:
    try:
        with urllib.request.urlopen(f"{api}/{path}?{urllib.parse.urlencode(fields)}", timeout=10) as answer:
            return json.load(answer)["data"]
    except urllib.error.HTTPError as problem:
        return problem.read().decode()


def result(api: str, query: str) -> list[dict[str, object]]:
    data = ask(api, "query", query=query.replace("$__rate_interval", "20s"))
    assert isinstance(data, dict), (query, data)
    return data["result"]  # type: ignore[no-any-return]


def test_every_query_of_board_and_alerts_has_data_while_an_issue_goes_out(due: Place, tmp_path: Path) -> None:
    if which("prometheus") is None:
        pytest.skip("prometheus is not installed")
    mailbox = Mailbox(extensions=PIPELINING, delay_s=0.01, answers={"RCPT r7@gmail.com": "550 5.1.1 unknown"})
    more = {"DIGEST_METRICS_TOKEN": TOKEN, "DIGEST_BACKUP_DIR": "backups", "DIGEST_SETTLE": "0"}
    seen: dict[str, list[dict[str, object]]] = {}
    with smtp_server(mailbox), digest_serve(due, mailbox, **more) as (port, _), prometheus(tmp_path, port) as api:
        end = time.monotonic() + 180
        wanted = set(expressions()) - NONE_HERE
        while wanted - set(seen) and time.monotonic() < end:
            time.sleep(1)
            seen |= {query: found for query in wanted - set(seen) if (found := result(api, query))}
        while sum(mailbox.taken.values()) < READERS - 1 and time.monotonic() < end:
            time.sleep(0.5)
        time.sleep(4)
        sent = result(api, 'sum by (domain) (digest_deliveries_total{outcome="sent"}) > 0')
        rules = [rule for group in ask(api, "rules")["groups"] for rule in group["rules"]]  # type: ignore[index]
        none = {query: result(api, query) for query in NONE_HERE}

    assert wanted - set(seen) == set()
    assert set(map(len, none.values())) == {0}
    assert {one["metric"]["domain"]: one["value"][1] for one in sent} == {"gmail": "999", "gmx": "1000", "other": "1000"}  # type: ignore[index]
    assert {rule["name"] for rule in rules} == set(re.findall(r"alert: (\w+)", RULES.read_text()))
    assert {(rule["name"], rule["health"], rule.get("lastError")) for rule in rules if rule["health"] != "ok"} == set()
    assert {rule["name"] for rule in rules if rule["state"] == "firing"} == set()
