"""Mails that came back, by the commands, and through kills."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from digest.model.bounce import Effect
from digest.runtime import jobs
from digest.services import bounces
from tests.support.bounced import dsn, newest, publish, rows
from tests.support.place import Place
from tests.support.workers import SETTINGS

pytestmark = pytest.mark.any_database


def run(place: Place, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command(*words), cwd=place.folder, env=environment(), capture_output=True, text=True, check=False)


def command(*words: str) -> Sequence[str]:
    return [sys.executable, "-m", "digest", *words]


def environment() -> dict[str, str]:
    own = {name: value for name, value in os.environ.items() if not name.startswith("DIGEST_")}
    return {**own, **SETTINGS, "DIGEST_BOUNCE_ADDRESS": "bounces@paper.example"}


def maildir(place: Place, mails: Sequence[bytes]) -> Path:
    folder = place.folder / "Maildir"
    for name in ("new", "cur", "tmp"):
        (folder / name).mkdir(parents=True)
    for number, mail in enumerate(mails):
        (folder / "new" / f"{number:05}.x").write_bytes(mail)
    return folder


def test_the_commands_read_list_show_and_undo(place: Place) -> None:
    publish(place, "ann@example.org")
    mail = dsn(rows(place)["ann@example.org"])
    maildir(place, [mail])

    read = run(place, "bounces", "process", "--mailbox", "Maildir")
    again = run(place, "bounces", "process", "--mailbox", "Maildir")
    listed = json.loads(run(place, "bounces", "list", "--verdict", "hard", "--json").stdout)
    shown = run(place, "bounces", "show", "1").stdout
    eml = run(place, "bounces", "show", "1", "--eml").stdout
    asked = run(place, "bounces", "undo", "1")
    undone = run(place, "bounces", "undo", "1", "--yes")

    assert "read 1 mail: 1 bounces" in read.stderr
    assert "suppressed 1" in read.stderr
    assert (again.returncode, again.stderr) == (3, "there are no mails\n")
    assert [(row["address"], row["effect"], row["reason"]) for row in listed] == [
        ("ann@example.org", "suppressed", "no such user")
    ]
    assert "550 5.1.1 user unknown" in shown
    assert eml.encode() == mail
    assert asked.returncode == 2
    assert (undone.returncode, undone.stderr) == (0, "ann@example.org may be mailed again\n")
    assert newest(place).effect is Effect.UNDONE


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["process", "--mailbox", "nowhere"], 2, "nowhere is not there; name a Maildir"),
        (["process"], 2, "no mailbox of mails that come back is set; set DIGEST_BOUNCE_MAILBOX"),
        (["process", "--mailbox", "imap://a:b@mail.example.org"], 2, "would send the password in clear"),
        (["process", "--mailbox", "ftp://mail.example.org"], 2, "the mailbox is not like `imaps://"),
        (["show", "7"], 2, "there is no bounce 7; `digest bounces list` shows them"),
        (["undo", "7", "--yes"], 2, "there is no bounce 7"),
        (["list", "--verdict", "odd"], 2, "is not one of"),
    ],
)
def test_what_is_wrong_is_said(place: Place, words: list[str], code: int, said: str) -> None:
    found = run(place, "bounces", *words)

    assert (found.returncode, said in found.stderr, "Traceback" in found.stderr) == (code, True, False)


def test_the_scheduler_reads_the_mailbox_that_is_set_and_goes_on_where_it_cannot(place: Place) -> None:
    publish(place, "ann@example.org")
    maildir(place, [dsn(rows(place)["ann@example.org"])])
    jobs.safely("bounces", partial(jobs.read_bounces, place.ctx))  # none is set
    assert bounces.listed(place.ctx) == []

    for location in ("maildir:Maildir", "maildir:nowhere"):
        told = place.ctx.settings.model_copy(update={"bounce_mailbox": location})
        jobs.safely("bounces", partial(jobs.read_bounces, replace(place.ctx, settings=told)))

    assert newest(place).effect is Effect.SUPPRESSED


def test_each_mail_is_counted_once_through_kills(place: Place) -> None:
    publish(place, *(f"r{n}@d{n}.example" for n in range(150)))
    folder = maildir(place, [dsn(row, status="5.2.2", text="552 5.2.2 mailbox full") for row in rows(place).values()])

    for files in (140, 90, 40):
        reader = subprocess.Popen(command("bounces", "process", "--mailbox", "Maildir"), cwd=place.folder, env=environment())
        while len(list((folder / "new").iterdir())) > files and reader.poll() is None:
            time.sleep(0.01)
        os.kill(reader.pid, signal.SIGKILL)
        reader.wait()
    last = run(place, "bounces", "process", "--mailbox", "Maildir")

    assert last.returncode == 0
    assert list((folder / "new").iterdir()) == []
    assert sorted(line.address for line in bounces.listed(place.ctx)) == sorted(rows(place))
