"""The commands as a person types them: what they say, and the exit code."""

import csv
import io
import json
import re
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlmodel import Session, create_engine

from digest.cli import COMMANDS
from digest.model.issue import Issue
from tests.support.commands import TEXT, Run


def test_the_first_five_minutes(paper: Run, tmp_path: Path) -> None:
    preview, sent, again = paper("preview"), paper("send"), paper("send")

    assert preview.code == 0
    assert "A harbour opens again" in (tmp_path / "preview" / "daily.html").read_text()
    assert "A harbour opens again" in (tmp_path / "preview" / "daily.txt").read_text()
    assert sent.code == 0
    assert "Issue 1 of daily: 1 story, 2 readers" in sent.err
    assert len(list((tmp_path / "var" / "outbox").glob("*.eml"))) == 2
    assert again.code == 3
    assert re.search(r"issue 1 of daily \(\d{4}-\d\d-\d\d\) was sent at \d{4}-\d\d-\d\d \d\d:\d\d \w+", again.err)
    assert len(list((tmp_path / "var" / "outbox").glob("*.eml"))) == 2


def test_init_again_keeps_secrets_and_data(paper: Run, tmp_path: Path) -> None:
    before = (tmp_path / ".env").read_text()

    again = paper("init")

    assert again.code == 0
    assert "kept as it is" in again.err
    assert (tmp_path / ".env").read_text() == before
    assert (tmp_path / ".env").stat().st_mode & 0o077 == 0
    assert len(paper("subscribers", "list", "--json").json) == 2


def test_a_dry_run_explains_and_leaves_the_slot(paper: Run, tmp_path: Path) -> None:
    said = paper("send", "--dry-run", "--explain")

    assert said.code == 0
    assert "number 1 by score" in said.out
    assert len(list(tmp_path.glob("var/dry-run/*/*.eml"))) == 2
    assert paper("issues", "list", "--json").json == []
    assert paper("send").code == 0


def test_an_issue_can_be_shown_explained_and_its_mails_made_again(paper: Run, tmp_path: Path) -> None:
    paper("send")
    shown = paper("issues", "show", "1", "--json").json
    why = paper("issues", "explain", "1").out
    row = paper("deliveries", "list", "--json").json[0]
    eml = paper("deliveries", "show", str(row["id"]), "--eml").out

    assert shown["deliveries"] == {"sent": 2}
    assert "told by texts" in why
    assert eml.encode().replace(b"\r\n", b"\n") in {
        p.read_bytes().replace(b"\r\n", b"\n") for p in tmp_path.glob("var/outbox/*.eml")
    }


def test_status_says_what_needs_a_hand(paper: Run, tmp_path: Path) -> None:
    (tmp_path / "texts" / "bad.txt").write_bytes(b"\0\0")
    paper("collect")

    said = paper("status")

    assert said.code == 0
    assert "source texts: bad.txt: is binary" in said.err
    assert paper("status", "--json").json["newsletters"][0]["readers"] == 2


def test_people_are_added_shown_changed_suppressed_and_removed(paper: Run) -> None:
    assert paper("subscribers", "add", "jörg@example.net", "--list", "readers", "--name", "Jörg").code == 0
    assert paper("subscribers", "add", "jörg@example.net").code == 1
    assert "added by an admin" in paper("subscribers", "show", "jörg@example.net").out
    assert paper("subscribers", "set", "jörg@example.net", "--unsubscribe", "readers").code == 0
    assert "only they can return" in paper("subscribers", "add", "jörg@example.net").err
    assert paper("suppress", "add", "bob@example.org").code == 0
    assert paper("suppress", "add", "bob@example.org").code == 3
    assert paper("subscribers", "remove", "jörg@example.net", "--yes").code == 0
    assert paper("subscribers", "show", "jörg@example.net").code == 2
    assert paper("send", "--json").json["deliveries"] == {"sent": 1, "skipped": 1}


