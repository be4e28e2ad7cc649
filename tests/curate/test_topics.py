"""Which stories a reader's topics leave: laws that hold for any issue and any choice."""

from hypothesis import given
from hypothesis import strategies as st

from digest.curate.choice import bitmap
from digest.model.delivery import all_picks, chosen
from digest.model.subscriber import TopicChoice

TOPICS = ["harbour", "Sport", "science", "éducation", "日本"]
issues = st.lists(st.lists(st.sampled_from(TOPICS), max_size=3), max_size=20)
some = st.lists(st.sampled_from(TOPICS), max_size=3, unique=True).map(tuple)


@given(issues)
def test_who_chooses_nothing_gets_everything(topics: list[list[str]]) -> None:
    assert bitmap(topics, TopicChoice()) == all_picks(len(topics))


@given(issues, some, some)
def test_a_muted_story_is_never_in_and_a_wanted_one_is_unless_it_is_muted(
    topics: list[list[str]], wanted: tuple[str, ...], muted: tuple[str, ...]
) -> None:
    inside = chosen(bitmap(topics, TopicChoice(wanted=wanted, muted=muted)), len(topics))

    for place, own in enumerate(topics):
        is_wanted = not wanted or bool(set(own) & set(wanted))
        assert (place in inside) == (is_wanted and not set(own) & set(muted))


@given(issues, some, some)
def test_muting_takes_away_and_never_adds(topics: list[list[str]], wanted: tuple[str, ...], muted: tuple[str, ...]) -> None:
    before = chosen(bitmap(topics, TopicChoice(wanted=wanted)), len(topics))
    after = chosen(bitmap(topics, TopicChoice(wanted=wanted, muted=muted)), len(topics))

    assert set(after) <= set(before)


@given(issues, some, some)
def test_case_does_not_matter(topics: list[list[str]], wanted: tuple[str, ...], muted: tuple[str, ...]) -> None:
    loud = TopicChoice(wanted=tuple(map(str.upper, wanted)), muted=tuple(map(str.upper, muted)))

    assert bitmap(topics, loud) == bitmap(topics, TopicChoice(wanted=wanted, muted=muted))


@given(some, some)
def test_a_choice_is_stored_and_read_again(wanted: tuple[str, ...], muted: tuple[str, ...]) -> None:
    choice = TopicChoice(wanted=wanted, muted=muted)

    assert TopicChoice.of(*choice.stored) == choice
