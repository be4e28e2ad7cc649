"""Summaries: the standfirst where it is good, else whole sentences that say the most and repeat nothing."""

import json
from pathlib import Path

import pytest
from benchmarks.summaries import measure
from hypothesis import given
from hypothesis import strategies as st

from digest.curate.sentences import split
from digest.curate.summarise import Document, extract, summarise
from digest.model.states import Form

HARBOUR = Document(
    title="Harbour of Gent opens again",
    text=(
        "The harbour of Gent opened again on Monday after six weeks of ice. Forty ships had waited outside. "
        "He said it was the longest closure since 1963. The mayor, Ann Claes, thanked the crews of the icebreakers. "
        "Trade worth two hundred million euros was held up, the chamber of commerce reckons. Click here to subscribe."
    ),
)


def test_the_standfirst_is_taken_where_it_sums_up() -> None:
    document = Document(
        title="Harbour opens", standfirst="After six weeks of ice the harbour of Gent is open again.", text=HARBOUR.text
    )

    found = summarise([document], Form.FULL)

    assert (found.text, found.standfirst, tuple(found.documents)) == (document.standfirst, True, (0,))


@pytest.mark.parametrize(
    "standfirst", ["The harbour of Gent, which was closed for", "Read more about the harbour of Gent and its ice today.", "Open."]
)
def test_a_teaser_or_stump_gives_way_to_the_text(standfirst: str) -> None:
    found = summarise([Document(title="Harbour opens", standfirst=standfirst, text=HARBOUR.text)], Form.FULL)

    assert not found.standfirst
    assert found.text.startswith("The harbour of Gent opened again")


def test_no_sentence_stands_without_the_one_it_leans_on() -> None:
    for room in range(10, 120, 7):
        text = extract([HARBOUR], room).text
        if "He said" in text:
            assert "Forty ships had waited outside. He said" in text
        assert "Click here" not in text


def test_several_tellings_are_drawn_on_and_nothing_is_said_twice() -> None:
    again = Document(
        title="Gent harbour open",
        text="The harbour of Gent opened again on Monday after weeks of ice. Bakers gave bread away at the quay.",
    )

    found = extract([HARBOUR, again], 60)

    assert found.text.count("opened again") == 1
    assert 0 in found.documents


def test_length_is_by_form() -> None:
    top, full = (summarise([HARBOUR], form).text for form in (Form.TOP, Form.FULL))

    assert summarise([HARBOUR], Form.BRIEF).text == ""
    assert len(split(full)) <= len(split(top))


@given(st.lists(st.text(max_size=200), max_size=4), st.integers(5, 80))
def test_whatever_is_told_the_sentences_are_of_it_and_whole(texts: list[str], room: int) -> None:
    found = extract([Document(title="", text=text) for text in texts], room)

    said = {sentence for text in texts for sentence in split(text)}
    whole = [s for s in said if s in found.text]
    assert found.text == "" or whole
    assert all(number < len(texts) for number in found.documents)


def test_real_stories_are_summed_up_better_than_by_their_leading_words(shared: Path) -> None:
    rows = [json.loads(line) for line in (shared / "corpora" / "summaries" / "allsides.jsonl").read_text().splitlines()]

    found = measure(rows, 60)

    assert found["ours ROUGE-1"] >= found["lead ROUGE-1"] + 0.010
    assert found["ours ROUGE-2"] >= found["lead ROUGE-2"] + 0.010
