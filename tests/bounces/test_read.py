import base64

import pytest

from digest.bounces.read import read
from digest.bounces.report import Kind, Reason, Verdict
from tests.bounces.ordinary import mails
from tests.bounces.samples import DAEMON, HOP, SAMPLES, Sample, report


def raw(sample: Sample) -> bytes:
    return f"{sample.head}\n{sample.body}".encode()


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_a_report_names_recipients_codes_and_reasons(sample: Sample) -> None:
    found = read(raw(sample))

    assert found.kind is Kind.BOUNCE
    assert [(r.address, r.verdict.value, r.reason.value, r.status, r.reply) for r in found.recipients] == sample.expected


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_line_ends_and_an_mbox_line_change_nothing(sample: Sample) -> None:
    mail = raw(sample)

    assert read(mail.replace(b"\n", b"\r\n")) == read(mail)
    assert read(b"From MAILER-DAEMON Tue Mar  3 07:01:02 2026\n" + mail) == read(mail)


def test_no_ordinary_mail_is_a_bounce_or_a_complaint() -> None:
    kinds = {name: read(mail).kind for name, mail in mails()}

    assert len(kinds) == 300
    assert [name for name, kind in kinds.items() if kind in (Kind.BOUNCE, Kind.COMPLAINT)] == []


def test_a_marked_notice_of_absence_is_an_automatic_answer() -> None:
    kinds = [read(mail).kind for name, mail in mails() if "absence" in name and b"auto" in mail.lower()]

    assert len(kinds) > 40
    assert set(kinds) == {Kind.AUTO_REPLY}


def test_the_sentence_is_that_of_the_server() -> None:
    [recipient] = read(raw(SAMPLES[0])).recipients

    assert recipient.sentence == "550 5.1.1 <ann@example.org>: no"


def test_a_report_tells_whom_it_was_sent_to_and_which_message_came_back() -> None:
    found = read(raw(SAMPLES[0]))

    assert found.sent_to == ["bounces@paper.example"]
    assert found.message_ids == ["<7.abc@paper.example>"]


def test_the_original_recipient_is_kept_beside_the_final_one() -> None:
    [sample] = [sample for sample in SAMPLES if "forwarding" in sample.name]

    [recipient] = read(raw(sample)).recipients

    assert (recipient.address, recipient.original) == ("x@other.example", "ann@example.org")


def test_a_successful_delivery_is_no_bounce() -> None:
    fields = "Final-Recipient: rfc822; ann@example.org\nAction: delivered\nStatus: 2.0.0"

    found = read(f"{DAEMON}Successful\n{report('', fields)}".encode())

    assert found.kind is Kind.NONE
    assert [(r.action, r.verdict) for r in found.recipients] == [("delivered", Verdict.NONE)]


def complaint(kind: str, rcpt: str = "Original-Rcpt-To: ann@example.org\n") -> bytes:
    return (
        "From: fbl@example.net\nTo: abuse@paper.example\nSubject: FW: The daily\n"
        'Content-Type: multipart/report; report-type=feedback-report; boundary="b"\n\n--b\n\nA reader complains.\n--b\n'
        f"Content-Type: message/feedback-report\n\nFeedback-Type: {kind}\nVersion: 1\n{rcpt}\n--b\nContent-Type: message/rfc822\n\n"
        "Message-ID: <7.abc@paper.example>\nTo: bob@example.org\n\n...\n--b--\n"
    ).encode()


def test_a_feedback_report_is_a_complaint_of_the_recipient_it_names() -> None:
    found = read(complaint("abuse"))

    assert found.kind is Kind.COMPLAINT
    assert [(r.address, r.verdict) for r in found.recipients] == [("ann@example.org", Verdict.COMPLAINT)]


def test_a_feedback_report_without_recipient_means_that_of_the_message() -> None:
    assert [r.address for r in read(complaint("abuse", rcpt="")).recipients] == ["bob@example.org"]


@pytest.mark.parametrize("kind", ["auth-failure", "not-spam", "virus"])
def test_other_feedback_blames_no_reader(kind: str) -> None:
    [recipient] = read(complaint(kind)).recipients

    assert recipient.verdict not in (Verdict.COMPLAINT, Verdict.HARD)


def test_hotmails_complaint_is_one_without_a_report() -> None:
    mail = (
        b'From: staff@hotmail.com\nSubject: complaint\nContent-Type: multipart/mixed; boundary="b"\n\n--b\nContent-Type: message/rfc822\n\n'
        b"X-HmXmrOriginalRecipient: ann@example.org\n\n...\n--b--\n"
    )

    assert [(r.address, r.reason) for r in read(mail).recipients] == [("ann@example.org", Reason.SPAM)]


SES = '{"notificationType": "%s", "mail": {"messageId": "m1"}, "%s": {%s}}'


@pytest.mark.parametrize(
    ("kind", "facts", "expected"),
    [
        (
            "Bounce",
            '"bounceType": "Permanent", "bouncedRecipients": [{"emailAddress": "ann@example.org", "diagnosticCode": "smtp; 550 5.1.1 no such user"}]',
            (Kind.BOUNCE, Verdict.HARD),
        ),
        (
            "Bounce",
            '"bounceType": "Transient", "bouncedRecipients": [{"emailAddress": "ann@example.org", "diagnosticCode": "smtp; 550 5.1.1 no such user"}]',
            (Kind.BOUNCE, Verdict.SOFT),
        ),
        ("Complaint", '"complainedRecipients": [{"emailAddress": "ann@example.org"}]', (Kind.COMPLAINT, Verdict.COMPLAINT)),
        ("Delivery", '"recipients": ["ann@example.org"], "smtpResponse": "250 2.6.0 ok"', (Kind.NONE, Verdict.NONE)),
    ],
)
def test_a_notification_of_ses_in_a_mail_is_read(kind: str, facts: str, expected: tuple[Kind, Verdict]) -> None:
    found = read(
        f"From: no-reply@sns.amazonaws.com\nSubject: AWS Notification\n\n{SES % (kind, kind.lower(), facts)}\n--\nbye".encode()
    )

    assert [(found.kind, r.verdict) for r in found.recipients] == [expected]
    assert found.message_ids == ["<m1>"]


def test_a_mail_programs_unsubscribe_button_counts_as_a_complaint() -> None:
    found = read(
        b"From: Ann <ann@example.org>\nSubject: unsubscribe\nAuto-Submitted: auto-replied\nX-Apple-Unsubscribe: true\n\nsent for you\n"
    )

    assert [(r.address, r.verdict) for r in found.recipients] == [("ann@example.org", Verdict.COMPLAINT)]


def test_a_notice_that_was_passed_on_below_another_one_is_read() -> None:
    inner = f"Return-Path: <>\n{DAEMON}failure notice\n\n<ann@example.org>: 550 5.1.1 user unknown\n{HOP}"
    mail = (
        f"{DAEMON}Undelivered Mail\n\nThe message below could not be delivered.\n\n---- original message ----\n{inner}".encode()
    )

    assert [r.address for r in read(mail).recipients] == ["ann@example.org"]


def test_a_part_in_base64_is_read() -> None:
    text = base64.encodebytes(b"<ann@example.org>: 550 5.1.1 user unknown\n").decode()

    found = read(f"{DAEMON}failure notice\nContent-Transfer-Encoding: base64\n\n{text}".encode())

    assert [r.address for r in found.recipients] == ["ann@example.org"]
