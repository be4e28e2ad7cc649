"""Grouping, ranking, choosing and summing up are pure: the same in, the same out, in any order."""

from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.curate import rank
from digest.curate.cluster import Group, group
from digest.curate.rules import SectionRule
from digest.curate.select import select
from digest.curate.sentences import ends_whole, split
from digest.curate.summarise import Document, is_good, summarise
from digest.model.article import Kin
from digest.model.issue import ToldStory
from digest.model.states import Form
from tests.support.curated import rules, stories, telling
from tests.support.place import TUESDAY

KIN = st.lists(
    st.builds(
        lambda url, content: (url, content),
        st.sampled_from([None, "//a/1", "//a/2", "//a/3"]),
        st.sampled_from(["x", "y", "z", "w"]),
    ),
    max_size=8,
)


@given(kin=KIN, seed=st.integers(0, 1000))
def test_grouping_does_not_depend_on_the_order_of_arrival(kin: list[tuple[str | None, str]], seed: int) -> None:
    new = [Kin(article_id=i, canonical_url=url, fingerprint=content) for i, (url, content) in enumerate(kin)]
    shuffled = Random(seed).sample(new, len(new))

    assert group(shuffled, []) == group(new, [])


@given(kin=KIN)
def test_every_article_is_in_exactly_one_group(kin: list[tuple[str | None, str]]) -> None:
    new = [Kin(article_id=i, canonical_url=url, fingerprint=content) for i, (url, content) in enumerate(kin)]

    members = [number for found in group(new, []) for number in found.articles]

    assert sorted(members) == list(range(len(kin)))


def test_a_new_telling_joins_the_story_that_is_there() -> None:
    known = [Kin(article_id=1, canonical_url="//a/1", fingerprint="x", story_id=9)]
    new = [
        Kin(article_id=2, canonical_url="//a/1", fingerprint="other"),
        Kin(article_id=3, canonical_url=None, fingerprint="new"),
    ]

    assert group(new, known) == [Group(story_id=9, articles=(2,)), Group(story_id=None, articles=(3,))]


@given(seed=st.integers(0, 1000), count=st.integers(0, 30))
def test_an_issue_does_not_depend_on_the_order_of_its_candidates(seed: int, count: int) -> None:
    given_ = stories(count)
    shuffled = Random(seed).sample(given_, count)

    assert select(shuffled, rules(), now=TUESDAY) == select(given_, rules(), now=TUESDAY)


def test_every_story_is_a_candidate_with_a_reason() -> None:
    old = telling(60, published_at=TUESDAY - timedelta(days=9))
    given_ = [*stories(25), ToldStory(story_id=60, tellings=[old]), ToldStory(story_id=61, tellings=[telling(61, hidden=True)])]

    found = select(given_, rules(printed={3: 7}), now=TUESDAY)

    reasons = {c.story.story_id: c.reason for c in found}
    assert set(reasons) == {s.story_id for s in given_}
    assert reasons[3] == "printed in issue 7"
    assert reasons[60].startswith("too old: published 2026-02-22")
    assert reasons[61] == "hidden by an editor"
    assert reasons[25] == "the issue is full with 20 stories"
    assert all(reasons.values())


def test_picks_come_as_top_then_full_by_section_then_briefs() -> None:
    given_ = [replace(s, tellings=[replace(s.lead, topic=("World", "Science")[s.story_id % 2])]) for s in stories(12)]
    sections = (SectionRule(name="Science", topics=["science"], size=9), SectionRule(name="World", topics=["World"], size=9))

    picks = [c.pick for c in select(given_, rules(sections=sections), now=TUESDAY) if c.pick]

    assert [p.form for p in picks] == [Form.TOP, *[Form.FULL] * 7, *[Form.BRIEF] * 4]
    full = [p.section for p in picks if p.form is Form.FULL]
    assert full == sorted(full)


def test_a_section_takes_no_more_than_its_size_and_nothing_of_another_topic() -> None:
    given_ = [*stories(4, topic="World"), ToldStory(story_id=9, tellings=[telling(9, topic="Sport")])]

    found = select(given_, rules(sections=[SectionRule(name="World", topics=["World"], size=2)]), now=TUESDAY)

    assert sum(c.pick is not None for c in found) == 2
    assert {c.reason for c in found if not c.pick} == {
        "section World is full with 2 stories",
        "no section takes the topic Sport",
    }