def test_export_and_import_are_each_others_way_back(paper: Run, tmp_path: Path) -> None:
    exported = paper("subscribers", "export").out
    assert paper("subscribers", "export", "--out", "out.csv").code == 0

    assert [row["address"] for row in csv.DictReader(io.StringIO(exported))] == ["ann@example.org", "bob@example.org"]
    assert (tmp_path / "out.csv").stat().st_mode & 0o077 == 0


DESTROYING = [
    ["subscribers", "remove", "ann@example.org"],
    ["subscribers", "undo-import", "1"],
    ["suppress", "remove", "zoe@example.org"],
    ["lists", "remove", "spare"],
    ["newsletters", "remove", "spare"],
    ["sources", "remove", "texts"],
    ["sections", "remove", "Spare"],
    ["rules", "remove", "1"],
    ["issues", "cancel", "2026-01-01"],
]


@pytest.mark.parametrize("words", DESTROYING, ids=" ".join)
def test_what_destroys_asks_for_yes_where_no_terminal_is_there(paper: Run, words: list[str]) -> None:
    paper("suppress", "add", "zoe@example.org")
    paper("lists", "add", "spare")
    paper("newsletters", "add", "spare", "--list", "readers")
    paper("sections", "add", "Spare", "--newsletter", "spare")
    paper("rules", "add", "mute", "--words", "x", "--newsletter", "spare")
    at = ["--newsletter", "spare"] if words[0] in ("sections", "issues") else []
    if words[0] == "issues":
        with Session(create_engine("sqlite:///var/digest.db")) as tx:
            now = datetime(2026, 1, 1, tzinfo=UTC)
            tx.add(Issue(newsletter_id=2, slot="2026-01-01", nonce="x", due_at=now, made_at=now))
            tx.commit()

    asked = paper(*words, *at)

    assert asked.code == 2
    assert "say --yes" in asked.err
    assert "Nothing was changed" in asked.err
    assert paper(*words, *at, "--yes").code == 0


def test_who_left_and_was_removed_is_not_added_again_without_the_person(paper: Run) -> None:
    paper("subscribers", "set", "ann@example.org", "--unsubscribe", "readers")
    paper("subscribers", "remove", "ann@example.org", "--yes")

    refused = paper("subscribers", "add", "ann@example.org", "--list", "readers")

    assert refused.code == 1
    assert "left, and was then removed" in refused.err
    assert paper("subscribers", "import", "people.csv", "--list", "readers", "--json").json[0]["suppressed"] == 1
    assert "ann@example.org" not in paper("subscribers", "export").out
    assert paper("suppress", "remove", "ann@example.org", "--yes").code == 0
    assert paper("subscribers", "add", "ann@example.org", "--list", "readers").code == 0


def test_an_import_says_how_it_read_the_file_and_counts_everybody(paper: Run, tmp_path: Path) -> None:
    (tmp_path / "lm.csv").write_bytes(
        "uuid;email;name;status\nu;jo@lm.example;Jör;enabled\nu;out@lm.example;O;disabled\nu;bad@lm.example;B;blocklisted\n"
        "u;wait@lm.example;W;unconfirmed\nu;ann@gmial.com;A;enabled\nu;wrong;X;enabled\n".encode("cp1252")
    )

    told = paper("subscribers", "import", "lm.csv", "--list", "readers", "--dry-run", "--json").json[0]
    said = paper("subscribers", "import", "lm.csv", "--list", "readers")

    expected = {"lines": 6, "added": 2, "left": 1, "suppressed": 1, "unconfirmed": 1, "not_subscribed": 0, "rejected": 1}
    assert {key: told[key] for key in expected} == expected
    assert (told["encoding"], told["separator"], told["unread"], told["import"]) == ("cp1252", ";", ["uuid"], None)
    assert told["rejects"][0]["value"] == "wrong"
    for text in (
        "read as Windows-1252",
        "columns that are not read: uuid",
        "lm.csv, line 7: address 'wrong' is not a mail address",
        "warning: lm.csv, line 6: ann@gmial.com looks mistyped; is it gmail.com?",
    ):
        assert text in said.err
    assert [word for word in ("left there", "suppressed", "unconfirmed") if word not in said.out] == []


