"""The same happening across publishers is one story; what is not, is not."""

from datetime import timedelta
from pathlib import Path

import pytest
from benchmarks import stories as benchmark
from hypothesis import given
from hypothesis import strategies as st

from digest.curate.cluster import _exact, group
from digest.model.article import Group, Kin
from tests.support.place import TUESDAY

QUAKE = (
    ("Quake", "Strong earthquake shakes Lisbon, no casualties", "A magnitude 5.4 earthquake struck off Lisbon early on Tuesday."),
    (
        "Post",
        "Lisbon earthquake: residents flee homes",
        "Residents of Lisbon fled their homes early on Tuesday after an earthquake of magnitude 5.4 off the coast.",
    ),
    (
        "Times",
        "Portugal: earthquake off Lisbon wakes city",
        "An earthquake of magnitude 5.4 off the coast of Portugal woke Lisbon.",
    ),
)
OTHERS = (
    (
        "Quake",
        "Central bank raises interest rates again",
        "The central bank lifted its rate by a quarter point to fight inflation.",
    ),
    ("Post", "Museum returns bronzes to Nigeria", "Twenty bronzes looted in 1897 went back to Nigeria on Tuesday."),
    ("Times", "Rovers win the cup after penalties", "Rovers beat United five four on penalties in the cup final."),
)


def kin(number: int, told: tuple[str, str, str], *, hours: float = 0, **more: object) -> Kin:
    publisher, headline, text = told
    values: dict[str, object] = {
        "canonical_url": f"//{publisher}/{number}",
        "fingerprint": f"print {number}",
        "at": TUESDAY + timedelta(hours=hours),
    }
    values["publisher"] = publisher
    return Kin(article_id=number, headline=headline, text=text, **{**values, **more})  # type: ignore[arg-type]


def stories(new: list[Kin], known: list[Kin] | None = None) -> set[tuple[int, ...]]:
    return {tuple(found.articles) for found in group(new, known or [])}


def test_three_publishers_tell_one_happening_in_words_of_their_own() -> None:
    new = [kin(i, told, hours=i) for i, told in enumerate((*QUAKE, *OTHERS))]

    assert stories(new) == {(0, 1, 2), (3,), (4,), (5,)}


def test_a_word_or_two_in_common_make_no_story_of_a_small_mornings_news() -> None:
    keyboard = (
        "Bench",
        "The keyboard that counts its own keystrokes, and nothing else",
        "It has a mechanical counter, four digits. Its makers sold 3,000 to people who wanted to know, and to one who wanted to know less.",
    )
    puffins = (
        "Field",
        "An island counts more puffins than people, again",
        "The census took nine nights and found 14,212 birds. The people, 312 of them, were counted in an afternoon.",
    )

    assert stories([kin(i, told) for i, told in enumerate((keyboard, puffins, *OTHERS))]) == {(i,) for i in range(5)}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Arsenal 2-1 Chelsea: Premier League match report", "Liverpool 3-0 Everton: Premier League match report"),
        ("Man arrested after stabbing in Leeds", "Man arrested after stabbing in Glasgow"),
        ("Apple beats earnings estimates as sales rise", "Microsoft beats earnings estimates as sales rise"),
        ("Earthquake of magnitude 5.1 strikes Chile", "Earthquake of magnitude 6.2 strikes Japan"),
    ],
)
def test_headlines_of_one_pattern_that_name_different_things_are_not_one_story(one: str, other: str) -> None:
    told = [("A", one, ""), ("B", other, "")]

    assert stories([kin(i, t) for i, t in enumerate([*told, *OTHERS])]) == {(i,) for i in range(5)}
    assert group([kin(2, told[1], hours=20)], [kin(1, told[0], story_id=7)]) == [Group(story_id=None, articles=(2,))]


def test_articles_under_one_address_with_unlike_headlines_are_not_one_story() -> None:
    new = [kin(i, (told[0], told[1], told[2]), canonical_url="//n.example/", publisher="News") for i, told in enumerate(OTHERS)]

    assert stories(new) == {(0,), (1,), (2,)}


def test_a_bulletin_in_the_same_words_is_a_new_story_each_day() -> None:
    told = ("Radio", "The evening bulletin", "The news of the day, read by Ann.")
    known = [kin(1, told, fingerprint="same", story_id=7)]

    assert group([kin(2, told, fingerprint="same", hours=24)], known)[0].story_id is None
    assert group([kin(3, ("Paper", told[1], told[2]), fingerprint="same", hours=24)], known)[0].story_id == 7


