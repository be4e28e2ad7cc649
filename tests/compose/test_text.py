"""Text for people: no line is wider than it may be, and no word is lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.compose.text import UNBROKEN_MAX, breakable, columns, wrap

WORDS = st.lists(st.text(alphabet="aあ字é한x-", min_size=1, max_size=90), max_size=30)


@given(words=WORDS, indent=st.sampled_from(["", "  "]))
def test_no_line_is_wider_than_the_page_and_nothing_is_lost(words: list[str], indent: str) -> None:
    wrapped = wrap(" ".join(words), 72, indent)

    assert all(columns(line) <= 72 for line in wrapped.split("\n"))
    assert "".join(wrapped.split()) == "".join(words)


@given(words=WORDS)
def test_an_address_of_the_web_is_never_broken(words: list[str]) -> None:
    url = "https://news.example.com/" + "x" * 100

    assert url in wrap(" ".join([*words, url, *words]))


@given(text=st.text(alphabet="aé-/ x.", max_size=200))
def test_no_run_of_letters_stays_too_long_to_break(text: str) -> None:
    broken = breakable(text)

    assert broken.replace("\u200b", "") == text
    assert all(len(run) <= UNBROKEN_MAX for run in broken.replace(" ", "\u200b").split("\u200b"))


def test_an_address_breaks_behind_its_marks() -> None:
    assert breakable("news.example.com/2026/11/29/a-long-story-about-harbours") == (
        "news.example.com/2026/11/29/a-long-\u200bstory-about-harbours"
    )


@pytest.mark.parametrize(
    "text",
    [
        "先週、北部の送電網では午後六時から九時まで、蓄電池がガスより多くの電力を供給した。容量は一年で倍増した。",
        "ภาษาไทยไม่มีช่องว่างระหว่างคำจึงตัดบรรทัดตามพจนานุกรมเท่านั้น",
        "👩‍🚀" * 30,
    ],
)
def test_what_breaks_by_its_own_rules_is_left_to_them(text: str) -> None:
    assert breakable(text) == text
