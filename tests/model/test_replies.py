"""What servers really say, and what it means: only a reply to RCPT that blames the address is hard."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.model.ports import Reply, Stage
from digest.model.replies import Cause, Outcome, judge

CASES: list[tuple[Stage, int, str, str, Outcome, Cause]] = [
    (Stage.END, 250, "2.0.0", "Ok: queued as 4F1", Outcome.SENT, Cause.ACCEPTED),
    (Stage.RCPT, 550, "5.1.1", "The email account that you tried to reach does not exist", Outcome.BOUNCED, Cause.HARD),
    (Stage.RCPT, 550, "", "No such user here", Outcome.BOUNCED, Cause.HARD),
    (
        Stage.RCPT,
        554,
        "",
        "delivery error: dd This user doesn't have a yahoo.com account: no longer valid",
        Outcome.BOUNCED,
        Cause.HARD,
    ),
    (Stage.RCPT, 556, "", "domain accepts no mail", Outcome.BOUNCED, Cause.HARD),
    (Stage.END, 550, "5.1.1", "no such user", Outcome.QUEUED, Cause.OTHER),
    (Stage.RCPT, 452, "4.2.2", "The recipient is over quota", Outcome.DEFERRED, Cause.FULL),
    (Stage.RCPT, 552, "5.2.2", "Mailbox full", Outcome.BOUNCED, Cause.FULL),
    (Stage.RCPT, 450, "4.2.0", "Greylisted, please try again later", Outcome.DEFERRED, Cause.GREYLIST),
    (Stage.END, 421, "4.7.28", "Our system has detected an unusual rate of unsolicited mail", Outcome.DEFERRED, Cause.RATE),
    (Stage.MAIL, 421, "4.7.0", "[TSS04] Messages temporarily deferred", Outcome.QUEUED, Cause.RATE),
    (
        Stage.END,
        550,
        "5.7.1",
        "messages from [10.1.1.1] weren't sent. part of their network is on our block list (S3150)",
        Outcome.QUEUED,
        Cause.BLOCKED,
    ),
    (Stage.RCPT, 554, "5.7.1", "Service unavailable; Client host blocked using zen.spamhaus.org", Outcome.QUEUED, Cause.BLOCKED),
    (Stage.END, 550, "5.7.26", "This mail is unauthenticated: SPF did not pass", Outcome.QUEUED, Cause.AUTHENTICATION),
    (
        Stage.END,
        550,
        "5.7.515",
        "Access denied, sending domain does not meet the required authentication level",
        Outcome.QUEUED,
        Cause.AUTHENTICATION,
    ),
    (Stage.MAIL, 530, "5.7.0", "Must issue a STARTTLS command first", Outcome.QUEUED, Cause.AUTHENTICATION),
    (Stage.END, 554, "5.7.1", "Message rejected as spam", Outcome.DEFERRED, Cause.POLICY),
    (Stage.RCPT, 550, "5.7.513", "Service unavailable, denied by recipient", Outcome.BOUNCED, Cause.OWN_RULES),
    (Stage.RCPT, 501, "5.5.4", "Syntax error", Outcome.QUEUED, Cause.OUR_BUG),
    (Stage.RCPT, 550, "5.6.7", "SMTPUTF8 is required", Outcome.BOUNCED, Cause.OTHER),
    (Stage.RCPT, 550, "", "go away", Outcome.BOUNCED, Cause.OTHER),
    (Stage.RCPT, 554, "5.7.1", "<gone@example.org>: Recipient address rejected: Access denied", Outcome.BOUNCED, Cause.OTHER),
    (Stage.RCPT, 450, "", "later", Outcome.DEFERRED, Cause.OTHER),
    (Stage.CONNECT, 554, "", "IP address is block listed", Outcome.QUEUED, Cause.BLOCKED),
]


@pytest.mark.parametrize(("stage", "code", "enhanced", "text", "outcome", "cause"), CASES, ids=[case[3][:40] for case in CASES])
def test_a_real_reply_is_judged(stage: Stage, code: int, enhanced: str, text: str, outcome: Outcome, cause: Cause) -> None:
    verdict = judge(stage, Reply(code=code, enhanced=enhanced, text=text))

    assert (verdict.outcome, verdict.cause) == (outcome, cause)


@given(
    stage=st.sampled_from(Stage),
    code=st.integers(200, 599),
    enhanced=st.sampled_from(["", "5.1.1", "4.7.1", "5.7.26"]),
    text=st.text(max_size=80),
)
def test_only_a_refused_recipient_is_ever_suppressed_and_only_a_250_at_the_end_is_sent(
    stage: Stage, code: int, enhanced: str, text: str
) -> None:
    verdict = judge(stage, Reply(code=code, enhanced=enhanced, text=text))

    assert not verdict.suppresses or (stage is Stage.RCPT and code >= 500)
    assert (verdict.outcome is Outcome.SENT) == (stage is Stage.END and code < 300)
    assert verdict.outcome is not Outcome.UNSURE


@pytest.mark.parametrize("stage", Stage)
def test_silence_is_unsure_only_after_the_end(stage: Stage) -> None:
    assert judge(stage, None).outcome is (Outcome.UNSURE if stage is Stage.END else Outcome.QUEUED)
