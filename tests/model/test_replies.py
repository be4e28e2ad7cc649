"""What servers really say, and what it means: only a reply to RCPT that blames the address is hard."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.model.ports import Reply, Stage
from digest.model.replies import Cause, Outcome, counts_messages, judge

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
    # Gmail
    (
        Stage.RCPT,
        550,
        "5.2.1",
        "The email account that you tried to reach is disabled: account disabled",
        Outcome.BOUNCED,
        Cause.HARD,
    ),
    (Stage.RCPT, 552, "5.2.2", "The recipient's inbox is out of storage space and inactive.", Outcome.BOUNCED, Cause.HARD),
    (Stage.RCPT, 452, "4.2.2", "The recipient's inbox is out of storage space.", Outcome.DEFERRED, Cause.FULL),
    (
        Stage.RCPT,
        450,
        "4.2.1",
        "The user you are trying to contact is receiving mail at a rate that",
        Outcome.DEFERRED,
        Cause.RATE,
    ),
    (
        Stage.END,
        421,
        "4.7.26",
        "This mail has been rate limited because it is unauthenticated",
        Outcome.QUEUED,
        Cause.AUTHENTICATION,
    ),
    (
        Stage.END,
        550,
        "5.7.1",
        "likely suspicious due to the very low reputation of the sending domain",
        Outcome.QUEUED,
        Cause.BLOCKED,
    ),
    # Yahoo
    (Stage.RCPT, 554, "", "delivery error: dd Requested mail action aborted 554.30", Outcome.BOUNCED, Cause.HARD),
    (Stage.END, 421, "4.7.0", "[TSS05] Messages from 192.0.2.1 temporarily deferred", Outcome.DEFERRED, Cause.RATE),
    (Stage.END, 553, "5.7.2", "[TSS09] All messages from 192.0.2.1 will be permanently deferred", Outcome.QUEUED, Cause.BLOCKED),
    (Stage.END, 554, "5.7.9", "Message not accepted for policy reasons", Outcome.DEFERRED, Cause.POLICY),
    (Stage.END, 550, "5.7.9", "Message not accepted, failed DMARC", Outcome.QUEUED, Cause.AUTHENTICATION),
    (Stage.MAIL, 421, "4.7.0", "Max message per connection reached", Outcome.QUEUED, Cause.CONNECTION),
    # Outlook
    (
        Stage.END,
        451,
        "4.7.650",
        "The mail server [192.0.2.1] has been temporarily rate limited due to IP reputation (S775)",
        Outcome.DEFERRED,
        Cause.RATE,
    ),
    (Stage.RCPT, 550, "5.7.504", "Access denied, banned recipient", Outcome.BOUNCED, Cause.OWN_RULES),
    (Stage.END, 550, "5.7.606", "Access denied, banned sending IP [192.0.2.1]", Outcome.QUEUED, Cause.BLOCKED),
    (Stage.END, 550, "5.7.512", "Access denied, message must be RFC 5322 section 3.6.2 compliant", Outcome.QUEUED, Cause.OUR_BUG),
    # Apple
    (Stage.RCPT, 550, "5.1.1", "<x@icloud.com>: inactive email address", Outcome.BOUNCED, Cause.HARD),
    (
        Stage.END,
        421,
        "4.7.1",
        "Messages to x@icloud.com deferred due to excessive volume. Try again later",
        Outcome.DEFERRED,
        Cause.RATE,
    ),
    (
        Stage.END,
        554,
        "5.7.1",
        "[HME1] This message was blocked for failing both SPF and DKIM authentication checks",
        Outcome.QUEUED,
        Cause.AUTHENTICATION,
    ),
    (Stage.END, 554, "5.7.1", "[CS01] Message rejected due to local policy", Outcome.DEFERRED, Cause.POLICY),
    # GMX, Web.de, T-Online, Comcast, Cox, Orange, QQ, Mimecast
    (Stage.RCPT, 552, "", "Requested mail action aborted: exceeded storage allocation", Outcome.BOUNCED, Cause.FULL),
    (Stage.END, 450, "", "Requested mail action not taken: policy violations", Outcome.DEFERRED, Cause.RATE),
    (
        Stage.MAIL,
        554,
        "",
        "IP=192.0.2.1 - None/bad reputation. Ask your postmaster for help (NOWL)",
        Outcome.QUEUED,
        Cause.BLOCKED,
    ),
    (Stage.RCPT, 550, "5.1.1", "Not our Customer", Outcome.BOUNCED, Cause.HARD),
    (Stage.MAIL, 554, "", "resimta IP BL000001 blocked", Outcome.QUEUED, Cause.BLOCKED),
    (Stage.MAIL, 421, "", "Too many connections, slow down. OFR004_104 [104]", Outcome.QUEUED, Cause.RATE),
    (Stage.RCPT, 550, "", "Connection frequency limited", Outcome.DEFERRED, Cause.RATE),
    (Stage.RCPT, 451, "", "Internal resources are temporarily unavailable", Outcome.DEFERRED, Cause.GREYLIST),
    (Stage.RCPT, 450, "4.2.0", "<x@example.org>: Recipient address rejected", Outcome.DEFERRED, Cause.GREYLIST),
    # The reader's matter, whatever words stand around the code
    (
        Stage.RCPT,
        550,
        "5.7.133",
        "RESOLVER.RST.SenderNotAuthenticatedForGroup; authentication required; Delivery restriction check failed",
        Outcome.BOUNCED,
        Cause.OWN_RULES,
    ),
    (
        Stage.END,
        550,
        "5.7.134",
        "authentication required; sender not authenticated for mailbox",
        Outcome.BOUNCED,
        Cause.OWN_RULES,
    ),
    (Stage.RCPT, 550, "5.7.129", "RestrictedToRecipientsPermission", Outcome.BOUNCED, Cause.OWN_RULES),
    (Stage.RCPT, 550, "5.7.124", "sender not in the list of allowed senders", Outcome.BOUNCED, Cause.OWN_RULES),
    (Stage.RCPT, 550, "5.7.1", "Message blocked due to recipient policy", Outcome.BOUNCED, Cause.OWN_RULES),
    (Stage.RCPT, 554, "5.7.1", "Sender is on the personal blocklist of this user", Outcome.BOUNCED, Cause.OWN_RULES),
    (Stage.RCPT, 550, "", "You have been blocked by the recipient", Outcome.BOUNCED, Cause.OWN_RULES),
    (Stage.RCPT, 550, "5.2.1", "<x@example.org>: mailbox blocked", Outcome.BOUNCED, Cause.OWN_RULES),
    (Stage.RCPT, 550, "5.2.1", "This account has been blocked for spam", Outcome.BOUNCED, Cause.OWN_RULES),
    (Stage.RCPT, 550, "5.1.1", "Mailbox blocked, listed by example", Outcome.BOUNCED, Cause.HARD),
    (Stage.RCPT, 552, "5.2.2", "blocked: spam folder is full", Outcome.BOUNCED, Cause.FULL),
    # A code with one meaning is not talked away
    (Stage.END, 550, "5.7.26", "unauthenticated mail is blocked by recipient policy", Outcome.QUEUED, Cause.AUTHENTICATION),
    (Stage.END, 550, "5.7.511", "Access denied, spam, try again later", Outcome.QUEUED, Cause.BLOCKED),
    (Stage.END, 554, "5.2.252", "SendAsDenied; not allowed to send as", Outcome.QUEUED, Cause.OTHER),
    # What speaks of the connection
    (Stage.MAIL, 421, "", "too many messages in this connection", Outcome.QUEUED, Cause.CONNECTION),
    (Stage.MAIL, 452, "4.5.3", "too many messages on this connection", Outcome.QUEUED, Cause.CONNECTION),
    (Stage.MAIL, 451, "4.7.0", "Session message limit reached", Outcome.QUEUED, Cause.CONNECTION),
    (Stage.MAIL, 450, "4.7.1", "Maximum number of emails per session exceeded", Outcome.QUEUED, Cause.CONNECTION),
    (Stage.RCPT, 452, "4.5.3", "Too many recipients", Outcome.DEFERRED, Cause.CONNECTION),
    (Stage.END, 432, "4.3.2", "Concurrent connections limit exceeded", Outcome.DEFERRED, Cause.CONNECTION),
    (Stage.MAIL, 421, "4.7.0", "Too many concurrent SMTP connections; please try again later", Outcome.QUEUED, Cause.CONNECTION),
    (Stage.MAIL, 421, "4.3.2", "Service shutting down", Outcome.QUEUED, Cause.CONNECTION),
    (Stage.MAIL, 554, "5.7.0", "Too many messages in this session", Outcome.QUEUED, Cause.CONNECTION),
    # and what of the pace or of us, though it names one
    (Stage.RCPT, 421, "4.7.0", "connection rate limit exceeded", Outcome.DEFERRED, Cause.RATE),
    (Stage.RCPT, 451, "4.7.1", "too many messages per hour over your connections", Outcome.DEFERRED, Cause.RATE),
    (Stage.CONNECT, 554, "", "too many connections from a host listed by spamhaus", Outcome.QUEUED, Cause.BLOCKED),
]


@pytest.mark.parametrize(
    ("code", "text", "says"),
    [
        (421, "too many messages in this connection", True),
        (452, "too many messages on this connection", True),
        (421, "Message limit per connection reached", True),
        (421, "4.7.0 too many connections from your host", False),
        (452, "4.5.3 too many recipients", False),
        (421, "4.3.2 shutting down", False),
    ],
)
def test_a_limit_of_messages_is_told_from_a_limit_of_connections(code: int, text: str, says: bool) -> None:
    assert counts_messages(Reply(code=code, text=text)) is says


def test_what_is_said_of_a_connection_never_blames_us() -> None:
    assert not judge(Stage.MAIL, Reply(code=554, text="too many messages in this session")).blames_us


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
