"""Rules of signing up hold for whatever is typed."""

import re
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.audience import signup as rules
from digest.audience.address import parse
from digest.audience.fields import Unfit
from digest.audience.signup import Verdict
from digest.languages import load, shipped
from digest.model.signup import SignUp

NOW = datetime(2026, 3, 3, 6, 0, tzinfo=UTC)


def row(**facts: object) -> SignUp:
    values = {"code_until": NOW + timedelta(minutes=1), "wrong_codes": 0, "confirmed_at": None}
    return SignUp(**{**values, **facts})


@given(text=st.text(max_size=120))
def test_a_name_that_is_taken_is_one_short_line_without_links_or_markup(text: str) -> None:
    try:
        name = rules.name(text)
    except Unfit:
        return
    assert len(name) <= 80
    assert not re.search(r"[\x00-\x1f\u202a-\u202e\u2066-\u2069<>@/]|://", name)


@given(text=st.text(max_size=20))
def test_a_typed_code_is_six_ascii_digits_or_nothing(text: str) -> None:
    assert re.fullmatch(r"([0-9]{6})?", rules.typed_code(text), re.ASCII)


@given(ip=st.ip_addresses())
def test_what_is_kept_and_counted_of_an_address_holds_it(ip: object) -> None:
    text = str(ip)
    mapped = getattr(ip_address(text), "ipv4_mapped", None) or ip_address(text)

    assert mapped in ip_network(rules.network(text))
    assert mapped in ip_network(rules.kept(text, "truncated"))
    assert rules.kept(text, "none") == ""


@pytest.mark.parametrize(
    ("facts", "matches", "verdict"),
    [
        ({}, True, Verdict.RIGHT),
        ({}, False, Verdict.WRONG),
        ({"wrong_codes": 5}, True, Verdict.LOCKED),
        ({"code_until": NOW}, True, Verdict.EXPIRED),
        ({"code_until": None}, True, Verdict.EXPIRED),
        ({"confirmed_at": NOW}, True, Verdict.USED),
        ({"confirmed_at": NOW}, False, Verdict.WRONG),
    ],
)
def test_a_code_is_judged_by_its_age_the_tries_and_what_was_mailed(
    facts: dict[str, object], matches: bool, verdict: Verdict
) -> None:
    assert rules.judge(row(**facts), matches=matches, now=NOW) is verdict


@pytest.mark.parametrize("address", ["a@mailinator.com", "a@x.mailinator.com", "A@MAILINATOR.COM"])
def test_disposable_domains_and_what_lies_under_them_are_known(address: str) -> None:
    assert rules.is_disposable(parse(address))


@pytest.mark.parametrize("address", ["a@example.org", "a@gmail.com", "a@notmailinator.example"])
def test_other_domains_are_not_disposable(address: str) -> None:
    assert not rules.is_disposable(parse(address))


def test_each_language_has_a_wording_of_its_own() -> None:
    versions = {rules.version(rules.asking_text(load(code), "The Ledger")) for code in shipped()}

    assert len(versions) == len(shipped())
