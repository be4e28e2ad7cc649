"""Imports, exports and syncs on the command line: what is printed, what is asked, and the exit codes."""

import json
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from digest.cli import digest, main

pytestmark = pytest.mark.any_database


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    assert run("init").exit_code == 0
    (tmp_path / "people.csv").write_text("email,name\nann@example.org,Ann\nbob@example.org,\n")
    return tmp_path


def run(*words: str) -> Result:
    return CliRunner().invoke(digest, words)


def code(monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    """The exit code of the program itself, which turns errors into codes."""
    monkeypatch.setattr("sys.argv", ["digest", *words])
    monkeypatch.setattr("sys.stdin", None)
    with pytest.raises(SystemExit) as ended:
        main()
    return int(ended.value.code or 0)


def test_an_undo_says_its_plan_before_it_asks(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run("subscribers", "import", "people.csv", "--list", "readers")
    run("subscribers", "set", "bob@example.org", "--unsubscribe", "readers")

    planned = run("subscribers", "undo-import", "1", "--dry-run", "--json")
    asked = run("subscribers", "undo-import", "1")
    done = run("subscribers", "undo-import", "1", "--yes")

    found = json.loads(planned.stdout)
    assert (found["removed"], found["kept"]) == (1, {"changed": 1})
    assert found["keeps"] == [{"address": "bob@example.org", "why": "changed"}]
    assert asked.exit_code == 2
    assert "1 subscriptions to remove; 0 changes to restore; 1 kept, since it was changed since" in done.stderr
    assert done.exit_code == 0
    assert code(monkeypatch, "subscribers", "undo-import", "1", "--yes") == 3
    assert [line["undone_at"] is None for line in json.loads(run("subscribers", "imports", "--json").stdout)] == [False]
    assert "undone" in run("subscribers", "imports").stdout


def test_a_sync_plans_asks_and_ends_with_three_where_there_is_nothing_to_do(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (place / "lists").mkdir()
    (place / "people.csv").rename(place / "lists" / "readers.csv")

    planned = run("subscribers", "sync", "lists", "--dry-run")
    asked = run("subscribers", "sync", "lists")
    done = run("subscribers", "sync", "lists", "--yes", "--json")

    assert planned.exit_code == 0
    assert "would add" in planned.stdout
    assert asked.exit_code == 2
    assert [file["added"] for file in json.loads(done.stdout)["files"]] == [2]
    assert code(monkeypatch, "subscribers", "sync", "lists", "--yes") == 3
    (place / "lists" / "readers.csv").write_text("email\n")
    refused = run("subscribers", "sync", "lists", "--yes")
    assert refused.exit_code == 1
    assert "say --force-removals" in refused.stderr
    assert run("subscribers", "sync", "lists", "--yes", "--force-removals").exit_code == 0


def test_an_import_says_whose_export_it_is(place: Path) -> None:
    header = "id,email,name,note,subscribed_to_emails,complimentary_plan,stripe_customer_id,created_at,deleted_at,labels,tiers"
    (place / "ghost.csv").write_text(f'{header}\n1,zoe@example.org,Zoe,,true,false,,2025-01-01,,"VIP, cooks",\n')

    said = run("subscribers", "import", "ghost.csv", "--list", "readers").stderr

    assert "an export of Ghost: email = address, name = name, subscribed_to_emails = state: subscribed if true" in said
    assert "columns that are not read: id, note, complimentary_plan, stripe_customer_id, tiers" in said
    assert "tags that are no topics of its newsletters, not read: VIP (1), cooks (1)" in said


def test_an_export_as_json_lines_is_chosen_by_state(place: Path) -> None:
    run("subscribers", "import", "people.csv", "--list", "readers")
    run("subscribers", "set", "bob@example.org", "--unsubscribe", "readers")

    out = run("subscribers", "export", "--format", "ndjson", "--state", "unsubscribed").stdout

    assert [json.loads(line)["address"] for line in out.splitlines()] == ["bob@example.org"]
    assert run("subscribers", "export", "--since", "soon").exit_code == 1


def test_the_files_of_an_archive_are_told_apart(place: Path) -> None:
    with zipfile.ZipFile(place / "audience.zip", "w") as made:
        made.writestr("lists/subscribed.csv", "email\nann@example.org\n")
        made.writestr("lists/unsubscribed.csv", "email\nzoe@example.org\n")

    said = run("subscribers", "import", "audience.zip", "--list", "readers")

    lines = said.stdout.splitlines()
    assert [line.partition(")")[0] + ")" for line in lines[1:]] == [
        "audience.zip (lists/subscribed.csv)",
        "audience.zip (lists/unsubscribed.csv)",
    ]
    assert "audience.zip (lists/unsubscribed.csv): by its name, everybody in it is left" in said.stderr


def test_a_dry_run_of_suppressions_counts_and_stores_nothing(place: Path) -> None:
    planned = run("suppress", "import", "people.csv", "--dry-run", "--json")
    listed = run("suppress", "list", "--json")
    done = run("suppress", "import", "people.csv", "--json")

    assert [json.loads(one.stdout)["suppressed"] for one in (planned, done)] == [2, 2]
    assert [json.loads(one.stdout)["dry_run"] for one in (planned, done)] == [True, False]
    assert json.loads(listed.stdout) == []
    assert "would suppress" in run("suppress", "import", "people.csv", "--dry-run").stdout
