"""Policies of MTA-STS (RFC 8461): which can be used, and which mail servers they name."""

import pytest

from digest.smtp.mta_sts import BadPolicy, Policy, parse

GOOD = b"version: STSv1\r\nmode: enforce\r\nmx: mail.example.com\r\nmx: *.example.net\r\nmax_age: 604800\r\n"


def test_the_example_of_the_standard_is_read() -> None:
    assert parse(GOOD) == Policy(mode="enforce", max_age=604_800, mx=("mail.example.com", "*.example.net"))


def test_of_a_field_that_stands_twice_the_first_counts_and_unknown_ones_are_ignored() -> None:
    found = parse(b"version:STSv1\nmode: testing\nmode: none\nfuture: 1\nmx: A.Example.\nmax_age: 1\n")

    assert (found.mode, found.mx) == ("testing", ("a.example",))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"\xff",
        GOOD.replace(b"STSv1", b"STSv2"),
        GOOD.replace(b"enforce", b"strict"),
        GOOD.replace(b"604800", b"-1"),
        GOOD.replace(b"604800", b"31557601"),
        GOOD.replace(b"604800", b"9" * 5_000),
        GOOD.replace(b"604800", "\u0663".encode()),
        b"version: STSv1\nmode: enforce\nmax_age: 1\n",
    ],
)
def test_a_policy_that_nobody_could_follow_is_refused(body: bytes) -> None:
    with pytest.raises(BadPolicy):
        parse(body)


def test_a_policy_that_asks_for_nothing_names_no_server() -> None:
    assert parse(b"version: STSv1\nmode: none\nmax_age: 86400\n").mx == ()


@pytest.mark.parametrize(
    ("host", "is_named"),
    [
        ("mail.example.com", True),
        ("MAIL.example.com.", True),
        ("mx1.example.net", True),
        ("example.net", False),
        ("a.b.example.net", False),
        ("mail.example.com.evil.org", False),
    ],
)
def test_a_star_stands_for_one_label(host: str, is_named: bool) -> None:
    assert parse(GOOD).names(host) is is_named
