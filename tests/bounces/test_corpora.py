"""Real mails that came back, where the corpora lie beside the checkout."""

import json
from pathlib import Path

import pytest
from benchmarks.bounces import false_bounces, flufl, measure, ours, returned


@pytest.fixture
def folder(shared: Path) -> Path:
    return shared / "corpora" / "bounces"


def names(folder: Path) -> list[str]:
    return sorted(json.loads((folder / "expected.json").read_text(encoding="utf-8")))


def test_recipients_and_verdicts_of_real_bounces_are_right(folder: Path) -> None:
    score = measure(folder, names(folder), ours)

    assert score.wanted == 327
    assert score.found / score.wanted >= 0.98
    assert score.extra / score.wanted <= 0.005
    assert score.right / score.found >= 0.97
    assert score.soft_as_hard / score.soft <= 0.01


def test_more_is_found_than_by_flufl(folder: Path) -> None:
    assert measure(folder, names(folder), ours).found > measure(folder, names(folder), flufl).found + 50


def test_no_message_that_a_report_returns_is_a_bounce(folder: Path) -> None:
    count, wrong = false_bounces(returned(folder))

    assert count > 100
    assert wrong == []
