"""Who may join a list, on the command line."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from digest.cli import digest
from digest.cli.remedies import worded
from digest.errors import DigestError


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> "Run":
    monkeypatch.chdir(tmp_path)
    made = Run()
    made("init")
    return made


class Run:
    """Commands in a fresh place."""

    def __call__(self, *words: str) -> str:
        result = CliRunner().invoke(digest, words)
        assert result.exit_code == 0, result.output
        return result.output


def access(run: Run) -> str:
    return str(json.loads(run("lists", "show", "readers", "--json"))["access"])


def test_a_list_is_closed_until_it_is_opened_and_can_be_closed_again(run: Run) -> None:
    steps = [access(run)]
    for option in ("--public", "--single-opt-in", "--closed"):
        run("lists", "set", "readers", option)
        steps.append(access(run))

    assert steps == ["closed", "public", "single", "closed"]


def test_a_new_list_can_be_public_at_once(run: Run) -> None:
    run("lists", "add", "friends", "--public")

    assert json.loads(run("lists", "show", "friends", "--json"))["access"] == "public"


def test_a_public_list_that_no_newsletter_goes_to_says_so(run: Run) -> None:
    run("lists", "add", "friends")

    assert "no newsletter goes to it yet" in run("lists", "set", "friends", "--public")


def test_a_form_is_printed_for_a_list_that_is_open_alone(run: Run) -> None:
    refused = CliRunner().invoke(digest, ["lists", "embed", "readers"]).exception
    run("lists", "set", "readers", "--public")

    assert isinstance(refused, DigestError)
    assert "`digest lists set readers --public` opens it" in worded(refused)
    assert 'action="http://localhost:8000/subscribe/readers"' in run("lists", "embed", "readers")
    assert 'lang="de"' in run("lists", "embed", "readers", "--language", "de")
