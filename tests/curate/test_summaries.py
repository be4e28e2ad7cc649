"""Summaries: the standfirst where it is good, else a run of whole sentences of one telling."""

import json
from pathlib import Path

import pytest
from benchmarks.summaries import measure
from hypothesis import given
from hypothesis import strategies as st

from digest.curate.sentences import split
from digest.curate.summarise import OVER, Document, extract, summarise
from digest.model.article import count_words
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

    assert (found.text, found.standfirst, found.document) == (document.standfirst, True, 0)


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


def test_a_story_is_told_by_the_telling_that_says_what_all_of_them_say() -> None:
    aside = Document(
        title="Harbour news", text="Bakers gave bread away at the quay on Monday. The bread was of rye and was still warm."
    )
    plain = Document(
        title="Harbour of Gent opens",
        text="After six weeks of ice the harbour of Gent opened again on Monday. Forty ships came in by noon.",
    )

    found = extract([aside, HARBOUR, plain], 20)

    assert found.document in (1, 2)
    assert found.text in " ".join([aside, HARBOUR, plain][found.document].text.split())


def test_a_standfirst_that_is_the_beginning_of_the_text_does_not_cut_the_denial_off() -> None:
    claim = "Three road contracts had been given to a firm of the mayor's brother, the audit office found on Monday."
    document = Document(
        title="Mayor under pressure",
        standfirst=claim,
        text=f"{claim} She denies any wrong-doing. A successor is to be chosen in May.",
    )

    found = summarise([document], Form.FULL)

    assert (found.standfirst, found.text) == (False, document.text)


def test_speech_is_not_cut_in_half() -> None:
    document = Document(
        title="Rovers coach stays",
        text="The coach of the Rovers met the press at the ground on Monday. “I will stay for two years. The club wants it too. My wife agreed,”"
        " the coach of the club told reporters there. The season begins in August and lasts until the middle of May.",
    )

    for room in range(10, 60, 5):
        text = extract([document], room).text
        assert text.count("“") == text.count("”")


def test_a_question_is_not_left_open() -> None:
    document = Document(
        title="Bread",
        text="Bread rose by a tenth in price this year. Why did it rise so much? Wheat was scarce in the whole of Europe.",
    )

    assert not any(extract([document], room).text.endswith("?") for room in range(5, 40))


def test_boilerplate_between_hides_no_denial() -> None:
    document = Document(
        title="Contracts",
        text="The council of Ashford met on Monday evening in the town hall.\n\nThree contracts had been given to a firm of the mayor's brother.\n\n"
        "Read more: ten things to know.\n\nThe mayor denies this.",
    )

    for room in range(10, 40, 5):
        assert "Three contracts" not in extract([document], room).text


def test_the_language_of_a_text_is_found_where_it_is_not_given() -> None:
    text = (
        "Die Stadt hat am Montag ihren Haushalt für das nächste Jahr vorgelegt. Ab Mai fahren alle Busse umsonst. Voraussetzung"
        " ist die Zustimmung des Landes. Die Busse beförderten im vergangenen Jahr sechzig Millionen Menschen."
    )

    assert not extract([Document(title="Haushalt", text=text)], 14).text.endswith("umsonst.")


def test_length_is_by_form() -> None:
    top, full = (summarise([HARBOUR], form).text for form in (Form.TOP, Form.FULL))

    assert summarise([HARBOUR], Form.BRIEF).text == ""
    assert len(split(full)) <= len(split(top))


SENTENCES = st.sampled_from(
    "The harbour opened on Monday.|She denies it.|“We shall stay.|But the town wants more.|Read more: ten things.|What we know|"
    "The council of Gent met again to speak of the ice.|Why?|Trade was held up for six weeks, the chamber reckons.".split("|")
)


@given(st.lists(st.lists(SENTENCES, max_size=8), max_size=4), st.integers(5, 80))
def test_a_summary_is_a_run_of_sentences_of_the_telling_that_it_names(told: list[list[str]], room: int) -> None:
    documents = [Document(title="", text="\n\n".join(sentences)) for sentences in told]

    found = extract(documents, room)

    if found.text:
        assert f" {found.text} " in f" {' '.join(documents[found.document].text.split())} "
        assert count_words(found.text) <= room * OVER or len(split(found.text)) == 1


@given(st.lists(st.text(max_size=200), max_size=4), st.integers(5, 80))
def test_whatever_is_told_nothing_is_made_up(texts: list[str], room: int) -> None:
    found = extract([Document(title="", text=text) for text in texts], room)

    assert found.text == "" or found.text in " ".join(texts[found.document].split())


def test_real_stories_are_summed_up_better_than_by_their_leading_words(shared: Path) -> None:
    rows = [json.loads(line) for line in (shared / "corpora" / "summaries" / "allsides.jsonl").read_text().splitlines()]

    found = measure(rows, 60)

    assert found["ours ROUGE-1"] >= found["lead ROUGE-1"] + 0.010
    assert found["ours ROUGE-2"] >= found["lead ROUGE-2"] + 0.010


def test_single_articles_are_summed_up_about_as_well_as_by_their_leading_words(shared: Path) -> None:
    rows = [json.loads(line) for line in (shared / "corpora" / "summaries" / "cnndm.jsonl").read_text().splitlines()]

    found = measure(rows, 60)

    assert found["ours ROUGE-1"] >= found["lead ROUGE-1"] - 0.010
    assert found["ours ROUGE-2"] >= found["lead ROUGE-2"] - 0.010


def test_sentences_of_scripts_without_spaces_are_joined_without() -> None:
    text = "四月から週二便が夜の海峡を渡る。最初の便は三時間で満席となった。運航会社は「三隻目を探している。」乗客は喜ぶ。"

    found = summarise([Document(title="夜行フェリー", text=text, language="ja")], Form.TOP)

    assert found.text
    assert found.text in text


def test_a_post_whose_headline_is_its_first_sentence_goes_on_with_the_second() -> None:
    said = "Passkeys can be exported at last. The file is encrypted to whoever receives it, so nothing is printed any more."

    found = summarise([Document(title="Passkeys can be exported at last.", standfirst=said, text="")], Form.FULL)

    assert found.text == "The file is encrypted to whoever receives it, so nothing is printed any more."
