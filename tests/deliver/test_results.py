"""What becomes of a delivery, by its answer and the rules of the run."""

from dataclasses import replace
from datetime import timedelta

import pytest

from digest.deliver.results import Finished, Judged, judged, untouched
from digest.model.delivery import Result
from digest.model.ports import Stage
from digest.model.states import DeliveryState, Skip
from tests.deliver.making import RULES, answered, claimed, decided, silent
from tests.support.place import TUESDAY

D = DeliveryState


@pytest.mark.parametrize(
    ("reply", "stage", "state"),
    [
        ("250 2.0.0 taken", Stage.END, D.SENT),
        ("550 5.1.1 no such user", Stage.RCPT, D.BOUNCED),
        ("451 4.7.1 greylisted", Stage.RCPT, D.DEFERRED),
        ("535 5.7.8 log in", Stage.MAIL, D.QUEUED),
    ],
)
def test_a_reply_decides_the_state(reply: str, stage: Stage, state: DeliveryState) -> None:
    one = decided(answered(claimed(1), reply, stage))

    assert one.result.state is state
    assert str(one.result.reply) == reply
    assert one.result.relay == "a:25"
    assert one.verdict is not None


def test_a_delivery_that_was_never_begun_is_as_if_nobody_had_claimed_it() -> None:
    delivery = claimed(1, relay="b:25")

    assert decided(Finished(delivery=delivery)) == Judged(delivery, untouched(delivery))
    assert decided(silent(delivery, Stage.CONTENT)).result == untouched(delivery)
    assert untouched(delivery) == Result(delivery_id=1, state=D.QUEUED, relay="b:25")


def test_a_reader_who_is_passed_by_is_skipped_with_the_reason() -> None:
    result = decided(Finished(delivery=claimed(1), skip=Skip.LEFT)).result

    assert (result.state, result.reason) == (D.SKIPPED, "left")


def test_what_its_domain_cannot_take_now_waits_for_its_time() -> None:
    later = TUESDAY + timedelta(minutes=3)

    result = decided(Finished(delivery=claimed(1), later=later)).result

    assert (result.state, result.next_at, result.reason, result.attempt) == (D.QUEUED, later, "paced", False)


@pytest.mark.parametrize(
    ("repeatable", "resend", "state", "attempt"),
    [(False, False, D.UNSURE, True), (False, True, D.QUEUED, True), (True, False, D.QUEUED, False)],
)
def test_an_end_without_a_reply_is_unsure_or_sent_again_as_the_rules_say(
    repeatable: bool, resend: bool, state: DeliveryState, attempt: bool
) -> None:
    rules = replace(RULES, repeatable=repeatable, resend=resend)

    result = judged(silent(claimed(1), Stage.END), rules, now=TUESDAY).result

    assert (result.state, result.attempt) == (state, attempt)


@pytest.mark.parametrize(("early", "state"), [(timedelta(seconds=1), D.DEFERRED), (timedelta(0), D.BOUNCED)])
def test_what_was_not_taken_is_given_up_when_its_issue_is_too_old(early: timedelta, state: DeliveryState) -> None:
    result = judged(answered(claimed(1), "451 4.3.0 later"), RULES, now=RULES.give_up_at - early).result

    assert result.state is state
    assert result.reason.startswith("given up after 48 hours; last: 451") == (state is D.BOUNCED)


def test_a_hard_refusal_suppresses_and_a_full_mailbox_counts() -> None:
    assert decided(answered(claimed(1), "550 5.1.1 no such user")).result.suppresses
    full = decided(answered(claimed(1), "552 5.2.2 mailbox full")).result
    assert not full.suppresses
    assert full.scores is not None


def test_the_domain_is_the_readers() -> None:
    assert decided(Finished(delivery=claimed(1, domain="Example.ORG"))).domain == "example.org"