def test_a_pinned_story_is_the_top_story() -> None:
    given_ = [*stories(5), ToldStory(story_id=50, tellings=[telling(50, pinned=True)])]

    assert select(given_, rules(), now=TUESDAY)[0].story.story_id == 50


def test_what_more_publishers_tell_comes_first_and_names_them() -> None:
    told = ToldStory(story_id=9, tellings=[telling(9, publisher="A"), telling(8, publisher="B"), telling(7, publisher="C")])

    first = select([*stories(3), told], rules(), now=TUESDAY)[0]

    assert first.story.story_id == 9
    assert first.pick is not None
    assert [also.publisher for also in first.pick.also] == ["B", "C"]
    assert "told by 3 publishers" in first.reason


SENTENCES = st.lists(
    st.builds(
        lambda words, end: " ".join(words).capitalize() + end,
        st.lists(st.sampled_from(["the", "harbour", "opens", "again", "today"]), min_size=3, max_size=30),
        st.sampled_from(".!?"),
    ),
    min_size=1,
    max_size=8,
)


@given(sentences=SENTENCES, form=st.sampled_from([Form.TOP, Form.FULL]))
def test_a_summary_is_made_of_whole_sentences_in_their_order(sentences: list[str], form: Form) -> None:
    summary = summarise([Document(title="H", text=" ".join(sentences))], form).text

    assert summary == "" or ends_whole(summary)
    rest = iter(sentences)
    assert all(any(sentence == own for own in rest) for sentence in split(summary))


@pytest.mark.parametrize(
    "bad",
    [
        "Read more about the harbour and its boats here today.",
        "Cut off in the middle of a sentence that goes",
        "Too short.",
        "The harbour opens again after the long winter.",
        "The post Harbour appeared first on News.",
    ],
)
def test_a_teaser_a_stump_or_the_headline_again_is_no_summary(bad: str) -> None:
    assert not is_good(bad, headline="The harbour opens again after the long winter")


def test_abbreviations_and_initials_do_not_end_a_sentence() -> None:
    text = "Dr. A. B. Smith met Mr. Jones at 5 p.m. in the U.S. capital. They spoke. Er kam z.B. am 3. Mai."

    assert split(text) == [
        "Dr. A. B. Smith met Mr. Jones at 5 p.m. in the U.S. capital.",
        "They spoke.",
        "Er kam z.B. am 3. Mai.",
    ]


def test_sentences_without_spaces_are_split() -> None:
    assert split("港が開いた。船が来た！「本当か。」と言った") == ["港が開いた。", "船が来た！", "「本当か。」と言った"]


LONG_TEXT = "\n\n".join(
    f"The council met for the {n} time, and its members spoke of place {n} at some length and in turn." for n in range(30)
)


@pytest.mark.parametrize(
    ("changes", "minutes", "has_page"),
    [
        ({"text": LONG_TEXT, "word_count": 600}, 3, False),
        ({"text": LONG_TEXT, "word_count": 600, "url": ""}, 3, True),
        ({"text": "", "word_count": 12}, 0, False),
        ({"text": "", "word_count": 12, "url": ""}, 0, False),
        (
            {"text": "The choir of the upper town sang for an hour on Monday.", "word_count": 12, "url": "", "standfirst": ""},
            0,
            False,
        ),
        ({"text": LONG_TEXT, "word_count": 600, "is_free": False}, 0, False),
    ],
    ids=["linked", "dropped", "only a standfirst", "nothing behind it", "all in the summary", "for subscribers"],
)
def test_reading_time_is_given_where_there_is_something_to_read(changes: dict[str, object], minutes: int, has_page: bool) -> None:
    (picked,) = [c.pick for c in select(stories(1, **changes), rules(), now=TUESDAY) if c.pick]

    assert (picked.minutes, picked.has_page) == (minutes, has_page)


def test_what_everybody_may_read_leads_before_what_only_subscribers_may() -> None:
    locked = telling(1, is_free=False, source_weight=3.0, text=LONG_TEXT, word_count=600)
    others = [telling(2), telling(3, is_free=True)]

    assert [t.article_id for t in rank.lead_first([locked, *others])][-1] == 1
