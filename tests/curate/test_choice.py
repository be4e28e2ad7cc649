"""What an issue takes: sections by topic, source and word; rules; places promised; nobody floods it; and it says why."""

from dataclasses import replace
from datetime import timedelta

import pytest

from digest.curate.matching import spoken_of
from digest.curate.rules import EditorRule, Rules, SectionRule
from digest.curate.select import select
from digest.model.issue import Candidate, ToldStory
from digest.model.states import RuleKind
from tests.support.curated import rules, stories, telling
from tests.support.place import TUESDAY


def story(number: int, **changes: object) -> ToldStory:
    return ToldStory(story_id=number, tellings=[telling(number, **changes)])


def choice(told: list[ToldStory], asked: Rules) -> tuple[dict[int, str], dict[int, str]]:
    """Section by story of what is in, reason by story of what is out."""
    found = select(told, asked, now=TUESDAY)
    return {c.story.story_id: c.pick.section for c in found if c.pick}, {c.story.story_id: c.reason for c in found if not c.pick}


def test_sections_take_by_topic_source_and_word_the_first_that_asks() -> None:
    told = [
        story(1, topic="World"),
        story(2, source_name="Lab News"),
        story(3, headline="Elections called in Portugal"),
        story(4, tags=("europe",)),
        story(5, headline="Nothing of note"),
    ]
    asked = rules(
        sections=(
            SectionRule(name="All else", size=9),
            SectionRule(name="World", topics=["World", "Europe"], size=9),
            SectionRule(name="Science", sources=["lab news"], size=9),
            SectionRule(name="Votes", words=["election*"], size=9),
        )
    )

    assert choice(told, asked)[0] == {1: "World", 2: "Science", 3: "Votes", 4: "World", 5: "All else"}


def test_muted_words_keep_a_story_out_and_say_so() -> None:
    asked = rules(editor_rules=[EditorRule(kind=RuleKind.MUTE, words=["horoscope"])])

    inside, out = choice([story(1, headline="Your horoscope"), story(2, headline="Horoscopes sell"), story(3)], asked)

    assert set(inside) == {2, 3}
    assert out == {1: "muted: it speaks of horoscope"}


def test_only_what_is_required_is_printed() -> None:
    asked = rules(
        editor_rules=[EditorRule(kind=RuleKind.REQUIRE, words=["gent"]), EditorRule(kind=RuleKind.REQUIRE, topics=["Local"])]
    )

    inside, out = choice(
        [story(1, headline="Gent opens its harbour"), story(2, topic="Local"), story(3, headline="Gentle rain")], asked
    )

    assert set(inside) == {1, 2}
    assert out[3] == "it speaks of none of what is required: gent, Local"


def test_a_boost_lifts_a_story_and_is_a_part_of_its_score() -> None:
    asked = rules(editor_rules=[EditorRule(kind=RuleKind.BOOST, words=["bridge"], weight=5)])

    first, *_ = select([*stories(5), story(9, headline="A bridge")], asked, now=TUESDAY)

    assert first.story.story_id == 9
    assert first.score["rules"] == 5
    assert "boosted by a rule" in first.reason


def test_a_rule_of_a_section_leaves_the_others_alone() -> None:
    asked = rules(
        sections=(SectionRule(name="Sport", topics=["Sport"], size=9), SectionRule(name="Rest", size=9)),
        editor_rules=[EditorRule(kind=RuleKind.MUTE, words=["cup"], section="Sport")],
    )

    inside, _ = choice([story(1, topic="Sport", headline="The cup final"), story(2, headline="A cup of tea")], asked)

    assert inside == {2: "Rest"}


def test_a_section_gets_the_places_it_is_promised_where_there_are_stories_for_them() -> None:
    world = [story(i, topic="World") for i in range(1, 11)]
    sport = [story(50 + i, topic="Sport", published_at=TUESDAY - timedelta(hours=60)) for i in range(3)]
    sections = (SectionRule(name="World", topics=["World"], size=9), SectionRule(name="Sport", topics=["Sport"], size=9, least=2))

    inside, out = choice([*world, *sport], rules(sections=sections, max_stories=6))

    assert list(inside.values()).count("Sport") == 2
    assert list(inside.values()).count("World") == 4
    assert len(inside) == 6
    assert all(out.values())


