"""What the command line says to do about an error."""

import re
from pathlib import Path

import pytest

from digest.cli.remedies import CHECKS, REMEDIES, remedy, worded
from digest.errors import DigestError, NotFound, TransportRefused
from tests.support.commands import ALL

SOURCE = Path(__file__).parent.parent.parent / "src" / "digest"


@pytest.mark.parametrize("code", [*REMEDIES, *CHECKS])
def test_every_command_of_a_remedy_is_one(code: str) -> None:
    for words in re.findall(r"`digest ([a-z -]+)", {**REMEDIES, **CHECKS}[code]):
        command = re.match(r"[a-z -]*[a-z]", words.partition(" --")[0])

        assert command is not None
        assert f"digest {command[0]}" in ALL


@pytest.mark.parametrize("code", REMEDIES)
def test_every_remedy_is_of_an_error_that_is_raised(code: str) -> None:
    raised = "".join(path.read_text() for path in SOURCE.rglob("*.py") if path.name != "remedies.py")
    noun = code.removeprefix("no_")

    assert f'"{code}"' in raised or f'NotFound("{noun}"' in raised


def test_no_error_below_the_faces_names_a_command() -> None:
    """Only a report by mail does, which is a face of its own; so do settings, whose only reader is who starts digest."""
    found = [
        f"{path.relative_to(SOURCE)}: {line.strip()}"
        for path in SOURCE.rglob("*.py")
        if path.relative_to(SOURCE).parts[0] not in ("cli", "settings", "web")
        for line in path.read_text(encoding="utf-8").splitlines()
        if "`digest " in line and not line.lstrip().startswith('"""')
    ]

    assert found == []


def test_what_a_setting_is_called_is_known_to_settings_and_the_command_line() -> None:
    """And to `deliver`, whose refusals speak of the settings of a relay."""
    found = [
        f"{path.relative_to(SOURCE)}: {line.strip()}"
        for path in SOURCE.rglob("*.py")
        if path.relative_to(SOURCE).parts[0] not in ("cli", "settings", "deliver", "smtp", "web")
        for line in path.read_text(encoding="utf-8").splitlines()
        if re.search(r"[\"' ]DIGEST_(?!LENGTH)[A-Z]", line.partition("  #")[0])
    ]

    assert found == []


def test_a_remedy_holds_the_facts_of_its_error() -> None:
    missing = NotFound("issue", "7 of daily", newsletter="daily")

    assert worded(missing) == "there is no issue 7 of daily; `digest issues list --newsletter daily` shows them"
    assert worded(NotFound("issue", 7)) == "there is no issue 7; `digest issues list` shows them"


def test_a_fact_that_an_error_does_not_know_is_left_to_the_person() -> None:
    assert remedy("no_readers", {}) == "`digest subscribers import FILE.csv --list LIST` brings them"


def test_an_error_without_a_remedy_is_said_as_it_is() -> None:
    assert worded(DigestError("the disk is full")) == "the disk is full"


@pytest.mark.parametrize(
    ("code", "setting"),
    [
        ("relay_url", "DIGEST_SMTP_URL"),
        ("no_password", "DIGEST_SMTP_TOKEN_COMMAND"),
        ("token_command", "DIGEST_SMTP_TOKEN_COMMAND"),
        ("token_server", "DIGEST_SMTP_TOKEN_URL"),
        ("refresh_token", "DIGEST_SMTP_REFRESH_TOKEN"),
        ("outbox_file", "DIGEST_SMTP_URL"),
    ],
)
def test_what_the_smtp_client_calls_settings_has_its_name_on_the_command_line(code: str, setting: str) -> None:
    assert setting in worded(TransportRefused("relay mx:25 refuses the log-in", code=code))
