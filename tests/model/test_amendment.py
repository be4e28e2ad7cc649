"""What was wrong of a story in each version of its issue."""

from datetime import UTC, datetime

from digest.model.amendment import Amendment, Wording, wrong

NOW = datetime(2026, 3, 3, tzinfo=UTC)
RIGHT = Wording(headline="Two ships", summary="Two.")


def change(version: int, headline: str, *, story: int | None = 1, is_out: bool = False) -> Amendment:
    """An amendment before which the story said this."""
    return Amendment(issue_id=1, version=version, story_id=story, headline=headline, summary="Two.", is_out=is_out, at=NOW)


def test_a_story_that_nobody_changed_was_never_wrong() -> None:
    assert wrong([change(2, "Other", story=2), change(3, "", story=None)], 1, RIGHT) is None


def test_each_version_before_a_change_was_wrong_in_its_own_words() -> None:
    found = wrong([change(2, "Three ships"), change(3, "", story=None), change(4, "Four ships")], 1, RIGHT)

    assert found is not None
    assert (found.versions, found.changed_in, found.is_out) == (frozenset({1, 2, 3}), 4, False)
    assert [one.headline for one in found.wordings] == ["Three ships", "Four ships"]


def test_who_got_the_words_that_stand_now_got_nothing_wrong() -> None:
    found = wrong([change(2, "Two ships"), change(3, "Three ships")], 1, RIGHT)

    assert found is not None
    assert found.versions == frozenset({2})


def test_a_withdrawn_story_was_wrong_in_every_version_that_had_it() -> None:
    found = wrong([change(2, "Two ships", is_out=True)], 1, RIGHT)

    assert found is not None
    assert (found.versions, found.is_out) == (frozenset({1}), True)