def test_a_section_with_too_few_stories_is_not_printed_and_they_go_where_they_fit() -> None:
    told = [story(1, topic="Sport"), story(2, topic="World")]
    small = SectionRule(name="Sport", topics=["Sport"], size=5, least=2)
    world = SectionRule(name="World", topics=["World"], size=5)

    assert choice(told, rules(sections=(small, world)))[1] == {1: "section Sport wants 2 stories and has 1"}
    assert choice(told, rules(sections=(small, world, SectionRule(name="Rest", size=5))))[0] == {1: "Rest", 2: "World"}
    assert choice(told[:1], rules(sections=(small,))) == ({}, {1: "section Sport wants 2 stories and has 1"})


def test_one_publisher_does_not_flood_an_issue_but_loses_no_story_while_there_is_room() -> None:
    now, earlier = {"published_at": TUESDAY, "first_seen_at": TUESDAY}, TUESDAY - timedelta(hours=6)
    flood = [story(i, publisher="Loud", **now) for i in range(1, 11)]
    quiet = [story(50 + i, publisher=f"Quiet {i}", **{**now, "published_at": earlier}) for i in range(3)]

    found = select([*flood, *quiet], rules(), now=TUESDAY)

    places = [c.story.lead.publisher for c in sorted(found, key=lambda c: -c.total)]
    assert all(c.pick for c in found)
    assert set(places[:6]) >= {"Quiet 0", "Quiet 1", "Quiet 2"}
    assert any(c.score.get("diversity", 0) < 0 for c in found)


def test_every_candidate_says_why_and_its_parts_add_up() -> None:
    found: list[Candidate] = list(select(stories(30), rules(), now=TUESDAY))

    assert all(c.reason for c in found)
    assert all(c.total == pytest.approx(sum(c.score.values())) for c in found)


@pytest.mark.parametrize(
    ("text", "word", "said"),
    [
        ("The Art of War", "art", True),
        ("The party began", "art", False),
        ("Elections", "elect*", True),
        ("United  Nations meet", "united nations", True),
        ("東京で地震", "地震", True),
        ("C++ is old", "c++", True),
        ("anything", "(", False),
    ],
)
def test_words_are_whole_unless_they_end_in_a_star(text: str, word: str, said: bool) -> None:
    assert bool(spoken_of(story(1, headline=text, standfirst=""), [word])) is said


def test_promises_that_do_not_fit_the_issue_are_kept_as_far_as_they_do() -> None:
    told = [story(10 * i + n + 1, topic=name) for i, name in enumerate("ABCDE") for n in range(10)]
    sections = [SectionRule(name=name, topics=[name], size=10, least=5) for name in "ABCDE"]

    inside, _ = choice(told, rules(sections=sections, max_stories=20))

    assert len(inside) == 20
    counts = [list(inside.values()).count(name) for name in "ABCDE"]
    assert [c for c in counts if c] == [c for c in counts if c >= 5]


def test_a_section_that_finds_no_room_does_not_say_that_it_lacks_stories() -> None:
    told = [story(10 * i + n + 1, topic=name) for i, name in enumerate("AB") for n in range(6)]
    sections = [SectionRule(name=name, topics=[name], size=10, least=3) for name in "AB"]

    inside, out = choice(told, rules(sections=sections, max_stories=5))

    assert set(inside.values()) == {"A"}
    assert {out[number] for number in out if number > 10} <= {
        "section B has no room for what it wants",
        "the issue is full with 5 stories",
        "the places that are left are kept for other sections",
    }


def test_a_section_that_gives_up_may_bring_another_to_what_it_wants() -> None:
    told = [story(1, topic="A", tags=("B",)), story(2, topic="B"), story(3, topic="C")]
    sections = [SectionRule(name="B", topics=["B"], size=5, least=2), SectionRule(name="C", topics=["C"], size=5)]
    sections.append(SectionRule(name="A", topics=["A"], size=5, least=2))

    inside, _ = choice(told, rules(sections=[sections[2], sections[0], sections[1]]))

    assert inside == {3: "C"} or inside == {1: "B", 2: "B", 3: "C"}


