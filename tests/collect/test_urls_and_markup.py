"""Links and markup from outside: only http(s) survives, and nothing raises."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.collect.markup import one_line, to_text
from digest.collect.urls import canonical, web_link, without_tracking


@pytest.mark.parametrize(
    "link",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "ftp://x.example/",
        "//",
        "http://",
        "http://user:pw@x.example/",
        "mailto:a@b.c",
        "",
        "http://[::1",
        "java\nscript:x",
    ],
)
def test_what_is_no_web_link_is_dropped(link: str) -> None:
    assert web_link(link) == ""


def test_tracking_parameters_go_and_others_stay() -> None:
    assert without_tracking("https://a.example/x?utm_source=rss&id=7&fbclid=9#part") == "https://a.example/x?id=7#part"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("http://www.a.example/x/", "https://a.example/x"),
        ("https://a.example/x?b=2&a=1", "https://A.example/x?a=1&b=2"),
        ("https://a.example/x#top", "https://a.example/x?utm_medium=mail"),
        ("https://a.example:443", "http://a.example/"),
    ],
)
def test_spellings_of_one_page_share_their_canonical_form(one: str, other: str) -> None:
    assert canonical(one) == canonical(other)


def test_different_pages_differ() -> None:
    assert (
        len(
            {
                canonical(u)
                for u in (
                    "https://a.example/x?id=1",
                    "https://a.example/x?id=2",
                    "https://b.example/x?id=1",
                    "https://a.example/x",
                )
            }
        )
        == 4
    )


@given(text=st.text(max_size=200), base=st.sampled_from(["", "https://a.example/b/"]))
def test_any_text_as_a_link_gives_http_or_nothing(text: str, base: str) -> None:
    found = web_link(text, base)

    assert found == "" or found.split(":")[0].lower() in ("http", "https")


@given(markup=st.text(alphabet=st.sampled_from("<>/&;=\"' apdivscript!-[]x\n"), max_size=300))
def test_any_markup_becomes_text_without_controls_or_double_blanks(markup: str) -> None:
    text = to_text(markup)

    assert text == text.strip()
    assert "\n\n\n" not in text


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p>One</p><p>Two</p>", "One\n\nTwo"),
        ("A<br>B", "A\nB"),
        ("x<script>alert(1)</script>y<style>p{}</style>z", "xyz"),
        ("<svg/onload=alert(1)>tail", ""),
        ("a &amp;amp; b", "a &amp; b"),
        ("<!-- hidden -->shown", "shown"),
        ("<ul><li>one</li><li>two</li></ul>", "one\n\ntwo"),
    ],
)
def test_markup_becomes_paragraphs(markup: str, text: str) -> None:
    assert to_text(markup) == text


def test_deep_nesting_does_not_exhaust_the_stack() -> None:
    assert "core" in to_text("<div>" * 200 + "core" + "</div>" * 200)


def test_a_title_is_one_line_without_markup() -> None:
    assert one_line("  A <em>fine</em>\n title &amp; more ") == "A fine title & more"
