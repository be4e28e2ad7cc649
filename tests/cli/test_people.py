"""What a person types about one person's data: the file of it, and its erasure."""

import json
import re
from pathlib import Path

import pytest

from tests.support.commands import Run


@pytest.fixture
def sent(paper: Run) -> Run:
    assert paper("send").code == 0
    return paper


def test_the_file_of_a_person_is_json_that_its_owner_alone_can_read(sent: Run, tmp_path: Path) -> None:
    said = sent("subscribers", "export", "--evidence", "ann@example.org", "--out", "ann.json")

    found = json.loads((tmp_path / "ann.json").read_text(encoding="utf-8"))
    assert said.code == 0
    assert (tmp_path / "ann.json").stat().st_mode & 0o777 == 0o600
    assert found["person"]["name"] == "Ann"
    assert "people.csv, line 2" in found["subscriptions"][0]["evidence"]
    assert [d["state"] for d in found["deliveries"]] == ["sent"]
    assert sent("subscribers", "export", "--evidence", "ann@example.org").json["person"] == found["person"]


def test_an_erasure_asks_first_says_what_is_kept_and_has_nothing_to_do_twice(sent: Run) -> None:
    asked = sent("subscribers", "erase", "ann@example.org")
    done = sent("subscribers", "erase", "ANN@example.org", "--yes")
    again = sent("subscribers", "erase", "ann@example.org", "--yes")

    assert (asked.code, done.code, again.code) == (2, 0, 3)
    assert "say --yes" in asked.err
    assert "1 subscription" in done.err
    assert "kept: a keyed hash" in done.err
    assert "nothing is held of ann@example.org but the keyed hash" in again.err
    assert "erased" in sent("deliveries", "list").out
    assert sent("subscribers", "show", "ann@example.org").code == 2
    assert sent("issues", "show", "1", "--json").json["deliveries"] == {"sent": 2}
    assert sent("subscribers", "import", "people.csv", "--list", "readers", "--json").json[0]["suppressed"] == 1


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["erase", "no address", "--yes"], "is not a mail address"),
        (["export", "--evidence", "nobody@example.org"], "there is no subscriber nobody@example.org; `digest subscribers list`"),
        (["export", "--evidence", "ann@example.org", "--list", "readers"], "leave the other choices out"),
        (["export", "--evidence", "ann@example.org", "--out", "no/such/folder"], "cannot be written"),
    ],
)
def test_what_cannot_be_done_is_said_plainly(paper: Run, words: list[str], says: str) -> None:
    said = paper("subscribers", *words)

    assert said.code in (1, 2)
    assert says in said.err


def test_retention_shows_a_plan_asks_first_and_then_removes(paper: Run, tmp_path: Path) -> None:
    (tmp_path / "left.csv").write_text("address,unsubscribed_at\nleft@example.org,2015-01-01\n")
    assert paper("subscribers", "import", "left.csv", "--list", "readers").code == 0

    planned, asked = paper("retention", "--dry-run"), paper("retention")
    done, again = paper("retention", "--yes", "--json"), paper("retention", "--yes")

    assert (planned.code, asked.code, done.code, again.code) == (0, 2, 0, 3)
    assert re.search(r"people who left every list +1,095 days  1", planned.out)
    assert "say --yes" in asked.err
    assert {line["what"]: line["rows"] for line in done.json}["departed"] == 1
    assert "nothing is older" in again.err


def test_a_retention_that_is_too_short_is_refused_with_what_is_needed(paper: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIGEST_RETENTION", "attempts=30")

    said = paper("retention")

    assert said.code != 0
    assert "DIGEST_RETENTION keeps attempts for 30 days; 91 at least are needed" in said.err
