from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.bounces.policy import Earlier, effect, is_alarming, score
from digest.bounces.report import Reason, Verdict
from digest.model.bounce import Effect, Proof

NOW = datetime(2026, 3, 3, 6, tzinfo=UTC)
HARMS = (Effect.SUPPRESSED, Effect.UNSUBSCRIBED)


def earlier(
    *days: float, verdict: Verdict = Verdict.SOFT, reason: Reason = Reason.OTHER, proof: Proof = Proof.SIGNED
) -> list[Earlier]:
    """Reports of other deliveries, so many days ago."""
    return [
        Earlier(at=NOW - timedelta(days=ago), verdict=verdict, reason=reason, proof=proof, delivery_id=100 + n)
        for n, ago in enumerate(days)
    ]


def decided(
    verdict: Verdict, proof: Proof = Proof.SIGNED, reason: Reason = Reason.OTHER, known: list[Earlier] | None = None
) -> Effect:
    return effect(verdict, reason, proof=proof, delivery_id=7, earlier=known or [], now=NOW)


@pytest.mark.parametrize(
    ("verdict", "signed", "named", "unproven"),
    [
        (Verdict.HARD, Effect.SUPPRESSED, Effect.NOTHING, Effect.NOTHING),
        (Verdict.COMPLAINT, Effect.UNSUBSCRIBED, Effect.NOTHING, Effect.NOTHING),
        (Verdict.SOFT, Effect.NOTHING, Effect.NOTHING, Effect.NOTHING),
        (Verdict.BLOCKED, Effect.NOTHING, Effect.NOTHING, Effect.NOTHING),
        (Verdict.DELAYED, Effect.NOTHING, Effect.NOTHING, Effect.NOTHING),
        (Verdict.NONE, Effect.NOTHING, Effect.NOTHING, Effect.NOTHING),
    ],
)
def test_a_first_report_acts_only_with_a_signature(verdict: Verdict, signed: Effect, named: Effect, unproven: Effect) -> None:
    assert [decided(verdict, proof) for proof in (Proof.SIGNED, Proof.NAMED, Proof.NONE)] == [signed, named, unproven]


def test_two_hard_reports_without_signature_suppress_if_a_day_lies_between() -> None:
    hour, days = (earlier(ago, verdict=Verdict.HARD, proof=Proof.NAMED) for ago in (0.1, 2))

    assert decided(Verdict.HARD, Proof.NAMED, known=hour) is Effect.NOTHING
    assert decided(Verdict.HARD, Proof.NAMED, known=days) is Effect.SUPPRESSED


def test_the_same_report_again_does_nothing() -> None:
    known = [Earlier(at=NOW, verdict=Verdict.HARD, reason=Reason.NO_SUCH_USER, proof=Proof.SIGNED, delivery_id=7)]

    assert decided(Verdict.HARD, known=known) is Effect.REPEATED


@pytest.mark.parametrize(
    ("days", "reason", "expected"),
    [
        ((1, 2), Reason.OTHER, Effect.NOTHING),  # thrice, but within a week
        ((5, 10), Reason.OTHER, Effect.SUPPRESSED),
        ((60, 90), Reason.OTHER, Effect.NOTHING),  # long ago
        ((5, 10), Reason.FULL, Effect.NOTHING),
        ((2, 4, 6, 8), Reason.FULL, Effect.SUPPRESSED),
    ],
)
def test_soft_reports_add_up_and_fade(days: tuple[float, ...], reason: Reason, expected: Effect) -> None:
    assert decided(Verdict.SOFT, reason=reason, known=earlier(*days, reason=reason)) is expected


def test_soft_reports_without_signature_never_suppress() -> None:
    known = earlier(*range(1, 60), proof=Proof.NAMED)

    assert decided(Verdict.SOFT, Proof.NAMED, known=known) is Effect.NOTHING
    assert decided(Verdict.SOFT, known=known) is Effect.NOTHING


@given(st.sampled_from(Verdict), st.sampled_from(Reason), st.lists(st.floats(0, 400), max_size=20))
def test_a_forged_report_harms_nobody_whatever_came_before(verdict: Verdict, reason: Reason, days: list[float]) -> None:
    forged = earlier(*days, verdict=Verdict.HARD, proof=Proof.NONE)

    assert decided(verdict, Proof.NONE, reason, forged) not in HARMS


@given(st.sampled_from(Reason), st.integers(0, 2_000), st.integers(0, 2_000))
def test_a_soft_failure_counts_less_the_older_it_is(reason: Reason, a: int, b: int) -> None:
    younger, older = sorted((a, b))

    assert score(reason, timedelta(days=younger)) >= score(reason, timedelta(days=older)) >= 0


@pytest.mark.parametrize(
    ("hard", "of", "domain", "expected"),
    [(19, 19, False, False), (20, 100, False, True), (20, 1_000, False, False), (30, 100, True, True), (20, 100, True, False)],
)
def test_an_alarm_needs_a_number_and_a_share(hard: int, of: int, domain: bool, expected: bool) -> None:
    assert is_alarming(hard, of, domain=domain) is expected


def test_a_report_that_was_undone_counts_for_nothing_but_a_repetition() -> None:
    hard = [replace(one, is_undone=True) for one in earlier(2, verdict=Verdict.HARD, proof=Proof.NAMED)]
    soft = [replace(one, is_undone=True) for one in earlier(8, 6, 4, 2)]
    same = Earlier(at=NOW, verdict=Verdict.HARD, reason=Reason.NO_SUCH_USER, proof=Proof.SIGNED, delivery_id=7, is_undone=True)

    assert decided(Verdict.HARD, Proof.NAMED, known=hard) is Effect.NOTHING
    assert decided(Verdict.SOFT, known=soft) is Effect.NOTHING
    assert decided(Verdict.SOFT, known=earlier(8, 6, 4, 2)) is Effect.SUPPRESSED
    assert decided(Verdict.HARD, known=[same]) is Effect.REPEATED
