"""Addresses are checked at the door; spellings of one person share a key."""

import pytest

from digest.audience.address import parse, shown
from digest.errors import BadAddress


@pytest.mark.parametrize(
    ("text", "address", "key"),
    [
        ("Ann.Other@Example.ORG", "Ann.Other@example.org", "ann.other@example.org"),
        (" jörg@example.net ", "jörg@example.net", "jörg@example.net"),
        ("jo\u0308rg@example.net", "jörg@example.net", "jörg@example.net"),
        ("李@例子.example", "李@xn--fsqu00a.example", "李@xn--fsqu00a.example"),
        ("ann@BÜCHER.example", "ann@xn--bcher-kva.example", "ann@xn--bcher-kva.example"),
        ("a+b@example.org", "a+b@example.org", "a+b@example.org"),
    ],
)
def test_an_address_is_kept_as_written_and_keyed_by_what_it_is(text: str, address: str, key: str) -> None:
    found = parse(text)

    assert (found.text, found.key) == (address, key)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ann",
        "ann@",
        "@example.org",
        "ann@example",
        "a b@example.org",
        "ann@example.org\r\nBcc: x@y.z",
        "ann\u202e@example.org",
        "a@b@c.org",
        "x" * 80 + "@example.org",
        '"a b"@example.org',
    ],
)
def test_what_is_no_address_is_refused_with_the_reason(text: str) -> None:
    with pytest.raises(BadAddress) as refused:
        parse(text)

    assert refused.value.reason


def test_a_domain_is_shown_in_its_own_script() -> None:
    assert shown("mei@xn--fsqu00a.example") == "mei@例子.example"
