"""`digest issues edit` and `correct` on an issue that went out."""

import pytest

from tests.support.commands import Run


@pytest.fixture
def sent(paper: Run) -> Run:
    assert paper("send").code == 0
    return paper


def test_words_are_changed_then_corrected_once_and_only_where_it_is_meant(sent: Run) -> None:
    changed = sent("issues", "edit", "1", "--story", "1", "--headline", "A harbour opens for one day")
    tried = sent("issues", "correct", "1", "--dry-run")
    asked = sent("issues", "correct", "1")
    done = sent("issues", "correct", "1", "--sentence", "We are sorry.", "--yes")
    again = sent("issues", "correct", "1", "--yes")
    shown = sent("issues", "show", "1", "--json").json
    correction = sent("issues", "show", "2", "--json").json

    assert (changed.code, tried.code, asked.code, done.code, again.code) == (0, 0, 2, 0, 3)
    assert "`digest issues correct 1 --newsletter daily`" in changed.err
    assert "to 2 readers" in tried.err
    assert "Mail a correction of issue 1 of daily to 2 readers?" in asked.err
    assert "A harbour opens again" in done.out
    assert "--story PLACE --headline TEXT" in again.err
    assert (shown["version"], shown["versions"]) == (2, {"1": 2})  # type: ignore[index,call-overload]
    assert correction["corrects_id"] == shown["id"]  # type: ignore[index,call-overload]
    assert correction["deliveries"] == {"sent": 2}  # type: ignore[index,call-overload]
    assert "version 1: 2" in sent("issues", "show", "1").out


def test_an_introduction_can_be_changed_after_it_went(sent: Run) -> None:
    changed = sent("issues", "edit", "1", "--note", "We can count.")

    assert (changed.code, "in version 2" in changed.err) == (0, True)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("edit", "1"), "give --note, or --story"),
        (("edit", "1", "--story", "1"), "`digest issues rewrite` is for the next one"),
        (("edit", "next", "--story", "1", "--headline", "x"), "`digest issues rewrite` is for the next one"),
        (("edit", "1", "--story", "9", "--headline", "x"), "issue 1 has 1 story"),
        (("edit", "1", "--story", "1", "--headline", ""), "a story needs a headline"),
        (("correct", "1", "--story", "1", "--yes"), "no change of story 1"),
    ],
)
def test_what_cannot_be_done_is_said(sent: Run, words: tuple[str, ...], said: str) -> None:
    refused = sent("issues", *words)

    assert refused.code == 2
    assert said in refused.err
