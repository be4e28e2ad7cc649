"""Addresses are checked at the door; spellings of one person share a key."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from digest.audience import address
from digest.audience.address import parse, shown
from digest.audience.typos import likely_domain
from digest.errors import BadAddress


@pytest.mark.parametrize(
    ("text", "kept", "key"),
    [
        ("Ann.Other@Example.ORG", "Ann.Other@example.org", "ann.other@example.org"),
        (" jörg@example.net ", "jörg@example.net", "jörg@example.net"),
        ("jo\u0308rg@example.net", "jörg@example.net", "jörg@example.net"),
        ("李@例子.example", "李@xn--fsqu00a.example", "李@xn--fsqu00a.example"),
        ("ann@BÜCHER.example", "ann@xn--bcher-kva.example", "ann@xn--bcher-kva.example"),
        ("a+b@example.org", "a+b@example.org", "a+b@example.org"),
        ("A..b@docomo.ne.jp", "A..b@docomo.ne.jp", "a..b@docomo.ne.jp"),
        (".taro.@ezweb.ne.jp", ".taro.@ezweb.ne.jp", ".taro.@ezweb.ne.jp"),
    ],
)
def test_an_address_is_kept_as_written_and_keyed_by_what_it_is(text: str, kept: str, key: str) -> None:
    found = parse(text)

    assert (found.text, found.key) == (kept, key)


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
        "a..b@example.org",
        "a.@gmail.com",
    ],
)
def test_what_is_no_address_is_refused_with_the_reason(text: str) -> None:
    with pytest.raises(BadAddress) as refused:
        parse(text)

    assert refused.value.reason


def test_a_domain_is_shown_in_its_own_script() -> None:
    assert shown("mei@xn--fsqu00a.example") == "mei@例子.example"


@given(
    local=st.text(alphabet="aZ9._+-ſ", min_size=1, max_size=70),
    domain=st.text(alphabet="aZ9.-xnK", min_size=1, max_size=70),
    top=st.sampled_from(["org", "ORG", "test", "local", "c", "x1", "photography"]),
)
@example(local="a" * 64, domain="b" * 63, top="org")
@example(local="a" * 65, domain="b", top="org")
@example(local="a", domain="b" * 64, top="org")
@example(local="a", domain="xn--a", top="org")
def test_the_quick_way_takes_only_what_the_thorough_one_takes_unchanged(local: str, domain: str, top: str) -> None:
    text = f"{local}@{domain}.{top}"
    if address._USUAL.fullmatch(text):
        assert address._validated(text, text) == (local, f"{domain}.{top}".lower())


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("gmial.com", "gmail.com"),
        ("gmail.con", "gmail.com"),
        ("gmai.com", "gmail.com"),
        ("gmaill.com", "gmail.com"),
        ("hotmial.com", "hotmail.com"),
        ("yahooo.com", "yahoo.com"),
        ("outlok.com", "outlook.com"),
        ("gmail.com", ""),
        ("ymail.com", ""),
        ("mail.com", ""),
        ("yahoo.fr", ""),
        ("example.org", ""),
    ],
)
def test_mistyped_providers_are_told_from_others(typed: str, meant: str) -> None:
    assert likely_domain(typed) == meant