def test_a_hidden_telling_is_neither_named_nor_counted() -> None:
    told = ToldStory(
        story_id=1, tellings=[telling(1, publisher="Big"), telling(2, publisher="Small", hidden=True, source_weight=3.0)]
    )

    [found] = select([told], rules(), now=TUESDAY)

    assert found.pick is not None
    assert list(found.pick.also) == []
    assert found.score["source"] == 1.0
    assert "told by Big" in found.reason


def test_what_is_settled_leads_and_an_unsettled_story_waits() -> None:
    late = telling(1, publisher="Heavy", source_weight=5.0, settles_at=TUESDAY + timedelta(minutes=14))
    told = ToldStory(story_id=1, tellings=[late, telling(2, publisher="Light")])

    [found] = select([told], rules(settled_by=TUESDAY), now=TUESDAY)
    [waits] = select([ToldStory(story_id=2, tellings=[late])], rules(settled_by=TUESDAY), now=TUESDAY)

    assert found.pick is not None
    assert found.pick.publisher == "Light"
    assert waits.pick is None


def test_headline_summary_and_link_are_of_one_telling_that_weighs_as_much_as_the_lead() -> None:
    texts = {
        1: "Bakers gave bread away at the quay of the old town. It was of rye and was still warm at noon.",
        2: "The harbour of Gent opened on Monday after six weeks of ice. Forty ships came in by noon.",
        3: "After six weeks of ice the harbour of Gent opened on Monday. Forty ships came in.",
    }
    told = [
        telling(n, standfirst="", text=text, headline=f"Harbour of Gent {n}", publisher=f"Paper {n}", word_count=20)
        for n, text in texts.items()
    ]
    heavy = [replace(telling, source_weight=2.0 if telling.article_id == 1 else 1.0) for telling in told]

    [light], [weighed] = (select([ToldStory(story_id=1, tellings=tellings)], rules(), now=TUESDAY) for tellings in (told, heavy))

    assert light.pick
    assert weighed.pick
    assert light.pick.headline in ("Harbour of Gent 2", "Harbour of Gent 3")
    number = int(light.pick.headline[-1])
    assert light.pick.summary in texts[number]
    assert (light.pick.url, light.pick.publisher) == (f"https://a.example/{number}", f"Paper {number}")
    assert light.pick.made_from == f"sentences of Paper {number}"
    assert {more.publisher for more in light.pick.also} == {"Paper 1", "Paper 2", "Paper 3"} - {f"Paper {number}"}
    assert light.headline == light.pick.headline
    assert weighed.pick.headline == "Harbour of Gent 1"


def test_a_pin_counts_on_any_telling_and_against_any_promise() -> None:
    pinned = ToldStory(story_id=9, tellings=[telling(8), telling(9, pinned=True, published_at=TUESDAY - timedelta(hours=80))])
    sport = [story(i, topic="Sport") for i in range(1, 4)]
    sections = (SectionRule(name="Sport", topics=["Sport"], size=5, least=2), SectionRule(name="Rest", size=5))

    found = select([*sport, pinned], rules(sections=sections, max_stories=2), now=TUESDAY)

    assert found[0].story.story_id == 9
    assert found[0].reason.startswith("pinned by an editor")


def test_numbers_are_by_score_whatever_the_print_order() -> None:
    found = [c for c in select([story(i, topic=("A", "B")[i % 2]) for i in range(1, 12)], rules(), now=TUESDAY) if c.pick]

    by_score = sorted(found, key=lambda c: -c.total)
    assert by_score[0].reason.startswith("number 1 by score")
    assert all(f"number {1 + [c.total for c in by_score].index(c.total)} by score" in c.reason for c in found)


def test_a_rule_of_the_section_that_a_story_comes_to_in_the_end_holds() -> None:
    sections = (SectionRule(name="Sport", topics=["Sport"], size=5, least=2), SectionRule(name="Rest", size=5))
    mute = EditorRule(kind=RuleKind.MUTE, words=["cup"], section="Rest")

    inside, out = choice([story(1, topic="Sport", headline="The cup final")], rules(sections=sections, editor_rules=[mute]))

    assert inside == {}
    assert out == {1: "muted: it speaks of cup"}