def test_a_story_that_one_publisher_told_twice_stays_one() -> None:
    known = [
        kin(1, QUAKE[0], story_id=7),
        kin(2, ("Quake", "Lisbon counts the cost", "Builders mend the walls."), hours=30, story_id=7),
    ]

    assert [sorted(c.members) for c in _exact(known).values()] == [[0, 1]]


def test_bare_headlines_are_grouped_too() -> None:
    new = [kin(i, (told[0], told[1], "")) for i, told in enumerate((*QUAKE, *OTHERS))]

    assert stories(new) == {(0, 1, 2), (3,), (4,), (5,)}


def test_what_a_new_publisher_picks_up_joins_the_story_of_yesterday() -> None:
    known = [kin(1, QUAKE[0], story_id=7)]

    assert group([kin(2, QUAKE[1], hours=14)], known) == [Group(story_id=7, articles=(2,))]


def test_what_happens_days_later_is_a_story_that_names_the_one_it_develops() -> None:
    known = [kin(1, QUAKE[0], story_id=7)]

    (found,) = group([kin(2, QUAKE[2], hours=96)], known)

    assert found == Group(story_id=None, articles=(2,), predecessor_id=7)


def test_agency_copy_joins_its_story_whenever_it_is_printed() -> None:
    text = " ".join(told[2] for told in (*QUAKE, *OTHERS))
    known = [kin(1, ("Agency", QUAKE[0][1], text), story_id=7)]

    (found,) = group([kin(2, ("Gazette", QUAKE[0][1], text + " Reported by the agency."), hours=96)], known)

    assert found.story_id == 7


def test_the_column_of_every_morning_is_no_copy_of_the_last_one() -> None:
    def column(number: int, day: str, rate: str) -> Kin:
        text = (
            f"Good morning. Here is what moves the markets this {day}, with shares at {rate} and oil, gold and the dollar below."
        )
        return kin(number, ("Desk", "Opening Bell", text), hours=24 * number)

    monday, tuesday = column(0, "Monday", "4,100"), column(1, "Tuesday", "4,150")

    assert stories([monday, tuesday]) == {(0,), (1,)}


def test_languages_are_kept_apart() -> None:
    new = [kin(1, QUAKE[0], language="en"), kin(2, QUAKE[1], language="en-GB"), kin(3, QUAKE[2], language="pt")]

    assert stories(new) == {(1, 2), (3,)}


def test_two_stories_that_are_there_stay_two() -> None:
    known = [kin(1, QUAKE[0], story_id=7), kin(2, QUAKE[1], story_id=9)]

    (found,) = group([kin(3, QUAKE[2], hours=1)], known)

    assert found.story_id in (7, 9)


@given(st.permutations(range(6)), st.integers(0, 6))
def test_it_does_not_matter_in_which_order_articles_come(order: list[int], first: int) -> None:
    told = [kin(i, t) for i, t in enumerate((*QUAKE, *OTHERS))]
    shuffled = [told[i] for i in order]

    assert stories(shuffled) == stories(told)
    # nor, where nothing else speaks against it, how many of them were there before
    known = [
        Kin(**{**{f: getattr(k, f) for f in k.__slots__}, "story_id": 100 + min(k.article_id, 3) if k.article_id > 2 else 100})
        for k in shuffled[:first]
    ]
    joined = group(shuffled[first:], known)
    assert all((g.story_id == 100) == (min(g.articles) < 3) for g in joined if any(k.article_id < 3 for k in known))


def test_real_news_is_grouped_better_than_by_plain_tf_idf(shared: Path) -> None:
    folder = shared / "corpora" / "stories"
    found = [benchmark.b_cubed(rows, benchmark.ours, by_part=True) for rows in benchmark.sets(folder).values()]

    assert sum(found) / len(found) >= 0.85
    everything = benchmark.pool(folder)
    assert benchmark.b_cubed(everything, benchmark.ours, by_part=False) >= 0.84


@pytest.mark.parametrize("text", ["", "   ", "a", "… … …", "的" * 2000, "\u200b"])
def test_texts_that_say_nothing_are_each_their_own_story(text: str) -> None:
    new = [kin(1, ("A", text, "")), kin(2, ("B", "", text))]

    assert sum(len(found.articles) for found in group(new, [])) == 2