def test_a_list_of_suppressions_is_imported(paper: Run, tmp_path: Path) -> None:
    (tmp_path / "bounces.csv").write_text(
        "email,reason,status\nann@example.org,550 no such user,5.1.1\nzoe@example.org,,\nwrong,,\n"
    )
    (tmp_path / "lm.csv").write_text(
        "email,status\nbob@example.org,enabled\ncy@example.org,blocklisted\nann@example.org,blocklisted\n"
    )

    first = paper("suppress", "import", "bounces.csv", "--json").json
    second = paper("suppress", "import", "lm.csv", "--json").json

    assert (first["suppressed"], first["rejected"]) == (2, 1)
    assert (second["suppressed"], second["already"], second["passed_by"]) == (1, 1, 1)
    listed = {row["address"]: row["reason"] for row in paper("suppress", "list", "--json").json}
    assert listed == {
        "ann@example.org": "550 no such user",
        "zoe@example.org": "imported (bounces.csv, line 3)",
        "cy@example.org": "status: blocklisted (lm.csv, line 3)",
    }
    assert paper("send", "--json").json["deliveries"] == {"sent": 1, "skipped": 1}


BAD: list[tuple[list[str], int, str]] = [
    (["send", "weekly"], 2, "there is no newsletter weekly; there is daily"),
    (["sources", "add", "nowhere.xml"], 2, "nowhere.xml is not there"),
    (["sources", "add", "texts"], 1, "is a source already"),
    (["deliveries", "settle", "--issue", "7", "--resend"], 2, "there is no issue 7"),
    (["deliveries", "settle"], 2, "say --resend or --mark-sent"),
    (["deliveries", "retry"], 2, "name deliveries or an --issue"),
    (["deliveries", "retry", "1", "--issue", "1"], 2, "name deliveries or an --issue"),
    (["deliveries", "retry", "--issue", "7", "--yes"], 2, "there is no issue 7"),
    (["sources", "show", "²"], 2, "there is no source ²"),
    (["sources", "show", "99999999999999999999"], 2, "there is no source"),
    (["articles", "show", "99999999999999999999"], 2, "not in the range"),
    (["preview", "--at", "0001-01-01"], 2, "write a time like"),
    (["newsletters", "remove", "weekly"], 2, "there is no newsletter weekly"),
    (["issues", "hold", "3"], 2, "there is no issue 3"),
    (["sources", "show", "99"], 2, "there is no source 99"),
    (["subscribers", "import", "none.csv"], 2, "none.csv cannot be read"),
    (["subscribers", "import", "texts/a.txt"], 2, "no column of addresses"),
    (["subscribers", "add", "nobody"], 2, "is not a mail address"),
    (["subscribers", "add", "zoe@example.org", "--language", "klingon"], 2, "is no language"),
    (["subscribers", "set", "ann@example.org", "--zone", "Mars/Base"], 2, "is no time zone"),
    (["subscribers", "import", "people.csv", "--map", "x=y"], 2, "FIELD one of address"),
    (["preview", "--at", "soon"], 2, "write a time like"),
    (["preview", "--for", "zoe@example.org"], 3, "zoe@example.org would get no mail of daily now: no active reader"),
    (["newsletters", "set", "daily", "--zone", "Mars/Base"], 2, "is no time zone"),
    (["newsletters", "set", "daily", "--days", "someday"], 2, "is no day"),
    (["issues", "show", "7"], 2, "there is no issue 7"),
    (["lists", "add", "Bad Name"], 2, "cannot name a list"),
    (["frobnicate"], 2, "No such command"),
    (["inspect", "feed", "texts/a.txt"], 1, ""),
]


@pytest.mark.parametrize(("words", "code", "said"), BAD, ids=lambda value: " ".join(value) if isinstance(value, list) else None)
def test_what_is_wrong_is_said_in_a_sentence_with_its_code(paper: Run, words: list[str], code: int, said: str) -> None:
    found = paper(*words)

    assert found.code == code
    assert said in found.err
    assert "Traceback" not in found.err


def test_without_a_database_the_remedy_is_named(run: Run) -> None:
    assert "`digest init` makes one" in run("send").err


