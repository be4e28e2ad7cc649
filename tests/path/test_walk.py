"""A stranger's walk on loopback: real processes, a web server with a feed, an SMTP server, one click, and out."""

import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from benchmarks import kill

from tests.support.servers import Mailbox, Site, http_server, smtp_server

ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><title>Harbour Wire</title><id>f</id><updated>{now}</updated>
<entry><id>{id}</id><title>{title}</title><link href="https://news.example.com/{id}"/><updated>{now}</updated>
<summary>{title} is what happened, and this sentence says so in full.</summary></entry></feed>"""


def feed(number: int, title: str) -> bytes:
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    return ATOM.format(id=f"story-{number}", title=title, now=now).encode()


def digest(folder: Path, port: int, *words: str) -> "subprocess.CompletedProcess[str]":
    return kill.digest(folder, port, *words)


def test_feeds_in_mail_out_one_click_and_the_next_issue_passes_the_reader_by(tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text("address\nann@example.org\nbob@example.org\n")
    with http_server(Site()) as site, smtp_server(Mailbox()) as mailbox:
        site.pages["/feed.xml"] = (200, {"Content-Type": "application/atom+xml"}, feed(1, "The harbour opens again"))
        assert digest(tmp_path, mailbox.port, "init").returncode == 0
        assert digest(tmp_path, mailbox.port, "sources", "add", site.url("/feed.xml")).returncode == 0
        refused = digest(tmp_path, mailbox.port, "collect", "--force")
        assert "private" in refused.stderr
        assert digest(tmp_path, mailbox.port, "sources", "remove", "1", "--yes").returncode == 0
        assert digest(tmp_path, mailbox.port, "sources", "add", site.url("/feed.xml"), "--allow-private").returncode == 0
        assert digest(tmp_path, mailbox.port, "subscribers", "import", "people.csv", "--list", "readers").returncode == 0

        sent = digest(tmp_path, mailbox.port, "send")
        again = digest(tmp_path, mailbox.port, "send")

        assert (sent.returncode, again.returncode) == (0, 3), sent.stderr + again.stderr
        assert mailbox.taken == {"ann@example.org": 1, "bob@example.org": 1}
        content = next(c for c in mailbox.contents if b"To: ann@" in c).replace(b"=\r\n", b"").decode()
        path = re.search(r"https://ledger\.example\.org(/u/[\w-]+)", content)
        assert path is not None
        with serving(tmp_path, mailbox.port) as base:
            assert urllib.request.urlopen(base + path[1]).status == 200
            request = urllib.request.Request(base + path[1], data=b"List-Unsubscribe=One-Click", method="POST")
            assert urllib.request.urlopen(request).status == 200

        assert "unsubscribed" in digest(tmp_path, mailbox.port, "subscribers", "show", "ann@example.org").stdout
        tested = digest(tmp_path, mailbox.port, "send", "--test", "me@example.org")
        assert "there is no mail to send" in tested.stderr


class serving:  # noqa: N801
    """`digest serve --no-scheduler` as a process; ends with SIGTERM."""

    def __init__(self, folder: Path, port: int, *words: str) -> None:
        environment = {**os.environ, **kill.SETTINGS, "DIGEST_SMTP_URL": f"smtp://127.0.0.1:{port}", "PYTHONUNBUFFERED": "1"}
        command = [sys.executable, "-m", "digest", "serve", "--port", "0", *(words or ("--no-scheduler",))]
        self.process = subprocess.Popen(command, cwd=folder, env=environment, stderr=subprocess.PIPE, text=True)

    def __enter__(self) -> str:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            if found := re.search(r"pages at (http://\S+?)/$", line.strip()):
                self.wait(found[1])
                return found[1]
        raise AssertionError("it said no address")

    @staticmethod
    def wait(base: str) -> None:
        for _ in range(100):
            try:
                urllib.request.urlopen(base + "/healthz", timeout=1)
                return
            except OSError:
                time.sleep(0.05)

    def __exit__(self, *_: object) -> None:
        assert self.process.stderr is not None
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(timeout=12)
        self.process.stderr.close()
        assert code == 130


def test_serve_prints_at_its_minute_and_ends_when_asked(tmp_path: Path) -> None:
    """The slot's minute is the next one; the newsletter is due every day."""
    (tmp_path / "people.csv").write_text("address\nann@example.org\nbob@example.org\n")
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "a.txt").write_text(
        "A harbour opens again\n\nThe harbour opened again on Monday, and two hundred people came to see it.\n"
    )
    with smtp_server(Mailbox()) as mailbox:
        digest(tmp_path, mailbox.port, "init")
        digest(tmp_path, mailbox.port, "sources", "add", "texts")
        digest(tmp_path, mailbox.port, "subscribers", "import", "people.csv", "--list", "readers")
        soon = time.time() + 15
        due = soon - soon % 60 + 60
        words = ("--at", time.strftime("%H:%M", time.gmtime(due)), "--days", "daily", "--zone", "UTC")
        assert digest(tmp_path, mailbox.port, "newsletters", "set", "daily", *words).returncode == 0
        with serving(tmp_path, mailbox.port, "--workers", "2"):
            while sum(mailbox.taken.values()) < 2 and time.time() < due + 30:
                time.sleep(0.2)
            early = time.time() < due
            time.sleep(6)  # two more ticks

        assert not early
        assert mailbox.taken == {"ann@example.org": 1, "bob@example.org": 1}


def test_kills_in_mid_flight_lose_nobody_and_double_nobody() -> None:
    count = kill.run(kills=3, readers=600, seed=7)

    assert count.faults(hold=True) == []
    assert count.mailed >= 400


@pytest.mark.parametrize("signal_", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_send_drains_and_the_next_goes_on(tmp_path: Path, signal_: signal.Signals) -> None:
    (tmp_path / "people.csv").write_text("address\n" + "".join(f"r{i}@example.org\n" for i in range(800)))
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "a.txt").write_text(
        "A harbour opens again\n\nThe harbour opened again on Monday, and two hundred people came to see it.\n"
    )
    with smtp_server(Mailbox(delay_s=0.01)) as mailbox:
        digest(tmp_path, mailbox.port, "init")
        digest(tmp_path, mailbox.port, "sources", "add", "texts")
        digest(tmp_path, mailbox.port, "subscribers", "import", "people.csv", "--list", "readers")
        digest(tmp_path, mailbox.port, "collect", "--force")
        process = kill.start(tmp_path, mailbox.port)
        while not mailbox.taken and process.poll() is None:
            time.sleep(0.01)
        process.send_signal(signal_)
        code = process.wait(timeout=12)
        after = sum(mailbox.taken.values())
        finished = digest(tmp_path, mailbox.port, "send", "--no-collect", "--yes")

        assert code == 130
        assert after < 800
        assert finished.returncode == 0, finished.stderr
        assert len(mailbox.taken) == 800
        assert set(mailbox.taken.values()) == {1}
        assert '"unsure"' not in digest(tmp_path, mailbox.port, "deliveries", "list", "--state", "unsure", "--json").stdout
