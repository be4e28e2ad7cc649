"""Text for people: no line is wider than it may be, and no word is lost."""

from hypothesis import given
from hypothesis import strategies as st

from digest.compose.text import columns, wrap

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
