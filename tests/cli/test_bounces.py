"""What a person types about mails that came back."""

import re
from pathlib import Path

import pytest

from digest.model.delivery import Delivery
from digest.model.tokens import verp
from tests.support.bounced import dsn
from tests.support.commands import Run

BLOCKED = {"status": "5.7.1", "text": "550 5.7.1 blocked using zen.spamhaus.org"}


@pytest.fixture
def sent(paper: Run, tmp_path: Path) -> Run:
    """Ann and Bob got an issue; each mail that comes back of it is too many."""
    with (tmp_path / ".env").open("a") as env:
        env.write("\nDIGEST_BOUNCE_ADDRESS=bounces@paper.example\n")
    assert paper("newsletters", "set", "daily", "--bounces", "alarm=1,share=1%,domain-share=1%").code == 0
    assert paper("send").code == 0
    return paper


def come_back(run: Run, folder: Path, **says: str) -> None:
    """Let the mails of both readers come back."""
    [key] = re.findall(r"^DIGEST_SECRET_KEY=(.+)$", (folder / ".env").read_text(), re.MULTILINE)
    for number in (1, 2):
        row = Delivery(
            id=number, issue_id=1, newsletter_id=1, subscriber_id=1, subscription_id=1, address=f"{number}@example.org"
        )
        (folder / f"{number}.eml").write_bytes(dsn(row, to=verp("bounces@paper.example", number, key), **says))
    assert run("bounces", "process", *(word for number in (1, 2) for word in ("--mailbox", f"{number}.eml"))).code == 0


@pytest.mark.parametrize(
    ("word", "suppressed", "effect"), [("release", 2, "suppressed"), ("discard", 0, "undone")], ids=["release", "discard"]
)
def test_what_an_alarm_held_back_is_decided_after_a_question(
    sent: Run, tmp_path: Path, word: str, suppressed: int, effect: str
) -> None:
    come_back(sent, tmp_path)
    asked = sent("bounces", word, "1")
    done = sent("bounces", word, "1", "--yes")
    again = sent("bounces", word, "1", "--yes")

    assert (asked.code, done.code, again.code) == (2, 0, 3)
    assert "2 reports on issue 1" in done.err
    assert "no report on issue 1 is held back" in again.err
    assert len(list(sent("suppress", "list", "--json").json)) == suppressed  # type: ignore[call-overload]
    assert sent("bounces", "list").out.count(effect) == 2


def test_a_pause_is_shown_and_ended(sent: Run, tmp_path: Path) -> None:
    come_back(sent, tmp_path, **BLOCKED)

    shown, standing = sent("bounces", "pauses"), sent("status")
    ended, again = sent("bounces", "resume", "example.org"), sent("bounces", "resume", "example.org")

    assert "example.org" in shown.out
    assert "mail to example.org is paused until" in standing.err
    assert "`digest bounces resume example.org` ends that" in standing.err
    assert (ended.code, again.code) == (0, 3)
    assert "nothing is paused" in sent("bounces", "pauses").err + sent("bounces", "pauses").out


def test_rules_of_a_newsletter_are_shown_and_refused_with_what_is_possible(sent: Run) -> None:
    shown = sent("newsletters", "show", "daily")
    refused = sent("newsletters", "set", "daily", "--bounces", "half-life=9")

    assert "alarm=1,share=1%" in shown.out + shown.err
    assert refused.code == 2
    assert "half-life=9 is no rule for bounces" in refused.err
