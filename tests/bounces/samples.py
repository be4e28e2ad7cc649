"""Mails that come back, in the forms that mail servers and providers give them; the words are theirs, the people invented."""

from typing import NamedTuple


class Sample(NamedTuple):
    """A mail, and what it says of whom."""

    name: str
    head: str
    body: str
    expected: list[tuple[str, str, str, str, str]]  #: address, verdict, reason, status, reply


DAEMON = "From: MAILER-DAEMON@mx.example.net\nTo: bounces@paper.example\nReturn-Path: <>\nSubject: "
REPORT = """Content-Type: multipart/report; report-type=delivery-status; boundary="b0"

--b0
Content-Type: text/plain

{text}
--b0
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.net

{fields}
--b0
Content-Type: message/rfc822

Message-ID: <7.abc@paper.example>
To: list@paper.example
Subject: The daily

...
--b0--
"""
HOP = "\nReceived: from paper.example\nMessage-ID: <7.abc@paper.example>\n"


def report(text: str, fields: str) -> str:
    """Return a delivery status notification."""
    return REPORT.format(text=text, fields=fields)


SAMPLES = [
    Sample(
        "postfix",
        DAEMON + "Undelivered Mail Returned to Sender",
        report(
            "This is the mail system at host mx.example.net.\n\n<ann@example.org>: host mx.example.org said: 550 5.1.1\n    <ann@example.org>: no\n"
            "    (in reply to RCPT TO command)",
            "Final-Recipient: rfc822; ann@example.org\nOriginal-Recipient: rfc822;ann@example.org\nAction: failed\nStatus: 5.1.1\n"
            "Diagnostic-Code: smtp; 550 5.1.1 <ann@example.org>: no",
        ),
        [("ann@example.org", "hard", "no such user", "5.1.1", "550")],
    ),
    Sample(
        "two recipients, the empty line between them forgotten",
        DAEMON + "Returned mail",
        report(
            "Two failed.",
            "Final-Recipient: rfc822; ann@example.org\nAction: failed\nStatus: 5.1.1\nFinal-Recipient: rfc822; bob@example.org\nAction: failed\n"
            "Status: 5.2.2\nDiagnostic-Code: smtp; 552 5.2.2 over\n quota",
        ),
        [("ann@example.org", "hard", "no such user", "5.1.1", ""), ("bob@example.org", "soft", "mailbox full", "5.2.2", "552")],
    ),
    Sample(
        "a report that names only a general status, and a text that says more",
        DAEMON + "Delivery status notification: error",
        report(
            "for the following list of recipients:\n\nann@example.org: 550 5.7.26 This mail is unauthenticated",
            "Final-Recipient: rfc822; ann@example.org\nAction: failed\nStatus: 5.0.0",
        ),
        [("ann@example.org", "blocked", "authentication", "5.7.26", "550")],
    ),
    Sample(
        "delayed",
        DAEMON + "Delayed Mail (still being retried)",
        report(
            "",
            "Final-Recipient: rfc822; ann@example.org\nAction: delayed\nStatus: 4.4.1\nDiagnostic-Code: smtp; connect timed out",
        ),
        [("ann@example.org", "delayed", "expired", "4.4.1", "")],
    ),
    Sample(
        "qmail",
        DAEMON + "failure notice",
        "\nHi. This is the qmail-send program at mx.example.net.\nI'm afraid I wasn't able to deliver your message to the following addresses.\n\n"
        "<ann@example.org>:\n192.0.2.7 does not like recipient.\nRemote host said: 550 no such user here\nGiving up on 192.0.2.7.\n\n"
        f"<bob@example.org>:\nRemote host said: 552 mailbox is full\n\n--- Below this line is a copy of the message.\n{HOP}",
        [("ann@example.org", "hard", "no such user", "", "550"), ("bob@example.org", "soft", "mailbox full", "", "552")],
    ),
    Sample(
        "exim, refused by a filter after the content in the words of an unknown user",
        DAEMON + "Mail delivery failed: returning message to sender\nX-Failed-Recipients: ann@example.org",
        "\nThis message was created automatically by mail delivery software.\nA message that you sent could not be delivered to one or more of its\n"
        "recipients. This is a permanent error. The following address(es) failed:\n\n  ann@example.org\n    SMTP error from remote mail server after "
        f"end of data:\n    host mx.example.org [192.0.2.7]: 550 User unknown\n\n------ This is a copy of the message, including all the headers. ------\n{HOP}",
        [("ann@example.org", "soft", "own rules", "", "550")],
    ),
    Sample(
        "exchange, in words alone",
        "From: System Administrator <postmaster@example.org>\nTo: bounces@paper.example\nSubject: Undeliverable: The daily",
        "\nYour message\n\n  To:      list@paper.example\n  Subject: The daily\n\ndid not reach the following recipient(s):\n\n"
        "ann@example.org on Tue, 3 Mar 2026 07:01:02 +0100\n    The recipient name is not recognized\n",
        [("ann@example.org", "hard", "no such user", "", "")],
    ),
    Sample(
        "a block list",
        DAEMON + "Undelivered Mail",
        report(
            "",
            "Final-Recipient: rfc822; ann@example.org\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.7.1 Client host [192.0.2.1] "
            "blocked using zen.spamhaus.org; user unknown",
        ),
        [("ann@example.org", "blocked", "blocked", "5.7.1", "550")],
    ),
    Sample(
        "a name server's answer that may be wrong tomorrow",
        DAEMON + "Delivery Status Notification (Failure)",
        report(
            "",
            "Final-Recipient: rfc822; ann@example.org\nAction: failed\nStatus: 4.0.0\nDiagnostic-Code: smtp; DNS: responded NXDOMAIN",
        ),
        [("ann@example.org", "soft", "network", "4.0.0", "")],
    ),
    Sample(
        "a domain without mail",
        DAEMON + "Undelivered Mail",
        report(
            "",
            "Final-Recipient: rfc822; ann@example.org\nAction: failed\nStatus: 5.1.10\nDiagnostic-Code: smtp; 556 5.1.10 recipient domain has null MX",
        ),
        [("ann@example.org", "hard", "no mail accepted", "5.1.10", "556")],
    ),
    Sample(
        "a forwarding address that failed further on",
        DAEMON + "Undelivered Mail",
        report(
            "",
            "Final-Recipient: rfc822; x@other.example\nOriginal-Recipient: rfc822;ann@example.org\nAction: failed\nStatus: 5.2.1",
        ),
        [("x@other.example", "soft", "disabled", "5.2.1", "")],
    ),
    Sample(
        "only the header tells whom",
        DAEMON + "Delivery Status Notification (Failure)\nX-Failed-Recipients: ann@example.org",
        "\nお届けできませんでした。\n",
        [("ann@example.org", "soft", "other", "", "")],
    ),
    Sample(
        "a notice that names nobody, with the message below",
        DAEMON + "Undeliverable Message",
        "\nMessage could not be delivered to mobile.\nError: No valid recipients for this MM\n\nOriginal Message:\nFrom: daily@paper.example\n"
        "To: 0151@example.org\nSubject: The daily\n",
        [("0151@example.org", "hard", "no such user", "", "")],
    ),
    Sample(
        "a part in base64 and quoted-printable",
        DAEMON + "=?utf-8?B?VW56dXN0ZWxsYmFy?=",
        'Content-Type: multipart/mixed; boundary="b1"\n\n--b1\nContent-Type: text/plain; charset=iso-8859-1\nContent-Transfer-Encoding: quoted-printable\n\n'
        "Nicht zugestellt, f=FCr:\n<ann@example.org>: 550 5.1.1 Benutzer un=\nbekannt\n--b1--\n",
        [("ann@example.org", "hard", "no such user", "5.1.1", "550")],
    ),
    Sample(
        "a recipient with the reason in brackets behind it",
        'From: "Mail Deliver System" <noreply@mx.example.net>\nTo: bounces@paper.example\nSubject: Returned Mail: the daily',
        "\nThe original message was received at Tue, 3 Mar 2026 07:01:02 +0100\nfrom daily@paper.example\n\n---The following addresses had delivery "
        f"errors---\n\nann@example.org [User unknown]\nbob@example.org [Mailbox full]\n{HOP}",
        [("ann@example.org", "hard", "no such user", "", ""), ("bob@example.org", "soft", "mailbox full", "", "")],
    ),
    Sample(
        "a recipient in the midst of a sentence, with the command that was refused",
        "From: postmaster@mx.example.net\nTo: bounces@paper.example\nSubject: There was an error sending your mail",
        "\n1 error(s):\n\nSMTP Server <mx2.example.org> rejected recipient <ann@example.org> (Error following RCPT command). It responded as "
        f"follows: [550 5.1.1 User unknown]\n{HOP}",
        [("ann@example.org", "hard", "no such user", "5.1.1", "")],
    ),
    Sample(
        "a gateway that shows the dialogue",
        'From: "InterScan MSS" <postmaster@mx.example.net>\nTo: bounces@paper.example\nSubject: Mail could not be delivered',
        f"\nSent <<< RCPT TO:<ann@example.org>\nReceived >>> 550 ann... user unknown\n{HOP}",
        [("ann@example.org", "hard", "no such user", "", "550")],
    ),
    Sample(
        "the reason before the recipients",
        'From: postmaster@mx.example.net\nTo: bounces@paper.example\nSubject: Undeliverable Mail: "The daily"',
        "\nYour message:\n   From:    daily@paper.example\n   Subject: The daily\n\nCould not be delivered because of\n\n550 5.1.1 User unknown\n\n"
        f"The following recipients were affected:\n    ann@example.org\n{HOP}",
        [("ann@example.org", "hard", "no such user", "5.1.1", "550")],
    ),
    Sample(
        "a report whose text tells that the address was rejected",
        DAEMON + "Delivery Notification: Delivery has failed",
        report(
            "Your message cannot be delivered to the following recipients:\n\n  Recipient address: ann@example.org\n  Reason: Remote SMTP server has "
            "rejected address\n  Diagnostic code: smtp;550 <ann@example.org>: User unknown",
            "Final-recipient: rfc822;ann@example.org\nAction: failed\nStatus: 5.0.0 (Remote SMTP server has rejected address)\n"
            "Diagnostic-code: smtp;550 <ann@example.org>: User unknown",
        ),
        [("ann@example.org", "hard", "no such user", "5.0.0", "550")],
    ),
    Sample(
        "the state of the account before the recipient, whom the other server calls unknown",
        DAEMON + "Mail System Error - Returned Mail",
        f"\nThe user(s) account is temporarily over quota.\n\n<ann@example.org>: 550 user unknown (in reply to RCPT TO command)\n{HOP}",
        [("ann@example.org", "soft", "mailbox full", "", "550")],
    ),
    Sample(
        "an address of X.400, and the code of an unknown recipient",
        "From: System Administrator <postmaster@example.org>\nTo: bounces@paper.example\nSubject: Undeliverable: The daily",
        "\nYour message\n\n  To:      list@paper.example\n  Subject: The daily\n\ndid not reach the following recipient(s):\n\n"
        "c=us;a= ;p=paper;o=x;dda:SMTP=ann@example.org; on Tue, 3 Mar 2026 07:01:02 +0100\n    The MTS-ID of the original message is: c=us\n"
        "    MSEXCH:IMS:X:Y:Z 0 (000C05A6) Unknown Recipient\n",
        [("ann@example.org", "hard", "no such user", "", "")],
    ),
    Sample(
        "technical details with the command that was refused",
        "From: Mail Delivery System <postmaster@mx.example.net>\nTo: bounces@paper.example\nSubject: Delivery status notification",
        "\n=====\n     This is an automatically generated Delivery Status Notification.\n\nDelivery to the following recipients failed permanently:\n\n"
        "  * ann@example.org\n\n=====\n   Technical details:\n\nSMTP:RCPT host 192.0.2.8: 553 5.3.0 <ann@example.org>... No such user here\n",
        [("ann@example.org", "hard", "no such user", "5.3.0", "553")],
    ),
    Sample(
        "an answer to the body, in words of an unknown user",
        "From: Postmaster <postmaster@mx.example.net>\nTo: bounces@paper.example\nSubject: Undeliverable Mail",
        "\nBody of message generated response:\n550 user unknown\n\nundeliverable to ann@example.org\n\nOriginal message follows.\n\nTo: x@y.example\n",
        [("ann@example.org", "soft", "own rules", "", "550")],
    ),
    Sample(
        "a name server that knows no such domain",
        DAEMON + "Delivery Status Notification (Failure)",
        "\nDelivery to the following recipient failed permanently:\n\n     ann@example.org\n\nTechnical details of permanent failure:\n"
        f"DNS Error: Domain name not found\n\n----- Original message -----\n{HOP}",
        [("ann@example.org", "hard", "no such host", "", "")],
    ),
    Sample(
        "the manager of a mailing list that takes posts of members alone",
        "From: circle-admin@example.org\nTo: bounces@paper.example\nX-MLServer: fml [fml 4.0]\nSubject: You daily@paper.example are not member (circle ML)",
        "\nYou are not a member of this mailing list <circle@example.org>.\nIf you know the general guide of this list, please send mail with\nthe mail "
        "body\n\n\tguide\n\nto the address\n\n\tcircle-ctl@example.org\n",
        [("circle@example.org", "blocked", "blocked", "", "")],
    ),
]
