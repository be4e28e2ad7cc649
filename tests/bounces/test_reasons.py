"""Words of servers and providers, as their documentation has them: what says that an address does not exist, and what does not."""

import pytest

from digest.bounces.reasons import said
from digest.bounces.report import VERDICTS, Reason, Verdict
from digest.model.ports import Stage


def verdict(text: str, stage: Stage | None = None) -> Verdict:
    return VERDICTS.get(said(text, stage=stage).reason, Verdict.SOFT)


UNKNOWN = [
    "user (ann@example.org) unknown",
    "Recipient ann@example.org was not found in LDAP server",
    "<ann@example.org> not found",
    "No ann in name directory",
    'unknown local-part "ann" in domain "example.org"',
    "rcpt (ann@example.org) didn't exist",
    "recipient address rejected: userunknown",
    "recipient address rejected: invalid-recipient",
    "this recipient is in my badrecipientto list",
    "not a local address",
    "the user's email name is not found",
    "Recipient mailbox is not allowed",
    "RCP-P1 http://postmaster.facebook.com/response_codes",
    "INT-P4",
    "destinatario sconosciuto",
    "usuario desconocido",
    "Пользователь не найден",
    "nieznany użytkownik",
    "gebruiker onbekend",
    "宛先不明",
    "收件人不存在",
]
REFUSED = [
    "Requested action not taken: mailbox unavailable",
    "Mailbox is unavailable",
    "Address rejected",
    "Recipient rejected",
    "recipient is not accepted",
    "Sorry, your envelope recipient has been denied",
    "no thank you rejected: account unavailable",
]


@pytest.mark.parametrize("text", [*UNKNOWN, *REFUSED])
def test_an_answer_to_rcpt_says_that_there_is_no_such_address(text: str) -> None:
    assert verdict(f"550 {text}", Stage.RCPT) is Verdict.HARD
    assert verdict(f"550 5.1.1 {text}") is Verdict.HARD


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_said_of_other_troubles_too_is_no_proof_elsewhere(text: str) -> None:
    assert verdict(f"450 4.2.0 {text}", Stage.RCPT) is not Verdict.HARD
    assert verdict(f"550 {text}", Stage.END) is not Verdict.HARD
    assert verdict(f"550 5.7.1 {text}") is not Verdict.HARD or "mailbox unavailable" in text


@pytest.mark.parametrize(
    "text",
    [
        "mail domain mentioned in email address is unknown",
        "all host address lookups failed permanently",
        "DNS domain 'example.org' does not exist",
        "As the remote domain doesnt exist",
    ],
)
def test_a_domain_that_does_not_exist_is_hard(text: str) -> None:
    assert said(text).reason is Reason.NO_SUCH_HOST
    assert verdict(f"550 5.0.0 {text}") is Verdict.HARD


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("sender ann@example.org does not exist", Reason.BLOCKED),
        ("from: domain is invalid. please provide a valid from:", Reason.BLOCKED),
        ("invalid domain, see <url:http://example.org>", Reason.BLOCKED),
        ("message has no From header; invalid address", Reason.MALFORMED),
        ("Too many invalid recipients", Reason.RATE),
        ("Mail Delivery Failed... User unknown", Reason.OWN_RULES),
        ("RCP-P2", Reason.OWN_RULES),
        ("SPF check failed: domain does not exist", Reason.AUTHENTICATION),
        ("HELO: unknown host", Reason.BLOCKED),
        ("mailbox unavailable or access denied", Reason.OTHER),
        ("Requested action not taken: mailbox unavailable (not enough free space)", Reason.FULL),
        ("user over quota. (#5.1.1)", Reason.FULL),
        ("the group may not exist, or you may not have permission to post messages", Reason.BLOCKED),
    ],
)
def test_what_speaks_of_the_sender_or_of_the_mailbox_is_not_hard(text: str, reason: Reason) -> None:
    assert verdict(f"550 {text}", Stage.RCPT) is not Verdict.HARD
    assert said(f"550 {text}", stage=Stage.RCPT).reason is reason
