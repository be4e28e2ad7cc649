from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.bounces.policy import effect, is_alarming, is_refused
from digest.bounces.report import Reason, Verdict
from digest.bounces.rules import DEFAULT, LEAVE, RECORD, SUPPRESS, Rules, parse, worded
from digest.errors import BadInput
from digest.model.bounce import Effect, Proof
from tests.bounces.test_policy import NOW, earlier

SOME = st.builds(
    Rules,
    score=st.integers(1, 100).map(float),
    half_life=st.integers(1, 365).map(lambda days: timedelta(days=days)),
    span=st.integers(1, 365).map(lambda days: timedelta(days=days)),
    unsigned=st.integers(2, 100),
    alarm=st.integers(1, 1_000),
    share=st.integers(1, 100).map(lambda percent: percent / 100),
    domain_share=st.integers(1, 100).map(lambda percent: percent / 100),
    hard=st.sampled_from((SUPPRESS, RECORD)),
    complaint=st.sampled_from((SUPPRESS, LEAVE)),
)


@given(SOME)
def test_rules_are_read_as_they_are_written(rules: Rules) -> None:
    assert parse(worded(rules)) == rules
    assert parse(worded(rules, all_of_them=False)) == rules


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("scores=3", "'scores=3' is no rule for bounces; write them like score=2.5"),
        ("score", "it is not a number"),
        ("score=nan", "it is not between 1 and 100"),
        ("unsigned=1", "it is not a whole number between 2 and 100"),
        ("half-life=30", "is no length of time"),
        ("span=9000d", "it is not between 1d and 365d"),
        ("share=0%", "it is not between"),
        ("hard=delete", "it is not suppress or record"),
    ],
)
def test_what_is_no_rule_is_said(text: str, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        parse(text)


@given(SOME, st.sampled_from(Verdict), st.sampled_from(Reason), st.lists(st.floats(0, 400), max_size=20))
def test_whatever_the_rules_a_forged_report_harms_nobody(
    rules: Rules, verdict: Verdict, reason: Reason, days: list[float]
) -> None:
    forged = earlier(*days, verdict=Verdict.HARD, proof=Proof.NONE)

    found = effect(verdict, reason, proof=Proof.NONE, delivery_id=7, earlier=forged, now=NOW, rules=rules)

    assert found in (Effect.NOTHING, Effect.REPEATED)


def test_each_number_counts() -> None:
    def decided(rules: Rules, verdict: Verdict, proof: Proof = Proof.SIGNED, *days: float) -> Effect:
        known = earlier(*days, verdict=verdict, proof=proof)
        return effect(verdict, Reason.OTHER, proof=proof, delivery_id=7, earlier=known, now=NOW, rules=rules)

    own = parse("score=4,half-life=365d,span=30d,unsigned=3,hard=suppress,complaint=leave,alarm=5,share=50%")
    assert decided(DEFAULT, Verdict.SOFT, Proof.SIGNED, 5, 10) is Effect.SUPPRESSED
    assert decided(own, Verdict.SOFT, Proof.SIGNED, 5, 10) is Effect.NOTHING
    assert decided(own, Verdict.SOFT, Proof.SIGNED, 5, 10, 20, 25) is Effect.NOTHING  # within 30 days
    assert decided(own, Verdict.SOFT, Proof.SIGNED, 5, 10, 20, 35) is Effect.SUPPRESSED
    assert decided(own, Verdict.HARD, Proof.NAMED, 2, 2.1) is Effect.NOTHING  # the two came together
    assert decided(own, Verdict.HARD, Proof.NAMED, 2, 4) is Effect.SUPPRESSED
    assert decided(own, Verdict.COMPLAINT) is Effect.LEFT
    assert decided(replace(own, hard=RECORD), Verdict.HARD) is Effect.NOTHING
    assert [is_alarming(n, 10, domain=False, rules=own) for n in (4, 5, 6)] == [False, False, True]


@pytest.mark.parametrize(
    ("blocked", "of", "expected"), [(1, 1, True), (1, 2, False), (2, 3, True), (4, 100, False), (5, 100_000, True)]
)
def test_a_domain_refuses_us_when_several_or_most_of_its_mails_came_back(blocked: int, of: int, expected: bool) -> None:
    assert is_refused(blocked, of) is expected
