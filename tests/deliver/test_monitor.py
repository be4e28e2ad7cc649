"""What the replies of a run say together."""

from datetime import datetime

import pytest

from digest.deliver.monitor import CONTENT_REFUSALS, COUNT, DOMAINS, GUARD_ENOUGH, GUARD_LEAST, WINDOW, ReplyMonitor
from digest.model.delivery import Result
from digest.model.ports import Stage
from digest.model.states import DeliveryState
from tests.deliver.making import RULES, answered, claimed, decided
from tests.support.place import TUESDAY

D = DeliveryState
TAKEN, UNKNOWN, OURS = "250 2.0.0 taken", "550 5.1.1 no such user", "535 5.7.8 log in first"


def monitor() -> ReplyMonitor:
    return ReplyMonitor(give_up_at=RULES.give_up_at)


def note(
    watching: ReplyMonitor,
    *replies: str,
    domain: str = "example.org",
    stage: Stage = Stage.RCPT,
    tries: int = 0,
    at_end: bool = False,
    now: datetime = TUESDAY,
) -> list[Result]:
    deliveries = [claimed(number, domain=domain, tries=tries) for number in range(1, len(replies) + 1)]
    answers = [
        answered(delivery, reply, Stage.END if reply == TAKEN else stage)
        for delivery, reply in zip(deliveries, replies, strict=True)
    ]
    return list(watching.confirmed([decided(answer) for answer in answers], now=now, at_end=at_end))


def test_one_hard_refusal_is_withheld_until_its_domain_has_sent_enough_replies() -> None:
    watching = monitor()

    assert note(watching, UNKNOWN) == []
    assert watching.withheld == 1

    results = note(watching, *[TAKEN] * GUARD_ENOUGH)

    assert watching.withheld == 0
    assert [result.state for result in results].count(D.BOUNCED) == 1
    assert [result.suppresses for result in results].count(True) == 1


def test_at_the_end_of_the_run_a_few_refusals_are_confirmed() -> None:
    [result] = note(monitor(), UNKNOWN, at_end=True)

    assert (result.state, result.suppresses) == (D.BOUNCED, True)


def test_a_domain_that_refuses_too_many_is_not_believed() -> None:
    results = note(monitor(), *[UNKNOWN] * max(GUARD_LEAST, GUARD_ENOUGH))

    assert {(result.state, result.suppresses) for result in results} == {(D.DEFERRED, False)}
    assert all(result.next_at and result.next_at > TUESDAY for result in results)


def test_a_domain_that_refused_too_many_for_two_days_is_given_up_without_suppressing() -> None:
    results = note(monitor(), *[UNKNOWN] * GUARD_ENOUGH, now=RULES.give_up_at)

    assert {(result.state, result.suppresses) for result in results} == {(D.BOUNCED, False)}
    assert results[0].reason.startswith("given up after 48 hours; last: 550")


def test_other_domains_are_judged_apart() -> None:
    watching = monitor()
    note(watching, *[UNKNOWN] * GUARD_ENOUGH, domain="broken.example")

    [result] = note(watching, UNKNOWN, domain="example.org", at_end=True)

    assert result.suppresses


def test_replies_that_all_blame_us_are_a_reason_to_hold() -> None:
    watching = monitor()
    note(watching, *[OURS] * (COUNT - 1), stage=Stage.MAIL)
    assert watching.reason_to_hold() == ""
    assert watching.reason_to_hold(at_end=True).startswith("the relay refuses us (authentication: 535")

    note(watching, OURS, stage=Stage.MAIL)

    assert watching.reason_to_hold()


def test_replies_of_a_few_domains_that_all_blame_us_are_enough() -> None:
    watching = monitor()
    for number in range(DOMAINS):
        assert not watching.reason_to_hold()
        note(watching, OURS, stage=Stage.MAIL, domain=f"d{number}.example")

    assert watching.reason_to_hold()


def test_most_of_a_full_window_is_a_reason_and_less_is_none() -> None:
    watching = monitor()
    note(watching, *[TAKEN] * (WINDOW // 4), *[OURS] * (WINDOW * 3 // 4), stage=Stage.MAIL)
    assert watching.reason_to_hold() == ""

    note(watching, *[OURS] * 2, stage=Stage.MAIL)

    assert watching.reason_to_hold()


def test_those_who_were_refused_before_are_not_counted() -> None:
    watching = monitor()

    note(watching, *[OURS] * WINDOW, stage=Stage.MAIL, tries=1)

    assert watching.reason_to_hold(at_end=True) == ""


@pytest.mark.parametrize("between", [True, False])
def test_a_content_that_nobody_accepts_is_the_issues_fault(between: bool) -> None:
    watching = monitor()
    note(watching, *["554 5.7.1 looks like spam"] * (CONTENT_REFUSALS - 1), stage=Stage.END)
    if between:
        note(watching, TAKEN)

    note(watching, "554 5.7.1 looks like spam", stage=Stage.END)

    assert watching.reason_to_hold().startswith("the mail itself is refused") == (not between)
