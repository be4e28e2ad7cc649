"""What editors want of an issue: it is done whatever the scores say, and moves nothing else."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from digest.curate.rules import SectionRule
from digest.curate.select import select
from digest.model.draft import Edit
from digest.model.issue import Candidate
from digest.model.states import Form
from tests.support.curated import rules, stories, telling
from tests.support.place import TUESDAY

KEPT = Edit(is_kept=True, by="Mara")


def printed(candidates: list[Candidate]) -> list[tuple[int, str]]:
    return [(c.story.story_id, str(c.pick.form)) for c in candidates if c.pick]


def chosen(count: int, edits: dict[int, Edit], **changes: object) -> list[Candidate]:
    return list(select(stories(count), rules(edits=edits, **changes), now=TUESDAY))


def test_a_story_that_is_taken_out_makes_room_for_the_next_and_says_by_whom() -> None:
    found = chosen(4, {2: Edit(is_hidden=True, by="Mara")}, max_stories=3)

    assert [number for number, _ in printed(found)] == [1, 3, 4]
    assert next(c.reason for c in found if c.story.story_id == 2) == "taken out of this issue by Mara"


def test_a_story_that_is_kept_is_in_although_the_issue_is_full_and_says_so() -> None:
    found = chosen(6, {6: KEPT}, max_stories=3)

    assert [number for number, _ in printed(found)] == [1, 2, 6]
    assert next(c.reason for c in found if c.story.story_id == 6).startswith("kept in by Mara, number 3")


def test_a_kept_story_is_in_although_it_was_printed_or_is_too_old_but_not_if_it_was_withdrawn() -> None:
    edits = {1: KEPT, 2: KEPT, 3: KEPT}
    told = stories(3)
    told[2] = replace(told[2], tellings=[telling(3, hidden=True, withdrawn=True)])

    found = select(told, rules(edits=edits, printed={1: 7}, not_before=TUESDAY), now=TUESDAY)

    assert [number for number, _ in printed(list(found))] == [1, 2]
    assert found[-1].reason == "withdrawn by its source"


def test_a_section_that_is_full_or_too_small_keeps_what_editors_want_in_it() -> None:
    sections = [SectionRule(name="Water", words=["001"], size=1, least=2), SectionRule(name="Rest", size=2)]
    edits = {4: replace(KEPT, section="Water"), 5: replace(KEPT, section="Water"), 6: KEPT}

    found = chosen(6, edits, sections=sections)

    homes = {c.story.story_id: c.pick.section for c in found if c.pick}
    assert homes == {4: "Water", 5: "Water", 6: "Rest", 2: "Rest"}


def test_a_story_that_no_section_takes_is_kept_in_the_last_one() -> None:
    found = chosen(2, {2: KEPT}, sections=[SectionRule(name="Water", words=["001"], size=5)])

    assert {c.story.story_id: c.pick.section for c in found if c.pick} == {1: "Water", 2: "Water"}


def test_forms_are_as_editors_say_and_the_others_fill_up() -> None:
    edits = {7: replace(KEPT, form=Form.TOP), 1: replace(KEPT, form=Form.BRIEF), 9: replace(KEPT, form=Form.FULL)}

    found = printed(chosen(9, edits))

    assert found[0] == (7, "top")
    assert {number for number, form in found if form == "brief"} == {1, 6, 8}
    assert (9, "full") in found


def test_words_of_an_editor_stand_beside_the_original_and_survive_a_new_text() -> None:
    edits = {1: replace(KEPT, headline="Ours", summary="In our words.")}
    first = chosen(1, edits)[0]
    again = select([replace(stories(1)[0], tellings=[telling(1, headline="Theirs, newer")])], rules(edits=edits), now=TUESDAY)[0]

    for candidate, theirs in ((first, "Headline 001"), (again, "Theirs, newer")):
        assert candidate.pick is not None
        assert candidate.original is not None
        assert (candidate.pick.headline, candidate.pick.summary) == ("Ours", "In our words.")
        assert candidate.original.headline == theirs
        assert candidate.pick.made_from == "written by Mara"


@given(st.dictionaries(st.integers(1, 12), st.integers(0, 14), max_size=6), st.integers(1, 12))
def test_placed_stories_stand_in_their_place_and_the_others_in_their_order(places: dict[int, int], count: int) -> None:
    """As long as they share section and form, of which there are as many as there are stories."""
    edits = {number: replace(KEPT, form=Form.FULL, place=place) for number, place in places.items()}
    all_full = {number: Edit(is_kept=True, form=Form.FULL) for number in range(1, count + 1)} | edits
    top = 100
    told = [*stories(count), replace(stories(1)[0], story_id=top, tellings=[telling(top, first_seen_at=TUESDAY)])]

    found = select(told, rules(edits=all_full | {top: replace(KEPT, form=Form.TOP)}), now=TUESDAY)

    order = [number for number, form in printed(list(found)) if form == "full"]
    plain = select(
        told,
        rules(edits={n: replace(e, place=None) for n, e in all_full.items()} | {top: replace(KEPT, form=Form.TOP)}),
        now=TUESDAY,
    )
    free = [number for number, form in printed(list(plain)) if form == "full" and number not in places]
    assert sorted(order) == list(range(1, count + 1))
    assert [number for number in order if number not in places] == free
    wanted = {number: place for number, place in places.items() if number <= count}
    if len(set(wanted.values())) == len(wanted) and all(place < count for place in wanted.values()):
        assert {number: order.index(number) for number in wanted} == wanted


@given(st.integers(0, 25), st.integers(1, 8))
def test_without_edits_and_with_empty_ones_the_issue_is_the_same(count: int, most: int) -> None:
    plain = select(stories(count), rules(max_stories=most), now=TUESDAY)
    empty = select(stories(count), rules(max_stories=most, edits={n: Edit() for n in range(count)}), now=TUESDAY)

    assert plain == empty