def test_every_wrong_setting_is_named_at_once(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run("init")
    monkeypatch.setenv("DIGEST_TIMEZONE", "Mars/Base")
    monkeypatch.setenv("DIGEST_BASE_URL", "paper.example.org")

    said = run("status")

    assert said.code == 1
    assert "DIGEST_TIMEZONE names no time zone" in said.err
    assert "DIGEST_BASE_URL is not an http(s) address" in said.err


def test_sends_without_sources_or_stories_say_so(run: Run) -> None:
    run("init")

    said = run("send")

    assert said.code == 3
    assert "there are no sources" in said.err


def test_inspect_prints_one_object_a_file_by_the_paths_own_reading(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(TEXT)
    (tmp_path / "empty.txt").write_text("")

    said = run("inspect", "page", "a.txt", "empty.txt")

    rows = [json.loads(line) for line in said.out.splitlines()]
    assert (rows[0]["file"], rows[0]["title"], rows[0]["word_count"]) == ("a.txt", "A harbour opens again", 41)
    assert rows[1] == {"file": "empty.txt", "error": "is empty"}


def test_inspect_says_of_a_bounce_whom_it_names_and_why(run: Run, tmp_path: Path) -> None:
    (tmp_path / "b.eml").write_text(
        "From: MAILER-DAEMON@mx\nSubject: failure notice\n\n<ann@example.org>: 550 5.1.1 user unknown\n"
    )

    said = run("inspect", "bounce", "b.eml")

    sentence = "<ann@example.org>: 550 5.1.1 user unknown"
    assert json.loads(said.out) == {
        "file": "b.eml",
        "kind": "bounce",
        "recipients": [
            {
                "address": "ann@example.org",
                "status": "5.1.1",
                "reply": "550",
                "action": "failed",
                "hard": True,
                "reason": "no such user",
                "verdict": "hard",
                "sentence": sentence,
            }
        ],
    }


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_words(run: Run, command: str) -> None:
    said = run(command, "--help")

    assert said.code == 0
    assert len(said.out.split()) > 8


def test_help_loads_nothing_heavy() -> None:
    program = "import sys; sys.argv=['digest','--help']\ntry:\n import digest.cli; digest.cli.main()\nexcept SystemExit: pass\nprint(sorted({m.split('.')[0] for m in sys.modules} & {'sqlmodel','sqlalchemy','jinja2','lxml','trafilatura','feedparser','rich','babel','fastapi','pydantic'}), file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stderr.strip() == "[]"


def test_the_demo_mails_its_readers_from_an_empty_folder(run: Run, tmp_path: Path) -> None:
    said = run("demo", "--dir", str(tmp_path / "demo"))

    assert said.code == 0
    assert "20 stories, 6 mails" in said.err
    assert len(list((tmp_path / "demo" / "var" / "outbox").glob("*.eml"))) == 6
    assert run("demo", "--dir", str(tmp_path / "demo")).code == 2


@pytest.mark.parametrize("wait", [0.05, 0.3, 0.7])
def test_a_send_that_is_killed_is_finished_by_the_next_with_nobody_missing_or_twice(
    paper: Run, tmp_path: Path, wait: float
) -> None:
    people = "address\n" + "".join(f"r{i}@example.org\n" for i in range(1500))
    (tmp_path / "many.csv").write_text(people)
    paper("subscribers", "import", "many.csv", "--list", "readers")
    outbox = tmp_path / "var" / "outbox"

    with subprocess.Popen([sys.executable, "-m", "digest", "send"], cwd=tmp_path, stderr=subprocess.PIPE) as sending:
        until = time.monotonic() + 60
        while sending.poll() is None and not outbox.is_dir() and time.monotonic() < until:
            time.sleep(0.01)
        time.sleep(wait)
        sending.kill()
    finished = paper("send")

    assert finished.code in (0, 3)  # 3: it was quicker than the kill
    assert paper("issues", "show", "1", "--json").json["deliveries"] == {"sent": 1502}
    assert len(list(outbox.glob("*.eml"))) == 1502
